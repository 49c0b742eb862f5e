import Testing
import VaultAPI
import VaultModel

@Suite("The wire")
struct WireTests {
  @Test("every kind of problem has an exit code, a status, a title and a hint", arguments: ProblemKind.allCases)
  func problems(_ kind: ProblemKind) throws {
    #expect((400..<600).contains(kind.row.status))
    #expect(kind.exitCode != .done && kind.exitCode != .usage)
    #expect(!kind.row.title.isEmpty && !kind.row.hint.isEmpty)
    let problem = Problem(kind, "Because.", field: "identity.prs_BirthYear", auditIndex: 3)
    let json = try JSONValue.parse(problem.document)
    #expect(json["type"]?.stringValue == "urn:survivor-vault:problem:\(kind.rawValue)")
    #expect(json["status"]?.integerValue == Int64(kind.row.status))
    #expect(Problem(json: json, status: problem.status, auditIndex: 3) == problem)
  }

  @Test("exit codes follow the table of the interface")
  func exitCodes() {
    let expected: [ProblemKind: Int32] = [
      .malformed: 1, .invalid: 1, .loginNeeded: 6, .loginFailed: 3, .denied: 3, .notFound: 4, .conflict: 5, .stale: 5,
      .versionNeeded: 5, .bodyTooLarge: 1, .tooManyAttempts: 1, .failed: 1, .busy: 1, .full: 1, .locked: 6,
      .unreachable: 6, .integrity: 7,
    ]
    for (kind, code) in expected { #expect(kind.exitCode.rawValue == code, "\(kind)") }
  }

  @Test("a problem of an unknown kind is placed by its status")
  func unknownKind() {
    let json: JSONValue = ["type": "urn:survivor-vault:problem:eclipse", "detail": "The moon."]
    let problem = Problem(json: json, status: 412, auditIndex: nil)
    #expect(problem.kind == .stale)
    #expect(problem.detail == "The moon.")
    #expect(Problem(json: .null, status: 599, auditIndex: nil).kind == .failed)
  }

  @Test("a token has one spelling")
  func tokens() {
    for seed in 0..<64 {
      let bytes = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ seed &* 11) }
      let token = SessionToken(bytes: bytes)!
      #expect(token.text.count == 43)
      #expect(SessionToken(text: token.text)?.bytes == bytes)
      var flipped = token.text
      flipped[42] = UInt8(ascii: flipped[42] == UInt8(ascii: "B") ? "D" : "B")
      #expect(SessionToken(text: flipped) == nil)
      #expect(SessionToken(text: token.text + [65]) == nil)
      #expect(SessionToken(text: Array(token.text.dropLast())) == nil)
    }
    #expect(SessionToken(text: []) == nil)
    #expect(SessionToken(text: Array(repeating: UInt8(ascii: "="), count: 43)) == nil)
    #expect(SessionToken(bytes: [1]) == nil)
  }

  @Test("a token does not show itself")
  func tokensAreSilent() {
    let token = SessionToken(bytes: Array(repeating: 0x41, count: 32))!
    var dumped = ""
    dump(token, to: &dumped)
    for text in ["\(token)", String(reflecting: token), dumped] {
      #expect(!text.contains("QUFB") && !text.contains("65"))
    }
  }

  @Test(
    "percent-encoding comes back as it was",
    arguments: ["", "a b", "শিরিন", "Ștefănescu", "a/b?c=d&e%f+g", "\u{0}\u{7F}"])
  func percent(_ text: String) {
    let encoded = PercentEncoding.encode(text)
    #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    #expect(PercentEncoding.decode(encoded.utf8) == text)
  }

  @Test("percent-encoding that is cut off or no UTF-8 is refused", arguments: ["%", "%4", "%zz", "%ff", "%c3"])
  func badPercent(_ text: String) { #expect(PercentEncoding.decode(text.utf8) == nil) }

  @Test("JSON is written so that it can be read")
  func jsonText() throws {
    var json = JSONText()
    json.object { (json: inout JSONText) in
      json.member("a\"\\\n\u{1}", "শিরিন \"\\\n\u{1F}")
      json.member("n", UInt64.max / 2)
      json.member("l", ["x", "y"])
      json.member("empty", [String]())
      json.member("o", orNull: nil)
      json.member("gone", ifPresent: nil)
      json.member("raw", raw: Array(#"{"a":[1,2]}"#.utf8))
      json.member("t", true)
    }
    let expected: JSONValue = [
      "a\"\\\n\u{1}": "শিরিন \"\\\n\u{1F}", "n": .integer(Int64(UInt64.max / 2)), "l": ["x", "y"], "empty": [],
      "o": .null, "raw": ["a": [1, 2]], "t": true,
    ]
    #expect(try JSONValue.parse(json.bytes) == expected)
  }
}

@Suite("Secrets on the wire")
struct SecretObjectTests {
  private func parse(_ text: String) throws(SecretObject.ParseError) -> SecretObject {
    try unsafe SecretObject(parsing: Array(text.utf8).span.bytes, allowing: ["account", "passphrase", "newKey"])
  }

  @Test("strings come out unescaped, flags as flags")
  func reads() throws {
    let object = try parse(
      #" { "account" : "amina", "passphrase":"a\"\\\/\b\f\n\r\té\u0996\ud83d\ude00শ", "newKey":true } "#)
    #expect(object.text("account") == "amina")
    #expect(object.text("passphrase") == "a\"\\/\u{8}\u{C}\n\r\té\u{996}😀শ")
    #expect(object.flag("newKey"))
    #expect(!object.contains("newKey"))
    #expect(object.text("code") == nil)
    #expect(try parse("{}").text("account") == nil)
    #expect(try parse(#"{"newKey":false}"#).flag("newKey") == false)
  }

  @Test(
    "whatever is not a flat object of strings and flags is refused",
    arguments: [
      "", " ", "{", "}", "[]", "null", #"{"account"}"#, #"{"account":}"#, #"{"account":1}"#, #"{"account":null}"#,
      #"{"account":{}}"#, #"{"account":"a"}x"#, #"{"account":"a",}"#, #"{,"account":"a"}"#,
      #"{"account":"a""newKey":true}"#,
      #"{"newKey":truth}"#, #"{"newKey":tru"#, #"{'account':'a'}"#,
    ])
  func refuses(_ text: String) {
    #expect(throws: SecretObject.ParseError(.notAFlatObject)) { try parse(text) }
  }

  @Test(
    "strings that are cut off, escaped wrongly or no text are refused",
    arguments: [
      #"{"account":"a"#, #"{"account":"a\"#, #"{"account":"\x"}"#, #"{"account":"\u12"}"#, #"{"account":"\u12g4"}"#,
      #"{"account":"\ud800"}"#, #"{"account":"\ud800A"}"#, #"{"account":"\udc00"}"#, "{\"account\":\"\n\"}", #"{"acc"#,
    ])
  func badStrings(_ text: String) {
    #expect(throws: SecretObject.ParseError(.badString)) { try parse(text) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func notUTF8() {
    let bytes = Array(#"{"account":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
    #expect(throws: SecretObject.ParseError(.badString)) {
      try unsafe SecretObject(parsing: bytes.span.bytes, allowing: ["account"])
    }
  }

  @Test("unknown and repeated members and too many bytes are refused")
  func members() {
    #expect(throws: SecretObject.ParseError(.unknownMember)) { try parse(#"{"frob":"a"}"#) }
    #expect(throws: SecretObject.ParseError(.duplicateMember)) { try parse(#"{"account":"a","account":"b"}"#) }
    #expect(throws: SecretObject.ParseError(.tooLarge)) {
      try parse(#"{"account":"\#(String(repeating: "a", count: SecretObject.byteCountMax))"}"#)
    }
  }

  @Test("what is written is what is read")
  func roundTrip() throws {
    let secret = "p\"\\ \u{1} শিরিন 😀"
    var bytes = Array(secret.utf8)
    let body = SecretText.object(
      texts: [("account", "amina")], flags: ["newKey"], secrets: [("passphrase", WipedBytes(taking: &bytes))])
    #expect(bytes.isEmpty)
    let object = try body.withBytes { (span) throws(SecretObject.ParseError) in
      try SecretObject(parsing: span, allowing: ["account", "passphrase", "newKey"])
    }
    #expect(object.text("passphrase") == secret)
    #expect(object.text("account") == "amina")
    #expect(object.flag("newKey"))
  }

  @Test("secret bytes do not show themselves")
  func silent() throws {
    var bytes = Array("opensesame".utf8)
    let secret = WipedBytes(taking: &bytes)
    var dumped = ""
    dump(secret, to: &dumped)
    dump(try parse(#"{"passphrase":"opensesame"}"#), to: &dumped)
    #expect(!("\(secret)" + dumped).contains("opensesame"))
  }
}
