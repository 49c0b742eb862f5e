public import AccessLog
import Synchronization
import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// A sign-off whose both signatures were verified.
  public struct SignOff: Sendable {
    public let account: AccountName
    /// The checkpoint that was reviewed, as the note to carry away: signed by the log, cosigned by the auditor.
    public let checkpoint: VerifiedCheckpoint
    /// The auditor's public key and name.
    public let key: NoteKey
    public let time: Timestamp
    /// nil where there was none, or it was erased.
    public let remark: String?
  }

  /// A sign-off says who, when and a sentence or two, not a report.
  public static let remarkByteCountMax = 1024

  /// Cosigns the log with the session's own account key, up to entry `last`, or as it is now. It adds a row and an entry
  /// and changes nothing else.
  public func signOff(
    upTo last: UInt64?, remark: String, by caller: Caller
  ) async throws(VaultError) -> Witnessed<SignOff> {
    try await witnessed(.logSignOff, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      _ = try auditKeys(session, .signOffLog)
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      guard remark.utf8.count <= Vault.remarkByteCountMax else {
        throw VaultError(.invalid, "The note is longer than \(Vault.remarkByteCountMax) bytes.", field: "note")
      }
      let time = clock.now()
      let reviewed = try reviewedCheckpoint(upTo: last)
      let (signed, key) = try onStored("The access log") {
        let cosigner = Cosigner(
          name: try SignOffEntry.cosignerName(session.account, vault: keys.vault), key: secrets.signing)
        return (try reviewed.cosigned(by: cosigner, posixSeconds: time.milliseconds / 1000), cosigner.noteKey)
      }
      if !remark.isEmpty { try beside(remark, &entry) }
      let rowKey = SignOffEntry.key(
        size: signed.size, of: ledger.number, account: session.account, keys)
      guard try read("A sign-off", { view in try view.version(.meta, rowKey) }) == nil else {
        throw VaultError(.conflict, "This account has signed off the log up to here already.", field: "upto")
      }
      let document = SignOffEntry(account: session.account, note: signed.encoded, text: entry.text?.hash)
      let body = keys.sealMetadata(document.encoded, table: .meta, key: rowKey, version: 1)
      entry.results = [String(signed.size - 1)]
      // Known before it is raised: a raise alone would hide longer sign-offs that nobody has looked up yet.
      _ = try reviewedSize()
      let index = try await submit(
        entry, changes: [.put(.meta, rowKey, version: 1, body: body, expect: .absent)])
      reviewMark.raise(to: signed.size)
      return Witnessed(
        value: SignOff(
          account: session.account, checkpoint: signed, key: key, time: Vault.wholeSeconds(time),
          remark: remark.isEmpty ? nil : remark),
        entryIndex: index)
    }
  }

  /// All sign-offs, shortest log first, each verified anew.
  public func signOffs(by caller: Caller) async throws(VaultError) -> Witnessed<(signOffs: [SignOff], size: UInt64)> {
    try await witnessed(.logRead, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let keys = try auditKeys(session, .readLog)
      entry.detail = "signoffs"
      let index = try await submit(entry)
      var signOffs: [SignOff] = []
      for signed in try verifiedSignOffs() {
        let remark = try signed.text.flatMap { hash throws(VaultError) in try text(hash, with: keys) }
        signOffs.append(
          SignOff(
            account: signed.account, checkpoint: signed.checkpoint, key: signed.key, time: signed.time, remark: remark))
      }
      return Witnessed(value: (signOffs, ledger.size), entryIndex: index)
    }
  }

  /// Entries up to the newest sign-off; 0 before the first.
  func reviewedSize() throws(VaultError) -> UInt64 {
    if let size = reviewMark.size { return size }
    reviewMark.raise(to: try verifiedSignOffs().map(\.checkpoint.size).max() ?? 0)
    return reviewMark.size ?? 0
  }

  // MARK: Checkpoints of the past

  /// The log's signature over what it was when entry `last` was its newest.
  ///
  /// Stored tiles are hashes that nothing else holds to account, and the log's key must never sign a tree that is no
  /// beginning of the present one: so the older root is proven into the newest signed one first.
  private func reviewedCheckpoint(upTo last: UInt64?) throws(VaultError) -> VerifiedCheckpoint {
    let newest = try onStored("The access log") {
      try UnverifiedCheckpoint(encoded: ledger.checkpoint).verified(by: ledger.noteKey)
    }
    guard let last else { return newest }
    guard last < newest.size else {
      throw VaultError(
        .invalid, "The log is not that long.", hint: "Give the index of an entry that you have seen.", field: "upto")
    }
    let size = last + 1
    guard size < newest.size else { return newest }
    return try onStored("The access log") {
      var older = try MerkleTree(size: size, source: StoredHashes(store: store, number: ledger.number, size: size))
      var whole = try MerkleTree(
        size: newest.size, source: StoredHashes(store: store, number: ledger.number, size: newest.size))
      let root = try older.root()
      try whole.consistencyProof(from: size).verify(oldRoot: root, newRoot: newest.root)
      return try VerifiedCheckpoint.signing(
        size: size, root: root, with: LogSigner(origin: ledger.context.origin, key: keys.log))
    }
  }

  private func verifiedSignOffs() throws(VaultError) -> [VerifiedSignOff] {
    let register = SignOffRegister(
      keys: keys, trust: trust, logKey: ledger.noteKey, number: ledger.number, size: ledger.size)
    // Those of logs before a restore stay in the store, and `vaultd verify` holds them to those logs.
    return try read("A sign-off") { view in try register.verified(in: view).filter { $0.number == ledger.number } }
  }

  private static func wholeSeconds(_ time: Timestamp) -> Timestamp {
    Timestamp(milliseconds: time.milliseconds / 1000 * 1000)
  }
}

/// How far the log has been signed off, once somebody has asked.
final class SignOffMark: Sendable {
  private let state = Mutex<UInt64?>(nil)

  var size: UInt64? { state.withLock(\.self) }

  func raise(to size: UInt64) { state.withLock { $0 = max($0 ?? 0, size) } }

  /// The next who asks looks at the store again.
  func forget() { state.withLock { $0 = nil } }
}
