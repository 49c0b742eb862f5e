/// Rows under headings; columns that may be long are broken into several lines where the terminal is narrow.
struct Table {
  struct Cell {
    var text: String
    var tone: Style.Tone?

    init(_ text: String, _ tone: Style.Tone? = nil) {
      self.text = Printable.line(text)
      self.tone = tone
    }
  }

  struct Column {
    var title: String
    /// May be broken into lines.
    var isFlexible = false

    init(_ title: String, isFlexible: Bool = false) {
      self.title = title
      self.isFlexible = isFlexible
    }
  }

  private static let gap = "  "
  /// A flexible column is never made narrower: one word a line is no table any more.
  private static let columnWidthMin = 9

  let columns: [Column]
  private(set) var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func row(_ cells: [Cell]) { rows.append(cells) }

  /// - Parameter width: nil for one line a row, however long.
  func rendered(width: Int?, style: Style) -> [String] {
    let used = columns.indices.filter { index in rows.contains { !$0[index].text.isEmpty } }
    let widths = layout(used, width: width)
    var lines = [
      joined(used.map { style(.dim, TextWidth.padded(columns[$0].title, to: widths[$0])) })
    ]
    for row in rows {
      let broken = used.map { TextWidth.wrapped(row[$0].text, to: widths[$0]) }
      for number in 0..<(broken.map(\.count).max() ?? 0) {
        lines.append(
          joined(
            zip(used, broken).map { index, pieces in
              let padded = TextWidth.padded(number < pieces.count ? pieces[number] : "", to: widths[index])
              return row[index].tone.map { style($0, padded) } ?? padded
            }))
      }
    }
    return lines
  }

  private func joined(_ cells: [String]) -> String {
    var line = cells.joined(separator: Self.gap)
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  private func layout(_ used: [Int], width: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      max(TextWidth.of(columns[index].title), rows.map { TextWidth.of($0[index].text) }.max() ?? 0)
    }
    guard let width else { return widths }
    let flexible = used.filter { columns[$0].isFlexible }
    var excess = used.reduce(0) { $0 + widths[$1] } + Self.gap.count * (used.count - 1) - width
    while excess > 0, let widest = flexible.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.columnWidthMin {
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }
}
