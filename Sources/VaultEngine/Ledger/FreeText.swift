import VaultCrypto
import VaultStore

/// A reason or a search term, beside the log: ciphertext under a key of its own, which is sealed to the auditors and lies
/// in the same row. The entry holds the row's hash and the row's key is the hash's beginning, so nothing but the entry
/// ties a text to it, and erasing the row changes no entry.
enum FreeText {
  /// Search terms have 256 bytes; reasons 2,000.
  static let byteCountMax = 4096
  private static let saltByteCount = 16
  private static let epochEnd = saltByteCount + 8
  private static let sealedKeyEnd = epochEnd + 32 + HPKE.overheadByteCount
  private static let rowKeyByteCount = 16

  /// On its way into the store.
  struct Sealed: Sendable {
    let hash: [UInt8]
    let change: RowChange
  }

  static func seal(
    _ text: String, audit: (key: SealingKey, epoch: UInt64), vault: [UInt8]
  ) throws(CryptoError) -> Sealed {
    let salt = randomBytes(saltByteCount)
    let textKey = SymmetricKey.random()
    let context = context(vault, salt, epoch: audit.epoch)
    var bytes = Array(text.utf8)
    defer { wipe(&bytes) }
    var body = salt + StoreKey.index(audit.epoch)
    body += try HPKE.seal(textKey, to: audit.key, info: context, associatedData: [])
    body += Envelope.seal(bytes, key: textKey, suite: .card, associatedData: context)
    let hash = hash(of: body)
    return Sealed(hash: hash, change: .put(.freeText, rowKey(hash), version: 1, body: body, expect: .absent))
  }

  /// The text of an entry that names `hash`; `row` was found under its key.
  static func open(
    _ row: StoredRow, hash: [UInt8], with keys: [UInt64: CompartmentKey], vault: [UInt8]
  ) throws -> String? {
    guard isWhole(row), FreeText.hash(of: row.body) == hash, row.body.count > sealedKeyEnd,
      let epoch = StoreKey.index(of: Array(row.body[saltByteCount..<epochEnd])), let key = keys[epoch]
    else { throw VaultError.tampered("A text beside the log") }
    let context = context(vault, Array(row.body.prefix(saltByteCount)), epoch: epoch)
    let textKey = SymmetricKey(
      try HPKE.open(
        Array(row.body[epochEnd..<sealedKeyEnd]), with: key.opening, info: context, associatedData: []))
    let text = try Envelope.open(
      Array(row.body[sealedKeyEnd...]), key: textKey, suite: .card, associatedData: context)
    return String(validating: text.copyBytes(), as: UTF8.self)
  }

  /// Whether the row lies where its own content says.
  static func isWhole(_ row: StoredRow) -> Bool { row.version == 1 && row.key == rowKey(hash(of: row.body)) }

  static func rowKey(_ hash: [UInt8]) -> [UInt8] { Array(hash.prefix(rowKeyByteCount)) }

  static func hash(of body: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("free-text")
    encoding.append(body)
    return SHA256.hash(encoding.bytes)
  }

  private static func context(_ vault: [UInt8], _ salt: [UInt8], epoch: UInt64) -> [UInt8] {
    var encoding = CanonicalEncoding("free-text-context")
    encoding.append(vault)
    encoding.append(salt)
    encoding.append(epoch)
    return encoding.bytes
  }
}
