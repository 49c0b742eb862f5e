/// Everything that a report shows of the entries of a period.
public struct ReviewFigures: Sendable {
  public struct Account: Hashable, Sendable {
    public let subject: ReviewSubject
    public let role: String?
    /// Records opened, each time.
    public let readings: Int
    /// Different records opened.
    public let records: Int
    /// Days of the period on which anything was opened.
    public let activeDays: Int
    /// Records a day; nil where nothing was opened.
    public let habit: Habit?
    public let fullestDay: LocalDay?
    public let fullestDayRecords: Int
    /// Different records of which the account is neither owner nor team.
    public let recordsOutside: Int
    /// Records at off-hours, counted once a day.
    public let offHoursRecords: Int
    public let searches: Int
    public let denials: Int
  }

  public struct Record: Hashable, Sendable {
    public let id: String
    /// Who opened it, those who did most often first; at most `readerNamesMax`.
    public let readers: [String]
    public let readerCount: Int
    public let readings: Int
    /// Of the readings, how many by people who were neither owner nor team.
    public let readingsOutside: Int
  }

  public struct Action: Hashable, Sendable {
    public let name: String
    public let tally: OutcomeTally
  }

  /// Records that are listed; of the others only the number is given.
  public static let recordCountMax = 50
  public static let readerNamesMax = 8

  /// Milliseconds since 1970-01-01T00:00Z.
  public let period: Range<Int64>
  public let clock: LocalClock
  public let hours: WorkingHours
  public let entryCount: Int
  /// First and last entry of the period.
  public let indexes: ClosedRange<UInt64>?
  /// Accounts that any entry of the period names.
  public let peopleCount: Int
  /// Those who opened, searched or were turned away; most records first.
  public let accounts: [Account]
  /// Most readers first; at most `recordCountMax`.
  public let records: [Record]
  /// Different records that were opened.
  public let recordCount: Int
  /// By frequency.
  public let actions: [Action]
  /// Readings by purpose, by frequency; the empty purpose is none.
  public let purposes: [(purpose: String, readings: Int)]
  /// Readings by weekday (0 is Monday) and hour.
  public let readingsByHour: [[Int]]
  /// Days on which anything was read, ascending.
  public let readingsByDay: [(day: LocalDay, readings: Int)]
  /// Strongest first.
  public let unusual: [UnusualItem]

  public var readings: Int { readingsByHour.reduce(0) { $0 + $1.reduce(0, +) } }

  init(_ review: ReadingReview) {
    let readings = review.readings()
    period = review.period
    clock = review.clock
    hours = review.hours
    entryCount = review.entryCount
    indexes = review.indexes
    peopleCount = review.peopleCount
    accounts = Self.accounts(readings)
    (records, recordCount) = Self.records(review)
    actions = review.actions.map { Action(name: $0.key, tally: $0.value) }.sorted { left, right in
      left.tally.total == right.tally.total ? left.name < right.name : left.tally.total > right.tally.total
    }
    purposes = review.purposes.map { (purpose: $0.key, readings: $0.value) }.sorted { left, right in
      left.readings == right.readings ? left.purpose < right.purpose : left.readings > right.readings
    }
    readingsByHour = (0..<7).map { Array(review.readingsByHour[($0 * 24)..<($0 * 24 + 24)]) }
    readingsByDay = Self.readingsByDay(review)
    unusual = UnusualReading(review, readings).items()
  }

  private static func accounts(_ readings: [SubjectReading]) -> [Account] {
    readings.filter { $0.readings > 0 || $0.searches > 0 || $0.denials > 0 }.map { reading in
      let fullest = reading.fullestDay
      return Account(
        subject: reading.subject, role: reading.role, readings: reading.readings, records: reading.records,
        activeDays: reading.activeDays, habit: reading.recordHabit, fullestDay: fullest?.day,
        fullestDayRecords: fullest?.records ?? 0, recordsOutside: reading.recordsOutside,
        offHoursRecords: reading.offHoursRecords, searches: reading.searches, denials: reading.denials)
    }.sorted { left, right in
      left.records == right.records ? left.subject.text < right.subject.text : left.records > right.records
    }
  }

  private static func readingsByDay(_ review: ReadingReview) -> [(day: LocalDay, readings: Int)] {
    var counts: [LocalDay: Int] = [:]
    for row in review.rows where row.marks.isSuperset(of: [.reading, .inPeriod]) { counts[row.day, default: 0] += 1 }
    return counts.map { (day: $0.key, readings: $0.value) }.sorted { $0.day < $1.day }
  }

  private static func records(_ review: ReadingReview) -> (listed: [Record], count: Int) {
    // Record, reader and whether outside, in one number: sorted, equal pairs lie together.
    var pairs: [UInt64] = []
    for row in review.rows where row.marks.isSuperset(of: [.reading, .inPeriod]) {
      pairs.append(UInt64(row.record) << 32 | UInt64(row.subject) << 1 | (row.marks.contains(.outside) ? 1 : 0))
    }
    pairs.sort()
    var summaries: [(record: UInt32, readers: Int, readings: Int, outside: Int, start: Int)] = []
    for (position, pair) in pairs.enumerated() {
      let record = UInt32(pair >> 32)
      let isNewRecord = summaries.last?.record != record
      if isNewRecord { summaries.append((record, 0, 0, 0, position)) }
      let last = summaries.count - 1
      if isNewRecord || pairs[position - 1] >> 1 != pair >> 1 { summaries[last].readers += 1 }
      summaries[last].readings += 1
      summaries[last].outside += Int(pair & 1)
    }
    let count = summaries.count
    summaries.sort { left, right in
      (right.readers, right.readings, left.record) < (left.readers, left.readings, right.record)
    }
    let listed = summaries.prefix(recordCountMax).map { summary in
      var byReader: [UInt32: Int] = [:]
      for pair in pairs[summary.start..<(summary.start + summary.readings)] {
        byReader[UInt32((pair & 0xFFFF_FFFF) >> 1), default: 0] += 1
      }
      let names = byReader.map { (name: review.subjects[$0.key].text, count: $0.value) }.sorted { left, right in
        left.count == right.count ? left.name < right.name : left.count > right.count
      }
      return Record(
        id: review.records[summary.record], readers: names.prefix(readerNamesMax).map(\.name),
        readerCount: summary.readers, readings: summary.readings, readingsOutside: summary.outside)
    }
    return (Array(listed), count)
  }
}

extension OutcomeTally {
  var total: Int {
    let (sum, overflow) = allowed.addingReportingOverflow(denied)
    let (whole, more) = sum.addingReportingOverflow(failed)
    return overflow || more ? .max : whole
  }
}
