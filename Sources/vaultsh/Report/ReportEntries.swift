import AccessLog
import VaultAPI
import VaultModel

/// Brings the entries of a period, and of the weeks before it, from the vault into a review.
@MainActor struct ReportEntries {
  let shell: Shell

  /// - Returns: by index, the reasons of emergencies in the period: for a terminal, never for a file, since the vault could
  ///   not erase them there.
  func add(to review: inout ReadingReview, _ period: ReportPeriod) async throws -> [UInt64: String] {
    // Whole days of UTC; the review passes over what lies outside its times.
    let until = period.period.upperBound < LogEntry.timeMax ? day(period.period.upperBound, later: 1) : nil
    let query = AuditQuery(since: day(period.learning.lowerBound, later: 0), until: until)
    var isReadable = true
    var reasons: [UInt64: String] = [:]
    try await LogReading(shell: shell).read(query) { entry in
      guard let reviewed = ReviewedEntry(entry) else {
        isReadable = false
        return
      }
      review.add(reviewed)
      if entry.purpose == Purpose.emergency.rawValue, period.period.contains(reviewed.time) {
        reasons[entry.index] = entry.reason
      }
    }
    guard isReadable else { throw Failure(.garbled, "The time of an entry cannot be read.") }
    return reasons
  }

  private func day(_ milliseconds: Int64, later days: Int32) -> String {
    LocalDay(number: LocalClock.utc.moment(milliseconds).day.number + days).description
  }
}

extension ReviewedEntry {
  /// Nil where its time is none.
  init?(_ entry: AuditEntry) {
    guard let time = ReviewTime.milliseconds(entry.time) else { return nil }
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
