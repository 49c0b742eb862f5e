import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("People leave")
  struct Leaving {
    /// Its records, all of them re-keyed by the daemon's own job or by the command.
    private func settled(_ vault: RunningVault) async throws -> Bool {
      for _ in 0..<100 {
        if try await vault.sh("status")["rekey"]?["left"]?.integerValue == 0 { return true }
        try await Task.sleep(for: .milliseconds(100))
      }
      return false
    }

    @Test("P8 people leave: suspend, hand over, re-key, replace, with daemon and shell")
    func leave() async throws {
      let vault = try await RunningVault.staffed()
      var ids: [String] = []
      for _ in 0..<3 { ids.append(try await vault.newRecord(Samples.divya)) }
      for id in ids { _ = try await vault.sh("--purpose", "casework", "show", id, as: "officer") }
      _ = try await vault.sh(
        "grant", "colleague", "--programme", "navigators", "--fingerprint", vault.fingerprint(of: "colleague"),
        as: "supervisor")

      let suspended = try await vault.sh("account", "suspend", "officer", as: "supervisor")
      #expect(suspended["state"]?.stringValue == "suspended")
      #expect(suspended["sessionsEnded"]?.integerValue == 1)
      #expect(suspended["programmes"]?.arrayValue == [.string("navigators")])
      #expect(suspended["rekeyed"]?.arrayValue == [.string("navigators")])
      #expect(suspended["pending"]?.arrayValue == [])
      #expect(suspended["readsLast30Days"]?.integerValue == 3)
      #expect(Set(suspended["recordsOwned"]?.arrayValue?.compactMap(\.stringValue) ?? []) == Set(ids))
      #expect([3, 6].contains(try await vault.attempt("--purpose", "casework", "show", ids[0], as: "officer").status))

      let moved = try await vault.sh("reassign", "--from", "officer", "--to", "colleague", as: "supervisor")
      #expect(moved["moved"]?.arrayValue?.count == 3 && moved["left"]?.integerValue == 0)
      let rekeyed = try await vault.sh("rekey", "--programme", "navigators", as: "supervisor")
      #expect(rekeyed["left"]?.integerValue == 0)
      #expect(rekeyed["programmes"]?.arrayValue?.first?["total"]?.integerValue == 3)
      #expect(try await settled(vault))
      let shown = try await vault.sh("--purpose", "casework", "show", ids[0], "--all", as: "colleague")
      #expect(shown["sections"]?["case"]?["vault_Owner"]?.stringValue == "colleague")
      #expect(shown["version"]?.integerValue == 2, "a re-key is no edit")
      let deep = try await vault.sh("rekey", "--deep", as: "supervisor")
      #expect(deep["left"]?.integerValue == 0)
      _ = try await vault.sh("--purpose", "casework", "show", ids[0], "--all", as: "colleague")

      // The last supervisor stays, and the refusal says what to do.
      let last = try await vault.attempt("account", "suspend", "supervisor", as: "administrator")
      #expect(last.status == 5)
      #expect(try last.problem["hint"]?.stringValue?.contains("vaultsh grant") == true)

      // A lost passphrase: new keys, and two people.
      let replaced = try await vault.sh("account", "replace", "colleague", as: "administrator")
      #expect(replaced["pending"]?.arrayValue == [.string("navigators")])
      let code = try #require(replaced["code"]?.stringValue)
      let old = try await vault.attempt(
        "--passphrase-file", vault.passphraseFile("colleague"), "programme", "list", as: "colleague")
      #expect(old.status == 3)
      let enrolled = try await vault.sh(
        "enrol", "colleague", "--code", "-", "--passphrase-file", vault.passphraseFile("colleague"),
        input: code + "\n")
      try await vault.login("colleague")
      #expect(
        try await vault.attempt("--purpose", "casework", "show", ids[0], as: "colleague").status == 3)
      _ = try await vault.sh(
        "grant", "colleague", "--programme", "navigators", "--fingerprint",
        try #require(enrolled["fingerprint"]?.stringValue), as: "supervisor")
      _ = try await vault.sh("--purpose", "casework", "show", ids[0], as: "colleague")
      #expect(try await settled(vault))
      let log = try await vault.sh("log", "--action", "member.rekey", as: "auditor")
      #expect(log["entries"]?.arrayValue?.isEmpty == false)
      #expect(try await vault.sh("log", "verify", as: "auditor")["ok"]?.boolValue == true)
    }

    @Test("P8 a second auditor is let in by fingerprint, and taken out again")
    func auditors() async throws {
      let vault = try await RunningVault.staffed()
      let file = vault.passphraseFile("second")
      #expect(
        FileManager.default.createFile(
          atPath: file, contents: Data("a second pair of eyes\n".utf8), attributes: [.posixPermissions: 0o600]))
      let words = try await vault.enlist("second", role: "auditor")
      try await vault.login("second")
      #expect(try await vault.attempt("log", as: "second").status == 3)
      _ = try await vault.sh(
        "grant", "second", "--audit", "--fingerprint", words, as: "auditor")
      #expect(try await vault.sh("log", as: "second")["entries"]?.arrayValue?.isEmpty == false)
      #expect(try await vault.attempt("account", "suspend", "auditor", as: "administrator").status == 0)
      _ = try await vault.sh("log", as: "second")
      #expect(
        try await vault.attempt("account", "suspend", "second", as: "administrator").status == 5, "now the last")
    }
  }
}
