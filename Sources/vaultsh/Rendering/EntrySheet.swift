import VaultAPI
import VaultModel

/// Entries of the access log for people: a table where there is room for one, else two lines an entry.
@MainActor enum EntrySheet {
  /// Columns that the table needs to be one line a row.
  private static let tableWidthMin = 110

  static func fill(_ sheet: inout Sheet, _ entries: [AuditEntry]) {
    guard !entries.isEmpty else { return sheet.line("No entry matches.") }
    if sheet.isBounded, sheet.width < tableWidthMin {
      for entry in entries { pair(entry, in: &sheet) }
    } else {
      table(entries, in: &sheet)
    }
    if entries.contains(where: { $0.text == .masked }) {
      sheet.line(sheet.style(.dim, "Search terms are masked: `log reveal INDEX` tells them, and is an entry."))
    }
  }

  private static func table(_ entries: [AuditEntry], in sheet: inout Sheet) {
    var table = Table([
      .init("#"), .init("TIME"), .init("ACCOUNT", isFlexible: true), .init("ACTION"), .init("OUTCOME"),
      .init("RECORD"), .init("SECTIONS", isFlexible: true), .init("PURPOSE", isFlexible: true), .init("FOUND"),
      .init("REASON", isFlexible: true), .init("REMARKS", isFlexible: true),
    ])
    for entry in entries {
      table.row([
        .init(String(entry.index), .dim), .init(LocalTime.text(entry.time)), .init(name(of: entry), .bold),
        .init(entry.action), .init(entry.outcome.rawValue, tone(of: entry)), .init(entry.record ?? ""),
        .init(entry.sections.joined(separator: ", ")), .init(entry.purpose ?? ""),
        .init(found(by: entry).map(String.init) ?? ""), words(beside: entry), .init(remarks(on: entry)),
      ])
    }
    sheet.table(table)
  }

  private static func pair(_ entry: AuditEntry, in sheet: inout Sheet) {
    let index = String(entry.index)
    let number = String(repeating: " ", count: max(0, 6 - index.count)) + index
    let outcome = entry.outcome.rawValue
    let head = "  \(LocalTime.text(entry.time))  \(Printable.line(name(of: entry)))  \(Printable.line(entry.action))  "
    sheet.line(sheet.style(.dim, number) + head + (tone(of: entry).map { sheet.style($0, outcome) } ?? outcome))
    let found = found(by: entry).map { "\($0) found" }
    let sections = entry.sections.isEmpty ? nil : entry.sections.joined(separator: ", ")
    let details = [entry.record, sections, entry.purpose, found, words(beside: entry).text, remarks(on: entry)]
      .compactMap { $0 }.filter { !$0.isEmpty }
    if !details.isEmpty { sheet.paragraph(details.joined(separator: " · "), indent: 8, tone: .dim) }
  }

  /// Records; the results of an entry about other entries are indexes.
  private static func found(by entry: AuditEntry) -> Int? {
    entry.results.isEmpty || entry.action.hasPrefix("log.") ? nil : entry.results.count
  }

  private static func words(beside entry: AuditEntry) -> Table.Cell {
    switch entry.text {
    case .masked: Table.Cell("(masked)", .dim)
    case .erased: Table.Cell("(erased)", .dim)
    case .kept, nil: Table.Cell(entry.reason ?? "")
    }
  }

  /// What no other column says: how many events it stands for, how the reader stood to the record, and the short words
  /// of the action itself.
  private static func remarks(on entry: AuditEntry) -> String {
    var remarks: [String] = []
    if let count = entry.count, count > 1 { remarks.append("\(count) times") }
    if entry.assignment == .unassigned { remarks.append("outside assignment") }
    if entry.record == nil, let programme = entry.programme { remarks.append("in \(programme)") }
    if let detail = entry.detail, detail != entry.outcome.rawValue { remarks.append(detail) }
    if entry.action.hasPrefix("log."), !entry.results.isEmpty {
      let indexes = entry.results.prefix(3).joined(separator: ", ")
      remarks.append("about \(indexes)" + (entry.results.count > 3 ? " and \(entry.results.count - 3) more" : ""))
    }
    if let approval = entry.approval { remarks.append("approval \(approval)") }
    return remarks.joined(separator: ", ")
  }

  private static func name(of entry: AuditEntry) -> String { entry.account ?? "uid \(entry.uid)" }

  private static func tone(of entry: AuditEntry) -> Style.Tone? {
    switch entry.outcome {
    case .allowed: nil
    case .denied: .danger
    case .failed: .careful
    }
  }
}
