public import VaultModel

/// One entry of the access log, as an auditor reads it.
public struct AuditEntry: WireMessage, Equatable {
  /// How the account stood to the record.
  public enum Assignment: String, Sendable {
    case owner, team
    /// Nobody had put them in charge of it. (`none` would read like an absent value.)
    case unassigned = "none"
  }

  /// What became of the words beside the log.
  public enum TextState: String, Sendable {
    /// In `reason`.
    case kept
    /// Search terms, which `POST …/reveal` tells and writes down that it did.
    case masked
    case erased
  }

  public var index: UInt64
  /// RFC 3339, UTC.
  public var time: String
  public var account: String?
  public var uid: UInt32
  public var action: String
  public var record: String?
  public var programme: String?
  public var sections: [String]
  public var purpose: String?
  public var outcome: Outcome
  /// A short code that says more about the outcome.
  public var detail: String?
  /// Nil where the entry is about no record, or about more than one.
  public var assignment: Assignment?
  /// Id of the approval on which this rests.
  public var approval: String?
  /// Ids that a search answered with; of the entries that were revealed or disclosed, their indexes.
  public var results: [String]
  /// How many equal events this entry stands for, where it is not one.
  public var count: UInt64?
  /// Nil where there never was one.
  public var text: TextState?
  /// The reader's own words, while they are kept.
  public var reason: String?

  public init(
    index: UInt64, time: String, account: String?, uid: UInt32, action: String, record: String?, sections: [String],
    purpose: String?, outcome: Outcome, results: [String], reason: String? = nil, programme: String? = nil,
    detail: String? = nil, assignment: Assignment? = nil, approval: String? = nil, count: UInt64? = nil,
    text: TextState? = nil
  ) {
    self.index = index
    self.time = time
    self.account = account
    self.uid = uid
    self.action = action
    self.record = record
    self.programme = programme
    self.sections = sections
    self.purpose = purpose
    self.outcome = outcome
    self.detail = detail
    self.assignment = assignment
    self.approval = approval
    self.results = results
    self.count = count
    self.text = text
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
    programme = try fields.textIfPresent("programme")
    sections = try fields.texts("sections")
    purpose = try fields.textIfPresent("purpose")
    outcome = try fields.code("outcome", Outcome.self)
    detail = try fields.textIfPresent("detail")
    assignment = try fields.codeIfPresent("assignment", Assignment.self)
    approval = try fields.textIfPresent("approval")
    results = try fields.texts("results")
    count = try fields.sizeIfPresent("count")
    text = try fields.codeIfPresent("text", TextState.self)
    reason = try fields.textIfPresent("reason", byteCountMax: WireLimit.keptTextByteCountMax)
  }

  /// Members without a value are written as null or as empty lists: scripts can rely on all of them but `reason`.
  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("index", index)
      json.member("time", time)
      json.member("account", orNull: account)
      json.member("uid", uid)
      json.member("action", action)
      json.member("record", orNull: record)
      json.member("programme", orNull: programme)
      json.member("sections", sections)
      json.member("purpose", orNull: purpose)
      json.member("outcome", outcome.rawValue)
      json.member("detail", orNull: detail)
      json.member("assignment", orNull: assignment?.rawValue)
      json.member("approval", orNull: approval)
      json.member("results", results)
      json.name("count")
      if let count { json.number(count) } else { json.null() }
      json.member("text", orNull: text?.rawValue)
      json.member("reason", ifPresent: reason)
    }
  }
}

/// Answer of `GET /v1/audit/entries`. One request goes through a bounded part of the log: a page may be short, or empty,
/// and still have a `next`.
public struct AuditEntries: WireMessage, Equatable {
  public var entries: [AuditEntry]
  /// Value of `after` for the next request; nil when the end was reached.
  public var next: UInt64?
  /// The log was gone through up to this index, exclusive: beside `size`, how far the reading has come.
  public var scanned: UInt64
  /// Entries in the log.
  public var size: UInt64

  public init(entries: [AuditEntry], next: UInt64? = nil, scanned: UInt64 = 0, size: UInt64 = 0) {
    self.entries = entries
    self.next = next
    self.scanned = scanned
    self.size = size
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    entries = try fields.messages("entries", AuditEntry.self)
    next = try fields.sizeIfPresent("next")
    scanned = try fields.sizeIfPresent("scanned") ?? 0
    size = try fields.sizeIfPresent("size") ?? 0
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("entries", entries)
      if let next { json.member("next", next) }
      json.member("scanned", scanned)
      json.member("size", size)
    }
  }
}

/// Answer of `POST /v1/audit/entries/{index}/reveal`.
public struct RevealedText: WireMessage, Equatable {
  public var index: UInt64
  public var text: String

  public init(index: UInt64, text: String) {
    self.index = index
    self.text = text
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    index = try fields.size("index")
    text = try fields.text("text", byteCountMax: WireLimit.keptTextByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("index", index)
      json.member("text", text)
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
