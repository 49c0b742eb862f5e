import VaultAPI
import VaultModel

/// A session as the shell keeps it: what the daemon answered, and the purpose that was named with `login`.
struct OpenSession: Sendable {
  let token: SessionToken
  let account: String
  let role: Role
  let programmes: [String]
  /// RFC 3339, UTC.
  let expires: String
  /// How many requests waited for this account's decision when it logged in.
  let requestsWaiting: UInt64
  var purpose: Purpose?
  /// The vault runs on published keys, and every screen says so.
  let isDemo: Bool

  init(_ answer: SessionAnswer, purpose: Purpose?, isDemo: Bool) {
    token = answer.token
    account = answer.account
    role = answer.role
    programmes = answer.programmes
    expires = answer.expires
    requestsWaiting = answer.requestsWaiting
    self.purpose = purpose
    self.isDemo = isDemo
  }

  init?(document bytes: [UInt8]) {
    guard let json = try? JSONValue.parse(bytes), let answer = try? SessionAnswer(json: json) else { return nil }
    self.init(
      answer, purpose: json["purpose"]?.stringValue.flatMap(Purpose.init(rawValue:)),
      isDemo: json["demo"]?.boolValue ?? false)
  }

  /// With the token: for the session file.
  var document: [UInt8] {
    write { (json: inout JSONText) in
      json.name("token")
      json.string(utf8: token.text.span)
      json.member("purpose", ifPresent: purpose?.rawValue)
      json.member("demo", isDemo)
    }
  }

  /// Without the token: for the result of `login`.
  var publicDocument: [UInt8] { write { _ in } }

  private func write(_ more: (inout JSONText) -> Void) -> [UInt8] {
    var json = JSONText()
    json.object { (json: inout JSONText) in
      json.member("account", account)
      json.member("role", role.rawValue)
      json.member("programmes", programmes)
      json.member("expires", expires)
      json.member("requestsWaiting", requestsWaiting)
      more(&json)
    }
    return json.bytes
  }
}
