/// The command line in two halves: global options before COMMAND, and COMMAND with all that follows.
///
/// Split here, because `log --account` and `enrol --passphrase-file` mean something of their own after COMMAND.
struct CommandWords {
  var leading: [String] = []
  var command: [String] = []

  private static let optionsWithValue: Set<String> = [
    "--socket", "--account", "--passphrase-file", "--key-file", "--purpose", "--reason",
  ]
  private static let flags: Set<String> = ["--json"]

  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let word = rest.first {
      let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
      if Self.flags.contains(name) || (Self.optionsWithValue.contains(name) && word != name) {
        leading.append(word)
        rest = rest.dropFirst()
      } else if Self.optionsWithValue.contains(word) {
        leading += rest.prefix(2)
        rest = rest.dropFirst(2)
      } else {
        break
      }
    }
    command = Array(rest)
  }
}
