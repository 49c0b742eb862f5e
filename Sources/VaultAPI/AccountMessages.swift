public import VaultModel

/// The uid an account is bound to. `any` is for demo and insecurely founded vaults only; the engine decides.
public enum BoundUID: Hashable, Sendable {
  case any
  case uid(UInt32)

  init(_ fields: WireFields, _ name: String) throws(WireError) {
    switch fields.value(name) {
    case .string("any"): self = .any
    case .string: throw fields.error(.unknownCode, name)
    // The highest uid stands for "none" in the system's interfaces.
    default: self = .uid(UInt32(try fields.number(name, in: 0...Int64(UInt32.max) - 1)))
    }
  }

  func write(_ name: String, into json: inout JSONText) {
    switch self {
    case .any: json.member(name, "any")
    case .uid(let uid): json.member(name, uid)
    }
  }
}

/// Body of `POST /v1/accounts`.
public struct AccountRequest: WireMessage, Equatable {
  public var name: String
  public var role: Role
  public var uid: BoundUID

  public init(name: String, role: Role, uid: BoundUID) {
    self.name = name
    self.role = role
    self.uid = uid
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["name", "role", "uid"])
    name = try fields.text("name")
    role = try fields.code("role", Role.self)
    uid = try BoundUID(fields, "uid")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("name", name)
      json.member("role", role.rawValue)
      uid.write("uid", into: &json)
    }
  }
}

/// Answer of `POST /v1/accounts`: the administrator's half of a membership.
public struct InvitationAnswer: WireMessage, Equatable {
  public var account: String
  /// One-time code, to be carried to its person by hand.
  public var code: String
  /// RFC 3339, UTC.
  public var expires: String

  public init(account: String, code: String, expires: String) {
    self.account = account
    self.code = code
    self.expires = expires
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    account = try fields.text("account")
    code = try fields.text("code")
    expires = try fields.text("expires")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("account", account)
      json.member("code", code)
      json.member("expires", expires)
    }
  }
}

/// One account, in `GET /v1/accounts`.
public struct AccountRow: WireMessage, Equatable {
  public enum State: String, Sendable { case invited, active, suspended }

  public var account: String
  public var role: Role
  public var uid: BoundUID
  public var state: State
  /// Six words, for the account itself; nil for all others: they are compared by voice, and not with what the vault says.
  public var fingerprint: String?
  public var programmes: [String]

  public init(
    account: String, role: Role, uid: BoundUID, state: State, fingerprint: String?, programmes: [String]
  ) {
    self.account = account
    self.role = role
    self.uid = uid
    self.state = state
    self.fingerprint = fingerprint
    self.programmes = programmes
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    account = try fields.text("account")
    role = try fields.code("role", Role.self)
    uid = try BoundUID(fields, "uid")
    state = try fields.code("state", State.self)
    fingerprint = try fields.textIfPresent("fingerprint")
    programmes = try fields.texts("programmes")
  }

  public func write(into json: inout JSONText) { json.object { (json: inout JSONText) in writeMembers(into: &json) } }

  func writeMembers(into json: inout JSONText) {
    json.member("account", account)
    json.member("role", role.rawValue)
    uid.write("uid", into: &json)
    json.member("state", state.rawValue)
    json.member("fingerprint", ifPresent: fingerprint)
    json.member("programmes", programmes)
  }
}

/// Answer of `GET /v1/accounts`.
public struct AccountsAnswer: WireMessage, Equatable {
  public var accounts: [AccountRow]

  public init(accounts: [AccountRow]) { self.accounts = accounts }

  public init(json: JSONValue) throws(WireError) {
    accounts = try WireFields(json).messages("accounts", AccountRow.self)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in json.member("accounts", accounts) }
  }
}

/// Answer of `POST /v1/enrolments`, without the key of `newKey`: that one travels in `EnrolmentKey`.
public struct EnrolmentAnswer: WireMessage, Equatable {
  public var account: String
  /// Six words, to be compared out of band.
  public var fingerprint: String

  public init(account: String, fingerprint: String) {
    self.account = account
    self.fingerprint = fingerprint
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    account = try fields.text("account")
    fingerprint = try fields.text("fingerprint")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("account", account)
      json.member("fingerprint", fingerprint)
    }
  }
}
