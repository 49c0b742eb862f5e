/// Days and hours of one time zone, without the system's tables: whoever makes it says from when on which offset holds.
public struct LocalClock: Hashable, Sendable {
  public struct Change: Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00Z.
    public let since: Int64
    /// Seconds to add to UTC.
    public let offset: Int32

    public init(since: Int64, offset: Int32) {
      self.since = since
      self.offset = offset
    }
  }

  /// For people: `Europe/London`.
  public let zone: String
  private let changes: [Change]

  public static let utc = LocalClock(zone: "UTC", changes: [])

  /// - Parameter changes: in any order; before the first one its offset holds too.
  public init(zone: String, changes: [Change]) {
    self.zone = zone
    self.changes = changes.sorted { $0.since < $1.since }
  }

  /// The local day and hour of a time.
  public func moment(_ milliseconds: Int64) -> (day: LocalDay, hour: Int) {
    let (day, minute) = minute(milliseconds)
    return (day, minute / 60)
  }

  /// The local day of a time, and the minutes of it that have passed.
  public func minute(_ milliseconds: Int64) -> (day: LocalDay, minute: Int) {
    let seconds = LocalClock.floor(milliseconds, by: 1000)
    let minute = LocalClock.floor(seconds + Int64(offset(at: seconds)), by: 60)
    let day = LocalClock.floor(minute, by: 1440)
    return (LocalDay(number: Int32(clamping: day)), Int(minute - day * 1440))
  }

  /// The first time at which this clock shows a day and so many milliseconds of it. What it leaps over, it would have
  /// shown as long after the leap.
  public func milliseconds(_ day: LocalDay, _ ofDay: Int64 = 0) -> Int64 {
    let shown = Int64(day.number) * 86_400_000 + ofDay
    func offset(_ milliseconds: Int64) -> Int64 {
      Int64(self.offset(at: LocalClock.floor(milliseconds, by: 1000))) * 1000
    }
    // No zone is a day from UTC, and none changes twice in two days.
    let offsets = [offset(shown - 86_400_000), offset(shown + 86_400_000)]
    let first = shown - max(offsets[0], offsets[1])
    return first + offset(first) == shown ? first : shown - min(offsets[0], offsets[1])
  }

  /// `2026-05-17 09:30`.
  public func text(_ milliseconds: Int64) -> String {
    let (day, minute) = minute(milliseconds)
    return "\(day) \(LocalClock.text(minute: minute))"
  }

  /// `09:30`.
  static func text(minute: Int) -> String { "\(two(minute / 60)):\(two(minute % 60))" }

  private func offset(at seconds: Int64) -> Int32 {
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].since <= seconds { low = middle + 1 } else { high = middle }
    }
    return changes.isEmpty ? 0 : changes[max(0, low - 1)].offset
  }

  private static func floor(_ value: Int64, by unit: Int64) -> Int64 {
    let quotient = value / unit
    return value % unit < 0 ? quotient - 1 : quotient
  }
}

/// A day of the calendar, as the number of days since 1970-01-01.
public struct LocalDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let number: Int32

  public init(number: Int32) { self.number = number }

  /// A date of the Gregorian calendar; nil where there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    // The same years that begin in March, the other way round.
    let marchYear = month > 2 ? year : year - 1
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    number = Int32(era * 146_097 + dayOfEra - 719_468)
    guard civil == (year, month, day) else { return nil }
  }

  /// 0 is Monday.
  public var weekday: Int {
    // The first day of 1970 was a Thursday.
    let remainder = (Int(number) + 3) % 7
    return remainder < 0 ? remainder + 7 : remainder
  }

  public static let weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

  /// `2026-05-17`.
  public var description: String {
    let (year, month, day) = civil
    let digits = String(year)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-\(two(month))-\(two(day))"
  }

  var dayOfMonth: Int { civil.day }

  /// The Gregorian date. Years begin in March here, so that the leap day is the last of its year and months follow
  /// one rule; 146,097 days are 400 years.
  private var civil: (year: Int, month: Int, day: Int) {
    let shifted = Int(number) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  public static func < (left: LocalDay, right: LocalDay) -> Bool { left.number < right.number }
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
