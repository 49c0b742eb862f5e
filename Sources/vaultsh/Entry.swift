import Glibc
import VaultAPI

/// Where the program starts: one command, or the prompt.
@main @MainActor enum Entry {
  static func main() async {
    let arguments = CommandLine.arguments
    Hardening.apply(arguments)
    let words = Array(arguments.dropFirst())
    let code = await run(words)
    exit(code.rawValue)
  }

  private static func run(_ words: [String]) async -> ExitCode {
    // Even a command line that cannot be understood is answered in the form that was asked for.
    var wantsJSON = words.prefix { $0 != "--" }.contains("--json")
    do {
      switch try Invocation(words) {
      case .message(let text):
        guard !wantsJSON else { throw Failure.usage("Help is no JSON document.", hint: "Leave --json out.") }
        Terminal.write(text.hasSuffix("\n") ? text : text + "\n")
      case .prompt(let given): try await Prompt.run(given)
      case .command(let command, let given):
        wantsJSON = given.json
        try await run(command, given)
      }
      return .done
    } catch {
      return report(Failure(any: error), asJSON: wantsJSON)
    }
  }

  private static func run(_ command: any VaultCommand, _ given: GivenOptions) async throws {
    let shell = try Shell(given, needsVault: command.needsVault)
    Interrupt.noticeOnce()
    do {
      try await command.run(in: shell)
    } catch {
      let failure = Failure(any: error)
      await shell.close(after: failure)
      throw failure
    }
    await shell.close(after: nil)
  }

  private static func report(_ failure: Failure, asJSON: Bool) -> ExitCode {
    if asJSON {
      Terminal.write(failure.document + [UInt8(ascii: "\n")], to: STDERR_FILENO)
    } else {
      FailureText.show(failure)
    }
    return failure.exitCode
  }
}
