/// The pseudonym of one record: 48 random bits, spoken as three pronounceable groups and a check letter,
/// `lusab-babad-gutih-s`.
///
/// Each group carries 16 bits, most significant first, as consonant (4) vowel (2) consonant (4) vowel (2)
/// consonant (4): the proquint coding of D. S. Wilkerson (arXiv:0901.4016). The check letter is a weighted sum modulo
/// the prime 23, so every single wrong letter and every two swapped ones are noticed.
public struct RecordID: Hashable, Sendable {
  /// Width of an id on the wire in binary form.
  public static let byteCount = 6

  /// Letters of the canonical form without separators: three groups of five, and the check letter.
  static let letterCount = 16

  /// Bound on what is looked at when a person types an id: the letters with a separator around each, and to spare.
  static let typedByteCountMax = 96

  static let consonants = Array("bdfghjklmnprstvz".utf8)
  static let vowels = Array("aiou".utf8)
  /// Values 0…19 of the letters in the weighted sum.
  static let valueAlphabet = consonants + vowels
  /// 23 letters, one for each remainder: the twenty of the groups with the same numbers, and three more. Sharing the numbers
  /// is what makes an exchange of the check letter with another one show.
  static let checkAlphabet = valueAlphabet + Array("cwx".utf8)

  /// The id's 48 bits, in the low end.
  public let bits: UInt64

  /// Takes the low 48 bits; the rest is ignored, so that a random word can be passed as it is.
  public init(bits: UInt64) {
    self.bits = bits & 0xFFFF_FFFF_FFFF
  }

  /// Six big-endian bytes; `wrongLength` for any other count.
  public init(bytes: some Collection<UInt8>) throws(IdentifierError) {
    guard bytes.count == Self.byteCount else { throw IdentifierError(.record, .wrongLength) }
    self.init(bits: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Draws an id. The generator must be cryptographic: the id must not tell when the record was opened.
  public static func random(using generator: inout some RandomNumberGenerator) -> RecordID {
    RecordID(bits: generator.next())
  }

  /// Six big-endian bytes.
  public var bytes: [UInt8] {
    stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
  }

  /// The canonical spelling only, as it stands in URLs, JSON and stored text.
  public init(canonical text: String) throws(IdentifierError) {
    let id = try RecordID(typed: text)
    guard id.description == text else { throw IdentifierError(.record, .notCanonical) }
    self = id
  }

  /// What a person typed: any case, with any or no separators (space, tab, `-`, `_`, `.`, `,`, `/`, `:`, dashes).
  public init(typed text: String) throws(IdentifierError) {
    guard text.utf8.count <= Self.typedByteCountMax else {
      throw IdentifierError(.record, .tooLong(byteCountMax: Self.typedByteCountMax))
    }
    var letters: [UInt8] = []
    letters.reserveCapacity(Self.letterCount)
    for scalar in text.unicodeScalars where !Self.isSeparator(scalar) {
      // Folding is ASCII only, so that no letter of another script turns into one of ours.
      guard scalar.isASCII else { throw IdentifierError(.record, .badCharacter(position: letters.count + 1)) }
      let byte = UInt8(scalar.value)
      letters.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
    }
    try self.init(letters: letters)
  }

  private init(letters: [UInt8]) throws(IdentifierError) {
    guard !letters.isEmpty else { throw IdentifierError(.record, .empty) }
    guard letters.count == Self.letterCount else { throw IdentifierError(.record, .wrongLength) }
    var bits: UInt64 = 0
    for (index, letter) in letters.dropLast().enumerated() {
      let isVowel = index % 5 % 2 == 1
      guard let value = (isVowel ? Self.vowels : Self.consonants).firstIndex(of: letter) else {
        throw IdentifierError(.record, .badCharacter(position: index + 1))
      }
      bits = bits << (isVowel ? 2 : 4) | UInt64(value)
    }
    guard let check = letters.last, check == Self.checkLetter(for: letters.dropLast()) else {
      throw IdentifierError(.record, .badCheckLetter)
    }
    self.bits = bits
  }

  /// Σ position × value mod 23, as a letter. The differences of two values (≤ 19) and of two positions (≤ 14) are both
  /// below the prime 23, which is why no single error and no swap can cancel out.
  static func checkLetter(for letters: some Sequence<UInt8>) -> UInt8 {
    var sum = 0
    for (index, letter) in letters.enumerated() {
      sum += (index + 1) * (checkAlphabet.firstIndex(of: letter) ?? 0)
    }
    return checkAlphabet[sum % checkAlphabet.count]
  }

  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " ", "\t", "-", "_", ".", ",", "/", ":", "\u{A0}", "\u{2010}"..."\u{2015}", "\u{2212}": true
    default: false
    }
  }
}

extension RecordID: CustomStringConvertible {
  /// The canonical spelling: lowercase, groups and check letter joined by hyphens.
  public var description: String {
    var letters: [UInt8] = []
    letters.reserveCapacity(Self.letterCount + 3)
    var shift: UInt64 = 48
    for index in 0..<15 {
      let isVowel = index % 5 % 2 == 1
      shift -= isVowel ? 2 : 4
      letters.append(isVowel ? Self.vowels[Int(bits >> shift & 3)] : Self.consonants[Int(bits >> shift & 15)])
    }
    let check = Self.checkLetter(for: letters)
    letters.insert(0x2D, at: 10)
    letters.insert(0x2D, at: 5)
    return String(decoding: letters + [0x2D, check], as: UTF8.self)
  }
}

extension RecordID: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(canonical: decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
