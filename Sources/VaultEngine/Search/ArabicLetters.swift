/// Arabic script as written for Arabic, Urdu and Persian names: short vowels are missing, و and ی stand for both a
/// consonant and a vowel, so that a reading is only good for comparison by `SkeletonDistance`'s vowelless rule.
enum ArabicLetters {
  private static let table: [Unicode.Scalar: String] = [
    "ا": "a", "ٱ": "a", "ب": "b", "پ": "p", "ت": "t", "ٹ": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh",
    "د": "d", "ڈ": "d", "ذ": "z", "ر": "r", "ڑ": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "z",
    "ط": "t", "ظ": "z", "غ": "gh", "ف": "f", "ق": "q", "ک": "k", "ك": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
    "ں": "n", "ھ": "h", "ے": "e", "ى": "a", "ة": "a",
    // Vowel marks, where someone took the trouble.
    "\u{64E}": "a", "\u{64F}": "u", "\u{650}": "i",
  ]
  private static let yehs: Set<Unicode.Scalar> = ["ي", "ی", "ۍ", "ې"]
  private static let hehs: Set<Unicode.Scalar> = ["ه", "ہ", "ە", "ۀ", "ۂ", "ة"]

  static func contains(_ scalar: Unicode.Scalar) -> Bool {
    (0x0600...0x06FF).contains(scalar.value) || (0x0750...0x077F).contains(scalar.value)
  }

  static func transliterate(_ run: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    let scalars = run.filter { !$0.properties.isDiacritic || table[$0] != nil }
    var letters: [UInt8] = []
    for (index, scalar) in scalars.enumerated() {
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      // A glide is a consonant at the start and before a long vowel; elsewhere it writes a long vowel.
      let isGlide = index == 0 || next == "ا" || (next.map { yehs.contains($0) || hehs.contains($0) } ?? false)
      switch scalar {
      case "و": letters.append(UInt8(ascii: isGlide ? "w" : "u"))
      case "ع": if index == 0 && next != "ا" { letters.append(UInt8(ascii: "a")) }
      case _ where yehs.contains(scalar): letters.append(UInt8(ascii: isGlide && next != nil ? "y" : "i"))
      case _ where hehs.contains(scalar): letters.append(UInt8(ascii: next == nil && index > 0 ? "a" : "h"))
      default: if let own = table[scalar] { letters += Array(own.utf8) }
      }
    }
    return letters
  }
}
