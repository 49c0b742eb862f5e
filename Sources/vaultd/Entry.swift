import ArgumentParser
import Glibc
import VaultModel

/// Where the daemon starts: hardened first, then one of its commands. Failures are two lines, what and `hint:`, and the
/// exit code that scripts rely on.
@main enum Entry {
  static func main() async {
    Hardening.apply()
    do {
      var command = try Daemon.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      exit(0)
    } catch {
      exit(report(error))
    }
  }

  private static func report(_ error: any Error) -> Int32 {
    if let failure = Failure(error) {
      failure.show()
      return failure.exitCode
    }
    // The parser's own: help is no failure, anything else is wrong usage.
    let text = Daemon.fullMessage(for: error)
    if Daemon.exitCode(for: error) == .success {
      Output.line(text)
      return 0
    }
    Output.errorLine(withoutValues(text))
    Output.errorLine("hint: `vaultd --help` lists the commands, `vaultd COMMAND --help` what one of them takes.")
    return Failure.usage
  }

  /// The parser repeats what it does not understand, and that may be a share or a passphrase in the wrong place. Names of
  /// options stay.
  private static func withoutValues(_ message: String) -> String {
    var message = message
    for argument in CommandLine.arguments.dropFirst() {
      let value = argument.hasPrefix("-") ? argument.drop { $0 != "=" }.dropFirst() : argument[...]
      if !value.isEmpty { message.replace("'\(value)'", with: "'…'") }
    }
    return message
  }
}

struct Daemon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vaultd",
    abstract: "The vault: keeps records encrypted, decides who reads them, and logs every reading.",
    version: "vaultd \(SoftwareVersion.current)",
    subcommands: [
      InitCommand.self, ServeCommand.self, BackupCommand.self, RestoreCommand.self, RecoverCommand.self,
      RotateRootKeyCommand.self,
      VerifyCommand.self, DoctorCommand.self,
    ])
}
