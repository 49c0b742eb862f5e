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

  @Test func `every day of four hundred years is its own date`() throws {
    for number in stride(from: Int32(-10_000), through: 136_097, by: 1) {
      let parts = LocalDay(number: number).description.split(separator: "-").map { Int($0) ?? 0 }
      #expect(LocalDay(year: parts[0], month: parts[1], day: parts[2])?.number == number)
    }
  }
}
