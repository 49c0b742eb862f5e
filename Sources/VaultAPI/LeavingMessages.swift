public import VaultModel

/// Answer of `POST /v1/accounts/{account}/suspension`: the account, what its suspension did, and what it left.
public struct SuspensionAnswer: WireMessage, Equatable {
  /// As in the list of accounts, with the programmes that it was a member of until then.
  public var account: AccountRow
  public var sessionsEnded: UInt64
  /// Programmes whose keys changed at once.
  public var rekeyed: [String]
  /// Programmes, or `audit`, whose keys change as soon as somebody who holds them has a session open.
  public var pending: [String]
  /// Ids of the records that the account is in charge of and the suspender may know of.
  public var recordsOwned: [String]
  /// Ids of records that are kept to named people of whom nobody else opens all of it, as far as the suspender may know of
  /// them: closed until the account is let in again with the keys that it had.
  public var unreadable: [String]
  public var readsLast30Days: UInt64

  public init(
    account: AccountRow, sessionsEnded: UInt64, rekeyed: [String], pending: [String], recordsOwned: [String],
    unreadable: [String], readsLast30Days: UInt64
  ) {
    self.account = account
    self.sessionsEnded = sessionsEnded
    self.rekeyed = rekeyed
    self.pending = pending
    self.recordsOwned = recordsOwned
    self.unreadable = unreadable
    self.readsLast30Days = readsLast30Days
  }

  public init(json: JSONValue) throws(WireError) {
    account = try AccountRow(json: json)
    let fields = try WireFields(json)
    sessionsEnded = try fields.size("sessionsEnded")
    rekeyed = try fields.texts("rekeyed")
    pending = try fields.texts("pending")
    recordsOwned = try fields.texts("recordsOwned", countMax: WireLimit.ownedCountMax)
    unreadable = try fields.texts("unreadable", countMax: WireLimit.ownedCountMax)
    readsLast30Days = try fields.size("readsLast30Days")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      account.writeMembers(into: &json)
      json.member("sessionsEnded", sessionsEnded)
      json.member("rekeyed", rekeyed)
      json.member("pending", pending)
      json.member("recordsOwned", recordsOwned)
      json.member("unreadable", unreadable)
      json.member("readsLast30Days", readsLast30Days)
    }
  }
}

/// Answer of `POST /v1/accounts/{account}/replacement`.
public struct ReplacementAnswer: WireMessage, Equatable {
  public var account: String
  /// One-time code, to be carried to its person by hand.
  public var code: String
  /// RFC 3339, UTC.
  public var expires: String
  public var sessionsEnded: UInt64
  /// Programmes, or `audit`, whose keys change as soon as somebody who holds them has a session open.
  public var pending: [String]

  public init(account: String, code: String, expires: String, sessionsEnded: UInt64, pending: [String]) {
    self.account = account
    self.code = code
    self.expires = expires
    self.sessionsEnded = sessionsEnded
    self.pending = pending
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    account = try fields.text("account")
    code = try fields.text("code")
    expires = try fields.text("expires")
    sessionsEnded = try fields.size("sessionsEnded")
    pending = try fields.texts("pending")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("account", account)
      json.member("code", code)
      json.member("expires", expires)
      json.member("sessionsEnded", sessionsEnded)
      json.member("pending", pending)
    }
  }
}

/// Body of `POST /v1/reassignments`.
public struct ReassignmentRequest: WireMessage, Equatable {
  public var from: String
  public var to: String
  /// nil: all of the caller's.
  public var programme: String?

  public init(from: String, to: String, programme: String? = nil) {
    self.from = from
    self.to = to
    self.programme = programme
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["from", "to", "programme"])
    from = try fields.text("from")
    to = try fields.text("to")
    programme = try fields.textIfPresent("programme")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("from", from)
      json.member("to", to)
      json.member("programme", ifPresent: programme)
    }
  }
}

/// Answer of `POST /v1/reassignments`: one step of it. Ask again until nothing is left, or nothing moves.
public struct ReassignmentAnswer: WireMessage, Equatable {
  /// Ids of the records that changed hands in this step.
  public var moved: [String]
  /// Records that the first account is still in charge of.
  public var left: UInt64
  /// Of these, records that could not be changed.
  public var refused: UInt64

  public init(moved: [String], left: UInt64, refused: UInt64) {
    self.moved = moved
    self.left = left
    self.refused = refused
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    moved = try fields.texts("moved", countMax: WireLimit.ownedCountMax)
    left = try fields.size("left")
    refused = try fields.size("refused")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("moved", moved)
      json.member("left", left)
      json.member("refused", refused)
    }
  }
}

/// Body of `POST /v1/rekey`.
public struct RekeyRequest: WireMessage, Equatable {
  /// nil: all of the caller's.
  public var programme: String?
  /// Encrypt anew whatever was written so far, not only wrap it.
  public var deep: Bool

  public init(programme: String? = nil, deep: Bool = false) {
    self.programme = programme
    self.deep = deep
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["programme", "deep"])
    programme = try fields.textIfPresent("programme")
    deep = try fields.flag("deep")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("programme", ifPresent: programme)
      json.member("deep", deep)
    }
  }
}

/// How far the re-key of one programme has come.
public struct RekeyRow: WireMessage, Equatable {
  public var programme: String
  /// Records that still lie under older keys.
  public var left: UInt64
  public var total: UInt64
  public var deep: Bool
  /// Somebody was shut out, and the keys change when a supervisor of the programme next has a session open.
  public var waitsForSupervisor: Bool

  public init(programme: String, left: UInt64, total: UInt64, deep: Bool, waitsForSupervisor: Bool) {
    self.programme = programme
    self.left = left
    self.total = total
    self.deep = deep
    self.waitsForSupervisor = waitsForSupervisor
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    programme = try fields.text("programme")
    left = try fields.size("left")
    total = try fields.size("total")
    deep = try fields.flag("deep")
    waitsForSupervisor = try fields.flag("waitsForSupervisor")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("programme", programme)
      json.member("left", left)
      json.member("total", total)
      json.member("deep", deep)
      json.member("waitsForSupervisor", waitsForSupervisor)
    }
  }
}

/// Answer of `GET` and `POST /v1/rekey`.
public struct RekeyAnswer: WireMessage, Equatable {
  public var programmes: [RekeyRow]
  /// Of all of them.
  public var left: UInt64 { programmes.reduce(0) { $0 + $1.left } }

  public init(programmes: [RekeyRow]) { self.programmes = programmes }

  public init(json: JSONValue) throws(WireError) {
    programmes = try WireFields(json).messages("programmes", RekeyRow.self)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("left", left)
      json.member("programmes", programmes)
    }
  }
}
