import VaultCrypto
import VaultModel
import VaultStore

extension Vault {
  /// Writes the entry that a backup begins, ended or was proved good, and what `status` tells of it; the entry's index.
  ///
  /// `invalid` for a drill of another vault's backup.
  func note(_ notice: BackupNotice, uid: UInt32) async throws(VaultError) -> UInt64 {
    guard notice.kind != .drill || notice.vault == hexadecimal(keys.vault) else {
      throw VaultError(.invalid, "The backup that was drilled is not one of this vault.")
    }
    var entry = PendingEntry(notice.action)
    entry.uid = uid
    entry.detail = notice.detail
    guard notice.kind != .begin else { return try await submit(entry) }
    let row = try read("The backup row") { view in try view.row(.meta, BackupState.rowKey) }
    var state = try backupState(row)
    if notice.kind == .end {
      (state.last, state.lastDigest) = (clock.now(), notice.digest)
    } else {
      (state.drill, state.drillDigest) = (clock.now(), notice.digest)
    }
    let version = (row?.version ?? 0) + 1
    let body = keys.sealMetadata(state.bytes, table: .meta, key: BackupState.rowKey, version: version)
    let change = RowChange.put(
      .meta, BackupState.rowKey, version: version, body: body,
      expect: row.map { .version($0.version) } ?? .absent)
    return try await submit(entry, changes: [change])
  }

  /// Answers the processes beside this one that make backups or a new root key. Call a few times a second.
  public func answerNotices() async {
    guard let notices else { return }
    for waiting in notices.waiting() {
      let index: UInt64? =
        switch waiting.notice {
        case .backup(let notice): try? await note(notice, uid: waiting.uid)
        case .rootKey(let notice): try? await note(notice, uid: waiting.uid)
        case nil: nil
        }
      notices.answer(waiting, index: index)
    }
  }

  func backupState() throws(VaultError) -> BackupState {
    try backupState(try read("The backup row") { view in try view.row(.meta, BackupState.rowKey) })
  }

  private func backupState(_ row: StoredRow?) throws(VaultError) -> BackupState {
    guard let row else { return BackupState() }
    return try onStored("The backup row") { try BackupState(decoding: keys.openMetadata(row, table: .meta)) }
  }
}

/// Who writes the entry of a backup: the daemon that has the vault open, or this process if nobody has. A copy that the
/// log does not show is one that nobody knows of, so without either there is none.
public enum BackupWitness: Sendable {
  case daemon(NoticeBox)
  case vault(Vault)

  /// `root` is asked for only if no daemon has the vault open.
  public static func find(
    directory: String, anchorPath: String? = nil, root: () throws -> RootKey
  ) async throws -> BackupWitness {
    if case .inUse = try VaultInspection.inspect(directory: directory) {
      return .daemon(NoticeBox(data: Vault.realDirectory(directory)))
    }
    var options = Vault.Options()
    options.anchorPath = anchorPath
    options.isUpkeep = true
    return .vault(try await Vault.open(directory: directory, root: try root(), options: options))
  }

  @discardableResult
  public func note(_ notice: BackupNotice, uid: UInt32) async throws(VaultError) -> UInt64 {
    switch self {
    case .daemon(let box): try await box.deliver(notice)
    case .vault(let vault): try await vault.note(notice, uid: uid)
    }
  }

  public func leave() async {
    if case .vault(let vault) = self { await vault.close() }
  }
}

extension Vault {
  /// The entry of an opening that serves nobody; `remark` is a word that stands at its end.
  ///
  /// `invalid` where the daemon last held another anchor against the database: one that is not there proves nothing.
  func noteUpkeep(anchor: [UInt8], remark: String? = nil) async throws(VaultError) {
    if let row = try read("The configuration row", { view in try view.row(.meta, Configuration.rowKey) }) {
      let last = try onStored("The configuration row") {
        try Configuration(decoding: keys.openMetadata(row, table: .meta))
      }
      guard last.anchor == anchor else {
        throw VaultError(
          .invalid, "The vault was last served with its anchor in another place.",
          hint: "Give --anchor as it was given to `vaultd serve`, or leave it out if it was not.")
      }
    }
    var start = PendingEntry(.daemonStart)
    start.detail = ["upkeep", SoftwareVersion.current, remark].compactMap(\.self).joined(separator: " ")
    _ = try await submit(start)
  }
}
