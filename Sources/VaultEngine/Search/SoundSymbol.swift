/// Letters between a script and its folded and phonetic forms.
///
/// A transliteration is a row of `a`…`z` and three capitals that remember what Latin spelling cannot: each folds to a
/// plain letter (or to none), and sounds like a letter of its own, so that শবনম is found by *shabnam* and রতন by
/// *ratan* and *roton* alike.
enum SoundSymbol {
  /// The inherent vowel of Bengali, Odia and Assamese, and Romanian `â`: written `a`, heard as `a` or `o`.
  static let open = UInt8(ascii: "A")
  /// Romanian `î`: written `i` today, `a` (from `â`) in the other orthography.
  static let closed = UInt8(ascii: "I")
  /// An inherent vowel that speech drops (রহমান is *rahman*): written as nothing, heard perhaps.
  static let silent = UInt8(ascii: "H")

  /// In a skeleton: `a` or `o`, whichever the other side has.
  static let openSound = UInt8(ascii: "w")
  /// In a skeleton: `a`, `o`, or nothing at all.
  static let silentSound = UInt8(ascii: "q")

  /// Vowels, and the y and j that spellings put in each other's and in an i's place.
  static func isUncertain(_ sound: UInt8) -> Bool {
    switch sound {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"), openSound,
      silentSound, UInt8(ascii: "y"), UInt8(ascii: "j"):
      true
    default: false
    }
  }
}
