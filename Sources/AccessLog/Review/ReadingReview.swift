/// Takes in entries of the access log one by one, in the order of their indexes, and then says what was read, when, by
/// whom, and what is unusual in it.
///
/// Keeps 32 bytes for each reading, search, denial and emergency and each name once, so that a million entries fit in
/// the memory of a small machine. Everything is computed in n log n.
public struct ReadingReview: Sendable {
  /// What is kept of one entry.
  struct Row: Sendable {
    var index: UInt64
    var day: LocalDay
    var subject: UInt32
    /// `noRecord` where the entry is about none.
    var record: UInt32
    /// Equal events; 1 for most.
    var weight: UInt32
    /// Of the day.
    var minute: UInt16
    /// Numbers of the names, or `otherName`.
    var action: UInt8
    var purpose: UInt8
    var marks: Marks
  }

  struct Marks: OptionSet, Sendable {
    let rawValue: UInt8
    static let reading = Marks(rawValue: 1)
    static let search = Marks(rawValue: 2)
    static let denial = Marks(rawValue: 4)
    static let emergency = Marks(rawValue: 8)
    /// The record was the reader's own, or of a team that they belong to.
    static let assigned = Marks(rawValue: 16)
    /// The entry says that the reader had nothing to do with the record.
    static let outside = Marks(rawValue: 32)
    static let offHours = Marks(rawValue: 64)
    /// Not earlier: what is earlier only teaches habits.
    static let inPeriod = Marks(rawValue: 128)
  }

  static let noRecord = UInt32.max
  static let notListed = UInt32.max
  /// Stands for all names beyond the first 255, of which there are none in a log that is whole.
  static let otherName = UInt8.max

  /// Milliseconds since 1970-01-01T00:00Z. Items are raised from this time only; what is before it teaches habits.
  public let period: Range<Int64>
  public let clock: LocalClock
  public let hours: WorkingHours
  /// Roles by account, where they are known: people are compared with those of their own role.
  public let roles: [String: String]

  private(set) var rows: [Row] = []
  private(set) var subjects = NumberedNames<ReviewSubject>()
  private(set) var records = NumberedNames<String>()
  /// By number of the record: its programme, or `notListed` where nobody was let in to it.
  private(set) var programmeOfRecord: [UInt32] = []
  private var programmes = NumberedNames<String>()
  private var actionNames = NumberedNames<String>()
  private var purposeNames = NumberedNames<String>()

  private(set) var entryCount = 0
  private(set) var indexes: ClosedRange<UInt64>?
  private(set) var actions: [String: OutcomeTally] = [:]
  private(set) var purposes: [String: Int] = [:]
  private(set) var readingsByHour = [Int](repeating: 0, count: 7 * 24)
  private var people: Set<UInt32> = []

  public init(
    period: Range<Int64>, clock: LocalClock = .utc, hours: WorkingHours = .standard, roles: [String: String] = [:]
  ) {
    self.period = period
    self.clock = clock
    self.hours = hours
    self.roles = roles
  }

  /// Entries after the period are passed over.
  public mutating func add(_ entry: ReviewedEntry) {
    guard entry.time < period.upperBound else { return }
    let isInPeriod = entry.time >= period.lowerBound
    let (day, minute) = clock.minute(entry.time)
    let hour = minute / 60
    var marks: Marks = isInPeriod ? .inPeriod : []
    if entry.isReading { marks.insert(.reading) }
    if entry.isSearch { marks.insert(.search) }
    if entry.isDenial { marks.insert(.denial) }
    if entry.isEmergency { marks.insert(.emergency) }
    let isKept = !marks.isDisjoint(with: [.reading, .search, .denial, .emergency])
    if isInPeriod { tally(entry, day, hour) }
    guard isKept || entry.record != nil else { return }
    let record = entry.record.map { number(ofRecord: $0, in: entry.programme, isOpen: entry.outcome == .allowed) }
    guard isKept else { return }
    switch entry.assignment {
    case .owner, .team: marks.insert(.assigned)
    case .some(.none): marks.insert(.outside)
    case nil: break
    }
    if !hours.contains(day, hour: hour) { marks.insert(.offHours) }
    rows.append(
      Row(
        index: entry.index, day: day, subject: subjects.number(of: entry.subject), record: record ?? Self.noRecord,
        weight: UInt32(clamping: max(1, entry.count)), minute: UInt16(clamping: minute),
        action: UInt8(clamping: actionNames.number(of: entry.action)),
        purpose: UInt8(clamping: purposeNames.number(of: entry.purpose ?? "")), marks: marks))
  }

  private mutating func tally(_ entry: ReviewedEntry, _ day: LocalDay, _ hour: Int) {
    entryCount += 1
    indexes = min(indexes?.lowerBound ?? entry.index, entry.index)...max(indexes?.upperBound ?? 0, entry.index)
    actions[entry.action, default: OutcomeTally()].add(entry.outcome, Int(clamping: entry.count))
    if entry.account != nil { people.insert(subjects.number(of: entry.subject)) }
    guard entry.isReading else { return }
    purposes[entry.purpose ?? "", default: 0] += 1
    readingsByHour[day.weekday * 24 + hour] += 1
  }

  private mutating func number(ofRecord id: String, in programme: String?, isOpen: Bool) -> UInt32 {
    let number = records.number(of: id)
    if number == programmeOfRecord.count { programmeOfRecord.append(Self.notListed) }
    if isOpen, programme != nil || programmeOfRecord[Int(number)] == Self.notListed {
      programmeOfRecord[Int(number)] = programmes.number(of: programme ?? "")
    }
    return number
  }

  var peopleCount: Int { people.count }

  /// A row in words again.
  func sighting(_ row: Row) -> UnusualReason.Sighting {
    func name(_ number: UInt8, in names: NumberedNames<String>) -> String {
      number == Self.otherName ? "other" : names[UInt32(number)]
    }
    return UnusualReason.Sighting(
      index: row.index, day: row.day, minute: Int(row.minute), subject: subjects[row.subject],
      action: name(row.action, in: actionNames), record: row.record == Self.noRecord ? nil : records[row.record],
      purpose: name(row.purpose, in: purposeNames), isDenial: row.marks.contains(.denial),
      isOutside: row.marks.contains(.outside), isOffHours: row.marks.contains(.offHours), count: row.weight)
  }

  /// What was read, when and by whom, and what is unusual in it.
  public func figures() -> ReviewFigures { ReviewFigures(self) }
}

/// How the entries of one action ended.
public struct OutcomeTally: Hashable, Sendable {
  public private(set) var allowed = 0
  public private(set) var denied = 0
  public private(set) var failed = 0

  mutating func add(_ outcome: LogEntry.Outcome, _ count: Int) {
    switch outcome {
    case .allowed: allowed = allowed.addingReportingOverflow(count).overflow ? .max : allowed + count
    case .denied: denied = denied.addingReportingOverflow(count).overflow ? .max : denied + count
    case .failed: failed = failed.addingReportingOverflow(count).overflow ? .max : failed + count
    }
  }
}
