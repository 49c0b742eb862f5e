/// Titles and companion names: they come and go between documents of one person, so a query with them must find the name
/// without them, and the other way round.
enum CompanionNames {
  private static let spellings = [
    "begum", "begam", "khatun", "khanam", "khanum", "bibi", "banu", "bano", "akter", "akhtar", "sultana", "devi",
    "kumari", "kumar", "bai", "ben", "sri", "shrimati", "smt", "shri", "mosammat", "mussammat", "mosammot", "miss",
    "mrs", "ms", "mr", "dr", "mohammad", "mohammed", "muhammad", "muhammed", "mohammod", "mohamet", "mhmd", "alhaj",
    "haji", "domnul", "doamna", "domnisoara", "late",
  ]

  /// Abbreviations by folded letters, with what they stand for. মোঃ folds to `moh`, মোছাঃ to `mochhah`.
  private static let abbreviations: [String: String] = [
    "md": "mohammad", "mohd": "mohammad", "muhd": "mohammad", "mhd": "mohammad", "moh": "mohammad",
    "mohmd": "mohammad", "mohamm": "mohammad", "mst": "mosammat", "msst": "mosammat", "mosah": "mosammat",
    "mosst": "mosammat", "mochhah": "mosammat", "mochhammat": "mosammat", "abdur": "abdul", "abdus": "abdul",
    "abdun": "abdul", "abdud": "abdul", "abdut": "abdul", "abduz": "abdul", "abdool": "abdul",
  ]

  private static let expansions: [[UInt8]: [UInt8]] = Dictionary(
    uniqueKeysWithValues: abbreviations.map { (Array($0.key.utf8), Array($0.value.utf8)) })

  private static let skeletons = Set(spellings.map { plain(PhoneticSkeleton.skeleton(of: Array($0.utf8))) })

  /// The written-out name of an abbreviation; nil for any other word.
  static func expansion(of letters: [UInt8]) -> [UInt8]? { expansions[letters] }

  static func contains(skeleton: [UInt8]) -> Bool { skeletons.contains(plain(skeleton)) }

  /// Uncertain vowels read as `a`, a silent last one as nothing: খানম and মোছাম্মৎ meet their Latin spellings.
  private static func plain(_ skeleton: [UInt8]) -> [UInt8] {
    let heard = skeleton.last == SoundSymbol.silentSound ? skeleton.dropLast() : skeleton[...]
    return heard.map { $0 == SoundSymbol.openSound || $0 == SoundSymbol.silentSound ? UInt8(ascii: "a") : $0 }
  }
}
