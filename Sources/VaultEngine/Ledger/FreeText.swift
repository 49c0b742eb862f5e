import VaultCrypto
import VaultStore

/// A reason or a search term, beside the log: ciphertext under a key of its own, which is sealed to the auditors and lies
/// in the same row. The entry holds the row's hash, so erasing the row changes no entry.
enum FreeText {
  /// Search terms have 256 bytes; reasons 2,000.
  static let byteCountMax = 4096

  /// The row, and what the entry says of it.
  static func seal(
    _ text: String, audit: (key: SealingKey, epoch: UInt64), vault: [UInt8]
  ) throws(CryptoError) -> (change: RowChange, hash: [UInt8]) {
    let rowKey = randomBytes(16)
    let textKey = SymmetricKey.random()
    let context = context(vault, rowKey, epoch: audit.epoch)
    var bytes = Array(text.utf8)
    defer { wipe(&bytes) }
    var body = StoreKey.index(audit.epoch)
    body += try HPKE.seal(textKey, to: audit.key, info: context, associatedData: [])
    body += Envelope.seal(bytes, key: textKey, suite: .card, associatedData: context)
    var encoding = CanonicalEncoding("free-text")
    encoding.append(rowKey)
    encoding.append(body)
    return (.put(.freeText, rowKey, version: 1, body: body, expect: .absent), SHA256.hash(encoding.bytes))
  }

  static func open(_ row: StoredRow, with keys: [UInt64: CompartmentKey], vault: [UInt8]) throws -> String? {
    guard row.body.count > 8 + 80, let epoch = StoreKey.index(of: Array(row.body.prefix(8))), let key = keys[epoch]
    else {
      throw VaultError.tampered("A text beside the log")
    }
    let context = context(vault, row.key, epoch: epoch)
    let textKey = SymmetricKey(
      try HPKE.open(Array(row.body[8..<88]), with: key.opening, info: context, associatedData: []))
    let text = try Envelope.open(Array(row.body[88...]), key: textKey, suite: .card, associatedData: context)
    return String(validating: text.copyBytes(), as: UTF8.self)
  }

  static func hash(of row: StoredRow) -> [UInt8] {
    var encoding = CanonicalEncoding("free-text")
    encoding.append(row.key)
    encoding.append(row.body)
    return SHA256.hash(encoding.bytes)
  }

  private static func context(_ vault: [UInt8], _ rowKey: [UInt8], epoch: UInt64) -> [UInt8] {
    var encoding = CanonicalEncoding("free-text-context")
    encoding.append(vault)
    encoding.append(rowKey)
    encoding.append(epoch)
    return encoding.bytes
  }
}
