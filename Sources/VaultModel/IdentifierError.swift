/// Why a text is not the identifier it should be. Says which rule was broken, never what was written:
/// people type names and passphrases into the wrong field.
public struct IdentifierError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected.
  public enum Kind: String, Hashable, Sendable {
    case record = "record id"
    case account = "account name"
    case programme = "programme id"
    case compartment = "compartment"
  }

  public enum Code: Hashable, Sendable {
    case empty
    case tooLong(byteCountMax: Int)
    /// The first character must be a lowercase ASCII letter.
    case badStart
    /// A character that may not stand there; `position` counts letters or bytes from 1.
    case badCharacter(position: Int)
    /// A record id has exactly 16 letters without its separators.
    case wrongLength
    /// The check letter does not belong to the other fifteen: one was misheard or two were swapped.
    case badCheckLetter
    /// Right letters, but not the canonical spelling that the wire demands.
    case notCanonical
    /// A compartment whose second half is neither a section nor `statistics`.
    case unknownSection
  }

  public var kind: Kind
  public var code: Code

  public init(_ kind: Kind, _ code: Code) {
    self.kind = kind
    self.code = code
  }

  public var description: String {
    switch code {
    case .empty: "the \(kind.rawValue) is empty"
    case .tooLong(let byteCountMax): "the \(kind.rawValue) is longer than \(byteCountMax) bytes"
    case .badStart: "the \(kind.rawValue) must start with a lowercase letter"
    case .badCharacter(let position): "the \(kind.rawValue) has a character that is not allowed at position \(position)"
    case .wrongLength: "a record id has fifteen letters and a check letter"
    case .badCheckLetter: "the check letter does not fit: one letter is wrong, or two are swapped"
    case .notCanonical: "the \(kind.rawValue) is not in its canonical spelling"
    case .unknownSection: "the compartment names no section that exists"
    }
  }
}
