import Foundation

/// A date as people remember it: `1999`, `1999-05` or `1999-05-17`.
public struct PartialDate: Hashable, Sendable {
  /// Nobody alive was born earlier, and no plan reaches further.
  public static let years = 1900...2100

  public let year: Int
  public let month: Int?
  public let day: Int?

  /// Refuses what is not in the proleptic Gregorian calendar.
  public init(year: Int, month: Int? = nil, day: Int? = nil) throws(PartialDateError) {
    guard Self.years.contains(year) else { throw .yearOutOfRange }
    if let month {
      guard (1...12).contains(month) else { throw .notInCalendar }
      if let day {
        guard (1...Self.dayCount(of: month, in: year)).contains(day) else { throw .notInCalendar }
      }
    } else if day != nil {
      throw .malformed
    }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Reads exactly the three forms above; ASCII digits, all of them.
  public init(_ text: String) throws(PartialDateError) {
    guard [4, 7, 10].contains(text.utf8.count) else { throw .malformed }
    var numbers: [Int] = [0]
    for (index, byte) in text.utf8.enumerated() {
      if index == 4 || index == 7 {
        guard byte == UInt8(ascii: "-") else { throw .malformed }
        numbers.append(0)
      } else {
        guard (0x30...0x39).contains(byte) else { throw .malformed }
        numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(byte - 0x30)
      }
    }
    try self.init(
      year: numbers[0], month: numbers.count > 1 ? numbers[1] : nil, day: numbers.count > 2 ? numbers[2] : nil)
  }

  /// The date in the zone that is furthest ahead of UTC (14 hours: Kiritimati).
  /// nil once the year is beyond `years`.
  static var latestToday: PartialDate? {
    let now = Date(timeIntervalSinceNow: 14 * 3600)
    let day = Calendar(identifier: .gregorian).dateComponents(in: .gmt, from: now)
    return day.year.flatMap { try? PartialDate(year: $0, month: day.month, day: day.day) }
  }

  private static func dayCount(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// What is wrong with a date; says nothing of what was written.
public enum PartialDateError: Error, Hashable, Sendable {
  case malformed, yearOutOfRange, notInCalendar
}

extension PartialDate: CustomStringConvertible, Comparable {
  public var description: String {
    func padded(_ number: Int) -> String { number < 10 ? "-0\(number)" : "-\(number)" }
    return "\(year)" + (month.map(padded) ?? "") + (day.map(padded) ?? "")
  }

  /// By year, month and day; the less exact date comes first.
  public static func < (left: PartialDate, right: PartialDate) -> Bool {
    (left.year, left.month ?? 0, left.day ?? 0) < (right.year, right.month ?? 0, right.day ?? 0)
  }
}
