import ArgumentParser
import VaultAPI
import VaultModel

struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read and verify the access log.",
    subcommands: [Entries.self, LogVerify.self, LogExport.self, LogProve.self, LogReport.self],
    defaultSubcommand: Entries.self)

  struct Entries: VaultCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Who did what, oldest first. For auditors.",
      discussion: "All filters that are given have to match. After COMMAND, --account is a filter.")

    /// Entries that people are shown without a filter.
    private static let recentCount: UInt64 = 200

    @Option(help: ArgumentHelp("Entries about this record.", valueName: "id"))
    var record: String?

    @Option(help: ArgumentHelp("Entries of this account.", valueName: "name"))
    var account: String?

    @Option(help: ArgumentHelp("Entries of this action, such as record.read.", valueName: "action"))
    var action: String?

    @Option(help: ArgumentHelp("From this day or time on (UTC), such as 2026-05-17.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Before this day or time (UTC).", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("At most so many entries.", valueName: "count"))
    var limit: Int?

    @OptionGroup(title: "Vault") var connection: ConnectionOptions
    @OptionGroup(title: "Account") var credentials: CredentialOptions

    var given: GivenOptions { GivenOptions(connection: connection, credentials: credentials) }

    func validate() throws {
      guard limit ?? 1 >= 1 else { throw ValidationError("--limit has to be at least 1") }
    }

    func run(in shell: Shell) async throws {
      let record = try record.map { try RecordID(typed: $0).description }
      try await shell.openSession()
      var query = AuditQuery(record: record, account: account, action: action, since: since, until: until)
      let skipped = try await skipToRecent(&query, shell)
      var entries: [AuditEntry] = []
      repeat {
        query.limit = limit.map { min($0 - entries.count, WireLimit.pageCountMax) }
        let page = try await shell.client.auditEntries(query)
        entries += page.entries
        guard let next = page.next, next != query.after, entries.count < limit ?? .max else { break }
        query.after = next
        try Interrupt.check()
      } while true
      shell.remember(records: entries.compactMap(\.record))
      try shell.answer(AuditEntries(entries: entries).bytes, .personal) { sheet in
        if skipped > 0 {
          sheet.line(sheet.style(.dim, "The \(skipped) entries before these: --since, --limit or another filter."))
        }
        EntrySheet.fill(&sheet, entries)
      }
    }

    /// People who ask for nothing in particular see the end of a long log; programs see all of it.
    private func skipToRecent(_ query: inout AuditQuery, _ shell: Shell) async throws -> UInt64 {
      guard !shell.given.json, limit == nil, query == AuditQuery() else { return 0 }
      let size = try await shell.client.status().logSize
      guard size > Self.recentCount else { return 0 }
      query.after = size - Self.recentCount - 1
      return size - Self.recentCount
    }
  }
}
