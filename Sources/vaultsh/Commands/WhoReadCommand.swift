import ArgumentParser
import VaultAPI
import VaultModel

struct WhoRead: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "who-read",
    abstract: "Everybody who read, changed, found or was refused one record.",
    discussion: """
      With --plain in sentences without ids or codes, day by day, to be read out or handed to the survivor. What it cannot \
      know is said at its end.
      """)

  @Argument(help: ArgumentHelp("Id of the record, in any spelling.", valueName: "id"))
  var id: String

  @Option(help: ArgumentHelp("From this day or time on, such as 2026-05-17 or 2026-05-17T09:30.", valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Before this day or time.", valueName: "time"))
  var until: String?

  @Flag(help: "In sentences that can be read to the survivor.")
  var plain = false

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    let query = AuditQuery(
      record: id, since: try since.map { try TypedTime.rfc3339($0, field: "--since") },
      until: try until.map { try TypedTime.rfc3339($0, field: "--until") })
    try await shell.openSession()
    var entries: [AuditEntry] = []
    try await LogReading(shell: shell).read(query) { entries.append($0) }
    guard !entries.isEmpty else {
      throw Failure(
        .notFound, "The log has no entry about this record\(since == nil && until == nil ? "" : " in that time").",
        hint: "Check the id; its last letter is a check letter.", field: "id")
    }
    shell.remember(records: [id])
    let story = ReadingStory(record: id, entries: entries)
    try shell.answer(story.document, .personal) { sheet in
      if plain { return story.tell(in: &sheet) }
      EntrySheet.fill(&sheet, entries)
      sheet.line()
      story.sum(in: &sheet)
    }
  }
}
