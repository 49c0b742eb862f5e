import Testing

@testable import VaultEngine

@Suite("Reading a query")
struct SearchTermsTests {
  @Test("Words, years and numbers are told apart")
  func parts() throws {
    let terms = try SearchTerms(parsing: "Begum shirin 1999 +880 1712-345 678")
    #expect(terms.words.count == 2)
    #expect(terms.words.map(\.isRequired) == [false, true])
    #expect(terms.numbers.map(\.year) == [1999, nil])
    #expect(terms.numbers[1].digits == Array("8801712345678".utf8))
  }

  @Test("Digits of any script are digits")
  func scripts() throws {
    #expect(try SearchTerms(parsing: "শিরিন ১৯৯৯").numbers[0].year == 1999)
    #expect(try SearchTerms(parsing: "९८७६५").numbers[0].digits == Array("98765".utf8))
    #expect(try SearchTerms(parsing: "٢٠٠١").numbers[0].year == 2001)
  }

  @Test("A title alone is what is looked for")
  func titleAlone() throws {
    #expect(try SearchTerms(parsing: "begum").words[0].isRequired)
  }

  @Test("Nothing to look for is said so", arguments: ["", "  ", "12", "?!", "😀 7"])
  func nothing(query: String) {
    #expect(throws: SearchError(.nothingToSearchFor)) { try SearchTerms(parsing: query) }
  }

  @Test("A query has bounds")
  func bounds() throws {
    let long = String(repeating: "a", count: SearchTerms.queryByteCountMax)
    _ = try SearchTerms(parsing: long)
    #expect(throws: SearchError(.queryTooLong)) { try SearchTerms(parsing: long + "a") }
    let words = ["ana", "bela", "cora", "dina", "eva", "fira", "gita", "hana"]
    _ = try SearchTerms(parsing: words.joined(separator: " "))
    #expect(throws: SearchError(.tooManyWords)) {
      try SearchTerms(parsing: (words + ["irina"]).joined(separator: " "))
    }
  }

  @Test("P10 Random queries never stop the program")
  func fuzz() throws {
    var generator = SearchSeededGenerator(seed: 3)
    let index = try makeIndex([(["শিরিন আক্তার"], 1999, ["01712345678"]), (["محمد"], nil, [])])
    for _ in 0..<3_000 {
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      if let terms = try? SearchTerms(parsing: String(decoding: bytes, as: UTF8.self)) {
        _ = index.search(terms, limit: 3)
      }
    }
  }
}
