public import VaultModel

/// Body of `POST /v1/programmes`.
public struct ProgrammeRequest: WireMessage, Equatable {
  public var id: String
  public var title: String

  public init(id: String, title: String) {
    self.id = id
    self.title = title
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["id", "title"])
    id = try fields.text("id")
    title = try fields.text("title", byteCountMax: WireLimit.textByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("id", id)
      json.member("title", title)
    }
  }
}

/// One programme: answer of `POST /v1/programmes`, and row of the list.
public struct ProgrammeRow: WireMessage, Equatable {
  public var programme: String
  public var title: String

  public init(programme: String, title: String) {
    self.programme = programme
    self.title = title
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    programme = try fields.text("programme")
    title = try fields.text("title", byteCountMax: WireLimit.textByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("programme", programme)
      json.member("title", title)
    }
  }
}

/// Answer of `GET /v1/programmes`.
public struct ProgrammesAnswer: WireMessage, Equatable {
  public var programmes: [ProgrammeRow]

  public init(programmes: [ProgrammeRow]) { self.programmes = programmes }

  public init(json: JSONValue) throws(WireError) {
    programmes = try WireFields(json).messages("programmes", ProgrammeRow.self)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("programmes", programmes) }
  }
}

/// Body of `POST /v1/programmes/{programme}/grants`.
public struct GrantRequest: WireMessage, Equatable {
  public var account: String
  /// Six words or the full fingerprint, as the account's person reads it out.
  public var fingerprint: String
  /// RFC 3339; nil for a grant without an end.
  public var expires: String?
  /// What a service may: `submit`, `count`, `read:SECTION`. Empty: `submit`, and the only value for people.
  public var may: [String]

  public init(account: String, fingerprint: String, expires: String? = nil, may: [String] = []) {
    self.account = account
    self.fingerprint = fingerprint
    self.expires = expires
    self.may = may
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["account", "fingerprint", "expires", "may"])
    account = try fields.text("account")
    fingerprint = try fields.text("fingerprint")
    expires = try fields.textIfPresent("expires")
    may = try fields.texts("may", countMax: Section.allCases.count + 2)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("account", account)
      json.member("fingerprint", fingerprint)
      json.member("expires", ifPresent: expires)
      if !may.isEmpty { json.member("may", may) }
    }
  }
}

/// Answer of granting and revoking.
public struct GrantAnswer: WireMessage, Equatable {
  /// Hash of the grant, or of the one that was revoked, in hexadecimal.
  public var grant: String
  public var account: String
  /// One when granting; all that were left when revoking.
  public var programmes: [String]
  public var expires: String?
  /// What a service may; empty for people, and when revoking.
  public var may: [String]

  public init(grant: String, account: String, programmes: [String], expires: String? = nil, may: [String] = []) {
    self.may = may
    self.grant = grant
    self.account = account
    self.programmes = programmes
    self.expires = expires
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    grant = try fields.text("grant")
    account = try fields.text("account")
    programmes = try fields.texts("programmes")
    expires = try fields.textIfPresent("expires")
    may = try fields.texts("may")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("grant", grant)
      json.member("account", account)
      json.member("programmes", programmes)
      json.member("expires", ifPresent: expires)
      if !may.isEmpty { json.member("may", may) }
    }
  }
}
