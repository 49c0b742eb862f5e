/// One share of a secret in the form of SLIP-39: 20 words for 128 bits, 33 for 256. What a holder keeps on paper.
public final class RecoveryShare: Sendable {
  /// The standard's least; below it a secret could be guessed.
  public static let secretByteCountMin = 16
  /// 512 bits, as much as the wallets that speak SLIP-39 use; half of it is one block of PBKDF2.
  public static let secretByteCountMax = 64
  /// Ten doublings are ten million rounds, about ten seconds; a forged share could ask for five minutes with 15.
  public static let iterationExponentMax = 10

  static let metadataWordCount = 7
  static let wordCountRange = wordCount(forSecretOf: secretByteCountMin)...wordCount(forSecretOf: secretByteCountMax)

  /// What all shares of one secret have in common.
  struct SetParameters: Hashable, Sendable {
    /// 15 random bits.
    let identifier: UInt16
    let isExtendable: Bool
    let iterationExponent: Int
    let groupThreshold: Int
    let groupCount: Int
  }

  let shareSet: SetParameters
  let groupIndex: Int
  let memberThreshold: Int
  /// x is `memberIndex`.
  let point: SharePoint

  /// Tells sets apart: 15 random bits, the same in all shares of one secret.
  public var identifier: UInt16 { shareSet.identifier }
  /// The number of this share in its group, from 0.
  public var memberIndex: Int { Int(point.x) }
  /// How many shares of its group are needed.
  public var threshold: Int { memberThreshold }

  init(shareSet: SetParameters, groupIndex: Int, memberThreshold: Int, point: SharePoint) {
    self.shareSet = shareSet
    self.groupIndex = groupIndex
    self.memberThreshold = memberThreshold
    self.point = point
  }

  /// Reads the words of one share; white space between them and case do not matter. `malformed` where a word, their number,
  /// the checksum or the padding is wrong, `outOfBounds` beyond the named bounds.
  public init(parsing text: borrowing SecretBytes) throws(CryptoError) {
    let words = try WordIndices(parsing: text, countRange: RecoveryShare.wordCountRange)
    let valueWordCount = words.count - RecoveryShare.metadataWordCount
    let paddingBitCount = 10 * valueWordCount % 16
    guard paddingBitCount <= 8 else { throw CryptoError(.malformed, "a share cannot have that many words") }

    let head = UInt32(words[0]) << 10 | UInt32(words[1])
    let isExtendable = head >> 4 & 1 == 1
    var remainder = RS1024.Remainder(customization: RecoveryShare.customization(isExtendable: isExtendable))
    for position in 0..<words.count { remainder.append(words[position]) }
    guard remainder.value == 1 else { throw CryptoError(.malformed, "a word of the share is wrong or out of place") }

    let parameters = Int(words[2]) << 10 | Int(words[3])
    shareSet = SetParameters(
      identifier: UInt16(head >> 5), isExtendable: isExtendable, iterationExponent: Int(head & 15),
      groupThreshold: (parameters >> 12 & 15) + 1, groupCount: (parameters >> 8 & 15) + 1)
    groupIndex = parameters >> 16
    memberThreshold = (parameters & 15) + 1

    let value = try SecretBytes(count: (10 * valueWordCount - paddingBitCount) / 8) { target throws(CryptoError) in
      var padding: UInt16 = 0
      for bit in 0..<10 * valueWordCount {
        let one = words[4 + bit / 10] >> UInt16(9 - bit % 10) & 1
        if bit < paddingBitCount {
          padding |= one
        } else {
          let place = bit - paddingBitCount
          unsafe target[place / 8] |= UInt8(one) << UInt8(7 - place % 8)
        }
      }
      guard padding == 0 else { throw CryptoError(.malformed, "padding of the share is not zero") }
    }
    point = SharePoint(x: UInt8(parameters >> 4 & 15), y: value)
    guard shareSet.groupThreshold <= shareSet.groupCount else {
      throw CryptoError(.malformed, "the share asks for more groups than there are")
    }
    guard shareSet.iterationExponent <= RecoveryShare.iterationExponentMax else {
      throw CryptoError(.outOfBounds, "the share asks for more rounds than this program does")
    }
  }

  /// The words, separated by single spaces; no line end.
  public var text: SecretBytes {
    let count = RecoveryShare.wordCount(forSecretOf: point.y.count)
    let valueWordCount = count - RecoveryShare.metadataWordCount
    let paddingBitCount = 10 * valueWordCount - 8 * point.y.count
    let head = UInt32(shareSet.identifier) << 5 | (shareSet.isExtendable ? 16 : 0) | UInt32(shareSet.iterationExponent)
    let parameters =
      groupIndex << 16 | (shareSet.groupThreshold - 1) << 12 | (shareSet.groupCount - 1) << 8 | memberIndex << 4
      | (memberThreshold - 1)
    let words = WordIndices(count: count) { words in
      unsafe words[0] = UInt16(head >> 10 & 1023)
      unsafe words[1] = UInt16(head & 1023)
      unsafe words[2] = UInt16(parameters >> 10 & 1023)
      unsafe words[3] = UInt16(parameters & 1023)
      point.y.withBytes { value in
        for place in 0..<8 * value.count {
          let bit = place + paddingBitCount
          unsafe words[4 + bit / 10] |= UInt16(value[place / 8] >> UInt8(7 - place % 8) & 1) << UInt16(9 - bit % 10)
        }
      }
      var remainder = RS1024.Remainder(customization: RecoveryShare.customization(isExtendable: shareSet.isExtendable))
      for position in 0..<count - RS1024.wordCount { unsafe remainder.append(words[position]) }
      for (position, word) in remainder.checksum().enumerated() {
        unsafe words[count - RS1024.wordCount + position] = word
      }
    }
    return WordTable.joined(words)
  }

  /// The places, from 1, of words that no share can have: so that somebody who types 33 words learns which to look at
  /// again. Empty where the text is too long to be a share.
  public static func unknownWordPlaces(in text: borrowing SecretBytes) -> [Int] {
    WordIndices.unknownWordPlaces(in: text, countMax: wordCountRange.upperBound)
  }

  private static func wordCount(forSecretOf byteCount: Int) -> Int { (8 * byteCount + 9) / 10 + metadataWordCount }

  private static func customization(isExtendable: Bool) -> StaticString {
    isExtendable ? "shamir_extendable" : "shamir"
  }
}

extension RecoveryShare: CustomStringConvertible, CustomReflectable {
  public var description: String { "RecoveryShare(redacted)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
