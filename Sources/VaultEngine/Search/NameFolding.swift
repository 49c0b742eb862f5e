import Foundation

/// One word of a name in the forms that search compares.
struct FoldedWord: Equatable, Hashable, Sendable {
  /// Bound on `letters` and on `skeleton`, in bytes: longer than any word of a name; the rest of a longer one is ignored.
  static let letterCountMax = 32

  /// The word in `a`…`z`, without diacritics.
  var letters: [UInt8]
  /// How it sounds, so that spellings of one name meet; see `PhoneticSkeleton`.
  var skeleton: [UInt8]
  /// Whether it is a title or companion name (Begum, Md, Devi) that tells nobody apart.
  var isCompanion: Bool
  /// Whether it comes from a script that leaves out short vowels.
  var isVowelless: Bool
}

/// Takes a name in any script to Latin letters and to a phonetic skeleton.
///
/// Slow (normalisation, tables, allocations: tens of microseconds), so its results are kept in the encrypted card
/// together with `version`; a card of another version is folded again when its record is next opened.
enum NameFolding {
  /// Raised whenever a table or rule changes what a name folds to.
  static let version: UInt8 = 1

  /// Bound on the words taken from one text; further ones are ignored.
  static let wordCountMax = 16

  /// The readings of each word of `text`: usually one, two where a script allows a second.
  static func readings(of text: String) -> [[FoldedWord]] {
    words(in: text).prefix(wordCountMax).compactMap { word in
      let plain = transliterate(word, colloquial: false)
      let parts = plain.split(separator: UInt8(ascii: " "))
      guard let first = parts.first else { return nil }
      let isVowelless = word.contains { ArabicLetters.contains($0) }
      // A transform may yield several words for one (Chinese does): they stay one, as in "Xiaoming".
      let joined = parts.count == 1 ? Array(first) : Array(parts.joined())
      var readings = [folded(joined, isVowelless: isVowelless)]
      let other = transliterate(word, colloquial: true)
      if other != plain {
        let reading = folded(other.filter { $0 != UInt8(ascii: " ") }, isVowelless: isVowelless)
        if !reading.letters.isEmpty, reading != readings[0] { readings.append(reading) }
      }
      return readings[0].letters.isEmpty ? nil : readings
    }
  }

  /// One word from its transliteration.
  static func folded(_ transliteration: [UInt8], isVowelless: Bool = false) -> FoldedWord {
    var letters: [UInt8] = []
    for letter in transliteration where letters.count < FoldedWord.letterCountMax {
      switch letter {
      case SoundSymbol.open: letters.append(UInt8(ascii: "a"))
      case SoundSymbol.closed: letters.append(UInt8(ascii: "i"))
      case SoundSymbol.silent: continue
      default: letters.append(letter)
      }
    }
    let expansion = CompanionNames.expansion(of: letters)
    let skeleton = PhoneticSkeleton.skeleton(of: expansion ?? transliteration)
    return FoldedWord(
      letters: letters, skeleton: Array(skeleton.prefix(FoldedWord.letterCountMax)),
      isCompanion: CompanionNames.contains(skeleton: skeleton), isVowelless: isVowelless)
  }

  /// Runs of letters and marks, decomposed and lower-cased. Joiners and apostrophes vanish; all else separates.
  private static func words(in text: String) -> [[Unicode.Scalar]] {
    var words: [[Unicode.Scalar]] = []
    var current: [Unicode.Scalar] = []
    for scalar in text.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
        .spacingMark, .enclosingMark:
        current.append(scalar)
      case .format: continue
      default:
        if scalar == "'" || scalar == "’" || scalar == "`" { continue }
        if !current.isEmpty { words.append(current) }
        current = []
      }
    }
    if !current.isEmpty { words.append(current) }
    return words
  }

  private enum Family: Equatable {
    case alphabet
    case brahmic(BrahmicLetters.Script)
    case arabic
    case other

    init?(_ scalar: Unicode.Scalar) {
      if let script = BrahmicLetters.Script(scalar) {
        self = .brahmic(script)
      } else if ArabicLetters.contains(scalar) {
        self = .arabic
      } else {
        switch scalar.value {
        case 0x0300...0x036F: return nil
        case 0x61...0x7A, 0xDF...0x02FF, 0x0400...0x052F: self = .alphabet
        default: self = .other
        }
      }
    }
  }

  private static func transliterate(_ word: [Unicode.Scalar], colloquial: Bool) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    while start < word.count {
      let family = Family(word[start])
      var end = start + 1
      // Marks belong to whatever they stand on.
      while end < word.count, Family(word[end]) == nil || Family(word[end]) == family { end += 1 }
      let run = word[start..<end]
      switch family {
      case .alphabet: result += AlphabetLetters.transliterate(run)
      case .brahmic(let script):
        result += BrahmicLetters.transliterate(run, script: script, colloquial: colloquial)
      case .arabic: result += ArabicLetters.transliterate(run)
      case .other: result += transformed(run)
      case nil: break
      }
      start = end
    }
    return result
  }

  /// Any other script, through the transforms of Unicode CLDR.
  private static func transformed(_ run: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: run.prefix(FoldedWord.letterCountMax))
    let latin = String(text).applyingTransform(.toLatin, reverse: false) ?? ""
    let plain = latin.applyingTransform(.stripDiacritics, reverse: false) ?? ""
    return plain.lowercased().utf8.filter { (0x61...0x7A).contains($0) || $0 == 0x20 }
  }
}
