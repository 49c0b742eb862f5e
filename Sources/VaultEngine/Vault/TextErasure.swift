import AccessLog
import VaultModel

/// A reason or a search term beside the log, by the entry that names it.
struct TextOfEntry: Sendable {
  let index: UInt64
  let hash: [UInt8]
}

extension Vault {
  /// Takes texts beside the log away for good. Their entries stay as they are and keep the hashes, so that nothing in the
  /// log is rewritten; an entry of its own names the entries whose texts are gone. Who may ask for it, and with whose
  /// approval, is decided where an erasure is.
  /// - Returns: the index of that entry. Throws `conflict` where one is gone already.
  func eraseTexts(_ texts: [TextOfEntry], for account: AccountName) async throws(VaultError) -> UInt64 {
    var entry = PendingEntry(.textErase)
    entry.account = account.description
    entry.erasedTexts = texts.map(\.hash)
    entry.results = texts.map { String($0.index) }
    return try await submit(entry)
  }
}
