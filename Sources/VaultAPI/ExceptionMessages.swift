public import VaultModel

/// Body of `POST /v1/records/{id}/bars`.
public struct BarRequest: WireMessage, Equatable {
  public var account: String

  public init(account: String) { self.account = account }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["account"])
    account = try fields.text("account")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("account", account) }
  }
}

/// Row of `GET /v1/bars`.
public struct BarRow: WireMessage, Equatable {
  public var record: String
  public var programme: String
  public var account: String

  public init(record: String, programme: String, account: String) {
    self.record = record
    self.programme = programme
    self.account = account
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    record = try fields.text("record")
    programme = try fields.text("programme")
    account = try fields.text("account")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("record", record)
      json.member("programme", programme)
      json.member("account", account)
    }
  }
}

/// Answer of `GET /v1/bars`.
public struct BarsAnswer: WireMessage, Equatable {
  public var bars: [BarRow]

  public init(bars: [BarRow]) { self.bars = bars }

  public init(json: JSONValue) throws(WireError) {
    bars = try WireFields(json).messages("bars", BarRow.self, countMax: .max)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("bars", bars) }
  }
}

/// Body of `POST /v1/records/{id}/restriction`.
public struct RestrictionRequest: WireMessage, Equatable {
  public var accounts: [String]

  public init(accounts: [String]) { self.accounts = accounts }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["accounts"])
    accounts = try fields.texts("accounts")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("accounts", accounts) }
  }
}

/// Answer of `POST /v1/records/{id}/restriction`.
public struct RestrictionAnswer: WireMessage, Equatable {
  public var id: String
  public var version: UInt64
  public var accounts: [String]
  /// What was shared before and ended with it.
  public var ended: [String]
  /// In words for people.
  public var warnings: [String]

  public init(id: String, version: UInt64, accounts: [String], ended: [String], warnings: [String]) {
    self.id = id
    self.version = version
    self.accounts = accounts
    self.ended = ended
    self.warnings = warnings
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    version = try fields.size("version")
    accounts = try fields.texts("accounts")
    ended = try fields.texts("ended")
    warnings = try fields.texts("warnings")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("version", version)
      json.member("accounts", accounts)
      json.member("ended", ended)
      json.member("warnings", warnings)
    }
  }
}

/// Answer of `GET /v1/records/{id}/access`: who reads it apart from its programme, and who does not.
public struct AccessAnswer: WireMessage, Equatable {
  public struct Referral: WireMessage, Equatable {
    public var to: String
    public var sections: [Section]
    public var until: String
    public var by: String
    public var made: String

    public init(to: String, sections: [Section], until: String, by: String, made: String) {
      self.to = to
      self.sections = sections
      self.until = until
      self.by = by
      self.made = made
    }

    public init(json: JSONValue) throws(WireError) {
      let fields = try WireFields(json)
      to = try fields.text("to")
      sections = try fields.codes("sections", Section.self)
      until = try fields.text("until")
      by = try fields.text("by")
      made = try fields.text("made")
    }

    public func write(into json: inout JSONText) {
      json.object { (json: inout JSONText) in
        json.member("to", to)
        json.member("sections", sections.map(\.rawValue))
        json.member("until", until)
        json.member("by", by)
        json.member("made", made)
      }
    }
  }

  /// Somebody let in by breaking the glass.
  public struct Emergency: WireMessage, Equatable {
    public var account: String
    public var until: String
    public var request: String
    public var by: String

    public init(account: String, until: String, request: String, by: String) {
      self.account = account
      self.until = until
      self.request = request
      self.by = by
    }

    public init(json: JSONValue) throws(WireError) {
      let fields = try WireFields(json)
      account = try fields.text("account")
      until = try fields.text("until")
      request = try fields.text("request")
      by = try fields.text("by")
    }

    public func write(into json: inout JSONText) {
      json.object { (json: inout JSONText) in
        json.member("account", account)
        json.member("until", until)
        json.member("request", request)
        json.member("by", by)
      }
    }
  }

  public var id: String
  public var programme: String
  public var version: UInt64
  /// Empty: the record is its programme's.
  public var restrictedTo: [String]
  public var referrals: [Referral]
  public var emergencies: [Emergency]
  /// nil for whoever may not bar.
  public var barred: [String]?
  /// Sections that wait for new keys.
  public var stale: [Section]

  public init(
    id: String, programme: String, version: UInt64, restrictedTo: [String], referrals: [Referral],
    emergencies: [Emergency], barred: [String]?, stale: [Section]
  ) {
    self.id = id
    self.programme = programme
    self.version = version
    self.restrictedTo = restrictedTo
    self.referrals = referrals
    self.emergencies = emergencies
    self.barred = barred
    self.stale = stale
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    programme = try fields.text("programme")
    version = try fields.size("version")
    restrictedTo = try fields.texts("restrictedTo")
    referrals = try fields.messages("referrals", Referral.self)
    emergencies = try fields.messages("emergencies", Emergency.self)
    barred = fields.value("barred") == nil ? nil : try fields.texts("barred")
    stale = try fields.codes("stale", Section.self)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("programme", programme)
      json.member("version", version)
      json.member("restrictedTo", restrictedTo)
      json.member("referrals", referrals)
      json.member("emergencies", emergencies)
      if let barred { json.member("barred", barred) }
      json.member("stale", stale.map(\.rawValue))
    }
  }
}
