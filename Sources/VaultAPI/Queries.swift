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
  public var record: String?
  public var account: String?
  public var action: String?
  /// RFC 3339 or a date, inclusive.
  public var since: String?
  /// RFC 3339 or a date, exclusive.
  public var until: String?
  /// Entries with a higher index only.
  public var after: UInt64?
  public var limit: Int?

  public init(
    record: String? = nil, account: String? = nil, action: String? = nil, since: String? = nil, until: String? = nil,
    after: UInt64? = nil, limit: Int? = nil
  ) {
    self.record = record
    self.account = account
    self.action = action
    self.since = since
    self.until = until
    self.after = after
    self.limit = limit
  }

  public var items: [(name: String, value: String?)] {
    [
      ("record", record), ("account", account), ("action", action), ("since", since), ("until", until),
      ("after", after.map { String($0) }), ("limit", limit.map { String($0) }),
    ]
  }
}
