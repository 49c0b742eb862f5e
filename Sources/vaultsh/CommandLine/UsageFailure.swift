import ArgumentParser

/// What the argument parser says, without what the person typed.
enum UsageFailure {
  /// A request for help or the version, which is no failure; nil otherwise.
  static func cleanExit(_ error: any Error) -> String? {
    VaultShell.exitCode(for: error) == .success ? VaultShell.fullMessage(for: error) : nil
  }

  /// Words that were typed are blanked out of the message: one of them may be a name or a passphrase in the wrong
  /// place. Options and command names stay.
  static func failure(_ error: any Error, words: [String]) -> Failure {
    if let failure = error as? Failure { return failure }
    var message = VaultShell.message(for: error)
    if let unknown = unknownCommand(words) { return unknown }
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = word.hasPrefix("-") ? (parts.count == 2 ? String(parts[1]) : "") : word
      for secret in [value, word.hasPrefix("-") && parts.count == 2 ? word : value] where secret.count > 1 {
        message = replacing("'\(secret)'", in: message)
      }
    }
    // One sentence for people and for `detail`, not a list over several lines.
    message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    let sentence = message.isEmpty ? "It could not be understood." : message
    return .usage(
      sentence.hasSuffix(".") ? sentence : sentence + ".", hint: "See `vaultsh help` or `vaultsh help COMMAND`.")
  }

  /// The parser speaks of the options first when the command itself is wrong.
  private static func unknownCommand(_ words: [String]) -> Failure? {
    guard let first = CommandWords(words).command.first, !first.hasPrefix("-") else { return nil }
    let names = VaultShell.configuration.subcommands.map { $0._commandName } + ["help"]
    return names.contains(first)
      ? nil : .usage("There is no such command.", hint: "`vaultsh help` lists the commands.")
  }

  private static func replacing(_ quoted: String, in message: String) -> String {
    var result = ""
    var rest = Substring(message)
    while let range = rest.firstRange(of: quoted) {
      result += rest[..<range.lowerBound] + "'…'"
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
