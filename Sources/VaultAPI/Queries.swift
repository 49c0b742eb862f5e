public import VaultModel

/// Parameters of `GET /v1/records`.
public struct RecordQuery: Sendable, Equatable {
  public var programme: String?
  /// `next` of the page before.
  public var after: String?
  public var limit: Int?

  public init(programme: String? = nil, after: String? = nil, limit: Int? = nil) {
    self.programme = programme
    self.after = after
    self.limit = limit
  }

  public var items: [(name: String, value: String?)] {
    [("programme", programme), ("after", after), ("limit", limit.map { String($0) })]
  }
}

/// Parameters of `GET /v1/audit/entries`; all that are given have to match.
public struct AuditQuery: Sendable, Equatable {
  /// Entries about it, and searches that it was among the results of.
  public var record: String?
  public var account: String?
  public var programme: String?
  /// A whole action (`record.read`) or one of its words (`read`).
  public var action: String?
  public var outcome: Outcome?
  public var purpose: String?
  /// RFC 3339 or a date, inclusive.
  public var since: String?
  /// RFC 3339 or a date, exclusive.
  public var until: String?
  /// Only entries whose reader was neither the record's owner nor on its team.
  public var unassigned: Bool
  /// Only entries outside Monday to Friday, 07:00 to 20:00.
  public var offHours: Bool
  /// IANA name of the zone that `offHours` is judged in; nil for the daemon's.
  public var timeZone: String?
  /// Entries with a higher index only.
  public var after: UInt64?
  public var limit: Int?

  public init(
    record: String? = nil, account: String? = nil, action: String? = nil, since: String? = nil, until: String? = nil,
    after: UInt64? = nil, limit: Int? = nil, programme: String? = nil, outcome: Outcome? = nil, purpose: String? = nil,
    unassigned: Bool = false, offHours: Bool = false, timeZone: String? = nil
  ) {
    self.record = record
    self.account = account
    self.programme = programme
    self.action = action
    self.outcome = outcome
    self.purpose = purpose
    self.since = since
    self.until = until
    self.unassigned = unassigned
    self.offHours = offHours
    self.timeZone = timeZone
    self.after = after
    self.limit = limit
  }

  public var items: [(name: String, value: String?)] {
    [
      ("record", record), ("account", account), ("programme", programme), ("action", action),
      ("outcome", outcome?.rawValue), ("purpose", purpose), ("since", since), ("until", until),
      ("unassigned", unassigned ? "true" : nil), ("offHours", offHours ? "true" : nil), ("timeZone", timeZone),
      ("after", after.map { String($0) }), ("limit", limit.map { String($0) }),
    ]
  }
}

/// What a checkpoint or a tile is fetched for: the parameter `for`, and the action of the entry about it.
public enum LogUse: String, Sendable, CaseIterable {
  case verify, export
}
