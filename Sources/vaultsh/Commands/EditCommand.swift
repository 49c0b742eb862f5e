import ArgumentParser
import VaultAPI
import VaultModel

struct Edit: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Change a record.",
    discussion: """
      --from takes a JSON merge patch (RFC 7396) of the sections: what is named is replaced, null removes, the rest stays. \
      Lists are replaced whole. At the prompt, and on a terminal, the fields are asked one by one when --from is not given.
      """)

  @Argument(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var id: String

  @Option(help: ArgumentHelp("JSON of the changes; `-` for standard input.", valueName: "file"), completion: .file())
  var from: String?

  @Option(
    help: ArgumentHelp(
      "The version that the changes were made on; refused if there is a newer one. Default: the version there is now, "
        + "which is read for that.", valueName: "number"))
  var ifVersion: UInt64?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    let session = try await shell.openSession()
    let (purpose, reason) = try await shell.purpose()
    let patch: JSONValue
    let version: UInt64
    if let from {
      patch = try RecordInput.sections(from: from)
      if let ifVersion {
        version = ifVersion
      } else {
        // Only what is about to be changed: an edit must not look like a reading of safe contact.
        version = try await shell.client.record(
          id: id, sections: RecordInput.sectionNames(of: patch), purpose: purpose, reason: reason
        ).version
      }
    } else {
      let writable = Section.allCases.filter { RoleTable.standard.allows(session.role, .write, in: $0) }
      let record = try await shell.client.record(id: id, sections: writable, purpose: purpose, reason: reason)
      let dialogue = try FormDialogue(shell: shell, title: "Record \(id)", record: record)
      guard let answered = try dialogue.run() else { throw Failure.interrupted }
      guard answered != .object([:]) else {
        try shell.answer(RecordSaved(id: id, version: record.version).bytes) { sheet in
          sheet.line("Nothing was changed.")
        }
        return
      }
      patch = answered
      version = ifVersion ?? record.version
    }
    let saved = try await shell.client.editRecord(
      id: id, version: version, patch: patch, purpose: purpose, reason: reason, idempotencyKey: RetryKey.random())
    shell.remember(records: [id])
    try shell.answer(saved.bytes) { sheet in SavedSheet.fill(&sheet, saved, isNew: false) }
  }
}
