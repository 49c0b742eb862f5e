import VaultCrypto
import VaultModel

/// What the vault knows of a record without opening it: its programme, its version, and the hash of every bulk body
/// that belongs to it (docs/format.md, "Rows"). The row-set sum covers it, so a bulk row cannot change unnoticed.
struct RecordHead: Sendable {
  struct Part: Sendable {
    let section: Section
    /// The record's version at which the section was last written.
    let version: UInt64
    let bodyHash: [UInt8]
    let compartment: Compartment
    let wrapHash: [UInt8]
  }

  struct Card: Sendable {
    let section: Section
    let version: UInt64
    let bodyHash: [UInt8]
  }

  let id: RecordID
  let programme: ProgrammeID
  var version: UInt64
  let created: Timestamp
  let creator: AccountName
  var changed: Timestamp
  var author: AccountName
  var assignment: RecordAssignment
  /// Newest version of each section; ascending by name.
  var parts: [Part]
  var cards: [Card]

  init(
    id: RecordID, programme: ProgrammeID, version: UInt64, created: Timestamp, creator: AccountName, changed: Timestamp,
    author: AccountName, assignment: RecordAssignment, parts: [Part], cards: [Card]
  ) {
    self.id = id
    self.programme = programme
    self.version = version
    self.created = created
    self.creator = creator
    self.changed = changed
    self.author = author
    self.assignment = assignment
    self.parts = parts
    self.cards = cards
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "record")
    id = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
    programme = try ProgrammeID(decoder.text(limit: 64))
    version = try decoder.integer()
    created = Timestamp(milliseconds: try decoder.integer())
    creator = try AccountName(decoder.text(limit: 64))
    changed = Timestamp(milliseconds: try decoder.integer())
    author = try AccountName(decoder.text(limit: 64))
    assignment = RecordAssignment(
      owner: try AccountName(decoder.text(limit: 64)),
      team: try (0..<decoder.count(limit: RecordAssignment.teamCountMax)).map { _ in
        try AccountName(decoder.text(limit: 64))
      })
    var parts: [Part] = []
    for _ in 0..<(try decoder.count(limit: Section.allCases.count * 16)) {
      var item = try CanonicalDecoder(decoder.field(limit: 512), purpose: "part")
      parts.append(
        Part(
          section: try RecordHead.section(item.text(limit: 32)), version: try item.integer(),
          bodyHash: try item.field(exactly: 32), compartment: try Compartment(item.text(limit: 128)),
          wrapHash: try item.field(exactly: 32)))
      try item.finish()
    }
    self.parts = parts
    var cards: [Card] = []
    for _ in 0..<(try decoder.count(limit: Section.allCases.count)) {
      var item = try CanonicalDecoder(decoder.field(limit: 256), purpose: "card-part")
      cards.append(
        Card(
          section: try RecordHead.section(item.text(limit: 32)), version: try item.integer(),
          bodyHash: try item.field(exactly: 32)))
      try item.finish()
    }
    self.cards = cards
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("record")
    encoding.append(id.bytes)
    encoding.append(programme.description)
    encoding.append(version)
    encoding.append(created.milliseconds)
    encoding.append(creator.description)
    encoding.append(changed.milliseconds)
    encoding.append(author.description)
    encoding.append(assignment.owner.description)
    encoding.append(list: assignment.team.map { Array($0.description.utf8) })
    encoding.append(
      list: parts.map { part in
        var item = CanonicalEncoding("part")
        item.append(part.section.rawValue)
        item.append(part.version)
        item.append(part.bodyHash)
        item.append(part.compartment.description)
        item.append(part.wrapHash)
        return item.bytes
      })
    encoding.append(
      list: cards.map { card in
        var item = CanonicalEncoding("card-part")
        item.append(card.section.rawValue)
        item.append(card.version)
        item.append(card.bodyHash)
        return item.bytes
      })
    return encoding.bytes
  }

  private static func section(_ text: String) throws(CryptoError) -> Section {
    guard let section = Section(rawValue: text) else { throw CryptoError(.malformed, "unknown section") }
    return section
  }
}
