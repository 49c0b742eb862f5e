import VaultCrypto

/// The first 98 bytes of a leaf (docs/format.md, "Log entry"): version ‖ kind ‖ audit epoch (u64) ‖ first index of the
/// log key (u64) ‖ sealed log key (80). The entry's envelope follows.
public struct LeafHeader: Hashable, Sendable {
  static let version: UInt8 = 1
  static let kind: UInt8 = 1
  static let sealedKeyByteCount = SymmetricKey.byteCount + HPKE.overheadByteCount
  public static let byteCount = EnvelopeSuite.leafHeaderByteCount
  /// Indices that one log key serves: its own and the 255 that follow.
  public static let keyIndexCount: UInt64 = 256

  /// Epoch of the audit compartment to which the log key is sealed.
  public let auditEpoch: UInt64
  /// Index of the entry for which the log key was born.
  public let firstIndex: UInt64
  /// HPKE encapsulated key (32) ‖ ciphertext (32) ‖ tag (16).
  let sealedKey: [UInt8]

  init(auditEpoch: UInt64, firstIndex: UInt64, sealedKey: [UInt8]) {
    precondition(sealedKey.count == LeafHeader.sealedKeyByteCount)
    self.auditEpoch = auditEpoch
    self.firstIndex = firstIndex
    self.sealedKey = sealedKey
  }

  var encoded: [UInt8] {
    var bytes = [LeafHeader.version, LeafHeader.kind]
    bytes.reserveCapacity(LeafHeader.byteCount)
    bytes.appendBigEndian(auditEpoch)
    bytes.appendBigEndian(firstIndex)
    bytes += sealedKey
    return bytes
  }

  /// Looks at the outside of a leaf. `malformed` for an impossible length, `unsupported` for another version or kind.
  public init(leaf: [UInt8]) throws(LogError) {
    guard leaf.count <= LogBound.leafByteCountMax, leaf.count.isMultiple(of: LogBound.leafByteCountUnit), !leaf.isEmpty
    else { throw LogError(.malformed, "leaf has an impossible length") }
    try self.init(encoded: leaf.prefix(LeafHeader.byteCount))
  }

  /// The header alone. `malformed` for another length, `unsupported` for another version or kind.
  init(encoded: some Collection<UInt8>) throws(LogError) {
    let bytes = Array(encoded)
    guard bytes.count == LeafHeader.byteCount else { throw LogError(.malformed, "leaf has an impossible length") }
    guard bytes[0] == LeafHeader.version else { throw LogError(.unsupported, "unknown leaf version") }
    guard bytes[1] == LeafHeader.kind else { throw LogError(.unsupported, "unknown leaf kind") }
    auditEpoch = bytes[2..<10].bigEndianInteger
    firstIndex = bytes[10..<18].bigEndianInteger
    sealedKey = Array(bytes[18...])
  }

  /// Whether the log key serves this index. Not `firstIndex + 255`: a hostile leaf may claim the last number there is.
  public func covers(_ index: UInt64) -> Bool {
    index >= firstIndex && index - firstIndex < LeafHeader.keyIndexCount
  }
}
