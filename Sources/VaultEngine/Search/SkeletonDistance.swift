/// Damerau–Levenshtein distance (optimal string alignment) between two skeletons, with two kinds of edit: *letters*, which
/// are somebody's mistake, and *shades*, which are somebody's spelling (a for o, e for i, a vowel that is not spoken).
/// The alignment with the fewest letters wins, and among those the one with the fewest shades.
struct SkeletonDistance {
  struct Difference: Equatable {
    var letters: Int
    var shades: Int
  }

  /// One letter costs more shades than two words of 32 letters can have.
  private static let letterCost: UInt16 = 256
  private static let rowWidth = FoldedWord.letterCountMax + 2

  private let substitution: [UInt16]
  private let omission: [UInt16]
  private let isVowel: [Bool]
  private var cells: [UInt16]

  init() {
    cells = [UInt16](repeating: 0, count: 3 * Self.rowWidth)
    substitution = Self.substitutionCosts()
    omission = Self.omissionCosts()
    isVowel = (0..<32).map { letter in "aeiouqw".utf8.contains { $0 & 31 == letter } }
  }

  /// A letter as a row of the tables: 0…31.
  private static func row(_ letter: UInt8) -> Int { Int(letter & 31) }

  private static func substitutionCosts() -> [UInt16] {
    var costs = [UInt16](repeating: letterCost, count: 32 * 32)
    func set(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ cost: UInt16) {
      costs[row(UInt8(ascii: first)) * 32 + row(UInt8(ascii: second))] = cost
      costs[row(UInt8(ascii: second)) * 32 + row(UInt8(ascii: first))] = cost
    }
    for letter in 0..<32 { costs[letter * 32 + letter] = 0 }
    set("a", "o", 1)
    set("a", "e", 2)
    set("e", "i", 2)
    set("o", "u", 2)
    set("i", "y", 1)
    set("e", "y", 2)
    set("y", "j", 2)
    for uncertain: Unicode.Scalar in ["q", "w"] {
      set(uncertain, "a", 0)
      set(uncertain, "o", 0)
      for vowel: Unicode.Scalar in ["e", "i", "u"] { set(uncertain, vowel, 2) }
    }
    set("q", "w", 0)
    return costs
  }

  private static func omissionCosts() -> [UInt16] {
    var costs = [UInt16](repeating: letterCost, count: 32)
    costs[row(UInt8(ascii: "a"))] = 2
    costs[row(SoundSymbol.openSound)] = 1
    costs[row(SoundSymbol.silentSound)] = 0
    return costs
  }

  /// The difference, or nil when it exceeds `lettersMax`.
  ///
  /// - Parameters:
  ///   - countsSwappedConsonantsTwice: whether one consonant for another counts as two letters, for words short
  ///     enough that it usually makes another name (Rina, Rima, Rita).
  ///   - isFirstVowelless, isSecondVowelless: that side leaves out short vowels, so the other side's cost nothing.
  mutating func difference(
    _ first: Span<UInt8>, _ second: Span<UInt8>, lettersMax: Int, countsSwappedConsonantsTwice: Bool = false,
    isFirstVowelless: Bool = false, isSecondVowelless: Bool = false
  ) -> Difference? {
    guard first.count <= FoldedWord.letterCountMax, second.count <= FoldedWord.letterCountMax else { return nil }
    let width = Self.rowWidth
    let bound = UInt16(lettersMax + 1) * Self.letterCost
    var before = 2 * width
    var above = 0
    var row = width
    cells[above] = 0
    for column in 0..<second.count {
      cells[above + column + 1] =
        cells[above + column] + omissionCost(second[column], at: column, isFree: isFirstVowelless)
    }
    for line in 0..<first.count {
      let letter = first[line]
      let dropped = omissionCost(letter, at: line, isFree: isSecondVowelless)
      cells[row] = cells[above] + dropped
      var least = cells[row]
      for column in 0..<second.count {
        let other = second[column]
        var swap = substitution[Self.row(letter) * 32 + Self.row(other)]
        if countsSwappedConsonantsTwice && swap == Self.letterCost
          && !(isVowel[Self.row(letter)] && isVowel[Self.row(other)])
        {
          swap = 2 * Self.letterCost
        }
        var cost = cells[above + column] + swap
        cost = min(cost, cells[above + column + 1] + dropped)
        cost = min(cost, cells[row + column] + omissionCost(other, at: column, isFree: isFirstVowelless))
        if line > 0, column > 0, letter == second[column - 1], first[line - 1] == other, letter != other {
          cost = min(cost, cells[before + column - 1] + Self.letterCost)
        }
        cells[row + column + 1] = cost
        least = min(least, cost)
      }
      if least >= bound { return nil }
      (before, above, row) = (above, row, before)
    }
    let total = cells[above + second.count]
    guard total < bound else { return nil }
    return Difference(letters: Int(total / Self.letterCost), shades: Int(total % Self.letterCost))
  }

  private func omissionCost(_ letter: UInt8, at place: Int, isFree: Bool) -> UInt16 {
    if isFree && isVowel[Self.row(letter)] { return 0 }
    // A name's first sound is not left out silently, unless it was never sure to be there.
    if place == 0 && letter != SoundSymbol.silentSound { return Self.letterCost }
    return omission[Self.row(letter)]
  }

  /// Plain optimal string alignment over folded letters; nil when it exceeds `lettersMax`.
  mutating func plainDifference(_ first: Span<UInt8>, _ second: Span<UInt8>, lettersMax: Int) -> Int? {
    guard first.count <= FoldedWord.letterCountMax, second.count <= FoldedWord.letterCountMax,
      abs(first.count - second.count) <= lettersMax
    else { return nil }
    let width = Self.rowWidth
    var before = 2 * width
    var above = 0
    var row = width
    for column in 0...second.count { cells[above + column] = UInt16(column) }
    for line in 0..<first.count {
      cells[row] = UInt16(line + 1)
      var least = cells[row]
      for column in 0..<second.count {
        var cost = cells[above + column] + (first[line] == second[column] ? 0 : 1)
        cost = min(cost, cells[above + column + 1] + 1, cells[row + column] + 1)
        if line > 0, column > 0, first[line] == second[column - 1], first[line - 1] == second[column] {
          cost = min(cost, cells[before + column - 1] + 1)
        }
        cells[row + column + 1] = cost
        least = min(least, cost)
      }
      if Int(least) > lettersMax { return nil }
      (before, above, row) = (above, row, before)
    }
    let total = Int(cells[above + second.count])
    return total <= lettersMax ? total : nil
  }
}
