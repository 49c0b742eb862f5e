import ArgumentParser
import VaultAPI
import VaultClient

struct Recovery: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Who holds the shares that open the vault when everything else is lost.",
    subcommands: [Recipients.self])

  struct Recipients: OrdinaryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask that the recovery shares are made anew for exactly these holders; a second person approves it.",
      discussion: """
        Name everybody who is to hold a share, also those who hold one now. Once it is approved, as many of the present \
        holders as are needed come to the host with their shares, the daemon is stopped, and the change is made with \
        `vaultd recover --reissue REQUEST`. The present shares are void then.
        """)

    @Option(help: ArgumentHelp("How many shares are needed to recover.", valueName: "k")) var threshold: UInt64

    @Option(
      name: .customLong("share-recipient"), parsing: .upToNextOption,
      help: ArgumentHelp("age recipient of each holder.", valueName: "age1…"))
    var recipients: [String]

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let wish = ApprovalWish(action: "recovery-recipients", threshold: threshold, recipients: recipients)
      try await shell.openSession()
      try RequestSheet.answer(
        try await shell.client.request(wish, reason: GivenReason.textIfGiven(in: shell)), in: shell)
    }
  }
}
