import VaultCrypto
import VaultModel
import VaultStore

/// A version of a record on its way into the store: the rows of its new parts, and its head.
struct RecordRows {
  private(set) var head: RecordHead
  private(set) var changes: [RowChange] = []
  /// Cards as they are, for the index in memory.
  private(set) var identityCard: [UInt8]?
  private(set) var contactCard: [UInt8]?

  private let keys: StoreKeys

  init(head: RecordHead, keys: StoreKeys) {
    self.head = head
    self.keys = keys
  }

  static func recordKey(_ keys: StoreKeys, _ id: RecordID) -> [UInt8] { keys.rowKey(.record, id.bytes) }

  static func sectionKey(_ keys: StoreKeys, _ id: RecordID, _ section: Section, version: UInt64) -> [UInt8] {
    keys.recordPrefix(id) + keys.rowKey(.section, id.bytes, Array(section.rawValue.utf8), StoreKey.index(version))
  }

  static func wrapKey(_ keys: StoreKeys, _ id: RecordID, _ part: RecordHead.Part) -> [UInt8] {
    keys.recordPrefix(id)
      + keys.rowKey(
        .wrap, id.bytes, Array(part.section.rawValue.utf8), StoreKey.index(part.version),
        Array(part.compartment.description.utf8))
  }

  static func cardKey(_ keys: StoreKeys, _ id: RecordID, _ section: Section) -> [UInt8] {
    keys.recordPrefix(id) + keys.rowKey(.card, id.bytes, Array(section.rawValue.utf8))
  }

  static func place(_ head: RecordHead, _ part: RecordHead.Part, vault: [UInt8]) -> SealedBody.Place {
    SealedBody.Place(
      vault: vault, record: head.id, section: part.section, version: part.version, compartment: part.compartment)
  }

  /// Seals one section at the head's version, and the card that follows from it.
  mutating func put(_ section: Section, _ values: [String: JSONValue], by sealer: SealedBody.Sealer) throws {
    let compartment = Compartment.section(head.programme, section)
    let place = SealedBody.Place(
      vault: keys.vault, record: head.id, section: section, version: head.version, compartment: compartment)
    var json = JSONValue.object(values).canonicalBytes()
    defer { wipe(&json) }
    let sealed = try SealedBody.sealSection(json, at: place, by: sealer, outerWrap: keys.outerWrap)
    let part = RecordHead.Part(
      section: section, version: head.version, bodyHash: SHA256.hash(sealed.body), compartment: compartment,
      wrapHash: SHA256.hash(sealed.wrap))
    head.parts.removeAll { $0.section == section }
    head.parts.append(part)
    head.parts.sort { $0.section.rawValue < $1.section.rawValue }
    changes.append(
      .put(
        .section, RecordRows.sectionKey(keys, head.id, section, version: head.version), version: head.version,
        body: sealed.body,
        expect: .absent))
    changes.append(
      .put(.wrap, RecordRows.wrapKey(keys, head.id, part), version: head.version, body: sealed.wrap, expect: .absent))
    switch section {
    case .identity:
      let card = try CardMaking.identityCard(values).encoded()
      try putCard(card, at: place, by: sealer)
      identityCard = card
    case .contact:
      let card = try CardMaking.contactCard(values).encoded()
      try putCard(card, at: place, by: sealer)
      contactCard = card
    default: break
    }
  }

  private mutating func putCard(_ card: [UInt8], at place: SealedBody.Place, by sealer: SealedBody.Sealer) throws {
    let body = try SealedBody.sealCard(card, at: place, by: sealer, outerWrap: keys.outerWrap)
    head.cards.removeAll { $0.section == place.section }
    head.cards.append(RecordHead.Card(section: place.section, version: place.version, bodyHash: SHA256.hash(body)))
    head.cards.sort { $0.section.rawValue < $1.section.rawValue }
    changes.append(
      .put(.card, RecordRows.cardKey(keys, head.id, place.section), version: place.version, body: body, expect: .any))
  }

  /// The rows of the head, current and historical, to be submitted with the parts.
  func headChanges(expect: RowExpectation) -> [RowChange] {
    let key = RecordRows.recordKey(keys, head.id)
    let revision = keys.rowKey(.revision, head.id.bytes, StoreKey.index(head.version))
    let bytes = head.bytes
    return [
      .put(
        .record, key, version: head.version,
        body: keys.sealMetadata(bytes, table: .record, key: key, version: head.version), expect: expect),
      .put(
        .revision, revision, version: head.version,
        body: keys.sealMetadata(bytes, table: .revision, key: revision, version: head.version), expect: .absent),
    ]
  }
}
