import Synchronization
import VaultAPI
import VaultCrypto
import VaultEngine

/// A secret of a request on its way from the body into guarded memory: taken once.
final class SecretBox: Sendable {
  private let secret: Mutex<SecretBytes?>

  /// nil where the request has no such member, or an empty one, which is no secret.
  init?(_ object: SecretObject, _ name: String) {
    guard
      var bytes = object.withBytes(
        of: name, { span in (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) } }),
      !bytes.isEmpty
    else { return nil }
    secret = Mutex(SecretBytes(wiping: &bytes))
  }

  func take() -> SecretBytes {
    let taken = secret.withLock { secret in
      var taken: SecretBytes?
      swap(&taken, &secret)
      return taken
    }
    guard let taken else { preconditionFailure("a secret is taken once") }
    return taken
  }
}

/// Likewise for what somebody logs in with.
final class CredentialBox: Sendable {
  private let credential: Mutex<Vault.Credential?>

  init(_ credential: consuming Vault.Credential) { self.credential = Mutex(credential) }

  func take() -> Vault.Credential {
    let taken = credential.withLock { credential in
      var taken: Vault.Credential?
      swap(&taken, &credential)
      return taken
    }
    guard let taken else { preconditionFailure("a credential is taken once") }
    return taken
  }
}
