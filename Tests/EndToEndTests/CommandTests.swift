import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("Every command answers with one JSON document of the documented shape")
  struct Commands {
    @Test("status tells state, vault, version, log and storage, and needs no session")
    func status() async throws {
      let vault = try await RunningVault.founded()
      let status = try await vault.sh("status")
      #expect(status["state"]?.stringValue == "open")
      #expect(status["vault"]?.stringValue?.count == 64)
      #expect(status["version"]?.stringValue?.isEmpty == false)
      #expect((status["log"]?["size"]?.integerValue ?? 0) > 0)
      #expect(status["log"]?["root"]?.stringValue?.isEmpty == false)
      #expect(status["storage"]?.stringValue == "sqlite")
    }

    @Test("login keeps a session that later commands use, and logout ends it")
    func sessions() async throws {
      let vault = try await RunningVault.founded()
      let session = try await vault.sh(
        "--passphrase-file", vault.passphraseFile("supervisor"), "login", as: "supervisor")
      #expect(session["account"]?.stringValue == "supervisor")
      #expect(session["role"]?.stringValue == "supervisor")
      #expect(session["programmes"]?.arrayValue == [])
      #expect(session["expires"]?.stringValue?.hasSuffix("Z") == true)
      #expect(session["token"] == nil, "the token is for the session file alone")
      _ = try await vault.sh("programme", "list", as: "supervisor")
      let ended = try await vault.sh("logout", as: "supervisor")
      #expect(ended["account"]?.stringValue == "supervisor")
      #expect(try await vault.attempt("programme", "list", as: "supervisor").status == 6)
    }

    @Test("lock ends the session too")
    func lock() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      #expect(try await vault.sh("lock", as: "auditor")["account"]?.stringValue == "auditor")
      #expect(try await vault.attempt("log", as: "auditor").status == 6)
    }

    @Test("with --passphrase-file a single command logs in, works, and leaves no session")
    func oneCommand() async throws {
      let vault = try await RunningVault.founded()
      let file = vault.passphraseFile("supervisor")
      _ = try await vault.sh("--passphrase-file", file, "programme", "list", as: "supervisor")
      #expect(try await vault.attempt("programme", "list", as: "supervisor").status == 6)
    }

    @Test("account add, enrol, list and suspend")
    func accounts() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("administrator")
      let invited = try await vault.sh(
        "account", "add", "officer", "--role", "officer", "--uid", "any", as: "administrator")
      #expect(invited["account"]?.stringValue == "officer")
      let code = try #require(invited["code"]?.stringValue)

      let enrolled = try await vault.sh(
        "enrol", "officer", "--code", "-", "--passphrase-file", vault.passphraseFile("officer"), input: code + "\n")
      #expect(enrolled["account"]?.stringValue == "officer")
      #expect(enrolled["fingerprint"]?.stringValue?.split(separator: " ").count == 6)
      let again = try await vault.attempt(
        "enrol", "officer", "--code", "-", "--passphrase-file", vault.passphraseFile("officer"), input: code + "\n")
      #expect(again.status == 3, "a code is used once")

      let accounts = try #require(try await vault.sh("account", "list", as: "administrator")["accounts"]?.arrayValue)
      #expect(accounts.count == 4)
      let officer = try #require(accounts.first { $0["account"]?.stringValue == "officer" })
      #expect(officer["role"]?.stringValue == "officer")
      #expect(officer["state"]?.stringValue == "active")
      #expect(
        accounts.filter { $0["fingerprint"] != nil }.map { $0["account"]?.stringValue } == ["administrator"],
        "one's own only")

      try await vault.login("officer")
      let suspended = try await vault.sh("account", "suspend", "officer", as: "administrator")
      #expect(suspended["state"]?.stringValue == "suspended")
      #expect(try await vault.attempt("programme", "list", as: "officer").status == 6)
    }

    @Test("a service enrols with a key file that is written once, and works with it")
    func keyFile() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("administrator")
      let invited = try await vault.sh(
        "account", "add", "intake", "--role", "service", "--uid", "any", as: "administrator")
      let codeFile = vault.home.appendingPathComponent("code").path
      let keyFile = vault.home.appendingPathComponent("intake.key").path
      try #require(invited["code"]?.stringValue).write(toFile: codeFile, atomically: true, encoding: .utf8)
      _ = try await vault.sh("enrol", "intake", "--code-file", codeFile, "--new-key-file", keyFile)
      let mode = try FileManager.default.attributesOfItem(atPath: keyFile)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let session = try await vault.sh("--key-file", keyFile, "login", as: "intake")
      #expect(session["role"]?.stringValue == "service")
    }

    @Test("passphrase: the old one no longer opens, the new one does")
    func passphrase() async throws {
      let vault = try await RunningVault.founded()
      let (old, new) = (vault.passphraseFile("auditor"), vault.home.appendingPathComponent("new").path)
      try "lantern orbit meadow copper violin thunder\n".write(toFile: new, atomically: true, encoding: .utf8)
      _ = try await vault.sh("--passphrase-file", old, "passphrase", "--new-passphrase-file", new, as: "auditor")
      #expect(try await vault.attempt("--passphrase-file", old, "login", as: "auditor").status == 3)
      #expect(try await vault.attempt("--passphrase-file", new, "login", as: "auditor").status == 0)
      let compromised = try await vault.attempt(
        "--passphrase-file", new, "passphrase", "--compromised", "--new-passphrase-file", old, as: "auditor")
      #expect(compromised.status == 5)
      #expect(try compromised.problem["hint"]?.stringValue?.contains("vaultsh account replace") == true)
      #expect(try await vault.run(.vaultsh, ["passphrase", "--help"]).outputText.contains("refused"))
    }

    @Test("programme add and list, grant by fingerprint, revoke")
    func programmes() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("administrator")
      try await vault.login("supervisor")
      let words = try await vault.enlist("officer", role: "officer")
      let added = try await vault.sh(
        "programme", "add", "navigators", "--title", "Victim Navigators", as: "supervisor")
      #expect(added["programme"]?.stringValue == "navigators")
      let listed = try await vault.sh("programme", "list", as: "supervisor")
      #expect(listed["programmes"]?.arrayValue?.first?["programme"]?.stringValue == "navigators")

      let wrong = words.split(separator: " ").reversed().joined(separator: " ")
      let refused = try await vault.attempt(
        "grant", "officer", "--programme", "navigators", "--fingerprint", wrong, as: "supervisor")
      #expect(refused.status != 0, "a fingerprint that is not the account's lets nobody in")
      let granted = try await vault.sh(
        "grant", "officer", "--programme", "navigators", "--fingerprint", words, as: "supervisor")
      #expect(granted["grant"]?.stringValue?.isEmpty == false)

      try await vault.login("officer")
      let id = try await vault.newRecord(Samples.divya)
      _ = try await vault.sh("revoke", "officer", "--programme", "navigators", as: "supervisor")
      #expect([3, 6].contains(try await vault.attempt("show", id, as: "officer").status))
      try await vault.login("officer")
      #expect(try await vault.attempt("show", id, as: "officer").status == 3)
    }

    @Test("new, show, edit and list")
    func records() async throws {
      let vault = try await RunningVault.staffed()
      let saved = try await vault.sh(
        "new", "--programme", "navigators", "--from", "-", as: "officer", input: #"{"sections": \#(Samples.shirin)}"#)
      let id = try #require(saved["id"]?.stringValue)
      #expect(saved["version"]?.integerValue == 1)
      #expect(saved["incomplete"]?.arrayValue != nil)
      #expect(saved["possibleDuplicates"]?.arrayValue == [])

      let short = try await vault.sh("show", id, as: "officer")
      #expect(short["id"]?.stringValue == id)
      #expect(short["programme"]?.stringValue == "navigators")
      #expect(Set(short["sections"]?.objectValue?.keys ?? [:].keys) == ["contact", "case"])
      let method = short["sections"]?["contact"]?["vault_ContactMethods"]?.arrayValue?.first
      #expect(method?["safe"]?.stringValue == "yes")

      let one = try await vault.sh("show", id, "--section", "identity", as: "officer")
      #expect(Set(one["sections"]?.objectValue?.keys ?? [:].keys) == ["identity"])
      #expect(
        one["sections"]?["identity"]?["vault_Names"]?.arrayValue?.first?["text"]?.stringValue == "শিরিন মাহজাবিন")
      let all = try await vault.sh("show", id, "--all", as: "officer")
      #expect((all["sections"]?.objectValue?.count ?? 0) >= 6)

      let patch = #"{"sections": {"case": {"vault_Summary": "Moved."}, "health": {"vault_HealthNeeds": null}}}"#
      let edited = try await vault.sh("edit", id, "--from", "-", "--if-version", "1", as: "officer", input: patch)
      #expect(edited["version"]?.integerValue == 2)
      let stale = try await vault.attempt("edit", id, "--from", "-", "--if-version", "1", as: "officer", input: patch)
      #expect(stale.status == 5)
      let now = try await vault.sh("show", id, "--all", as: "officer")
      #expect(now["sections"]?["case"]?["vault_Summary"]?.stringValue == "Moved.")
      #expect(now["sections"]?["case"]?["cas_Status"]?.stringValue == "Active", "what the patch leaves out stays")
      #expect(now["sections"]?["health"]?["vault_HealthNeeds"] == nil)

      let listed = try #require(try await vault.sh("list", as: "officer")["records"]?.arrayValue)
      #expect(listed.map { $0["id"]?.stringValue } == [id])
      #expect(listed.first?["version"]?.integerValue == 2)
    }

    @Test(
      "find: half-remembered names across scripts, phone digits, years; the answer says why",
      arguments: [
        ("shirin", "শিরিন"), ("mahjabin", "মাহজাবিন"), ("divya", "दिव्या"), ("stefanescu", "Ștefănescu"),
        ("771204", "শিরিন"),
      ])
    func find(terms: String, name: String) async throws {
      let vault = try await RunningVault.withRecords()
      let matches = try #require(
        try await vault.sh("find", "-", as: "officer", input: terms + "\n")["matches"]?.arrayValue)
      let first = try #require(matches.first)
      #expect(first["name"]?.stringValue?.contains(name) == true)
      #expect(first["programme"]?.stringValue == "navigators")
      #expect(first["matchedOn"]?.arrayValue?.isEmpty == false)
      #expect(first.objectValue?.keys.contains("yearOfBirth") == true)
      #expect(first.objectValue?.keys.contains("contactWarning") == true)
    }

    @Test("find keeps to the years and the number that are asked for, and warns before an unsafe call")
    func findWithin() async throws {
      let vault = try await RunningVault.withRecords()
      let other = try await vault.sh("find", "-", "--born", "1950..1960", as: "officer", input: "shirin\n")
      #expect(other["matches"]?.arrayValue == [])
      let divya = try await vault.sh("find", "-", "--limit", "1", as: "officer", input: "divya\n")
      let match = try #require(divya["matches"]?.arrayValue?.first)
      #expect(match["yearOfBirth"]?.integerValue == 1999)
      #expect(match["contactWarning"]?.stringValue?.contains("do not call") == true)
    }

    @Test("import stores the sample caseload, and nothing twice; a dry run stores nothing")
    func importing() async throws {
      let vault = try await RunningVault.staffed()
      let file = Program.package.appendingPathComponent("docs/examples/sample-caseload.csv").path
      let dry = try await vault.sh("import", file, "--programme", "navigators", "--dry-run", as: "officer")
      #expect(dry["imported"]?.integerValue == 0)
      #expect(try await vault.sh("list", as: "officer")["records"]?.arrayValue == [])

      let first = try await vault.sh("import", file, "--programme", "navigators", as: "officer")
      #expect(first["imported"]?.integerValue == 200)
      #expect(first["rejected"]?.arrayValue == [])
      let second = try await vault.sh("import", file, "--programme", "navigators", as: "officer")
      #expect(second["imported"]?.integerValue == 0)
      #expect(try await vault.sh("list", as: "officer")["records"]?.arrayValue?.count == 200)
    }

    @Test("import names row and field of what it rejects, and stores the rest")
    func importFaults() async throws {
      let vault = try await RunningVault.staffed()
      let file = vault.terminal.appendingPathComponent("rows.csv").path
      try "prs_FirstName,prs_Birthdate\nAnca,1999-05\nMirela,tomorrow\n".write(
        toFile: file, atomically: true, encoding: .utf8)
      let answer = try await vault.sh("import", file, "--programme", "navigators", as: "officer")
      #expect(answer["imported"]?.integerValue == 1)
      let fault = try #require(answer["rejected"]?.arrayValue?.first)
      #expect(fault["row"]?.integerValue == 3)
      #expect(fault["field"]?.stringValue?.contains("prs_Birthdate") == true)
      #expect(fault["detail"]?.stringValue?.contains("tomorrow") == false, "cells are not repeated")
    }

    @Test("P3 log lists who did what, refusals and searches included; log verify recomputes the tree")
    func log() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      _ = try await vault.sh("--purpose", "court", "show", id, "--section", "legal", as: "officer")
      _ = try await vault.sh("find", "-", as: "officer", input: "shirin\n")
      #expect(try await vault.attempt("show", id, as: "colleague").status == 3)

      let log = try await vault.sh("log", "--record", id, as: "auditor")
      let entries = try #require(log["entries"]?.arrayValue)
      for entry in entries {
        for member in [
          "index", "time", "account", "uid", "action", "record", "sections", "purpose", "outcome", "results",
        ] {
          #expect(entry.objectValue?.keys.contains(member) == true, "\(member)")
        }
      }
      let told = entries.map {
        "\($0["account"]?.stringValue ?? "") \($0["action"]?.stringValue ?? "") \($0["outcome"]?.stringValue ?? "")"
      }
      #expect(
        told.prefix(4) == [
          "officer record.create allowed", "officer record.read allowed", "officer record.search allowed",
          "colleague record.read denied",
        ])
      #expect(entries[1]["purpose"]?.stringValue == "court")
      #expect(entries[1]["sections"]?.arrayValue == ["legal"])
      #expect(entries[2]["results"]?.arrayValue == [.string(id)])

      let denied = try await vault.sh("log", "--account", "colleague", "--action", "record.read", as: "auditor")
      #expect(denied["entries"]?.arrayValue?.count == 1)
      #expect(try await vault.sh("log", "--limit", "2", as: "auditor")["entries"]?.arrayValue?.count == 2)
      #expect(try await vault.sh("log", "--since", "2999-01-01", as: "auditor")["entries"]?.arrayValue == [])

      let verified = try await vault.sh("log", "verify", as: "auditor")
      #expect(verified["ok"]?.boolValue == true)
      #expect((verified["size"]?.integerValue ?? 0) > 10)
      #expect(verified["root"]?.stringValue?.isEmpty == false)
    }
  }
}

extension RunningVault {
  /// A staffed vault with three records in three scripts.
  static func withRecords() async throws -> RunningVault {
    let vault = try await staffed()
    for sections in [Samples.shirin, Samples.divya, Samples.stefanescu] { _ = try await vault.newRecord(sections) }
    return vault
  }
}
