import VaultCrypto
import VaultModel
import VaultStore

/// The rows of a submission: its head in `submission`, bodies in `section` and their sealed keys in `wrap`, beside those
/// of records and under keys that no record has.
enum SubmissionRows {
  /// Rows never change: they come, and go when an officer has decided.
  private static let version: UInt64 = 1
  private static let label = Array("submission".utf8)

  static func headKey(_ keys: StoreKeys, _ id: RecordID) -> [UInt8] { keys.rowKey(.submission, id.bytes) }

  static func bodyKey(_ keys: StoreKeys, _ id: RecordID, _ section: Section) -> [UInt8] {
    keys.recordPrefix(id) + keys.rowKey(.section, id.bytes, Array(section.rawValue.utf8), label)
  }

  static func sealedKeyKey(_ keys: StoreKeys, _ id: RecordID, _ section: Section) -> [UInt8] {
    keys.recordPrefix(id) + keys.rowKey(.wrap, id.bytes, Array(section.rawValue.utf8), label)
  }

  /// The head of what was handed in, and all its rows.
  static func new(
    _ sections: [SealedSection], id: RecordID, programme: ProgrammeID, service: AccountName, received: Timestamp,
    keys: StoreKeys
  ) -> (head: SubmissionHead, changes: [RowChange]) {
    var parts: [SubmissionHead.Part] = []
    var changes: [RowChange] = []
    var byteCount = 0
    for sealed in sections.sorted(by: { $0.section.rawValue < $1.section.rawValue }) {
      let place = SubmissionPlace(
        vault: keys.vault, submission: id, compartment: .section(programme, sealed.section))
      let bodyHash = SHA256.hash(sealed.body)
      var outer = CanonicalEncoding("submission-author")
      outer.append(service.description)
      outer.append(sealed.sealedKey)
      outer.append(sealed.signature)
      let key = Envelope.seal(
        outer.bytes, key: keys.outerWrap, suite: .card,
        associatedData: place.keyContext(epoch: sealed.epoch, bodyHash: bodyHash))
      parts.append(
        SubmissionHead.Part(
          section: sealed.section, epoch: sealed.epoch, bodyHash: bodyHash, keyHash: SHA256.hash(key)))
      changes.append(
        .put(.section, bodyKey(keys, id, sealed.section), version: version, body: sealed.body, expect: .absent))
      changes.append(
        .put(.wrap, sealedKeyKey(keys, id, sealed.section), version: version, body: key, expect: .absent))
      byteCount += sealed.body.count + key.count
    }
    let head = SubmissionHead(
      id: id, programme: programme, service: service, received: received, byteCount: UInt64(byteCount), parts: parts)
    let key = headKey(keys, id)
    changes.append(
      .put(
        .submission, key, version: version,
        body: keys.sealMetadata(head.bytes, table: .submission, key: key, version: version), expect: .absent))
    return (head, changes)
  }

  /// Takes all of it out of the store.
  static func removal(of head: SubmissionHead, keys: StoreKeys) -> [RowChange] {
    [.delete(.submission, headKey(keys, head.id), expect: .version(version))]
      + head.parts.flatMap { part -> [RowChange] in
        [
          .delete(.section, bodyKey(keys, head.id, part.section), expect: .version(version)),
          .delete(.wrap, sealedKeyKey(keys, head.id, part.section), expect: .version(version)),
        ]
      }
  }

  static func head(of row: StoredRow, keys: StoreKeys) throws -> SubmissionHead {
    let head = try SubmissionHead(decoding: keys.openMetadata(row, table: .submission))
    guard row.key == headKey(keys, head.id), row.version == version else {
      throw VaultError.tampered("A submission")
    }
    return head
  }

  /// A part as the service sealed it: the very bytes that were received, and signed by that service.
  static func part(
    _ part: SubmissionHead.Part, of head: SubmissionHead, keys: StoreKeys, in view: borrowing ReadView,
    author: (AccountName) throws -> [VerifyingKey]
  ) throws -> SealedSection {
    guard let body = try view.row(.section, bodyKey(keys, head.id, part.section)),
      let key = try view.row(.wrap, sealedKeyKey(keys, head.id, part.section)), body.version == version,
      key.version == version, SHA256.hash(body.body) == part.bodyHash, SHA256.hash(key.body) == part.keyHash
    else { throw VaultError.tampered("A submission") }
    let place = head.place(of: part, vault: keys.vault)
    let outer = try Envelope.open(
      key.body, key: keys.outerWrap, suite: .card,
      associatedData: place.keyContext(epoch: part.epoch, bodyHash: part.bodyHash)
    ).copyBytes()
    var decoder = try CanonicalDecoder(outer, purpose: "submission-author")
    let service = try AccountName(decoder.text(limit: 64))
    let sealed = SealedSection(
      section: part.section, epoch: part.epoch, body: body.body,
      sealedKey: try decoder.field(exactly: SealedSection.sealedKeyByteCount),
      signature: try decoder.field(exactly: VerifyingKey.signatureByteCount))
    try decoder.finish()
    guard service == head.service else { throw VaultError.tampered("An author") }
    // Under its keys of now or of before they were replaced.
    guard try author(service).contains(where: { (try? sealed.check(at: place, author: $0)) != nil }) else {
      throw VaultError.tampered("An author")
    }
    return sealed
  }
}
