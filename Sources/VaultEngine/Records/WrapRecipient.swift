import VaultCrypto
import VaultModel

/// Whose key a section's key is wrapped for (docs/format.md, "Rows").
enum WrapRecipient: Hashable, Sendable, CustomStringConvertible {
  case compartment(Compartment)
  case person(AccountName)
  /// The recovery seed, where no compartment's wrap would reach it.
  case recovery

  /// Stands before what is no compartment: none begins with it.
  private static let personMark = "@"
  private static let recoveryText = "@-recovery"
  static let textByteCountMax = 128

  var description: String {
    switch self {
    case .compartment(let compartment): compartment.description
    case .person(let name): WrapRecipient.personMark + name.description
    case .recovery: WrapRecipient.recoveryText
    }
  }

  init(decoding text: String) throws(IdentifierError) {
    if text == WrapRecipient.recoveryText {
      self = .recovery
    } else if text.hasPrefix(WrapRecipient.personMark) {
      self = .person(try AccountName(String(text.dropFirst())))
    } else {
      self = .compartment(try Compartment(text))
    }
  }
}
