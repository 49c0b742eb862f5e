import Glibc

/// Lines for a person to read, as wide as the terminal.
@MainActor struct Sheet {
  /// Where nobody's terminal limits it: longer lines are hard to read.
  static let readableWidth = 100

  let style: Style
  /// Columns of the terminal, or of a readable page.
  let width: Int
  /// Whether long rows are broken to the width: not in a pipe, where other programs read lines.
  let isBounded: Bool
  private(set) var lines: [String] = []

  init() {
    style = Style(for: STDOUT_FILENO)
    isBounded = isatty(STDOUT_FILENO) == 1
    width = isBounded ? Terminal.size.columns : Self.readableWidth
  }

  var text: String { lines.map { $0 + "\n" }.joined() }

  mutating func line(_ text: String = "") { lines.append(text) }

  mutating func heading(_ text: String) {
    if !(lines.last ?? "").isEmpty { line() }
    line(style(.heading, text))
  }

  /// A paragraph, broken at the width.
  mutating func paragraph(_ text: String, indent: Int = 0, tone: Style.Tone? = nil) {
    for part in Printable.lines(text) {
      for piece in TextWidth.wrapped(part, to: width - indent) {
        line(String(repeating: " ", count: indent) + (tone.map { style($0, piece) } ?? piece))
      }
    }
  }

  /// `label  value`, the value in a column of its own.
  mutating func field(_ label: String, _ value: String, labelWidth: Int = 16, indent: Int = 0, tone: Style.Tone? = nil)
  {
    let labelWidth = min(labelWidth, width / 2)
    let start = indent + labelWidth + 2
    var label = TextWidth.clipped(Printable.line(label), to: labelWidth)
    for part in Printable.lines(value) {
      for piece in TextWidth.wrapped(part, to: max(20, width - start)) {
        let shown = tone.map { style($0, piece) } ?? piece
        line(
          String(repeating: " ", count: indent) + style(.dim, TextWidth.padded(label, to: labelWidth)) + "  " + shown)
        label = ""
      }
    }
  }

  mutating func table(_ table: Table) { lines += table.rendered(width: isBounded ? width : nil, style: style) }
}
