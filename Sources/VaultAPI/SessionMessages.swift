public import VaultModel

/// Answer of `GET /v1/status`.
public struct StatusAnswer: WireMessage, Equatable {
  public enum State: String, Sendable {
    case founding, open
    /// Restored from a backup: nobody's records are served before two people have accepted it.
    case restored
  }

  public var state: State
  /// Id of the vault: hash of its genesis document, in hexadecimal.
  public var vault: String
  /// Version of the daemon.
  public var version: String
  public var logSize: UInt64
  /// Root hash of the access log, base64.
  public var logRoot: String
  /// Entries up to the newest sign-off; 0 before the first.
  public var logReviewed: UInt64
  /// In words: what the store is, such as `sqlite`.
  public var storage: String
  public var isDemo: Bool
  /// Public key of the access log in vkey form (C2SP signed-note).
  public var logKey: String
  /// RFC 3339, UTC: when a backup was last finished, and when one was last opened and found good; nil before the first.
  public var lastBackup: String?
  public var lastDrill: String?
  /// Recovery shares were made when the vault was founded. Without them a lost root key or lost passphrases stay lost.
  public var hasEscrow: Bool
  /// RFC 3339, UTC: when access was last rebuilt from recovery shares; nil if it never was.
  public var lastRecovery: String?
  public var space: Space
  public var anchor: Anchor
  public var journal: Journal
  /// Records that still lie under the keys of somebody who has left.
  public var rekeyLeft: UInt64
  /// Records that somebody reads now for an emergency.
  public var emergenciesActive: UInt64 = 0
  /// Emergencies that no auditor has reviewed.
  public var emergenciesToReview: UInt64 = 0

  /// What is left on the disk.
  public struct Space: Sendable, Equatable {
    public enum State: String, Sendable {
      case ok
      /// Records are no longer written; entries are, so reading goes on.
      case low
      /// Nothing can be logged, so nothing is read.
      case full
    }

    /// Bytes kept back for the access log.
    public var reserve: UInt64
    /// Bytes free on the disk besides.
    public var free: UInt64
    public var state: State

    public init(reserve: UInt64 = 0, free: UInt64 = 0, state: State = .ok) {
      self.reserve = reserve
      self.free = free
      self.state = state
    }
  }

  /// The file outside the data directory against which a rollback shows at the next start.
  public enum Anchor: String, Sendable {
    case ok
    /// There was none at the start, though the log had entries.
    case wasMissing = "was-missing"
    /// It cannot be written.
    case failing
  }

  /// The off-host journal of what a restore must not undo.
  public enum Journal: String, Sendable {
    /// None is kept.
    case off
    case ok
    case failing
    /// Not the file that this vault wrote.
    case foreign
  }

  public init(
    state: State, vault: String, version: String, logSize: UInt64, logRoot: String, storage: String, isDemo: Bool,
    logKey: String, logReviewed: UInt64 = 0, lastBackup: String? = nil,
    lastDrill: String? = nil, hasEscrow: Bool = true, lastRecovery: String? = nil, space: Space = Space(),
    anchor: Anchor = .ok, journal: Journal = .off, rekeyLeft: UInt64 = 0
  ) {
    self.state = state
    self.vault = vault
    self.version = version
    self.logSize = logSize
    self.logRoot = logRoot
    self.logReviewed = logReviewed
    self.storage = storage
    self.isDemo = isDemo
    self.logKey = logKey
    self.lastBackup = lastBackup
    self.lastDrill = lastDrill
    self.hasEscrow = hasEscrow
    self.lastRecovery = lastRecovery
    self.space = space
    self.anchor = anchor
    self.journal = journal
    self.rekeyLeft = rekeyLeft
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    let log = try fields.object("log")
    state = try fields.code("state", State.self)
    vault = try fields.text("vault")
    version = try fields.text("version")
    logSize = try log.size("size")
    logRoot = try log.text("root")
    logReviewed = try log.sizeIfPresent("reviewed") ?? 0
    storage = try fields.text("storage", byteCountMax: WireLimit.textByteCountMax)
    isDemo = try fields.flag("demo")
    logKey = try log.text("key")
    let backup = try fields.value("backup") == nil ? nil : fields.object("backup")
    lastBackup = try backup?.textIfPresent("last")
    lastDrill = try backup?.textIfPresent("drill")
    // Absent in answers of earlier daemons.
    let recovery = try fields.value("recovery") == nil ? nil : fields.object("recovery")
    hasEscrow = try recovery?.flag("shares") ?? true
    lastRecovery = try recovery?.textIfPresent("last")
    space = try fields.value("space") == nil ? Space() : Space(fields.object("space"))
    anchor = try fields.codeIfPresent("anchor", Anchor.self) ?? .ok
    journal = try fields.codeIfPresent("journal", Journal.self) ?? .off
    rekeyLeft = try fields.value("rekey") == nil ? 0 : fields.object("rekey").size("left")
    let glass = try fields.value("breakGlass") == nil ? nil : fields.object("breakGlass")
    emergenciesActive = try glass?.sizeIfPresent("active") ?? 0
    emergenciesToReview = try glass?.sizeIfPresent("toReview") ?? 0
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("state", state.rawValue)
      json.member("vault", vault)
      json.member("version", version)
      json.name("log")
      json.object { (json: inout JSONText) in
        json.member("size", logSize)
        json.member("root", logRoot)
        json.member("reviewed", logReviewed)
        json.member("key", logKey)
      }
      json.member("storage", storage)
      json.name("backup")
      json.object { (json: inout JSONText) in
        json.member("last", orNull: lastBackup)
        json.member("drill", orNull: lastDrill)
      }
      json.name("recovery")
      json.object { (json: inout JSONText) in
        json.member("shares", hasEscrow)
        json.member("last", orNull: lastRecovery)
      }
      json.name("space")
      json.object { (json: inout JSONText) in
        json.member("reserve", space.reserve)
        json.member("free", space.free)
        json.member("state", space.state.rawValue)
      }
      json.member("anchor", anchor.rawValue)
      json.member("journal", journal.rawValue)
      json.name("rekey")
      json.object { (json: inout JSONText) in json.member("left", rekeyLeft) }
      json.name("breakGlass")
      json.object { (json: inout JSONText) in
        json.member("active", emergenciesActive)
        json.member("toReview", emergenciesToReview)
      }
      json.member("demo", isDemo)
    }
  }
}

extension StatusAnswer.Space {
  init(_ fields: WireFields) throws(WireError) {
    self.init(
      reserve: try fields.size("reserve"), free: try fields.size("free"), state: try fields.code("state", State.self))
  }
}

/// Answer of `POST /v1/sessions`.
public struct SessionAnswer: WireMessage {
  /// The bearer token.
  public var token: SessionToken
  public var account: String
  public var role: Role
  public var programmes: [String]
  /// RFC 3339, UTC.
  public var expires: String
  /// How many requests wait for this account's decision.
  public var requestsWaiting: UInt64

  public init(
    token: SessionToken, account: String, role: Role, programmes: [String], expires: String,
    requestsWaiting: UInt64 = 0
  ) {
    self.token = token
    self.account = account
    self.role = role
    self.programmes = programmes
    self.expires = expires
    self.requestsWaiting = requestsWaiting
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    guard let token = SessionToken(text: Array(try fields.text("token").utf8)) else {
      throw fields.error(.wrongType, "token")
    }
    self.token = token
    account = try fields.text("account")
    role = try fields.code("role", Role.self)
    programmes = try fields.texts("programmes")
    expires = try fields.text("expires")
    // Absent in answers of earlier daemons.
    requestsWaiting = try fields.sizeIfPresent("requestsWaiting") ?? 0
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.name("token")
      json.string(utf8: token.text.span)
      json.member("account", account)
      json.member("role", role.rawValue)
      json.member("programmes", programmes)
      json.member("expires", expires)
      json.member("requestsWaiting", requestsWaiting)
    }
  }
}
