/// What two people compare over another channel before one trusts the other's keys (DESIGN §4.6): six words, or all 256
/// bits where a file carries them.
///
/// Argon2id over the vault's id, the account's name and both public keys. The words show 60 bits of it; the stretching
/// makes each try at a look-alike key cost as much as showing one does.
public struct Fingerprint: Hashable, Sendable {
  public static let byteCount = 32
  static let wordCount = 6
  /// The longest account name in bytes: with the other fields it stays within what Argon2id takes here.
  static let accountByteCountMax = 512
  /// More than six words or 64 digits with any reasonable separators.
  static let textByteCountMax = 256

  /// All 256 bits; public.
  public let bytes: [UInt8]

  /// `vault`: the vault's id, 32 bytes. `malformed` or `outOfBounds` for impossible lengths, `unavailable` where the memory
  /// cannot be had. Takes about 0.1 s.
  public static func of(
    vault: [UInt8], account: String, signing: VerifyingKey, sealing: SealingKey
  ) throws(CryptoError) -> Fingerprint {
    guard vault.count == 32 else { throw CryptoError(.malformed, "vault id has another length") }
    guard account.utf8.count <= accountByteCountMax else { throw CryptoError(.outOfBounds, "account name is too long") }
    var input = CanonicalEncoding("fingerprint")
    var salt = CanonicalEncoding("fingerprint-salt")
    for field in [vault, Array(account.utf8), signing.bytes, sealing.bytes] {
      input.append(field)
      salt.append(field)
    }
    // Nothing here is secret; guarded memory is only what Argon2id asks for.
    var bytes = input.bytes
    let stretched = try Argon2id.stretch(
      SecretBytes(wiping: &bytes), salt: Array(SHA256.hash(salt.bytes).prefix(Argon2id.saltByteCount)),
      cost: .fingerprint)
    return Fingerprint(bytes: stretched.withBytes { unsafe [UInt8]($0) })
  }

  /// The first 60 bits as six words, most significant bits first, separated by single spaces.
  public var words: String {
    (0..<Fingerprint.wordCount).map { position in
      var index: UInt16 = 0
      for bit in WordTable.bitsPerWord * position..<WordTable.bitsPerWord * (position + 1) {
        index = index << 1 | UInt16(bytes[bit / 8] >> UInt8(7 - bit % 8) & 1)
      }
      var letters: [UInt8] = []
      var rest = WordTable.word(at: index)
      while rest != 0 {
        letters.append(UInt8(truncatingIfNeeded: rest))
        rest >>= 8
      }
      return String(decoding: letters, as: UTF8.self)
    }.joined(separator: " ")
  }

  /// All 256 bits in lower-case hexadecimal, for files.
  public var fullHex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Whether `text` is this fingerprint, as all six words or as all 64 hexadecimal digits. Case, spaces and hyphens do not
  /// matter; fewer words or digits never match.
  public func matches(_ text: String) -> Bool {
    guard text.utf8.count <= Fingerprint.textByteCountMax else { return false }
    let parts = Fingerprint.parts(of: text)
    return parts.joined(separator: " ") == words || parts.joined() == fullHex
  }

  /// Whether `text` could be one at all: six words, or 64 hexadecimal digits. What is not was typed wrong, which says
  /// nothing about whose key it is.
  public static func isWhole(_ text: String) -> Bool {
    guard text.utf8.count <= textByteCountMax else { return false }
    let parts = parts(of: text)
    let digits = parts.joined()
    return parts.count == wordCount || (digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit))
  }

  private static func parts(of text: String) -> [Substring.SubSequence] {
    text.lowercased().split { $0 == "-" || $0.isWhitespace }
  }
}
