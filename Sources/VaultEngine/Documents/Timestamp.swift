import Foundation

/// Milliseconds since 1970 in UTC; 0 stands for "none" where a format allows that.
public struct Timestamp: Hashable, Comparable, Sendable {
  public let milliseconds: UInt64

  public init(milliseconds: UInt64) { self.milliseconds = milliseconds }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  public func adding(seconds: UInt64) -> Timestamp { Timestamp(milliseconds: milliseconds + seconds * 1000) }

  /// RFC 3339 in UTC with milliseconds: `2026-03-01T09:30:00.000Z`.
  public var text: String {
    let seconds = Int64(milliseconds / 1000)
    let (day, second) = seconds.quotientAndRemainder(dividingBy: 86400)
    let (year, month, dayOfMonth) = Timestamp.civil(fromDays: day)
    func pad(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return
      "\(pad(year, 4))-\(pad(month, 2))-\(pad(dayOfMonth, 2))T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2)).\(pad(Int64(milliseconds % 1000), 3))Z"
  }

  /// RFC 3339 (any offset), or a bare date, which is its first moment in UTC. nil for anything else.
  public init?(parsing text: String) {
    guard text.utf8.count <= 40 else { return nil }
    let formats: [Date.ISO8601FormatStyle] = [
      .iso8601, Date.ISO8601FormatStyle(includingFractionalSeconds: true),
      .iso8601.year().month().day(),
    ]
    for format in formats {
      if let date = try? format.parse(text), date.timeIntervalSince1970 >= 0 {
        self.init(milliseconds: UInt64((date.timeIntervalSince1970 * 1000).rounded()))
        return
      }
    }
    return nil
  }

  /// Days since 1970-01-01 to a proleptic Gregorian date, with years that begin in March so that the leap day is last.
  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
