public import VaultModel

/// Body of `POST /v1/requests`: the action, and what it is about.
public struct ApprovalWish: WireMessage, Equatable {
  /// One of the actions that need two people, such as `reinstate`.
  public var action: String
  public var account: String?
  public var programme: String?
  public var record: String?
  /// Of a disclosure.
  public var sections: [String]
  /// Whom a file is encrypted to: `age1…`.
  public var recipient: String?
  public var policy: PolicyDocument?
  /// Of a programme's pathway.
  public var pathway: PathwayDocument?
  /// Of recovery shares: how many are needed, and each holder's `age1…`.
  public var threshold: UInt64?
  public var recipients: [String]

  public init(
    action: String, account: String? = nil, programme: String? = nil, record: String? = nil, sections: [String] = [],
    recipient: String? = nil, policy: PolicyDocument? = nil, pathway: PathwayDocument? = nil, threshold: UInt64? = nil,
    recipients: [String] = []
  ) {
    self.action = action
    self.account = account
    self.programme = programme
    self.record = record
    self.sections = sections
    self.recipient = recipient
    self.policy = policy
    self.pathway = pathway
    self.threshold = threshold
    self.recipients = recipients
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: [
      "action", "account", "programme", "record", "sections", "recipient", "policy", "pathway", "threshold",
      "recipients",
    ])
    action = try fields.text("action")
    account = try fields.textIfPresent("account")
    programme = try fields.textIfPresent("programme")
    record = try fields.textIfPresent("record")
    sections = try fields.texts("sections", countMax: Section.allCases.count)
    recipient = try fields.textIfPresent("recipient")
    policy = try fields.value("policy").map { json throws(WireError) in try PolicyDocument(json: json) }
    pathway = try fields.value("pathway").map { json throws(WireError) in try PathwayDocument(json: json) }
    threshold = try fields.sizeIfPresent("threshold")
    recipients = try fields.texts("recipients", countMax: WireLimit.shareCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("action", action)
      json.member("account", ifPresent: account)
      json.member("programme", ifPresent: programme)
      json.member("record", ifPresent: record)
      if !sections.isEmpty { json.member("sections", sections) }
      json.member("recipient", ifPresent: recipient)
      if let policy {
        json.name("policy")
        policy.write(into: &json)
      }
      if let pathway {
        json.name("pathway")
        pathway.write(into: &json)
      }
      if let threshold { json.member("threshold", threshold) }
      if !recipients.isEmpty { json.member("recipients", recipients) }
    }
  }
}

/// A request: what somebody asked for, and what became of it.
public struct ApprovalRow: WireMessage, Equatable {
  public enum State: String, Sendable, CaseIterable {
    case pending, approved, denied, used, expired
    /// Somebody who had signed it was suspended.
    case void
  }

  public var request: String
  public var state: State
  /// RFC 3339, UTC.
  public var expires: String
  public var action: String
  /// What exactly would happen, in sentences; empty once it is closed.
  public var words: [String]
  /// SHA-256 of the action, hexadecimal: an approval names it.
  public var digest: String
  public var requester: String
  public var requested: String
  public var programme: String?
  public var record: String?
  public var approver: String?
  public var decided: String?
  /// Whether it waits for the account that this answer is for.
  public var waitsForYou: Bool

  public init(
    request: String, state: State, expires: String, action: String, words: [String], digest: String, requester: String,
    requested: String, programme: String? = nil, record: String? = nil, approver: String? = nil,
    decided: String? = nil, waitsForYou: Bool = false
  ) {
    self.request = request
    self.state = state
    self.expires = expires
    self.action = action
    self.words = words
    self.digest = digest
    self.requester = requester
    self.requested = requested
    self.programme = programme
    self.record = record
    self.approver = approver
    self.decided = decided
    self.waitsForYou = waitsForYou
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    request = try fields.text("request")
    state = try fields.code("state", State.self)
    expires = try fields.text("expires")
    action = try fields.text("action")
    words = try fields.texts("words")
    digest = try fields.text("digest")
    requester = try fields.text("requester")
    requested = try fields.text("requested")
    programme = try fields.textIfPresent("programme")
    record = try fields.textIfPresent("record")
    approver = try fields.textIfPresent("approver")
    decided = try fields.textIfPresent("decided")
    waitsForYou = try fields.flag("waitsForYou")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("request", request)
      json.member("state", state.rawValue)
      json.member("expires", expires)
      json.member("action", action)
      json.member("words", words)
      json.member("digest", digest)
      json.member("requester", requester)
      json.member("requested", requested)
      json.member("programme", ifPresent: programme)
      json.member("record", ifPresent: record)
      json.member("approver", ifPresent: approver)
      json.member("decided", ifPresent: decided)
      json.member("waitsForYou", waitsForYou)
    }
  }
}

/// Answer of `GET /v1/requests`: what is open, oldest first.
public struct ApprovalsAnswer: WireMessage, Equatable {
  public var requests: [ApprovalRow]

  public init(requests: [ApprovalRow]) { self.requests = requests }

  public init(json: JSONValue) throws(WireError) {
    requests = try WireFields(json).messages("requests", ApprovalRow.self)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("requests", requests) }
  }
}

/// Body of `POST /v1/requests/{request}/approval`.
public struct ApprovalDecision: WireMessage, Equatable {
  /// Of the action that was shown.
  public var digest: String

  public init(digest: String) { self.digest = digest }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["digest"])
    digest = try fields.text("digest")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("digest", digest) }
  }
}

/// Body of `POST /v1/requests/{request}/denial`.
public struct ApprovalDenial: WireMessage, Equatable {
  /// In the approver's own words; kept beside the log.
  public var reason: String

  public init(reason: String) { self.reason = reason }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["reason"])
    reason = try fields.text("reason", byteCountMax: WireLimit.keptTextByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("reason", reason) }
  }
}

/// Answer of `GET /v1/policy`, and what `policy` of a request for another one looks like.
public struct PolicyDocument: WireMessage, Equatable {
  public struct Rule: WireMessage, Equatable {
    public var twoPeople: Bool
    public var ask: [String]
    public var approve: [String]

    public init(twoPeople: Bool, ask: [String], approve: [String]) {
      self.twoPeople = twoPeople
      self.ask = ask
      self.approve = approve
    }

    public init(json: JSONValue) throws(WireError) {
      let fields = try WireFields(json)
      try fields.allow(only: ["twoPeople", "ask", "approve"])
      twoPeople = try fields.flag("twoPeople")
      ask = try fields.texts("ask", countMax: Role.allCases.count)
      approve = try fields.texts("approve", countMax: Role.allCases.count)
    }

    public func write(into json: inout JSONText) {
      json.object { (json: inout JSONText) in
        json.member("twoPeople", twoPeople)
        json.member("ask", ask)
        json.member("approve", approve)
      }
    }
  }

  /// By action. Actions that are left out are as in a new vault.
  public var rules: [String: Rule]

  public init(rules: [String: Rule]) { self.rules = rules }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["rules"])
    guard case .object(let members) = fields.value("rules") else { throw fields.error(.wrongType, "rules") }
    guard members.count <= WireLimit.ruleCountMax else {
      throw fields.error(.tooMany(countMax: WireLimit.ruleCountMax), "rules")
    }
    var rules: [String: Rule] = [:]
    for (name, json) in members { rules[name] = try Rule(json: json) }
    self.rules = rules
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.name("rules")
      json.object { (json: inout JSONText) in
        for (name, rule) in rules.sorted(by: { $0.key < $1.key }) {
          json.name(name)
          rule.write(into: &json)
        }
      }
    }
  }
}
