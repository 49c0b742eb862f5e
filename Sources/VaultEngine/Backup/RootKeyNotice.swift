import VaultCrypto
import VaultStore

/// What the daemon is asked to put into `meta/master` while it serves: the store master under a new root key, in an
/// envelope that only somebody who holds the master can have made (docs/format.md, "Root key").
struct RootKeyNotice: Sendable, Equatable {
  /// Of the row that it replaces, plus one.
  let version: UInt64
  /// The new body, enveloped as a metadata row of that key and version is.
  let sealed: [UInt8]

  private static let sealedByteCountMax = 512

  init(master: SymmetricKey, root: RootKey, keys: StoreKeys, after version: UInt64) {
    self.version = version + 1
    sealed = keys.sealMetadata(
      StoreKeys.sealMaster(master, root: root, vault: keys.vault), table: .meta, key: OpenedStore.masterKey,
      version: version + 1)
  }

  init(decoding bytes: [UInt8]) throws(CryptoError) {
    var decoder = try CanonicalDecoder(bytes, purpose: "root-key-notice")
    version = try decoder.integer()
    sealed = try decoder.field(limit: RootKeyNotice.sealedByteCountMax)
    try decoder.finish()
    guard version > 1 else { throw CryptoError(.malformed, "a row that replaces none") }
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("root-key-notice")
    encoding.append(version)
    encoding.append(sealed)
    return encoding.bytes
  }

  /// The body of `meta/master`; `notAuthentic` from anybody who does not hold the store master.
  func body(_ keys: StoreKeys) throws(CryptoError) -> [UInt8] {
    try keys.openMetadata(
      StoredRow(key: OpenedStore.masterKey, version: version, body: sealed), table: .meta)
  }
}
