import AccessLog

/// Times that people name on the command line. They mean the clock that they see everything on, not UTC.
enum TypedTime {
  private static let dayMilliseconds: Int64 = 86_400_000

  /// RFC 3339 in UTC, for the wire.
  @MainActor static func rfc3339(_ text: String, field: String) throws -> String {
    let near = try time(text, on: .utc, field: field)
    let clock = try ZoneTable.clock(named: nil, for: near - 2 * dayMilliseconds..<near + 2 * dayMilliseconds)
    return UniversalTime.text(milliseconds: try time(text, on: clock, field: field))
  }

  /// Milliseconds since 1970.
  static func time(_ text: String, on clock: LocalClock, field: String) throws -> Int64 {
    guard let time = ReviewTime.milliseconds(typed: text, on: clock) else {
      throw Failure.usage(
        "This is not a time.",
        hint: "A time is written as 2026-03-01 or 2026-03-01T09:30, on your own clock; 2026-03-01T09:30:00Z is UTC.",
        field: field)
    }
    return time
  }
}
