/// Latin letters that have no base letter in their decomposition, and Cyrillic.
enum AlphabetLetters {
  /// Source: Unicode Latin-1 Supplement to Latin Extended Additional; readings as people type them without diacritics.
  static let latin: [Unicode.Scalar: String] = [
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h", "ŋ": "ng",
    "ə": "a", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ʼ": "", "ĸ": "k", "ŧ": "t", "ƒ": "f", "ɛ": "e", "ɔ": "o",
  ]

  /// Russian, Ukrainian, Bulgarian, Serbian, Macedonian and the Cyrillic once used for Romanian in Moldova. Letters with
  /// marks (й, ї, ё) arrive decomposed, as и, і, е.
  static let cyrillic: [Unicode.Scalar: String] = [
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ye", "ж": "zh", "з": "z", "и": "i",
    "і": "i", "ј": "j", "к": "k", "л": "l", "љ": "l", "м": "m", "н": "n", "њ": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "ћ": "ch", "ђ": "dj", "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "џ": "dj", "ш": "sh",
    "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya", "ѕ": "z", "қ": "k", "ғ": "g", "ә": "a",
    "ө": "o", "ү": "u", "ұ": "u", "һ": "h", "ң": "n",
  ]

  /// Reads a decomposed run. Circumflexes on a and i are Romanian: â and î are one sound in two orthographies.
  static func transliterate(_ run: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    var letters: [UInt8] = []
    for scalar in run {
      switch scalar.value {
      case 0x61...0x7A: letters.append(UInt8(scalar.value))
      case 0x0302 where letters.last == UInt8(ascii: "a"): letters[letters.count - 1] = SoundSymbol.open
      case 0x0302 where letters.last == UInt8(ascii: "i"): letters[letters.count - 1] = SoundSymbol.closed
      default: if let own = latin[scalar] ?? cyrillic[scalar] { letters += Array(own.utf8) }
      }
    }
    return letters
  }
}
