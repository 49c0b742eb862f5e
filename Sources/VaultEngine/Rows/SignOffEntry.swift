import AccessLog
import VaultCrypto
import VaultModel
import VaultStore

/// A row `meta/signoff/…`: an auditor's word that they have reviewed the log up to a checkpoint (docs/format.md,
/// "Sign-off").
struct SignOffEntry: Sendable {
  /// Before 16 bytes of keyed hash over size and account: one sign-off of a size by each auditor.
  static let keyPrefix = Array("signoff/".utf8)
  /// A log's signature and one cosignature take a tenth of it.
  static let noteByteCountMax = 4096

  let account: AccountName
  /// The checkpoint with the log's signature and the auditor's cosignature.
  let note: [UInt8]
  /// Of the remark beside the log; empty where there was none.
  let text: [UInt8]

  init(account: AccountName, note: [UInt8], text: [UInt8]?) {
    self.account = account
    self.note = note
    self.text = text ?? []
  }

  var encoded: [UInt8] {
    var encoding = CanonicalEncoding("sign-off")
    encoding.append(account.description)
    encoding.append(note)
    encoding.append(text)
    return encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "sign-off")
    account = try AccountName(decoder.text(limit: 64))
    note = try decoder.field(limit: SignOffEntry.noteByteCountMax)
    text = try decoder.field(limit: LogEntry.digestByteCount)
    try decoder.finish()
    guard [0, LogEntry.digestByteCount].contains(text.count) else {
      throw CryptoError(.malformed, "a text's hash has another length")
    }
  }

  /// - Parameter number: of the log.
  static func key(size: UInt64, of number: UInt64, account: AccountName, _ keys: StoreKeys) -> [UInt8] {
    keyPrefix
      + keys.rowKey(
        .meta, keyPrefix, StoreKey.index(size), Array(account.description.utf8),
        number == 1 ? [] : StoreKey.index(number))
  }

  /// The name under which an auditor's key cosigns: no log's, and the same in every later log of the vault.
  static func cosignerName(_ account: AccountName, vault: [UInt8]) throws(LogError) -> NoteName {
    try NoteName("survivor-vault/\(hexadecimal(Array(vault.prefix(8))))/auditor/\(account)")
  }
}
