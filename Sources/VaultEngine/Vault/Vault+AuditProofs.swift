public import AccessLog
import VaultModel
import VaultStore

/// What somebody takes leaves and hashes of the log for.
public enum LogUse: String, Sendable, CaseIterable {
  case verify
  /// To carry the log away as files.
  case export

  fileprivate var action: Action { self == .verify ? .logVerify : .logExport }
  fileprivate var verb: Verb { self == .verify ? .verifyLog : .exportLog }
}

// Verification by outsiders. Each request leaves an entry, but tiles are fetched by the thousand: there, one entry covers
// a minute (docs/decisions/tile-runs.md).
extension Vault {
  /// The signed note of the last checkpoint: no secret, but only for those who have a session. The tree that it signs
  /// includes the entry of this request.
  ///
  /// - Parameter number: of one of the logs before a restore, whose last checkpoint this is; nil for the present one.
  public func checkpoint(
    for use: LogUse = .verify, ofLog number: UInt64? = nil, by caller: Caller
  ) async throws(VaultError) -> Witnessed<[UInt8]> {
    try await witnessed(use.action, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      // Every client holds the log to what it kept, at each login; carrying it away is the auditors' to do.
      if use == .export { try gate.check(session, use.verb) }
      let closing = try number.flatMap { number throws(VaultError) in try closingNote(ofLog: number) }
      entry.detail = Vault.words("checkpoint", ofLog: closing.flatMap { _ in number })
      let index = try await submit(entry)
      return Witnessed(value: closing ?? ledger.checkpoint, entryIndex: index)
    }
  }

  /// - Parameter number: of one of the logs before a restore; nil for the present one.
  public func consistencyProof(
    from older: UInt64, to newer: UInt64, ofLog number: UInt64? = nil, by caller: Caller
  ) async throws(VaultError) -> Witnessed<ConsistencyProof> {
    try await witnessed(.logVerify, caller) { entry throws(VaultError) in
      _ = try session(caller, into: &entry)
      let proof = try proof(size: newer, of: number) { tree in try tree.consistencyProof(from: older) }
      entry.detail = "consistency"
      return Witnessed(value: proof, entryIndex: try await submit(entry))
    }
  }

  public func inclusionProof(of index: UInt64, size: UInt64, by caller: Caller) async throws(VaultError)
    -> Witnessed<InclusionProof>
  {
    try await witnessed(.logVerify, caller) { entry throws(VaultError) in
      _ = try session(caller, into: &entry)
      let proof = try proof(size: size) { tree in try tree.inclusionProof(of: index) }
      entry.detail = "inclusion"
      entry.results = [String(index)]
      return Witnessed(value: proof, entryIndex: try await submit(entry))
    }
  }

  private func proof<P>(
    size: UInt64, of number: UInt64? = nil, _ make: (inout MerkleTree<StoredHashes>) throws -> P
  ) throws(VaultError) -> P {
    let number = number ?? ledger.number
    guard size <= (try logSize(number)) else {
      throw VaultError(
        .invalid, "The log is not that long.", hint: "Ask for a size up to that of the checkpoint.", field: "size")
    }
    return try onStored("The access log") {
      var tree = try MerkleTree(size: size, source: StoredHashes(store: store, number: number, size: size))
      return try make(&tree)
    }
  }

  /// Entries in one of the vault's logs.
  func logSize(_ number: UInt64) throws(VaultError) -> UInt64 {
    guard let note = try closingNote(ofLog: number) else { return ledger.size }
    return try onStored("The access log") { try UnverifiedCheckpoint(encoded: note).claim.size }
  }

  /// The signed note that a log before a restore ended with; nil for the present one.
  private func closingNote(ofLog number: UInt64) throws(VaultError) -> [UInt8]? {
    guard number != ledger.number else { return nil }
    for note in ledger.closed {
      let claim = try onStored("The access log") { try UnverifiedCheckpoint(encoded: note).claim }
      if LogOrigin.number(of: claim.origin, vault: keys.vault) == number { return note }
    }
    throw VaultError(
      .notFound, "The vault has no such log.",
      hint: "The present one has the number \(ledger.number); a restore begins another, and keeps those of its backup.",
      field: "log")
  }

  private static func words(_ what: String, ofLog number: UInt64?) -> String {
    number.map { "\(what) of log \($0)" } ?? what
  }

  // MARK: Tiles

  /// A tile of hashes, or a bundle of leaves, by its C2SP path without `tile/`.
  ///
  /// Leaves are ciphertext, but when and how much is written is the auditors' to know.
  ///
  /// - Parameter number: of one of the logs before a restore; nil for the present one.
  public func tile(
    _ path: String, for use: LogUse = .verify, ofLog number: UInt64? = nil, by caller: Caller
  ) async throws(VaultError) -> Witnessed<[UInt8]> {
    try await witnessed(use.action, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, use.verb)
      let tile = try tile(path, of: number ?? ledger.number)
      entry.detail = Vault.words("tiles", ofLog: number.flatMap { $0 == ledger.number ? nil : $0 })
      return Witnessed(value: tile, entryIndex: try await covered(entry, in: session))
    }
  }

  /// The entry that covers this request: the one that this session's run has, or a new one, once it is durable.
  private func covered(_ entry: PendingEntry, in session: Session) async throws(VaultError) -> UInt64 {
    let now = clock.bootNanoseconds()
    if let index = session.tileRuns.covering(entry.action, at: now) { return index }
    let index = try await submit(entry)
    session.tileRuns.begin(entry.action, index: index, at: now)
    return index
  }

  private func tile(_ path: String, of number: UInt64) throws(VaultError) -> [UInt8] {
    let missing = VaultError(
      .notFound, "The log has no such tile.",
      hint: "The checkpoint gives the size of the log, and C2SP tlog-tiles the tiles of that size.", field: "path")
    guard let parsed = try? TilePath("tile/" + path) else { throw missing }
    let size = try logSize(number)
    switch parsed {
    case .hashes(let tile):
      guard let actual = Tile(level: tile.level, index: tile.index, inTreeOf: size), actual.width >= tile.width else {
        throw missing
      }
      return try onStored("The access log") {
        try StoredHashes(store: store, number: number, size: size).hashes(of: actual).prefix(tile.width).flatMap(
          \.bytes)
      }
    case .entries(let tile):
      let first = tile.index * UInt64(Tile.widthMax)
      guard first < size, UInt64(tile.width) <= size - first else { throw missing }
      let leaves = try leaves(first..<first + UInt64(tile.width), of: number)
      return try onStored("The access log") { try EntryBundle.encode(leaves) }
    }
  }
}
