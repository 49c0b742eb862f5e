import ArgumentParser
import VaultAPI
import VaultModel

struct Account: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add, list, suspend and replace accounts.",
    subcommands: [Add.self, List.self, Suspend.self, Replace.self])

  struct Add: OrdinaryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Invite a person: makes a one-time code, valid for 24 hours.")

    @Argument(help: ArgumentHelp("Name to log in with.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp(Role.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "role"))
    var role: Role

    @Option(
      help: ArgumentHelp(
        "User of this machine that the account is bound to; `any` in demo and insecurely founded vaults only.",
        valueName: "uid"))
    var uid: BoundUID

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let name = try AccountName(name).description
      try await shell.openSession()
      let invitation = try await shell.client.addAccount(name: name, role: role, uid: uid)
      // The code is a secret: at the prompt it must not stay on the screen.
      try shell.answer(invitation.bytes, .personal) { sheet in
        sheet.line("\(name) is invited. Give this code to the person by hand; it is shown only now:")
        sheet.line()
        sheet.line("  " + sheet.style(.bold, invitation.code))
        sheet.line()
        sheet.field("Valid until", LocalTime.text(invitation.expires))
        sheet.field("They type", "vaultsh enrol \(name) --code -")
      }
    }
  }

  struct List: OrdinaryCommand {
    static let configuration = CommandConfiguration(
      abstract: "All accounts.",
      discussion: """
        The six words stand beside your own account only: whoever lets somebody in hears theirs from the person, over a \
        channel that is not this machine.
        """)

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      try await shell.openSession()
      let accounts = try await shell.client.accounts()
      try shell.answer(AccountsAnswer(accounts: accounts).bytes) { sheet in
        var table = Table([
          .init("ACCOUNT"), .init("ROLE"), .init("UID"), .init("STATE"), .init("PROGRAMMES", isFlexible: true),
          .init("FINGERPRINT", isFlexible: true),
        ])
        for row in accounts {
          let uid =
            switch row.uid {
            case .any: "any"
            case .uid(let number): String(number)
            }
          table.row([
            .init(row.account, .bold), .init(row.role.rawValue), .init(uid),
            .init(row.state.rawValue, row.state == .active ? .good : .careful),
            .init(row.programmes.joined(separator: ", ")), .init(row.fingerprint ?? ""),
          ])
        }
        sheet.table(table)
      }
    }
  }

  struct Suspend: OrdinaryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Close an account's sessions and open no more.",
      discussion: """
        Of somebody who has not enrolled yet, the one-time code ends. One person is enough; it takes two to let them back \
        in: vaultsh reinstate NAME.
        """)

    @Argument(help: ArgumentHelp("Account.", valueName: "name"))
    var name: String

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let name = try AccountName(name).description
      try await shell.openSession()
      let answer = try await shell.client.suspend(account: name)
      try shell.answer(answer.bytes) { sheet in Suspend.fill(&sheet, answer) }
    }
  }
}

extension Account {
  struct Replace: OrdinaryCommand {
    static let configuration = CommandConfiguration(
      abstract: "New keys for a person who lost theirs, or whose keys somebody else may have.",
      discussion: """
        Ends the account's sessions and makes a one-time code for the same name, role and user. The old passphrase or key \
        file opens nothing any more; programmes change their keys, and their supervisor lets the person in again.
        """)

    @Argument(help: ArgumentHelp("Account.", valueName: "name"))
    var name: String

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let name = try AccountName(name).description
      try await shell.openSession()
      let answer = try await shell.client.replace(account: name)
      // The code is a secret: at the prompt it must not stay on the screen.
      try shell.answer(answer.bytes, .personal) { sheet in
        sheet.line("\(name) gets new keys. Give this code to the person by hand; it is shown only now:")
        sheet.line()
        sheet.line("  " + sheet.style(.bold, answer.code))
        sheet.line()
        sheet.field("Valid until", LocalTime.text(answer.expires))
        sheet.field("They type", "vaultsh enrol \(name) --code -")
        sheet.field("Sessions ended", String(answer.sessionsEnded))
        guard !answer.pending.isEmpty else { return }
        sheet.field("To be let in again", answer.pending.joined(separator: ", "), tone: .careful)
        sheet.field("", "By their supervisor (for audit, an auditor), with the new fingerprint: vaultsh grant.")
      }
    }
  }
}

extension Account.Suspend {
  /// Enough to see what has to be handed over; all of them are in the answer for programs.
  private static let recordsShownMax = 20

  @MainActor static func fill(_ sheet: inout Sheet, _ answer: SuspensionAnswer) {
    sheet.line("\(answer.account.account) is \(answer.account.state.rawValue).")
    sheet.field("Sessions ended", String(answer.sessionsEnded))
    sheet.field("Keys changed", answer.rekeyed.isEmpty ? "nowhere yet" : answer.rekeyed.joined(separator: ", "))
    if !answer.pending.isEmpty {
      sheet.field("Keys to change", answer.pending.joined(separator: ", "), tone: .careful)
      sheet.field("", "Done as soon as a supervisor there (for audit, an auditor) has a session open.")
    }
    sheet.field("Read in 30 days", answer.readsLast30Days == 1 ? "one record" : "\(answer.readsLast30Days) times")
    if !answer.unreadable.isEmpty {
      sheet.field("Closed to all", shown(answer.unreadable), tone: .careful)
      sheet.field("", "Nobody else opens all of it. It opens again with this account, once two people let it back in.")
    }
    guard !answer.recordsOwned.isEmpty else { return sheet.field("In charge of", "no record") }
    sheet.field("In charge of", shown(answer.recordsOwned))
    sheet.line("Hand them over: vaultsh reassign --from \(answer.account.account) --to NAME")
  }

  private static func shown(_ ids: [String]) -> String {
    let more = ids.count - recordsShownMax
    return ids.prefix(recordsShownMax).joined(separator: "  ") + (more > 0 ? "  and \(more) more" : "")
  }
}

extension BoundUID: ExpressibleByArgument {
  public init?(argument: String) {
    if argument == "any" {
      self = .any
    } else if let uid = UInt32(argument), uid < UInt32.max {
      self = .uid(uid)
    } else {
      return nil
    }
  }
}
