import ArgumentParser
import VaultAPI

struct List: OrdinaryCommand {
  static let configuration = CommandConfiguration(abstract: "The records of your programmes, by id only.")

  @Option(help: ArgumentHelp("Of this programme only.", valueName: "id"))
  var programme: String?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    try await shell.openSession()
    var rows: [RecordRow] = []
    var after: String?
    repeat {
      let page = try await shell.client.records(RecordQuery(programme: programme, after: after))
      rows += page.records
      // A page that leads to itself would never end.
      guard page.next != after else { break }
      after = page.next
      try Interrupt.check()
    } while after != nil
    shell.remember(records: rows.map(\.id))
    try shell.answer(RecordsPage(records: rows).bytes) { sheet in
      guard !rows.isEmpty else { return sheet.line("There are no records.") }
      var table = Table([.init("ID"), .init("PROGRAMME"), .init("VERSION"), .init("FLAGS")])
      for row in rows {
        table.row([
          .init(row.id, .bold), .init(row.programme), .init(String(row.version)),
          .init(row.flags.words, row.flags.tone),
        ])
      }
      sheet.table(table)
    }
  }
}
