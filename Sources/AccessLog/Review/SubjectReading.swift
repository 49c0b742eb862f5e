/// The rows of one account, day by day.
struct SubjectReading: Sendable {
  struct Day: Sendable {
    let day: LocalDay
    /// Different records that were opened.
    var records = 0
    var searches = 0
    /// Different records that were opened at off-hours.
    var offHoursRecords = 0
    var isInPeriod = false
  }

  let subject: ReviewSubject
  /// nil where it is not known.
  let role: String?
  /// Whom the account is compared with: those of its role; where roles are not known, those who like it have records
  /// of their own, or have none, as supervisors and liaisons.
  let kind: String
  /// In the order of the log.
  let rows: [ReadingReview.Row]
  /// Ascending; earlier days too.
  private(set) var days: [Day] = []

  // Of the period.
  private(set) var readings = 0
  private(set) var records = 0
  private(set) var recordsOutside = 0
  private(set) var searches = 0
  private(set) var offHoursReadings = 0
  private(set) var offHoursRecords = 0
  private(set) var denials = 0
  private(set) var deniedRecords = 0
  private(set) var emergencyRecords = 0

  init(subject: ReviewSubject, role: String?, rows: [ReadingReview.Row]) {
    self.subject = subject
    self.role = role
    self.rows = rows
    kind = role ?? (rows.contains { $0.marks.contains(.assigned) } ? "with records" : "without records")
    countDays()
    countPeriod()
  }

  /// What a person opens in a day: of the days on which they opened anything.
  var recordsPerDay: [Int] { days.map(\.records).filter { $0 > 0 } }

  var recordHabit: Habit? { Habit(recordsPerDay) }

  /// Days of the period on which they opened anything.
  var activeDays: Int { days.count { $0.isInPeriod && $0.records > 0 } }

  /// The day of the period on which they opened most.
  var fullestDay: Day? {
    days.filter { $0.isInPeriod && $0.records > 0 }.max { $0.records < $1.records }
  }

  private mutating func countDays() {
    // The log's time never runs back; should it, days are put together all the same.
    let ordered = zip(rows, rows.dropFirst()).allSatisfy { $0.day <= $1.day } ? rows : rows.sorted { $0.day < $1.day }
    var seen: Set<UInt32> = []
    var seenOffHours: Set<UInt32> = []
    for row in ordered {
      if days.last?.day != row.day {
        days.append(Day(day: row.day))
        seen.removeAll(keepingCapacity: true)
        seenOffHours.removeAll(keepingCapacity: true)
      }
      let last = days.count - 1
      if row.marks.contains(.inPeriod) { days[last].isInPeriod = true }
      if row.marks.contains(.search) { days[last].searches += Int(row.weight) }
      guard row.marks.contains(.reading) else { continue }
      if seen.insert(row.record).inserted { days[last].records += 1 }
      if row.marks.contains(.offHours), seenOffHours.insert(row.record).inserted { days[last].offHoursRecords += 1 }
    }
  }

  private mutating func countPeriod() {
    var opened: Set<UInt32> = []
    var outside: Set<UInt32> = []
    var denied: Set<UInt32> = []
    var emergency: Set<UInt32> = []
    for row in rows where row.marks.contains(.inPeriod) {
      if row.marks.contains(.search) { searches += Int(row.weight) }
      if row.marks.contains(.denial) {
        denials += Int(row.weight)
        if row.record != ReadingReview.noRecord { denied.insert(row.record) }
      }
      if row.marks.contains(.emergency) { emergency.insert(row.record) }
      guard row.marks.contains(.reading) else { continue }
      readings += 1
      opened.insert(row.record)
      if row.marks.contains(.outside) { outside.insert(row.record) }
      if row.marks.contains(.offHours) { offHoursReadings += 1 }
    }
    (records, recordsOutside) = (opened.count, outside.count)
    (deniedRecords, emergencyRecords) = (denied.count, emergency.count)
    offHoursRecords = days.reduce(0) { $0 + ($1.isInPeriod ? $1.offHoursRecords : 0) }
  }

  /// Whether most of what they read is read at off-hours: people who work in shifts.
  var worksInShifts: Bool {
    readings > 0 && Double(offHoursReadings) >= ReviewMark.shiftShare * Double(readings)
  }
}

extension ReadingReview {
  /// One for each account or peer that did anything worth keeping, in the order of first appearance.
  func readings() -> [SubjectReading] {
    var counts = [Int](repeating: 0, count: subjects.count)
    for row in rows { counts[Int(row.subject)] += 1 }
    var bySubject: [[Row]] = counts.map { count in
      var rows: [Row] = []
      rows.reserveCapacity(count)
      return rows
    }
    for row in rows { bySubject[Int(row.subject)].append(row) }
    return bySubject.indices.map { number in
      let subject = subjects[UInt32(number)]
      var role: String?
      if case .account(let name) = subject { role = roles[name] }
      return SubjectReading(subject: subject, role: role, rows: bySubject[number])
    }
  }
}
