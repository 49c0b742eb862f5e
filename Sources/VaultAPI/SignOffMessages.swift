public import VaultModel

/// Body of `POST /v1/audit/signoffs`.
public struct SignOffRequest: WireMessage, Equatable {
  /// Index of the last entry that was reviewed; nil for all that there are.
  public var upto: UInt64?
  /// What the auditor has to say about it; may be empty.
  public var note: String

  public init(upto: UInt64? = nil, note: String = "") {
    self.upto = upto
    self.note = note
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    try fields.allow(only: ["upto", "note"])
    upto = try fields.sizeIfPresent("upto")
    note = try fields.textIfPresent("note", byteCountMax: WireLimit.textByteCountMax) ?? ""
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      if let upto { json.member("upto", upto) }
      json.member("note", note)
    }
  }
}

/// One sign-off: answer of `POST /v1/audit/signoffs`, and row of the list.
public struct SignOffRow: WireMessage, Equatable {
  /// Entries that were reviewed: 0 ..< size.
  public var size: UInt64
  /// Root of the tree of that size, base64.
  public var root: String
  public var account: String
  /// RFC 3339, UTC: the time inside the cosignature.
  public var time: String
  /// The auditor's words, while they are kept.
  public var remark: String?
  /// The checkpoint of that size as a signed note, with the log's signature and the auditor's cosignature/v1.
  public var note: String
  /// The auditor's public key in vkey form, which the cosignature verifies under.
  public var key: String

  public init(
    size: UInt64, root: String, account: String, time: String, remark: String?, note: String, key: String
  ) {
    self.size = size
    self.root = root
    self.account = account
    self.time = time
    self.remark = remark
    self.note = note
    self.key = key
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    size = try fields.size("size")
    root = try fields.text("root")
    account = try fields.text("account")
    time = try fields.text("time")
    remark = try fields.textIfPresent("remark", byteCountMax: WireLimit.textByteCountMax)
    note = try fields.text("note", byteCountMax: WireLimit.noteByteCountMax)
    key = try fields.text("key", byteCountMax: WireLimit.textByteCountMax)
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("size", size)
      json.member("root", root)
      json.member("account", account)
      json.member("time", time)
      json.member("remark", orNull: remark)
      json.member("note", note)
      json.member("key", key)
    }
  }
}

/// Answer of `GET /v1/audit/signoffs`, oldest first.
public struct SignOffsAnswer: WireMessage, Equatable {
  public var signoffs: [SignOffRow]
  /// Entries in the log now.
  public var size: UInt64

  public init(signoffs: [SignOffRow], size: UInt64) {
    self.signoffs = signoffs
    self.size = size
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    signoffs = try fields.messages("signoffs", SignOffRow.self)
    size = try fields.size("size")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("signoffs", signoffs)
      json.member("size", size)
    }
  }
}
