import Testing

@testable import VaultEngine

@Suite("The index of decrypted cards")
struct CardIndexTests {
  static func card(_ name: String, _ year: Int? = nil) throws -> [UInt8] {
    try IdentityCard(names: [.init(text: name, kind: .legal)], yearOfBirth: year).encoded()
  }

  static func records(_ index: borrowing CardIndex<PlainArena>, _ query: String, limit: Int = 10) throws -> [UInt64] {
    index.search(try SearchTerms(parsing: query), limit: limit).map(\.record)
  }

  @Test("Better matches come first")
  func ranking() throws {
    let index = try makeIndex([
      (["Shirina Popescu"], nil, []), (["Shireen"], nil, []), (["Shirinoor"], nil, []), (["শিরিন"], nil, []),
      (["Shirin Akter Jahan"], nil, []), (["Shrin"], nil, []), (["Bogdan"], nil, []),
    ])
    #expect(try Self.records(index, "shirin") == [3, 4, 1, 0, 5, 2])
  }

  @Test("Equal matches come in the order of their ids, and no more than asked for")
  func limits() throws {
    let index = try makeIndex((0..<20).map { _ in (["Ana Popa"], nil, []) })
    #expect(try Self.records(index, "ana", limit: 5) == [0, 1, 2, 3, 4])
    #expect(try Self.records(index, "ana", limit: 0).isEmpty)
    #expect(try Self.records(index, "ana", limit: -1).isEmpty)
    #expect(try Self.records(index, "ana", limit: .max).count == 20)
  }

  @Test("Word order does not matter, and every required word counts")
  func words() throws {
    let index = try makeIndex([
      (["Shirin Begum"], nil, []), (["Rokeya Begum"], nil, []), (["Shirin Jahan"], nil, []),
      (["Jahan Ara Shirin Popa"], nil, []), (["Shirin"], nil, []),
    ])
    #expect(try Self.records(index, "begum shirin").first == 0)
    #expect(try Set(Self.records(index, "begum shirin")) == [0, 2, 3, 4])
    // A card that only says Shirin may be hers; Shirin Begum too, for a title is no other name.
    #expect(try Set(Self.records(index, "jahan shirin")) == [0, 2, 3, 4])
    #expect(try Self.records(index, "jahan shirin").first == 2)
    #expect(try Self.records(index, "jahan shirin popa").first == 3)
  }

  @Test("Words of one person's several names meet, in several scripts")
  func severalNames() throws {
    let index = try makeIndex([(["লক্ষ্মী দাস", "Divya"], nil, []), (["Lakshmi Roy"], nil, [])])
    #expect(try Self.records(index, "lakshmi divya") == [0])
    #expect(try Self.records(index, "laxmi das") == [0])
  }

  @Test("A year beside words ranks: same, next, unknown, other")
  func years() throws {
    let index = try makeIndex([
      (["Shirin"], 1985, []), (["Shirin"], nil, []), (["Shirin"], 2000, []), (["Shirin"], 1999, []),
      (["Rokeya"], 1999, []),
    ])
    #expect(try Self.records(index, "shirin 1999") == [3, 2, 1, 0])
    #expect(try Self.records(index, "1999") == [3, 4, 2])
  }

  @Test("A range of years excludes the others, and those without a year")
  func born() throws {
    let index = try makeIndex([(["Shirin"], 1997, []), (["Shirin"], nil, []), (["Shirin"], 2000, [])])
    let terms = try SearchTerms(parsing: "shirin")
    #expect(index.search(terms, born: 1998...2002, limit: 9).map(\.record) == [2])
    #expect(index.search(terms, born: 0...3000, limit: 9).map(\.record) == [0, 2])
  }

  @Test(
    "Telephone digits meet by the end or the middle, whatever script, spaces, country code or trunk zero",
    arguments: [
      ("5678", "phone: ends in the digits"), ("৫৬৭৮", "phone: ends in the digits"),
      ("1234", "phone: contains the digits"),
      ("01712 345678", "phone: same number"), ("+880 1712 345678", "phone: same number"),
      ("00880-1712-345678", "phone: same number"), ("1712345678", "phone: same number"),
      ("712345678", "phone: same number"), ("345678", "phone: ends in the digits"),
    ])
  func phones(query: String, reason: String) throws {
    let index = try makeIndex([(["Shirin"], nil, ["01712-345678"]), (["Ana"], nil, ["+40 755 111 222"])])
    let matches = index.search(try SearchTerms(parsing: query), limit: 5)
    #expect(matches.map(\.record) == [0])
    #expect(matches.first?.matchedOn == [reason])
  }

  @Test("Other digits, and digits beside another name, do not meet")
  func otherPhones() throws {
    let index = try makeIndex([(["Shirin"], nil, ["01712-345678"]), (["Ana"], nil, ["+44 (0)7700 900123"])])
    #expect(try Self.records(index, "5679").isEmpty)
    #expect(try Self.records(index, "shirin 0123").isEmpty)
    #expect(try Self.records(index, "shirin 5678") == [0])
    #expect(try Self.records(index, "+447700900123") == [1])
  }

  @Test("Numbers are not found without the contact card")
  func noContact() throws {
    var index = CardIndex(arena: PlainArena())
    try index.insert(record: 1, identity: Self.card("Shirin"))
    #expect(try Self.records(index, "345678").isEmpty)
    #expect(try Self.records(index, "shirin") == [1])
  }

  @Test("The answer says which name matched and how, and repeats no term")
  func reasons() throws {
    var index = CardIndex(arena: PlainArena())
    let card = try IdentityCard(
      names: [
        .init(text: "Lumi", kind: .imposed, isNeverAloud: true),
        .init(text: "শিরিন", script: "Beng", kind: .chosen),
      ], yearOfBirth: 1999)
    let contact = try ContactCard(phones: ["01712345678"], contactWarning: "Call on Mondays only")
    try index.insert(record: 9, identity: card.encoded(), contact: contact.encoded())
    let match = try #require(index.search(SearchTerms(parsing: "shireen 1999"), limit: 1).first)
    #expect(match.displayName == "শিরিন")
    #expect(match.yearOfBirth == 1999)
    #expect(match.contactWarning == "Call on Mondays only")
    #expect(match.matchedOn == ["chosen name “শিরিন”: spelling variant", "year of birth"])
    let silent = try #require(index.search(SearchTerms(parsing: "lumy"), limit: 1).first)
    #expect(silent.displayName == "শিরিন")
    #expect(silent.matchedOn == ["imposed name (never aloud): spelling variant"])
    let slip = try #require(index.search(SearchTerms(parsing: "shrin"), limit: 1).first)
    #expect(slip.matchedOn == ["chosen name “শিরিন”: 1 letter different"])
  }

  @Test("Someone without a name to say has a placeholder")
  func placeholders() throws {
    var index = CardIndex(arena: PlainArena())
    let silent = try IdentityCard(names: [.init(text: "Lumi", kind: .imposed, isNeverAloud: true)], yearOfBirth: 1990)
    try index.insert(record: 1, identity: silent.encoded())
    try index.insert(record: 2, identity: IdentityCard(names: [], yearOfBirth: 1990).encoded())
    let names = index.search(try SearchTerms(parsing: "1990"), limit: 5).map(\.displayName)
    #expect(names == [CardMatch.unspokenName, CardMatch.missingName])
  }

  @Test("A name that somebody imposed finds a person and is not shown as theirs")
  func imposed() throws {
    var index = CardIndex(arena: PlainArena())
    let card = try IdentityCard(
      names: [
        .init(text: "Lumi", kind: .imposed, isNeverAloud: false),
        .init(text: "শিরিন", kind: .chosen, isNeverAloud: false),
      ], yearOfBirth: 1990)
    try index.insert(record: 1, identity: card.encoded())
    #expect(index.search(try SearchTerms(parsing: "lumi"), limit: 5).map(\.displayName) == ["শিরিন"])
  }

  @Test("Cards are inserted once, replaced and removed when there")
  func changes() throws {
    var index = CardIndex(arena: PlainArena())
    try index.insert(record: 1, identity: Self.card("Shirin"))
    #expect(throws: SearchError(.duplicateRecord)) { try index.insert(record: 1, identity: Self.card("Ana")) }
    #expect(throws: SearchError(.unknownRecord)) { try index.replace(record: 2, identity: Self.card("Ana")) }
    #expect(throws: SearchError(.unknownRecord)) { try index.remove(record: 2) }
    #expect(throws: SearchError(.malformedCard)) { try index.replace(record: 1, identity: []) }
    #expect(try Self.records(index, "shirin") == [1])
    try index.replace(record: 1, identity: Self.card("Bogdan"))
    #expect(try Self.records(index, "shirin").isEmpty)
    #expect(try Self.records(index, "bogdan") == [1])
    try index.remove(record: 1)
    #expect(index.count == 0)
    #expect(try Self.records(index, "bogdan").isEmpty)
  }

  @Test("P12 What is replaced or removed is overwritten in the arena")
  func wiping() throws {
    var index = CardIndex(arena: PlainArena())
    try index.insert(record: 1, identity: Self.card("Shirin"))
    try index.insert(record: 2, identity: Self.card("Bogdan"))
    #expect(index.arena.bytes.contains("Shirin"))
    try index.replace(record: 1, identity: Self.card("Esmeralda"))
    #expect(!index.arena.bytes.contains("Shirin"))
    try index.remove(record: 2)
    #expect(!index.arena.bytes.contains("Bogdan"))
    #expect(!index.arena.bytes.contains("bogdan"))
    try index.remove(record: 1)
    #expect(index.arena.bytes.allSatisfy { $0 == 0 })
    #expect(!index.arena.wiped.isEmpty)
  }

  @Test("A long life of changes leaves the index right, and no trace between the entries")
  func churn() throws {
    var generator = SearchSeededGenerator(seed: 5)
    var index = CardIndex(arena: PlainArena(byteCountMax: 400_000))
    var alive: [UInt64: Int] = [:]
    for round in 0..<6_000 {
      let record = UInt64.random(in: 0..<900, using: &generator)
      let year = 1900 + round % 100
      let identity = try Self.card(String(repeating: "Ana ", count: 1 + round % 7), year)
      if alive[record] == nil {
        try index.insert(record: record, identity: identity)
        alive[record] = year
      } else if round % 3 == 0 {
        try index.remove(record: record)
        alive[record] = nil
      } else {
        try index.replace(record: record, identity: identity)
        alive[record] = year
      }
    }
    #expect(index.count == alive.count)
    for (record, year) in alive {
      let terms = try SearchTerms(parsing: "ana")
      let found = index.search(terms, born: year...year, limit: 500)
      #expect(found.contains { $0.record == record && $0.yearOfBirth == year })
    }
    for record in alive.keys { try index.remove(record: record) }
    #expect(index.arena.bytes.allSatisfy { $0 == 0 })
  }

  @Test("A full arena refuses the card and leaves the index as it was")
  func full() throws {
    var index = CardIndex(arena: PlainArena(byteCountMax: 600))
    var inserted: UInt64 = 0
    #expect(throws: SearchError(.arenaFull)) {
      while inserted < 100 {
        try index.insert(record: inserted, identity: Self.card("Shirin"))
        inserted += 1
      }
    }
    #expect(inserted > 2)
    #expect(try Self.records(index, "shirin", limit: 100).count == Int(inserted))
    #expect(throws: SearchError(.arenaFull)) { try index.replace(record: 0, identity: Self.card("Bogdan")) }
    #expect(try Self.records(index, "shirin", limit: 100).count == Int(inserted))
    try index.remove(record: 1)
    try index.replace(record: 0, identity: Self.card("Bogdan"))
    #expect(try Self.records(index, "bogdan") == [0])
  }
}

@Suite("Possible duplicates")
struct PossibleDuplicateTests {
  static func duplicates(
    _ name: String, _ year: Int?, phones: [String] = [], excluding: Set<UInt64> = [],
    in index: borrowing CardIndex<PlainArena>
  ) throws -> [UInt64] {
    let card = try IdentityCard(names: [.init(text: name, kind: .legal)], yearOfBirth: year)
    let contact = try ContactCard(phones: phones, contactWarning: nil)
    return index.possibleDuplicates(of: card, contact: contact, excluding: excluding, limit: 5).map(\.record)
  }

  static func sample() throws -> CardIndex<PlainArena> {
    try makeIndex([
      (["শিরিন আক্তার"], 1999, []), (["Shirin Akter"], 1985, []), (["Ana Popescu"], nil, []), (["Ana"], nil, []),
      (["Bogdan Ionescu"], 1990, ["+40 755 111 222"]), (["Sharmin Akter"], 1999, []),
    ])
  }

  @Test("The same name in another script with a year that agrees is one")
  func sameName() throws {
    #expect(try Self.duplicates("Shireen Aktar", 1999, in: Self.sample()) == [0])
    #expect(try Self.duplicates("Shirin", 2001, in: Self.sample()) == [0])
    #expect(try Self.duplicates("Shirin", 2003, in: Self.sample()) == [])
  }

  @Test("Without years two words must agree, or the whole name")
  func withoutYears() throws {
    #expect(try Self.duplicates("Popescu Ana", 1990, in: Self.sample()) == [2, 3])
    #expect(try Self.duplicates("Ana", nil, in: Self.sample()) == [3])
  }

  @Test("The same telephone number is one under any name; another record's own is left out")
  func phone() throws {
    #expect(try Self.duplicates("Lumi", nil, phones: ["0755111222"], in: Self.sample()) == [4])
    #expect(try Self.duplicates("Lumi", nil, phones: ["0755111222"], excluding: [4], in: Self.sample()) == [])
    #expect(try Self.duplicates("Lumi", nil, phones: ["0755111223"], in: Self.sample()) == [])
  }

  @Test("Titles alone, no name and a slip in a short name are none")
  func noise() throws {
    #expect(try Self.duplicates("Begum", 1999, in: Self.sample()) == [])
    #expect(try Self.duplicates("", 1999, in: Self.sample()) == [])
    #expect(try Self.duplicates("Shiris", 1999, in: Self.sample()).contains(5) == false)
    #expect(try Self.duplicates("Ann", nil, in: Self.sample()) == [])
  }
}

extension [UInt8] {
  /// Whether the text's bytes stand in these.
  fileprivate func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    return indices.contains { self[$0...].starts(with: wanted) }
  }
}
