import ArgumentParser
import VaultAPI
import VaultModel

struct LogEntries: VaultCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Who did what, oldest first. For auditors.",
    discussion: "All filters that are given have to match. After COMMAND, --account and --purpose are filters.")

  /// Entries that people are shown without a filter.
  private static let recentCount: UInt64 = 200

  @OptionGroup(title: "Filters") var filters: LogFilterOptions

  @Option(help: ArgumentHelp("Count instead of list: by account, record or day.", valueName: "what"))
  var by: LogGrouping?

  @Option(help: ArgumentHelp("At most so many entries.", valueName: "count"))
  var limit: Int?

  @OptionGroup(title: "Vault") var connection: ConnectionOptions
  @OptionGroup(title: "Account") var credentials: CredentialOptions

  var given: GivenOptions { GivenOptions(connection: connection, credentials: credentials) }

  func validate() throws {
    guard limit ?? 1 >= 1 else { throw ValidationError("--limit has to be at least 1") }
  }

  func run(in shell: Shell) async throws {
    var query = try filters.query()
    try await shell.openSession()
    if let by { return try await count(query, by: by, shell) }
    let skipped = try await skipToRecent(&query, shell)
    var entries: [AuditEntry] = []
    var answer = try await LogReading(shell: shell).read(query, limit: limit) { entries.append($0) }
    answer.entries = entries
    shell.remember(records: entries.compactMap(\.record))
    try shell.answer(answer.bytes, .personal) { sheet in
      if skipped > 0 {
        sheet.line(sheet.style(.dim, "The \(skipped) entries before these: --since, --limit or another filter."))
      }
      EntrySheet.fill(&sheet, entries)
    }
  }

  @MainActor private func count(_ query: AuditQuery, by grouping: LogGrouping, _ shell: Shell) async throws {
    var groups = LogGroups(by: grouping)
    try await LogReading(shell: shell).read(query, limit: limit) { groups.add($0) }
    try shell.answer(groups.document, .personal) { sheet in groups.fill(&sheet) }
  }

  /// People who ask for nothing in particular see the end of a long log; programs see all of it.
  @MainActor private func skipToRecent(_ query: inout AuditQuery, _ shell: Shell) async throws -> UInt64 {
    guard !shell.given.json, limit == nil, query == AuditQuery() else { return 0 }
    let size = try await shell.client.status().logSize
    guard size > Self.recentCount else { return 0 }
    query.after = size - Self.recentCount - 1
    return size - Self.recentCount
  }
}
