/// Passphrases that we choose, because people choose worse ones.
public enum PassphraseGenerator {
  /// 60 bits; Argon2id at its standard cost makes each guess dear (DESIGN §2, P2).
  public static let standardWordCount = 6

  /// `count` words (1…64) of the SLIP-39 list, each drawn uniformly: ten bits a word. ASCII, separated by single spaces.
  public static func words(_ count: Int = standardWordCount) -> SecretBytes {
    precondition((1...64).contains(count))
    return WordTable.joined(.random(count))
  }
}
