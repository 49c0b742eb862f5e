import VaultCrypto

/// What a service signs in order to log in without handing its secret over (docs/format.md, "Login by signature").
public enum LoginChallenge {
  /// Random bytes of the daemon's, used once.
  public static let byteCount = 32

  /// - Parameters:
  ///   - vault: the vault's id, 32 bytes; a signature for one vault is none for another.
  ///   - uid: of the process that logs in, as the kernel tells the daemon.
  public static func signedBytes(vault: [UInt8], account: AccountName, uid: UInt32, challenge: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("login-challenge")
    encoding.append(vault)
    encoding.append(account.description)
    encoding.append(UInt64(uid))
    encoding.append(challenge)
    return encoding.bytes
  }
}
