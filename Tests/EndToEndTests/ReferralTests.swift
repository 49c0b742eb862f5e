import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("One record shared outside its programme")
  struct Referrals {
    @Test("refer shows what will be seen, shares it for a time, and unrefer ends it; the log names the record")
    func shareAndEnd() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      #expect(try await vault.attempt("show", id, "--section", "identity", as: "colleague").status == 3)

      let words = ["refer", id, "--to", "colleague", "--sections", "identity", "case", "--until", "2036-01-01"]
      let never = try await vault.run(.vaultsh, ["--json", "--account", "officer"] + words)
      #expect(never.status == 1, "more than a year")
      let until = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 3600))
      let preview = try await vault.sh(
        "refer", id, "--to", "colleague", "--sections", "identity,case", "--until", until, "--dry-run", as: "officer")
      #expect(preview["sees"]?.arrayValue?.compactMap(\.stringValue) == ["identity", "case"])
      #expect(preview["seesNot"]?.arrayValue?.count == 5)
      #expect(preview["readers"]?.arrayValue?.map { $0["account"]?.stringValue } == ["colleague"])
      #expect(preview["writes"] == .bool(false) && preview["found"] == .bool(true))
      #expect(try await vault.attempt("show", id, "--section", "identity", as: "colleague").status == 3)

      // Without --json and without a terminal nobody could say yes.
      let unasked = try await vault.run(
        .vaultsh,
        ["--account", "officer", "refer", id, "--to", "colleague", "--sections", "identity", "--until", until])
      #expect(unasked.status == 2 && unasked.errorText.contains("--yes"))
      let shown = try await vault.run(
        .vaultsh,
        [
          "--account", "officer", "refer", id, "--to", "colleague", "--sections", "identity", "case", "--until", until,
          "--yes",
        ])
      #expect(shown.status == 0, "\(shown.errorText)")
      #expect(shown.outputText.contains("They do not see") && shown.outputText.contains("health"))

      let whole = try await vault.sh("show", id, "--all", as: "colleague")
      #expect(Set(try #require(whole["sections"]?.objectValue).keys).isSubset(of: ["identity", "case"]))
      #expect(whole["flags"]?.arrayValue == [.string("referred")] && whole["until"]?.stringValue != nil)
      #expect(try await vault.attempt("show", id, "--section", "health", as: "colleague").status == 3)
      let listed = try await vault.sh("list", as: "colleague")["records"]?.arrayValue
      #expect(listed?.map { $0["id"]?.stringValue } == [id])
      #expect(listed?.first?["flags"]?.arrayValue == [.string("referred")])
      let found = try await vault.sh("find", "-", as: "colleague", input: "divya\n")["matches"]?.arrayValue
      #expect(found?.map { $0["id"]?.stringValue } == [id])
      let patch = #"{"case": {"vault_Summary": "Not theirs."}}"#
      #expect(
        try await vault.attempt("edit", id, "--from", "-", "--if-version", "2", as: "colleague", input: patch).status
          == 3)

      let ended = try await vault.sh("unrefer", id, "--to", "colleague", as: "officer")
      #expect(ended["version"]?.integerValue == 3)
      #expect(try await vault.attempt("show", id, "--section", "identity", as: "colleague").status == 3)
      #expect(try await vault.sh("list", as: "colleague")["records"]?.arrayValue == [])
      #expect(try await vault.attempt("unrefer", id, "--to", "colleague", as: "officer").status == 4)

      let entries = try #require(try await vault.sh("log", "--record", id, as: "auditor")["entries"]?.arrayValue)
      let actions = entries.compactMap { $0["action"]?.stringValue }
      for action in ["referral.preview", "referral.make", "referral.end"] { #expect(actions.contains(action)) }
      #expect(entries.contains { $0["account"]?.stringValue == "colleague" && $0["outcome"]?.stringValue == "allowed" })
      try await vault.stop()
      let verified = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(verified.status == 0, "\(verified.errorText)")
    }

    @Test("a referral ends by its time in the running daemon: refused, and its wraps are gone")
    func endsByItself() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      let until = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 4))
      _ = try await vault.sh(
        "refer", id, "--to", "colleague", "--sections", "identity", "--until", until, as: "officer")
      _ = try await vault.sh("show", id, "--section", "identity", as: "colleague")
      var actions: [String] = []
      for _ in 0..<100 {
        let entries = try await vault.sh("log", "--record", id, as: "auditor")["entries"]?.arrayValue ?? []
        actions = entries.compactMap { $0["action"]?.stringValue }.filter { $0 != "log.read" }
        if actions.contains("record.reseal") { break }
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(
        actions.suffix(2) == ["referral.end", "record.reseal"], "by the daemon, and in the officer's open session")
      #expect(try await vault.attempt("show", id, "--section", "identity", as: "colleague").status == 3)
      let shown = try await vault.sh("show", id, "--section", "identity", as: "officer")
      #expect(shown["version"]?.integerValue == 4 && shown["flags"]?.arrayValue == [])
    }
  }
}
