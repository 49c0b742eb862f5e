import AccessLog
import VaultCrypto
import VaultModel
import VaultStore

/// A store whose metadata was checked in one pass, and what that pass learnt (P6).
struct OpenedStore {
  static let genesisKey = Array("genesis".utf8)
  static let masterKey = Array("master".utf8)
  static let escrowKey = Array("escrow".utf8)
  static let foundingKey = Array("founding".utf8)

  let store: VaultStore
  let genesis: Genesis
  let keys: StoreKeys
  let trust: Trust
  let state: LedgerState
  let edge: TileEdge
  let heads: ManifestHeads
  let audit: Vault.AuditHead
  let tally: ReadTally
  let directory: RecordDirectory
  let exceptions: ExceptionRegister
  let submissions: [SubmissionHead]
  /// Erasures that were not through.
  let erasing: [RecordID]
  let isFounded: Bool
  /// No restore waits to be accepted.
  let isAccepted: Bool

  init(store: VaultStore, root: RootKey) throws(VaultError) { try self.init(store: store, access: .root(root)) }

  init(store: VaultStore, access: MasterAccess) throws(VaultError) {
    self.store = store
    let opened = try onStored("The vault's first rows") {
      try store.read { view in
        guard let genesisRow = try view.row(.meta, OpenedStore.genesisKey),
          let master = try view.row(.meta, OpenedStore.masterKey),
          let state = try view.row(.meta, LedgerState.rowKey)
        else {
          // One row of three is a vault that somebody took rows from, and so are rows without any of them.
          for table in StoreTable.allCases {
            guard try view.rows(table, limit: 1).isEmpty else { throw VaultError.tampered("The vault's first rows") }
          }
          throw VaultError(
            .notAVault, "There is no vault in this directory.", hint: "Make one: vaultd init --data DIR …")
        }
        let escrow = try view.row(.meta, OpenedStore.escrowKey)
        return (genesis: genesisRow, master: master, escrow: escrow, state: state)
      }
    }
    let genesis = try onStored("The genesis") { try Genesis(decoding: opened.genesis.body) }
    let master = try access.open(master: opened.master, escrow: opened.escrow, of: genesis)
    let keys = StoreKeys(master: master, vault: genesis.vaultID)
    guard keys.log.verifyingKey == genesis.logKey else { throw .tampered("The genesis") }
    let state = try onStored("The state row") { try LedgerState(opening: opened.state, with: keys) }
    self.genesis = genesis
    self.keys = keys
    self.state = state
    let trust = Trust(genesis: genesis, keys: keys)
    self.trust = trust

    let pass = try OpenedStore.checkMetadata(store, keys: keys, state: state)
    let directory = RecordDirectory()
    directory.load(pass.records)
    self.directory = directory
    exceptions = ExceptionRegister()
    exceptions.load(pass.exceptions)
    submissions = pass.submissions
    erasing = pass.erasing
    (heads, audit, isFounded) = try onStored("A manifest") {
      try store.read { view in
        var heads = ManifestHeads()
        let programmes = pass.programmes.flatMap { Vault.compartments(of: $0) }
        for compartment in programmes + [.audit] {
          guard let head = try trust.manifestHead(compartment, in: view) else { continue }
          heads.set(compartment.description, hash: head.hash)
        }
        heads.isChanged = false
        guard heads.digest == state.headsDigest else { throw VaultError.tampered("A manifest") }
        let manifest = try trust.manifest(.audit, in: view)
        let audit = Vault.AuditHead(
          key: manifest?.manifest.publicKey ?? genesis.auditKey, epoch: manifest?.manifest.epoch ?? 1)
        return (heads, audit, try trust.isFounded(in: view))
      }
    }
    tally = try onStored("The count of readings") {
      try store.read { view in try ReadTally(in: view, keys: keys) }
    }
    isAccepted = try onStored("A restoration") {
      let newest = try store.read { view in try Restoration.all(in: view, keys: keys).last?.restoration }
      // A restored log without its restoration is one that somebody began alone.
      guard state.number == 1 || newest?.succession.number == state.number || state.frontier.size == 0 else {
        throw VaultError.tampered("A restoration")
      }
      return state.number == 1 || newest?.isAccepted == true
    }
    edge = try OpenedStore.checkLogEnd(store, state: state, genesis: genesis)
  }

  /// Where the daemon that last served the vault kept its anchor (`Configuration.anchor`); nil before the first.
  func configuredAnchor() throws(VaultError) -> [UInt8]? {
    try onStored("The configuration row") {
      guard let row = try store.read({ view in try view.row(.meta, Configuration.rowKey) }) else { return nil }
      return try Configuration(decoding: keys.openMetadata(row, table: .meta)).anchor
    }
  }

  /// One walk over all metadata rows: the sum and the count must be those of the state row.
  private static func checkMetadata(
    _ store: VaultStore, keys: StoreKeys, state: LedgerState
  ) throws(VaultError) -> (
    records: [ProgrammeID: [UInt64]], programmes: [ProgrammeID], exceptions: [RecordHead],
    submissions: [SubmissionHead],
    erasing: [RecordID]
  ) {
    try onStored("A metadata row") {
      try store.read { view in
        var records: [ProgrammeID: [UInt64]] = [:]
        var programmes: [ProgrammeID] = []
        var exceptions: [RecordHead] = []
        var submissions: [SubmissionHead] = []
        var erasing: [RecordID] = []
        let sum = try metadataSum(in: view, keys: keys) { table, row in
          if table == .record {
            switch try RecordPlace(decoding: keys.openMetadata(row, table: .record)) {
            case .tombstone(let tombstone): if tombstone.rest > 0 { erasing.append(tombstone.record) }
            case .head(let head):
              records[head.programme, default: []].append(head.id.bits)
              if !head.terms.isEmpty { exceptions.append(head) }
            }
          } else if table == .programme {
            programmes.append(try ProgrammeEntry(decoding: keys.openMetadata(row, table: .programme)).id)
          } else if table == .submission {
            submissions.append(try SubmissionRows.head(of: row, keys: keys))
          }
        }
        guard sum == state.sum else { throw VaultError.tampered("A metadata row") }
        return (records, programmes, exceptions, submissions, erasing)
      }
    }
  }

  /// The sum that the state row holds, over all metadata rows but itself; `body` sees each of them.
  static func metadataSum(
    in view: borrowing ReadView, keys: StoreKeys, _ body: (StoreTable, StoredRow) throws -> Void
  ) throws -> RowSetSum {
    var sum = RowSetSum()
    for table in StoreTable.allCases where table.isMetadata {
      try view.forEach(table) { row in
        guard table != .meta || row.key != LedgerState.rowKey else { return }
        sum.add(keys.rowHash(table, key: row.key, version: row.version, body: row.body))
        try body(table, row)
      }
    }
    return sum
  }

  /// The log must end where the state row says, under a checkpoint that the log's key signed.
  private static func checkLogEnd(
    _ store: VaultStore, state: LedgerState, genesis: Genesis
  ) throws(VaultError) -> TileEdge {
    try onStored("The access log") {
      let size = state.frontier.size
      let last = try store.read { view in try view.last(.logLeaf)?.key }
      guard state.endsLog(withKey: last) else { throw VaultError.tampered("The access log") }
      let hashes = StoredHashes(store: store, number: state.number, size: size)
      let edge = try hashes.edge()
      if size > 0 {
        // Appending goes on from these hashes: they must be those that were signed.
        var tree = try MerkleTree(size: size, source: hashes)
        guard try tree.root() == state.frontier.root() else { throw VaultError.tampered("The access log") }
        let name = try LogOrigin.name(vault: genesis.vaultID, number: state.number)
        let checkpoint = try UnverifiedCheckpoint(encoded: state.checkpoint)
          .verified(by: NoteKey(name: name, algorithm: .ed25519, key: genesis.logKey))
        guard checkpoint.size == size, checkpoint.root == state.frontier.root() else {
          throw VaultError.tampered("The access log")
        }
      }
      return edge
    }
  }
}
