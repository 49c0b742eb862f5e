import AccessLog
import VaultCrypto
import VaultStore

/// Row `meta/state`: what must be true of the rest of the store at this moment (docs/format.md, "Row-set sum and
/// state").
struct LedgerState: Sendable {
  static let rowKey = Array("state".utf8)

  var version: UInt64
  var sum: RowSetSum
  /// Over the head of every compartment's manifests.
  var headsDigest: [UInt8]
  /// Which of the vault's logs this is: each restore begins the next.
  var number: UInt64 = 1
  /// The last checkpoints of the logs before, as signed notes, oldest first.
  var closed: [[UInt8]] = []
  private static let closedCountMax = 256
  var frontier: TreeFrontier
  /// The last checkpoint, as a signed note.
  var checkpoint: [UInt8]
  /// Time of the last entry: entries never go back in time, whatever the clock does.
  var lastEntry: Timestamp
  /// Over the texts beside the log: too many for an opening to walk, so a verification does.
  var texts: RowSetSum
  /// Size of the newest checkpoint that was durable in the anchor when this was written: an older anchor was put there.
  var anchored: UInt64
  /// Lines of the off-host journal, as far as they are part of what was committed.
  var journal = JournalChain()

  func sealed(with keys: StoreKeys) -> [UInt8] {
    var encoding = CanonicalEncoding("state-content")
    encoding.append(sum.bytes)
    encoding.append(sum.count)
    encoding.append(headsDigest)
    encoding.append(frontier.encoded)
    encoding.append(checkpoint)
    encoding.append(lastEntry.milliseconds)
    encoding.append(texts.bytes)
    encoding.append(texts.count)
    encoding.append(anchored)
    journal.encode(into: &encoding)
    encoding.append(number)
    encoding.append(list: closed)
    return Envelope.seal(
      encoding.bytes, key: keys.state, suite: .card, associatedData: LedgerState.context(keys.vault, version))
  }

  init(
    version: UInt64, sum: RowSetSum, headsDigest: [UInt8], frontier: TreeFrontier, checkpoint: [UInt8],
    lastEntry: Timestamp, texts: RowSetSum = RowSetSum(), anchored: UInt64 = 0
  ) {
    self.version = version
    self.sum = sum
    self.headsDigest = headsDigest
    self.frontier = frontier
    self.checkpoint = checkpoint
    self.lastEntry = lastEntry
    self.texts = texts
    self.anchored = anchored
  }

  init(opening row: StoredRow, with keys: StoreKeys) throws {
    let opened = try Envelope.open(
      row.body, key: keys.state, suite: .card, associatedData: LedgerState.context(keys.vault, row.version))
    var decoder = try CanonicalDecoder(opened.copyBytes(), purpose: "state-content")
    version = row.version
    let sum = try decoder.field(exactly: 32)
    self.sum = RowSetSum(bytes: sum, count: try decoder.integer())
    headsDigest = try decoder.field(exactly: 32)
    frontier = try TreeFrontier(encoded: decoder.field(limit: 8 + 64 * TreeHash.byteCount))
    checkpoint = try decoder.field(limit: 4096)
    lastEntry = Timestamp(milliseconds: try decoder.integer())
    let texts = try decoder.field(exactly: 32)
    self.texts = RowSetSum(bytes: texts, count: try decoder.integer())
    anchored = try decoder.integer()
    journal = try JournalChain(decoding: &decoder)
    number = try decoder.integer()
    for _ in 0..<(try decoder.count(limit: LedgerState.closedCountMax)) {
      closed.append(try decoder.field(limit: 4096))
    }
    guard (1...Succession.numberMax).contains(number), closed.count < number else {
      throw CryptoError(.malformed, "state of an impossible log")
    }
    try decoder.finish()
  }

  /// Whether both stand for the same rows; each sealing of one state has other bytes.
  func isSame(as other: LedgerState) -> Bool {
    version == other.version && sum == other.sum && texts == other.texts && headsDigest == other.headsDigest
      && frontier.encoded == other.frontier.encoded && checkpoint == other.checkpoint && lastEntry == other.lastEntry
  }

  /// Whether a log that ends with this key, nil for an empty table, is as long as this says.
  func endsLog(withKey key: [UInt8]?) -> Bool {
    if frontier.size > 0 { return key == LogKey.leaf(number, frontier.size - 1) }
    // A new log after others: their leaves are the last there are.
    return key.map { (LogKey.place(of: $0)?.number ?? .max) < number } ?? true
  }

  private static func context(_ vault: [UInt8], _ version: UInt64) -> [UInt8] {
    var encoding = CanonicalEncoding("state")
    encoding.append(vault)
    encoding.append(version)
    return encoding.bytes
  }
}
