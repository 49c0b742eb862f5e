import Testing

@testable import VaultEngine

@Suite("Encodings of search cards")
struct CardCodecTests {
  static func identity() throws -> IdentityCard {
    try IdentityCard(
      names: [
        .init(text: "শিরিন আক্তার", script: "Beng", latin: "Shirin Akter", kind: .chosen),
        .init(text: "लक्ष्मी", script: "Deva", kind: .document, isNeverAloud: true),
        .init(text: "", kind: .nickname),
      ], yearOfBirth: 1999)
  }

  static func contact() throws -> ContactCard {
    try ContactCard(
      phones: ["+880 1712-345678", "০১৮১২ ৩৪৫৬৭৮", "12"], contactWarning: "Do not call: shared telephone")
  }

  @Test("An identity card survives its encoding")
  func identityRoundTrip() throws {
    let card = try Self.identity()
    let again = try IdentityCard(decoding: card.encoded())
    #expect(again == card)
    #expect(again.names[0].latin == "Shirin Akter")
    #expect(again.names[1].isNeverAloud)
    #expect(again.storedFoldingVersion == IdentityCard.foldingVersion)
    #expect(try IdentityCard(decoding: IdentityCard(names: [], yearOfBirth: nil).encoded()).yearOfBirth == nil)
  }

  @Test("A contact card survives its encoding and holds digits of any script as ASCII")
  func contactRoundTrip() throws {
    let card = try Self.contact()
    let again = try ContactCard(decoding: card.encoded())
    #expect(again == card)
    #expect(again.phoneDigits == ["8801712345678", "01812345678"])
    #expect(again.contactWarning == "Do not call: shared telephone")
  }

  @Test("Truncated, extended and empty cards are refused with a typed error")
  func wrongLengths() throws {
    let identity = try Self.identity().encoded()
    let contact = try Self.contact().encoded()
    for count in 0..<identity.count {
      #expect(throws: SearchError.self) { try IdentityCard(decoding: Array(identity.prefix(count))) }
    }
    for count in 0..<contact.count {
      #expect(throws: SearchError.self) { try ContactCard(decoding: Array(contact.prefix(count))) }
    }
    #expect(throws: SearchError(.malformedCard)) { try IdentityCard(decoding: identity + [0]) }
    #expect(throws: SearchError(.malformedCard)) { try ContactCard(decoding: contact + [0]) }
    #expect(throws: SearchError(.malformedCard)) { try IdentityCard(decoding: []) }
    #expect(throws: SearchError(.cardTooLarge)) {
      try IdentityCard(decoding: [UInt8](repeating: 1, count: IdentityCard.encodedByteCountMax + 1))
    }
    #expect(throws: SearchError(.cardTooLarge)) {
      try ContactCard(decoding: [UInt8](repeating: 1, count: ContactCard.encodedByteCountMax + 1))
    }
  }

  @Test("A flipped bit is refused or decodes to another card, which has that encoding and no other")
  func flippedBits() throws {
    for (original, decode) in [
      (try Self.identity().encoded(), { (bytes: [UInt8]) in try IdentityCard(decoding: bytes).encoded() }),
      (try Self.contact().encoded(), { (bytes: [UInt8]) in try ContactCard(decoding: bytes).encoded() }),
    ] {
      for place in original.indices {
        for bit in 0..<8 {
          var bytes = original
          bytes[place] ^= 1 << UInt8(bit)
          do {
            #expect(try decode(bytes) == bytes)
          } catch {
            #expect(error is SearchError)
          }
        }
      }
    }
  }

  @Test(
    "Each field out of its bounds is refused",
    arguments: [
      // Version, year 1, too many names, kind 5, aloud 2, script length 17, script "1", word flags 4, letter count 0.
      [2, 1, 0, 0, 0], [1, 1, 0, 1, 0], [1, 1, 0, 0, 33], [1, 1, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0],
      [1, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0],
      [1, 1, 0, 0, 1, 0, 0, 17] + [UInt8](repeating: 65, count: 17) + [0, 0, 0, 0, 0],
      [1, 1, 0, 0, 1, 0, 0, 1, 0x31, 0, 0, 0, 0, 0], [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 4, 1, 1, 0x61, 0x61],
      [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0x61],
      [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0x61, 0x41],
      // Text that is not UTF-8.
      [1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0xFF, 0, 0, 0],
    ] as [[UInt8]])
  func refusedFields(bytes: [UInt8]) throws {
    #expect(throws: SearchError.self) { try IdentityCard(decoding: bytes) }
    // The smallest of their kind, to show that the cases above fail for their own reason.
    _ = try IdentityCard(decoding: [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0x61, 0x61])
  }

  @Test("Cards beyond their bounds cannot be made")
  func bounds() throws {
    let long = String(repeating: "a", count: IdentityCard.textByteCountMax + 1)
    #expect(throws: SearchError(.cardTooLarge)) { try IdentityCard.Name(text: long, kind: .legal) }
    #expect(throws: SearchError(.malformedCard)) { try IdentityCard.Name(text: "a", script: "B3", kind: .legal) }
    let name = try IdentityCard.Name(text: "Ana", kind: .legal)
    #expect(throws: SearchError(.cardTooLarge)) {
      try IdentityCard(names: Array(repeating: name, count: IdentityCard.nameCountMax + 1), yearOfBirth: nil)
    }
    #expect(throws: SearchError(.malformedCard)) { try IdentityCard(names: [], yearOfBirth: 99) }
    #expect(throws: SearchError(.cardTooLarge)) {
      try ContactCard(phones: Array(repeating: "12345", count: ContactCard.numberCountMax + 1), contactWarning: nil)
    }
  }

  @Test("P10 Twenty thousand random and damaged cards are refused or canonical, and never stop the program")
  func fuzz() throws {
    var generator = SearchSeededGenerator(seed: 11)
    let identity = try Self.identity().encoded()
    let contact = try Self.contact().encoded()
    var index = CardIndex(arena: PlainArena())
    let terms = try SearchTerms(parsing: "shirin 5678")
    var accepted = 0
    for round in 0..<20_000 {
      var bytes: [UInt8]
      switch round % 4 {
      case 0:
        bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
        }
        if bytes.count > 4 { bytes.replaceSubrange(0..<4, with: [1, 1, 0, 0]) }
      default:
        bytes = round % 4 == 1 ? contact : identity
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          let place = Int.random(in: bytes.indices, using: &generator)
          bytes[place] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      if let card = try? IdentityCard(decoding: bytes) { #expect(card.encoded() == bytes) }
      if let card = try? ContactCard(decoding: bytes) { #expect(card.encoded() == bytes) }
      let damagedContact = round % 4 == 1
      do {
        try index.insert(
          record: UInt64(round), identity: damagedContact ? identity : bytes, contact: damagedContact ? bytes : contact)
        accepted += 1
      } catch {
        let isThere = index.contains(UInt64(round))
        #expect(!isThere)
      }
      if round % 500 == 0 { _ = index.search(terms, limit: 5) }
    }
    #expect(index.count == accepted)
    #expect(accepted > 0)
    #expect(accepted < 20_000)
  }

  @Test("Cards, terms and matches print and mirror as placeholders")
  func redaction() throws {
    let card = try Self.identity()
    let terms = try SearchTerms(parsing: "shirin")
    var shown = "\(card) \(try Self.contact()) \(terms)"
    dump(card, to: &shown)
    dump(terms, to: &shown)
    dump(try Self.contact(), to: &shown)
    #expect(!shown.lowercased().contains("shirin"))
    #expect(!shown.contains("শিরিন"))
    #expect(!shown.contains("1712"))
  }
}
