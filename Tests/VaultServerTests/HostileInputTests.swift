import Testing
import VaultAPI

@testable import VaultServer

/// One thing a client can do wrong, and the answer it has to get.
struct HostileInput: CustomTestStringConvertible, Sendable {
  let name: String
  let request: String
  let status: Int
  let problem: String
  /// The connection has to be closed afterwards.
  var closes = true

  var testDescription: String { name }

  private static let start = "GET /v1/status HTTP/1.1\r\nHost: vault\r\n"
  private static let post = "POST /v1/search HTTP/1.1\r\nHost: vault\r\nAuthorization: Bearer \(tokenText)\r\n"
  private static let json = post + "Content-Type: application/json\r\n"
  static let tokenText = String(decoding: StubService.token.text, as: UTF8.self)

  static func body(
    _ text: String, to path: String = "/v1/search", method: String = "POST", type: String = "application/json"
  )
    -> String
  {
    "\(method) \(path) HTTP/1.1\r\nHost: vault\r\nAuthorization: Bearer \(tokenText)\r\nContent-Type: \(type)\r\n"
      + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)"
  }

  static func get(_ address: String, _ headers: String = "Authorization: Bearer \(tokenText)\r\n") -> String {
    "GET \(address) HTTP/1.1\r\nHost: vault\r\n\(headers)\r\n"
  }

  /// Refused before anybody looks where it goes.
  static let refused: [HostileInput] = [
    .init(name: "no Host", request: "GET /v1/status HTTP/1.1\r\n\r\n", status: 400, problem: "host-missing"),
    .init(name: "two Hosts", request: start + "Host: other\r\n\r\n", status: 400, problem: "malformed"),
    .init(
      name: "HTTP/1.0", request: "GET /v1/status HTTP/1.0\r\nHost: v\r\n\r\n", status: 505,
      problem: "version-unsupported"),
    .init(
      name: "HTTP/9.9", request: "GET /v1/status HTTP/9.9\r\nHost: v\r\n\r\n", status: 505,
      problem: "version-unsupported"),
    .init(name: "HTTP/0.9", request: "GET /v1/status\r\n\r\n", status: 505, problem: "version-unsupported"),
    .init(
      name: "the preface of HTTP/2", request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 400,
      problem: "malformed"),
    .init(name: "no HTTP at all", request: "\u{1}\u{2}\u{3} hello\r\n\r\n", status: 400, problem: "malformed"),
    .init(
      name: "an unknown method", request: "FROB /v1/status HTTP/1.1\r\nHost: v\r\n\r\n", status: 400,
      problem: "malformed"),
    .init(name: "CONNECT", request: "CONNECT vault:1 HTTP/1.1\r\nHost: v\r\n\r\n", status: 400, problem: "malformed"),
    .init(
      name: "an absolute address", request: "GET http://v/v1/status HTTP/1.1\r\nHost: v\r\n\r\n", status: 400,
      problem: "malformed"),
    .init(
      name: "a star as address", request: "OPTIONS * HTTP/1.1\r\nHost: v\r\n\r\n", status: 400, problem: "malformed"),
    .init(name: "a header without a colon", request: start + "nonsense\r\n\r\n", status: 400, problem: "malformed"),
    .init(name: "a space in a header's name", request: start + "a b: c\r\n\r\n", status: 400, problem: "malformed"),
    .init(name: "a zero byte in a header", request: start + "X: a\u{0}b\r\n\r\n", status: 400, problem: "malformed"),
    .init(
      name: "an address of 5 KiB", request: "GET /\(String(repeating: "a", count: 5000)) HTTP/1.1\r\nHost: v\r\n\r\n",
      status: 414, problem: "address-too-long"),
    .init(
      name: "an address of 20 KiB", request: "GET /\(String(repeating: "a", count: 20000)) HTTP/1.1\r\nHost: v\r\n\r\n",
      status: 431, problem: "headers-too-large"),
    .init(
      name: "a header of 17 KiB", request: start + "X: \(String(repeating: "a", count: 17000))\r\n\r\n", status: 431,
      problem: "headers-too-large"),
    .init(
      name: "a header that never ends", request: start + "X: \(String(repeating: "a", count: 400_000))", status: 431,
      problem: "headers-too-large"),
    .init(
      name: "17 KiB in small headers",
      request: start + String(repeating: "X: \(String(repeating: "a", count: 400))\r\n", count: 44) + "\r\n",
      status: 431,
      problem: "headers-too-large"),
    .init(
      name: "66 headers", request: start + String(repeating: "X: a\r\n", count: 65) + "\r\n", status: 431,
      problem: "headers-too-large"),
    .init(
      name: "an upgrade", request: start + "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", status: 400,
      problem: "malformed"),
    .init(name: "a negative length", request: json + "Content-Length: -1\r\n\r\n", status: 400, problem: "malformed"),
    .init(
      name: "a length that is no number", request: json + "Content-Length: ten\r\n\r\n", status: 400,
      problem: "malformed"),
    .init(
      name: "a length beyond 64 bits", request: json + "Content-Length: 99999999999999999999999\r\n\r\n", status: 400,
      problem: "malformed"),
    .init(
      name: "two lengths", request: json + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", status: 400,
      problem: "malformed"),
    .init(
      name: "a length and chunks", request: json + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      status: 400, problem: "malformed"),
    .init(
      name: "a chunk without a size", request: json + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", status: 400,
      problem: "malformed"),
    .init(
      name: "another transfer encoding", request: json + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      status: 400,
      problem: "malformed"),
    .init(
      name: "a body announced as 2 MiB", request: json + "Content-Length: 2097152\r\n\r\n", status: 413,
      problem: "body-too-large"),
    .init(
      name: "2 MiB in chunks",
      request: json + "Transfer-Encoding: chunked\r\n\r\n"
        + String(repeating: "8000\r\n\(String(repeating: "a", count: 0x8000))\r\n", count: 64), status: 413,
      problem: "body-too-large"),
  ]

  /// Complete requests that get their answer on a connection that stays open.
  static let answered: [HostileInput] = [
    .init(name: "an unknown path", request: get("/v1/nothing"), status: 404, problem: "no-route", closes: false),
    .init(name: "a climbing path", request: get("/v1/../v1/status"), status: 404, problem: "no-route", closes: false),
    .init(name: "an empty segment", request: get("//v1/status"), status: 404, problem: "no-route", closes: false),
    .init(
      name: "a bad escape in the path", request: get("/v1/records/%zz"), status: 404, problem: "no-route", closes: false
    ),
    .init(
      name: "another method", request: body("{}", to: "/v1/status"), status: 405, problem: "method-not-allowed",
      closes: false),
    .init(name: "no session", request: get("/v1/records", ""), status: 401, problem: "login-needed", closes: false),
    .init(
      name: "basic authentication", request: get("/v1/records", "Authorization: Basic YTpi\r\n"), status: 401,
      problem: "login-needed", closes: false),
    .init(
      name: "a token that is too short", request: get("/v1/records", "Authorization: Bearer AAAA\r\n"), status: 401,
      problem: "login-needed", closes: false),
    .init(
      name: "another type", request: body("a=b", type: "application/x-www-form-urlencoded"), status: 415,
      problem: "media-type-unsupported", closes: false),
    .init(
      name: "plain JSON as a patch", request: body("{}", to: "/v1/records/\(StubService.recordID)", method: "PATCH"),
      status: 415, problem: "media-type-unsupported", closes: false),
    .init(
      name: "no body", request: json + "Content-Length: 0\r\n\r\n", status: 400, problem: "malformed", closes: false),
    .init(
      name: "a body where none belongs", request: "GET /v1/status HTTP/1.1\r\nHost: v\r\nContent-Length: 2\r\n\r\n{}",
      status: 400, problem: "malformed", closes: false),
    .init(name: "half a document", request: body(#"{"terms":"#), status: 400, problem: "malformed", closes: false),
    .init(
      name: "a document that is too deep", request: body(String(repeating: "[", count: 100_000)), status: 400,
      problem: "malformed", closes: false),
    .init(
      name: "a member twice", request: body(#"{"terms":"a","terms":"b"}"#), status: 400, problem: "malformed",
      closes: false),
    .init(
      name: "bytes that are no UTF-8", request: body("{\"terms\":\"\u{FFFD}\""), status: 400, problem: "malformed",
      closes: false),
    .init(name: "an array", request: body("[]"), status: 422, problem: "invalid", closes: false),
    .init(
      name: "an unknown member", request: body(#"{"terms":"a","frob":1}"#), status: 422, problem: "invalid",
      closes: false),
    .init(name: "a missing member", request: body("{}"), status: 422, problem: "invalid", closes: false),
    .init(
      name: "a member of another type", request: body(#"{"terms":["a"]}"#), status: 422, problem: "invalid",
      closes: false),
    .init(
      name: "a number out of range", request: body(#"{"terms":"a","limit":100000}"#), status: 422, problem: "invalid",
      closes: false),
    .init(
      name: "a text that is too long", request: body(#"{"terms":"\#(String(repeating: "a", count: 2000))"}"#),
      status: 422, problem: "invalid", closes: false),
    .init(
      name: "an unknown parameter", request: get("/v1/records?program=x"), status: 422, problem: "invalid",
      closes: false),
    .init(
      name: "a parameter twice", request: get("/v1/records?limit=1&limit=2"), status: 400, problem: "malformed",
      closes: false),
    .init(
      name: "a parameter without a value", request: get("/v1/records?limit"), status: 400, problem: "malformed",
      closes: false),
    .init(
      name: "a limit that is no number", request: get("/v1/records?limit=+1"), status: 422, problem: "invalid",
      closes: false),
    .init(
      name: "an unknown section", request: get("/v1/records/\(StubService.recordID)?sections=identity,soul"),
      status: 422, problem: "invalid", closes: false),
    .init(
      name: "a misheard record id", request: get("/v1/records/lusab-babad-gutih-x"), status: 404, problem: "not-found",
      closes: false),
    .init(
      name: "an unknown purpose",
      request: get(
        "/v1/records/\(StubService.recordID)", "Authorization: Bearer \(tokenText)\r\nVault-Purpose: curiosity\r\n"),
      status: 422, problem: "invalid", closes: false),
    .init(
      name: "a reason with a bad escape",
      request: get("/v1/records/\(StubService.recordID)", "Authorization: Bearer \(tokenText)\r\nVault-Reason: %f\r\n"),
      status: 422, problem: "invalid", closes: false),
    .init(
      name: "a wildcard as version",
      request:
        "PATCH /v1/records/\(StubService.recordID) HTTP/1.1\r\nHost: v\r\nAuthorization: Bearer \(tokenText)\r\nContent-Type: application/merge-patch+json\r\nIf-Match: *\r\nContent-Length: 2\r\n\r\n{}",
      status: 422, problem: "invalid", closes: false),
    .init(
      name: "a proof that runs backwards", request: get("/v1/audit/proof/consistency?from=9&to=3"), status: 422,
      problem: "invalid", closes: false),
    .init(
      name: "a tile that climbs", request: get("/v1/audit/tile/../../etc/passwd"), status: 404, problem: "not-found",
      closes: false),
    .init(
      name: "a login with both secrets",
      request: body(#"{"account":"a","passphrase":"b","key":"c"}"#, to: "/v1/sessions"), status: 422,
      problem: "invalid", closes: false),
    .init(
      name: "a login with a nested member", request: body(#"{"account":{"a":1},"passphrase":"b"}"#, to: "/v1/sessions"),
      status: 400, problem: "malformed", closes: false),
    .init(
      name: "a login with half a surrogate",
      request: body(#"{"account":"a","passphrase":"\ud800"}"#, to: "/v1/sessions"), status: 400, problem: "malformed",
      closes: false),
    .init(
      name: "a login of 20 KiB",
      request: body(#"{"account":"a","passphrase":"\#(String(repeating: "b", count: 20000))"}"#, to: "/v1/sessions"),
      status: 413, problem: "body-too-large", closes: false),
    .init(
      name: "a login that fails", request: body(#"{"account":"a","passphrase":"wrong"}"#, to: "/v1/sessions"),
      status: 401, problem: "login-failed", closes: false),
  ]
}

@Suite("P10 Hostile input on the socket", .timeLimit(.minutes(2)))
struct HostileInputTests {
  @Test("P10 is refused with one clear problem and a closed connection, and nobody else notices")
  func refused() async throws {
    try await withServer { path in
      let neighbour = try RawPeer(path)
      for input in HostileInput.refused {
        let peer = try RawPeer(path)
        await peer.send(input.request)
        let answer = await peer.readToEnd().flatMap { RawAnswerText($0) }
        #expect(answer?.status == input.status, "\(input.name)")
        #expect(answer?.problem == input.problem, "\(input.name)")
        #expect(answer?.headers["connection"] == "close", "\(input.name)")
        await neighbour.send(statusRequest)
        let served = await neighbour.readAnswer()
        #expect(served?.status == 200, "the neighbour of \(input.name)")
      }
    }
  }

  @Test("P10 gets a problem that names the rule, and the connection lives on")
  func answered() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      for input in HostileInput.answered {
        await peer.send(input.request)
        let answer = await peer.readAnswer()
        #expect(answer?.status == input.status, "\(input.name)")
        #expect(answer?.problem == input.problem, "\(input.name)")
      }
      await peer.send(statusRequest)
      #expect(await peer.readAnswer()?.status == 200)
    }
  }

  @Test("P10 a problem does not repeat what was sent")
  func repeatsNothing() async throws {
    try await withServer { path in
      let planted = "rahela-0740123456"
      let requests = [
        HostileInput.body(#"{"terms":"a","\#(planted)":1}"#),
        HostileInput.body(#"{"terms":"a","born":["\#(planted)"]}"#),
        HostileInput.get("/v1/records?\(planted)=1"), HostileInput.get("/v1/records/\(planted)"),
        HostileInput.get("/v1/\(planted)"),
        HostileInput.body(#"{"account":"a","\#(planted)":"b"}"#, to: "/v1/sessions"),
        HostileInput.get("/v1/records/\(StubService.recordID)?sections=\(planted)"),
      ]
      let peer = try RawPeer(path)
      for request in requests {
        await peer.send(request)
        let answer = await peer.readAnswer()
        #expect((400..<500).contains(answer?.status ?? 0))
        #expect(answer?.body.contains(planted) == false)
      }
    }
  }

  @Test("another method is told which ones there are")
  func allow() async throws {
    try await withServer { path in
      let peer = try RawPeer(path)
      await peer.send("PUT /v1/records/\(StubService.recordID) HTTP/1.1\r\nHost: v\r\nContent-Length: 0\r\n\r\n")
      let answer = await peer.readAnswer()
      #expect(answer?.status == 405)
      #expect(answer?.headers["allow"] == "GET, PATCH")
    }
  }
}
