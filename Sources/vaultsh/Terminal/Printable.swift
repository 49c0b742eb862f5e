/// Text from records, files and the daemon, made safe for a terminal.
///
/// A record may hold anything that somebody typed elsewhere: escape sequences that repaint the screen, or controls that
/// turn the direction of writing round and make a number read backwards.
enum Printable {
  /// One line: controls become spaces.
  static func line(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { isUnsafe($0) || isBreak($0) }) else { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { safe.append(isUnsafe(scalar) || isBreak(scalar) ? " " : scalar) }
    return String(safe)
  }

  /// Several lines, broken where the text breaks them.
  static func lines(_ text: String) -> [String] {
    text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line(String($0)) }
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" || scalar == "\t" }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    if isBreak(scalar) { return false }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: return true
    // Joiners belong to Indic and Arabic spelling; the rest of this class only changes direction or hides.
    case .format: return scalar != "\u{200C}" && scalar != "\u{200D}"
    default: return false
    }
  }
}
