/// What search needs of one record's identity section: its names, folded, and the year of birth. Kept encrypted under the
/// identity key and held decrypted only inside a `SearchArena`.
///
/// Encoding, version 1 (integers big-endian):
/// ```
/// u8 version = 1 ‖ u8 folding version ‖ u16 year of birth (0: unknown) ‖ u8 name count
/// name  = u8 kind ‖ u8 never aloud (0, 1) ‖ u8 script length ‖ script (ASCII letters) ‖ u16 length ‖ text
///         ‖ u16 length (0: none) ‖ Latin text ‖ u8 word count ‖ words
/// word  = u8 flags (1 companion, 2 vowelless) ‖ u8 letter count (1…32) ‖ u8 sound count (1…32) ‖ letters ‖ sounds (a…z)
/// ```
/// Each card has exactly one encoding; nothing may follow it.
public struct IdentityCard: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  public static let formatVersion: UInt8 = 1
  /// Folding rules of this program; a card with another number matches less well until it is folded again.
  public static let foldingVersion: UInt8 = NameFolding.version
  /// Names of one survivor on one card.
  public static let nameCountMax = 32
  /// UTF-8 bytes of a name's text, and of its Latin form: some 170 letters in Bengali.
  public static let textByteCountMax = 512
  /// Letters of a script's code (`Beng`, `Bengali`).
  public static let scriptByteCountMax = 16
  /// Folded words of one name with its Latin form and second readings.
  public static let wordCountMax = 40
  /// Bound on a whole card in bytes, checked before any of it is read.
  public static let encodedByteCountMax = 32_768
  /// Years of birth a card takes: the calendars of documents are converted before.
  public static let years: ClosedRange<Int> = 1850...2150

  public struct Name: Equatable, Sendable {
    /// What the name is to its bearer; raw values are those of the encoding.
    public enum Kind: UInt8, CaseIterable, Sendable {
      case legal = 0
      case chosen = 1
      case document = 2
      case nickname = 3
      case imposed = 4

      /// As a reader is told.
      var label: String {
        switch self {
        case .legal: "legal name"
        case .chosen: "chosen name"
        case .document: "document name"
        case .nickname: "nickname"
        case .imposed: "imposed name"
        }
      }
    }

    public let text: String
    /// Script code, ASCII letters; empty when unknown.
    public let script: String
    /// The bearer's or caseworker's own Latin spelling.
    public let latin: String?
    public let kind: Kind
    public let isNeverAloud: Bool
    let words: [FoldedWord]

    /// Folds the name; throws `cardTooLarge` beyond the bounds above, `malformedCard` for a script code that is none.
    public init(
      text: String, script: String = "", latin: String? = nil, kind: Kind, isNeverAloud: Bool = false
    ) throws(SearchError) {
      guard text.utf8.count <= textByteCountMax, (latin?.utf8.count ?? 0) <= textByteCountMax,
        script.utf8.count <= scriptByteCountMax
      else { throw SearchError(.cardTooLarge) }
      guard script.utf8.allSatisfy(IdentityCard.isScriptLetter) else { throw SearchError(.malformedCard) }
      self.text = text
      self.script = script
      self.latin = latin?.isEmpty == true ? nil : latin
      self.kind = kind
      self.isNeverAloud = isNeverAloud
      var words: [FoldedWord] = []
      for reading in [text, latin ?? ""].flatMap({ NameFolding.readings(of: $0) }).joined()
      where !words.contains(reading) && words.count < wordCountMax {
        words.append(reading)
      }
      self.words = words
    }

    fileprivate init(
      text: String, script: String, latin: String?, kind: Kind, isNeverAloud: Bool, words: [FoldedWord]
    ) {
      self.text = text
      self.script = script
      self.latin = latin
      self.kind = kind
      self.isNeverAloud = isNeverAloud
      self.words = words
    }
  }

  public let names: [Name]
  public let yearOfBirth: Int?
  /// The rules its words were folded by.
  public let storedFoldingVersion: UInt8

  /// Throws `cardTooLarge` for too many names or too long a card, `malformedCard` for a year out of `years`.
  public init(names: [Name], yearOfBirth: Int?) throws(SearchError) {
    guard names.count <= Self.nameCountMax else { throw SearchError(.cardTooLarge) }
    if let yearOfBirth, !Self.years.contains(yearOfBirth) { throw SearchError(.malformedCard) }
    self.names = names
    self.yearOfBirth = yearOfBirth
    storedFoldingVersion = Self.foldingVersion
    guard encoded().count <= Self.encodedByteCountMax else { throw SearchError(.cardTooLarge) }
  }

  /// Decodes the one encoding of a card; `malformedCard`, `cardTooLarge` or `unknownCardVersion` for anything else.
  public init(decoding bytes: Span<UInt8>) throws(SearchError) {
    let layout = try IdentityCardLayout(of: bytes)
    names = layout.names.map { name in
      Name(
        text: CardBytes.string(bytes, name.text), script: CardBytes.string(bytes, name.script),
        latin: name.latin.isEmpty ? nil : CardBytes.string(bytes, name.latin), kind: name.kind,
        isNeverAloud: name.isNeverAloud,
        words: layout.words[name.words].map { word in
          FoldedWord(
            letters: CardBytes.copy(bytes, word.letters), skeleton: CardBytes.copy(bytes, word.skeleton),
            isCompanion: word.isCompanion, isVowelless: word.isVowelless)
        })
    }
    yearOfBirth = layout.yearOfBirth
    storedFoldingVersion = layout.foldingVersion
    let again = encoded()
    guard again.count == bytes.count, again.indices.allSatisfy({ again[$0] == bytes[$0] }) else {
      throw SearchError(.malformedCard)
    }
  }

  public init(decoding bytes: [UInt8]) throws(SearchError) {
    try self.init(decoding: bytes.span)
  }

  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = [Self.formatVersion, storedFoldingVersion]
    CardBytes.append(short: yearOfBirth ?? 0, to: &bytes)
    bytes.append(UInt8(names.count))
    for name in names {
      bytes += [name.kind.rawValue, name.isNeverAloud ? 1 : 0, UInt8(name.script.utf8.count)]
      bytes += name.script.utf8
      CardBytes.append(text: name.text, to: &bytes)
      CardBytes.append(text: name.latin ?? "", to: &bytes)
      bytes.append(UInt8(name.words.count))
      for word in name.words {
        bytes.append((word.isCompanion ? 1 : 0) | (word.isVowelless ? 2 : 0))
        bytes += [UInt8(word.letters.count), UInt8(word.skeleton.count)]
        bytes += word.letters
        bytes += word.skeleton
      }
    }
    return bytes
  }

  static func isScriptLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
  }

  public var description: String { "IdentityCard(…)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
