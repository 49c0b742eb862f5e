public import VaultCrypto

/// Reads leaves with the secret keys of the audit compartment. Entries of one batch share a log key, so opened ones are
/// kept: opening one costs as much as a hundred entries.
public struct LeafOpener: ~Copyable, Sendable {
  /// Log keys kept open: each takes pages of guarded memory. Reading in order needs one.
  static let logKeyCountMax = 64

  public let context: LogContext
  private let keys: [UInt64: OpeningKey]
  // By the whole header: a sealed key is bound to its epoch and first index as well.
  private var logKeys: [ArraySlice<UInt8>: SymmetricKey] = [:]

  /// `keys`: the audit compartment's secret key of each epoch that one is a member of.
  public init(context: LogContext, keys: [UInt64: OpeningKey]) {
    self.context = context
    self.keys = keys
  }

  /// The entry at this index. `outOfRange` for an index that the leaf's log key does not serve or an epoch without a
  /// key, `notAuthentic` for altered bytes, another index or another log.
  public mutating func open(_ leaf: [UInt8], index: UInt64) throws(LogError) -> LogEntry {
    try entryKey(of: leaf, index: index).open(leaf, index: index, context: context)
  }

  /// The single key of this entry, to disclose it without its neighbours.
  public mutating func entryKey(of leaf: [UInt8], index: UInt64) throws(LogError) -> EntryKey {
    let header = try LeafHeader(leaf: leaf)
    guard header.covers(index) else { throw LogError(.outOfRange, "leaf's log key does not serve this index") }
    return EntryKey(logKey: try logKey(header, encoded: leaf[..<LeafHeader.byteCount]), index: index)
  }

  /// For the test of what a writer's one log key opens.
  mutating func logKey(of leaf: [UInt8]) throws(LogError) -> SymmetricKey {
    try logKey(try LeafHeader(leaf: leaf), encoded: leaf[..<LeafHeader.byteCount])
  }

  var logKeyCount: Int { logKeys.count }

  /// Wipes the log keys that were opened so far.
  public mutating func forget() { logKeys.removeAll() }

  private mutating func logKey(_ header: LeafHeader, encoded: ArraySlice<UInt8>) throws(LogError) -> SymmetricKey {
    if let known = logKeys[encoded] { return known }
    guard let key = keys[header.auditEpoch] else { throw LogError(.outOfRange, "no key for the leaf's audit epoch") }
    let info = context.logKeyInfo(auditEpoch: header.auditEpoch, firstIndex: header.firstIndex)
    let logKey: SymmetricKey
    do {
      logKey = SymmetricKey(try HPKE.open(header.sealedKey, with: key, info: info, associatedData: []))
    } catch { throw LogError(error) }
    if logKeys.count >= LeafOpener.logKeyCountMax { logKeys.removeAll(keepingCapacity: true) }
    // Copied: a slice would keep the whole leaf.
    logKeys[ArraySlice(Array(encoded))] = logKey
    return logKey
  }
}
