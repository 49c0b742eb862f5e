/// Why a file, its map or one row of it cannot be imported: what and where, never what stands in a cell.
///
/// Column headings and paths inside the map are repeated, since a person has to find them; they describe no survivor.
public struct ImportError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: String, CaseIterable, Hashable, Sendable {
    // The file as a whole: nothing after this is read.
    case unreadable, notCSV, notUTF8, empty, tooManyRows
    /// A quoted cell that never ends, or goes on after its closing quote: what follows cannot be told apart.
    case unterminatedQuote, textAfterQuote, rowTooLong
    // The heading row.
    case blankHeading, repeatedHeading, unknownColumns, repeatedField
    // One row: the next can still be read.
    case invalidUTF8, strayQuote, fieldTooLong, tooManyColumns, wrongColumnCount
    // The map.
    case mapNotJSON, mapMalformed, mapTooLarge, unknownField, wrongSection, missingColumns, badValue, badDateFormat
  }

  public var code: Code
  /// As a spreadsheet counts: the headings are row 1. Nil where the fault is not in one row.
  public var row: Int?
  /// Where in the map: `columns.gender.values`; empty outside the map.
  public var path: String
  /// A sentence for the person who has to put it right.
  public var detail: String
  /// What to do about it.
  public var hint: String?

  public init(_ code: Code, row: Int? = nil, path: String = "", detail: String, hint: String? = nil) {
    self.code = code
    self.row = row
    self.path = path
    self.detail = detail
    self.hint = hint
  }

  /// Whether only this row is lost and the reader may be asked for the next.
  public var isOfOneRow: Bool {
    switch code {
    case .invalidUTF8, .strayQuote, .fieldTooLong, .tooManyColumns, .wrongColumnCount: row != nil
    default: false
    }
  }

  public var description: String {
    (row.map { "row \($0): " } ?? "") + (path.isEmpty ? "" : "\(path): ") + detail
  }
}

/// Column headings as they may be shown on a terminal.
enum Heading {
  /// Characters of one heading that are shown; published data dictionaries keep below it.
  static let shownLengthMax = 64
  /// Headings named in one message; beyond that the file is another one than the person thinks.
  static let shownCountMax = 20

  /// The heading without anything that acts on a terminal, shortened.
  static func shown(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(shownLengthMax) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        shown.append("\u{FFFD}")
      default: shown.append(scalar)
      }
    }
    return String(shown) + (text.unicodeScalars.count > shownLengthMax ? "…" : "")
  }

  static func list(_ headings: [String]) -> String {
    let names = headings.prefix(shownCountMax).map { "“\(shown($0))”" }.joined(separator: ", ")
    let rest = headings.count - shownCountMax
    return rest > 0 ? "\(names) and \(rest) more" : names
  }
}

extension String {
  /// Without white space at either end; the text itself where there is none.
  var trimmedCell: String {
    // Most cells begin and end with a visible ASCII character, which needs no look at Unicode's tables.
    if let first = utf8.first, let last = utf8.last, (0x21...0x7E).contains(first), (0x21...0x7E).contains(last) {
      return self
    }
    let scalars = unicodeScalars
    guard let first = scalars.first, let last = scalars.last else { return self }
    guard first.properties.isWhitespace || last.properties.isWhitespace else { return self }
    guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[start...end])
  }
}
