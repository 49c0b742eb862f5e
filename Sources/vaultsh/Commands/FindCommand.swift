import ArgumentParser
import VaultAPI
import VaultModel

struct Find: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find records by a name in any script, a telephone number or a year.",
    discussion: """
      `find -` reads the terms from standard input, or asks for them on a terminal. At the prompt they follow the command. \
      They are not taken from a command line, which other users of the machine can read.
      """)

  @Argument(help: ArgumentHelp("`-`; at the prompt, what to look for.", valueName: "terms"))
  var terms: [String]

  @Option(help: ArgumentHelp("Look in this programme only.", valueName: "id"))
  var programme: String?

  @Option(help: ArgumentHelp("Year of birth, such as 1999 or 1998..2002.", valueName: "years"))
  var born: String?

  @Option(help: ArgumentHelp("At most so many matches.", valueName: "count"))
  var limit: Int?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let terms = try wantedTerms(shell)
    try await shell.openSession()
    let (purpose, reason) = try await shell.purpose()
    let request = SearchRequest(terms: terms, programme: programme, born: born, limit: limit)
    let matches = try await shell.client.search(request, purpose: purpose, reason: reason)
    shell.remember(records: matches.map(\.id))
    try shell.answer(SearchAnswer(matches: matches).bytes, .personal) { sheet in
      MatchSheet.fill(&sheet, matches)
    }
  }

  @MainActor private func wantedTerms(_ shell: Shell) throws -> String {
    guard terms == ["-"] else {
      guard shell.prompt != nil else {
        throw Failure.usage(
          "Search terms are not taken from the command line, where others can see them.",
          hint: "Use `vaultsh find -` and type them, or send them on standard input.", field: "terms")
      }
      return terms.joined(separator: " ")
    }
    let text: String
    if Terminal.isInteractive {
      text = try Question.passingLine("Look for: ", idleSeconds: shell.prompt?.idleSeconds)
    } else {
      text = try InputText.line(byteCountMax: WireLimit.textByteCountMax)
    }
    guard !text.isEmpty else { throw Failure(.invalid, "There is nothing to look for.", field: "terms") }
    return text
  }
}
