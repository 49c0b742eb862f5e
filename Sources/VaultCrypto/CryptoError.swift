/// What can go wrong in this module. Equal by `code`; `reason` is for people and never holds a key, a plaintext or a
/// passphrase.
public struct CryptoError: Error, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The bytes are not of the shape the format demands: length, version, suite, canonical form.
    case malformed
    /// Version or suite is well-formed and not one that this build knows.
    case unsupported
    /// Tag, commitment or signature does not verify: altered bytes, other context or other key.
    case notAuthentic
    /// A parameter lies outside its named bounds.
    case outOfBounds
    /// The system refused memory, or libsodium could not start.
    case unavailable
  }

  public let code: Code
  public let reason: StaticString

  public init(_ code: Code, _ reason: StaticString) {
    self.code = code
    self.reason = reason
  }

  public var description: String { "\(code.rawValue): \(reason)" }

  public static func == (left: CryptoError, right: CryptoError) -> Bool { left.code == right.code }
}
