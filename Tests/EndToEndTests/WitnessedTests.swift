import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("P3 What was asked of the daemon is in its log, the noise of it counted")
  struct Witnessed {
    /// Requests on one connection before its answers are read: fewer than what fills the socket's buffers.
    private static let burstCount = 50

    private static func request(
      _ line: String, headers: [String] = [], closing: Bool = true
    ) -> String {
      ([line + " HTTP/1.1", "Host: vault"] + headers + [closing ? "Connection: close" : "Connection: keep-alive"])
        .joined(separator: "\r\n") + "\r\n\r\n"
    }

    private func entries(_ vault: RunningVault, _ words: String...) async throws -> [JSONValue] {
      let ran = try await vault.run(.vaultsh, ["--json", "--account", "auditor", "log"] + words)
      try #require(ran.status == 0, "\(words): \(ran.errorText)")
      return try #require(try ran.json["entries"]?.arrayValue)
    }

    private func details(_ entries: [JSONValue]) -> [String] { entries.compactMap { $0["detail"]?.stringValue } }

    @Test("denied, failed, malformed and unauthenticated requests, searches with what they found, exports, audit reads")
    func everyKind() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      #expect(try await vault.attempt("--purpose", "casework", "show", id, as: "colleague").status == 3)
      let wrong = vault.terminal.appendingPathComponent("wrong.passphrase")
      try Data("not the passphrase of anybody\n".utf8).write(to: wrong)
      #expect(
        try await vault.attempt("--passphrase-file", wrong.path, "login", as: "officer").status != 0)
      #expect(
        try RawConnection(vault.socket).ask(Self.request("GET /v1/records/\(id)")).hasPrefix("HTTP/1.1 401"))
      #expect(
        try RawConnection(vault.socket).ask(
          Self.request("GET /v1/records/\(id)", headers: ["Authorization: Bearer nobodys"])
        ).hasPrefix("HTTP/1.1 401"))
      #expect(try RawConnection(vault.socket).ask("GET /v1/status HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 400"))
      let found = try await vault.sh("find", "-", as: "officer", input: "shirin\n")
      #expect(found["matches"]?.arrayValue?.first?["id"]?.stringValue == id)
      let export = vault.terminal.appendingPathComponent("export").path
      _ = try await vault.sh("log", "export", export, as: "auditor")
      _ = try await vault.sh("log", "--record", id, as: "auditor")

      let starts = try await entries(vault, "--action", "daemon.start").count
      let stops = try await entries(vault, "--action", "daemon.stop").count
      try await vault.stop()
      try await vault.serve()
      try await vault.login("auditor")

      #expect(details(try await entries(vault, "--action", "account.invite")).last == "colleague officer")
      let denied = try await entries(vault, "--record", id, "--outcome", "denied")
      #expect(denied.map { $0["account"]?.stringValue } == ["colleague"])
      let logins = try await entries(vault, "--action", "session.open", "--outcome", "denied")
      #expect(logins.map { $0["account"]?.stringValue } == ["officer"])
      let refused = details(try await entries(vault, "--action", "request.refused"))
      #expect(refused.count == 3 && Set(refused).count >= 2, "unauthenticated twice, malformed once: \(refused)")
      let searches = try await entries(vault, "--action", "record.search")
      #expect(searches.last?["results"]?.arrayValue?.compactMap(\.stringValue) == [id])
      #expect(try await !entries(vault, "--action", "log.export").isEmpty)
      let readings = try await entries(vault, "--action", "log.read", "--account", "auditor")
      #expect(readings.contains { $0["record"]?.stringValue == id }, "what an auditor looked for is told")
      #expect(try await entries(vault, "--action", "daemon.stop").count == stops + 1)
      #expect(try await entries(vault, "--action", "daemon.start").count == starts + 1)
      for entry in denied + logins + searches { #expect(entry["uid"]?.integerValue == Int64(getuid())) }
    }

    @Test("another configuration at the next start is an entry, the same one is none")
    func configuration() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      let before = try await entries(vault, "--action", "config.change").count
      try await vault.stop()
      try await vault.serve()
      try await vault.login("auditor")
      #expect(try await entries(vault, "--action", "config.change").count == before)
      try await vault.stop()
      try await vault.serve(adding: ["--anchor", vault.home.appendingPathComponent("elsewhere.anchor").path])
      try await vault.login("auditor")
      #expect(try await entries(vault, "--action", "config.change").count == before + 1)
    }

    @Test("5,000 equal refusals are a few entries that hold their number")
    func noise() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      let before = try #require(try await vault.sh("status")["log"]?["size"]?.integerValue)
      let count = 5_000
      let burst =
        String(repeating: Self.request("GET /v1/records/nothing", closing: false), count: Self.burstCount - 1)
        + Self.request("GET /v1/records/nothing")
      for _ in 0..<count / Self.burstCount {
        let answer = try RawConnection(vault.socket).ask(burst)
        try #require(answer.components(separatedBy: "HTTP/1.1 401").count - 1 == Self.burstCount)
      }
      let after = try #require(try await vault.sh("status")["log"]?["size"]?.integerValue)
      #expect(after - before < 20, "the log grew by \(after - before)")
      // What was counted reaches the log at the latest when the daemon ends.
      try await vault.stop()
      try await vault.serve()
      try await vault.login("auditor")
      let told = try await entries(vault, "--action", "request.refused")
      #expect(told.count < 20)
      #expect(told.reduce(0) { $0 + ($1["count"]?.integerValue ?? 1) } == Int64(count))
    }
  }
}
