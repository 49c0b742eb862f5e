import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct Requests: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "What waits for a second person, and what you asked for yourself.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSessionBeforeAcceptance()
    let rows = try await shell.client.requests()
    try shell.answer(ApprovalsAnswer(requests: rows).bytes) { sheet in
      guard !rows.isEmpty else { return sheet.line("Nothing waits.") }
      for row in rows {
        if row != rows.first { sheet.line() }
        RequestSheet.fill(&sheet, row)
      }
    }
  }
}

struct Approve: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Be the second person: shows exactly what will happen, asks, and signs.")

  @Argument(help: ArgumentHelp("Request.", valueName: "request"))
  var request: String

  @Flag(help: "Do not ask; for scripts.")
  var yes = false

  @Option(help: ArgumentHelp("Only if this is the digest of what is asked for.", valueName: "hex"))
  var digest: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSessionBeforeAcceptance()
    let row = try await shell.client.request(id: request)
    if let digest, digest != row.digest {
      throw Failure(.conflict, "The request asks for something else.", hint: "Look at it: `vaultsh requests`.")
    }
    if !shell.given.json {
      var sheet = Sheet()
      RequestSheet.fill(&sheet, row)
      Terminal.write(sheet.text)
    }
    if !yes, !shell.given.json {
      guard Terminal.isInteractive else {
        throw Failure.usage("Nobody is there to ask.", hint: "Give --yes if you have read what will happen.")
      }
      let answer = try Question.line("Approve exactly this? [y/N] ", idleSeconds: shell.prompt?.idleSeconds)
      guard ["y", "yes"].contains(answer.lowercased()) else {
        throw Failure(.conflict, "Nothing was approved.", hint: "`vaultsh deny REQUEST --reason -` says no.")
      }
    }
    let done = try await shell.client.approve(request: request, digest: row.digest)
    try shell.answer(done.bytes) { sheet in
      guard done.action != "recovery-recipients" else {
        sheet.line("Approved. With the present shares, on the host, until \(LocalTime.text(done.expires)):")
        return sheet.line("  vaultd recover --reissue \(done.request) --data DIR --share-file …")
      }
      sheet.line(
        done.state == .used
          ? "Approved and done." : "Approved: \(done.requester) can use it once, until \(LocalTime.text(done.expires))."
      )
    }
  }
}

struct Deny: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say no to a request; --reason says why.")

  @Argument(help: ArgumentHelp("Request.", valueName: "request"))
  var request: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSessionBeforeAcceptance()
    let reason = try GivenReason.text(in: shell)
    let done = try await shell.client.deny(request: request, reason: reason)
    try shell.answer(done.bytes) { sheet in sheet.line("Denied. The reason stands beside the access log.") }
  }
}

/// Words that a command cannot do without.
@MainActor enum GivenReason {
  /// What --reason holds; `-` and nothing at all ask on a terminal, `-` reads standard input elsewhere.
  static func text(in shell: Shell) throws -> String {
    if let given = shell.given.reason, given != "-" { return given }
    let text: String
    if Terminal.isInteractive, !shell.given.json {
      text = try Question.line("Reason, in your own words: ", idleSeconds: shell.prompt?.idleSeconds)
    } else {
      guard shell.given.reason == "-" else {
        throw Failure.usage(
          "A reason is missing.", hint: "Give --reason -, and the reason on standard input.", field: "--reason")
      }
      text = try InputText.line(byteCountMax: WireLimit.keptTextByteCountMax)
    }
    guard !text.isEmpty else { throw Failure(.invalid, "No reason was given.", field: "reason") }
    return text
  }

  /// The same, where it may be left out.
  static func textIfGiven(in shell: Shell) throws -> String? { shell.given.reason == nil ? nil : try text(in: shell) }
}

struct Reinstate: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask that a suspended account may log in again; a second person approves it.")

  @Argument(help: ArgumentHelp("Account.", valueName: "name"))
  var name: String

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let wish = ApprovalWish(action: "reinstate", account: try AccountName(name).description)
    try await shell.openSession()
    try RequestSheet.answer(
      try await shell.client.request(wish, reason: GivenReason.textIfGiven(in: shell)), in: shell)
  }
}

struct Policy: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Who may ask for what needs two people, and who approves it.", subcommands: [Show.self, Set.self])

  struct Show: OrdinaryCommand {
    static let configuration = CommandConfiguration(abstract: "The policy that holds.")

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      try await shell.openSession()
      let policy = try await shell.client.approvalPolicy()
      try shell.answer(policy.bytes) { sheet in
        var table = Table([.init("ACTION"), .init("MAY ASK", isFlexible: true), .init("MAY APPROVE", isFlexible: true)])
        for (name, rule) in policy.rules.sorted(by: { $0.key < $1.key }) {
          table.row([
            .init(name, .bold), .init(rule.ask.joined(separator: ", ")), .init(rule.approve.joined(separator: ", ")),
          ])
        }
        sheet.table(table)
        sheet.line()
        sheet.line("With one supervisor left, an auditor may approve in the place of a second one.")
      }
    }
  }

  struct Set: OrdinaryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for another policy; a second person approves it.",
      discussion: """
        FILE is a document as `policy show --json` prints it. Actions that it leaves out are as in a new vault. No policy \
        goes below the floor: all of these take two people.
        """)

    @Argument(help: ArgumentHelp("File, or `-`.", valueName: "file"), completion: .file())
    var file: String

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let document = try PolicyDocument(json: JSONValue.parse(InputText.read(file, byteCountMax: 64 << 10)))
      try await shell.openSession()
      let reason = file == "-" ? nil : try GivenReason.textIfGiven(in: shell)
      try RequestSheet.answer(
        try await shell.client.request(ApprovalWish(action: "policy", policy: document), reason: reason), in: shell)
    }
  }
}

/// A request, for people.
@MainActor enum RequestSheet {
  static func fill(_ sheet: inout Sheet, _ row: ApprovalRow) {
    sheet.field("Request", row.request, tone: .bold)
    let mark = row.waitsForYou ? "waits for you" : row.state.rawValue
    sheet.field("State", mark, tone: row.waitsForYou ? .careful : nil)
    sheet.field("What happens", row.words.joined(separator: "\n"))
    sheet.field("Asked for by", "\(row.requester), \(LocalTime.text(row.requested))")
    if let approver = row.approver { sheet.field("Decided by", approver) }
    sheet.field("Ends", LocalTime.text(row.expires))
    sheet.field("Digest", row.digest)
  }

  /// What a command answers that needs two people.
  static func answer(_ row: ApprovalRow, in shell: Shell) throws {
    try shell.answer(row.bytes) { sheet in
      sheet.line("This takes a second person. Nothing has happened yet:")
      sheet.line()
      fill(&sheet, row)
      sheet.line()
      sheet.line("They see it with `vaultsh requests`, and type: vaultsh approve \(row.request)")
    }
  }
}
