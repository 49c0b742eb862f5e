import Testing

@testable import VaultModel

@Suite struct PartialDateTests {
  @Test(arguments: ["1900", "2100", "1999", "1999-05", "1999-12-31", "2000-02-29", "2024-02-29", "1996-04-30"])
  func `dates in the calendar survive text`(_ text: String) throws {
    #expect(try PartialDate(text).description == text)
  }

  private static let refused: [(String, PartialDateError)] = [
    ("", .malformed), ("99", .malformed), ("19990517", .malformed), ("1999-5", .malformed), ("1999-05-7", .malformed),
    ("1999/05/17", .malformed), ("17-05-1999", .malformed), ("1999-05-17T00:00:00Z", .malformed), (" 1999", .malformed),
    ("১৯৯৯", .malformed), ("-999", .malformed), ("+999", .malformed), ("1999-", .malformed), ("1999-05-", .malformed),
    ("1899", .yearOutOfRange), ("2101", .yearOutOfRange), ("0000", .yearOutOfRange), ("1999-00", .notInCalendar),
    ("1999-13", .notInCalendar), ("1999-02-29", .notInCalendar), ("1900-02-29", .notInCalendar),
    ("1999-04-31", .notInCalendar), ("1999-01-00", .notInCalendar), ("1999-01-32", .notInCalendar),
  ]

  @Test(arguments: refused)
  func `other texts are refused`(_ text: String, _ error: PartialDateError) {
    #expect(throws: error) { try PartialDate(text) }
  }

  @Test func `less exact dates come first`() throws {
    let dates = try ["2001", "1999-05-17", "1999", "1999-05", "1998-12-31"].map { try PartialDate($0) }
    #expect(dates.sorted().map(\.description) == ["1998-12-31", "1999", "1999-05", "1999-05-17", "2001"])
    #expect(throws: PartialDateError.malformed) { try PartialDate(year: 1999, month: nil, day: 3) }
  }
}
