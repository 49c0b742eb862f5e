import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("P7: what cannot be undone takes two people")
  struct TwoPeople {
    private func record(in vault: RunningVault) async throws -> String {
      try await vault.newRecord(
        #"{"identity": {"prs_FirstName": "শিরিন"}, "legal": {"vault_PoliceReference": "GD 114"}, "health": {"vault_Allergies": "penicillin"}}"#
      )
    }

    /// Asks; the request's id.
    private func pending(_ answer: JSONValue, _ action: String) throws -> String {
      #expect(answer["state"]?.stringValue == "pending")
      #expect(answer["action"]?.stringValue == action)
      #expect(answer["expires"]?.stringValue?.isEmpty == false)
      return try #require(answer["request"]?.stringValue)
    }

    @Test("a disclosure: asked for, approved by another, written once, opened by Debian's age")
    func disclosure() async throws {
      let vault = try await RunningVault.staffed()
      let age = try await AgeTool(beside: vault)
      let id = try await record(in: vault)
      let file = vault.place("disclosure.age")
      func disclose() async throws -> JSONValue {
        try await vault.sh(
          "disclose", id, "--sections", "legal,identity", "--recipient", age.recipient, "--to", file, as: "officer")
      }
      let request = try pending(try await disclose(), "disclose")
      #expect(!FileManager.default.fileExists(atPath: file))
      // Their own, and somebody's who is not in the programme.
      #expect(try await vault.attempt("approve", request, as: "officer").status == 3)
      #expect(try await vault.attempt("approve", request, as: "colleague").status != 0)
      // Whoever decides is told at login and in `status`, nobody else is.
      func told(_ account: String, _ words: String...) async throws -> String {
        try await vault.run(
          .vaultsh,
          ["--account", account] + (words == ["login"] ? ["--passphrase-file", vault.passphraseFile(account)] : [])
            + words
        ).outputText
      }
      let notice = "1 request waits for your decision: see `requests`"
      #expect(try await told("supervisor", "login").contains(notice))
      #expect(try await told("supervisor", "status").contains(notice))
      for account in ["officer", "colleague"] {
        #expect(try await !told(account, "login").contains("your decision"))
        #expect(try await !told(account, "status").contains("your decision"))
      }
      let waiting = try await vault.sh(
        "--passphrase-file", vault.passphraseFile("supervisor"), "login", as: "supervisor")
      #expect(waiting["requestsWaiting"]?.integerValue == 1)
      // Another action than the one that was looked at.
      let other = try await vault.attempt(
        "approve", request, "--digest", String(repeating: "0", count: 64), as: "supervisor")
      #expect(other.status == 5)
      #expect(try await vault.attempt("redeem", request, "--to", file, as: "officer").status == 5)

      let shown = try await vault.sh("requests", as: "supervisor")
      #expect(shown["requests"]?.arrayValue?.first?["request"]?.stringValue == request)
      _ = try await vault.sh("approve", request, as: "supervisor")
      // What was approved is of the version that was looked at.
      let edited = try await vault.attempt(
        "edit", id, "--from", "-", "--if-version", "1", as: "officer",
        input: #"{"sections": {"case": {"vault_Summary": "Later."}}}"#)
      #expect(edited.status == 0, "\(edited.errorText)")
      #expect(try await vault.attempt("redeem", request, "--to", file, as: "officer").status == 5)
      let anew = try pending(try await disclose(), "disclose")
      #expect(anew != request && !FileManager.default.fileExists(atPath: file))
      _ = try await vault.sh("approve", anew, as: "supervisor")
      let used = try await disclose()
      #expect(used["state"]?.stringValue == "used")
      let plain = vault.place("disclosure.jsonl")
      try await age.decrypt(file, to: plain)
      let line = try JSONValue.parse(Array(try Data(contentsOf: URL(fileURLWithPath: plain))).dropLast())
      #expect(line["sections"]?["identity"]?["prs_FirstName"]?.stringValue == "শিরিন")
      #expect(line["sections"]?["health"] == nil)
      #expect(try await vault.attempt("redeem", anew, "--to", vault.place("again.age"), as: "officer").status == 5)
      let log = try await vault.sh("log", "--action", "record.disclose", as: "auditor")
      #expect(log["entries"]?.arrayValue?.first?["record"]?.stringValue == id)
    }

    @Test("an erasure: nothing is left but that there was one, and the vault verifies")
    func erasure() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await record(in: vault)
      let request = try pending(try await vault.sh("erase", id, as: "officer"), "erase")
      let words = try await vault.sh("requests", as: "supervisor")["requests"]?.arrayValue?.first?["words"]?.arrayValue
      #expect(words?.first?.stringValue?.contains(id) == true)
      _ = try await vault.sh("approve", request, as: "supervisor")
      let gone = try await vault.attempt("show", id, as: "officer")
      #expect(gone.status == 4)
      #expect(try gone.problem["status"]?.integerValue == 410)
      #expect(try await vault.sh("list", as: "officer")["records"]?.arrayValue == [])
      #expect(try await vault.sh("log", "verify", as: "auditor")["ok"]?.boolValue == true)
      try await vault.stop()
      let verified = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(verified.status == 0, "\(verified.errorText)")
    }

    @Test("a reinstatement, a denial with its reason, and a policy that goes no lower than the floor")
    func others() async throws {
      let vault = try await RunningVault.staffed()
      _ = try await vault.sh("account", "suspend", "colleague", as: "administrator")
      let first = try pending(try await vault.sh("reinstate", "colleague", as: "administrator"), "reinstate")
      let denied = try await vault.sh(
        "deny", first, "--reason", "-", as: "supervisor", input: "Nu mai lucrează la noi\n")
      #expect(denied["state"]?.stringValue == "denied")
      let second = try pending(try await vault.sh("reinstate", "colleague", as: "administrator"), "reinstate")
      #expect(second != first)
      #expect(try await vault.sh("approve", second, as: "supervisor")["state"]?.stringValue == "used")
      try await vault.login("colleague")

      let low = #"{"rules": {"erase": {"twoPeople": false, "ask": ["officer"], "approve": ["supervisor"]}}}"#
      let refused = try await vault.attempt("policy", "set", "-", as: "supervisor", input: low)
      #expect(refused.status == 1)
      #expect(try refused.problem["field"]?.stringValue == "rules.erase.twoPeople")
      let strict = #"{"rules": {"erase": {"twoPeople": true, "ask": ["supervisor"], "approve": ["supervisor"]}}}"#
      let asked = try pending(try await vault.sh("policy", "set", "-", as: "supervisor", input: strict), "policy")
      // The only supervisor asked: the auditor stands in.
      _ = try await vault.sh("approve", asked, as: "auditor")
      let policy = try await vault.sh("policy", "show", as: "officer")
      #expect(policy["rules"]?["erase"]?["ask"]?.arrayValue == [.string("supervisor")])
      let id = try await record(in: vault)
      #expect(try await vault.attempt("erase", id, as: "officer").status == 3)
    }

    @Test("P7 a programme's pathway is asked for by one, seen whole by the other, and followed from then on")
    func pathway() async throws {
      let vault = try await RunningVault.staffed()
      let wanted = #"{"steps": [{"name": "Evaluarea siguranței", "withinDays": 2}, {"name": "নিরাপদ আশ্রয়"}]}"#
      #expect(try await vault.sh("pathway", "show", as: "officer")["steps"]?.arrayValue == [])
      let bad = try await vault.attempt(
        "pathway", "set", "-", as: "officer", input: #"{"steps": [{"name": "a"}, {"name": "a"}]}"#)
      #expect(bad.status == 1)
      #expect(try bad.problem["field"]?.stringValue == "pathway/steps/2")
      let asked = try pending(try await vault.sh("pathway", "set", "-", as: "officer", input: wanted), "pathway")
      #expect(try await vault.attempt("approve", asked, as: "officer").status == 3)
      let seen = try await vault.sh("requests", as: "supervisor")["requests"]?.arrayValue?.first
      #expect(seen?["words"]?.arrayValue?.contains(.string("1. within 2 days: “Evaluarea siguranței”")) == true)
      #expect(try await vault.sh("approve", asked, as: "supervisor")["state"]?.stringValue == "used")
      let shown = try await vault.run(.vaultsh, ["--account", "officer", "pathway", "show"])
      #expect(shown.outputText.contains("নিরাপদ আশ্রয়") && shown.outputText.contains("2 days"))
      #expect(try await vault.attempt("pathway", "show", "--programme", "navigators", as: "auditor").status == 3)
    }
  }
}
