import VaultAPI
import VaultModel

/// Asks for a record field by field, from the definitions that also check it. On the alternate screen, so that nothing
/// of it stays in the scrollback.
@MainActor struct FormDialogue {
  /// Safe contact before everything else.
  static let order: [Section] = [.contact, .identity, .case, .exploitation, .health, .legal, .consent]

  private let title: String
  private let forms = FormSet.builtIn
  private let asker: FieldAsker
  /// Nil for a new record.
  private let record: RecordAnswer?
  private let isDemo: Bool

  init(shell: Shell, title: String, record: RecordAnswer?) throws {
    guard Terminal.isInteractive, !shell.given.json else {
      throw Failure.usage(
        "There is no terminal to ask on.", hint: "Give --from FILE, or --from - and the JSON on standard input.",
        field: "--from")
    }
    self.title = title
    self.record = record
    isDemo = shell.isDemo
    asker = FieldAsker(forms: forms, idleSeconds: shell.prompt?.idleSeconds)
  }

  /// The sections of a new record, or a merge patch for an old one; nil when the person gave up.
  func run() throws -> JSONValue? {
    let wasOn = Terminal.isOnAlternateScreen
    Terminal.enterAlternateScreen()
    Terminal.clear()
    defer { if wasOn { Terminal.clear() } else { Terminal.leaveAlternateScreen() } }
    return try Interrupt.noticed {
      do { return try record == nil ? newRecord() : changes() } catch let failure as Failure {
        guard failure.kind == Failure.interrupted.kind else { throw failure }
        Interrupt.clear()
        return nil
      }
    }
  }

  private func newRecord() throws -> JSONValue? {
    var answers: [Section: [String: JSONValue]] = [:]
    for section in Self.order {
      showHeader()
      guard let fields = try choose(in: section) else { continue }
      let changes = try asker.ask(fields, present: [:])
      if !changes.isEmpty { answers[section] = changes.filter { $0.value != .null } }
    }
    return try confirm(answers)
  }

  private func changes() throws -> JSONValue? {
    var answers: [Section: [String: JSONValue]] = [:]
    while true {
      showHeader()
      for (index, section) in Self.order.enumerated() {
        let mark = answers[section] == nil ? "" : "  (changed)"
        say("  \(index + 1) \(section.rawValue)\(mark)")
      }
      let answer = try asker.line("Section to change, Enter when done: ")
      if answer.isEmpty { return try confirm(answers) }
      let chosen = Int(answer).flatMap { Self.order.indices.contains($0 - 1) ? Self.order[$0 - 1] : nil }
      guard let section = chosen ?? Section(rawValue: answer.lowercased()) else { continue }
      showHeader()
      guard let fields = try choose(in: section) else { continue }
      let present = (record?.sections[section.rawValue]?.objectValue ?? [:]).merging(patch: answers[section] ?? [:])
      let changes = try asker.ask(fields, present: present)
      if !changes.isEmpty { answers[section] = (answers[section] ?? [:]).merging(changes) { $1 } }
    }
  }

  /// Which fields of a section to ask for; nil to leave it out.
  private func choose(in section: Section) throws -> [FormField]? {
    let all = FieldOrder.sorted(forms.fields(in: section))
    let main = all.filter { $0.isCore || $0.key.hasPrefix("vault_") }
    say(asker.style(.heading, section.rawValue.capitalized))
    let answer = try asker.line("Enter for the \(main.count) main questions, a for all \(all.count), s to skip: ")
    switch answer.lowercased() {
    case "s": return nil
    case "a": return main + all.filter { field in !main.contains { $0.key == field.key } }
    default: return main
    }
  }

  private func confirm(_ answers: [Section: [String: JSONValue]]) throws -> JSONValue? {
    let patch = JSONValue.object(
      Dictionary(uniqueKeysWithValues: answers.map { ($0.key.rawValue, JSONValue.object($0.value)) }))
    guard record == nil || !answers.isEmpty else { return patch }
    showHeader()
    for section in Self.order {
      guard let values = answers[section], !values.isEmpty else { continue }
      var sheet = Sheet()
      sheet.heading(section.rawValue.capitalized)
      for field in FieldOrder.sorted(forms.fields(in: section)) {
        guard let value = values[field.key] else { continue }
        if value == .null {
          sheet.field(field.label, "removed", labelWidth: AnswerLines.labelWidth, indent: 2, tone: .careful)
        } else {
          AnswerLines.fill(&sheet, value, field, forms)
        }
      }
      Terminal.write(sheet.text)
    }
    if record == nil {
      let missing = forms.incomplete(answers).map(FieldLabel.of)
      var sheet = Sheet()
      sheet.line()
      if !missing.isEmpty { sheet.paragraph("Still missing: " + missing.joined(separator: ", "), tone: .dim) }
      Terminal.write(sheet.text)
    }
    let answer = try asker.line("\nSave? [Y/n] ").lowercased()
    return ["", "y", "yes"].contains(answer) ? patch : nil
  }

  private func showHeader() {
    Terminal.clear()
    if isDemo { say(asker.style(.notice, DemoBanner.text)) }
    say(asker.style(.bold, title))
    say(
      asker.style(.dim, "Enter skips · ? explains · - removes · . ends the section · Ctrl-C gives up, nothing is saved")
    )
    say("")
  }

  private func say(_ text: String) { Terminal.write(text + "\n") }
}
