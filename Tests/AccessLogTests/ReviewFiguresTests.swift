import AccessLog
import Testing

@Suite("Figures of a review") struct ReviewFiguresTests {
  @Test(
    arguments: [
      (0, "1970-01-01 00:00"), (-1, "1969-12-31 23:59"), (951_782_400_000, "2000-02-29 00:00"),
      (1_777_593_600_000, "2026-05-01 00:00"), (4_107_542_399_999, "2100-02-28 23:59"),
      (4_107_542_400_000, "2100-03-01 00:00"), (253_402_300_799_999, "9999-12-31 23:59"),
    ] as [(Int64, String)])
  func `days and hours of the calendar`(milliseconds: Int64, text: String) {
    #expect(LocalClock.utc.text(milliseconds) == text)
  }

  @Test func `an hour is that of the clock on the wall, in summer and in winter`() {
    // London: UTC until 2026-03-29T01:00Z, then an hour ahead.
    let london = LocalClock(
      zone: "Europe/London", changes: [.init(since: 1_774_746_000, offset: 3600), .init(since: 0, offset: 0)])
    #expect(london.moment(1_774_745_999_000).hour == 0)
    #expect(london.moment(1_774_746_000_000).hour == 2)
    #expect(london.text(1_774_746_000_000) == "2026-03-29 02:00")
    #expect(london.moment(1_774_746_000_000).day.weekday == 6)
    let kolkata = LocalClock(zone: "Asia/Kolkata", changes: [.init(since: 0, offset: 19_800)])
    #expect(kolkata.text(1_777_593_600_000) == "2026-05-01 05:30")
  }

  @Test func `working hours are told as people say them`() {
    #expect(WorkingHours.standard.text == "Monday to Friday, 07:00 to 20:00")
    #expect(WorkingHours(hours: 0..<24, restDays: []).text == "Monday to Sunday, 00:00 to 24:00")
    #expect(WorkingHours(hours: 9..<17, restDays: [4, 5]).text.hasPrefix("Monday and Tuesday and Wednesday"))
    #expect(WorkingHours(hours: 9..<17, restDays: [2, 3, 4, 5, 6]).text == "Monday and Tuesday, 09:00 to 17:00")
  }

  @Test func `a habit is the median and a spread that outliers do not move`() throws {
    let habit = try #require(Habit([4, 5, 3, 4, 6, 5, 90]))
    #expect(habit.median == 5)
    #expect(abs(habit.spread - 5.0.squareRoot()) < 0.001)
    #expect(Habit([]) == nil)
    #expect(Habit([0, 0, 0])?.limit == 5)
    #expect(abs((Habit([2, 40, 80, 120])?.spread ?? 0) - 1.4826 * 39) < 0.1)
  }

  @Test func `figures count what was read, by whom and when`() throws {
    var review = ReadingReview(period: 0..<LogEntry.timeMax, roles: ["দিব্যা": "officer"])
    let hour: Int64 = 3_600_000
    for (place, record) in ["bab", "bab", "cac"].enumerated() {
      review.add(
        ReviewedEntry(
          index: UInt64(place), time: 9 * hour, account: "দিব্যা", action: "record.read", record: record,
          purpose: "casework", assignment: .owner))
    }
    review.add(
      ReviewedEntry(
        index: 3, time: 23 * hour, account: "horia", action: "record.read", record: "bab", purpose: "court",
        assignment: LogEntry.Assignment.none))
    review.add(ReviewedEntry(index: 4, time: 23 * hour, account: "horia", action: "record.search", resultCount: 3))
    review.add(
      ReviewedEntry(index: 5, time: 23 * hour, account: "horia", action: "record.read", record: "bab", outcome: .denied)
    )
    let figures = review.figures()
    #expect(figures.entryCount == 6 && figures.indexes == 0...5 && figures.peopleCount == 2)
    #expect(figures.accounts.map(\.subject.text) == ["দিব্যা", "horia"])
    #expect(figures.accounts.map(\.readings) == [3, 1])
    #expect(figures.accounts.map(\.records) == [2, 1])
    #expect(figures.accounts.map(\.role) == ["officer", nil])
    #expect(figures.accounts.map(\.offHoursRecords) == [0, 1])
    #expect(figures.accounts.map(\.recordsOutside) == [0, 1])
    #expect(figures.accounts.map(\.searches) == [0, 1])
    #expect(figures.accounts.map(\.denials) == [0, 1])
    let first = try #require(figures.records.first)
    #expect(first.id == "bab" && first.readerCount == 2 && first.readings == 3 && first.readingsOutside == 1)
    #expect(first.readers == ["দিব্যা", "horia"])
    // 1970-01-01 was a Thursday.
    #expect(figures.readingsByHour[3][9] == 3 && figures.readingsByHour[3][23] == 1 && figures.readings == 4)
    #expect(figures.purposes.map(\.purpose) == ["casework", "court"])
    #expect(figures.actions.first?.name == "record.read" && figures.actions.first?.tally.denied == 1)
  }

  @Test func `what lies outside the period is not counted`() {
    var review = ReadingReview(period: 1000..<2000)
    for time in [0, 999, 1000, 1999, 2000, 3000] as [Int64] {
      review.add(ReviewedEntry(index: UInt64(time), time: time, account: "asha", action: "record.read", record: "bab"))
    }
    let figures = review.figures()
    #expect(figures.entryCount == 2 && figures.readings == 2 && figures.indexes == 1000...1999)
    #expect(figures.accounts.first?.habit?.count == 1)
  }

  @Test func `hostile counts and times do not stop it`() {
    var review = ReadingReview(period: .min..<(.max))
    for time: Int64 in [.min, -1, 0, .max - 1] {
      for action in ["record.read", "record.search", "request.refused", ""] {
        var entry = ReviewedEntry(
          index: .max, time: time, account: nil, uid: .max, action: action, record: "", outcome: .denied,
          resultCount: .max)
        entry.count = .max
        review.add(entry)
        entry.outcome = .allowed
        review.add(entry)
      }
    }
    let figures = review.figures()
    #expect(figures.entryCount == 32)
    #expect(!figures.unusual.isEmpty)
  }
}
