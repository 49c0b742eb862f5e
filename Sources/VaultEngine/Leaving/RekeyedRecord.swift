import VaultCrypto
import VaultModel
import VaultStore

/// The rows that bring the newest version of one record under the newest epochs of its programme.
struct RekeyedRecord {
  var changes: [RowChange] = []
  var epochs: [Compartment: UInt64] = [:]
  /// False where something lies under an older epoch that this session does not open.
  var isComplete = true
}

extension Vault {
  /// nil where there is no such record any more. Older versions stay as they are: whoever has left could read them.
  func rekeyed(
    _ id: RecordID, of caseload: RekeyBacklog.Caseload, by session: Session, in view: borrowing ReadView
  ) throws -> RekeyedRecord? {
    guard var head = try recordHead(id, in: view)?.head, let stored = head.stored else { return nil }
    var made = RekeyedRecord()
    var versions: Set<UInt64> = [head.version]
    for index in head.parts.indices {
      let part = head.parts[index]
      // Wraps for others go with what they were shared for: a referral, an exception.
      let compartment = head.compartment(of: part.section)
      guard part.recipient == .compartment(compartment), let newest = caseload.newest[compartment] else { continue }
      guard let wrap = try view.row(.wrap, RecordRows.wrapKey(keys, id, part)), wrap.version == part.version,
        SHA256.hash(wrap.body) == part.wrapHash
      else { throw VaultError.tampered("A section") }
      let epoch = try SealedBody.keying(of: wrap.body).epoch ?? 0
      guard epoch < newest else { continue }
      guard let held = session.held(compartment), held.keys[epoch] != nil, let current = held.current,
        current.epoch >= newest
      else {
        made.isComplete = false
        continue
      }
      // A body that others hold a wrap of is sealed anew when their access ends (`record.reseal`).
      let isShared = head.parts.contains { $0.section == part.section && $0.recipient != part.recipient }
      let isDeep = epoch < caseload.deep[compartment] ?? 0 && !isShared
      let fresh = try renewed(part, wrap: wrap.body, of: head, isDeep: isDeep, held.keys, current, in: view)
      made.changes += fresh.changes
      made.epochs[compartment] = current.epoch
      head.parts[index] = fresh.part
      versions.insert(part.version)
    }
    for index in head.cards.indices {
      let card = head.cards[index]
      let compartment = head.compartment(of: card.section)
      let key = RecordRows.cardKey(keys, id, card.section)
      guard let newest = caseload.newest[compartment] else { continue }
      guard let row = try view.row(.card, key), row.version == card.version, SHA256.hash(row.body) == card.bodyHash
      else { throw VaultError.tampered("A card") }
      let epoch = try SealedBody.keying(of: row.body).epoch ?? 0
      guard epoch < newest else { continue }
      guard let held = session.held(compartment), held.keys[epoch] != nil, let current = held.current,
        current.epoch >= newest
      else {
        made.isComplete = false
        continue
      }
      let place = SealedBody.Place(
        vault: keys.vault, record: id, section: card.section, version: card.version, compartment: compartment)
      var bytes = try SealedBody.openCard(row.body, at: place, with: held.keys, outerWrap: keys.outerWrap) { name in
        try author(name, in: compartment, view)
      }.copyBytes()
      defer { wipe(&bytes) }
      let body = try SealedBody.sealCard(bytes, at: place, by: .member(current), outerWrap: keys.outerWrap)
      made.changes.append(.put(.card, key, version: card.version, body: body, expect: .version(card.version)))
      made.epochs[compartment] = current.epoch
      head.cards[index] = RecordHead.Card(section: card.section, version: card.version, bodyHash: SHA256.hash(body))
    }
    guard !made.changes.isEmpty else { return made }
    made.changes.append(
      .put(
        .record, stored.key, version: stored.version,
        body: keys.sealMetadata(head.bytes, table: .record, key: stored.key, version: stored.version),
        expect: .exactly(version: stored.version, body: stored.body)))
    for version in versions.sorted() { made.changes.append(try revision(version, following: head, in: view)) }
    return made
  }

  /// One part under the newest epoch, with the rows it consists of.
  private func renewed(
    _ part: RecordHead.Part, wrap: [UInt8], of head: RecordHead, isDeep: Bool, _ held: [UInt64: CompartmentKey],
    _ current: CompartmentKey, in view: borrowing ReadView
  ) throws -> (part: RecordHead.Part, changes: [RowChange]) {
    let place = RecordRows.place(head, part, vault: keys.vault)
    let wrapKey = RecordRows.wrapKey(keys, head.id, part)
    guard isDeep else {
      let body = try SealedBody.rewrap(
        wrap, bodyHash: part.bodyHash, at: place, with: held, to: current, outerWrap: keys.outerWrap
      ) { name in try author(name, in: head.compartment(of: part.section), view) }
      let fresh = RecordHead.Part(
        section: part.section, version: part.version, bodyHash: part.bodyHash, recipient: part.recipient,
        wrapHash: SHA256.hash(body))
      return (
        fresh, [.put(.wrap, wrapKey, version: part.version, body: body, expect: .version(part.version))]
      )
    }
    let sectionKey = RecordRows.sectionKey(keys, head.id, part.section, version: part.version)
    guard let row = try view.row(.section, sectionKey), row.version == part.version,
      SHA256.hash(row.body) == part.bodyHash
    else { throw VaultError.tampered("A section") }
    var json = try SealedBody.openSection(
      row.body, hash: part.bodyHash, wrap: wrap, at: place, with: .member(held), outerWrap: keys.outerWrap
    ) { name in try author(name, in: head.compartment(of: part.section), view) }.copyBytes()
    defer { wipe(&json) }
    let sealed = try SealedBody.sealSection(json, at: place, by: .member(current), outerWrap: keys.outerWrap)
    let fresh = RecordHead.Part(
      section: part.section, version: part.version, bodyHash: SHA256.hash(sealed.body), recipient: part.recipient,
      wrapHash: SHA256.hash(sealed.wrap))
    return (
      fresh,
      [
        .put(.section, sectionKey, version: part.version, body: sealed.body, expect: .version(part.version)),
        .put(.wrap, wrapKey, version: part.version, body: sealed.wrap, expect: .version(part.version)),
      ]
    )
  }

  /// The revision that wrote a part names its hashes, as does the record: both follow.
  private func revision(
    _ version: UInt64, following head: RecordHead, in view: borrowing ReadView
  ) throws -> RowChange {
    let key = keys.rowKey(.revision, head.id.bytes, StoreKey.index(version))
    guard let row = try view.row(.revision, key) else { throw VaultError.tampered("A record") }
    var revision = try RecordHead(decoding: keys.openMetadata(row, table: .revision))
    revision.parts = revision.parts.map { part in
      head.parts.first {
        $0.section == part.section && $0.version == part.version && $0.recipient == part.recipient
      } ?? part
    }
    if version == head.version { revision.cards = head.cards }
    return .put(
      .revision, key, version: row.version,
      body: keys.sealMetadata(revision.bytes, table: .revision, key: key, version: row.version),
      expect: .exactly(version: row.version, body: row.body))
  }
}
