public import VaultCrypto

/// Writes leaves, and cannot read them back: it holds one log key, for at most one second or 256 entries, and forgets
/// it when the next is born (P5).
///
/// The caller's clock must neither jump nor stop (CLOCK_BOOTTIME). A log that falls silent needs `expire`, or its last
/// key would stay until the next entry.
public struct LeafSealer: ~Copyable, Sendable {
  /// The longest life of a log key: what an intruder can still read is what was written within it.
  public static let keyLifeNanoseconds: UInt64 = 1_000_000_000

  public let context: LogContext
  private var auditKey: SealingKey
  private var auditEpoch: UInt64
  // The log key goes with this value: its guarded memory is wiped as soon as nobody holds it.
  private var current: Current?

  private struct Current {
    let header: [UInt8]
    let firstIndex: UInt64
    let bornNanoseconds: UInt64
    let key: SymmetricKey
  }

  /// `auditKey`: public key of the audit compartment in `auditEpoch`.
  public init(context: LogContext, auditKey: SealingKey, auditEpoch: UInt64) {
    self.context = context
    self.auditKey = auditKey
    self.auditEpoch = auditEpoch
  }

  /// Whether a log key is held at this moment.
  public var holdsKey: Bool { current != nil }

  /// For the test that the key goes when it must.
  var heldKey: SymmetricKey? { current?.key }

  /// Seals to the compartment's next epoch from now on; the present log key is forgotten.
  public mutating func rekey(auditKey: SealingKey, auditEpoch: UInt64) {
    current = nil
    self.auditKey = auditKey
    self.auditEpoch = auditEpoch
  }

  /// Forgets the log key if it has had its second. For a timer.
  public mutating func expire(nowNanoseconds: UInt64) {
    if let current, LeafSealer.isOver(current, nowNanoseconds: nowNanoseconds) { self.current = nil }
  }

  /// Forgets the log key at once.
  public mutating func forget() { current = nil }

  /// The leaf of `entry` for this index. `outOfRange` or `malformed` for an entry beyond its bounds, `notAuthentic` for
  /// an audit key to which nothing can be sealed.
  public mutating func seal(
    _ entry: LogEntry, index: UInt64, nowNanoseconds: UInt64
  ) throws(LogError) -> [UInt8] {
    var encoded = try entry.encoded()
    defer { wipe(&encoded) }
    return try seal(encoded: encoded, index: index, nowNanoseconds: nowNanoseconds)
  }

  mutating func seal(encoded: [UInt8], index: UInt64, nowNanoseconds: UInt64) throws(LogError) -> [UInt8] {
    guard encoded.count <= LogBound.entryByteCountMax else {
      throw LogError(.outOfRange, "entry is larger than its bound")
    }
    let current = try keyed(for: index, nowNanoseconds: nowNanoseconds)
    let key = TransientKey.derived(from: current.key, context: LogContext.entryKeyContext(index: index))
    let envelope = Envelope.seal(
      encoded, key: key, suite: .leaf, associatedData: context.entryData(index: index, header: current.header))
    return current.header + envelope
  }

  private mutating func keyed(for index: UInt64, nowNanoseconds: UInt64) throws(LogError) -> Current {
    if let current, !LeafSealer.isOver(current, nowNanoseconds: nowNanoseconds), index >= current.firstIndex,
      index - current.firstIndex < LeafHeader.keyIndexCount
    {
      return current
    }
    // Forgotten before the next one is sealed: if that fails, none is left.
    current = nil
    let key = SymmetricKey.random()
    let info = context.logKeyInfo(auditEpoch: auditEpoch, firstIndex: index)
    let sealed: [UInt8]
    do { sealed = try HPKE.seal(key, to: auditKey, info: info, associatedData: []) } catch { throw LogError(error) }
    let header = LeafHeader(auditEpoch: auditEpoch, firstIndex: index, sealedKey: sealed)
    let born = Current(header: header.encoded, firstIndex: index, bornNanoseconds: nowNanoseconds, key: key)
    current = born
    return born
  }

  /// A clock that went back is no reason to keep a key longer.
  private static func isOver(_ current: Current, nowNanoseconds: UInt64) -> Bool {
    nowNanoseconds < current.bornNanoseconds || nowNanoseconds - current.bornNanoseconds >= keyLifeNanoseconds
  }

  /// A leaf of which everything random is given, for the worked example of docs/format.md and its test. Such a leaf
  /// must never be written: the nonce and the log key of an example are public.
  package static func sealDeterministically(
    _ entry: LogEntry, index: UInt64, context: LogContext, auditKey: SealingKey, auditEpoch: UInt64,
    firstIndex: UInt64, logKey: SymmetricKey, ephemeral: OpeningKey, nonce: [UInt8]
  ) throws(LogError) -> [UInt8] {
    let info = context.logKeyInfo(auditEpoch: auditEpoch, firstIndex: firstIndex)
    let sealed: [UInt8]
    do {
      sealed = try logKey.withBytes { bytes throws(CryptoError) in
        try unsafe HPKE.seal(bytes, to: auditKey, info: info, associatedData: [], ephemeral: ephemeral)
      }
    } catch { throw LogError(error) }
    let header = LeafHeader(auditEpoch: auditEpoch, firstIndex: firstIndex, sealedKey: sealed).encoded
    let key = TransientKey.derived(from: logKey, context: LogContext.entryKeyContext(index: index))
    let data = context.entryData(index: index, header: header)
    let encoded = try entry.encoded()
    let envelope = unsafe encoded.withUnsafeBytes {
      unsafe Envelope.sealDeterministically($0, key: key, suite: .leaf, associatedData: data, nonce: nonce)
    }
    return header + envelope
  }
}
