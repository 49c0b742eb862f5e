/// SLIP-39, "Shamir's Secret-Sharing for Mnemonic Codes": the recovery seed in k of n hands (DESIGN §4, P9).
///
/// We make sets of one group. Sets of several groups that others made are combined as well.
public enum SLIP39 {
  /// Four bits hold a share's index.
  public static let shareCountMax = SecretPolynomial.pointCountMax
  /// The passphrase protects a share set, not an account; 20,000 rounds is what the standard's own tool starts with.
  public static let standardIterationExponent = 1
  static let passphraseByteCountMax = 1024

  /// `shareCount` shares (at most 16) of which any `threshold` give `secret` back. `secret`: 16…64 bytes, an even number.
  /// A threshold of one allows a single share only, as the standard has it. `outOfBounds` for anything else.
  public static func split(
    _ secret: borrowing SecretBytes, threshold: Int, shareCount: Int
  ) throws(CryptoError) -> [RecoveryShare] {
    unsafe try split(
      secret, threshold: threshold, shareCount: shareCount, passphrase: UnsafeRawBufferPointer(start: nil, count: 0),
      isExtendable: true, iterationExponent: standardIterationExponent)
  }

  /// Same, under a passphrase of printable ASCII: whoever combines the shares needs it too.
  public static func split(
    _ secret: borrowing SecretBytes, threshold: Int, shareCount: Int, passphrase: borrowing SecretBytes,
    isExtendable: Bool = true, iterationExponent: Int = standardIterationExponent
  ) throws(CryptoError) -> [RecoveryShare] {
    try passphrase.withBytes { passphrase throws(CryptoError) in
      unsafe try split(
        secret, threshold: threshold, shareCount: shareCount, passphrase: passphrase, isExtendable: isExtendable,
        iterationExponent: iterationExponent)
    }
  }

  /// The secret of a whole set of shares. Shares beyond the threshold are welcome if they fit. `malformed` where shares of
  /// different sets are mixed or one is given twice, `outOfBounds` where there are too few, `notAuthentic` where they do
  /// not fit together.
  public static func combine(_ shares: [RecoveryShare]) throws(CryptoError) -> SecretBytes {
    unsafe try combine(shares, passphrase: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// Same, for a set that was made with a passphrase. A wrong passphrase gives another secret, not an error.
  public static func combine(
    _ shares: [RecoveryShare], passphrase: borrowing SecretBytes
  ) throws(CryptoError) -> SecretBytes {
    try passphrase.withBytes { passphrase throws(CryptoError) in unsafe try combine(shares, passphrase: passphrase) }
  }

  private static func split(
    _ secret: borrowing SecretBytes, threshold: Int, shareCount: Int, passphrase: UnsafeRawBufferPointer,
    isExtendable: Bool, iterationExponent: Int
  ) throws(CryptoError) -> [RecoveryShare] {
    guard (RecoveryShare.secretByteCountMin...RecoveryShare.secretByteCountMax).contains(secret.count),
      secret.count % 2 == 0
    else { throw CryptoError(.outOfBounds, "a secret of that length cannot be shared") }
    guard threshold >= 1, threshold <= shareCount, shareCount <= shareCountMax, threshold > 1 || shareCount == 1 else {
      throw CryptoError(.outOfBounds, "that many shares, or that threshold, are not possible")
    }
    guard (0...RecoveryShare.iterationExponentMax).contains(iterationExponent) else {
      throw CryptoError(.outOfBounds, "that many rounds are not possible")
    }
    unsafe try check(passphrase)
    let random = randomBytes(2)
    let shareSet = RecoveryShare.SetParameters(
      identifier: UInt16(random[0] & 0x7f) << 8 | UInt16(random[1]), isExtendable: isExtendable,
      iterationExponent: iterationExponent, groupThreshold: 1, groupCount: 1)
    let encrypted = unsafe cipher(of: shareSet).encrypt(secret, passphrase: passphrase)
    return SecretPolynomial.split(encrypted, threshold: threshold, pointCount: shareCount).map { point in
      RecoveryShare(shareSet: shareSet, groupIndex: 0, memberThreshold: threshold, point: point)
    }
  }

  private static func combine(
    _ shares: [RecoveryShare], passphrase: UnsafeRawBufferPointer
  ) throws(CryptoError) -> SecretBytes {
    unsafe try check(passphrase)
    guard let first = shares.first else { throw CryptoError(.outOfBounds, "no share is given") }
    var groups: [Int: [RecoveryShare]] = [:]
    for share in shares {
      guard share.shareSet == first.shareSet, share.point.y.count == first.point.y.count else {
        throw CryptoError(.malformed, "shares of different sets are mixed")
      }
      let members = groups[share.groupIndex, default: []]
      guard members.allSatisfy({ $0.memberThreshold == share.memberThreshold }) else {
        throw CryptoError(.malformed, "shares of different sets are mixed")
      }
      guard !members.contains(where: { $0.memberIndex == share.memberIndex }) else {
        throw CryptoError(.malformed, "a share is given twice")
      }
      groups[share.groupIndex] = members + [share]
    }
    guard groups.count >= first.shareSet.groupThreshold else {
      throw CryptoError(.outOfBounds, "shares of more groups are needed")
    }
    var points: [SharePoint] = []
    for (index, members) in groups.sorted(by: { $0.key < $1.key }) {
      guard members.count >= members[0].memberThreshold else {
        throw CryptoError(.outOfBounds, "more shares are needed")
      }
      let secret = try SecretPolynomial.recover(
        members.map(\.point), threshold: members[0].memberThreshold)
      points.append(SharePoint(x: UInt8(index), y: secret))
    }
    let encrypted = try SecretPolynomial.recover(points, threshold: first.shareSet.groupThreshold)
    return unsafe cipher(of: first.shareSet).decrypt(encrypted, passphrase: passphrase)
  }

  private static func cipher(of shareSet: RecoveryShare.SetParameters) -> MasterSecretCipher {
    MasterSecretCipher(
      identifier: shareSet.identifier, isExtendable: shareSet.isExtendable,
      iterationExponent: shareSet.iterationExponent)
  }

  // The standard allows printable ASCII only: other text has several spellings in bytes.
  private static func check(_ passphrase: UnsafeRawBufferPointer) throws(CryptoError) {
    guard passphrase.count <= passphraseByteCountMax else {
      throw CryptoError(.outOfBounds, "the passphrase is too long")
    }
    guard unsafe passphrase.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      throw CryptoError(.malformed, "the passphrase of shares must be printable ASCII")
    }
  }
}
