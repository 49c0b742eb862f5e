import VaultCrypto
import VaultStore

extension Vault {
  /// Wraps the store master under a new root key: one row in one transaction, so that a crash leaves a vault that
  /// either the old or the new key opens. Nothing else is written anew. Where a daemon serves the vault it goes on, and
  /// writes the row itself.
  ///
  /// - Parameters:
  ///   - old: the key that opens it now.
  ///   - prepare: makes the new key durable. Runs once the vault is open under the old one and before the row changes:
  ///     the row must never be under a key that only this process knows.
  /// - Returns: index of the entry.
  /// - Throws: as `open` does; what `prepare` throws, and then nothing has changed; `unavailable` where the daemon does not
  ///   answer.
  public static func rotateRootKey(
    directory: String, from old: RootKey, to new: RootKey, anchorPath: String? = nil, prepare: () throws -> Void
  ) async throws -> UInt64 {
    guard case .inUse = try VaultInspection.inspect(directory: directory) else {
      return try await rotateRootKey(
        directory: directory, from: old, to: new, anchorPath: anchorPath, beforeCommit: nil, prepare)
    }
    let directory = realDirectory(directory)
    let notice = try rootKeyNotice(directory, from: old, to: new)
    try prepare()
    return try await NoticeBox(data: directory).deliver(notice)
  }

  /// Reads the store master beside the daemon, which keeps neither it nor a root key.
  private static func rootKeyNotice(
    _ directory: String, from old: RootKey, to new: RootKey
  ) throws(VaultError) -> RootKeyNotice {
    try onStored("The store master") {
      let rows = try StoreGlance.read(directory) { view in
        (try view.row(.meta, OpenedStore.genesisKey), try view.row(.meta, OpenedStore.masterKey))
      }
      guard let genesisRow = rows.0, let row = rows.1 else { throw VaultError.tampered("The store master") }
      let genesis = try Genesis(decoding: genesisRow.body)
      let master = try StoreKeys.openMaster(row.body, root: old, vault: genesis.vaultID)
      let keys = StoreKeys(master: master, vault: genesis.vaultID)
      guard keys.log.verifyingKey == genesis.logKey else { throw VaultError.tampered("The genesis") }
      return RootKeyNotice(master: master, root: new, keys: keys, after: row.version)
    }
  }

  /// Puts a new wrap of the store master in its place, for somebody who holds the master; the entry's index.
  func note(_ notice: RootKeyNotice, uid: UInt32) async throws(VaultError) -> UInt64 {
    guard let row = try read("The store master", { view in try view.row(.meta, OpenedStore.masterKey) }),
      row.version + 1 == notice.version
    else { throw VaultError(.stale, "The root key was changed in between.") }
    let body: [UInt8]
    do { body = try notice.body(keys) } catch {
      throw VaultError(.denied, "Only whoever holds the root key changes it.")
    }
    var entry = PendingEntry(.rootKeyRotate)
    entry.uid = uid
    let change = RowChange.put(
      .meta, OpenedStore.masterKey, version: notice.version, body: body, expect: .version(row.version))
    return try await submit(entry, changes: [change])
  }

  package static func rotateRootKey(
    directory: String, from old: RootKey, to new: RootKey, anchorPath: String?,
    beforeCommit: (@Sendable () throws -> Void)?, _ prepare: () throws -> Void
  ) async throws -> UInt64 {
    var options = Options()
    options.anchorPath = anchorPath
    options.isUpkeep = true
    options.beforeCommit = beforeCommit
    let vault = try await open(directory: directory, root: old, options: options)
    do {
      try prepare()
      let index = try await vault.wrapMaster(from: old, to: new)
      await vault.close()
      return index
    } catch {
      await vault.close()
      throw error
    }
  }

  private func wrapMaster(from old: RootKey, to new: RootKey) async throws(VaultError) -> UInt64 {
    guard let row = try read("The store master", { view in try view.row(.meta, OpenedStore.masterKey) }) else {
      throw .tampered("The store master")
    }
    let master = try StoreKeys.openMaster(row.body, root: old, vault: keys.vault)
    let body = StoreKeys.sealMaster(master, root: new, vault: keys.vault)
    let change = RowChange.put(
      .meta, OpenedStore.masterKey, version: row.version + 1, body: body, expect: .version(row.version))
    return try await submit(PendingEntry(.rootKeyRotate), changes: [change])
  }
}
