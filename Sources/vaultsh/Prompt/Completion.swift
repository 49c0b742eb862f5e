import VaultModel

/// What the word at the cursor may become.
@MainActor struct Completion {
  let state: PromptState

  private static let commands = [
    "access", "account", "account add", "account list", "account suspend", "bar", "bars", "break-glass", "edit", "exit",
    "fields",
    "find", "grant", "help",
    "import", "list", "lock", "log", "log break-glass", "log export", "log prove", "log report", "log reveal",
    "log review-break-glass", "log signoff",
    "log signoffs",
    "log verify",
    "logout", "new", "passphrase", "programme", "programme add", "programme list", "purpose", "refer", "restrict",
    "revoke", "show",
    "status", "unbar", "unrefer", "unrestrict",
    "who-read",
  ]

  private static let options: [String: [String]] = [
    "show": ["--section", "--all", "--purpose", "--reason", "--json"],
    "edit": ["--from", "--if-version", "--purpose", "--reason", "--json"],
    "find": ["--programme", "--born", "--limit", "--purpose", "--json"],
    "new": ["--programme", "--from", "--json"],
    "list": ["--programme", "--json"],
    "import": ["--programme", "--map", "--dry-run", "--json"],
    "log": [
      "--record", "--account", "--programme", "--action", "--outcome", "--purpose", "--since", "--until",
      "--unassigned",
      "--off-hours", "--time-zone", "--by", "--limit", "--json",
    ],
    "log reveal": ["--json"],
    "log signoff": ["--upto", "--note", "--to", "--json"],
    "log signoffs": ["--json"],
    "who-read": ["--since", "--until", "--plain", "--json"],
    "log verify": ["--since-checkpoint", "--log-key", "--cosigner", "--json"],
    "log export": ["--vkey-file", "--json"],
    "log prove": ["--to", "--json"],
    "log report": ["--html", "--replace", "--since", "--until", "--time-zone", "--json"],
    "grant": ["--programme", "--fingerprint", "--expires"],
    "revoke": ["--programme"],
    "refer": ["--to", "--sections", "--until", "--dry-run", "--yes", "--json"],
    "break-glass": ["--hours", "--reason", "--json"],
    "log break-glass": ["--json"],
    "log review-break-glass": ["--note", "--json"],
    "bar": ["--from", "--json"],
    "unbar": ["--from", "--json"],
    "restrict": ["--to", "--json"],
    "unrefer": ["--to", "--json"],
    "account": ["--role", "--uid"],
    "programme": ["--title"],
  ]

  /// The candidates for the last word of `line`, which ends at the cursor.
  func candidates(for line: String) -> (word: String, candidates: [String]) {
    let isNewWord = line.last?.isWhitespace ?? true
    var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    let word = isNewWord ? "" : words.popLast() ?? ""
    return (word, choices(after: words).filter { $0.hasPrefix(word) }.sorted())
  }

  private func choices(after words: [String]) -> [String] {
    guard let command = words.first else { return Set(Self.commands.map { firstWord($0) }).sorted() }
    switch words.last {
    case "--programme": return state.programmes
    case "--section", "--sections": return Section.allCases.map(\.rawValue)
    case "--purpose": return Purpose.allCases.map(\.rawValue)
    case "--role": return Role.allCases.map(\.rawValue)
    case "--record", "--from": return state.records
    case "--outcome": return Outcome.allCases.map(\.rawValue)
    case "--by": return LogGrouping.allCases.map(\.rawValue)
    default: break
    }
    var choices = Self.options[words.prefix(2).joined(separator: " ")] ?? Self.options[command] ?? []
    if words.count == 1 {
      choices += Self.commands.filter { $0.hasPrefix(command + " ") }.map { String($0.dropFirst(command.count + 1)) }
      if command == "fields" { choices += Section.allCases.map(\.rawValue) }
      if command == "purpose" { choices += Purpose.allCases.map(\.rawValue) }
      if command == "help" { choices += Set(Self.commands.map { firstWord($0) }) }
    }
    if ["show", "edit", "who-read", "refer", "unrefer", "restrict", "unrestrict", "access", "break-glass"].contains(
      command)
    {
      choices += state.records
    }
    return choices
  }

  private func firstWord(_ text: String) -> String { text.split(separator: " ").first.map(String.init) ?? text }
}
