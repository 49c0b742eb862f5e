public import VaultModel

/// Answer of `GET /v1/restoration` and of an acceptance: what a restore kept and lost, and who has accepted it.
public struct RestorationAnswer: WireMessage, Equatable {
  /// A log at one size.
  public struct Point: Sendable, Equatable {
    public var log: String
    public var size: UInt64
    public var root: String

    public init(log: String, size: UInt64, root: String) {
      self.log = log
      self.size = size
      self.root = root
    }

    init(_ fields: WireFields) throws(WireError) {
      log = try fields.text("log")
      size = try fields.size("size")
      root = try fields.text("root")
    }

    func write(_ name: String, into json: inout JSONText) {
      json.name(name)
      json.object { (json: inout JSONText) in
        json.member("log", log)
        json.member("size", size)
        json.member("root", root)
      }
    }
  }

  /// Hexadecimal SHA-256 of what is signed.
  public var digest: String
  /// Number of the log that the restore began.
  public var number: UInt64
  /// RFC 3339, UTC.
  public var time: String
  public var kept: Point
  /// The newest state of the log before that is known; nil where nothing newer is known than what is kept.
  public var newest: Point?
  /// Hexadecimal SHA-256 of the backup file.
  public var backup: String
  /// Whether an off-host journal was replayed, and whether it has a stretch that it knows nothing of.
  public var hasJournal: Bool
  public var hasGap: Bool
  /// The journal's newest line is from when the log of this number had so many entries; 0 where none is newer than the
  /// backup. Of what came after that it says nothing.
  public var journalLog: UInt64
  public var journalSize: UInt64
  public var suspended: UInt64
  public var revoked: UInt64
  public var erased: UInt64
  /// How often recovery shares were used since the backup, which is undone.
  public var recovered: UInt64
  /// Kept out until their programmes have new keys: `account programme programme …`.
  public var excluded: [String]
  public var signed: [String]
  public var isAccepted: Bool

  public init(
    digest: String, number: UInt64, time: String, kept: Point, newest: Point?, backup: String, hasJournal: Bool,
    hasGap: Bool, journalLog: UInt64, journalSize: UInt64, suspended: UInt64, revoked: UInt64, erased: UInt64,
    recovered: UInt64, excluded: [String], signed: [String], isAccepted: Bool
  ) {
    self.digest = digest
    self.number = number
    self.time = time
    self.kept = kept
    self.newest = newest
    self.backup = backup
    self.hasJournal = hasJournal
    self.hasGap = hasGap
    self.journalLog = journalLog
    self.journalSize = journalSize
    self.suspended = suspended
    self.revoked = revoked
    self.erased = erased
    self.recovered = recovered
    self.excluded = excluded
    self.signed = signed
    self.isAccepted = isAccepted
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    digest = try fields.text("digest")
    number = try fields.size("number")
    time = try fields.text("time")
    kept = try Point(fields.object("kept"))
    newest = try fields.value("newest").map { $0 == .null } ?? true ? nil : Point(fields.object("newest"))
    backup = try fields.text("backup")
    hasJournal = try fields.flag("journal")
    hasGap = try fields.flag("journalGap")
    journalLog = try fields.size("journalLog")
    journalSize = try fields.size("journalSize")
    suspended = try fields.size("suspended")
    revoked = try fields.size("revoked")
    erased = try fields.size("erased")
    recovered = try fields.size("recovered")
    excluded = try fields.texts("excluded")
    signed = try fields.texts("signed")
    isAccepted = try fields.flag("accepted")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("digest", digest)
      json.member("number", number)
      json.member("time", time)
      kept.write("kept", into: &json)
      if let newest {
        newest.write("newest", into: &json)
      } else {
        json.name("newest")
        json.null()
      }
      json.member("backup", backup)
      json.member("journal", hasJournal)
      json.member("journalGap", hasGap)
      json.member("journalLog", journalLog)
      json.member("journalSize", journalSize)
      json.member("suspended", suspended)
      json.member("revoked", revoked)
      json.member("erased", erased)
      json.member("recovered", recovered)
      json.member("excluded", excluded)
      json.member("signed", signed)
      json.member("accepted", isAccepted)
    }
  }
}

/// Body of `POST /v1/restoration/acceptances`: for exactly this restore.
public struct RestoreAcceptanceRequest: WireMessage, Equatable {
  /// Hexadecimal SHA-256 of what is signed.
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
