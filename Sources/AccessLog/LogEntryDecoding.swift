import VaultCrypto

extension LogEntry {
  /// From opened, still untrusted bytes: `malformed` for anything that `encoded` would not write.
  public init(encoded bytes: [UInt8]) throws(LogError) {
    // The closure of an array passes on no typed error.
    let result = unsafe bytes.withUnsafeBytes { bytes in
      Result { () throws(LogError) in try unsafe LogEntry(encoded: bytes) }
    }
    self = try result.get()
  }

  /// In one pass, since an auditor opens a million: order, repeats and bounds are checked as the pairs come by, which
  /// leaves one spelling for each entry.
  init(encoded bytes: UnsafeRawBufferPointer) throws(LogError) {
    guard bytes.count <= LogBound.entryByteCountMax else {
      throw LogError(.malformed, "entry is larger than its bound")
    }
    var reader = unsafe try PairReader(bytes)
    self.init(time: -1, action: "", outcome: .failed)
    var hasOutcome = false
    while let pair = try unsafe reader.next() {
      let value = unsafe pair.value
      guard let key = unsafe pair.known else {
        try unsafe keepUnknown(pair.key, value)
        continue
      }
      switch key {
      case .account: account = try unsafe value.text()
      case .action: action = try unsafe value.text()
      case .approval: approval = try unsafe value.text()
      case .assignment:
        guard let known = unsafe Assignment(rawValue: try value.text()) else {
          throw LogError(.malformed, "unknown assignment")
        }
        assignment = known
      case .changes: changes = try unsafe value.digest()
      case .count: count = try unsafe value.integer()
      case .detail: detail = try unsafe value.text()
      case .freeText: freeText = try unsafe value.digest()
      case .outcome:
        guard let known = unsafe Outcome(rawValue: try value.text()) else {
          throw LogError(.malformed, "unknown outcome")
        }
        outcome = known
        hasOutcome = true
      case .programme: programme = try unsafe value.text()
      case .purpose: purpose = try unsafe value.text()
      case .record: record = try unsafe value.text()
      case .result: results.append(try unsafe value.text())
      case .section: sections.append(try unsafe value.text())
      case .time: time = Int64(clamping: try unsafe value.integer())
      case .uid:
        guard let narrow = unsafe UInt32(exactly: try value.integer()) else {
          throw LogError(.malformed, "uid is out of range")
        }
        uid = narrow
      }
    }
    guard hasOutcome, (0...LogEntry.timeMax).contains(time), LogEntry.isAction(action) else {
      throw LogError(.malformed, "entry lacks its time, action or outcome")
    }
    guard results.count <= LogEntry.resultCountMax, sections.count <= LogEntry.sectionCountMax else {
      throw LogError(.malformed, "list is longer than its bound")
    }
  }

  private mutating func keepUnknown(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(LogError) {
    guard unsafe LogEntry.isKey(key), unknown.count < LogEntry.unknownCountMax,
      value.count <= LogEntry.unknownByteCountMax
    else { throw LogError(.malformed, "pair has an impossible key or value") }
    unknown.append(Pair(key: unsafe String(decoding: key, as: UTF8.self), value: unsafe [UInt8](value)))
  }
}

/// Walks over the pairs, whose keys ascend, and over the known keys, which ascend too.
@unsafe private struct PairReader {
  private var rest: UnsafeRawBufferPointer
  private var pairsLeft: UInt64
  private var previous: UnsafeRawBufferPointer?
  private var candidates = allKeys[...]

  private static let head = CanonicalEncoding(LogEntry.purpose).bytes
  private static let allKeys = LogEntry.Key.allCases.map { (key: $0, name: Array($0.rawValue.utf8)) }

  @unsafe struct Pair {
    let key: UnsafeRawBufferPointer
    let known: LogEntry.Key?
    let value: UnsafeRawBufferPointer
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(LogError) {
    guard unsafe bytes.starts(with: PairReader.head) else { throw LogError(.malformed, "not an entry") }
    unsafe rest = UnsafeRawBufferPointer(rebasing: bytes[PairReader.head.count...])
    unsafe pairsLeft = 0
    unsafe pairsLeft = try field().integer()
    guard unsafe pairsLeft <= UInt64(LogEntry.pairCountMax) else {
      throw LogError(.malformed, "list is longer than its bound")
    }
  }

  private mutating func field() throws(LogError) -> UnsafeRawBufferPointer {
    guard unsafe rest.count >= 4 else { throw LogError(.malformed, "field length is missing") }
    let length = unsafe Int(UInt32(bigEndian: rest.loadUnaligned(as: UInt32.self)))
    guard unsafe length <= rest.count - 4 else { throw LogError(.malformed, "field is longer than the document") }
    defer { unsafe rest = UnsafeRawBufferPointer(rebasing: rest[(4 + length)...]) }
    return unsafe UnsafeRawBufferPointer(rebasing: rest[4..<4 + length])
  }

  mutating func next() throws(LogError) -> Pair? {
    guard unsafe pairsLeft > 0 else {
      guard unsafe rest.isEmpty else { throw LogError(.malformed, "bytes follow the last field") }
      return nil
    }
    unsafe pairsLeft -= 1
    let key = try unsafe field()
    let value = try unsafe field()
    let isRepeated: Bool
    if let previous = unsafe previous {
      let order = unsafe compare(previous, key)
      guard order <= 0 else { throw LogError(.malformed, "keys are not in ascending order") }
      isRepeated = order == 0
    } else {
      isRepeated = false
    }
    unsafe previous = unsafe key
    let known = unsafe match(key)
    if let known, isRepeated, !known.isList { throw LogError(.malformed, "key stands twice") }
    return unsafe Pair(key: key, known: known, value: value)
  }

  private mutating func match(_ key: UnsafeRawBufferPointer) -> LogEntry.Key? {
    while let candidate = unsafe candidates.first {
      let order = unsafe candidate.name.withUnsafeBytes { unsafe compare($0, key) }
      if order == 0 { return candidate.key }
      if order > 0 { return nil }
      unsafe candidates = unsafe candidates.dropFirst()
    }
    return nil
  }
}

/// Negative, zero or positive, as bytes and then lengths compare.
private func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  for index in 0..<min(left.count, right.count) {
    let difference = unsafe Int(left[index]) - Int(right[index])
    if difference != 0 { return difference }
  }
  return left.count - right.count
}

extension UnsafeRawBufferPointer {
  fileprivate func text() throws(LogError) -> String {
    guard (1...LogEntry.textByteCountMax).contains(count) else {
      throw LogError(.malformed, "text is empty or longer than its bound")
    }
    guard let text = unsafe String(validating: self, as: UTF8.self) else {
      throw LogError(.malformed, "text is not UTF-8")
    }
    return text
  }

  fileprivate func digest() throws(LogError) -> [UInt8] {
    guard count == LogEntry.digestByteCount else { throw LogError(.malformed, "digest has another length") }
    return unsafe [UInt8](self)
  }

  fileprivate func integer() throws(LogError) -> UInt64 {
    guard count == 8 else { throw LogError(.malformed, "integer has another length") }
    return unsafe UInt64(bigEndian: loadUnaligned(as: UInt64.self))
  }
}
