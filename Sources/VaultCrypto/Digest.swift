import CSodium

/// SHA-256 (FIPS 180-4), 32 bytes.
public enum SHA256 {
  public static let byteCount = 32

  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    Sodium.start()
    var digest = [UInt8](repeating: 0, count: byteCount)
    unsafe crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
    return digest
  }

  /// The hash of the parts one after another, without joining them.
  public static func hash(parts: [[UInt8]]) -> [UInt8] {
    Sodium.start()
    var state = crypto_hash_sha256_state()
    unsafe crypto_hash_sha256_init(&state)
    for part in parts { unsafe crypto_hash_sha256_update(&state, part, UInt64(part.count)) }
    var digest = [UInt8](repeating: 0, count: byteCount)
    unsafe crypto_hash_sha256_final(&state, &digest)
    return digest
  }

  /// SHA-256(prefix ‖ body) into 32 bytes at `digest`, without an allocation: the inner loop of a tree of a million
  /// leaves. `digest` may lie within `body`.
  public static func hash(prefix: UInt8, _ body: UnsafeRawBufferPointer, into digest: UnsafeMutableRawPointer) {
    Sodium.start()
    var prefix = prefix
    var state = crypto_hash_sha256_state()
    unsafe crypto_hash_sha256_init(&state)
    unsafe crypto_hash_sha256_update(&state, &prefix, 1)
    unsafe crypto_hash_sha256_update(&state, body.baseAddress, UInt64(body.count))
    unsafe crypto_hash_sha256_final(&state, digest.assumingMemoryBound(to: UInt8.self))
  }

  /// RFC 6962 leaf hash: SHA-256(0x00 ‖ leaf).
  public static func leaf(_ leaf: [UInt8]) -> [UInt8] { hash(parts: [[0], leaf]) }

  /// RFC 6962 node hash: SHA-256(0x01 ‖ left ‖ right).
  public static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { hash(parts: [[1], left, right]) }
}

/// BLAKE2b (RFC 7693), keyed, under a secret.
public enum BLAKE2b {
  /// Public output: an index, a row hash, a commitment. `byteCount` 16…64.
  public static func hash(_ bytes: [UInt8], key: SymmetricKey, byteCount: Int = 32) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    key.secret.withBytes { secret in
      _ = unsafe crypto_generichash(&digest, byteCount, bytes, UInt64(bytes.count), secret.baseAddress!, secret.count)
    }
    return digest
  }

  /// Secret output: a derived key of 32 bytes.
  public static func deriveKey(_ bytes: [UInt8], from key: SymmetricKey) -> SymmetricKey {
    SymmetricKey(
      SecretBytes(count: SymmetricKey.byteCount) { target in
        key.secret.withBytes { secret in
          _ = unsafe crypto_generichash(
            target.baseAddress!, target.count, bytes, UInt64(bytes.count), secret.baseAddress!, secret.count)
        }
      })
  }
}

/// A 256-bit secret key that can be kept in collections. It has no description, no equality and no way out.
public final class SymmetricKey: Sendable {
  public static let byteCount = 32
  let secret: SecretBytes

  /// `secret` must have 32 bytes: anything else is a mistake of ours.
  public init(_ secret: consuming SecretBytes) {
    precondition(secret.count == SymmetricKey.byteCount)
    self.secret = secret
  }

  public static func random() -> SymmetricKey { SymmetricKey(.random(byteCount)) }

  /// For the one place that must write a key down (the root key file, a log key sealed to auditors).
  @safe public func withBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try secret.withBytes(body)
  }
}

extension SymmetricKey: CustomStringConvertible, CustomReflectable {
  public var description: String { "SymmetricKey(redacted)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
