import Testing

@testable import VaultModel

@Suite struct RecordIDTests {
  private static let example = "lusab-babad-gutih-s"

  @Test func `an id prints as the worked example of the format`() throws {
    let id = RecordID(bits: 0x7F00_0001_3F54)
    #expect(id.description == Self.example)
    #expect(id.bytes == [0x7F, 0, 0, 1, 0x3F, 0x54])
    #expect(try RecordID(canonical: Self.example) == id)
    #expect(try RecordID(bytes: id.bytes) == id)
  }

  @Test func `random ids survive text and bytes`() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let id = RecordID.random(using: &generator)
      #expect(try RecordID(canonical: id.description) == id)
      #expect(try RecordID(bytes: id.bytes) == id)
    }
  }

  @Test func `only 48 bits are taken`() {
    #expect(RecordID(bits: .max).bits == 0xFFFF_FFFF_FFFF)
    #expect(RecordID(bits: .max).description.hasPrefix("zuzuz-zuzuz-zuzuz-"))
    #expect(RecordID(bits: 0).description == "babab-babab-babab-n")
  }

  @Test(arguments: [
    "LUSAB-BABAD-GUTIH-S", "lusab babad gutih s", "lusabbabadgutihs", " Lusab_Babad.Gutih/S ",
    "lusab–babad—gutih−s", "l u s a b b a b a d g u t i h s",
  ])
  func `typed ids are read with any case and separator`(_ text: String) throws {
    #expect(try RecordID(typed: text).description == Self.example)
  }

  @Test func `the wire takes the canonical spelling only`() {
    for text in ["LUSAB-BABAD-GUTIH-S", "lusabbabadgutihs", "lusab babad gutih s", "lusab-babad-gutih-s-"] {
      #expect(throws: IdentifierError(.record, .notCanonical)) { try RecordID(canonical: text) }
    }
  }

  @Test func `every single wrong letter is noticed`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<40 {
      let letters = RecordID.random(using: &generator).letters
      for position in letters.indices {
        for letter in UInt8(ascii: "a")...UInt8(ascii: "z") where letter != letters[position] {
          var wrong = letters
          wrong[position] = letter
          #expect(throws: IdentifierError.self) { try RecordID(typed: String(decoding: wrong, as: UTF8.self)) }
        }
      }
    }
  }

  @Test func `every swap of two letters is noticed, the check letter among them`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let letters = RecordID.random(using: &generator).letters
      for first in 0..<16 {
        for second in first + 1..<16 where letters[first] != letters[second] {
          var swapped = letters
          swapped.swapAt(first, second)
          #expect(throws: IdentifierError.self) { try RecordID(typed: String(decoding: swapped, as: UTF8.self)) }
          // The sum alone notices it, without the help of the consonant and vowel pattern.
          #expect(RecordID.checkLetter(for: swapped.dropLast()) != swapped[15])
        }
      }
    }
  }

  @Test func `bad ids get the error that names the rule`() {
    let cases: [(String, IdentifierError.Code)] = [
      ("", .empty), ("- -", .empty), ("lusab-babad-gutih", .wrongLength), ("lusab-babad-gutih-sk", .wrongLength),
      ("xusab-babad-gutih-s", .badCharacter(position: 1)), ("lysab-babad-gutih-s", .badCharacter(position: 2)),
      ("lusab-babad-gutih-q", .badCheckLetter), ("lusаb-babad-gutih-s", .badCharacter(position: 4)),
      (String(repeating: " ", count: 97), .tooLong(byteCountMax: 96)),
    ]
    for (text, code) in cases {
      #expect(throws: IdentifierError(.record, code)) { try RecordID(typed: text) }
    }
    for count in [0, 5, 7, 8] {
      #expect(throws: IdentifierError(.record, .wrongLength)) {
        try RecordID(bytes: [UInt8](repeating: 0, count: count))
      }
    }
  }

  @Test func `the alphabets have the sizes the sum relies on`() {
    #expect(Set(RecordID.valueAlphabet).count == 20)
    #expect(Set(RecordID.checkAlphabet).count == 23)
  }
}

extension RecordID {
  fileprivate var letters: [UInt8] { description.utf8.filter { $0 != UInt8(ascii: "-") } }
}
