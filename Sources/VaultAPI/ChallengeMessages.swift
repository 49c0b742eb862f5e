public import VaultModel

/// Body of `POST /v1/sessions/challenge`.
public struct ChallengeRequest: WireMessage, Equatable {
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

/// Answer of `POST /v1/sessions/challenge`.
public struct ChallengeAnswer: WireMessage, Equatable {
  /// 32 bytes.
  public var challenge: [UInt8]
  /// Id of the vault, in hexadecimal.
  public var vault: String
  /// RFC 3339, UTC.
  public var expires: String

  public init(challenge: [UInt8], vault: String, expires: String) {
    self.challenge = challenge
    self.vault = vault
    self.expires = expires
  }

  public init(json: JSONValue) throws(WireError) {
    let fields = try WireFields(json)
    challenge = try fields.bytes("challenge", countMax: LoginChallenge.byteCount)
    vault = try fields.text("vault")
    expires = try fields.text("expires")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      json.member("challenge", Base64.encode(challenge))
      json.member("vault", vault)
      json.member("expires", expires)
    }
  }
}
