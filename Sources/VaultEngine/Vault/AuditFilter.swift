public import AccessLog
public import VaultModel

/// What to look for in the log; everything that is given has to match.
public struct AuditFilter: Sendable {
  /// Entries about it, and searches that it was among the results of.
  public var record: RecordID?
  public var account: AccountName?
  public var programme: ProgrammeID?
  /// A whole action (`record.read`) or one of its words (`read`).
  public var action: String?
  public var outcome: LogEntry.Outcome?
  public var purpose: Purpose?
  /// Inclusive.
  public var since: Timestamp?
  /// Exclusive.
  public var until: Timestamp?
  /// Only entries whose account was neither the record's owner nor on its team.
  public var isUnassigned = false
  /// Only entries outside working hours, by this clock.
  public var offHours: OffHours?
  /// Entries with a higher index only.
  public var after: UInt64?
  public var limit = 100

  public init() {}
}

/// A filter made ready for a million entries: ids as the log spells them, and a clock that remembers.
struct AuditSieve: Sendable {
  private let filter: AuditFilter
  private let record: String?
  private let account: String?
  private let programme: String?
  private var offHours: OffHours?

  init(_ filter: AuditFilter) {
    self.filter = filter
    record = filter.record?.description
    account = filter.account?.description
    programme = filter.programme?.description
    offHours = filter.offHours
  }

  mutating func admits(_ entry: LogEntry) -> Bool {
    let time = Timestamp(milliseconds: UInt64(max(0, entry.time)))
    if let record, entry.record != record, !entry.results.contains(record) { return false }
    if let account, entry.account != account { return false }
    if let programme, entry.programme != programme { return false }
    if let action = filter.action, entry.action != action,
      !entry.action.split(separator: ".").contains(Substring(action))
    {
      return false
    }
    if let outcome = filter.outcome, entry.outcome != outcome { return false }
    if let purpose = filter.purpose, entry.purpose != purpose.rawValue { return false }
    if let since = filter.since, time < since { return false }
    if let until = filter.until, time >= until { return false }
    if filter.isUnassigned, entry.assignment != LogEntry.Assignment.none { return false }
    if offHours != nil, offHours?.contains(entry.time) != true { return false }
    return true
  }
}
