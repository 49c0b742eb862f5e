import AccessLog
import Testing

@Suite("Times of a review") struct ReviewTimeTests {
  @Test(
    arguments: [
      ("1970-01-01", 0), ("2000-02-29", 951_782_400_000), ("2026-05-01", 1_777_593_600_000),
      ("2026-05-01T00:00:00Z", 1_777_593_600_000), ("2026-05-01T00:00:00.25Z", 1_777_593_600_250),
      ("2026-05-01T05:30:00+05:30", 1_777_593_600_000), ("2026-04-30T20:00:00.123456-04:00", 1_777_593_600_123),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] as [(String, Int64)])
  func `days and times are read`(text: String, milliseconds: Int64) {
    #expect(ReviewTime.milliseconds(text) == milliseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-13-01", "2026-02-29", "2026-05-00", "2026-5-1", "2026-05-01T", "2026-05-01T00:00:00",
    "2026-05-01T24:00:00Z", "2026-05-01T00:60:00Z", "2026-05-01T00:00:00Zz", "2026-05-01 00:00:00Z", "1969-12-31",
    "1970-01-01T00:00:00+01:00", "2026-05-01T00:00:00.Z", "২০২৬-05-01", "+026-05-01",
    "2026-05-01T00:00:00.0000000000000000000000000000000000000000Z",
  ])
  func `anything else is refused`(text: String) { #expect(ReviewTime.milliseconds(text) == nil) }

  @Test(
    arguments: [
      ("2026-05-17", 1_778_956_200_000), ("2026-05-17T09:30", 1_778_990_400_000),
      ("2026-05-17 09:30", 1_778_990_400_000), ("2026-05-17 09:30:01.5", 1_778_990_401_500),
      ("2026-05-17T09:30Z", 1_779_010_200_000), ("2026-05-17T09:30:00Z", 1_779_010_200_000),
      ("2026-05-17 09:30:00+01:00", 1_779_006_600_000), ("1970-01-01", nil), ("2026-05-17 ", nil),
      ("2026-05-17 9:30", nil), ("2026-05-17T09:30:", nil), ("2026-05-17  09:30", nil), ("2026-05-17T09:30+", nil),
    ] as [(String, Int64?)])
  func `what is typed without an offset is read on the clock of the person who types`(text: String, expected: Int64?) {
    let kolkata = LocalClock(zone: "Asia/Kolkata", changes: [.init(since: 0, offset: 19_800)])
    #expect(ReviewTime.milliseconds(typed: text, on: kolkata) == expected)
  }

  @Test func `a clock that is put forward or back is read at the first time that it shows`() throws {
    // London in 2026, and Cairo, where a day begins an hour late and another ends twice.
    let london = LocalClock(
      zone: "Europe/London",
      changes: [
        .init(since: 0, offset: 0), .init(since: 1_774_746_000, offset: 3600), .init(since: 1_792_890_000, offset: 0),
      ])
    let cairo = LocalClock(
      zone: "Africa/Cairo",
      changes: [
        .init(since: 0, offset: 7200), .init(since: 1_776_981_600, offset: 10_800),
        .init(since: 1_793_307_600, offset: 7200),
      ])
    let newYork = LocalClock(
      zone: "America/New_York",
      changes: [
        .init(since: 0, offset: -18_000), .init(since: 1_772_953_200, offset: -14_400),
        .init(since: 1_793_512_800, offset: -18_000),
      ])
    for (clock, typed, utc) in [
      (london, "2026-03-29", "2026-03-29T00:00:00Z"), (london, "2026-03-29 02:00", "2026-03-29T01:00:00Z"),
      (london, "2026-03-29 01:30", "2026-03-29T01:30:00Z"), (london, "2026-10-25 01:30", "2026-10-25T00:30:00Z"),
      (london, "2026-10-25 00:59", "2026-10-24T23:59:00Z"), (cairo, "2026-04-24", "2026-04-23T22:00:00Z"),
      (cairo, "2026-10-30", "2026-10-29T22:00:00Z"), (cairo, "2026-10-29 23:30", "2026-10-29T20:30:00Z"),
      (newYork, "2026-11-01 01:30", "2026-11-01T05:30:00Z"), (newYork, "2026-03-08 02:30", "2026-03-08T07:30:00Z"),
    ] {
      #expect(ReviewTime.milliseconds(typed: typed, on: clock) == ReviewTime.milliseconds(utc), "\(typed)")
    }
  }

  @Test func `every day of four hundred years is its own date`() throws {
    for number in stride(from: Int32(-10_000), through: 136_097, by: 1) {
      let parts = LocalDay(number: number).description.split(separator: "-").map { Int($0) ?? 0 }
      #expect(LocalDay(year: parts[0], month: parts[1], day: parts[2])?.number == number)
    }
  }
}
