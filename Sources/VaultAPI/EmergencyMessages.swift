public import VaultModel

/// Body of `POST /v1/records/{id}/break-glass`.
public struct EmergencyRequest: WireMessage, Equatable {
  /// How long the access would last from the approval on; nil for the vault's own four hours.
  public var seconds: UInt64?

  public init(seconds: UInt64? = nil) { self.seconds = seconds }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["seconds"])
    seconds = try fields.sizeIfPresent("seconds")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in if let seconds { json.member("seconds", seconds) } }
  }
}

/// Somebody who was let into a record for an emergency.
public struct EmergencyRow: WireMessage, Equatable {
  public var request: String
  public var record: String
  public var programme: String
  public var account: String
  /// Who approved it.
  public var by: String
  /// RFC 3339, UTC, as are the others.
  public var made: String
  public var until: String
  /// Whether more may be read: a bar or a restriction ends it before its time.
  public var active: Bool
  /// nil until an auditor has reviewed it.
  public var reviewer: String?
  public var reviewed: String?

  public init(
    request: String, record: String, programme: String, account: String, by: String, made: String, until: String,
    active: Bool, reviewer: String? = nil, reviewed: String? = nil
  ) {
    self.request = request
    self.record = record
    self.programme = programme
    self.account = account
    self.by = by
    self.made = made
    self.until = until
    self.active = active
    self.reviewer = reviewer
    self.reviewed = reviewed
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    request = try fields.text("request")
    record = try fields.text("record")
    programme = try fields.text("programme")
    account = try fields.text("account")
    by = try fields.text("by")
    made = try fields.text("made")
    until = try fields.text("until")
    active = try fields.flag("active")
    reviewer = try fields.textIfPresent("reviewer")
    reviewed = try fields.textIfPresent("reviewed")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("request", request)
      json.member("record", record)
      json.member("programme", programme)
      json.member("account", account)
      json.member("by", by)
      json.member("made", made)
      json.member("until", until)
      json.member("active", active)
      json.member("reviewer", orNull: reviewer)
      json.member("reviewed", orNull: reviewed)
    }
  }
}

/// Answer of `GET /v1/break-glass`: those that wait for a review, oldest first.
public struct EmergenciesAnswer: WireMessage, Equatable {
  public var emergencies: [EmergencyRow]

  public init(emergencies: [EmergencyRow]) { self.emergencies = emergencies }

  public init(json: JSONValue) throws(WireError) {
    emergencies = try WireFields(json).messages("emergencies", EmergencyRow.self, countMax: .max)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("emergencies", emergencies) }
  }
}

/// Body of `POST /v1/break-glass/{request}/review`.
public struct EmergencyReviewRequest: WireMessage, Equatable {
  /// What was found; kept beside the log.
  public var note: String

  public init(note: String) { self.note = note }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["note"])
    note = try fields.text("note", byteCountMax: WireLimit.keptTextByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("note", note) }
  }
}
