import VaultCrypto
import VaultModel
import VaultStore

/// A version of a record on its way into the store: the rows of its new parts, and its head.
struct RecordRows {
  var head: RecordHead
  private(set) var changes: [RowChange] = []
  /// Cards as they are, for the index in memory.
  private(set) var identityCard: [UInt8]?
  private(set) var contactCard: [UInt8]?

  /// Under which epoch each compartment's parts were sealed: for the entry, so that they do not become durable after a
  /// newer one has begun.
  private(set) var epochs: [Compartment: UInt64] = [:]

  private let keys: StoreKeys
  /// The version that the store holds; the new head itself for a new record.
  private let before: RecordHead

  init(head: RecordHead, keys: StoreKeys) {
    self.head = head
    before = head
    self.keys = keys
  }

  /// The record is found by its programme again.
  var liftsRestriction: Bool { before.terms.isRestricted && !head.terms.isRestricted }

  /// The version after `before`.
  init(after before: RecordHead, keys: StoreKeys) {
    self.before = before
    self.keys = keys
    head = before
    head.version += 1
  }

  static func recordKey(_ keys: StoreKeys, _ id: RecordID) -> [UInt8] { keys.rowKey(.record, id.bytes) }

  static func revisionKey(_ keys: StoreKeys, _ id: RecordID, version: UInt64) -> [UInt8] {
    keys.rowKey(.revision, id.bytes, StoreKey.index(version))
  }

  static func sectionKey(_ keys: StoreKeys, _ id: RecordID, _ section: Section, version: UInt64) -> [UInt8] {
    keys.recordPrefix(id) + keys.rowKey(.section, id.bytes, Array(section.rawValue.utf8), StoreKey.index(version))
  }

  static func wrapKey(_ keys: StoreKeys, _ id: RecordID, _ part: RecordHead.Part) -> [UInt8] {
    keys.recordPrefix(id)
      + keys.rowKey(
        .wrap, id.bytes, Array(part.section.rawValue.utf8), StoreKey.index(part.version),
        Array(part.recipient.description.utf8))
  }

  static func cardKey(_ keys: StoreKeys, _ id: RecordID, _ section: Section) -> [UInt8] {
    keys.recordPrefix(id) + keys.rowKey(.card, id.bytes, Array(section.rawValue.utf8))
  }

  static func place(_ head: RecordHead, _ part: RecordHead.Part, vault: [UInt8]) -> SealedBody.Place {
    SealedBody.Place(
      vault: vault, record: head.id, section: part.section, version: part.version, recipient: part.recipient)
  }

  /// Somebody to wrap a section's key for.
  struct Wrap {
    let recipient: WrapRecipient
    let sealer: SealedBody.Sealer
  }

  /// Who is given a key was looked up under this epoch, also where the wrap is for a person: it must not become durable
  /// after somebody has left.
  mutating func rest(on section: Section, heldBy session: Session) {
    let compartment = head.compartment(of: section)
    guard let epoch = session.held(compartment)?.newest else { return }
    epochs[compartment] = min(epochs[compartment] ?? epoch, epoch)
  }

  /// Seals one section at the head's version under a fresh key, wrapped for those named and for nobody else, and the
  /// card that follows from it.
  ///
  /// - Parameter card: nil where the record is not to be found by its programme.
  mutating func put(
    _ section: Section, _ values: [String: JSONValue], for wraps: [Wrap], card: SealedBody.Sealer?
  ) throws {
    let place = SealedBody.Place(
      vault: keys.vault, record: head.id, section: section, version: head.version,
      compartment: head.compartment(of: section))
    var json = JSONValue.object(values).canonicalBytes()
    defer { wipe(&json) }
    let sectionKey = TransientKey.random()
    let body = SealedBody.sealBody(json, at: place, key: sectionKey)
    for part in head.parts where part.section == section { drop(part) }
    for wrap in wraps { try add(wrap, to: section, version: head.version, SHA256.hash(body), key: sectionKey) }
    head.terms.stale.remove(section)
    changes.append(
      .put(
        .section, RecordRows.sectionKey(keys, head.id, section, version: head.version), version: head.version,
        body: body, expect: .absent))
    switch section {
    case .identity:
      let bytes = try CardMaking.identityCard(values).encoded()
      try putCard(bytes, at: place, by: card)
      identityCard = bytes
    case .contact:
      let bytes = try CardMaking.contactCard(values).encoded()
      try putCard(bytes, at: place, by: card)
      contactCard = bytes
    default: break
    }
  }

  /// One wrap more of a section as it stands.
  mutating func share(_ section: Section, with wrap: Wrap, key: borrowing TransientKey) throws {
    guard let body = head.body(of: section) else { return }
    try add(wrap, to: section, version: body.version, body.hash, key: key)
  }

  /// Takes out every part that the head's terms do not call for any more; the sections that others held, and who may
  /// have kept the key.
  mutating func dropUncalled() -> Set<Section> {
    let uncalled = head.parts.filter { !head.isCalledFor($0) }
    for part in uncalled { drop(part) }
    return Set(uncalled.map(\.section))
  }

  /// What belongs into the same transaction.
  mutating func add(_ others: [RowChange]) { changes += others }

  private mutating func add(
    _ wrap: Wrap, to section: Section, version: UInt64, _ bodyHash: [UInt8], key: borrowing TransientKey
  ) throws {
    let place = SealedBody.Place(
      vault: keys.vault, record: head.id, section: section, version: version, recipient: wrap.recipient)
    if case .compartment(let compartment) = wrap.recipient, let epoch = wrap.sealer.keying.epoch {
      epochs[compartment] = epoch
    }
    let sealed = try SealedBody.wrap(key, bodyHash: bodyHash, at: place, by: wrap.sealer, outerWrap: keys.outerWrap)
    let part = RecordHead.Part(
      section: section, version: version, bodyHash: bodyHash, recipient: wrap.recipient,
      wrapHash: SHA256.hash(sealed))
    // A wrap for the same recipient gives way: the terms changed, or the recipient's key.
    let replaces = head.parts.contains { $0.section == section && $0.recipient == wrap.recipient }
    head.parts.removeAll { $0.section == section && $0.recipient == wrap.recipient }
    head.parts.append(part)
    head.parts.sort {
      ($0.section.rawValue, $0.recipient.description) < ($1.section.rawValue, $1.recipient.description)
    }
    changes.append(
      .put(
        .wrap, RecordRows.wrapKey(keys, head.id, part), version: version, body: sealed,
        expect: replaces ? .present : .absent))
  }

  /// A standing part's wrap stays for its revision; a passing one goes for good.
  private mutating func drop(_ part: RecordHead.Part) {
    head.parts.removeAll { $0.section == part.section && $0.recipient == part.recipient }
    guard !before.isStanding(part) else { return }
    changes.append(.delete(.wrap, RecordRows.wrapKey(keys, head.id, part), expect: .version(part.version)))
  }

  private mutating func putCard(_ card: [UInt8], at place: SealedBody.Place, by sealer: SealedBody.Sealer?) throws {
    guard let sealer else { return removeCard(place.section) }
    let body = try SealedBody.sealCard(card, at: place, by: sealer, outerWrap: keys.outerWrap)
    head.cards.removeAll { $0.section == place.section }
    head.cards.append(RecordHead.Card(section: place.section, version: place.version, bodyHash: SHA256.hash(body)))
    head.cards.sort { $0.section.rawValue < $1.section.rawValue }
    changes.append(
      .put(.card, RecordRows.cardKey(keys, head.id, place.section), version: place.version, body: body, expect: .any))
  }

  /// Programmes do not find a record that is kept to named people.
  mutating func dropCards() {
    for card in head.cards { removeCard(card.section) }
  }

  private mutating func removeCard(_ section: Section) {
    guard head.cards.contains(where: { $0.section == section }) else { return }
    head.cards.removeAll { $0.section == section }
    changes.append(.delete(.card, RecordRows.cardKey(keys, head.id, section), expect: .present))
  }

  /// The rows of the head, current and historical, to be submitted with the parts.
  func headChanges(expect: RowExpectation) -> [RowChange] {
    let key = RecordRows.recordKey(keys, head.id)
    let revision = keys.rowKey(.revision, head.id.bytes, StoreKey.index(head.version))
    let bytes = head.bytes
    // A re-key changes a record within its version: what it wrote must not be undone by an edit that did not see it.
    var expect = expect
    if case .version(let version) = expect, let stored = head.stored, stored.version == version {
      expect = .exactly(version: version, body: stored.body)
    }
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
