import VaultStore

/// What a vault says of itself to anybody who holds its directory, without any key.
public enum VaultInspection {
  case inUse
  case facts(Facts)

  public struct Facts: Sendable {
    public let isDemo: Bool
    public let isInsecure: Bool
    public let hasEscrow: Bool
    /// When access was rebuilt from recovery shares, or shares were issued anew; oldest first.
    public let recoveries: [Timestamp]
  }

  /// What is left on the disk of a data directory, whether or not a daemon has it open; changes nothing.
  public static func space(of directory: String) throws(VaultError) -> VaultHealth.Space {
    do throws(StoreError) { return VaultHealth.Space(try StoreSpace.found(in: directory)) } catch {
      throw VaultError(error)
    }
  }

  /// Whether there is an anchor for a data directory: without it no rollback of this host shows at a start.
  public static func hasAnchor(of directory: String, at path: String? = nil) -> Bool {
    Anchor(path: path ?? Anchor.path(besides: Vault.realDirectory(directory))).isThere
  }

  /// Reads the genesis; changes nothing.
  public static func inspect(directory: String) throws(VaultError) -> VaultInspection {
    let store: VaultStore
    do {
      store = try VaultStore.open(directory: directory)
    } catch {
      guard error.code != .inUse else { return .inUse }
      throw VaultError(error)
    }
    defer { try? store.close() }
    return try onStored("The genesis") {
      guard let row = try store.read({ view in try view.row(.meta, OpenedStore.genesisKey) }) else {
        throw VaultError(.notAVault, "There is no vault in this directory.")
      }
      let genesis = try Genesis(decoding: row.body)
      let recoveries = try store.read { view in
        try view.rows(.meta, prefix: RecoveryAct.keyPrefix, limit: RecoveryAct.countMax)
      }
      return .facts(
        Facts(
          isDemo: genesis.isDemo, isInsecure: genesis.isInsecure, hasEscrow: genesis.recovery != nil,
          recoveries: recoveries.map { Timestamp(milliseconds: $0.version) }))
    }
  }
}
