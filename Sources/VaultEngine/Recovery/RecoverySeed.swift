public import VaultCrypto

/// The secret that k of n people keep in shares: member of every compartment, and able to unwrap the store master
/// (docs/format.md, "Recovery"). Exists in memory only while a vault is made or recovered.
public final class RecoverySeed: Sendable {
  public static let byteCount = SymmetricKey.byteCount

  private let key: SymmetricKey
  let opening: OpeningKey
  let signing: SigningKey

  public init(_ key: SymmetricKey) {
    self.key = key
    opening = OpeningKey(secret: HKDF.deriveKey(from: key, label: "recovery-opening-key"))
    signing = SigningKey(seed: HKDF.deriveKey(from: key, label: "recovery-signing-key"))
  }

  public static func random() -> RecoverySeed { RecoverySeed(.random()) }

  /// The seed that a whole set of shares hides. Whose seed it is shows only against a vault.
  ///
  /// `invalid` where shares are mixed, doubled or too few, or are not of a vault's seed; the error names no word.
  public convenience init(combining shares: [RecoveryShare]) throws(VaultError) {
    let secret: SecretBytes
    do {
      secret = try SLIP39.combine(shares)
    } catch {
      throw VaultError(
        .invalid, "The shares cannot be combined: \(error.reason).",
        hint: "Give each share of one set once, as many as the set asks for; every holder knows when theirs was made.")
    }
    guard secret.count == RecoverySeed.byteCount else {
      throw VaultError(
        .invalid, "The shares are of another kind of secret, not of a vault's recovery seed.",
        hint: "A share of a vault has 33 words.")
    }
    self.init(SymmetricKey(secret))
  }

  /// Any `threshold` of the `count` shares give the seed back.
  public func split(threshold: Int, count: Int) throws(VaultError) -> [RecoveryShare] {
    do {
      return try key.withBytes { bytes throws(CryptoError) in
        let secret = SecretBytes(count: RecoverySeed.byteCount) { unsafe $0.copyMemory(from: bytes) }
        return try SLIP39.split(secret, threshold: threshold, shareCount: count)
      }
    } catch {
      throw VaultError(.invalid, "The seed cannot be split: \(error.reason).", field: "threshold")
    }
  }

  var memberKeys: MemberKeys { MemberKeys(verifying: signing.verifyingKey, sealing: opening.sealingKey) }
}
