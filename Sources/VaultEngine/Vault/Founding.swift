import AccessLog
public import VaultCrypto
public import VaultModel
import VaultStore

/// Makes a vault (DESIGN §4.7). What it hands out are one-time codes; nobody's keys exist until they enrol themselves.
public struct Founding: Sendable {
  public var administrator: AccountName
  public var supervisor: AccountName
  public var auditor: AccountName
  public var isDemo = false
  /// `--insecure-founding`: uids are not bound, and `doctor` nags.
  public var isInsecure = false
  /// The recovery seed and how it is split; nil without escrow.
  public var recovery: (seed: RecoverySeed, holders: ShareHolders)?
  public var clock = VaultClock.system

  public init(administrator: AccountName, supervisor: AccountName, auditor: AccountName) {
    self.administrator = administrator
    self.supervisor = supervisor
    self.auditor = auditor
  }

  public struct Codes: Sendable {
    public let administrator: OneTimeCode
    public let supervisor: OneTimeCode
    public let auditor: OneTimeCode
  }

  /// Writes the vault into an existing empty directory of mode 0700; returns its id and the codes.
  public func found(in directory: String, root: RootKey) throws(VaultError) -> (vaultID: String, codes: Codes) {
    guard Set([administrator, supervisor, auditor]).count == 3 else {
      throw VaultError(.invalid, "Administrator, supervisor and auditor are three accounts.", field: "auditor")
    }
    let store: VaultStore
    do { store = try VaultStore.open(directory: directory, options: StoreOptions(createIfMissing: true)) } catch {
      throw VaultError(error)
    }
    defer { try? store.close() }
    return try onStored("The new vault") { try write(into: store, root: root) }
  }

  private func write(into store: VaultStore, root: RootKey) throws -> (vaultID: String, codes: Codes) {
    guard try store.read({ view in try view.count(.meta) }) == 0 else {
      throw VaultError(.conflict, "There is a vault in this directory already.", hint: "Choose an empty directory.")
    }
    let codes = Codes(administrator: .random(), supervisor: .random(), auditor: .random())
    let master = SymmetricKey.random()
    let auditSecret = OpeningKey.random()
    let people: [(AccountName, Role, OneTimeCode)] = [
      (administrator, .administrator, codes.administrator), (supervisor, .supervisor, codes.supervisor),
      (auditor, .auditor, codes.auditor),
    ]
    let genesis = Genesis(
      created: clock.now(), isDemo: isDemo, isInsecure: isInsecure,
      logKey: StoreKeys.logKey(master: master).verifyingKey,
      auditKey: auditSecret.sealingKey,
      recovery: recovery.map {
        .init(sealingKey: $0.seed.opening.sealingKey, verifyingKey: $0.seed.signing.verifyingKey)
      },
      founders: people.map {
        Genesis.Founder(name: $0.0, role: $0.1, codeHash: OneTimeCode.hash(of: $0.2.signingKey.verifyingKey))
      })
    let vault = genesis.vaultID
    let keys = StoreKeys(master: master, vault: vault)

    var rows: [(table: StoreTable, key: [UInt8], body: [UInt8])] = [
      (.meta, OpenedStore.genesisKey, genesis.bytes),
      (.meta, OpenedStore.masterKey, StoreKeys.sealMaster(master, root: root, vault: vault)),
      (
        .meta, OpenedStore.foundingKey,
        try HPKE.seal(
          auditSecret.secretKey, to: codes.auditor.openingKey.sealingKey, info: Founding.auditSealInfo(vault),
          associatedData: [])
      ),
    ]
    if let recovery {
      rows.append(
        (
          .meta, OpenedStore.escrowKey,
          try StoreKeys.sealEscrow(master, to: recovery.seed.opening.sealingKey, vault: vault)
        ))
      rows.append(
        (
          .meta, ShareHolders.rowKey,
          keys.sealMetadata(recovery.holders.bytes, table: .meta, key: ShareHolders.rowKey, version: 1)
        ))
    }
    for (name, _, _) in people {
      let key = keys.rowKey(.account, Array(name.description.utf8))
      rows.append(
        (.account, key, keys.sealMetadata(AccountRow.invited(nil).bytes, table: .account, key: key, version: 1)))
    }
    var sum = RowSetSum()
    for row in rows { sum.add(keys.rowHash(row.table, key: row.key, version: 1, body: row.body)) }
    let state = LedgerState(
      version: 1, sum: sum, headsDigest: ManifestHeads().digest, frontier: TreeFrontier(), checkpoint: [],
      lastEntry: Timestamp(milliseconds: 0))
    try store.initialise { transaction in
      for row in rows { try transaction.put(row.table, row.key, version: 1, body: row.body) }
      try transaction.put(.meta, LedgerState.rowKey, version: 1, body: state.sealed(with: keys))
    }
    return (hexadecimal(vault), codes)
  }

  /// Until the auditor enrols, the audit secret of epoch 1 is sealed to their code.
  static func auditSealInfo(_ vault: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("founding-audit-secret")
    encoding.append(vault)
    return encoding.bytes
  }
}
