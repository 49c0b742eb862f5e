/// What is looked for: words of names, telephone digits, years of birth. Read from one line of free text in any script.
///
/// Prints as a placeholder, for terms are as telling as names.
public struct SearchTerms: Sendable, CustomStringConvertible, CustomReflectable {
  /// Bound on the query, UTF-8 bytes: three long names in the widest script, and to spare.
  public static let queryByteCountMax = 256
  /// Bound on its words and numbers together.
  public static let wordCountMax = 8

  /// Years of birth that a number of four digits may mean.
  static let years: ClosedRange<Int> = 1900...2099

  /// One word of the query in its readings.
  struct Word: Sendable {
    var readings: [FoldedWord]
    /// Titles and companion names add points but are not demanded.
    var isRequired: Bool
  }

  /// Neighbouring words as if written as one: Abdul Rahman, Abdulrahman.
  struct Join: Sendable {
    var first: Int
    var reading: FoldedWord
  }

  /// A run of digits, and the year it may mean.
  struct Number: Sendable {
    var digits: [UInt8]
    var year: Int?
  }

  let words: [Word]
  let joins: [Join]
  let numbers: [Number]

  public init(parsing query: String) throws(SearchError) {
    guard query.utf8.count <= Self.queryByteCountMax else { throw SearchError(.queryTooLong) }
    let (texts, numbers) = Self.split(query)
    var words: [[FoldedWord]] = []
    for text in texts {
      for readings in NameFolding.readings(of: text) where !words.contains(readings) { words.append(readings) }
    }
    // An initial says too little beside a word.
    if words.contains(where: { $0[0].letters.count > 1 }) { words.removeAll { $0[0].letters.count < 2 } }
    guard words.count + numbers.count <= Self.wordCountMax else { throw SearchError(.tooManyWords) }
    guard !words.isEmpty || !numbers.isEmpty else { throw SearchError(.nothingToSearchFor) }
    self.init(words: words, numbers: numbers)
  }

  /// Terms from words folded before, such as those of a card.
  init(words: [[FoldedWord]], numbers: [Number] = []) {
    let hasName = words.contains { !$0[0].isCompanion }
    self.words = words.map { Word(readings: $0, isRequired: !hasName || !$0[0].isCompanion) }
    self.numbers = numbers
    joins = words.indices.dropLast().compactMap { first in
      let one = words[first][0]
      let other = words[first + 1][0]
      guard one.letters.count + other.letters.count <= FoldedWord.letterCountMax, !one.isVowelless, !other.isVowelless
      else { return nil }
      return Join(first: first, reading: NameFolding.folded(one.letters + other.letters))
    }
  }

  public var description: String { "SearchTerms(…)" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// Words apart from numbers. Digits with spaces, `+`, `-`, `.`, `/` or brackets between them are one number, but a
  /// year that stands by itself stays by itself.
  private static func split(_ query: String) -> (texts: [String], numbers: [Number]) {
    var texts: [String] = []
    var numbers: [Number] = []
    var run: [UInt8] = []
    func endRun() {
      if let number = number(run) { numbers.append(number) }
      run = []
    }
    for token in query.split(whereSeparator: \.isWhitespace) {
      let scalars = token.unicodeScalars
      if scalars.allSatisfy({ PhoneDigits.value(of: $0) != nil || "+-./()–‑".unicodeScalars.contains($0) }) {
        let digits = PhoneDigits.digits(in: String(token))
        let isAnother = token.first == "+" || digits.count >= PhoneDigits.nationalCountMin
        if year(run) != nil || (run.isEmpty == false && isAnother) { endRun() }
        run += digits
      } else {
        endRun()
        texts.append(String(token))
        // Digits inside a word ("shirin1999") count as a number too.
        run = PhoneDigits.digits(in: String(token))
        endRun()
      }
    }
    endRun()
    return (texts, numbers)
  }

  private static func number(_ run: [UInt8]) -> Number? {
    guard run.count >= PhoneDigits.searchedCountMin else { return nil }
    return Number(digits: Array(run.suffix(PhoneDigits.countMax)), year: year(run))
  }

  private static func year(_ digits: [UInt8]) -> Int? {
    guard digits.count == 4 else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return years.contains(value) ? value : nil
  }
}
