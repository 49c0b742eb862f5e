import VaultCrypto
import VaultStore

extension Vault {
  /// Wraps the store master under a new root key: one row in one transaction, so that a crash leaves a vault that
  /// either the old or the new key opens. Nothing else is written anew.
  ///
  /// - Parameters:
  ///   - old: the key that opens it now.
  ///   - prepare: makes the new key durable. Runs once the vault is open under the old one and before the row changes:
  ///     the row must never be under a key that only this process knows.
  /// - Returns: index of the entry.
  /// - Throws: as `open` does; what `prepare` throws, and then nothing has changed; `inUse` while a daemon serves it.
  public static func rotateRootKey(
    directory: String, from old: RootKey, to new: RootKey, anchorPath: String? = nil, prepare: () throws -> Void
  ) async throws -> UInt64 {
    try await rotateRootKey(
      directory: directory, from: old, to: new, anchorPath: anchorPath, beforeCommit: nil, prepare)
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
