import AccessLog

/// The time that a report is about, and the weeks before it from which habits are learnt.
struct ReportPeriod {
  /// Days before the period: eight weeks give forty working days, so that leave or one busy week moves no median.
  private static let habitDayCount: Int64 = 56
  private static let dayMilliseconds: Int64 = 86_400_000

  /// Milliseconds since 1970-01-01T00:00Z.
  let period: Range<Int64>
  let learning: Range<Int64>

  /// - Parameter made: now, in milliseconds.
  init(since: String?, until: String?, made: Int64, defaultDayCount: Int) throws {
    let end = try until.map { try Self.time($0, field: "--until") }
    // Without an end also what comes in while it is made, and what a clock that runs ahead has written.
    let upper = end ?? LogEntry.timeMax
    let today = min(end ?? made, made) / Self.dayMilliseconds * Self.dayMilliseconds
    let lower =
      try since.map { try Self.time($0, field: "--since") }
      ?? max(0, today - Int64(defaultDayCount) * Self.dayMilliseconds)
    guard lower < upper else {
      throw Failure.usage(
        "The period ends before it begins.", hint: "--since names the earlier time, --until the later one.",
        field: "--until")
    }
    period = lower..<upper
    learning = max(0, lower - Self.habitDayCount * Self.dayMilliseconds)..<lower
  }

  /// The last moment whose hour has to be told.
  func end(_ made: Int64) -> Int64 { max(min(period.upperBound, made), period.lowerBound) }

  private static func time(_ text: String, field: String) throws -> Int64 {
    guard let time = ReviewTime.milliseconds(text) else {
      throw Failure.usage(
        "This is not a time.", hint: "A time is written as 2026-03-01 or 2026-03-01T09:30:00Z.", field: field)
    }
    return time
  }
}
