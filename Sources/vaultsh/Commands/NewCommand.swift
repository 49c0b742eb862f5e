import ArgumentParser
import VaultAPI
import VaultModel

struct New: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open a record.",
    discussion: """
      --from takes {"sections": {"identity": {…}, …}} or the sections alone. At the prompt, and on a terminal, the fields \
      are asked one by one when --from is not given: safe contact first.
      """)

  @Option(help: ArgumentHelp("Programme that the record belongs to.", valueName: "id"))
  var programme: String?

  @Option(
    help: ArgumentHelp("JSON of the sections; `-` for standard input.", valueName: "file"), completion: .file())
  var from: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let session = try await shell.openSession()
    let programme = try GivenProgramme.id(programme, session)
    let sections: JSONValue
    if let from {
      sections = try RecordInput.sections(from: from)
    } else {
      let dialogue = try FormDialogue(shell: shell, title: "New record in \(programme)", record: nil)
      guard let answered = try dialogue.run() else { throw Failure.interrupted }
      sections = answered
    }
    let saved = try await shell.client.createRecord(
      programme: programme, sections: sections, idempotencyKey: RetryKey.random())
    shell.remember(records: [saved.id] + saved.possibleDuplicates)
    try shell.answer(saved.bytes) { sheet in SavedSheet.fill(&sheet, saved, isNew: true) }
  }
}

@MainActor enum SavedSheet {
  static func fill(_ sheet: inout Sheet, _ saved: RecordSaved, isNew: Bool) {
    sheet.line(
      sheet.style(.good, isNew ? "Opened " : "Saved ") + sheet.style(.bold, saved.id)
        + sheet.style(.dim, "  version \(saved.version)"))
    if !saved.possibleDuplicates.isEmpty {
      sheet.paragraph(
        "Perhaps the same person: \(saved.possibleDuplicates.joined(separator: ", "))", tone: .careful)
    }
    if !saved.incomplete.isEmpty {
      let labels = saved.incomplete.map(FieldLabel.of)
      sheet.paragraph("Still missing: \(labels.joined(separator: ", "))", tone: .dim)
    }
  }
}
