import VaultCrypto

// docs/format.md, "Log entry": E("entry"; count of pairs, then key and value of each), keys ascending by bytes, a list
// as its key repeated in the list's own order. Integers are values of eight bytes.
extension LogEntry {
  static let purpose: StaticString = "entry"

  /// `outOfRange` or `malformed` for what the bounds do not allow: a mistake of the one who made the entry.
  public func encoded() throws(LogError) -> [UInt8] {
    guard (0...LogEntry.timeMax).contains(time) else { throw LogError(.outOfRange, "time lies outside its bounds") }
    guard LogEntry.isAction(action) else { throw LogError(.malformed, "action is not of dotted lower-case words") }
    guard results.count <= LogEntry.resultCountMax, sections.count <= LogEntry.sectionCountMax else {
      throw LogError(.outOfRange, "list is longer than its bound")
    }
    try checkUnknown()
    var writer = PairWriter(pairCount: pairCount, unknown: unknown)
    try writer.add(.account, account)
    try writer.add(.action, action)
    try writer.add(.approval, approval)
    try writer.add(.assignment, assignment?.rawValue)
    try writer.add(.changes, digest: changes)
    writer.add(.count, count)
    try writer.add(.detail, detail)
    try writer.add(.freeText, digest: freeText)
    try writer.add(.outcome, outcome.rawValue)
    try writer.add(.programme, programme)
    try writer.add(.purpose, purpose)
    try writer.add(.record, record)
    for result in results { try writer.add(.result, result) }
    for section in sections { try writer.add(.section, section) }
    writer.add(.time, UInt64(time))
    writer.add(.uid, uid.map { UInt64($0) })
    let bytes = writer.finish()
    guard bytes.count <= LogBound.entryByteCountMax else {
      throw LogError(.outOfRange, "entry is larger than its bound")
    }
    return bytes
  }

  /// Time, action and outcome are always there.
  private var pairCount: Int {
    let optional = [
      account != nil, approval != nil, assignment != nil, changes != nil, count != nil, detail != nil, freeText != nil,
      programme != nil,
      purpose != nil, record != nil, uid != nil,
    ]
    return 3 + optional.count { $0 } + results.count + sections.count + unknown.count
  }

  private func checkUnknown() throws(LogError) {
    guard unknown.count <= LogEntry.unknownCountMax else {
      throw LogError(.outOfRange, "list is longer than its bound")
    }
    for pair in unknown {
      guard LogEntry.isKey(pair.key.utf8), Key(rawValue: pair.key) == nil,
        pair.value.count <= LogEntry.unknownByteCountMax
      else { throw LogError(.malformed, "pair has an impossible key or value") }
    }
    for (left, right) in zip(unknown, unknown.dropFirst()) {
      guard !right.key.utf8.lexicographicallyPrecedes(left.key.utf8) else {
        throw LogError(.malformed, "keys are not in ascending order")
      }
    }
  }
}

/// Writes known pairs in the order in which it is given them, and unknown ones where their keys belong.
private struct PairWriter {
  private var bytes: [UInt8]
  private var unknown: ArraySlice<LogEntry.Pair>

  private static let head = CanonicalEncoding(LogEntry.purpose).bytes

  init(pairCount: Int, unknown: [LogEntry.Pair]) {
    self.unknown = unknown[...]
    bytes = []
    bytes.reserveCapacity(512)
    bytes += PairWriter.head
    field(count: 8)
    bytes.appendBigEndian(UInt64(pairCount))
  }

  private mutating func field(count: Int) { bytes.appendBigEndian(UInt32(count)) }

  private mutating func begin(_ key: LogEntry.Key, valueByteCount: Int) {
    while let pair = unknown.first, pair.key.utf8.lexicographicallyPrecedes(key.rawValue.utf8) { flush(pair) }
    field(count: key.rawValue.utf8.count)
    bytes += key.rawValue.utf8
    field(count: valueByteCount)
  }

  private mutating func flush(_ pair: LogEntry.Pair) {
    unknown.removeFirst()
    field(count: pair.key.utf8.count)
    bytes += pair.key.utf8
    field(count: pair.value.count)
    bytes += pair.value
  }

  mutating func add(_ key: LogEntry.Key, _ text: String?) throws(LogError) {
    guard let text else { return }
    guard (1...LogEntry.textByteCountMax).contains(text.utf8.count) else {
      throw LogError(.outOfRange, "text is empty or longer than its bound")
    }
    begin(key, valueByteCount: text.utf8.count)
    bytes += text.utf8
  }

  mutating func add(_ key: LogEntry.Key, digest: [UInt8]?) throws(LogError) {
    guard let digest else { return }
    guard digest.count == LogEntry.digestByteCount else { throw LogError(.malformed, "digest has another length") }
    begin(key, valueByteCount: digest.count)
    bytes += digest
  }

  mutating func add(_ key: LogEntry.Key, _ integer: UInt64?) {
    guard let integer else { return }
    begin(key, valueByteCount: 8)
    bytes.appendBigEndian(integer)
  }

  mutating func finish() -> [UInt8] {
    while let pair = unknown.first { flush(pair) }
    return bytes
  }
}
