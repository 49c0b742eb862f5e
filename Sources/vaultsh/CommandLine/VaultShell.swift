import ArgumentParser
import VaultModel

/// The root of the command tree; without a command, the prompt.
struct VaultShell: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vaultsh",
    abstract: "Work with a survivor vault.",
    usage: """
      vaultsh [--socket PATH] [--account NAME] [--passphrase-file F] [--key-file F] [--json] \
      [--purpose CODE] [--reason TEXT] COMMAND …
             vaultsh                      the prompt
      """,
    discussion: """
      `login` opens a session for later commands of this terminal's user; it is kept under $VAULT_SESSION_DIR or \
      $XDG_RUNTIME_DIR and ends with `logout`. With --passphrase-file or --key-file a single command logs in, works and \
      logs out. Names, search terms and reasons are never taken from the command line of a shell, where others can \
      see them: they come from standard input, or are asked for.

      Exit codes: 0 done, 1 failed, 2 usage, 3 denied, 4 not found, 5 conflict or stale, 6 locked or unreachable, \
      7 integrity.
      """,
    version: "vaultsh \(SoftwareVersion.current)",
    groupedSubcommands: [
      CommandGroup(name: "Session", subcommands: [Status.self, Login.self, Logout.self, Lock.self]),
      CommandGroup(
        name: "Records",
        subcommands: [Find.self, Show.self, New.self, Edit.self, List.self, Import.self, Fields.self]),
      CommandGroup(
        name: "Exceptions",
        subcommands: [
          Refer.self, Unrefer.self, BarFrom.self, Unbar.self, Bars.self, Restrict.self, Unrestrict.self,
          BreakGlass.self,
          Access.self,
        ]),
      CommandGroup(
        name: "Handed in by services",
        subcommands: [Submissions.self, Submission.self, Accept.self, Reject.self, Submit.self]),
      CommandGroup(
        name: "People",
        subcommands: [
          Account.self, Enrol.self, ChangePassphrase.self, Programme.self, GrantAccess.self, RevokeAccess.self,
          Reassign.self, Rekey.self,
        ]),
      CommandGroup(
        name: "Two people",
        subcommands: [
          Requests.self, Approve.self, Deny.self, Export.self, Disclose.self, Redeem.self, Erase.self, Reinstate.self,
          Policy.self, PathwayWord.self, Recovery.self,
        ]),
      CommandGroup(name: "Access log", subcommands: [Log.self, WhoRead.self]),
      CommandGroup(name: "After a restore", subcommands: [Restore.self]),
    ])
}
