import VaultModel

/// How a spreadsheet writes its dates: `DD/MM/YYYY`, `MM/DD/YYYY`, `D-MMM-YYYY`, `MM/YYYY` and the like. A map must say
/// which, because 03/04/1999 means two days.
struct DateFormat: Hashable, Sendable {
  private enum Part: Hashable { case year, month, monthName, day }

  private let parts: [Part]
  private let separators: [UInt8]

  /// Nil unless the pattern names `YYYY`, perhaps with `MM` or `MMM`, perhaps with `DD`, with one of `/ . -` or a space
  /// between them.
  init?(_ pattern: String) {
    var parts: [Part] = []
    var separators: [UInt8] = []
    var word: [UInt8] = []
    // The separator at the end closes the last word.
    for byte in Array(pattern.utf8.prefix(16)) + [UInt8(ascii: " ")] {
      guard Self.isSeparator(byte) else {
        word.append(byte)
        continue
      }
      switch String(decoding: word, as: UTF8.self) {
      case "YYYY": parts.append(.year)
      case "MM", "M": parts.append(.month)
      case "MMM": parts.append(.monthName)
      case "DD", "D": parts.append(.day)
      default: return nil
      }
      separators.append(byte)
      word = []
    }
    let hasMonth = parts.contains(.month) || parts.contains(.monthName)
    guard pattern.utf8.count <= 16, Set(parts).count == parts.count, parts.contains(.year) else { return nil }
    guard hasMonth || !parts.contains(.day), !(parts.contains(.month) && parts.contains(.monthName)) else { return nil }
    self.parts = parts
    self.separators = separators.dropLast()
  }

  /// Whether a date could be read in both, and mean different days.
  func isAmbiguous(with other: DateFormat) -> Bool {
    func shape(_ part: Part) -> Part { part == .day ? .month : part }
    return parts != other.parts && parts.map(shape) == other.parts.map(shape) && separators == other.separators
  }

  /// The date that a cell gives in this format; nil when it is none, or not in the calendar.
  func date(from cell: String) -> PartialDate? {
    guard cell.utf8.count <= 32 else { return nil }
    var words: [[UInt8]] = [[]]
    for byte in cell.utf8 {
      if words.count <= separators.count, byte == separators[words.count - 1] {
        words.append([])
      } else {
        words[words.count - 1].append(byte)
      }
    }
    guard words.count == parts.count else { return nil }
    var year: Int?
    var month: Int?
    var day: Int?
    for (part, word) in zip(parts, words) {
      switch part {
      case .year:
        guard word.count == 4, let number = Self.number(word) else { return nil }
        year = number
      case .month:
        guard word.count <= 2, let number = Self.number(word) else { return nil }
        month = number
      case .monthName:
        guard let number = Self.month(named: word) else { return nil }
        month = number
      case .day:
        guard word.count <= 2, let number = Self.number(word) else { return nil }
        day = number
      }
    }
    guard let year else { return nil }
    return try? PartialDate(year: year, month: month, day: day)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: " "): true
    default: false
    }
  }

  private static func number(_ digits: [UInt8]) -> Int? {
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static let monthNames = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ].map { Array($0.utf8) }

  /// An English month, whole or its first three letters, as Indian and British spreadsheets write it.
  private static func month(named word: [UInt8]) -> Int? {
    let lower = word.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return monthNames.firstIndex { $0 == lower || Array($0.prefix(3)) == lower }.map { $0 + 1 }
  }
}
