/// Devanagari, Bengali and the seven scripts that Unicode lays out in parallel with them (ISCII order), read by one
/// table over the offset inside each 128-character block.
///
/// Source: the Unicode code charts U+0900–U+0DFF; romanisation follows what people write on forms (`sh`, `j`, `f`),
/// not ISO 15919.
enum BrahmicLetters {
  enum Script: UInt32, Equatable {
    case devanagari = 0x0900
    case bengali = 0x0980
    case gurmukhi = 0x0A00
    case gujarati = 0x0A80
    case odia = 0x0B00
    case tamil = 0x0B80
    case telugu = 0x0C00
    case kannada = 0x0C80
    case malayalam = 0x0D00

    init?(_ scalar: Unicode.Scalar) {
      self.init(rawValue: scalar.value & ~0x7F)
    }

    /// Whether speech and Latin spelling drop inherent vowels at the end and between single consonants.
    var dropsInherentVowels: Bool {
      switch self {
      case .devanagari, .bengali, .gurmukhi, .gujarati: true
      case .odia, .tamil, .telugu, .kannada, .malayalam: false
      }
    }

    /// Whether the inherent vowel is heard as `a` or `o`.
    var hasOpenInherentVowel: Bool { self == .bengali || self == .odia }
  }

  /// One sound: its letters, whether it is a vowel, whether no sign wrote it.
  struct Sound {
    var letters: [UInt8]
    var isVowel: Bool
    var isInherent = false
  }

  private enum Sign {
    static let candrabindu: UInt32 = 0x01
    static let anusvara: UInt32 = 0x02
    static let visarga: UInt32 = 0x03
    static let nukta: UInt32 = 0x3C
    static let aa: UInt32 = 0x3E
    static let virama: UInt32 = 0x4D
    static let ka: UInt32 = 0x15
    static let cha: UInt32 = 0x1B
    static let ja: UInt32 = 0x1C
    static let nya: UInt32 = 0x1E
    static let ma: UInt32 = 0x2E
    static let ya: UInt32 = 0x2F
    static let ba: UInt32 = 0x2C
    static let ssa: UInt32 = 0x37
    static let ha: UInt32 = 0x39
    static let vocalicR: UInt32 = 0x43
    /// The first labial: before `pa`…`ma` the anusvara is heard as `m`.
    static let labials: ClosedRange<UInt32> = 0x2A...0x2E
  }

  /// Consonants from offset 0x15 (`ka`) to 0x39 (`ha`).
  private static let consonants: [String] = [
    "k", "kh", "g", "gh", "ng", "ch", "chh", "j", "jh", "n", "t", "th", "d", "dh", "n", "t", "th", "d", "dh", "n",
    "n", "p", "ph", "b", "bh", "m", "y", "r", "r", "l", "l", "l", "v", "sh", "sh", "s", "h",
  ]
  /// Independent vowels from offset 0x05 to 0x14.
  private static let vowels: [String] = [
    "a", "a", "i", "i", "u", "u", "ri", "li", "e", "e", "e", "ai", "o", "o", "o", "au",
  ]
  /// Vowel signs from offset 0x3E to 0x4C.
  private static let vowelSigns: [String] = [
    "a", "i", "i", "u", "u", "ri", "ri", "e", "e", "e", "ai", "o", "o", "o", "au",
  ]

  /// Letters that only some blocks have, by whole scalar value.
  private static let ownConsonants: [UInt32: String] = [
    0x09CE: "t", 0x09F0: "r", 0x09F1: "w", 0x0A5C: "r", 0x0B5F: "y", 0x0B71: "w",
    0x0D7A: "n", 0x0D7B: "n", 0x0D7C: "r", 0x0D7D: "l", 0x0D7E: "l", 0x0D7F: "k", 0x0A70: "n",
  ]
  /// Of those, the ones that stand for a bare consonant, without an inherent vowel.
  private static let bareConsonants: Set<UInt32> = [
    0x09CE, 0x0A70, 0x0D7A, 0x0D7B, 0x0D7C, 0x0D7D, 0x0D7E, 0x0D7F,
  ]
  /// What a nukta makes of a consonant, by offset; Bengali's `ya` is decided by its neighbours.
  private static let dotted: [UInt32: String] = [
    0x15: "q", 0x16: "kh", 0x17: "gh", 0x1C: "z", 0x21: "r", 0x22: "rh", 0x2B: "f", 0x33: "l", 0x36: "sh", 0x38: "sh",
    0x32: "l", 0x28: "n", 0x30: "r",
  ]

  /// The letters of a run of one script, decomposed (NFKD), as a transliteration (see `SoundSymbol`).
  ///
  /// - Parameter colloquial: the second reading that Bengali allows: ক্ষ as `kkh`, ছ as `s`, and silent what speech leaves
  ///   out: the nasal of আঁখি (*Akhi*), the ব of স্বর্ণা (*Shorna*), the হ of হৃদয় (*Ridoy*).
  static func transliterate(_ run: ArraySlice<Unicode.Scalar>, script: Script, colloquial: Bool) -> [UInt8] {
    var sounds = sounds(of: run, script: script, colloquial: colloquial)
    if script.dropsInherentVowels { dropInherentVowels(&sounds, keepsLast: script.hasOpenInherentVowel) }
    return sounds.flatMap(\.letters)
  }

  private static func sounds(of run: ArraySlice<Unicode.Scalar>, script: Script, colloquial: Bool) -> [Sound] {
    let scalars = Array(run)
    var sounds: [Sound] = []
    var index = 0
    func offset(_ at: Int) -> UInt32? {
      at < scalars.count && Script(scalars[at]) == script ? scalars[at].value & 0x7F : nil
    }
    while index < scalars.count {
      guard let current = offset(index) else {
        index += 1
        continue
      }
      if let sign = vowelSign(current, script: script) {
        index += 1
        // A vowel sign written in two parts: ে + া is o, ে + ৗ is au.
        if let second = offset(index), let joined = twoPart(current, second, script: script) {
          sounds.append(Sound(letters: Array(joined.utf8), isVowel: true))
          index += 1
        } else {
          sounds.append(Sound(letters: sign, isVowel: true))
        }
        continue
      }
      switch current {
      case 0x05...0x14:
        sounds.append(Sound(letters: independentVowel(current, script: script), isVowel: true))
      case Sign.anusvara, Sign.candrabindu:
        if colloquial && script == .bengali && current == Sign.candrabindu { break }
        guard let letters = nasal(current, before: offset(index + 1), script: script) else { break }
        if current == Sign.candrabindu, let last = sounds.indices.last, sounds[last].isVowel {
          // A nasal vowel, not a consonant of its own: চাঁদনী is Chandni.
          sounds[last].letters += letters
          sounds[last].isInherent = false
        } else {
          sounds.append(Sound(letters: letters, isVowel: false))
        }
      case Sign.visarga where script == .bengali:
        sounds.append(Sound(letters: Array("h".utf8), isVowel: false))
      default:
        index = appendConsonant(
          at: index, current, scalars[index].value, script: script, colloquial: colloquial, offset: offset, to: &sounds)
        continue
      }
      index += 1
    }
    return sounds
  }

  /// Appends the consonant at `index` with its inherent vowel, if it keeps one; returns the index after it.
  private static func appendConsonant(
    at index: Int, _ current: UInt32, _ value: UInt32, script: Script, colloquial: Bool,
    offset: (Int) -> UInt32?, to sounds: inout [Sound]
  ) -> Int {
    var next = index + 1
    var letters: String
    if let own = ownConsonants[value] {
      letters = own
    } else if (0x15...0x39).contains(current) {
      letters = consonants[Int(current - 0x15)]
    } else {
      return next
    }
    let isDotted = offset(next) == Sign.nukta
    if isDotted {
      next += 1
      letters = dotted[current] ?? letters
    }
    let isJoined = index >= 1 && offset(index - 1) == Sign.virama
    if script == .bengali || script == .odia {
      letters = bengali(letters, current, isDotted: isDotted, isJoined: isJoined, next: offset(next), sounds: sounds)
      if colloquial { letters = spoken(letters, current, isJoined: isJoined, next: offset(next)) }
    }
    if current == Sign.ka, offset(next) == Sign.virama, offset(next + 1) == Sign.ssa {
      letters = "ksh"
      next += 2
      if colloquial, script == .bengali {
        letters = "kkh"
        if offset(next) == Sign.virama, offset(next + 1) == Sign.ma { next += 2 }
      }
    } else if current == Sign.ja, offset(next) == Sign.virama, offset(next + 1) == Sign.nya {
      letters = "gy"
      next += 2
    }
    sounds.append(Sound(letters: Array(letters.utf8), isVowel: false))
    if offset(next) == Sign.virama { return next + 1 }
    if let following = offset(next), vowelSign(following, script: script) != nil { return next }
    if bareConsonants.contains(value) { return next }
    let inherent = script.hasOpenInherentVowel ? SoundSymbol.open : UInt8(ascii: "a")
    sounds.append(Sound(letters: [inherent], isVowel: true, isInherent: true))
    return next
  }

  /// Where Bengali and Odia read a letter otherwise than its place in the block says.
  private static func bengali(
    _ letters: String, _ current: UInt32, isDotted: Bool, isJoined: Bool, next: UInt32?, sounds: [Sound]
  ) -> String {
    switch current {
    case Sign.ya where isDotted:
      // য় glides: after o and u it is heard as w (আনোয়ারা, Anowara), elsewhere as y.
      let isRounded = sounds.last.map {
        $0.isVowel && [UInt8(ascii: "o"), UInt8(ascii: "u")].contains($0.letters.last)
      }
      return isRounded == true && next == Sign.aa ? "w" : "y"
    case Sign.ya: return isJoined ? "y" : "j"
    case Sign.ba where isJoined:
      let before = sounds.last?.letters.last
      return before == UInt8(ascii: "m") || before == UInt8(ascii: "b") ? "b" : "w"
    case 0x2B: return "f"
    default: return letters
    }
  }

  /// The second reading of a Bengali consonant.
  private static func spoken(_ letters: String, _ current: UInt32, isJoined: Bool, next: UInt32?) -> String {
    switch current {
    case Sign.cha: "s"
    case Sign.ba where isJoined: ""
    case Sign.ha where next == Sign.vocalicR: ""
    default: letters
    }
  }

  private static func independentVowel(_ offset: UInt32, script: Script) -> [UInt8] {
    if offset == 0x05 && script.hasOpenInherentVowel { return [SoundSymbol.open] }
    return diphthong(vowels[Int(offset - 0x05)], script: script)
  }

  private static func vowelSign(_ offset: UInt32, script: Script) -> [UInt8]? {
    switch offset {
    case 0x3E...0x4C: diphthong(vowelSigns[Int(offset - 0x3E)], script: script)
    case 0x55, 0x56, 0x57: diphthong(offset == 0x56 ? "ai" : "au", script: script)
    case 0x62, 0x63: Array("li".utf8)
    default: nil
    }
  }

  private static func diphthong(_ letters: String, script: Script) -> [UInt8] {
    guard script.hasOpenInherentVowel else { return Array(letters.utf8) }
    return Array((letters == "ai" ? "oi" : letters == "au" ? "ou" : letters).utf8)
  }

  private static func twoPart(_ first: UInt32, _ second: UInt32, script: Script) -> String? {
    switch (first, second) {
    case (0x46, 0x3E), (0x47, 0x3E), (0x46, 0x42): "o"
    case (0x46, 0x56), (0x47, 0x56): script.hasOpenInherentVowel ? "oi" : "ai"
    case (0x46, 0x57), (0x47, 0x57): script.hasOpenInherentVowel ? "ou" : "au"
    case (0x3F, 0x55): "i"
    case (0x46, 0x55), (0x47, 0x55): "e"
    case (0x4A, 0x55), (0x4B, 0x55): "o"
    default: nil
    }
  }

  private static func nasal(_ sign: UInt32, before next: UInt32?, script: Script) -> [UInt8]? {
    guard let next, (0x15...0x39).contains(next) else {
      // Nothing follows, or a vowel: the Bengali anusvara is heard (সিং), other nasal vowels are not written in Latin.
      return sign == Sign.anusvara ? Array((script == .bengali ? "ng" : "n").utf8) : nil
    }
    // सिंह is Singh.
    if sign == Sign.anusvara && (script == .bengali || next == Sign.ha) { return Array("ng".utf8) }
    return Array((Sign.labials.contains(next) ? "m" : "n").utf8)
  }

  /// Drops the inherent vowel at the end after a single consonant (दीपक, *Dipak*), or only silences it where speech keeps it
  /// now and then (সুব্রত, *Subrata*, *Subroto*), and silences those between two single
  /// consonants with a vowel on either side, from the right (शबनम, *Shabnam*).
  private static func dropInherentVowels(_ sounds: inout [Sound], keepsLast: Bool) {
    var hasDropped = false
    if sounds.count >= 3, sounds[sounds.count - 1].isInherent, !sounds[sounds.count - 2].isVowel,
      sounds[sounds.count - 3].isVowel
    {
      sounds.removeLast()
      hasDropped = true
    }
    var index = sounds.count - 3
    while index >= 2 {
      if sounds[index].isInherent, !sounds[index - 1].isVowel, sounds[index - 2].isVowel,
        !sounds[index + 1].isVowel, sounds[index + 2].isVowel, sounds[index + 2].letters != [SoundSymbol.silent]
      {
        sounds[index].letters = [SoundSymbol.silent]
      }
      index -= 1
    }
    if hasDropped && keepsLast {
      sounds.append(Sound(letters: [SoundSymbol.silent], isVowel: true, isInherent: true))
    }
  }
}
