import ArgumentParser

/// One command line, understood.
@MainActor enum Invocation {
  case command(any VaultCommand, GivenOptions)
  /// Help or version was asked for.
  case message(String)
  /// No command.
  case prompt(GivenOptions)

  init(_ words: [String]) throws {
    let split = CommandWords(words)
    do {
      let leading = try GlobalOptions.parse(split.leading).given
      guard !split.command.isEmpty else {
        self = .prompt(leading)
        return
      }
      var parsed = try VaultShell.parseAsRoot(split.command)
      guard let command = parsed as? any VaultCommand else {
        // Help, or a group of commands without one of them: its run throws what there is to say.
        try parsed.run()
        throw Failure.usage("A command is missing.")
      }
      self = .command(command, command.given.over(leading))
    } catch {
      guard let message = UsageFailure.cleanExit(error) else { throw UsageFailure.failure(error, words: words) }
      self = .message(message)
    }
  }
}
