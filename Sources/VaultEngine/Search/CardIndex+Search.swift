extension CardIndex where Arena: ~Copyable {
  /// Bound on the matches of one answer: more than anyone reads, and what one log entry names.
  public static var limitMax: Int { 500 }

  /// Records that meet the terms, best first; equal scores by record, so that an answer repeats.
  ///
  /// All words must be met (a title may be missing; one word of three or more may be; so may one that the card's shorter name
  /// lacks). Digits must be met by a number or a year; a year beside words ranks, it does not exclude.
  ///
  /// - Parameters:
  ///   - born: excludes other years, and records without one.
  ///   - hidden: records that are not there for whoever asks.
  ///   - limit: matches at most, up to `limitMax`.
  public borrowing func search(
    _ terms: SearchTerms, born: ClosedRange<Int>? = nil, excluding hidden: Set<UInt64> = [], limit: Int
  ) -> [CardMatch] {
    run(CardSearch(terms, born: born), limit: limit, excluding: hidden)
  }

  /// Records that may be of the same person: close names with years that agree or are unknown, or the same telephone number.
  /// For a warning beside a new record, not for a decision.
  public borrowing func possibleDuplicates(
    of card: IdentityCard, contact: ContactCard? = nil, excluding hidden: Set<UInt64> = [], limit: Int
  ) -> [CardMatch] {
    var found: [UInt64: CardMatch] = [:]
    func keep(_ matches: [CardMatch]) {
      for match in matches where match.score > found[match.record]?.score ?? Int.min { found[match.record] = match }
    }
    let mode = CardSearch.Mode.duplicate(yearOfBirth: card.yearOfBirth)
    for name in card.names {
      var seen: [[[FoldedWord]]] = []
      for text in [name.text, name.latin ?? ""] {
        let words = NameFolding.readings(of: text)
        guard !words.isEmpty, !seen.contains(words) else { continue }
        seen.append(words)
        let terms = SearchTerms(words: Array(words.prefix(SearchTerms.wordCountMax)))
        keep(run(CardSearch(terms, mode: mode), limit: limit, excluding: hidden))
      }
    }
    for digits in contact?.phoneDigits ?? [] where digits.utf8.count >= PhoneDigits.nationalCountMin {
      let terms = SearchTerms(words: [], numbers: [SearchTerms.Number(digits: Array(digits.utf8), year: nil)])
      keep(run(CardSearch(terms, mode: .duplicate(yearOfBirth: nil)), limit: limit, excluding: hidden))
    }
    let ranked = found.values.sorted { ($1.score, $0.record) < ($0.score, $1.record) }
    return Array(ranked.prefix(max(0, limit)))
  }

  private borrowing func run(_ search: CardSearch, limit: Int, excluding hidden: Set<UInt64>) -> [CardMatch] {
    let limit = min(limit, Self.limitMax)
    guard limit > 0 else { return [] }
    let slots = slots
    return arena.withBytes { bytes in
      var search = search
      var best: [(score: Int, record: UInt64, offset: Int)] = []
      for slot in slots where !hidden.contains(slot.record) {
        guard let score = search.score(bytes, CardEntry(bytes, at: slot.offset)) else { continue }
        if best.count == limit, let last = best.last, (score, last.record) <= (last.score, slot.record) { continue }
        let place = best.firstIndex { ($0.score, slot.record) < (score, $0.record) } ?? best.count
        best.insert((score, slot.record, slot.offset), at: place)
        if best.count > limit { best.removeLast() }
      }
      return best.compactMap { candidate in
        search.match(bytes, CardEntry(bytes, at: candidate.offset), score: candidate.score)
      }
    }
  }
}
