/// One search over the entries of an arena. Text is made for the matches that are answered, for nothing else.
struct CardSearch {
  /// How strict a search is.
  enum Mode: Equatable {
    /// Half-remembered names: mistakes and beginnings count.
    case find
    /// Two records of one person: only close names, and years that agree.
    case duplicate(yearOfBirth: Int?)
  }

  /// How far the years of two records of one person may lie apart: ages are often estimated.
  static let duplicateYearsMax = 2
  /// Words from this many letters on may have a wrong letter in a duplicate.
  static let duplicateMistakeLetterCountMin = 6

  struct Hit {
    var likeness: WordLikeness
    var name: Int
  }

  private struct Weight {
    static let required = 3
    static let companion = 1
    /// Points of 1,000 for a companion name that is missing.
    static let missingCompanion = 600
    /// For words that all stand in one name.
    static let oneName = 20
    /// Off for each further word of the name met, up to four.
    static let furtherWord = 10
    static let sameYear = 60
    static let nextYear = 30
    /// What remains of the score, in percent, when the year is another.
    static let otherYearPercent = 75
  }

  /// What is compared before anything else, for one reading of one word: plain numbers, for this runs for every word of
  /// every card.
  private struct Filter {
    var consonants: UInt32
    /// Wrong letters forgiven: each takes away at most one consonant and adds at most one.
    var lettersMax: Int
    var soundCount: Int
    var isVowelless: Bool

    init(_ reading: FoldedWord) {
      consonants = ConsonantSet.of(reading.skeleton.span)
      lettersMax = WordComparison.lettersMax(letterCount: reading.letters.count)
      soundCount = reading.skeleton.count
      isVowelless = reading.isVowelless
    }

    /// Whether a word with these consonants may be the same but for mistakes.
    func isNear(_ own: UInt32) -> Bool {
      (own & ~consonants).nonzeroBitCount <= lettersMax && (consonants & ~own).nonzeroBitCount <= lettersMax
    }

    func mayBegin(_ own: UInt32) -> Bool { consonants & ~own == 0 }
  }

  /// Sounds by which a name may be longer or shorter besides wrong letters: vowels that one side leaves out.
  private static let unwrittenSoundsMax = 4

  let terms: SearchTerms
  private let born: ClosedRange<Int>?
  let mode: Mode
  private let filters: [[Filter]]
  private let joins: [Filter]
  private let requiredCount: Int
  private var comparison = WordComparison()
  /// What each word and number of the query met in the entry scored last.
  private(set) var hits: [Hit?]
  private(set) var phoneHits: [PhoneDigits.Likeness?]

  init(_ terms: SearchTerms, born: ClosedRange<Int>? = nil, mode: Mode = .find) {
    self.terms = terms
    self.born = born
    self.mode = mode
    filters = terms.words.map { $0.readings.map { Filter($0) } }
    joins = terms.joins.map { Filter($0.reading) }
    requiredCount = terms.words.count { $0.isRequired }
    hits = Array(repeating: nil, count: terms.words.count)
    phoneHits = Array(repeating: nil, count: terms.numbers.count)
  }

  /// The score of one entry, or nil; leaves the hits behind for `reasons`.
  mutating func score(_ bytes: Span<UInt8>, _ entry: CardEntry) -> Int? {
    if let born, entry.year == 0 || !born.contains(entry.year) { return nil }
    guard case .duplicate(let year?) = mode, entry.year != 0, abs(entry.year - year) > Self.duplicateYearsMax else {
      guard let names = nameScore(bytes, entry) else { return nil }
      return withNumbers(names, bytes, entry)
    }
    return nil
  }

  // MARK: Names

  private mutating func nameScore(_ bytes: Span<UInt8>, _ entry: CardEntry) -> Int? {
    guard !filters.isEmpty else { return 0 }
    let missesMax = requiredCount >= 2 ? 1 : 0
    var misses = 0
    for term in hits.indices { hits[term] = nil }
    for term in hits.indices where hits[term] == nil {
      hits[term] = hit(bytes, entry, term) ?? joinedHit(bytes, entry, term)
      if hits[term] == nil && terms.words[term].isRequired {
        misses += 1
        if misses > missesMax { return nil }
      }
    }
    guard requiredCount == 0 || hits.indices.contains(where: { hits[$0] != nil && terms.words[$0].isRequired }) else {
      return nil
    }
    if misses > 0 && (requiredCount == 2 || mode != .find) && !coversWholeName(bytes, entry) { return nil }
    if mode == .duplicate(yearOfBirth: nil) || (mode != .find && entry.year == 0) {
      // Without a year on both sides one common word is too little, unless it is the whole name.
      if requiredCount < 2 && furtherWords(bytes, entry) > 0 { return nil }
    }
    return points(bytes, entry)
  }

  private func points(_ bytes: Span<UInt8>, _ entry: CardEntry) -> Int {
    var sum = 0
    var weights = 0
    for term in hits.indices {
      let weight = terms.words[term].isRequired ? Weight.required : Weight.companion
      let missing = terms.words[term].isRequired ? 0 : Weight.missingCompanion
      sum += weight * (hits[term]?.likeness.points ?? missing)
      weights += weight
    }
    var points = sum / weights
    let names = Set(hits.compactMap { $0?.name })
    if names.count == 1 && hits.count > 1 { points += Weight.oneName }
    return points - Weight.furtherWord * min(4, furtherWords(bytes, entry))
  }

  /// The best likeness of any word of the entry to one word of the query.
  private mutating func hit(_ bytes: Span<UInt8>, _ entry: CardEntry, _ term: Int) -> Hit? {
    var best: Hit?
    for reading in filters[term].indices {
      let filter = filters[term][reading]
      for word in 0..<entry.wordCount {
        let own = entry.consonants(bytes, word: word)
        let isNear = filter.isNear(own)
        guard isNear || filter.mayBegin(own) else { continue }
        let found = entry.word(bytes, word)
        let isAsLong =
          filter.isVowelless || found.isVowelless
          || abs(found.soundCount - filter.soundCount) <= filter.lettersMax + Self.unwrittenSoundsMax
        guard isAsLong && isNear || mode == .find else { continue }
        let query = terms.words[term].readings[reading]
        if let likeness = comparison.likeness(
          query: query, letters: bytes.extracting(found.letters), skeleton: bytes.extracting(found.skeleton),
          isVowelless: found.isVowelless, allowsMistakes: isNear && isAsLong, allowsPrefix: mode == .find),
          isStrongEnough(likeness, query), best.map({ likeness < $0.likeness }) ?? true
        {
          best = Hit(likeness: likeness, name: found.name)
          if likeness == .same { return best }
        }
      }
    }
    return best
  }

  private func isStrongEnough(_ likeness: WordLikeness, _ reading: FoldedWord) -> Bool {
    switch mode {
    case .find: true
    case .duplicate:
      switch likeness {
      case .same, .variant, .alike, .joined, .sameConsonants: true
      case .oneLetter: reading.letters.count >= Self.duplicateMistakeLetterCountMin
      case .twoLetters, .prefix: false
      }
    }
  }

  /// A word of the query that the card writes as two, or two of the query that the card writes as one.
  private mutating func joinedHit(_ bytes: Span<UInt8>, _ entry: CardEntry, _ term: Int) -> Hit? {
    for join in joins.indices {
      let first = terms.joins[join].first
      guard term == first || term == first + 1 else { continue }
      for word in 0..<entry.wordCount {
        guard (entry.consonants(bytes, word: word) ^ joins[join].consonants).nonzeroBitCount <= 1 else { continue }
        let found = entry.word(bytes, word)
        if let likeness = comparison.likeness(
          query: terms.joins[join].reading, letters: bytes.extracting(found.letters),
          skeleton: bytes.extracting(found.skeleton), isVowelless: found.isVowelless, allowsMistakes: true,
          allowsPrefix: false), likeness <= .oneLetter
        {
          let hit = Hit(likeness: .joined, name: found.name)
          if hits[first] == nil { hits[first] = hit }
          if hits[first + 1] == nil { hits[first + 1] = hit }
          return hit
        }
      }
    }
    guard entry.wordCount >= 2 else { return nil }
    for reading in filters[term].indices {
      let filter = filters[term][reading]
      guard filter.soundCount >= WordComparison.joinedSoundCountMin else { continue }
      for word in 0..<entry.wordCount - 1 {
        let both = entry.consonants(bytes, word: word) | entry.consonants(bytes, word: word + 1)
        guard (both ^ filter.consonants).nonzeroBitCount <= 1 else { continue }
        let first = entry.word(bytes, word)
        let second = entry.word(bytes, word + 1)
        if first.name == second.name,
          comparison.isJoined(
            query: terms.words[term].readings[reading], bytes.extracting(first.skeleton),
            bytes.extracting(second.skeleton))
        {
          return Hit(likeness: .joined, name: first.name)
        }
      }
    }
    return nil
  }

  /// Whether some name met has no word that the query lacks: a card that only says "Shirin" meets "Shirin Sultana".
  private mutating func coversWholeName(_ bytes: Span<UInt8>, _ entry: CardEntry) -> Bool {
    for hit in hits.compactMap({ $0 }) where hit.likeness <= .sameConsonants {
      if !hasFurtherWord(bytes, entry, name: hit.name) { return true }
    }
    return false
  }

  private mutating func hasFurtherWord(_ bytes: Span<UInt8>, _ entry: CardEntry, name: Int) -> Bool {
    for word in 0..<entry.wordCount {
      let found = entry.word(bytes, word)
      guard found.name == name, !found.isCompanion else { continue }
      let isMet = terms.words.contains { word in
        word.readings.contains { reading in
          comparison.likeness(
            query: reading, letters: bytes.extracting(found.letters),
            skeleton: bytes.extracting(found.skeleton), isVowelless: found.isVowelless, allowsMistakes: true,
            allowsPrefix: false) != nil
        }
      }
      if !isMet { return true }
    }
    return false
  }

  /// Words of the best name beyond those of the query; titles aside, second spellings of a word counted as words.
  private func furtherWords(_ bytes: Span<UInt8>, _ entry: CardEntry) -> Int {
    guard let name = hits.compactMap({ $0 }).min(by: { $0.likeness < $1.likeness })?.name else { return 0 }
    var count = 0
    for word in 0..<entry.wordCount {
      let found = entry.word(bytes, word)
      if found.name == name && !found.isCompanion { count += 1 }
    }
    return max(0, count - requiredCount)
  }

  // MARK: Numbers

  private mutating func withNumbers(_ names: Int, _ bytes: Span<UInt8>, _ entry: CardEntry) -> Int? {
    var score = names
    let hasWords = !filters.isEmpty
    for number in terms.numbers.indices {
      phoneHits[number] = phoneHit(bytes, entry, terms.numbers[number].digits)
      if let year = terms.numbers[number].year, entry.year != 0, abs(entry.year - year) <= 1 {
        let bonus = entry.year == year ? Weight.sameYear : Weight.nextYear
        score = hasWords || number > 0 ? score + bonus : 900 + bonus
      } else if let likeness = phoneHits[number] {
        score = hasWords || number > 0 ? (score + likeness.points) / 2 : likeness.points
      } else if terms.numbers[number].year != nil && hasWords {
        if entry.year != 0 { score = score * Weight.otherYearPercent / 100 }
      } else {
        return nil
      }
    }
    if case .duplicate(let year?) = mode, entry.year != 0 {
      score += year == entry.year ? Weight.sameYear : Weight.nextYear
    }
    return score
  }

  private func phoneHit(_ bytes: Span<UInt8>, _ entry: CardEntry, _ digits: [UInt8]) -> PhoneDigits.Likeness? {
    guard !entry.contact.isEmpty else { return nil }
    // The card was checked when it came in; the walk needs no checks but the span's own.
    var place = entry.contact.lowerBound + 2
    var best: PhoneDigits.Likeness?
    for _ in 0..<Int(bytes[entry.contact.lowerBound + 1]) {
      let count = Int(bytes[place])
      let number = bytes.extracting(place + 1..<place + 1 + count)
      if let likeness = PhoneDigits.likeness(query: digits.span, number: number) {
        best = best.map { min($0, likeness) } ?? likeness
      }
      place += 1 + count
    }
    guard case .duplicate = mode else { return best }
    return best == .whole ? .whole : nil
  }
}
