import VaultCrypto

/// A verified statement that, at some time, this checkpoint was the newest consistent one its cosigner had seen
/// (C2SP tlog-cosignature, `cosignature/v1`). An auditor's sign-off is one.
public struct Cosignature: Hashable, Sendable {
  public let key: NoteKey
  /// Seconds since 1970-01-01 UTC, by the cosigner's clock.
  public let posixSeconds: UInt64

  /// Timestamp (u64 big-endian) ‖ Ed25519 signature.
  static let byteCount = 8 + VerifyingKey.signatureByteCount
  /// The format's own bound: 2^63 − 1.
  static let posixSecondsMax = UInt64(Int64.max)

  static func message(text: [UInt8], posixSeconds: UInt64) -> [UInt8] {
    Array("cosignature/v1\ntime \(posixSeconds)\n".utf8) + text
  }

  init(_ line: NoteSignature, by key: NoteKey, over text: [UInt8]) throws(LogError) {
    guard line.signature.count == Cosignature.byteCount else {
      throw LogError(.malformed, "cosignature has another length")
    }
    posixSeconds = line.signature[..<8].bigEndianInteger
    guard posixSeconds <= Cosignature.posixSecondsMax else {
      throw LogError(.outOfRange, "cosignature has an impossible time")
    }
    let message = Cosignature.message(text: text, posixSeconds: posixSeconds)
    do { try key.key.verify(Array(line.signature[8...]), over: message) } catch { throw LogError(error) }
    self.key = key
  }
}
