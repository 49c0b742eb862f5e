import VaultCrypto
import VaultModel
import VaultStore

/// What the vault knows of a record without opening it: its programme, its version, and the hash of every bulk body
/// that belongs to it (docs/format.md, "Rows"). The row-set sum covers it, so a bulk row cannot change unnoticed.
struct RecordHead: Sendable {
  /// One wrap of a section's key. A section has one body, and a part for each who may open it.
  struct Part: Sendable {
    let section: Section
    /// The record's version at which the section was last written.
    let version: UInt64
    let bodyHash: [UInt8]
    let recipient: WrapRecipient
    let wrapHash: [UInt8]
  }

  /// Every section for all that terms can name, with the compartment or the recovery seed.
  private static let partCountMax =
    Section.allCases.count
    * (2 + RecordTerms.namedCountMax + RecordTerms.referralCountMax + RecordTerms.emergencyCountMax)
  private static let termsByteCountMax = 32 << 10

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
  var terms: RecordTerms
  /// The row that this was read from, or follows; nil for a new record.
  var stored: StoredRow?

  init(
    id: RecordID, programme: ProgrammeID, version: UInt64, created: Timestamp, creator: AccountName, changed: Timestamp,
    author: AccountName, assignment: RecordAssignment, parts: [Part], cards: [Card], terms: RecordTerms = RecordTerms()
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
    self.terms = terms
  }

  /// The record's own compartment of a section.
  func compartment(of section: Section) -> Compartment { .section(programme, section) }

  /// Whether a part belongs to its version for good, rather than to something that ends. Of a restriction that a restore
  /// repeated the programme's wraps stand until somebody whom it names has sealed the section anew.
  func isStanding(_ part: Part) -> Bool {
    switch part.recipient {
    case .compartment(let compartment):
      (!terms.isRestricted || terms.stale.contains(part.section)) && compartment == self.compartment(of: part.section)
    case .person(let name): terms.named.contains(name)
    case .recovery: terms.isRestricted
    }
  }

  /// Whether the terms call for a part: with the root key one could be put in for anybody.
  func isCalledFor(_ part: Part) -> Bool {
    if isStanding(part) { return true }
    let isReferred = terms.referrals.contains { referral in
      referral.sections.contains(part.section) && referral.receiver.recipient(of: part.section) == part.recipient
    }
    return isReferred || terms.emergencies.contains { part.recipient == .person($0.account) }
  }

  /// The body that all parts of a section share; nil where the record has no such section.
  func body(of section: Section) -> (version: UInt64, hash: [UInt8])? {
    parts.first { $0.section == section }.map { ($0.version, $0.bodyHash) }
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
    for _ in 0..<(try decoder.count(limit: RecordHead.partCountMax)) {
      var item = try CanonicalDecoder(decoder.field(limit: 512), purpose: "part")
      parts.append(
        Part(
          section: try Section(decoding: item.text(limit: 32)), version: try item.integer(),
          bodyHash: try item.field(exactly: 32),
          recipient: try WrapRecipient(decoding: item.text(limit: WrapRecipient.textByteCountMax)),
          wrapHash: try item.field(exactly: 32)))
      try item.finish()
    }
    self.parts = parts
    var cards: [Card] = []
    for _ in 0..<(try decoder.count(limit: Section.allCases.count)) {
      var item = try CanonicalDecoder(decoder.field(limit: 256), purpose: "card-part")
      cards.append(
        Card(
          section: try Section(decoding: item.text(limit: 32)), version: try item.integer(),
          bodyHash: try item.field(exactly: 32)))
      try item.finish()
    }
    self.cards = cards
    terms = try RecordTerms(decoding: decoder.field(limit: RecordHead.termsByteCountMax))
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
        item.append(part.recipient.description)
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
    encoding.append(terms.bytes)
    return encoding.bytes
  }
}
