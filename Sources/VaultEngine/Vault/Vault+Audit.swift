public import AccessLog
import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// One entry, opened for an auditor.
  public struct AuditedEntry: Sendable {
    public let index: UInt64
    public let time: Timestamp
    public let entry: LogEntry
    /// The reader's own words or the search terms, while they are kept.
    public let freeText: String?
  }

  /// What to look for; everything that is given has to match.
  public struct AuditFilter: Sendable {
    public var record: RecordID?
    public var account: AccountName?
    /// A whole action (`record.read`) or one of its words (`read`).
    public var action: String?
    public var since: Timestamp?
    public var until: Timestamp?
    public var after: UInt64?
    public var limit = 100

    public init() {}

    func admits(_ entry: LogEntry) -> Bool {
      let time = Timestamp(milliseconds: UInt64(max(0, entry.time)))
      if let record, entry.record != record.description, !entry.results.contains(record.description) { return false }
      if let account, entry.account != account.description { return false }
      if let action, entry.action != action, !entry.action.split(separator: ".").contains(Substring(action)) {
        return false
      }
      if let since, time < since { return false }
      if let until, time >= until { return false }
      return true
    }
  }

  public static let auditPageMax = 1000
  /// Leaves opened in one go before other work gets its turn.
  private static let auditStride: UInt64 = 512

  /// Opens entries in order. Reading the log is an entry too, and is written first: an auditor sees their own reading.
  public func auditEntries(
    _ filter: AuditFilter, by caller: Caller
  ) async throws(VaultError) -> Witnessed<(entries: [AuditedEntry], next: UInt64?)> {
    try await witnessed(.logRead, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.record = filter.record?.description
      try gate.check(session, .readLog)
      guard let held = session.held(.audit), !held.keys.isEmpty else {
        throw VaultError(.denied, "This account does not hold the key of the access log.")
      }
      let index = try await submit(entry)
      let size = ledger.size
      let limit = min(max(filter.limit, 1), Vault.auditPageMax)
      var reader = AuditReader(vault: self, keys: held.keys)
      var found: [AuditedEntry] = []
      var next = filter.after.map { $0 + 1 } ?? 0
      while next < size, found.count < limit {
        let end = min(size, next + Vault.auditStride)
        next = try reader.read(from: next, to: end, limit: limit, filter: filter, into: &found)
        await Task.yield()
      }
      return Witnessed(value: (found, next < size ? found.last?.index ?? next - 1 : nil), entryIndex: index)
    }
  }

  // MARK: Verification by outsiders

  /// The signed note of the last checkpoint: no secret, but only for those who have a session.
  public func checkpoint(by caller: Caller) async throws(VaultError) -> [UInt8] {
    var entry = PendingEntry(.logVerify)
    _ = try session(caller, into: &entry)
    return ledger.checkpoint
  }

  public func consistencyProof(from older: UInt64, to newer: UInt64, by caller: Caller) async throws(VaultError)
    -> ConsistencyProof
  {
    var entry = PendingEntry(.logVerify)
    _ = try session(caller, into: &entry)
    return try proof(size: newer) { tree in try tree.consistencyProof(from: older) }
  }

  public func inclusionProof(of index: UInt64, size: UInt64, by caller: Caller) async throws(VaultError)
    -> InclusionProof
  {
    var entry = PendingEntry(.logVerify)
    _ = try session(caller, into: &entry)
    return try proof(size: size) { tree in try tree.inclusionProof(of: index) }
  }

  private func proof<P>(size: UInt64, _ make: (inout MerkleTree<StoredHashes>) throws -> P) throws(VaultError) -> P {
    guard size <= ledger.size else {
      throw VaultError(
        .invalid, "The log is not that long.", hint: "Ask for a size up to that of the checkpoint.", field: "size")
    }
    return try onStored("The access log") {
      var tree = try MerkleTree(size: size, source: StoredHashes(store: store, size: size))
      return try make(&tree)
    }
  }

  /// A tile of hashes, or a bundle of leaves, by its C2SP path without `tile/`.
  ///
  /// Leaves are ciphertext, but when and how much is written is the auditors' to know.
  public func tile(_ path: String, by caller: Caller) async throws(VaultError) -> [UInt8] {
    try await witnessedRefusal(.logVerify, caller) { (entry: inout PendingEntry) throws(VaultError) in
      let session = try self.session(caller, into: &entry)
      try gate.check(session, .verifyLog)
    }
    let missing = VaultError(.notFound, "The log has no such tile.", field: "path")
    guard let parsed = try? TilePath("tile/" + path) else { throw missing }
    let size = ledger.size
    return try onStored("The access log") {
      switch parsed {
      case .hashes(let tile):
        guard let actual = Tile(level: tile.level, index: tile.index, inTreeOf: size), actual.width >= tile.width else {
          throw missing
        }
        return try StoredHashes(store: store, size: size).hashes(of: actual).prefix(tile.width).flatMap(\.bytes)
      case .entries(let tile):
        let first = tile.index * UInt64(Tile.widthMax)
        guard first < size, UInt64(tile.width) <= size - first else { throw missing }
        let leaves = try store.read { view in
          try (0..<UInt64(tile.width)).map { offset in
            guard let row = try view.row(.logLeaf, StoreKey.index(first + offset)) else {
              throw VaultError.tampered("The access log")
            }
            return row.body
          }
        }
        return try EntryBundle.encode(leaves)
      }
    }
  }

  /// Writes an entry only when `body` refuses: fetching tiles by the thousand is one reading, already an entry.
  private func witnessedRefusal(
    _ action: Action, _ caller: Caller, _ body: (inout PendingEntry) throws(VaultError) -> Void
  ) async throws(VaultError) {
    try await witnessed(action, caller) { entry throws(VaultError) in try body(&entry) }
  }
}

/// Opens leaves and the texts beside them for one request.
struct AuditReader: ~Copyable {
  private let vault: Vault
  private let keys: [UInt64: CompartmentKey]
  private var opener: LeafOpener

  init(vault: Vault, keys: [UInt64: CompartmentKey]) {
    self.vault = vault
    self.keys = keys
    opener = LeafOpener(context: vault.ledger.context, keys: keys.mapValues(\.opening))
  }

  /// Returns the index to go on from.
  mutating func read(
    from first: UInt64, to end: UInt64, limit: Int, filter: Vault.AuditFilter, into found: inout [Vault.AuditedEntry]
  ) throws(VaultError) -> UInt64 {
    let leaves = try vault.read("The access log") { view in
      try (first..<end).map { index in
        guard let row = try view.row(.logLeaf, StoreKey.index(index)) else {
          throw VaultError.tampered("The access log")
        }
        return row.body
      }
    }
    for (offset, leaf) in leaves.enumerated() {
      let index = first + UInt64(offset)
      let entry: LogEntry
      do { entry = try opener.open(leaf, index: index) } catch { throw .tampered("An entry of the access log") }
      guard filter.admits(entry) else { continue }
      found.append(
        Vault.AuditedEntry(
          index: index, time: Timestamp(milliseconds: UInt64(max(0, entry.time))), entry: entry,
          freeText: try text(entry.freeText)))
      if found.count == limit { return index + 1 }
    }
    return end
  }

  /// nil where the entry has no text, or its text was erased.
  private func text(_ hash: [UInt8]?) throws(VaultError) -> String? {
    guard let hash else { return nil }
    let (keys, id) = (keys, vault.keys.vault)
    return try vault.read("A text beside the log") { view in
      guard let row = try view.row(.freeText, FreeText.rowKey(hash)) else { return nil }
      return try FreeText.open(row, hash: hash, with: keys, vault: id)
    }
  }
}
