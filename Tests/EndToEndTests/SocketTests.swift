import Foundation
import Glibc
import Testing
import VaultModel

extension EndToEnd {
  @Suite("The socket: every route, and whatever else arrives")
  struct Socket {
    /// `curl --unix-socket`, as any language's HTTP client would do it: status, headers, body.
    private struct Answer {
      let status: Int
      let headers: [String: String]
      let body: [UInt8]

      var json: JSONValue {
        get throws { try JSONValue.parse(body, limits: JSONLimits(byteCountMax: 8 << 20, memberCountMax: 500_000)) }
      }

      init?(_ output: [UInt8]) {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = output.indices.first(where: { output[$0...].starts(with: separator) }) else { return nil }
        let lines = String(decoding: output[..<end], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        self.status = status
        headers = lines.dropFirst().reduce(into: [:]) { headers, line in
          let parts = line.split(separator: ":", maxSplits: 1)
          headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        body = Array(output[(end + separator.count)...])
      }
    }

    private func curl(
      _ vault: RunningVault, _ method: String = "GET", _ path: String, token: String? = nil, body: String? = nil,
      type: String = "application/json", headers: [String] = []
    ) async throws -> Answer {
      var arguments = ["curl", "-s", "-i", "--max-time", "30", "--unix-socket", vault.socket, "-X", method]
      if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
      if body != nil { arguments += ["-H", "Content-Type: \(type)", "-H", "Expect:", "--data-binary", "@-"] }
      for header in headers { arguments += ["-H", header] }
      let ran = try await ProgramRun.run(
        URL(fileURLWithPath: "/usr/bin/env"), arguments + ["http://vault" + path], environment: vault.environment,
        input: body ?? "", folder: vault.terminal)
      return try #require(Answer(ran.output), "curl \(path) ended with \(ran.status)")
    }

    private func token(_ vault: RunningVault, _ account: String) async throws -> String {
      let phrase = try String(contentsOfFile: vault.passphraseFile(account), encoding: .utf8)
        .trimmingCharacters(in: .newlines)
      let opened = try await curl(
        vault, "POST", "/v1/sessions", body: #"{"account": "\#(account)", "passphrase": "\#(phrase)"}"#)
      #expect(opened.status == 201)
      let json = try opened.json
      for member in ["account", "role", "programmes", "expires"] { #expect(json[member] != nil, "\(member)") }
      return try #require(json["token"]?.stringValue)
    }

    @Test("a record's life over curl, each answer with its Vault-Audit-Index (P3)")
    func recordLife() async throws {
      let vault = try await RunningVault.staffed()
      let officer = try await token(vault, "officer")
      var indices: [Int] = []
      func witnessed(_ answer: Answer, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(
          answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))", sourceLocation: sourceLocation)
        let index = try #require(
          answer.headers["vault-audit-index"].flatMap { Int($0) }, "no Vault-Audit-Index",
          sourceLocation: sourceLocation)
        indices.append(index)
      }

      let key = "Idempotency-Key: 6f1c-once"
      let path = "/v1/programmes/navigators/records"
      let body = #"{"sections": \#(Samples.shirin)}"#
      let made = try await curl(vault, "POST", path, token: officer, body: body, headers: [key])
      try witnessed(made, 201)
      let id = try #require(try made.json["id"]?.stringValue)
      #expect(made.headers["location"] == "/v1/records/\(id)")
      #expect(made.headers["etag"] == "\"1\"")

      let again = try await curl(vault, "POST", path, token: officer, body: body, headers: [key])
      #expect(try again.json["id"]?.stringValue == id, "the same key and request make one record")
      let other = try await curl(
        vault, "POST", path, token: officer, body: #"{"sections": \#(Samples.divya)}"#, headers: [key])
      #expect(other.status == 409)

      let read = try await curl(
        vault, "GET", "/v1/records/\(id)?sections=identity,case", token: officer, headers: ["Vault-Purpose: court"])
      try witnessed(read, 200)
      #expect(read.headers["etag"] == "\"1\"")
      #expect(Set(try read.json["sections"]?.objectValue?.keys ?? [:].keys) == ["identity", "case"])

      let patch = #"{"sections": {"case": {"vault_Summary": "Moved."}}}"#
      func edit(_ ifMatch: [String]) async throws -> Answer {
        try await curl(
          vault, "PATCH", "/v1/records/\(id)", token: officer, body: patch, type: "application/merge-patch+json",
          headers: ifMatch)
      }
      #expect(try await edit([]).status == 428)
      try witnessed(try await edit([#"If-Match: "1""#]), 200)
      try witnessed(try await edit([#"If-Match: "1""#]), 412)

      try witnessed(try await curl(vault, "POST", "/v1/search", token: officer, body: #"{"terms": "shirin"}"#), 200)
      try witnessed(try await curl(vault, "GET", "/v1/records?programme=navigators", token: officer), 200)
      try witnessed(try await curl(vault, "GET", "/v1/records/\(id)", token: officer), 403)
      try witnessed(
        try await curl(
          vault, "GET", "/v1/records/\(RecordID(bits: 7))", token: officer, headers: ["Vault-Purpose: casework"]), 404)
      let colleague = try await token(vault, "colleague")
      try witnessed(
        try await curl(vault, "GET", "/v1/records/\(id)", token: colleague, headers: ["Vault-Purpose: casework"]), 403)
      #expect(indices == indices.sorted() && Set(indices).count == indices.count, "indices only grow")

      let closed = try await curl(vault, "DELETE", "/v1/sessions/current", token: officer)
      #expect((200..<300).contains(closed.status))
      #expect(try await curl(vault, "GET", "/v1/records/\(id)", token: officer).status == 401)
    }

    @Test("the log over curl: entries, checkpoint, proofs and tiles, for the auditor")
    func audit() async throws {
      let vault = try await RunningVault.staffed()
      let auditor = try await token(vault, "auditor")
      let entries = try await curl(vault, "GET", "/v1/audit/entries?limit=5", token: auditor)
      #expect(entries.status == 200)
      #expect(try entries.json["entries"]?.arrayValue?.count == 5)
      #expect(entries.headers["vault-audit-index"] != nil, "reading the log is an entry too")

      let checkpoint = try await curl(vault, "GET", "/v1/audit/checkpoint", token: auditor)
      let lines = String(decoding: checkpoint.body, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      let size = try #require(Int(lines[1]))
      #expect(lines.contains { $0.hasPrefix("— ") }, "a signature line of a C2SP note")
      let consistency = try await curl(
        vault, "GET", "/v1/audit/proof/consistency?from=3&to=\(size)", token: auditor)
      #expect(consistency.status == 200)
      let inclusion = try await curl(
        vault, "GET", "/v1/audit/proof/inclusion?index=2&size=\(size)", token: auditor)
      #expect(inclusion.status == 200)
      #expect(try await curl(vault, "GET", "/v1/audit/tile/0/000.p/\(size)", token: auditor).body.count == 32 * size)
      #expect(try await curl(vault, "GET", "/v1/audit/tile/entries/000.p/\(size)", token: auditor).status == 200)

      let officer = try await token(vault, "officer")
      #expect(try await curl(vault, "GET", "/v1/audit/entries", token: officer).status == 403)
      #expect(try await curl(vault, "GET", "/v1/audit/tile/0/000.p/\(size)", token: officer).status == 403)
    }

    @Test("status, schema and openapi.json need no session; metrics do, and name nobody")
    func open() async throws {
      let vault = try await RunningVault.withRecords()
      for path in ["/v1/status", "/v1/schema", "/v1/openapi.json"] {
        let answer = try await curl(vault, "GET", path)
        #expect(answer.status == 200)
        #expect((try? answer.json) != nil, "\(path)")
      }
      #expect(try await curl(vault, "GET", "/v1/metrics").status == 401)
      let officer = try await token(vault, "officer")
      let metrics = try await curl(vault, "GET", "/v1/metrics", token: officer)
      let text = String(decoding: metrics.body, as: UTF8.self)
      #expect(metrics.status == 200 && text.contains("# TYPE"))
      for word in ["officer", "navigators", "shirin"] { #expect(!text.contains(word)) }
    }

    @Test("P10 bad requests get a clear answer, and the daemon goes on")
    func badRequests() async throws {
      let vault = try await RunningVault.founded()
      func status(_ request: String) throws -> Int? {
        let answer = try RawConnection(vault.socket).ask(request)
        return answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }
      }
      let end = "Connection: close\r\n\r\n"
      #expect(try status("GET /v1/status HTTP/1.1\r\n\(end)") == 400, "no Host")
      #expect(try status("GET /v1/status HTTP/1.0\r\nHost: vault\r\n\(end)") == 505, "HTTP/1.0")
      #expect(try status("GET /v1/status HTTP/3.7\r\nHost: vault\r\n\(end)") == 505, "HTTP of the future")
      #expect(try status("\u{1}\u{2}\u{3} nonsense\r\n\r\n") == 400, "no HTTP at all")
      #expect(try status("GET /v1/\(String(repeating: "a", count: 5000)) HTTP/1.1\r\nHost: vault\r\n\(end)") == 414)
      #expect(
        try status(
          "GET /v1/status HTTP/1.1\r\nHost: vault\r\nX-Long: \(String(repeating: "a", count: 20_000))\r\n\(end)")
          == 431)
      let body = String(repeating: "a", count: 1_200_000)
      #expect(
        try status(
          "POST /v1/sessions HTTP/1.1\r\nHost: vault\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        ) == 413)
      #expect(
        try status("GET /v2/status HTTP/1.1\r\nHost: vault\r\n\(end)") == 404, "an unknown version of the interface")
      #expect(try status("BREW /v1/status HTTP/1.1\r\nHost: vault\r\n\(end)").map { (400..<500).contains($0) } == true)
      #expect(try status("DELETE /v1/status HTTP/1.1\r\nHost: vault\r\n\(end)") == 405)
      #expect(try status("GET /v1/records HTTP/1.1\r\nHost: vault\r\n\(end)") == 401, "no session")
      #expect(
        try status("GET /v1/records HTTP/1.1\r\nHost: vault\r\nAuthorization: Bearer nonsense\r\n\(end)") == 401)

      let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
      for body in ["{", "{\"account\": 1}", "null", deep, "{\"account\":\"a\",\"account\":\"b\"}", "\u{FEFF}{}"] {
        let answer = try await curl(vault, "POST", "/v1/sessions", body: body)
        #expect((400..<500).contains(answer.status), "\(body.prefix(20))")
        #expect(try answer.json["type"]?.stringValue?.hasPrefix("urn:survivor-vault:problem:") == true)
      }
      #expect(try await vault.sh("status")["state"]?.stringValue == "open")
    }

    @Test(
      "a session belongs to the uid that opened it, and an account to the uid it was made for",
      .enabled(if: getuid() == 0, "only root can act as another user"))
    func wrongUser() async throws {
      let vault = try await RunningVault.staffed()
      // Whoever may connect at all is the operator's choice; here another user is let through on purpose.
      _ = unsafe chmod(vault.home.path, 0o755)
      _ = unsafe chmod(vault.home.appendingPathComponent("run").path, 0o755)
      _ = unsafe chmod(vault.socket, 0o666)
      let invited = try await vault.sh(
        "account", "add", "bound", "--role", "officer", "--uid", "0", as: "administrator")
      let code = try #require(invited["code"]?.stringValue)
      let officer = try await token(vault, "officer")

      func asNobody(_ arguments: [String], _ input: String = "") async throws -> Ran {
        try await ProgramRun.run(
          URL(fileURLWithPath: "/usr/bin/env"),
          ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "curl", "-s", "--unix-socket", vault.socket]
            + arguments, environment: vault.environment, input: input, folder: vault.terminal)
      }
      let stolen = try await asNobody(["-H", "Authorization: Bearer \(officer)", "http://vault/v1/records"])
      #expect(try stolen.json["status"]?.integerValue == 403)
      let post = ["-H", "Content-Type: application/json", "--data-binary", "@-"]
      let enrolment = try await asNobody(
        post + ["http://vault/v1/enrolments"],
        #"{"account": "bound", "code": "\#(code)", "passphrase": "six words that nobody else knows"}"#)
      #expect(try enrolment.json["status"]?.integerValue == 403)

      _ = try await vault.sh(
        "enrol", "bound", "--code", "-", "--passphrase-file", vault.passphraseFile("colleague"), input: code + "\n")
      let phrase = try String(contentsOfFile: vault.passphraseFile("colleague"), encoding: .utf8)
        .trimmingCharacters(in: .newlines)
      let login = try await asNobody(
        post + ["http://vault/v1/sessions"], #"{"account": "bound", "passphrase": "\#(phrase)"}"#)
      #expect([401, 403].contains(try login.json["status"]?.integerValue))
      let entries = try #require(
        try await vault.sh("log", "--account", "bound", "--action", "session.open", as: "auditor")["entries"]?
          .arrayValue)
      #expect(entries.contains { $0["outcome"]?.stringValue == "denied" && $0["uid"]?.integerValue == 65_534 })
    }
  }
}
