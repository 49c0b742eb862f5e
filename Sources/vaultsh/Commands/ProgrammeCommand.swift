import ArgumentParser
import VaultAPI
import VaultModel

struct Programme: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add and list programmes.", subcommands: [Add.self, List.self])

  struct Add: OrdinaryCommand {
    static let configuration = CommandConfiguration(abstract: "Begin a programme: a caseload with keys of its own.")

    @Argument(help: ArgumentHelp("Short id, such as navigators.", valueName: "id"))
    var id: String

    @Option(help: ArgumentHelp("Its name.", valueName: "title"))
    var title: String

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let id = try ProgrammeID(id).description
      try await shell.openSession()
      let row = try await shell.client.addProgramme(id: id, title: title)
      shell.prompt?.remember(programmes: [row.programme])
      try shell.answer(row.bytes) { sheet in
        sheet.line("Programme \(row.programme) is there. `grant NAME --programme \(row.programme)` lets people in.")
      }
    }
  }

  struct List: OrdinaryCommand {
    static let configuration = CommandConfiguration(abstract: "The programmes of this vault.")

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      try await shell.openSession()
      let rows = try await shell.client.programmes()
      shell.prompt?.remember(programmes: rows.map(\.programme))
      try shell.answer(ProgrammesAnswer(programmes: rows).bytes) { sheet in
        guard !rows.isEmpty else { return sheet.line("There are no programmes.") }
        var table = Table([.init("PROGRAMME"), .init("TITLE", isFlexible: true)])
        for row in rows { table.row([.init(row.programme, .bold), .init(row.title)]) }
        sheet.table(table)
      }
    }
  }
}

struct GrantAccess: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Let an account into a programme, as far as its role goes, or an auditor into the access log.",
    discussion: """
      Compare the fingerprint with the person first, over a channel that is not this machine. For a service, --may says \
      what it gets: `submit` hands records in that an officer accepts, `count` holds the statistics, `read:identity,case` \
      reads those sections of records it knows by id.
      """)

  @Argument(help: ArgumentHelp("Account.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("Programme.", valueName: "id"))
  var programme: String?

  @Flag(help: "Instead of a programme: the access log, for a second auditor.")
  var audit = false

  @Option(
    help: ArgumentHelp("The six words that the person read out, in quotes, or all 64 digits.", valueName: "words"))
  var fingerprint: String

  @Option(help: ArgumentHelp("When the grant ends, such as 2027-01-31T00:00:00Z.", valueName: "time"))
  var expires: String?

  @Option(
    help: ArgumentHelp(
      "For services: submit, count, read:SECTIONS, with commas between them. Default: submit.", valueName: "verbs"))
  var may: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let name = try AccountName(name).description
    let programme = try programme.map { try ProgrammeID($0).description }
    guard (programme != nil) != audit, !audit || (expires == nil && may == nil) else {
      throw Failure.usage(
        "It is not said what to let the account into.", hint: "Give --programme ID, or --audit and no --expires.",
        field: "--programme")
    }
    let terms = may.flatMap { ServiceTerms(typed: $0) }
    guard may == nil || terms != nil else {
      throw Failure(
        .invalid, "What a service may is said with submit, count and read:SECTIONS.",
        hint: "Such as --may submit,read:identity,case.", field: "--may")
    }
    try await shell.openSession()
    let grant =
      if let programme {
        try await shell.client.grant(
          account: name, programme: programme, fingerprint: fingerprint, expires: expires, may: terms)
      } else {
        try await shell.client.grantAudit(account: name, fingerprint: fingerprint)
      }
    try shell.answer(grant.bytes) { sheet in
      let end = grant.expires.map { " until \(LocalTime.text($0))" } ?? ""
      let terms = grant.may.isEmpty ? "work" : grant.may.joined(separator: ", ")
      sheet.line("\(grant.account) may \(terms) in \(grant.programmes.joined(separator: ", "))\(end).")
      sheet.line(sheet.style(.dim, "Grant \(grant.grant.prefix(16))…"))
    }
  }
}

struct RevokeAccess: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Take an account out of a programme, or out of all: ends its sessions and changes the keys.")

  @Argument(help: ArgumentHelp("Account.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("Only this programme.", valueName: "id"))
  var programme: String?

  @Flag(help: "The access log, for an auditor.")
  var audit = false

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let name = try AccountName(name).description
    let programme = try programme.map { try ProgrammeID($0).description }
    guard programme == nil || !audit else {
      throw Failure.usage("Both are named.", hint: "Give --programme ID or --audit.", field: "--programme")
    }
    try await shell.openSession()
    let grant =
      if audit {
        try await shell.client.revokeAudit(account: name)
      } else {
        try await shell.client.revoke(account: name, programme: programme)
      }
    try shell.answer(grant.bytes) { sheet in
      sheet.line("\(grant.account) is out of \(grant.programmes.joined(separator: ", ")).")
    }
  }
}
