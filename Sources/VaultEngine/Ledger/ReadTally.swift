import VaultCrypto
import VaultModel
import VaultStore

/// How often each account has read records, day by day, for the question that is asked when somebody leaves: what have
/// they seen? Nobody but auditors can look into the log, and nobody should have to walk it then
/// (docs/decisions/read-tally.md).
///
/// Counted by the ledger as entries pass; row `meta/reads` is written along with a batch once a minute and at the end.
struct ReadTally: Sendable {
  static let rowKey = Array("reads".utf8)
  /// Today and thirty days before: what is older is dropped.
  static let daysKept: UInt64 = 31
  /// What a crash may leave uncounted; a shorter interval would write more for a number that only has to be about right.
  private static let intervalNanoseconds: UInt64 = 60_000_000_000
  private static let accountCountMax = 10_000

  /// What one batch adds.
  struct Batch: Sendable {
    let day: UInt64
    let reads: [AccountName: UInt32]
  }

  private var days: [AccountName: [UInt64: UInt32]] = [:]
  /// The row as it is in the store; nil before the first.
  private(set) var stored: (version: UInt64, hash: [UInt8])?
  private var writtenAt: UInt64?
  private var isDirty = false

  init() {}

  init(in view: borrowing ReadView, keys: StoreKeys) throws {
    guard let row = try view.row(.meta, ReadTally.rowKey) else { return }
    stored = (row.version, keys.rowHash(.meta, key: row.key, version: row.version, body: row.body))
    var decoder = try CanonicalDecoder(keys.openMetadata(row, table: .meta), purpose: "reads")
    for _ in 0..<(try decoder.count(limit: ReadTally.accountCountMax)) {
      var item = try CanonicalDecoder(decoder.field(limit: 8192), purpose: "reads-of")
      let account = try AccountName(item.text(limit: 64))
      var counts: [UInt64: UInt32] = [:]
      for _ in 0..<(try item.count(limit: Int(ReadTally.daysKept))) {
        let day = try item.integer()
        counts[day] = UInt32(clamping: try item.integer())
      }
      try item.finish()
      days[account] = counts
    }
    try decoder.finish()
  }

  static func day(of time: Timestamp) -> UInt64 { time.milliseconds / 86_400_000 }

  func count(of account: AccountName, days count: UInt64, until today: UInt64) -> UInt64 {
    (days[account] ?? [:]).reduce(0) { sum, day in
      day.key <= today && today - day.key < count ? sum + UInt64(day.value) : sum
    }
  }

  func isDue(_ batch: Batch?, isLast: Bool, bootNow: UInt64) -> Bool {
    guard isDirty || batch?.reads.isEmpty == false else { return false }
    guard !isLast, let writtenAt else { return true }
    return bootNow >= writtenAt &+ ReadTally.intervalNanoseconds
  }

  /// The row as it will be once the batch is durable.
  func row(with batch: Batch?, keys: StoreKeys) -> StoredRow {
    var next = self
    next.add(batch)
    let version = (stored?.version ?? 0) + 1
    var encoding = CanonicalEncoding("reads")
    encoding.append(
      list: next.days.sorted { $0.key < $1.key }.map { account, counts in
        var item = CanonicalEncoding("reads-of")
        item.append(account.description)
        item.append(UInt64(counts.count))
        for (day, count) in counts.sorted(by: { $0.key < $1.key }) {
          item.append(day)
          item.append(UInt64(count))
        }
        return item.bytes
      })
    let body = keys.sealMetadata(encoding.bytes, table: .meta, key: ReadTally.rowKey, version: version)
    return StoredRow(key: ReadTally.rowKey, version: version, body: body)
  }

  /// After the commit.
  mutating func add(_ effects: CommitEffects) {
    add(effects.reads)
    if effects.reads?.reads.isEmpty == false { isDirty = true }
    guard let row = effects.tallyRow else { return }
    stored = row
    writtenAt = effects.tallyWritten
    isDirty = false
  }

  private mutating func add(_ batch: Batch?) {
    guard let batch else { return }
    for (account, count) in batch.reads {
      var counts = days[account] ?? [:]
      if counts[batch.day] == nil {
        counts = counts.filter { $0.key <= batch.day && batch.day - $0.key < ReadTally.daysKept }
      }
      counts[batch.day] = UInt32(clamping: UInt64(counts[batch.day] ?? 0) + UInt64(count))
      days[account] = counts
    }
  }
}
