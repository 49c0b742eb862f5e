import ArgumentParser
import VaultAPI

struct LogReveal: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "reveal",
    abstract: "Tell what somebody searched for.",
    discussion: """
      Search terms are names of survivors, so lists of the log mask them. Telling one is an entry of the log with your name.
      """)

  @Argument(help: ArgumentHelp("Index of the entry, as `log` lists it.", valueName: "index"))
  var index: UInt64

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    let revealed = try await shell.client.reveal(index: index)
    try shell.answer(revealed.bytes, .personal) { sheet in
      sheet.field("Entry", String(revealed.index))
      sheet.field("Words", revealed.text, tone: .bold)
      sheet.paragraph("That you asked stands in the log.", tone: .dim)
    }
  }
}
