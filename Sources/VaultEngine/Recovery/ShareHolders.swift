public import VaultCrypto

/// How the recovery seed was split, and for whom: what a later issue of shares goes by. Row `meta/share-holders`.
public struct ShareHolders: Sendable, Equatable {
  /// Four bits hold a share's number (SLIP-39).
  public static let countMax = SLIP39.shareCountMax
  static let rowKey = Array("share-holders".utf8)
  private static let recipientByteCountMax = 128

  public let threshold: Int
  public let count: Int
  /// age recipients as text, one a share; empty where the shares were handed out bare.
  public let recipients: [String]

  /// `invalid` unless 2 ≤ threshold ≤ count ≤ 16, or one share alone is all, and there is a recipient for each share or
  /// none at all.
  public init(threshold: Int, count: Int, recipients: [String]) throws(VaultError) {
    guard (1...ShareHolders.countMax).contains(count), (1...count).contains(threshold), threshold > 1 || count == 1
    else {
      throw VaultError(
        .invalid,
        "The threshold lies between 2 and the number of shares, which is at most \(ShareHolders.countMax).",
        hint: "For example a threshold of 2 with three holders.", field: "threshold")
    }
    guard recipients.isEmpty || recipients.count == count else {
      throw VaultError(.invalid, "Each share has one holder.", field: "recipients")
    }
    self.threshold = threshold
    self.count = count
    self.recipients = recipients
  }

  /// Holders of shares that two people agree on: each named once, at least two of them needed. Ascending, so that one
  /// set has one spelling.
  public init(threshold: Int, sealedTo recipients: [AgeRecipient]) throws(VaultError) {
    let texts = recipients.map(\.text).sorted()
    guard Set(texts).count == texts.count else {
      throw VaultError(
        .invalid, "A share recipient is named twice.",
        hint: "Each share has a holder of its own, or fewer people than the threshold says open everything.",
        field: "recipients")
    }
    guard threshold >= 2 else {
      throw VaultError(
        .invalid, "At least two shares are needed to recover.", hint: "Give a threshold of 2 or more.",
        field: "threshold")
    }
    try self.init(threshold: threshold, count: texts.count, recipients: texts)
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "share-holders")
    let threshold = try decoder.integer()
    let count = try decoder.integer()
    var recipients: [String] = []
    for _ in 0..<(try decoder.count(limit: ShareHolders.countMax)) {
      recipients.append(try decoder.text(limit: ShareHolders.recipientByteCountMax))
    }
    try decoder.finish()
    let bound = UInt64(ShareHolders.countMax)
    guard threshold <= bound, count <= bound else { throw CryptoError(.malformed, "more shares than there can be") }
    try self.init(threshold: Int(threshold), count: Int(count), recipients: recipients)
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("share-holders")
    encoding.append(UInt64(threshold))
    encoding.append(UInt64(count))
    encoding.append(list: recipients.map { Array($0.utf8) })
    return encoding.bytes
  }
}
