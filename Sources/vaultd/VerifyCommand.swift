import ArgumentParser
import VaultEngine

/// Checks everything that can be checked without opening a record.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check the whole store offline: every row, every chain, every entry of the log.")

  @Option(help: ArgumentHelp("Directory of the vault; no daemon may have it open.", valueName: "dir")) var data: String
  @OptionGroup var rootKey: RootKeyOptions
  @Option(help: ArgumentHelp("Anchor file; beside the data directory where none is named.", valueName: "file"))
  var anchor: String?

  func run() async throws {
    let report = try Vault.verify(directory: data, root: rootKey.load(besides: data), anchorPath: anchor)
    Output.line("vault: \(report.vaultID)")
    Output.line("accounts: \(report.accounts)   programmes: \(report.programmes)")
    Output.line("records: \(report.records)   sections, all versions: \(report.sections)")
    Output.line("log: \(report.entries) entries, root \(report.logRoot)")
    if report.isDemo { Output.line("DEMO: the keys of this vault are published.") }
    if report.isInsecure { Output.line("Founded insecurely.") }
    if report.wasRollbackChecked {
      Output.line("ok: nothing was altered, swapped, removed, replayed or rolled back behind the anchor.")
    } else {
      Output.errorLine("WARNING: there is no anchor, so this host cannot tell an older copy of the whole vault.")
      Output.errorLine(
        "hint: name the anchor with --anchor, or hold the size and root above against what a client or auditor kept.")
      Output.line("ok, but rollback was NOT checked: nothing was altered, swapped, removed or replayed.")
    }
  }
}
