import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("A record that is kept from one, and one that is kept to some")
  struct Exceptions {
    @Test("bar: the same answer as for an id that nobody has, in no list, search or duplicate; the log has the denial")
    func bars() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      let other = try await vault.newRecord(#"{"identity": {"prs_FirstName": "Zainab"}}"#)
      _ = try await vault.sh("bar", "officer", "from", id, as: "supervisor")
      #expect(try await vault.attempt("bar", "officer", "--from", other, as: "officer").status == 3)

      let nobody = RecordID(bits: 42).description
      let barred = try await vault.attempt("show", id, as: "officer")
      let unknown = try await vault.attempt("show", nobody, as: "officer")
      #expect(barred.status == 4 && barred.output.isEmpty)
      #expect(try barred.problem == unknown.problem)
      let listed = try await vault.sh("list", as: "officer")["records"]?.arrayValue
      #expect(listed?.map { $0["id"]?.stringValue } == [other])
      #expect(try await vault.sh("find", "-", as: "officer", input: "divya\n")["matches"]?.arrayValue == [])
      let again = try await vault.sh(
        "new", "--programme", "navigators", "--from", "-", as: "officer", input: #"{"sections": \#(Samples.divya)}"#)
      #expect(again["possibleDuplicates"]?.arrayValue == [])
      #expect(try await vault.sh("show", id, as: "supervisor")["id"]?.stringValue == id)

      let bars = try await vault.sh("bars", as: "supervisor")["bars"]?.arrayValue
      #expect(bars?.map { $0["record"]?.stringValue } == [id])
      #expect(try await vault.attempt("bars", as: "officer").status == 3)
      let denied = try await vault.sh("log", "--record", id, "--outcome", "denied", as: "auditor")["entries"]?
        .arrayValue
      #expect(
        denied?.contains { $0["account"]?.stringValue == "officer" && $0["detail"]?.stringValue == "barred" } == true)
      _ = try await vault.sh("unbar", "officer", "--from", id, as: "supervisor")
      #expect(try await vault.sh("show", id, as: "officer")["id"]?.stringValue == id)
    }

    @Test("restrict: those named read, write and find it, all others do not; unrestrict gives it back")
    func restrictions() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      let restricted = try await vault.sh("restrict", id, "--to", "officer", as: "supervisor")
      #expect(restricted["accounts"]?.arrayValue == [.string("officer")])
      #expect(restricted["warnings"]?.arrayValue?.count == 1, "no supervisor is among them")
      #expect(try await vault.attempt("show", id, as: "supervisor").status == 3)
      #expect(try await vault.sh("find", "-", as: "supervisor", input: "divya\n")["matches"]?.arrayValue == [])
      let found = try await vault.sh("find", "-", as: "officer", input: "divya\n")["matches"]?.arrayValue
      #expect(found?.first?["flags"]?.arrayValue == [.string("restricted")])
      let patch = #"{"case": {"vault_Summary": "Told to few."}}"#
      _ = try await vault.sh("edit", id, "--from", "-", as: "officer", input: patch)
      let access = try await vault.sh("access", id, as: "officer")
      #expect(access["restrictedTo"]?.arrayValue == [.string("officer")] && access["barred"] == nil)
      #expect(try await vault.attempt("unrestrict", id, as: "supervisor").status == 3, "keys are needed for that")

      let second = try await vault.newRecord(#"{"identity": {"prs_FirstName": "Zainab"}}"#)
      _ = try await vault.sh("restrict", second, "--to", "supervisor", as: "supervisor")
      #expect(try await vault.attempt("show", second, as: "officer").status == 3)
      _ = try await vault.sh("unrestrict", second, as: "supervisor")
      #expect(try await vault.sh("show", second, as: "officer")["flags"]?.arrayValue == [])
      try await vault.stop()
      let verified = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(verified.status == 0, "\(verified.errorText)")
    }

    @Test("break-glass: asked with a reason, approved by a supervisor, flagged on every answer, and waits for a review")
    func breakGlass() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.divya)
      #expect(try await vault.attempt("break-glass", id, as: "colleague").status == 2, "a reason is needed")
      let asked = try await vault.sh(
        "--reason", "-", "break-glass", id, "--hours", "1", as: "colleague", input: "She rang and nobody answers.\n")
      let request = try #require(asked["request"]?.stringValue)
      #expect(asked["state"]?.stringValue == "pending" && asked["action"]?.stringValue == "break-glass")
      #expect(try await vault.attempt("show", id, as: "colleague").status == 3)
      #expect(try await vault.attempt("approve", request, "--yes", as: "colleague").status == 3)
      #expect(try await vault.sh("approve", request, "--yes", as: "supervisor")["state"]?.stringValue == "used")

      let flags: JSONValue = .array([.string("break-glass")])
      let shown = try await vault.sh("show", id, "--all", as: "colleague")
      #expect(shown["flags"] == flags && shown["until"]?.stringValue != nil)
      #expect(try await vault.sh("list", as: "officer")["records"]?.arrayValue?.first?["flags"] == flags)
      let found = try await vault.sh("find", "-", as: "colleague", input: "divya\n")["matches"]?.arrayValue
      #expect(found?.first?["flags"] == flags)
      let status = try await vault.sh("status")
      #expect(
        status["breakGlass"]?["active"]?.integerValue == 1 && status["breakGlass"]?["toReview"]?.integerValue == 1)
      let told = try await vault.run(.vaultsh, ["status"])
      #expect(told.outputText.contains("BREAK-GLASS"))
      let waiting = try await vault.sh("log", "break-glass", as: "auditor")["emergencies"]?.arrayValue
      #expect(waiting?.map { $0["request"]?.stringValue } == [request])
      let early = try await vault.attempt(
        "log", "review-break-glass", request, "--note", "-", as: "auditor", input: "Looked at it.\n")
      #expect(early.status == 5, "it goes on still")
      let entries = try #require(try await vault.sh("log", "--record", id, as: "auditor")["entries"]?.arrayValue)
      #expect(
        entries.contains { $0["action"]?.stringValue == "break-glass.open" && $0["approval"]?.stringValue == request })
      #expect(
        entries.contains { $0["detail"]?.stringValue == "break-glass" && $0["approval"]?.stringValue == request })
    }
  }
}
