/// What can be wrong with an age file or key. Equal by `code`; `reason` is for people and holds nothing of the file.
public struct AgeError: Error, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The ASCII armor is not the strict form that the format demands.
    case armor
    /// The header is not well-formed, or one of its stanzas cannot be what it says.
    case header
    /// The header was altered: its HMAC does not verify under the file key.
    case notAuthentic
    /// None of the identities opens the file.
    case noMatch
    /// The payload was altered, cut or extended. What was released before is authentic, but not the whole.
    case payload
    /// A recipient or identity type that this build does not speak, named in the reason.
    case unsupported
    /// The text is not a recipient or an identity.
    case malformedKey
    /// Something exceeds its named bound.
    case outOfBounds
    /// The system refused memory.
    case unavailable
  }

  public let code: Code
  public let reason: StaticString

  init(_ code: Code, _ reason: StaticString) {
    self.code = code
    self.reason = reason
  }

  public var description: String { "age \(code.rawValue): \(reason)" }

  public static func == (left: AgeError, right: AgeError) -> Bool { left.code == right.code }
}
