import CEdit

/// How many columns a text takes on a terminal, as the C library counts them.
enum TextWidth {
  static func of(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    let width = vault_edit_columns(wchar_t(scalar.value))
    return width < 0 ? 1 : Int(width)
  }

  /// Padded with spaces to `width` columns; longer text stays as it is.
  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - of(text)))
  }

  /// Cut to `width` columns, with an ellipsis where something is missing.
  static func clipped(_ text: String, to width: Int) -> String {
    guard of(text) > width else { return text }
    guard width > 1 else { return width == 1 ? "…" : "" }
    var kept = ""
    var used = 0
    for character in text {
      let next = of(String(character))
      if used + next > width - 1 { break }
      kept.append(character)
      used += next
    }
    return kept + "…"
  }

  /// Broken into lines of at most `width` columns, at spaces where there are any; all keep the indent of the first.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    guard width > 0, of(text) > width else { return [text] }
    let indent = text.prefix { $0 == " " }
    // Where the indent takes more than half, there would be no room left to read in.
    guard indent.count <= width / 2 else { return wrapped(String(text.dropFirst(indent.count)), to: width) }
    return broken(text.dropFirst(indent.count), to: width - indent.count).map { indent + $0 }
  }

  private static func broken(_ text: Substring, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for part in text.split(separator: " ", omittingEmptySubsequences: false) {
      var word = String(part)
      let joined = line.isEmpty ? word : line + " " + word
      if of(joined) <= width {
        line = joined
        continue
      }
      if !line.isEmpty { lines.append(line) }
      while of(word) > width {
        let head = prefix(of: word, width)
        lines.append(head)
        word.removeFirst(head.count)
      }
      line = word
    }
    lines.append(line)
    return lines
  }

  // At least one character, so that wrapping always moves on.
  private static func prefix(of text: String, _ width: Int) -> String {
    var kept = ""
    var used = 0
    for character in text {
      let next = of(String(character))
      if used + next > width, !kept.isEmpty { break }
      kept.append(character)
      used += next
    }
    return kept
  }
}
