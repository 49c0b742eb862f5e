import AccessLog
import VaultCrypto
import VaultModel
import VaultStore

/// A stored sign-off whose place and both signatures were verified.
struct VerifiedSignOff {
  let account: AccountName
  /// Of the log that was signed off.
  let number: UInt64
  let checkpoint: VerifiedCheckpoint
  let key: NoteKey
  let time: Timestamp
  /// Hash of the remark beside the log; nil where there was none.
  let text: [UInt8]?
}

/// The sign-offs of a vault, each verified anew whenever they are read.
struct SignOffRegister {
  let keys: StoreKeys
  let trust: Trust
  let logKey: NoteKey
  /// The present log, and its entries: nobody can have reviewed more.
  let number: UInt64
  let size: UInt64

  /// Each row lies where its content says, under the signature of the log and that of an account that is vouched for.
  /// Shortest log first.
  func verified(in view: borrowing ReadView) throws -> [VerifiedSignOff] {
    var signOffs: [VerifiedSignOff] = []
    let auditors = try trust.manifest(.audit, in: view)?.members ?? [:]
    try view.forEach(.meta, prefix: SignOffEntry.keyPrefix) { row in
      let entry = try SignOffEntry(decoding: keys.openMetadata(row, table: .meta))
      guard let account = try trust.account(entry.account, in: view) else { throw VaultError.tampered("A sign-off") }
      let name = try SignOffEntry.cosignerName(entry.account, vault: keys.vault)
      // Under the keys by which they were an auditor: they may have been replaced since.
      let candidates = account.verifyingKeys(namedBy: auditors[entry.account] ?? []).map {
        NoteKey(name: name, algorithm: .cosignature, key: $0)
      }
      let unverified = try UnverifiedCheckpoint(encoded: entry.note)
      guard let number = LogOrigin.number(of: unverified.claim.origin, vault: keys.vault), number <= self.number else {
        throw VaultError.tampered("A sign-off")
      }
      let log = NoteKey(name: unverified.claim.origin, algorithm: .ed25519, key: logKey.key)
      guard
        let (key, checkpoint) = candidates.lazy.compactMap({ key in
          (try? unverified.verified(by: log, cosigners: [key])).map { (key, $0) }
        }).first(where: { !$0.1.cosignatures.isEmpty })
      else { throw VaultError.tampered("A sign-off") }
      guard let cosignature = checkpoint.cosignatures.first, number < self.number || checkpoint.size <= size,
        row.key == SignOffEntry.key(size: checkpoint.size, of: number, account: entry.account, keys)
      else { throw VaultError.tampered("A sign-off") }
      signOffs.append(
        VerifiedSignOff(
          account: entry.account, number: number, checkpoint: checkpoint, key: key,
          time: Timestamp(milliseconds: min(cosignature.posixSeconds, UInt64(LogEntry.timeMax / 1000)) * 1000),
          text: entry.text.isEmpty ? nil : entry.text))
    }
    return signOffs.sorted { ($0.checkpoint.size, $0.time) < ($1.checkpoint.size, $1.time) }
  }
}
