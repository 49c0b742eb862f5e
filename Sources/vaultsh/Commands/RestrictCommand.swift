import ArgumentParser
import VaultAPI
import VaultModel

struct Restrict: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep one record to named people, with keys of their own.",
    discussion: """
      Every section is sealed anew for the people named, who are members of its programme, and for nobody else; you stay in \
      only if you are named. It is then found in no search but theirs. What was shared before ends.
      """)

  @Argument(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var id: String

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Accounts, all of them.", valueName: "name"))
  var to: [String]

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    let names = try to.flatMap { $0.split(separator: ",").map(String.init) }.map { try AccountName($0).description }
    try await shell.openSession()
    let answer = try await shell.client.restrict(id, to: names)
    try shell.answer(answer.bytes) { sheet in
      sheet.line("\(answer.id) is kept to \(answer.accounts.joined(separator: ", ")).")
      if !answer.ended.isEmpty { sheet.line("No longer shared with \(answer.ended.joined(separator: ", ")).") }
      for warning in answer.warnings { sheet.paragraph(warning, tone: .careful) }
    }
  }
}

struct Unrestrict: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a record that is kept to named people back to its programme.")

  @Argument(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var id: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    try await shell.openSession()
    let changed = try await shell.client.unrestrict(id)
    try shell.answer(changed.bytes) { sheet in sheet.line("\(changed.id) is its programme's again.") }
  }
}

struct Access: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Who reads a record apart from its programme, until when, and who does not.")

  @Argument(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var id: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    try await shell.openSession()
    let access = try await shell.client.access(to: id)
    try shell.answer(access.bytes) { sheet in Self.fill(&sheet, access) }
  }

  @MainActor private static func fill(_ sheet: inout Sheet, _ access: AccessAnswer) {
    sheet.line(sheet.style(.bold, access.id) + "  \(Printable.line(access.programme))")
    sheet.field(
      "Kept to", access.restrictedTo.isEmpty ? "its programme" : access.restrictedTo.joined(separator: ", "),
      tone: access.restrictedTo.isEmpty ? nil : .careful)
    for referral in access.referrals {
      sheet.field(
        "Referred to",
        "\(referral.to) until \(LocalTime.text(referral.until)): "
          + "\(referral.sections.map(\.rawValue).joined(separator: ", ")) (by \(referral.by))")
    }
    for emergency in access.emergencies {
      sheet.field(
        "BREAK-GLASS",
        "\(emergency.account) until \(LocalTime.text(emergency.until)), let in by \(emergency.by), request \(emergency.request)",
        tone: .danger)
    }
    if let barred = access.barred, !barred.isEmpty { sheet.field("Barred", barred.joined(separator: ", ")) }
    if !access.stale.isEmpty {
      sheet.field("Waits for keys", access.stale.map(\.rawValue).joined(separator: ", "), tone: .careful)
    }
  }
}
