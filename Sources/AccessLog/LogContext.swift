import VaultCrypto

/// Which log a leaf belongs to: it opens in no other vault, under no other origin and at no other index.
public struct LogContext: Hashable, Sendable {
  public static let vaultIDByteCount = 32

  /// SHA-256 of the genesis document.
  public let vaultID: [UInt8]
  public let origin: NoteName
  // What every entry's associated data begins with.
  private let entryPrefix: [UInt8]

  /// `malformed` unless the vault id has 32 bytes.
  public init(vaultID: [UInt8], origin: NoteName) throws(LogError) {
    guard vaultID.count == LogContext.vaultIDByteCount else {
      throw LogError(.malformed, "vault id has another length than 32 bytes")
    }
    self.vaultID = vaultID
    self.origin = origin
    var encoding = CanonicalEncoding("log-entry")
    encoding.append(vaultID)
    encoding.append(origin.text)
    entryPrefix = encoding.bytes
  }

  /// HPKE info of a sealed log key.
  func logKeyInfo(auditEpoch: UInt64, firstIndex: UInt64) -> [UInt8] {
    var encoding = CanonicalEncoding("log-key")
    encoding.append(vaultID)
    encoding.append(origin.text)
    encoding.append(auditEpoch)
    encoding.append(firstIndex)
    return encoding.bytes
  }

  /// Associated data of an entry's envelope: E("log-entry"; vault id, origin, index, header).
  func entryData(index: UInt64, header: some Collection<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entryPrefix.count + 4 + 8 + 4 + header.count)
    bytes += entryPrefix
    bytes.appendBigEndian(UInt32(8))
    bytes.appendBigEndian(index)
    bytes.appendBigEndian(UInt32(header.count))
    bytes += header
    return bytes
  }

  /// What BLAKE2b, keyed with the log key, turns into the entry's own key.
  static func entryKeyContext(index: UInt64) -> [UInt8] {
    var encoding = CanonicalEncoding("entry-key")
    encoding.append(index)
    return encoding.bytes
  }
}
