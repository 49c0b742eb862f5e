/// Text whose every character can be seen: what would hide, turn the direction of writing round or cling to the sign
/// before it is shown by its code point instead.
enum VisibleText {
  /// Names, ids and codes; none of the vault's own is half as long. In scalars, because one character can hold any
  /// number of combining marks.
  static let wordScalarCountMax = 120
  /// What an auditor wrote about a sign-off.
  static let remarkScalarCountMax = 4_000

  static func of(_ text: String, scalarCountMax: Int? = nil) -> String {
    var kept = text
    if let scalarCountMax, text.unicodeScalars.count > scalarCountMax {
      kept = String(String.UnicodeScalarView(text.unicodeScalars.prefix(scalarCountMax))) + "…"
    }
    guard kept.unicodeScalars.contains(where: isHidden) || kept.unicodeScalars.first.map(clings) == true else {
      return kept
    }
    var shown = String.UnicodeScalarView()
    // On a sign of ours, such as the bracket of a tag, a mark would make another sign of it.
    if kept.unicodeScalars.first.map(clings) == true { shown.append("\u{25CC}") }
    for scalar in kept.unicodeScalars {
      guard isHidden(scalar) else {
        shown.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      let code = "⟨U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟩"
      shown.append(contentsOf: code.unicodeScalars)
    }
    return String(shown)
  }

  private static func clings(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: true
    default: scalar == "\u{200D}" || scalar == "\u{200C}"
    }
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    // Joiners belong to Indic and Arabic spelling.
    case .format: scalar != "\u{200C}" && scalar != "\u{200D}"
    default: false
    }
  }
}
