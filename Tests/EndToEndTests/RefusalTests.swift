import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("Refusals: exit codes, and one problem document on standard error")
  struct Refusals {
    /// What every refusal has with --json: nothing on standard output, and a whole problem document.
    private func expect(
      _ ran: Ran, _ status: Int32, field: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      #expect(ran.status == status, "\(ran.errorText)", sourceLocation: sourceLocation)
      #expect(ran.output.isEmpty, sourceLocation: sourceLocation)
      let problem = try ran.problem
      for member in ["type", "title", "detail", "hint"] {
        #expect(problem[member]?.stringValue?.isEmpty == false, "\(member)", sourceLocation: sourceLocation)
      }
      #expect(problem["status"]?.integerValue != nil, sourceLocation: sourceLocation)
      if let field { #expect(problem["field"]?.stringValue == field, sourceLocation: sourceLocation) }
    }

    @Test("1: a value that breaks a rule is refused with section, field and rule, and never repeated")
    func invalid() async throws {
      let vault = try await RunningVault.staffed()
      let cases = [
        (#"{"identity": {"prs_Birthdate": "nineteen-fifty"}}"#, "identity.prs_Birthdate", "nineteen-fifty"),
        (#"{"identity": {"prs_Gender": "Klingonese"}}"#, "identity.prs_Gender", "Klingonese"),
        (#"{"identity": {"prs_NumberOfChildren": "thrice"}}"#, "identity.prs_NumberOfChildren", "thrice"),
      ]
      for (sections, field, value) in cases {
        let ran = try await vault.attempt(
          "new", "--programme", "navigators", "--from", "-", as: "officer", input: #"{"sections": \#(sections)}"#)
        try expect(ran, 1, field: field)
        #expect(!ran.errorText.contains(value))
        #expect(try ran.problem["status"]?.integerValue == 422)
      }
      let unknown = try await vault.attempt(
        "new", "--programme", "navigators", "--from", "-", as: "officer",
        input: #"{"sections": {"identity": {"prs_Nonsense": 1}}}"#)
      try expect(unknown, 1)
      #expect(try await vault.sh("list", as: "officer")["records"]?.arrayValue == [])
    }

    @Test(
      "2: a command line that is not right",
      arguments: [
        ["frobnicate"], ["show"], ["account", "add", "zora"], ["find", "shirin"], ["list", "--nonsense"],
        ["--purpose", "curiosity", "list"], ["enrol", "zora", "--code", "secret-code-on-argv"],
      ])
    func usage(words: [String]) async throws {
      let vault = try RunningVault()
      let ran = try await vault.run(.vaultsh, ["--json"] + words)
      try expect(ran, 2)
      #expect(!ran.errorText.contains("secret-code-on-argv"))
      #expect(!ran.errorText.contains("shirin"))
    }

    @Test(
      "2: vaultd does not run without knowing what to do",
      arguments: [[], ["frobnicate"], ["init"], ["serve", "--data"]])
    func daemonUsage(words: [String]) async throws {
      let vault = try RunningVault()
      let ran = try await vault.run(.vaultd, words)
      // Without any command it says what there is.
      #expect(ran.status == (words.isEmpty ? 0 : 2) || ran.status == 2, "\(ran.errorText)")
    }

    @Test("2: the root key may not lie inside the data directory")
    func rootKeyInside() async throws {
      let vault = try RunningVault()
      let ran = try await vault.run(
        .vaultd,
        [
          "init", "--data", vault.data.path, "--root-key-file", vault.data.appendingPathComponent("root.key").path,
          "--administrator", "a", "--supervisor", "b", "--auditor", "c", "--no-escrow",
        ])
      #expect(ran.status == 2)
      #expect(ran.errorText.contains("hint:"))
      #expect(!FileManager.default.fileExists(atPath: vault.data.appendingPathComponent("root.key").path))
    }

    @Test("3 P2: each role is refused what is not its own, and the refusal is an entry")
    func denied() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      for account in ["colleague", "administrator", "auditor"] {
        try expect(try await vault.attempt("show", id, as: account), 3)
        try expect(
          try await vault.attempt("new", "--programme", "navigators", "--from", "-", as: account, input: "{}"), 3)
      }
      for account in ["administrator", "auditor"] {
        try expect(try await vault.attempt("find", "-", as: account, input: "divya\n"), 3)
      }
      let found = try await vault.attempt("find", "-", as: "colleague", input: "divya\n")
      #expect(found.status == 3 || (try? found.json["matches"]?.arrayValue) == [])
      for account in ["officer", "supervisor", "administrator"] {
        try expect(try await vault.attempt("log", as: account), 3)
      }
      for account in ["officer", "administrator", "auditor"] {
        try expect(
          try await vault.attempt(
            "grant", "colleague", "--programme", "navigators", "--fingerprint", "a b c d e f", as: account), 3)
        try expect(try await vault.attempt("programme", "add", "other", "--title", "Other", as: account), 3)
      }
      try expect(
        try await vault.attempt("account", "add", "friend", "--role", "officer", "--uid", "any", as: "supervisor"), 3)
      let entries = try #require(try await vault.sh("log", "--record", id, as: "auditor")["entries"]?.arrayValue)
      #expect(entries.filter { $0["outcome"]?.stringValue == "denied" }.count == 3)
    }

    @Test("3: a wrong passphrase, and an account that is not there, get the same answer")
    func wrongPassphrase() async throws {
      let vault = try await RunningVault.founded()
      let wrong = vault.passphraseFile("officer")
      let known = try await vault.attempt("--passphrase-file", wrong, "login", as: "supervisor")
      let unknown = try await vault.attempt("--passphrase-file", wrong, "login", as: "nobody-here")
      try expect(known, 3)
      try expect(unknown, 3)
      #expect(try known.problem == unknown.problem)
    }

    @Test("3: an emergency needs a reason, in the reader's own words")
    func emergency() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      try expect(try await vault.attempt("--purpose", "emergency", "show", id, as: "officer"), 3)
      _ = try await vault.sh(
        "--purpose", "emergency", "--reason", "-", "show", id, as: "officer", input: "She did not come home.\n")
      let entries = try #require(
        try await vault.sh("log", "--record", id, "--action", "record.read", as: "auditor")["entries"]?.arrayValue)
      #expect(entries.last?["purpose"]?.stringValue == "emergency")
      #expect(entries.last?["reason"]?.stringValue == "She did not come home.")
    }

    @Test("4: a record that is not there, and an id that is misspelt")
    func notFound() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      let other = RecordID(bits: 42).description
      try expect(try await vault.attempt("show", other, as: "officer"), 4)
      let misspelt = String(id.dropFirst()) + "b"
      #expect([1, 4].contains(try await vault.attempt("show", misspelt, as: "officer").status))
      let spoken = id.uppercased().replacing("-", with: " ")
      #expect(try await vault.attempt("show", spoken, as: "officer").status == 0)
    }

    @Test("5: a stale edit, and a name that is taken")
    func conflict() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      let patch = #"{"case": {"vault_Summary": "Once."}}"#
      _ = try await vault.sh("edit", id, "--from", "-", "--if-version", "1", as: "officer", input: patch)
      try expect(
        try await vault.attempt("edit", id, "--from", "-", "--if-version", "1", as: "officer", input: patch), 5)
      try expect(
        try await vault.attempt("programme", "add", "navigators", "--title", "Again", as: "supervisor"), 5)
      try expect(
        try await vault.attempt("account", "add", "officer", "--role", "officer", "--uid", "any", as: "administrator"),
        5)
    }

    @Test("6: nobody answers at the socket, and no session is open")
    func unreachable() async throws {
      let vault = try await RunningVault.founded()
      try expect(try await vault.attempt("list", as: "officer"), 6)
      try await vault.stop()
      try expect(try await vault.attempt("status"), 6)
    }

    @Test("without --json a refusal is told in words, with a hint")
    func words() async throws {
      let vault = try RunningVault()
      let ran = try await vault.run(.vaultsh, ["status"])
      #expect(ran.status == 6)
      #expect(ran.output.isEmpty)
      #expect(ran.errorText.contains("hint:"))
    }
  }
}
