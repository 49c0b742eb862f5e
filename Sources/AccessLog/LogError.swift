public import VaultCrypto

/// What can go wrong with a log, a proof or a leaf. Equal by `code`; `reason` is for people and holds nothing of what
/// was read.
public struct LogError: Error, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The bytes are not of the shape the format demands: length, canonical form, missing or repeated parts.
    case malformed
    /// A signature, a tag or an inclusion proof does not verify: altered bytes, another key, another place.
    case notAuthentic
    /// Two trees that should extend one another do not: the log was rewritten or forked.
    case inconsistent
    /// The log is shorter than a checkpoint that was kept: its tail was removed or an older copy brought back.
    case rolledBack
    /// An index, a size or a value lies outside its named bounds or outside the tree.
    case outOfRange
    /// Version, kind or algorithm is well-formed and not one that this build knows.
    case unsupported
  }

  public let code: Code
  public let reason: StaticString

  public init(_ code: Code, _ reason: StaticString) {
    self.code = code
    self.reason = reason
  }

  /// The same failure in the words of this module.
  public init(_ error: CryptoError) {
    let code: Code =
      switch error.code {
      case .malformed: .malformed
      case .unsupported, .unavailable: .unsupported
      case .notAuthentic: .notAuthentic
      case .outOfBounds: .outOfRange
      }
    self.init(code, error.reason)
  }

  public var description: String { "\(code.rawValue): \(reason)" }

  public static func == (left: LogError, right: LogError) -> Bool { left.code == right.code }
}
