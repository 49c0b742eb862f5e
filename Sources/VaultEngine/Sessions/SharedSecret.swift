import VaultCrypto

/// A passphrase on its way to being stretched on another thread; gone, wiped, with its last holder.
final class SharedSecret: Sendable {
  private let secret: SecretBytes

  init(_ secret: consuming SecretBytes) { self.secret = secret }

  var byteCount: Int { secret.count }

  func withSecret<R>(_ body: (borrowing SecretBytes) throws -> R) rethrows -> R { try body(secret) }
}

/// What somebody logs in with, likewise.
final class SharedCredential: Sendable {
  private let isPassphrase: Bool
  private let secret: SecretBytes

  init(_ credential: consuming Vault.Credential) {
    switch consume credential {
    case .passphrase(let secret):
      isPassphrase = true
      self.secret = secret
    case .key(let secret):
      isPassphrase = false
      self.secret = secret
    }
  }

  func open(_ lock: AccountLock, certificate: Certificate) throws -> AccountSecrets {
    if isPassphrase { return try lock.open(with: lock.stretch(secret), certificate: certificate) }
    guard lock.kind == .keyFile, let key = key() else {
      throw CryptoError(.notAuthentic, "no key file of this account")
    }
    return try lock.open(with: key, certificate: certificate)
  }

  /// So that an unknown name takes as long as a wrong passphrase.
  func stretchForNothing() throws {
    guard isPassphrase else { return }
    _ = try Argon2id.stretch(secret, salt: [UInt8](repeating: 0, count: Argon2id.saltByteCount), cost: .standard)
  }

  private func key() -> SymmetricKey? {
    var line = secret.withBytes { unsafe [UInt8]($0) }
    if line.count <= 45 {
      var bare = Array(KeyLine.account.rawValue.utf8) + line
      wipe(&line)
      return KeyLine.account.decode(wiping: &bare)
    }
    return KeyLine.account.decode(wiping: &line)
  }
}

extension Vault {
  /// The content of an account's key file; wiped with the value.
  public static func keyFile(of key: SymmetricKey) -> SecretBytes { KeyLine.account.encode(key) }
}
