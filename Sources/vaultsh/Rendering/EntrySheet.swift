import VaultAPI
import VaultModel

/// Entries of the access log for people: a table where there is room for one, else two lines an entry.
@MainActor enum EntrySheet {
  /// Columns that the table needs to be one line a row.
  private static let tableWidthMin = 110

  static func fill(_ sheet: inout Sheet, _ entries: [AuditEntry]) {
    guard !entries.isEmpty else { return sheet.line("No entry matches.") }
    guard sheet.isBounded, sheet.width < tableWidthMin else { return table(entries, in: &sheet) }
    for entry in entries { pair(entry, in: &sheet) }
  }

  private static func table(_ entries: [AuditEntry], in sheet: inout Sheet) {
    var table = Table([
      .init("#"), .init("TIME"), .init("ACCOUNT", isFlexible: true), .init("ACTION"), .init("OUTCOME"),
      .init("RECORD"), .init("SECTIONS", isFlexible: true), .init("PURPOSE", isFlexible: true), .init("FOUND"),
      .init("REASON", isFlexible: true),
    ])
    for entry in entries {
      table.row([
        .init(String(entry.index), .dim), .init(LocalTime.text(entry.time)), .init(name(of: entry), .bold),
        .init(entry.action), .init(entry.outcome.rawValue, tone(of: entry)), .init(entry.record ?? ""),
        .init(entry.sections.joined(separator: ", ")), .init(entry.purpose ?? ""),
        .init(entry.results.isEmpty ? "" : String(entry.results.count)), .init(entry.reason ?? ""),
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
    let found = entry.results.isEmpty ? nil : "\(entry.results.count) found"
    let sections = entry.sections.isEmpty ? nil : entry.sections.joined(separator: ", ")
    let details = [entry.record, sections, entry.purpose, found, entry.reason].compactMap { $0 }
    if !details.isEmpty { sheet.paragraph(details.joined(separator: " · "), indent: 8, tone: .dim) }
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
