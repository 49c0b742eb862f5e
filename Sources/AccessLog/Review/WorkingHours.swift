/// When people are expected to read; everything else is off-hours.
public struct WorkingHours: Hashable, Sendable {
  /// First hour of the day, and the hour at which it ends.
  public let hours: Range<Int>
  /// 0 is Monday.
  public let restDays: Set<Int>

  /// 07:00 to 20:00, Monday to Friday: wide enough for early and late shifts of an office, so that what is outside
  /// it is worth a thought.
  public static let standard = WorkingHours(hours: 7..<20, restDays: [5, 6])

  public init(hours: Range<Int>, restDays: Set<Int>) {
    self.hours = hours
    self.restDays = restDays
  }

  public func contains(_ day: LocalDay, hour: Int) -> Bool {
    contains(weekday: day.weekday, hour: hour)
  }

  public func contains(weekday: Int, hour: Int) -> Bool { hours.contains(hour) && !restDays.contains(weekday) }

  /// `Monday to Friday, 07:00 to 20:00`.
  public var text: String {
    let clock = [hours.lowerBound, hours.upperBound].map { ($0 < 10 ? "0" : "") + "\($0):00" }.joined(separator: " to ")
    let days = LocalDay.weekdayNames.indices.filter { !restDays.contains($0) }
    guard let first = days.first, let last = days.last else { return "no day" }
    let names = days.map { LocalDay.weekdayNames[$0] }
    let isRun = days.count > 2 && last - first == days.count - 1
    return (isRun ? "\(names[0]) to \(names[names.count - 1])" : names.joined(separator: " and ")) + ", \(clock)"
  }
}
