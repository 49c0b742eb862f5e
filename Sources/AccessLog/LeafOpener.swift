public import VaultCrypto

/// Reads leaves with the secret keys of the audit compartment. Entries of one batch share a log key, so opened ones are
/// kept: opening one costs as much as ten entries.
public struct LeafOpener: ~Copyable, Sendable {
  /// Log keys kept open: reading in order needs one.
  static let logKeyCountMax = 64
  /// Leaves that one call opens before it looks for further log keys: bounds the keys, one a leaf at worst, and what is
  /// opened in vain after an error.
  static let runLeafCountMax = 4096
  /// Leaves that a thread opens before it takes others: half a millisecond's.
  static let pieceLeafCount = 64

  public let context: LogContext
  private let keys: [UInt64: OpeningKey]
  // By the whole header: a sealed key is bound to its epoch and first index as well.
  private var logKeys: [ArraySlice<UInt8>: LogKey] = [:]

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

  /// The entries of `leaves`, which stand at consecutive indices from `first` on, opened by `concurrency` threads of
  /// which the caller's is one. `body` sees each entry on one of those threads and says what is kept of it, nil for
  /// nothing; the values come back in the order of the log. So that a million can be filtered, memory holds what
  /// `body` kept and no other entry.
  ///
  /// Throws what `open` or `body` throws for the smallest index. Blocks until all have ended.
  public mutating func open<Value: Sendable>(
    _ leaves: [[UInt8]], from first: UInt64, concurrency: Int,
    _ body: @Sendable (_ index: UInt64, _ entry: LogEntry) throws -> Value?
  ) throws -> [Value] {
    guard UInt64(leaves.count) <= LogBound.treeSizeMax, first <= LogBound.treeSizeMax - UInt64(leaves.count) else {
      throw LogError(.outOfRange, "leaf lies outside every tree")
    }
    var values: [Value] = []
    for start in stride(from: 0, to: leaves.count, by: LeafOpener.runLeafCountMax) {
      let run = leaves[start..<min(start + LeafOpener.runLeafCountMax, leaves.count)]
      values += try open(run, from: first, concurrency: concurrency, body)
    }
    return values
  }

  private mutating func open<Value: Sendable>(
    _ run: ArraySlice<[UInt8]>, from first: UInt64, concurrency: Int,
    _ body: @Sendable (UInt64, LogEntry) throws -> Value?
  ) throws -> [Value] {
    let keys = try logKeys(of: run, concurrency: concurrency)
    let context = context
    let pieces = (run.count + LeafOpener.pieceLeafCount - 1) / LeafOpener.pieceLeafCount
    return try concurrentMap(pieces, concurrency: concurrency) { piece in
      let start = run.startIndex + piece * LeafOpener.pieceLeafCount
      var values: [Value] = []
      for position in start..<min(start + LeafOpener.pieceLeafCount, run.endIndex) {
        let index = first + UInt64(position)
        let logKey = try keys[position - run.startIndex].get()
        let entry = try EntryKey(logKey: logKey, index: index).open(run[position], index: index, context: context)
        if let value = try body(index, entry) { values.append(value) }
      }
      return values
    }.flatMap { $0 }
  }

  /// For each leaf its log key, or why there is none: an earlier leaf's failure has to be told first.
  private mutating func logKeys(
    of run: ArraySlice<[UInt8]>, concurrency: Int
  ) throws -> [Result<LogKey, LogError>] {
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    var headers: [[UInt8]] = []
    var previous: (header: ArraySlice<UInt8>, number: Int)?
    // By leaf: the number of its header, none where the leaf has no header.
    let wanted = run.map { leaf -> Int in
      let header = leaf.prefix(LeafHeader.byteCount)
      if let previous, previous.header == header { return previous.number }
      let number = numbers[header] ?? headers.count
      if number == headers.count {
        numbers[header] = number
        headers.append(Array(header))
      }
      previous = (header, number)
      return number
    }
    let (known, context, keys) = (logKeys, context, keys)
    let opened = try concurrentMap(headers.count, concurrency: concurrency) {
      [headers] number -> Result<LogKey, LogError> in
      let header = headers[number]
      if let key = known[header[...]] { return .success(key) }
      return Result { () throws(LogError) in try LogKey(opening: header, context: context, keys: keys) }
    }
    // The last one serves the leaves that are read next.
    if let last = headers.indices.last, case .success(let key) = opened[last] { keep(key, for: headers[last]) }
    return wanted.map { opened[$0] }
  }

  /// The single key of this entry, to disclose it without its neighbours.
  public mutating func entryKey(of leaf: [UInt8], index: UInt64) throws(LogError) -> EntryKey {
    let header = try LeafHeader(leaf: leaf)
    guard header.covers(index) else { throw LogError(.outOfRange, "leaf's log key does not serve this index") }
    return EntryKey(logKey: try logKey(of: leaf), index: index)
  }

  /// Also for the test of what a writer's one log key opens.
  mutating func logKey(of leaf: [UInt8]) throws(LogError) -> LogKey {
    let header = leaf.prefix(LeafHeader.byteCount)
    if let known = logKeys[header] { return known }
    // Copied: a slice would keep the whole leaf.
    let key = try LogKey(opening: Array(header), context: context, keys: keys)
    keep(key, for: Array(header))
    return key
  }

  private mutating func keep(_ key: LogKey, for header: [UInt8]) {
    if logKeys.count >= LeafOpener.logKeyCountMax { logKeys.removeAll(keepingCapacity: true) }
    logKeys[header[...]] = key
  }

  var logKeyCount: Int { logKeys.count }

  /// Wipes the log keys that were opened so far.
  public mutating func forget() { logKeys.removeAll() }
}

/// An opened log key: lives within one reading, so in ordinary memory, and wiped when nobody reads with it.
final class LogKey: Sendable, EnvelopeKey {
  private let key: TransientKey

  init(opening encoded: [UInt8], context: LogContext, keys: [UInt64: OpeningKey]) throws(LogError) {
    let header = try LeafHeader(encoded: encoded)
    guard let recipient = keys[header.auditEpoch] else {
      throw LogError(.outOfRange, "no key for the leaf's audit epoch")
    }
    let info = context.logKeyInfo(auditEpoch: header.auditEpoch, firstIndex: header.firstIndex)
    do {
      key = try HPKE.openTransient(header.sealedKey, with: recipient, info: info, associatedData: [])
    } catch { throw LogError(error) }
  }

  @safe func withKeyBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R { try key.withKeyBytes(body) }
}
