public import VaultModel

/// Body of `POST /v1/records/{id}/referrals` and of its preview.
public struct ReferralRequest: WireMessage, Equatable {
  /// A programme's id or an account's name; `programme:ID` or `account:NAME` where both have it.
  public var to: String
  public var sections: [Section]
  /// RFC 3339 or a date.
  public var until: String

  public init(to: String, sections: [Section], until: String) {
    self.to = to
    self.sections = sections
    self.until = until
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["to", "sections", "until"])
    to = try fields.text("to")
    sections = try fields.codes("sections", Section.self)
    until = try fields.text("until")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("to", to)
      json.member("sections", sections.map(\.rawValue))
      json.member("until", until)
    }
  }
}

/// What a referral shows to whom: answer of making one and of its preview.
public struct ReferralAnswer: WireMessage, Equatable {
  public struct Reader: WireMessage, Equatable {
    public var account: String
    public var role: Role
    public var sections: [Section]

    public init(account: String, role: Role, sections: [Section]) {
      self.account = account
      self.role = role
      self.sections = sections
    }

    public init(json: JSONValue) throws(WireError) {
      let fields = try WireFields(json)
      account = try fields.text("account")
      role = try fields.code("role", Role.self)
      sections = try fields.codes("sections", Section.self)
    }

    public func write(into json: inout JSONText) {
      json.object { (json: inout JSONText) in
        json.member("account", account)
        json.member("role", role.rawValue)
        json.member("sections", sections.map(\.rawValue))
      }
    }
  }

  public var id: String
  /// Of the record; as it was, in a preview.
  public var version: UInt64
  /// `account:NAME` or `programme:ID`.
  public var to: String
  /// RFC 3339, UTC.
  public var until: String
  /// Sections that the other side sees.
  public var sees: [Section]
  /// Those of them in which nothing is written yet.
  public var empty: [Section]
  public var seesNot: [Section]
  /// Everybody who can read something through it now.
  public var readers: [Reader]
  /// Whether the other side finds the record by name.
  public var found: Bool
  /// Whether it takes the place of one to the same receiver.
  public var replaces: Bool

  public init(
    id: String, version: UInt64, to: String, until: String, sees: [Section], empty: [Section], seesNot: [Section],
    readers: [Reader], found: Bool, replaces: Bool
  ) {
    self.id = id
    self.version = version
    self.to = to
    self.until = until
    self.sees = sees
    self.empty = empty
    self.seesNot = seesNot
    self.readers = readers
    self.found = found
    self.replaces = replaces
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    version = try fields.size("version")
    to = try fields.text("to")
    until = try fields.text("until")
    sees = try fields.codes("sees", Section.self)
    empty = try fields.codes("empty", Section.self)
    seesNot = try fields.codes("seesNot", Section.self)
    readers = try fields.messages("readers", Reader.self)
    found = try fields.flag("found")
    replaces = try fields.flag("replaces")
  }

  /// `writes` is always false: whoever is referred to reads.
  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("version", version)
      json.member("to", to)
      json.member("until", until)
      json.member("sees", sees.map(\.rawValue))
      json.member("empty", empty.map(\.rawValue))
      json.member("seesNot", seesNot.map(\.rawValue))
      json.member("readers", readers)
      json.member("found", found)
      json.member("replaces", replaces)
      json.member("writes", false)
    }
  }
}

/// Answer of changing who has access to one record.
public struct RecordChanged: WireMessage, Equatable {
  public var id: String
  public var version: UInt64

  public init(id: String, version: UInt64) {
    self.id = id
    self.version = version
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    id = try fields.text("id")
    version = try fields.size("version")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("version", version)
    }
  }
}
