import ArgumentParser
import VaultAPI
import VaultModel

struct Refer: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Share sections of one record with a person or another programme, for a time.",
    discussion: """
      What the other side will and will not see is shown first. They read and never write; with the section identity they \
      find the record by name, without it by its id only. It ends at --until, or with `unrefer`.
      """)

  @Argument(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var id: String

  @Option(
    help: ArgumentHelp(
      "Programme or account; programme:ID or account:NAME where both have the name.", valueName: "receiver"))
  var to: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What is shared: \(Section.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "sections"))
  var sections: [String]

  @Option(help: ArgumentHelp("When it ends, such as 2027-01-31 or 2027-01-31T12:00:00Z.", valueName: "time"))
  var until: String

  @Flag(help: "Show what would be shared, and share nothing.")
  var dryRun = false

  @Flag(help: "Share without asking.")
  var yes = false

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    let request = ReferralRequest(to: to, sections: try SectionWords.sections(sections), until: until)
    try await shell.openSession()
    guard !dryRun else {
      let preview = try await shell.client.previewReferral(of: id, request)
      return try shell.answer(preview.bytes) { sheet in ReferralSheet.fill(&sheet, preview, isMade: false) }
    }
    if !yes, !shell.given.json { try await confirm(id, request, shell) }
    let made = try await shell.client.refer(id, request)
    shell.remember(records: [id])
    try shell.answer(made.bytes) { sheet in
      ReferralSheet.fill(&sheet, made, isMade: true)
    }
  }

  @MainActor private func confirm(_ id: String, _ request: ReferralRequest, _ shell: Shell) async throws {
    guard Terminal.isInteractive else {
      throw Failure.usage(
        "There is nobody to ask whether to share this.", hint: "Look with --dry-run, then give --yes.",
        field: "--yes")
    }
    let preview = try await shell.client.previewReferral(of: id, request)
    var sheet = Sheet()
    ReferralSheet.fill(&sheet, preview, isMade: false)
    Terminal.write(sheet.text)
    try Confirmation.demand("Share this? [y/N] ", in: shell, otherwise: "Nothing was shared.")
  }
}

struct Unrefer: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "End a referral now: what it showed gets new keys.")

  @Argument(help: ArgumentHelp("Id of the record.", valueName: "id"))
  var id: String

  @Option(
    name: [.long, .customLong("from")],
    help: ArgumentHelp("Programme or account that it was referred to.", valueName: "receiver"))
  var to: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let id = try RecordID(typed: id).description
    try await shell.openSession()
    let changed = try await shell.client.unrefer(id, from: to)
    try shell.answer(changed.bytes) { sheet in
      sheet.line("\(Printable.line(to)) no longer reads \(changed.id); what they saw has new keys.")
    }
  }
}

/// Sections as they are typed: with spaces or commas between them.
enum SectionWords {
  static func sections(_ words: [String]) throws -> [Section] {
    var sections: [Section] = []
    for word in words.flatMap({ $0.split(separator: ",").map(String.init) }) {
      guard let section = Section(rawValue: word) else {
        throw Failure.usage(
          "There is a section that no form has.",
          hint: "Sections are \(Section.allCases.map(\.rawValue).joined(separator: ", ")).", field: "--sections")
      }
      if !sections.contains(section) { sections.append(section) }
    }
    guard !sections.isEmpty else { throw Failure.usage("No section was named.", field: "--sections") }
    return sections
  }
}

/// A question that only "yes" answers.
@MainActor enum Confirmation {
  static func demand(_ question: String, in shell: Shell, otherwise refusal: String) throws {
    let answer = try Question.line(question, idleSeconds: shell.prompt?.idleSeconds)
    guard ["y", "yes"].contains(answer.lowercased()) else { throw Failure(.conflict, refusal) }
  }
}

/// What the other side of a referral will see, and what not.
@MainActor enum ReferralSheet {
  static func fill(_ sheet: inout Sheet, _ referral: ReferralAnswer, isMade: Bool) {
    sheet.line(
      sheet.style(.bold, Printable.line(referral.id)) + (isMade ? " is shared with " : " would be shared with ")
        + sheet.style(.bold, Printable.line(referral.to)) + " until \(LocalTime.text(referral.until)).")
    if referral.replaces, !isMade { sheet.line("It takes the place of the referral that they have.") }
    let empty = referral.empty.map(\.rawValue)
    sheet.line()
    sheet.field("They see", referral.sees.map(\.rawValue).joined(separator: ", "), tone: .careful)
    if !empty.isEmpty { sheet.field("  not yet written", empty.joined(separator: ", ")) }
    sheet.field("They do not see", referral.seesNot.map(\.rawValue).joined(separator: ", "))
    sheet.field("They find it", referral.found ? "by name and by id" : "by its id only")
    sheet.field("They change", "nothing")
    sheet.line()
    guard !referral.readers.isEmpty else {
      return sheet.line(sheet.style(.careful, "Nobody there can read it now."))
    }
    var table = Table([.init("WHO"), .init("ROLE"), .init("WILL SEE", isFlexible: true)])
    for reader in referral.readers {
      table.row([
        .init(reader.account, .bold), .init(reader.role.rawValue),
        .init(reader.sections.map(\.rawValue).joined(separator: ", ")),
      ])
    }
    sheet.table(table)
  }
}
