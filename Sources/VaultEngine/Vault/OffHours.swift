import AccessLog
import Foundation

/// Tells times outside `WorkingHours.standard`, by the clock on a wall in one time zone. Public holidays are not known
/// here.
public struct OffHours: Sendable {
  private let zone: TimeZone
  /// Offsets are asked for once in a quarter of an hour of log time: no zone changes its own in between, and a look into
  /// the zone's table costs more than opening an entry.
  private static let quarterMilliseconds: Int64 = 15 * 60_000
  private var quarter = Int64.min
  private var offsetMilliseconds: Int64 = 0

  /// - Parameter name: of the IANA database; nil for the zone of this host. The initialiser gives nil for an unknown one.
  public init?(timeZone name: String? = nil) {
    guard let name else {
      zone = .current
      return
    }
    // Not held to `knownTimeZoneIdentifiers`: that list has one name a zone, and Asia/Kolkata goes by an older one there.
    guard (1...64).contains(name.utf8.count), let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
  }

  /// - Parameter milliseconds: since 1970-01-01T00:00Z, not negative.
  public mutating func contains(_ milliseconds: Int64) -> Bool {
    if milliseconds / OffHours.quarterMilliseconds != quarter {
      quarter = milliseconds / OffHours.quarterMilliseconds
      let start = Date(timeIntervalSince1970: Double(quarter * OffHours.quarterMilliseconds) / 1000)
      offsetMilliseconds = Int64(zone.secondsFromGMT(for: start)) * 1000
    }
    let local = milliseconds + offsetMilliseconds
    let (day, ofDay) = (floored(local, by: 86_400_000), floored(local, by: 3_600_000))
    let hour = Int(ofDay - day * 24)
    // The first day of 1970 was a Thursday.
    let weekday = Int(day + 3 - floored(day + 3, by: 7) * 7)
    return !WorkingHours.standard.contains(weekday: weekday, hour: hour)
  }
}

private func floored(_ value: Int64, by unit: Int64) -> Int64 {
  let quotient = value / unit
  return value % unit < 0 ? quotient - 1 : quotient
}
