import AccessLog

/// The time that a report is about, and the weeks before it from which habits are learnt.
struct ReportPeriod {
  /// Days before the period: eight weeks give forty working days, so that leave or one busy week moves no median.
  private static let habitDayCount: Int64 = 56
  private static let dayMilliseconds: Int64 = 86_400_000

  /// Milliseconds since 1970-01-01T00:00Z.
  let period: Range<Int64>
  let learning: Range<Int64>

  /// - Parameters:
  ///   - made: now, in milliseconds.
  ///   - clock: on which days begin and typed times are read.
  init(since: String?, until: String?, made: Int64, defaultDayCount: Int32, clock: LocalClock) throws {
    let end = try until.map { try TypedTime.time($0, on: clock, field: "--until") }
    // Without an end also what comes in while it is made, and what a clock that runs ahead has written.
    let upper = end ?? LogEntry.timeMax
    let today = clock.moment(min(end ?? made, made)).day.number
    let lower =
      try since.map { try TypedTime.time($0, on: clock, field: "--since") }
      ?? max(0, clock.milliseconds(LocalDay(number: today - defaultDayCount)))
    guard lower < upper else {
      throw Failure.usage(
        "The period ends before it begins.", hint: "--since names the earlier time, --until the later one.",
        field: "--until")
    }
    period = lower..<upper
    learning = max(0, lower - Self.habitDayCount * Self.dayMilliseconds)..<lower
  }

  /// Times that a clock has to know for such a period, with days to spare.
  static func extent(since: String?, until: String?, made: Int64, defaultDayCount: Int32) throws -> Range<Int64> {
    let end = try until.map { try TypedTime.time($0, on: .utc, field: "--until") } ?? made
    let start =
      try since.map { try TypedTime.time($0, on: .utc, field: "--since") }
      ?? min(end, made) - Int64(defaultDayCount) * dayMilliseconds
    let first = min(start, end) - (habitDayCount + 3) * dayMilliseconds
    return first..<max(first, min(max(start, end), made + dayMilliseconds)) + 3 * dayMilliseconds
  }
}
