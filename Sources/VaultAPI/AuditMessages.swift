public import VaultModel

/// One entry of the access log, as an auditor reads it.
public struct AuditEntry: WireMessage, Equatable {
  public var index: UInt64
  /// RFC 3339, UTC.
  public var time: String
  public var account: String?
  public var uid: UInt32
  public var action: String
  public var record: String?
  public var sections: [String]
  public var purpose: String?
  public var outcome: Outcome
  /// Ids that a search answered with.
  public var results: [String]
  /// The reader's own words, while they are kept.
  public var reason: String?

  public init(
    index: UInt64, time: String, account: String?, uid: UInt32, action: String, record: String?, sections: [String],
    purpose: String?, outcome: Outcome, results: [String], reason: String? = nil
  ) {
    self.index = index
    self.time = time
    self.account = account
    self.uid = uid
    self.action = action
    self.record = record
    self.sections = sections
    self.purpose = purpose
    self.outcome = outcome
    self.results = results
    self.reason = reason
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    index = try fields.size("index")
    time = try fields.text("time")
    account = try fields.textIfPresent("account")
    uid = UInt32(try fields.number("uid", in: 0...Int64(UInt32.max)))
    action = try fields.text("action")
    record = try fields.textIfPresent("record")
    sections = try fields.texts("sections")
    purpose = try fields.textIfPresent("purpose")
    outcome = try fields.code("outcome", Outcome.self)
    results = try fields.texts("results")
    reason = try fields.textIfPresent("reason", byteCountMax: WireLimit.textByteCountMax)
  }

  /// Members without a value are written as null or as empty lists: scripts can rely on all of them.
  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("index", index)
      json.member("time", time)
      json.member("account", orNull: account)
      json.member("uid", uid)
      json.member("action", action)
      json.member("record", orNull: record)
      json.member("sections", sections)
      json.member("purpose", orNull: purpose)
      json.member("outcome", outcome.rawValue)
      json.member("results", results)
      json.member("reason", ifPresent: reason)
    }
  }
}

/// Answer of `GET /v1/audit/entries`.
public struct AuditEntries: WireMessage, Equatable {
  public var entries: [AuditEntry]
  /// Index to continue after; nil when there is no more.
  public var next: UInt64?

  public init(entries: [AuditEntry], next: UInt64? = nil) {
    self.entries = entries
    self.next = next
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    entries = try fields.messages("entries", AuditEntry.self)
    next = try fields.numberIfPresent("next").map { UInt64($0) }
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("entries", entries)
      if let next { json.member("next", next) }
    }
  }
}

/// Answer of `GET /v1/audit/proof/…`: the hashes of an RFC 6962 proof, base64, in the order of the RFC.
public struct ProofAnswer: WireMessage, Equatable {
  /// Leaf index of an inclusion proof, or the smaller size of a consistency proof.
  public var from: UInt64
  /// Size of the tree that is proven into.
  public var to: UInt64
  public var hashes: [String]

  public init(from: UInt64, to: UInt64, hashes: [String]) {
    self.from = from
    self.to = to
    self.hashes = hashes
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    from = try fields.size("from")
    to = try fields.size("to")
    hashes = try fields.texts("hashes", countMax: WireLimit.proofHashCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("from", from)
      json.member("to", to)
      json.member("hashes", hashes)
    }
  }
}
