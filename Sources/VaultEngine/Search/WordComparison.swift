/// How a word of a name met a word of the query, best first.
enum WordLikeness: UInt8, Comparable, Sendable {
  case same
  case variant
  case alike
  case joined
  case sameConsonants
  case oneLetter
  case twoLetters
  case prefix

  static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

  /// What a reader is told; says nothing of the query.
  var sentence: String {
    switch self {
    case .same: "same name"
    case .variant: "spelling variant"
    case .alike: "sounds alike"
    case .joined: "written as one word or two"
    case .sameConsonants: "same consonants"
    case .oneLetter: "1 letter different"
    case .twoLetters: "2 letters different"
    case .prefix: "begins the same"
    }
  }

  /// Points of 1,000.
  var points: Int {
    switch self {
    case .same: 1_000
    case .variant: 940
    case .alike: 860
    case .joined: 840
    case .sameConsonants: 800
    case .oneLetter: 700
    case .twoLetters: 620
    case .prefix: 520
    }
  }
}

/// A set of consonants, one bit for each letter; vowels and what is heard as one are left out, for spellings disagree on them.
enum ConsonantSet {
  private static let counted = Array("bcdfghklmnprst".utf8).reduce(UInt32(0)) { $0 | 1 << UInt32($1 & 31) }

  static func of(_ skeleton: Span<UInt8>) -> UInt32 {
    var set: UInt32 = 0
    for place in 0..<skeleton.count { set |= 1 << UInt32(skeleton[place] & 31) }
    return set & counted
  }
}

/// Decides how alike two words are. One value serves one search: it owns the scratch rows.
struct WordComparison {
  private var distance = SkeletonDistance()

  /// Below this many letters a beginning says too little.
  static let prefixLetterCountMin = 3
  /// Below this many sounds a word is not taken for two.
  static let joinedSoundCountMin = 6

  /// How many wrong letters a word of so many folded letters is forgiven.
  static func lettersMax(letterCount: Int) -> Int {
    switch letterCount {
    case ..<4: 0
    case 4...7: 1
    default: 2
    }
  }

  /// How many shades two skeletons may differ by, from the shorter one's length.
  private static func shadesMax(soundCount: Int) -> Int {
    switch soundCount {
    case ..<3: 0
    case 3...5: 2
    case 6...7: 4
    default: 6
    }
  }

  /// How `letters` and `skeleton` (a word of a card) meet `query`, or nil.
  ///
  /// - Parameter allowsMistakes: false skips wrong letters, where the caller knows from the consonants that they are too many.
  mutating func likeness(
    query: FoldedWord, letters: Span<UInt8>, skeleton: Span<UInt8>, isVowelless: Bool, allowsMistakes: Bool,
    allowsPrefix: Bool
  ) -> WordLikeness? {
    if equal(query.letters.span, letters) { return .same }
    if query.isVowelless != isVowelless, allowsMistakes,
      let likeness = vowellessLikeness(query: query, skeleton: skeleton, isVowelless: isVowelless)
    {
      return likeness
    }
    if allowsMistakes, let likeness = mistaken(query: query, letters: letters, skeleton: skeleton) { return likeness }
    if allowsPrefix, isPrefix(query: query, letters: letters, skeleton: skeleton) { return .prefix }
    return nil
  }

  private mutating func mistaken(query: FoldedWord, letters: Span<UInt8>, skeleton: Span<UInt8>) -> WordLikeness? {
    let soundCount = min(query.skeleton.count, skeleton.count)
    let isLong = soundCount >= 8
    var lettersMax = Self.lettersMax(letterCount: query.letters.count)
    // Three sounds with one wrong are another name, however many letters spell them, and six with two wrong.
    if soundCount < 4 { lettersMax = 0 }
    if soundCount < 7 { lettersMax = min(1, lettersMax) }
    // The cheapest of all refusals, and the most frequent: another first letter, and another first sound.
    if !isLong, !startsAlike(query.letters.span, letters), !mayStartAlike(query.skeleton.span, skeleton) {
      return nil
    }
    let isShort = query.letters.count == 4
    if let found = distance.difference(
      query.skeleton.span, skeleton, lettersMax: lettersMax, countsSwappedConsonantsTwice: lettersMax < 2)
    {
      if found.letters == 0 {
        if found.shades <= 1 && (soundCount >= 3 || found.shades == 0) { return .variant }
        // Of three sounds the first must stand: Asha is not Aisha.
        let isSure = soundCount > 3 || query.skeleton[0] == skeleton[0]
        if isSure && found.shades <= Self.shadesMax(soundCount: soundCount) { return .alike }
      } else if found.shades <= (isLong ? 2 : 0), isLong || startsAlike(query.skeleton.span, skeleton) {
        return found.letters == 1 ? .oneLetter : .twoLetters
      }
    }
    // A slip can hide in a spelling that the skeleton reads otherwise, and one consonant typed for another is a slip of
    // letters, not of sounds. In four letters it usually makes another name.
    if lettersMax > 0, !isShort, isLong || startsAlike(query.letters.span, letters),
      let found = distance.plainDifference(query.letters.span, letters, lettersMax: lettersMax)
    {
      return found == 1 ? .oneLetter : .twoLetters
    }
    return nil
  }

  private mutating func vowellessLikeness(
    query: FoldedWord, skeleton: Span<UInt8>, isVowelless: Bool
  ) -> WordLikeness? {
    let bare = query.isVowelless ? query.skeleton.span : skeleton
    guard ConsonantSet.of(bare).nonzeroBitCount >= 2, bare.count >= 3,
      let found = distance.difference(
        query.skeleton.span, skeleton, lettersMax: 0, isFirstVowelless: query.isVowelless,
        isSecondVowelless: isVowelless)
    else { return nil }
    return found.shades <= 2 ? .sameConsonants : nil
  }

  /// Whether two words written one after the other in a card sound like one word of the query.
  mutating func isJoined(query: FoldedWord, _ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
    guard query.skeleton.count >= Self.joinedSoundCountMin, first.count + second.count <= FoldedWord.letterCountMax
    else { return false }
    // On the stack: sounds of a card that may not match have no business on the heap.
    var both = InlineArray<32, UInt8>(repeating: 0)
    var count = 0
    for place in 0..<first.count {
      both[count] = first[place]
      count += 1
    }
    // A letter doubled across the gap is one (Abdur Rahman).
    for place in 0..<second.count where place > 0 || count == 0 || both[count - 1] != second[0] {
      both[count] = second[place]
      count += 1
    }
    let lettersMax = count >= 8 ? 1 : 0
    guard
      let found = distance.difference(
        query.skeleton.span, both.span.extracting(0..<count), lettersMax: lettersMax, countsSwappedConsonantsTwice: true
      )
    else { return false }
    return found.shades <= 2
  }

  /// A wrong letter is seldom the first one: Rahima and Karima are two people.
  private func startsAlike(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
    guard first.count >= 2, second.count >= 2 else { return false }
    return first[0] == second[0] || (first[0] == second[1] && first[1] == second[0])
  }

  /// Whether the first sounds are one, swapped, or such as spellings confuse.
  private func mayStartAlike(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
    first[0] == second[0] || (SoundSymbol.isUncertain(first[0]) && SoundSymbol.isUncertain(second[0]))
      || startsAlike(first, second)
  }

  private func isPrefix(query: FoldedWord, letters: Span<UInt8>, skeleton: Span<UInt8>) -> Bool {
    guard query.letters.count >= Self.prefixLetterCountMin else { return false }
    return begins(letters, with: query.letters.span)
      || (query.skeleton.count >= Self.prefixLetterCountMin && begins(skeleton, with: query.skeleton.span))
  }

  private func begins(_ whole: Span<UInt8>, with start: Span<UInt8>) -> Bool {
    guard start.count < whole.count else { return false }
    for place in 0..<start.count where !soundsSame(start[place], whole[place]) { return false }
    return true
  }

  private func soundsSame(_ one: UInt8, _ other: UInt8) -> Bool {
    if one == other { return true }
    func isOpen(_ letter: UInt8) -> Bool { letter == SoundSymbol.openSound || letter == SoundSymbol.silentSound }
    func isOpenVowel(_ letter: UInt8) -> Bool { letter == UInt8(ascii: "a") || letter == UInt8(ascii: "o") }
    return (isOpen(one) && (isOpen(other) || isOpenVowel(other))) || (isOpen(other) && isOpenVowel(one))
  }

  private func equal(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    for place in 0..<one.count where one[place] != other[place] { return false }
    return true
  }
}
