import VaultCrypto
import VaultModel

/// The secret half of an account at rest (docs/format.md, "Account lock").
struct AccountLock: Sendable {
  enum Kind: UInt64, Sendable {
    case passphrase = 1
    case keyFile = 2
  }

  /// Signing seed ‖ opening secret.
  static let secretByteCount = 64
  private static let envelopeByteCountMax = 256

  let kind: Kind
  let salt: [UInt8]
  let cost: StretchCost?
  let envelope: [UInt8]
  let bytes: [UInt8]

  private init(kind: Kind, salt: [UInt8], cost: StretchCost?, envelope: [UInt8]) {
    self.kind = kind
    self.salt = salt
    self.cost = cost
    self.envelope = envelope
    var encoding = CanonicalEncoding("account-lock")
    encoding.append(kind.rawValue)
    encoding.append(salt)
    encoding.append(cost?.passes ?? 0)
    encoding.append(cost?.memoryKiB ?? 0)
    encoding.append(envelope)
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws(CryptoError) {
    var decoder = try CanonicalDecoder(bytes, purpose: "account-lock")
    guard let kind = Kind(rawValue: try decoder.integer()) else {
      throw CryptoError(.unsupported, "unknown kind of lock")
    }
    self.kind = kind
    salt = try decoder.field(exactly: kind == .passphrase ? Argon2id.saltByteCount : 0)
    let passes = try decoder.integer()
    let memoryKiB = try decoder.integer()
    switch kind {
    case .passphrase: cost = try StretchCost(passes: passes, memoryKiB: memoryKiB)
    case .keyFile:
      guard passes == 0, memoryKiB == 0 else { throw CryptoError(.malformed, "a key file is not stretched") }
      cost = nil
    }
    envelope = try decoder.field(limit: AccountLock.envelopeByteCountMax)
    try decoder.finish()
    self.bytes = bytes
  }

  /// Locks both secrets under a passphrase.
  static func lock(
    _ keys: AccountSecrets, passphrase: borrowing SecretBytes, cost: StretchCost, certificate: Certificate
  ) throws(CryptoError) -> AccountLock {
    let salt = randomBytes(Argon2id.saltByteCount)
    let key = try Argon2id.stretch(passphrase, salt: salt, cost: cost)
    return seal(keys, key: key, kind: .passphrase, salt: salt, cost: cost, certificate: certificate)
  }

  /// Locks both secrets under the key of a key file.
  static func lock(_ keys: AccountSecrets, keyFile: SymmetricKey, certificate: Certificate) -> AccountLock {
    seal(keys, key: keyFile, kind: .keyFile, salt: [], cost: nil, certificate: certificate)
  }

  private static func seal(
    _ keys: AccountSecrets, key: SymmetricKey, kind: Kind, salt: [UInt8], cost: StretchCost?, certificate: Certificate
  ) -> AccountLock {
    let context = context(kind: kind, salt: salt, cost: cost, certificate: certificate)
    let envelope = unsafe keys.withJoinedBytes {
      unsafe Envelope.seal($0, key: key, suite: .exact, associatedData: context)
    }
    return AccountLock(kind: kind, salt: salt, cost: cost, envelope: envelope)
  }

  /// The key that a passphrase gives for this lock. Costs what `cost` says: bound how many run at once.
  func stretch(_ passphrase: borrowing SecretBytes) throws(CryptoError) -> SymmetricKey {
    guard kind == .passphrase, let cost else { throw CryptoError(.notAuthentic, "this account has a key file") }
    return try Argon2id.stretch(passphrase, salt: salt, cost: cost)
  }

  /// `notAuthentic` for a wrong key; also where the opened secrets are not those of the certificate.
  func open(with key: SymmetricKey, certificate: Certificate) throws(CryptoError) -> AccountSecrets {
    let context = AccountLock.context(kind: kind, salt: salt, cost: cost, certificate: certificate)
    let opened = try Envelope.open(envelope, key: key, suite: .exact, associatedData: context)
    let secrets = try AccountSecrets(joined: opened)
    guard secrets.signing.verifyingKey == certificate.verifyingKey, secrets.opening.sealingKey == certificate.sealingKey
    else { throw CryptoError(.notAuthentic, "the keys are not those of the certificate") }
    return secrets
  }

  private static func context(kind: Kind, salt: [UInt8], cost: StretchCost?, certificate: Certificate) -> [UInt8] {
    var encoding = CanonicalEncoding("account-lock-context")
    encoding.append(certificate.vault)
    encoding.append(certificate.name.description)
    encoding.append(certificate.hash)
    encoding.append(kind.rawValue)
    encoding.append(salt)
    encoding.append(cost?.passes ?? 0)
    encoding.append(cost?.memoryKiB ?? 0)
    return encoding.bytes
  }
}

/// Both key pairs of an account, unlocked.
final class AccountSecrets: Sendable {
  private let seed: SymmetricKey
  let signing: SigningKey
  let opening: OpeningKey

  init(seed: SymmetricKey, opening: OpeningKey) {
    self.seed = seed
    signing = SigningKey(seed: seed)
    self.opening = opening
  }

  convenience init() { self.init(seed: .random(), opening: .random()) }

  /// What whoever holds the key file can make without the vault.
  convenience init(keyFile key: SymmetricKey) {
    self.init(
      seed: KeyFilePairs.signingSeed(from: key), opening: OpeningKey(secret: KeyFilePairs.openingSecret(from: key)))
  }

  convenience init(joined: consuming Plaintext) throws(CryptoError) {
    guard joined.byteCount == AccountLock.secretByteCount else {
      throw CryptoError(.malformed, "locked secret has another length")
    }
    let seed = SymmetricKey(half(joined, 0))
    self.init(seed: seed, opening: OpeningKey(secret: half(joined, 1)))
  }

  func withJoinedBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    let joined = SecretBytes(count: AccountLock.secretByteCount) { target in
      seed.withBytes { unsafe target.baseAddress!.copyMemory(from: $0.baseAddress!, byteCount: 32) }
      opening.secretKey.withBytes {
        unsafe target.baseAddress!.advanced(by: 32).copyMemory(from: $0.baseAddress!, byteCount: 32)
      }
    }
    return joined.withBytes { unsafe body($0) }
  }
}

private func half(_ joined: borrowing Plaintext, _ index: Int) -> SecretBytes {
  SecretBytes(count: 32) { target in
    joined.withBytes {
      unsafe target.baseAddress!.copyMemory(from: $0.baseAddress!.advanced(by: 32 * index), byteCount: 32)
    }
  }
}
