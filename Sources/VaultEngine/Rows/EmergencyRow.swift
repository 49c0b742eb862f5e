import AccessLog
import VaultCrypto
import VaultModel
import VaultStore

/// A row `meta/glass/…`: somebody was let into one record for an emergency, and what an auditor found of it
/// (docs/format.md, "Rows").
struct EmergencyRow: Sendable {
  /// Those that wait for a review lie under a key of their own, so that looking for them passes over all others.
  static let openPrefix = Array("glass/open/".utf8)
  static let reviewedPrefix = Array("glass/done/".utf8)

  struct Review: Sendable {
    let auditor: AccountName
    let time: Timestamp
    /// Hash of the auditor's words beside the log.
    let text: [UInt8]
  }

  let record: RecordID
  let programme: ProgrammeID
  let emergency: RecordTerms.Emergency
  var review: Review?

  init(record: RecordID, programme: ProgrammeID, emergency: RecordTerms.Emergency) {
    self.record = record
    self.programme = programme
    self.emergency = emergency
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "glass")
    record = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
    programme = try ProgrammeID(decoder.text(limit: 64))
    emergency = try RecordTerms.Emergency(decoding: decoder.field(limit: 512))
    let auditor = try decoder.text(limit: 64)
    let time = Timestamp(milliseconds: try decoder.integer())
    let text = try decoder.field(limit: LogEntry.digestByteCount)
    try decoder.finish()
    review =
      auditor.isEmpty ? nil : Review(auditor: try AccountName(auditor), time: time, text: text)
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("glass")
    encoding.append(record.bytes)
    encoding.append(programme.description)
    encoding.append(emergency.bytes)
    encoding.append(review?.auditor.description ?? "")
    encoding.append(review?.time.milliseconds ?? 0)
    encoding.append(review?.text ?? [])
    return encoding.bytes
  }

  static func key(_ request: String, isReviewed: Bool, _ keys: StoreKeys) -> [UInt8] {
    let prefix = isReviewed ? reviewedPrefix : openPrefix
    return prefix + keys.rowKey(.meta, prefix, Array(request.utf8))
  }

  func put(_ keys: StoreKeys) -> RowChange {
    let key = EmergencyRow.key(emergency.request, isReviewed: review != nil, keys)
    return .put(
      .meta, key, version: 1, body: keys.sealMetadata(bytes, table: .meta, key: key, version: 1), expect: .absent)
  }

  /// Takes an open row away for the reviewed one.
  static func delete(_ request: String, _ keys: StoreKeys) -> RowChange {
    .delete(.meta, key(request, isReviewed: false, keys), expect: .present)
  }
}
