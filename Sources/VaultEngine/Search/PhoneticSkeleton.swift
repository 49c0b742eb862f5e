/// How a name sounds, as far as spellings of South Asian and Romanian names agree about it.
///
/// One pass from left to right over a transliteration. Aspirates lose their h; sh, sz and s meet, and so do v, w, bh and b;
/// j and z; ph and f; kh and k; ksh and x; ts, tz and t. Long vowels shorten, diphthongs become one of `e` and `o`, an i before
/// another vowel is heard as y, doubled letters are one. What remains uncertain is left to `SkeletonDistance`.
///
/// Alphabet: a b c d e f g h i j k l m n o p r s t u y, and `q`, `w` of `SoundSymbol`.
struct PhoneticSkeleton {
  private let sounds: [UInt8]
  private var index = 0
  private var result: [UInt8] = []

  static func skeleton(of transliteration: [UInt8]) -> [UInt8] {
    var sounds: [UInt8] = []
    for letter in transliteration.prefix(2 * FoldedWord.letterCountMax) {
      let sound =
        switch letter {
        case SoundSymbol.open, SoundSymbol.closed: openMark
        case SoundSymbol.silent: silentMark
        default: letter
        }
      // A doubled consonant is one; a doubled vowel is another vowel.
      if sound != sounds.last || isVowel(sound) { sounds.append(sound) }
    }
    var builder = PhoneticSkeleton(sounds: sounds)
    while builder.index < builder.sounds.count { builder.step() }
    builder.finish()
    return builder.result
  }

  private init(sounds: [UInt8]) { self.sounds = sounds }

  private static let openMark = UInt8(ascii: "@")
  private static let silentMark = UInt8(ascii: "#")

  private func sound(_ distance: Int) -> UInt8 {
    index + distance < sounds.count ? sounds[index + distance] : 0
  }

  private static func isVowel(_ sound: UInt8) -> Bool {
    switch sound {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"), openMark: true
    default: false
    }
  }

  private func matches(_ text: StaticString, at distance: Int = 0) -> Bool {
    guard index + distance + text.utf8CodeUnitCount <= sounds.count else { return false }
    return text.withUTF8Buffer { buffer in
      for place in 0..<buffer.count where unsafe buffer[place] != sounds[index + distance + place] { return false }
      return true
    }
  }

  private mutating func emit(_ letter: Unicode.Scalar, taking count: Int) {
    let byte = UInt8(ascii: letter)
    if result.last != byte { result.append(byte) }
    index += count
  }

  private mutating func step() {
    let current = sounds[index]
    if current == Self.silentMark {
      emit(Unicode.Scalar(SoundSymbol.silentSound), taking: 1)
    } else if Self.isVowel(current) {
      vowel(current)
    } else {
      consonant(current)
    }
  }

  // MARK: Vowels

  private mutating func vowel(_ current: UInt8) {
    let next = sound(1)
    switch current {
    case UInt8(ascii: "a"), Self.openMark: openVowel(current, next)
    case UInt8(ascii: "e"): frontVowel(next)
    case UInt8(ascii: "i"):
      if next == UInt8(ascii: "i") || (matches("iy") && !Self.isVowel(sound(2))) {
        emit("i", taking: 2)
      } else if matches("ie") && sound(2) == 0 {
        emit("i", taking: 2)
      } else if matches("iy") {
        // The y before a vowel says it already.
        index += 1
      } else if Self.isVowel(next) {
        emit("y", taking: 1)
      } else {
        emit("i", taking: 1)
      }
    case UInt8(ascii: "o"):
      if next == UInt8(ascii: "o") {
        emit("u", taking: 2)
      } else if next == UInt8(ascii: "u") {
        emit("o", taking: 2)
      } else if next == UInt8(ascii: "w") {
        // Anowar is Anwar; Chowdhury is Choudhury.
        if Self.isVowel(sound(2)) { index += 1 } else { emit("o", taking: 2) }
      } else if !closesToE(next) {
        emit("o", taking: 1)
      }
    default:
      if next == UInt8(ascii: "u") {
        emit("u", taking: 2)
      } else if next == UInt8(ascii: "w") && Self.isVowel(sound(2)) {
        index += 1
      } else if Self.isVowel(next) {
        emit("b", taking: 1)
      } else {
        emit("u", taking: 1)
      }
    }
  }

  private mutating func openVowel(_ current: UInt8, _ next: UInt8) {
    if next == UInt8(ascii: "u") || (next == UInt8(ascii: "w") && !Self.isVowel(sound(2))) {
      emit("o", taking: 2)
    } else if next == UInt8(ascii: "e") {
      emit("e", taking: 2)
    } else if current == UInt8(ascii: "a") && next == current {
      index += 1
    } else if !closesToE(next) {
      emit(current == Self.openMark ? Unicode.Scalar(SoundSymbol.openSound) : "a", taking: 1)
    }
  }

  private mutating func frontVowel(_ next: UInt8) {
    switch next {
    case UInt8(ascii: "e"):
      // The second e stands for the i of "ee": Andreea, Shireen.
      if Self.isVowel(sound(2)) { emit("y", taking: 2) } else { emit("i", taking: 2) }
    case UInt8(ascii: "a"), UInt8(ascii: "o"), UInt8(ascii: "u"):
      if result.isEmpty { emit("e", taking: 1) } else { emit("y", taking: 1) }
    default:
      if !closesToE(next) { emit("e", taking: 1) }
    }
  }

  /// A vowel before i or y: one `e` before a consonant or the end (Aisha, Ayesha, Moyna, Roy), else only the vowel itself,
  /// for the glide is still to come (Sumaiya, Jaya).
  private mutating func closesToE(_ next: UInt8) -> Bool {
    guard next == UInt8(ascii: "i") || next == UInt8(ascii: "y") else { return false }
    var after = 2
    if matches("iy", at: 1) { after = 3 }
    let following = sound(after)
    if next == UInt8(ascii: "y") {
      // Ayesha, Nayeem, Nayim: y and its vowel close the diphthong. Payel keeps its two syllables.
      let width = matches("ee", at: after) ? 2 : 1
      let beyond = sound(after + width)
      let isClosing =
        following == UInt8(ascii: "i") || width == 2 || (following == UInt8(ascii: "e") && beyond == UInt8(ascii: "s"))
      if isClosing && beyond != 0 && !Self.isVowel(beyond) {
        emit("e", taking: after + width)
        return true
      }
    }
    guard !Self.isVowel(following) else { return false }
    emit("e", taking: following == Self.silentMark ? after + 1 : after)
    return true
  }

  // MARK: Consonants

  private mutating func consonant(_ current: UInt8) {
    switch current {
    case UInt8(ascii: "s"):
      emit("s", taking: matches("sch") ? 3 : matches("sh") || matches("sz") ? 2 : 1)
    case UInt8(ascii: "c"): letterC()
    case UInt8(ascii: "t"):
      if matches("tch") {
        emit("c", taking: 3)
      } else {
        emit("t", taking: matches("th") || matches("ts") || matches("tz") ? 2 : 1)
      }
    case UInt8(ascii: "x"):
      emit("k", taking: 0)
      emit("s", taking: 1)
    case UInt8(ascii: "q"): emit("k", taking: matches("qu") && Self.isVowel(sound(2)) ? 2 : 1)
    case UInt8(ascii: "k"): emit("k", taking: matches("kh") ? 2 : 1)
    case UInt8(ascii: "g"):
      if matches("gh") {
        emit("g", taking: 2)
      } else if result.last == UInt8(ascii: "n") && matches("gk") {
        index += 1
      } else {
        emit("g", taking: 1)
      }
    case UInt8(ascii: "p"):
      if matches("ph") { emit("f", taking: 2) } else { emit("p", taking: 1) }
    case UInt8(ascii: "b"): emit("b", taking: matches("bh") ? 2 : 1)
    case UInt8(ascii: "v"), UInt8(ascii: "w"): emit("b", taking: 1)
    case UInt8(ascii: "d"):
      if matches("dj") || matches("dz") {
        emit("j", taking: matches("dzh") ? 3 : 2)
      } else {
        emit("d", taking: matches("dh") ? 2 : 1)
      }
    case UInt8(ascii: "j"):
      if matches("jn") {
        emit("g", taking: 2)
        if sound(0) != UInt8(ascii: "y") { emit("y", taking: 0) }
      } else {
        emit("j", taking: matches("jh") ? 2 : 1)
      }
    case UInt8(ascii: "z"): emit("j", taking: matches("zh") ? 2 : 1)
    case UInt8(ascii: "r"): emit("r", taking: matches("rh") ? 2 : 1)
    case UInt8(ascii: "y"): emit(Self.isVowel(sound(1)) ? "y" : "i", taking: 1)
    default: emit(Unicode.Scalar(current), taking: 1)
    }
  }

  private mutating func letterC() {
    if matches("ch") {
      let after = sound(2)
      // Christina is Cristina.
      let isHard = after == UInt8(ascii: "r") || after == UInt8(ascii: "l")
      emit(isHard ? "k" : "c", taking: matches("chh") ? 3 : 2)
    } else if matches("ck") {
      emit("k", taking: 2)
    } else if matches("cz") || matches("cs") {
      emit("c", taking: 2)
    } else {
      let next = sound(1)
      emit(next == UInt8(ascii: "e") || next == UInt8(ascii: "i") ? "c" : "k", taking: 1)
    }
  }

  /// A final h after a vowel is not heard: Sumaiyah, Shah; nor, after it, a vowel that nobody was sure of.
  private mutating func finish() {
    let last = result.last == SoundSymbol.silentSound ? result.count - 2 : result.count - 1
    guard last >= 2, result[last] == UInt8(ascii: "h") else { return }
    let before = result[last - 1]
    if Self.isVowel(before) || before == SoundSymbol.openSound { result.removeLast(result.count - last) }
  }
}
