import VaultCrypto
import VaultModel
import VaultStore

/// What an `Idempotency-Key` was used for: kept for good, so that an import can be run again at any time.
struct RetryMemory {
  let record: RecordID
  let version: UInt64
  let requestHash: [UInt8]

  init(record: RecordID, version: UInt64, requestHash: [UInt8]) {
    self.record = record
    self.version = version
    self.requestHash = requestHash
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "idempotency")
    record = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
    version = try decoder.integer()
    requestHash = try decoder.field(exactly: 32)
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("idempotency")
    encoding.append(record.bytes)
    encoding.append(version)
    encoding.append(requestHash)
    return encoding.bytes
  }

  /// `scope`: the programme for new records, the record for edits.
  static func rowKey(_ keys: StoreKeys, scope: String, key: String) -> [UInt8] {
    keys.rowKey(.idempotency, Array(scope.utf8), Array(key.utf8))
  }

  func change(_ keys: StoreKeys, key: [UInt8]) -> RowChange {
    .put(
      .idempotency, key, version: 1, body: keys.sealMetadata(bytes, table: .idempotency, key: key, version: 1),
      expect: .absent)
  }
}
