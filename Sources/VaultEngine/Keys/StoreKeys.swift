import VaultCrypto
import VaultModel
import VaultStore

/// What the root key opens: the store master's children, one for each use.
final class StoreKeys: Sendable {
  let vault: [UInt8]
  private let metadata: SymmetricKey
  private let index: SymmetricKey
  let rowSet: SymmetricKey
  let state: SymmetricKey
  let outerWrap: SymmetricKey
  /// Lines of the off-host journal.
  let journal: SymmetricKey
  /// Signs checkpoints.
  let log: SigningKey

  init(master: SymmetricKey, vault: [UInt8]) {
    self.vault = vault
    metadata = HKDF.deriveKey(from: master, label: "metadata-key")
    index = HKDF.deriveKey(from: master, label: "index-key")
    rowSet = HKDF.deriveKey(from: master, label: "row-set-key")
    state = HKDF.deriveKey(from: master, label: "state-key")
    outerWrap = HKDF.deriveKey(from: master, label: "outer-wrap-key")
    journal = HKDF.deriveKey(from: master, label: "journal-key")
    log = StoreKeys.logKey(master: master)
  }

  /// Needed before there is a vault id: the genesis names it.
  static func logKey(master: SymmetricKey) -> SigningKey {
    SigningKey(seed: HKDF.deriveKey(from: master, label: "log-key-seed"))
  }

  /// The store master, sealed under the root key: the body of `meta/master`.
  static func sealMaster(_ master: SymmetricKey, root: RootKey, vault: [UInt8]) -> [UInt8] {
    master.withBytes { unsafe Envelope.seal($0, key: root.key, suite: .exact, associatedData: masterContext(vault)) }
  }

  static func openMaster(_ body: [UInt8], root: RootKey, vault: [UInt8]) throws(VaultError) -> SymmetricKey {
    do {
      let opened = try Envelope.open(body, key: root.key, suite: .exact, associatedData: masterContext(vault))
      guard opened.byteCount == SymmetricKey.byteCount else {
        throw CryptoError(.malformed, "store master has another length")
      }
      return SymmetricKey(
        SecretBytes(count: 32) { target in opened.withBytes { unsafe target.copyMemory(from: $0) } })
    } catch {
      throw VaultError(
        .integrity, "The root key does not open this vault: it belongs to another one, or the vault was altered.",
        hint: "Check which root key file belongs to this data directory. If it is the right one, call the auditor.")
    }
  }

  /// The store master, sealed to the recovery seed: the body of `meta/escrow`.
  static func sealEscrow(_ master: SymmetricKey, to key: SealingKey, vault: [UInt8]) throws(CryptoError) -> [UInt8] {
    try HPKE.seal(master, to: key, info: escrowContext(vault), associatedData: [])
  }

  /// `notAuthentic` for another seed.
  static func openEscrow(_ body: [UInt8], with key: OpeningKey, vault: [UInt8]) throws(CryptoError) -> SymmetricKey {
    guard body.count == SymmetricKey.byteCount + HPKE.overheadByteCount else {
      throw CryptoError(.malformed, "escrowed master has another length")
    }
    return SymmetricKey(try HPKE.open(body, with: key, info: escrowContext(vault), associatedData: []))
  }

  private static func escrowContext(_ vault: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("store-master-escrow")
    encoding.append(vault)
    return encoding.bytes
  }

  static func masterContext(_ vault: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("store-master")
    encoding.append(vault)
    return encoding.bytes
  }

  // MARK: Rows

  static let rowKeyByteCount = 16

  /// BLAKE2b-128 under the index key: the file shows no name and no id.
  func rowKey(_ table: StoreTable, _ parts: [UInt8]...) -> [UInt8] {
    var encoding = CanonicalEncoding("row-key")
    encoding.append(table.rawValue)
    for part in parts { encoding.append(part) }
    return BLAKE2b.hash(encoding.bytes, key: index, byteCount: StoreKeys.rowKeyByteCount)
  }

  /// Stands before the row keys of everything that belongs to one record, so that its rows lie on the same pages of an
  /// index: random keys alone make a commit write a page a row. What it tells, that these rows were written together,
  /// their order in the file tells as well.
  func recordPrefix(_ record: RecordID) -> [UInt8] {
    var encoding = CanonicalEncoding("record-prefix")
    encoding.append(record.bytes)
    return Array(BLAKE2b.hash(encoding.bytes, key: index, byteCount: 16).prefix(8))
  }

  /// A keyed hash of a request, so that a retry can be told from another request without keeping either.
  func requestHash(_ bytes: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("request")
    encoding.append(bytes)
    return BLAKE2b.hash(encoding.bytes, key: index)
  }

  func sealMetadata(_ document: [UInt8], table: StoreTable, key: [UInt8], version: UInt64) -> [UInt8] {
    Envelope.seal(document, key: metadata, suite: .card, associatedData: metadataContext(table, key, version))
  }

  func openMetadata(_ row: StoredRow, table: StoreTable) throws(CryptoError) -> [UInt8] {
    try Envelope.open(
      row.body, key: metadata, suite: .card, associatedData: metadataContext(table, row.key, row.version)
    ).copyBytes()
  }

  private func metadataContext(_ table: StoreTable, _ key: [UInt8], _ version: UInt64) -> [UInt8] {
    var encoding = CanonicalEncoding("metadata")
    encoding.append(vault)
    encoding.append(table.rawValue)
    encoding.append(key)
    encoding.append(version)
    return encoding.bytes
  }

  /// What the row-set sum adds for a row (docs/format.md, "Row-set sum and state").
  func rowHash(_ table: StoreTable, key: [UInt8], version: UInt64, body: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("row")
    encoding.append(table.rawValue)
    encoding.append(key)
    encoding.append(version)
    encoding.append(SHA256.hash(body))
    return BLAKE2b.hash(encoding.bytes, key: rowSet)
  }

  /// What the sum over the texts beside the log adds for one, by the hash that its entry names.
  func textHash(_ hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("text")
    encoding.append(hash)
    return BLAKE2b.hash(encoding.bytes, key: rowSet)
  }
}
