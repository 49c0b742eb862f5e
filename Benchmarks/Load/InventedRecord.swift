import VaultCrypto

/// Records of 2 KiB about nobody: names put together from syllables by number, so that a run can ask for one it has made.
enum InventedRecord {
  /// Of both sections together, as JSON.
  static let byteCount = 2048

  private static let syllables = [
    "mi", "re", "la", "ana", "sha", "vi", "dra", "bo", "gdan", "ru", "kha", "so", "nia", "te", "lor", "ghe", "pri",
    "ya",
    "do", "ina", "ka", "ri", "mu", "ste", "fan", "ile", "na", "zo", "fia", "ha", "sin", "pet",
  ]
  private static let bengali = ["শিরিন", "দিব্যা", "সুমাইয়া", "লক্ষ্মী", "রুকসানা", "পূর্ণিমা"]

  /// Spreads consecutive numbers, so that neighbours have nothing in common (Knuth's multiplicative hash).
  private static func spread(_ number: Int, _ salt: UInt64) -> UInt64 {
    var value = (UInt64(number) &+ salt) &* 0x9E37_79B9_7F4A_7C15
    value ^= value >> 29
    return value &* 0xBF58_476D_1CE4_E5B9 >> 8
  }

  static func givenName(_ number: Int) -> String { word(spread(number, 1), 3) }
  static func familyName(_ number: Int) -> String { word(spread(number, 77), 4) }

  private static func word(_ value: UInt64, _ count: Int) -> String {
    var value = value
    var text = ""
    for _ in 0..<count {
      text += syllables[Int(value & 31)]
      value >>= 5
    }
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// `{"sections": {"case": …, "identity": …}}`.
  static func json(_ number: Int) -> [UInt8] {
    var identity = #"{"prs_Birthdate":"\#(1960 + number % 50)","vault_Names":[{"kind":"legal","script":"Latn","text":"#
    identity += "\"\(givenName(number)) \(familyName(number))\"}"
    if number % 4 == 0 {
      identity += #",{"kind":"nickname","script":"Beng","text":"\#(bengali[number / 4 % bengali.count])"}"#
    }
    identity += "]}"
    let head = #"{"sections":{"case":{"vault_Notes":""#
    let middle = #""},"identity":"#
    var text = head + notes(number, byteCount: byteCount - identity.utf8.count - 20) + middle + identity + "}}"
    return text.withUTF8 { unsafe Array($0) }
  }

  static func notes(_ number: Int, byteCount: Int) -> String {
    var text = "Invented \(number). "
    var value = spread(number, 5)
    while text.utf8.count < byteCount {
      text += word(value, 3).lowercased() + " "
      value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    }
    return String(text.prefix(byteCount))
  }
}
