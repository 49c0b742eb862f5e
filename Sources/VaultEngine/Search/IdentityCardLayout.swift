/// Where everything stands in an encoded `IdentityCard`, found in one strict pass that makes no text: the check that every card
/// goes through before it enters an index.
struct IdentityCardLayout {
  struct Word {
    var letters: Range<Int>
    var skeleton: Range<Int>
    var isCompanion: Bool
    var isVowelless: Bool
    var name: Int
  }

  struct Name {
    var kind: IdentityCard.Name.Kind
    var isNeverAloud: Bool
    var script: Range<Int>
    var text: Range<Int>
    var latin: Range<Int>
    var words: Range<Int>
  }

  let foldingVersion: UInt8
  let yearOfBirth: Int?
  private(set) var names: [Name] = []
  private(set) var words: [Word] = []

  init(of bytes: Span<UInt8>) throws(SearchError) {
    guard bytes.count <= IdentityCard.encodedByteCountMax else { throw SearchError(.cardTooLarge) }
    var place = 0
    guard try CardBytes.byte(bytes, at: &place) == IdentityCard.formatVersion else {
      throw SearchError(.unknownCardVersion)
    }
    foldingVersion = try CardBytes.byte(bytes, at: &place)
    let year = Int(try CardBytes.short(bytes, at: &place))
    guard year == 0 || IdentityCard.years.contains(year) else { throw SearchError(.malformedCard) }
    yearOfBirth = year == 0 ? nil : year
    let nameCount = Int(try CardBytes.byte(bytes, at: &place))
    guard nameCount <= IdentityCard.nameCountMax else { throw SearchError(.malformedCard) }
    names.reserveCapacity(nameCount)
    for index in 0..<nameCount { try readName(bytes, at: &place, index: index) }
    guard place == bytes.count else { throw SearchError(.malformedCard) }
  }

  private mutating func readName(_ bytes: Span<UInt8>, at place: inout Int, index: Int) throws(SearchError) {
    guard let kind = IdentityCard.Name.Kind(rawValue: try CardBytes.byte(bytes, at: &place)) else {
      throw SearchError(.malformedCard)
    }
    let neverAloud = try CardBytes.byte(bytes, at: &place)
    let scriptCount = Int(try CardBytes.byte(bytes, at: &place))
    guard neverAloud <= 1, scriptCount <= IdentityCard.scriptByteCountMax else { throw SearchError(.malformedCard) }
    let script = try CardBytes.range(bytes, at: &place, count: scriptCount)
    for letter in script where !IdentityCard.isScriptLetter(bytes[letter]) { throw SearchError(.malformedCard) }
    let text = try CardBytes.text(bytes, at: &place, byteCountMax: IdentityCard.textByteCountMax)
    let latin = try CardBytes.text(bytes, at: &place, byteCountMax: IdentityCard.textByteCountMax)
    let wordCount = Int(try CardBytes.byte(bytes, at: &place))
    guard wordCount <= IdentityCard.wordCountMax else { throw SearchError(.malformedCard) }
    let firstWord = words.count
    for _ in 0..<wordCount { try readWord(bytes, at: &place, name: index) }
    names.append(
      Name(
        kind: kind, isNeverAloud: neverAloud == 1, script: script, text: text, latin: latin,
        words: firstWord..<words.count))
  }

  private mutating func readWord(_ bytes: Span<UInt8>, at place: inout Int, name: Int) throws(SearchError) {
    let flags = try CardBytes.byte(bytes, at: &place)
    let letterCount = Int(try CardBytes.byte(bytes, at: &place))
    let soundCount = Int(try CardBytes.byte(bytes, at: &place))
    let counts = 1...FoldedWord.letterCountMax
    guard flags <= 3, counts.contains(letterCount), counts.contains(soundCount) else {
      throw SearchError(.malformedCard)
    }
    let letters = try CardBytes.range(bytes, at: &place, count: letterCount)
    let skeleton = try CardBytes.range(bytes, at: &place, count: soundCount)
    for letter in letters.lowerBound..<skeleton.upperBound where !(0x61...0x7A).contains(bytes[letter]) {
      throw SearchError(.malformedCard)
    }
    words.append(
      Word(
        letters: letters, skeleton: skeleton, isCompanion: flags & 1 != 0, isVowelless: flags & 2 != 0, name: name))
  }
}
