import VaultCrypto

// docs/format.md, "Log entry": E("entry"; count of pairs, then key and value of each), keys ascending by bytes, a list
// as its key repeated in the list's own order. Integers are values of eight bytes.
extension LogEntry {
  /// `outOfRange` or `malformed` for what the bounds do not allow: a mistake of the one who made the entry.
  public func encoded() throws(LogError) -> [UInt8] {
    let pairs = try pairs()
    var encoding = CanonicalEncoding("entry")
    encoding.append(UInt64(pairs.count))
    for pair in pairs {
      encoding.append(pair.key)
      encoding.append(pair.value)
    }
    guard encoding.bytes.count <= LogBound.entryByteCountMax else {
      throw LogError(.outOfRange, "entry is larger than its bound")
    }
    return encoding.bytes
  }

  private func pairs() throws(LogError) -> [Pair] {
    guard (0...LogEntry.timeMax).contains(time) else { throw LogError(.outOfRange, "time lies outside its bounds") }
    guard LogEntry.isAction(action) else { throw LogError(.malformed, "action is not of dotted lower-case words") }
    guard results.count <= LogEntry.resultCountMax, sections.count <= LogEntry.sectionCountMax else {
      throw LogError(.outOfRange, "list is longer than its bound")
    }
    var pairs: [Pair] = []
    pairs.reserveCapacity(Key.allCases.count + results.count + sections.count + unknown.count)
    for key in Key.allCases {
      switch key {
      case .account: try LogEntry.add(account, as: key, to: &pairs)
      case .action: try LogEntry.add(action, as: key, to: &pairs)
      case .approval: try LogEntry.add(approval, as: key, to: &pairs)
      case .changes: try LogEntry.add(digest: changes, as: key, to: &pairs)
      case .count: LogEntry.add(count, as: key, to: &pairs)
      case .detail: try LogEntry.add(detail, as: key, to: &pairs)
      case .freeText: try LogEntry.add(digest: freeText, as: key, to: &pairs)
      case .outcome: try LogEntry.add(outcome.rawValue, as: key, to: &pairs)
      case .programme: try LogEntry.add(programme, as: key, to: &pairs)
      case .purpose: try LogEntry.add(purpose, as: key, to: &pairs)
      case .record: try LogEntry.add(record, as: key, to: &pairs)
      case .result: for result in results { try LogEntry.add(result, as: key, to: &pairs) }
      case .section: for section in sections { try LogEntry.add(section, as: key, to: &pairs) }
      case .time: LogEntry.add(UInt64(time), as: key, to: &pairs)
      case .uid: LogEntry.add(uid.map { UInt64($0) }, as: key, to: &pairs)
      }
    }
    return try merged(into: pairs)
  }

  private static func add(_ text: String?, as key: Key, to pairs: inout [Pair]) throws(LogError) {
    guard let text else { return }
    guard (1...textByteCountMax).contains(text.utf8.count) else {
      throw LogError(.outOfRange, "text is empty or longer than its bound")
    }
    pairs.append(Pair(key: key.rawValue, value: Array(text.utf8)))
  }

  private static func add(digest: [UInt8]?, as key: Key, to pairs: inout [Pair]) throws(LogError) {
    guard let digest else { return }
    guard digest.count == digestByteCount else { throw LogError(.malformed, "digest has another length") }
    pairs.append(Pair(key: key.rawValue, value: digest))
  }

  private static func add(_ integer: UInt64?, as key: Key, to pairs: inout [Pair]) {
    guard let integer else { return }
    var value: [UInt8] = []
    value.appendBigEndian(integer)
    pairs.append(Pair(key: key.rawValue, value: value))
  }

  private func merged(into known: [Pair]) throws(LogError) -> [Pair] {
    guard !unknown.isEmpty else { return known }
    guard unknown.count <= LogEntry.unknownCountMax else {
      throw LogError(.outOfRange, "list is longer than its bound")
    }
    for pair in unknown {
      guard LogEntry.isKey(pair.key), Key(rawValue: pair.key) == nil, pair.value.count <= LogEntry.unknownByteCountMax
      else { throw LogError(.malformed, "pair has an impossible key or value") }
    }
    for (left, right) in zip(unknown, unknown.dropFirst()) {
      guard !LogEntry.precedes(right.key, left.key) else {
        throw LogError(.malformed, "keys are not in ascending order")
      }
    }
    var merged: [Pair] = []
    var rest = unknown[...]
    for pair in known {
      while let first = rest.first, LogEntry.precedes(first.key, pair.key) { merged.append(rest.removeFirst()) }
      merged.append(pair)
    }
    return merged + rest
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}

extension LogEntry {
  /// From opened, still untrusted bytes: `malformed` for anything that `encoded` would not write.
  public init(encoded bytes: [UInt8]) throws(LogError) {
    guard bytes.count <= LogBound.entryByteCountMax else {
      throw LogError(.malformed, "entry is larger than its bound")
    }
    do {
      try self.init(reading: bytes)
    } catch {
      throw error.code == .outOfRange ? LogError(.malformed, error.reason) : error
    }
  }

  private init(reading bytes: [UInt8]) throws(LogError) {
    var reader = PairReader()
    do {
      var decoder = try CanonicalDecoder(bytes, purpose: "entry")
      for _ in 0..<(try decoder.count(limit: LogEntry.pairCountMax)) {
        let key = try decoder.text(limit: LogEntry.wordByteCountMax)
        reader.add(key, try decoder.field(limit: LogEntry.unknownByteCountMax))
      }
      try decoder.finish()
    } catch { throw LogError(error) }
    guard let time = try reader.integer(.time), let action = try reader.text(.action),
      let outcome = try reader.text(.outcome)
    else { throw LogError(.malformed, "entry lacks its time, action or outcome") }
    guard let time = Int64(exactly: time), let outcome = Outcome(rawValue: outcome) else {
      throw LogError(.malformed, "entry has an impossible time or outcome")
    }
    self.init(time: time, action: action, outcome: outcome)
    account = try reader.text(.account)
    approval = try reader.text(.approval)
    changes = reader.single(.changes)
    count = try reader.integer(.count)
    detail = try reader.text(.detail)
    freeText = reader.single(.freeText)
    programme = try reader.text(.programme)
    purpose = try reader.text(.purpose)
    record = try reader.text(.record)
    results = try reader.texts(.result)
    sections = try reader.texts(.section)
    if let value = try reader.integer(.uid) {
      guard let uid = UInt32(exactly: value) else { throw LogError(.malformed, "uid is out of range") }
      self.uid = uid
    }
    unknown = reader.unknown
    // Order, repeats and bounds all at once.
    guard try encoded() == bytes else { throw LogError(.malformed, "entry is not in its one spelling") }
  }
}

/// Pairs as they were read; what stands twice or out of order shows when the entry is encoded again.
private struct PairReader {
  private var known: [LogEntry.Key: [[UInt8]]] = [:]
  private(set) var unknown: [LogEntry.Pair] = []

  mutating func add(_ key: String, _ value: [UInt8]) {
    if let name = LogEntry.Key(rawValue: key) {
      known[name, default: []].append(value)
    } else {
      unknown.append(LogEntry.Pair(key: key, value: value))
    }
  }

  func single(_ key: LogEntry.Key) -> [UInt8]? { known[key]?.first }

  func text(_ key: LogEntry.Key) throws(LogError) -> String? {
    guard let value = single(key) else { return nil }
    return try text(value)
  }

  func texts(_ key: LogEntry.Key) throws(LogError) -> [String] {
    var texts: [String] = []
    for value in known[key] ?? [] { texts.append(try text(value)) }
    return texts
  }

  func integer(_ key: LogEntry.Key) throws(LogError) -> UInt64? {
    guard let value = single(key) else { return nil }
    guard value.count == 8 else { throw LogError(.malformed, "integer has another length") }
    return value.bigEndianInteger
  }

  private func text(_ value: [UInt8]) throws(LogError) -> String {
    guard let text = String(validating: value, as: UTF8.self) else { throw LogError(.malformed, "text is not UTF-8") }
    return text
  }
}
