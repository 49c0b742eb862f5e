import ArgumentParser
import VaultAPI
import VaultModel

struct BreakGlass: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask to be let into one record that you cannot read, for an emergency.",
    discussion: """
      A supervisor of the record's programme approves it, if they can open it themselves. You then read it for a limited time; \
      every screen that shows the record says so, and an auditor has to review it.
      """)

  @Argument(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var id: String

  @Option(help: ArgumentHelp("How long, in hours. Default: 4.", valueName: "number"))
  var hours: UInt64?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    guard hours ?? 1 >= 1, hours ?? 1 <= 1000 else {
      throw Failure.usage("An emergency lasts hours.", field: "--hours")
    }
    try await shell.openSession()
    let reason = try GivenReason.text(in: shell)
    try RequestSheet.answer(
      try await shell.client.breakGlass(id, seconds: hours.map { $0 * 3600 }, reason: reason), in: shell)
  }
}

struct LogBreakGlass: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "break-glass", abstract: "Who was let into a record for an emergency and has not been reviewed.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let rows = try await shell.client.emergencies()
    try shell.answer(EmergenciesAnswer(emergencies: rows).bytes) { sheet in
      guard !rows.isEmpty else { return sheet.line("No emergency waits for a review.") }
      var table = Table([
        .init("REQUEST"), .init("RECORD"), .init("ACCOUNT"), .init("LET IN BY"), .init("FROM"), .init("UNTIL"),
      ])
      for row in rows {
        table.row([
          .init(row.request, .bold), .init(row.record), .init(row.account), .init(row.by),
          .init(LocalTime.text(row.made)),
          .init(row.active ? LocalTime.text(row.until) : "ended"),
        ])
      }
      sheet.table(table)
      sheet.line()
      sheet.line(
        sheet.style(.dim, "`log --record ID` shows what was read, `log review-break-glass REQUEST --note -` closes it.")
      )
    }
  }
}

struct LogReviewBreakGlass: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "review-break-glass", abstract: "Say what you found of an emergency that is over.")

  @Argument(help: ArgumentHelp("Request.", valueName: "request"))
  var request: String

  @Option(help: ArgumentHelp("What you found. `-` asks, or reads standard input.", valueName: "text"))
  var note: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let words: String
    if note != "-" {
      words = note
    } else if Terminal.isInteractive, !shell.given.json {
      words = try Question.line("What did you find? ", idleSeconds: shell.prompt?.idleSeconds)
    } else {
      words = try InputText.line(byteCountMax: WireLimit.keptTextByteCountMax)
    }
    let row = try await shell.client.reviewEmergency(request, note: words)
    try shell.answer(row.bytes) { sheet in sheet.line("Reviewed. Your words stand beside the access log.") }
  }
}
