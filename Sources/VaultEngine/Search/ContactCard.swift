/// What search needs of one record's contact section: telephone digits, and what to heed before calling. Kept encrypted under
/// the contact key, apart from the identity card, for not everyone who may read names may read numbers.
///
/// Encoding, version 1 (integers big-endian):
/// ```
/// u8 version = 1 ‖ u8 number count ‖ numbers ‖ u16 length (0: none) ‖ warning (UTF-8)
/// number = u8 digit count (4…20) ‖ ASCII digits
/// ```
public struct ContactCard: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  public static let formatVersion: UInt8 = 1
  /// Telephone numbers on one card.
  public static let numberCountMax = 32
  /// UTF-8 bytes of the warning: two lines on a screen.
  public static let warningByteCountMax = 1_024
  /// Bound on a whole card in bytes: the sum of the above.
  public static let encodedByteCountMax = 2 + 32 * 21 + 2 + 1_024

  /// ASCII digits of each number.
  public let phoneDigits: [String]
  public let contactWarning: String?

  /// Takes the digits, in any script, out of telephone numbers as written; what has fewer than four digits is no number
  /// and left out, of more than twenty the last are kept. Throws `cardTooLarge` beyond the bounds above.
  public init(phones: [String], contactWarning: String?) throws(SearchError) {
    let numbers = phones.map { PhoneDigits.digits(in: $0) }.filter { $0.count >= PhoneDigits.searchedCountMin }
    guard numbers.count <= Self.numberCountMax, (contactWarning?.utf8.count ?? 0) <= Self.warningByteCountMax else {
      throw SearchError(.cardTooLarge)
    }
    phoneDigits = numbers.map { String(decoding: $0, as: UTF8.self) }
    self.contactWarning = contactWarning?.isEmpty == true ? nil : contactWarning
  }

  /// Decodes the one encoding of a card; `malformedCard`, `cardTooLarge` or `unknownCardVersion` for anything else.
  public init(decoding bytes: Span<UInt8>) throws(SearchError) {
    let layout = try ContactCardLayout(of: bytes)
    phoneDigits = layout.numbers.map { CardBytes.string(bytes, $0) }
    contactWarning = layout.warning.isEmpty ? nil : CardBytes.string(bytes, layout.warning)
    let again = encoded()
    guard again.count == bytes.count, again.indices.allSatisfy({ again[$0] == bytes[$0] }) else {
      throw SearchError(.malformedCard)
    }
  }

  public init(decoding bytes: [UInt8]) throws(SearchError) {
    try self.init(decoding: bytes.span)
  }

  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = [Self.formatVersion, UInt8(phoneDigits.count)]
    for number in phoneDigits {
      bytes.append(UInt8(number.utf8.count))
      bytes += number.utf8
    }
    CardBytes.append(text: contactWarning ?? "", to: &bytes)
    return bytes
  }

  public var description: String { "ContactCard(…)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where everything stands in an encoded `ContactCard`, found in one strict pass that makes no text.
struct ContactCardLayout {
  private(set) var numbers: [Range<Int>] = []
  let warning: Range<Int>

  init(of bytes: Span<UInt8>) throws(SearchError) {
    guard bytes.count <= ContactCard.encodedByteCountMax else { throw SearchError(.cardTooLarge) }
    var place = 0
    guard try CardBytes.byte(bytes, at: &place) == ContactCard.formatVersion else {
      throw SearchError(.unknownCardVersion)
    }
    let count = Int(try CardBytes.byte(bytes, at: &place))
    guard count <= ContactCard.numberCountMax else { throw SearchError(.malformedCard) }
    for _ in 0..<count {
      let digitCount = Int(try CardBytes.byte(bytes, at: &place))
      guard (PhoneDigits.searchedCountMin...PhoneDigits.countMax).contains(digitCount) else {
        throw SearchError(.malformedCard)
      }
      let number = try CardBytes.range(bytes, at: &place, count: digitCount)
      for digit in number where !(0x30...0x39).contains(bytes[digit]) { throw SearchError(.malformedCard) }
      numbers.append(number)
    }
    warning = try CardBytes.text(bytes, at: &place, byteCountMax: ContactCard.warningByteCountMax)
    guard place == bytes.count else { throw SearchError(.malformedCard) }
  }
}
