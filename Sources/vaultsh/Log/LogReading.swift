import VaultAPI
import VaultClient

/// Goes through the access log page by page, with a bar on a terminal: a page is a bounded part of the log, and may be
/// empty where little matches.
@MainActor struct LogReading {
  let shell: Shell

  /// - Parameter limit: entries; nil for all that match.
  /// - Returns: how far it has come, without the entries.
  @discardableResult
  func read(_ query: AuditQuery, limit: Int? = nil, _ take: (AuditEntry) -> Void) async throws -> AuditEntries {
    var query = query
    var taken = 0
    var progress: Progress?
    defer { progress?.end() }
    while true {
      query.limit = min((limit ?? .max) - taken, WireLimit.pageCountMax)
      let page = try await shell.client.auditEntries(query)
      page.entries.forEach(take)
      taken += page.entries.count
      guard let next = page.next, next != query.after, taken < limit ?? .max else {
        return AuditEntries(entries: [], next: page.next, scanned: page.scanned, size: page.size)
      }
      query.after = next
      if progress == nil { progress = Progress("Reading the log", total: page.size, isOn: !shell.given.json) }
      progress?.update(page.scanned, note: "\(taken) found")
      try Interrupt.check()
    }
  }
}
