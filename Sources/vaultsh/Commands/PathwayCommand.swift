import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct PathwayWord: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pathway", abstract: "What a programme does for a survivor, step after step.",
    subcommands: [Show.self, Set.self])

  struct Show: OrdinaryCommand {
    static let configuration = CommandConfiguration(abstract: "The pathway of a programme.")

    @Option(help: ArgumentHelp("Programme; may be left out by whoever is in one only.", valueName: "id"))
    var programme: String?

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let programme = try GivenProgramme.id(programme, try await shell.openSession())
      let pathway = try await shell.client.pathway(programme: programme)
      try shell.answer(pathway.bytes) { sheet in
        guard !pathway.steps.isEmpty else {
          return sheet.paragraph(
            "\(programme) has no pathway yet. `vaultsh pathway set` asks for one; a second person approves it.")
        }
        var table = Table([.init("STEP"), .init("WHAT", isFlexible: true), .init("WITHIN")])
        for (index, step) in pathway.steps.enumerated() {
          let days = step.withinDays.map { $0 == 1 ? "1 day" : "\($0) days" } ?? ""
          table.row([.init("\(index + 1)"), .init(step.name, .bold), .init(days)])
        }
        sheet.table(table)
      }
    }
  }

  struct Set: OrdinaryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for another pathway; a second person approves it.",
      discussion: """
        FILE is a document as `pathway show --json` prints it, such as {"steps": [{"name": "Safety assessment", \
        "withinDays": 2}, {"name": "Accommodation"}]}. Days count from the opening of a record.
        """)

    @Argument(help: ArgumentHelp("File, or `-`.", valueName: "file"), completion: .file())
    var file: String

    @Option(help: ArgumentHelp("Programme; may be left out by whoever is in one only.", valueName: "id"))
    var programme: String?

    @OptionGroup var globals: GlobalOptions

    func run(in shell: Shell) async throws {
      let document = try PathwayDocument(json: JSONValue.parse(InputText.read(file, byteCountMax: 64 << 10)))
      let programme = try GivenProgramme.id(programme, try await shell.openSession())
      let reason = file == "-" ? nil : try GivenReason.textIfGiven(in: shell)
      try RequestSheet.answer(
        try await shell.client.request(
          ApprovalWish(action: "pathway", programme: programme, pathway: document), reason: reason), in: shell)
    }
  }
}
