import CSodium

/// An Ed25519 public key (RFC 8032), 32 bytes. Small-order and non-canonical points are refused by libsodium when a
/// signature is checked.
public struct VerifyingKey: Hashable, Sendable {
  public static let byteCount = 32
  public static let signatureByteCount = 64
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) throws(CryptoError) {
    guard bytes.count == VerifyingKey.byteCount else {
      throw CryptoError(.malformed, "verifying key has another length")
    }
    self.bytes = bytes
  }

  public func verify(_ signature: [UInt8], over message: [UInt8]) throws(CryptoError) {
    guard signature.count == VerifyingKey.signatureByteCount else {
      throw CryptoError(.malformed, "signature has another length")
    }
    Sodium.start()
    let status = unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes)
    try Sodium.check(status, or: .notAuthentic, "signature does not verify")
  }
}

/// An Ed25519 key pair; the secret half never leaves guarded memory.
public final class SigningKey: Sendable {
  public static let seedByteCount = 32
  // libsodium's form: seed ‖ public key.
  private let secret: SecretBytes
  public let verifyingKey: VerifyingKey

  /// From a seed of 32 bytes.
  public init(seed: borrowing SecretBytes) {
    precondition(seed.count == SigningKey.seedByteCount)
    Sodium.start()
    var publicKey = [UInt8](repeating: 0, count: 32)
    secret = SecretBytes(count: 64) { target in
      seed.withBytes { _ = unsafe crypto_sign_seed_keypair(&publicKey, target.baseAddress!, $0.baseAddress!) }
    }
    guard let key = try? VerifyingKey(publicKey) else { preconditionFailure("32 bytes") }
    verifyingKey = key
  }

  public convenience init(seed: SymmetricKey) { self.init(seed: seed.secret) }

  /// 64 bytes; deterministic.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: 64)
    secret.withBytes {
      _ = unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), $0.baseAddress!)
    }
    return signature
  }
}

/// An X25519 public key (RFC 7748), 32 bytes.
public struct SealingKey: Hashable, Sendable {
  public static let byteCount = 32
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) throws(CryptoError) {
    guard bytes.count == SealingKey.byteCount else { throw CryptoError(.malformed, "sealing key has another length") }
    self.bytes = bytes
  }
}

/// An X25519 key pair; the secret half never leaves guarded memory.
public final class OpeningKey: Sendable {
  let secret: SymmetricKey
  public let sealingKey: SealingKey

  public init(secret: SymmetricKey) {
    Sodium.start()
    var publicKey = [UInt8](repeating: 0, count: 32)
    secret.withBytes { _ = unsafe crypto_scalarmult_base(&publicKey, $0.baseAddress!) }
    guard let key = try? SealingKey(publicKey) else { preconditionFailure("32 bytes") }
    self.secret = secret
    sealingKey = key
  }

  public convenience init(secret: consuming SecretBytes) { self.init(secret: SymmetricKey(secret)) }

  public static func random() -> OpeningKey { OpeningKey(secret: .random()) }

  /// The secret scalar, for sealing it to a member (a grant) or deriving the symmetric half.
  public var secretKey: SymmetricKey { secret }
}
