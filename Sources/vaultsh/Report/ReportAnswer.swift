import AccessLog
import VaultModel

/// A report as JSON, and in a few lines for a terminal.
@MainActor enum ReportAnswer {
  /// Items that a terminal shows; the page and the JSON have all of them.
  private static let itemCountMax = 10

  static func document(_ report: ReviewReport, file: String?) -> [UInt8] {
    let figures = report.figures
    return JSONValue.object([
      "size": integer(report.log.size), "root": .string(report.log.root), "ok": true,
      "file": file.map { .string($0) } ?? .null,
      "since": .string(time(figures.period.lowerBound)),
      "until": figures.period.upperBound > report.made ? .null : .string(time(figures.period.upperBound)),
      "timeZone": .string(figures.clock.zone), "entries": .integer(Int64(figures.entryCount)),
      "accounts": .integer(Int64(figures.peopleCount)), "records": .integer(Int64(figures.recordCount)),
      "readings": .integer(Int64(figures.readings)), "reviewed": integer(report.reviewed),
      "unreviewed": integer(report.unreviewedInPeriod), "unusual": .array(figures.unusual.map(item)),
    ]).canonicalBytes()
  }

  private static func item(_ item: UnusualItem) -> JSONValue {
    let kind =
      switch item.subject {
      case .account: "account"
      case .peer: "uid"
      case .record: "record"
      }
    let subject: JSONValue =
      if case .peer(let uid) = item.subject { .integer(Int64(uid)) } else { .string(item.subject.text) }
    return .object([kind: subject, "points": .number(item.points), "reasons": .array(item.reasons.map(reason))])
  }

  private static func reason(_ reason: UnusualReason) -> JSONValue {
    let figures = reason.figures.map { ($0.name, JSONValue.number($0.value)) }
    return .object([
      "rule": .string(reason.rule.rawValue), "words": .string(reason.words),
      "figures": .object(Dictionary(figures) { first, _ in first }), "entries": .array(reason.entries.map(integer)),
      "entryCount": .integer(Int64(reason.entryCount)),
    ])
  }

  private static func integer(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }

  private static func time(_ milliseconds: Int64) -> String {
    LocalClock.utc.text(milliseconds).split(separator: " ").joined(separator: "T") + ":00Z"
  }

  // MARK: For people

  /// - Parameter reasons: of emergencies, by index, in the words of those who had them.
  static func fill(_ sheet: inout Sheet, _ report: ReviewReport, _ reasons: [UInt64: String], file: String?) {
    let figures = report.figures
    if let file { sheet.line(sheet.style(.good, "The report is written: ") + Printable.line(file)) }
    sheet.heading(figures.unusual.isEmpty ? "Nothing stands out" : "Unusual first")
    for (number, item) in figures.unusual.prefix(itemCountMax).enumerated() {
      sheet.line(sheet.style(.bold, "\(number + 1). \(name(of: item.subject, figures))"))
      for reason in item.reasons {
        sheet.paragraph("\(reason.rule.title). \(reason.words)", indent: 3)
        sheet.paragraph("Entries \(reason.indexText)", indent: 3, tone: .dim)
        guard reason.rule == .breakGlass else { continue }
        for index in reason.entries {
          if let words = reasons[index] { sheet.paragraph("\(index): “\(Printable.line(words))”", indent: 3) }
        }
      }
    }
    let hidden = figures.unusual.count - itemCountMax
    if hidden > 0 { sheet.line("and \(hidden) more: see them with --html FILE.") }
    sheet.heading("The period")
    let end = min(figures.period.upperBound, report.made)
    let times = "\(figures.clock.text(figures.period.lowerBound)) to \(figures.clock.text(end)) (\(figures.clock.zone))"
    sheet.field("Time", times)
    sheet.field(
      "Read", "\(figures.recordCount) records, \(figures.readings) times; \(figures.peopleCount) accounts active")
    sheet.field("Entries", String(figures.entryCount))
    let open = report.unreviewedInPeriod
    sheet.field("Signed off", open == 0 ? "all of the period" : "\(open) entries of the period are not")
    sheet.field(
      "Log", "whole: \(LogFailure.count(report.log.size)) give the root that the log's key has signed", tone: .good)
    if file == nil { sheet.line(sheet.style(.dim, "With --html FILE: a page with all of it, for a browser.")) }
  }

  private static func name(of subject: ReviewSubject, _ figures: ReviewFigures) -> String {
    switch subject {
    case .account(let name):
      let role = figures.accounts.first { $0.subject == subject }?.role
      return Printable.line(name) + (role.map { " (\(Printable.line($0)))" } ?? "")
    case .peer(let uid): return "Somebody without an account, uid \(uid)"
    case .record(let id): return "Record \(Printable.line(id))"
    }
  }
}
