import AccessLog
import VaultAPI

/// Brings the entries of a period, and of the weeks before it, from the vault into a review.
@MainActor struct ReportEntries {
  let shell: Shell

  func add(to review: inout ReadingReview, _ period: ReportPeriod) async throws {
    let status = try await shell.client.status()
    let progress = Progress("Entries", total: status.logSize, isOn: !shell.given.json)
    defer { progress.end() }
    // Whole days, and what lies outside is passed over by the review.
    let since = LocalClock.utc.moment(period.learning.lowerBound).day.description
    var query = AuditQuery(since: since, limit: WireLimit.pageCountMax)
    while true {
      let page = try await shell.client.auditEntries(query)
      for entry in page.entries { review.add(try ReviewedEntry(entry)) }
      progress.update(page.scanned)
      // Time never runs back in the log: the rest is later still.
      let isPast = page.entries.last.flatMap { ReviewTime.milliseconds($0.time) }.map { $0 >= period.period.upperBound }
      guard isPast != true, let next = page.next, next != query.after else { return }
      query.after = next
      try Interrupt.check()
    }
  }
}

extension ReviewedEntry {
  init(_ entry: AuditEntry) throws {
    guard let time = ReviewTime.milliseconds(entry.time) else {
      throw Failure(.garbled, "The time of an entry cannot be read.")
    }
    let outcome: LogEntry.Outcome =
      switch entry.outcome {
      case .allowed: .allowed
      case .denied: .denied
      case .failed: .failed
      }
    let assignment: LogEntry.Assignment? = entry.assignment.map {
      switch $0 {
      case .owner: LogEntry.Assignment.owner
      case .team: LogEntry.Assignment.team
      case .unassigned: LogEntry.Assignment.none
      }
    }
    self.init(
      index: entry.index, time: time, account: entry.account, uid: entry.uid, action: entry.action,
      record: entry.record, programme: entry.programme, outcome: outcome, purpose: entry.purpose,
      assignment: assignment, resultCount: entry.results.count, count: entry.count ?? 1)
  }
}
