import ArgumentParser
import VaultAPI
import VaultModel

struct Submissions: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "What services have handed in and nobody has decided about.")

  @Option(help: ArgumentHelp("Only of this programme.", valueName: "id"))
  var programme: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let programme = try programme.map { try ProgrammeID($0).description }
    try await shell.openSession()
    let answer = try await shell.client.submissions(programme: programme)
    shell.remember(records: answer.submissions.map(\.id))
    try shell.answer(answer.bytes) { sheet in
      guard !answer.submissions.isEmpty else { return sheet.line("Nothing waits.") }
      var table = Table([
        .init("ID"), .init("RECEIVED"), .init("PROGRAMME"), .init("SERVICE", isFlexible: true),
        .init("SECTIONS", isFlexible: true),
      ])
      for row in answer.submissions {
        table.row([
          .init(row.id, .bold), .init(LocalTime.text(row.received)), .init(row.programme), .init(row.service),
          .init(row.sections.joined(separator: " ")),
        ])
      }
      sheet.table(table)
      let more = answer.waiting - min(answer.waiting, UInt64(answer.submissions.count))
      if more > 0 { sheet.line(sheet.style(.dim, "and \(more) more")) }
    }
  }
}

struct Submission: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One submission.", subcommands: [ShowSubmission.self])
}

struct ShowSubmission: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Read a submission, and what keeps it from being a record.",
    discussion: "Stands in the access log with your purpose, like reading a record.")

  @Argument(help: ArgumentHelp("Id of the submission.", valueName: "id"))
  var id: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    try await shell.openSession()
    let (purpose, reason) = try await shell.purpose()
    let submission = try await shell.client.submission(id: id, purpose: purpose, reason: reason)
    shell.remember(records: [submission.id] + submission.possibleDuplicates)
    let record = try RecordAnswer(
      json: .object([
        "id": .string(submission.id), "programme": .string(submission.programme), "version": 0,
        "sections": .object(submission.sections),
      ]))
    try shell.answer(document(submission), .personal) { sheet in
      sheet.paragraph("Unreviewed: handed in by \(submission.service).", tone: .careful)
      sheet.field("Received", LocalTime.text(submission.received))
      if !submission.possibleDuplicates.isEmpty {
        sheet.paragraph(
          "Perhaps the same person: \(submission.possibleDuplicates.joined(separator: ", "))", tone: .careful)
      }
      for fault in submission.faults {
        sheet.paragraph("\(fault.field): \(fault.detail)", tone: .careful)
      }
      RecordSheet(record: record, forms: .builtIn).fill(&sheet)
    }
  }

  private func document(_ submission: SubmissionAnswer) -> [UInt8] {
    JSONValue.object([
      "id": .string(submission.id), "programme": .string(submission.programme),
      "service": .string(submission.service), "received": .string(submission.received),
      "sections": .object(submission.sections),
      "faults": .array(
        submission.faults.map { .object(["field": .string($0.field), "detail": .string($0.detail)]) }),
      "possibleDuplicates": .array(submission.possibleDuplicates.map { .string($0) }),
    ]).canonicalBytes()
  }
}

struct Accept: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a record of a submission, or add it to one.",
    discussion: """
      --from takes a JSON merge patch of the sections with what you correct. Without --into a record of its own is opened \
      under the submission's id. With it, what the service wrote replaces and adds fields of that record, adds to its lists, and removes nothing.
      """)

  @Argument(help: ArgumentHelp("Id of the submission.", valueName: "id"))
  var id: String

  @Option(help: ArgumentHelp("Record to add it to.", valueName: "id"))
  var into: String?

  @Option(
    help: ArgumentHelp(
      "With --into: the version you looked at; refused if there is a newer one. Default: the version there is now, which "
        + "is read for that.", valueName: "number"))
  var ifVersion: UInt64?

  @Option(
    help: ArgumentHelp("JSON of your corrections; `-` for standard input.", valueName: "file"), completion: .file())
  var from: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    let into = try into.map { try RecordID(typed: $0).description }
    let corrections = try from.map { try RecordInput.sections(from: $0) }
    try await shell.openSession()
    var version = ifVersion
    if let into, version == nil {
      let (purpose, reason) = try await shell.purpose()
      version = try await shell.client.record(id: into, sections: [.case], purpose: purpose, reason: reason).version
    }
    let saved = try await shell.client.accept(
      submission: id, into: into, version: version, corrections: corrections, idempotencyKey: RetryKey.random())
    shell.remember(records: [saved.id] + saved.possibleDuplicates)
    try shell.answer(saved.bytes) { sheet in SavedSheet.fill(&sheet, saved, isNew: into == nil) }
  }
}

struct Reject: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a submission out of the vault.",
    discussion:
      "--reason says why: `-` asks on a terminal or reads a line of standard input. What was handed in is gone.")

  @Argument(help: ArgumentHelp("Id of the submission.", valueName: "id"))
  var id: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    try await shell.openSession()
    let reason: String
    switch shell.given.reason {
    case "-"?, nil:
      guard Terminal.isInteractive || shell.given.reason != nil else {
        throw Failure.usage("A rejection needs a reason.", hint: "Give --reason -.", field: "--reason")
      }
      reason =
        Terminal.isInteractive
        ? try Question.line("Why is it rejected? ", idleSeconds: shell.prompt?.idleSeconds)
        : try InputText.line(byteCountMax: WireLimit.textByteCountMax)
    case let text?: reason = text
    }
    try await shell.client.reject(submission: id, reason: reason)
    let document = JSONValue.object(["id": .string(id), "state": "rejected"]).canonicalBytes()
    try shell.answer(document) { sheet in sheet.line("The submission \(id) is gone.") }
  }
}
