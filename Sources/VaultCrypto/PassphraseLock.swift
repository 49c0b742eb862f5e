import CSodium

/// Argon2id parameters (RFC 9106), stored with what they lock and authenticated there, so that nobody can lower them.
public struct StretchCost: Hashable, Sendable {
  public let passes: UInt64
  public let memoryKiB: UInt64

  /// OWASP's lowest recommendation for Argon2id (19 MiB, 2 passes): below it, stored parameters are refused.
  public static let floor = StretchCost(uncheckedPasses: 2, memoryKiB: 19 << 10)
  /// 1 GiB and 10 passes: above it, stored parameters are refused, or a forged row could exhaust the host.
  public static let ceiling = StretchCost(uncheckedPasses: 10, memoryKiB: 1 << 20)
  /// 256 MiB, 3 passes: about 0.7 s on two cores.
  public static let standard = StretchCost(uncheckedPasses: 3, memoryKiB: 256 << 10)
  /// Fingerprints are shown to people who wait: 64 MiB, 2 passes, the same everywhere for ever.
  public static let fingerprint = StretchCost(uncheckedPasses: 2, memoryKiB: 64 << 10)

  public init(passes: UInt64, memoryKiB: UInt64) throws(CryptoError) {
    guard (StretchCost.floor.passes...StretchCost.ceiling.passes).contains(passes),
      (StretchCost.floor.memoryKiB...StretchCost.ceiling.memoryKiB).contains(memoryKiB)
    else { throw CryptoError(.outOfBounds, "Argon2id parameters lie outside the floor and the ceiling") }
    self.init(uncheckedPasses: passes, memoryKiB: memoryKiB)
  }

  private init(uncheckedPasses passes: UInt64, memoryKiB: UInt64) {
    self.passes = passes
    self.memoryKiB = memoryKiB
  }
}

public enum Argon2id {
  public static let saltByteCount = 16
  /// Nobody types more; libsodium itself would take 4 GiB.
  public static let passphraseByteCountMax = 1024

  /// 32 bytes. `unavailable` where the memory cannot be had.
  public static func stretch(
    _ passphrase: borrowing SecretBytes, salt: [UInt8], cost: StretchCost
  ) throws(CryptoError) -> SymmetricKey {
    guard salt.count == saltByteCount, passphrase.count <= passphraseByteCountMax else {
      throw CryptoError(.outOfBounds, "salt or passphrase has an impossible length")
    }
    Sodium.start()
    return SymmetricKey(
      try SecretBytes(count: 32) { target throws(CryptoError) in
        let status = passphrase.withBytes { secret in
          unsafe crypto_pwhash(
            target.baseAddress!, UInt64(target.count), secret.baseAddress!.assumingMemoryBound(to: CChar.self),
            UInt64(secret.count), salt, cost.passes, Int(cost.memoryKiB) << 10, crypto_pwhash_ALG_ARGON2ID13)
        }
        try Sodium.check(status, or: .unavailable, "not enough memory to stretch the passphrase")
      })
  }
}
