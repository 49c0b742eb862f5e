import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct Export: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask for all records of a programme as one age file; once approved, the same command writes it.")

  @Option(help: ArgumentHelp("Programme.", valueName: "id"))
  var programme: String

  @Option(help: ArgumentHelp("Whom the file is encrypted to.", valueName: "age1…"))
  var recipient: String

  @Option(help: ArgumentHelp("Where to write it; must not exist.", valueName: "file"), completion: .file())
  var to: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let wish = ApprovalWish(
      action: "export", programme: try ProgrammeID(programme).description, recipient: recipient)
    try await Permit.askOrUse(wish, to: to, in: shell)
  }
}

struct Disclose: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask for sections of a record as an age file; once approved, the same command writes it.")

  @Argument(help: ArgumentHelp("Id of the record, in any spelling.", valueName: "id"), completion: .default)
  var id: String

  @Option(
    help: ArgumentHelp(
      "With commas: \(Section.allCases.map(\.rawValue).joined(separator: ",")).", valueName: "sections"))
  var sections: String

  @Option(help: ArgumentHelp("Whom the file is encrypted to.", valueName: "age1…"))
  var recipient: String

  @Option(help: ArgumentHelp("Where to write it; must not exist.", valueName: "file"), completion: .file())
  var to: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let wish = ApprovalWish(
      action: "disclose", record: try RecordID(typed: id).description,
      sections: sections.split(separator: ",").map(String.init), recipient: recipient)
    try await Permit.askOrUse(wish, to: to, in: shell)
  }
}

struct Redeem: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Use an approved export or disclosure of yours, once: writes the age file.")

  @Argument(help: ArgumentHelp("Request.", valueName: "request"))
  var request: String

  @Option(help: ArgumentHelp("Where to write it; must not exist.", valueName: "file"), completion: .file())
  var to: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    try await Permit.use(shell.client.request(id: request), to: to, in: shell)
  }
}

struct Erase: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask that a record is erased for good; it happens when a second person approves.")

  @Argument(help: ArgumentHelp("Id of the record, in any spelling.", valueName: "id"), completion: .default)
  var id: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let wish = ApprovalWish(action: "erase", record: try RecordID(typed: id).description)
    try await shell.openSession()
    try RequestSheet.answer(
      try await shell.client.request(wish, reason: GivenReason.textIfGiven(in: shell)), in: shell)
  }
}

/// What leaves with a second person's approval.
@MainActor enum Permit {
  /// Asks; where the same was asked for and approved, uses it.
  static func askOrUse(_ wish: ApprovalWish, to path: String, in shell: Shell) async throws {
    try await shell.openSession()
    let row = try await shell.client.request(wish, reason: GivenReason.textIfGiven(in: shell))
    guard row.state == .approved else { return try RequestSheet.answer(row, in: shell) }
    try await use(row, to: path, in: shell)
  }

  static func use(_ row: ApprovalRow, to path: String, in shell: Shell) async throws {
    // The place first: an approval is used once, and not for nothing.
    try OutputFile.writeNew([], to: path)
    let file: [UInt8]
    do { file = try await shell.client.redeem(request: row.request) } catch {
      OutputFile.removeEmpty(path)
      throw error
    }
    try OutputFile.write(file, to: path, mode: 0o600)
    var json = JSONText()
    json.object { (json: inout JSONText) in
      json.member("request", row.request)
      json.member("state", ApprovalRow.State.used.rawValue)
      json.member("action", row.action)
      json.member("file", path)
      json.member("byteCount", file.count)
    }
    try shell.answer(json.bytes) { sheet in
      sheet.line("Written: \(Printable.line(path)). `age -d -i KEY \(Printable.line(path))` opens it.")
    }
  }
}
