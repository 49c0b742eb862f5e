import Foundation
import Glibc
import Testing
import VaultAPI
import VaultClient
import VaultCrypto
import VaultModel

extension EndToEnd {
  @Suite("Services hand in what they cannot read")
  struct Services {
    private static let report =
      #"{"identity": {"prs_FirstName": "Noor", "prs_SecondName": "Jahan"}, "exploitation": {"vault_Narrative": "Taken to the tannery at Hazaribagh."}}"#

    /// A vault with a service that has a key file and a grant; the path of the file.
    private func staffed(may: String? = nil) async throws -> (vault: RunningVault, key: String) {
      let vault = try await RunningVault.staffed()
      let invited = try await vault.sh(
        "account", "add", "intake", "--role", "service", "--uid", "any", as: "administrator")
      let key = vault.home.appendingPathComponent("intake.key").path
      let enrolled = try await vault.sh(
        "enrol", "intake", "--code", "-", "--new-key-file", key,
        input: try #require(invited["code"]?.stringValue) + "\n")
      let fingerprint = try #require(enrolled["fingerprint"]?.stringValue)
      let granted =
        if let may {
          try await vault.sh(
            "grant", "intake", "--programme", "navigators", "--fingerprint", fingerprint, "--may", may,
            as: "supervisor")
        } else {
          try await vault.sh(
            "grant", "intake", "--programme", "navigators", "--fingerprint", fingerprint, as: "supervisor")
        }
      #expect(
        granted["may"]?.arrayValue?.first?.stringValue == may?.split(separator: ",").first.map { String($0) }
          ?? "submit")
      return (vault, key)
    }

    private func submit(_ vault: RunningVault, _ key: String, _ sections: String = report) async throws -> String {
      let receipt = try await vault.sh(
        "--key-file", key, "submit", "--programme", "navigators", "--from", "-", as: "intake", input: sections)
      #expect(receipt["state"]?.stringValue == "waiting")
      return try #require(receipt["id"]?.stringValue)
    }

    @Test("P2 handed in, listed, shown, accepted, merged and rejected; the service sees none of it")
    func walk() async throws {
      let (vault, key) = try await staffed()
      let id = try await submit(vault, key)
      for words in [
        ["submissions"], ["submission", "show", id], ["show", id], ["accept", id], ["reject", id, "--reason", "x"],
        ["list"],
      ] {
        let ran = try await vault.run(
          .vaultsh, ["--json", "--account", "intake", "--key-file", key] + words)
        #expect(ran.status == 3 || (words[0] == "show" && ran.status == 4), "\(words): \(ran.errorText)")
      }
      let waiting = try await vault.sh("submissions", "--programme", "navigators", as: "officer")
      #expect(waiting["waiting"]?.integerValue == 1)
      let row = try #require(waiting["submissions"]?.arrayValue?.first)
      #expect(row["id"]?.stringValue == id && row["service"]?.stringValue == "intake")
      #expect(row["sections"]?.arrayValue?.compactMap(\.stringValue) == ["exploitation", "identity"])
      #expect(try await vault.sh("find", "-", as: "officer", input: "noor\n")["matches"]?.arrayValue?.isEmpty == true)
      #expect(try await vault.attempt("show", id, as: "officer").status == 4)
      #expect(try await vault.attempt("submission", "show", id, as: "colleague").status == 3)
      let shown = try await vault.sh("submission", "show", id, as: "officer")
      #expect(shown["sections"]?["exploitation"]?["vault_Narrative"]?.stringValue?.contains("tannery") == true)
      #expect(shown["faults"]?.arrayValue?.isEmpty == true)

      let accepted = try await vault.sh("accept", id, as: "officer")
      #expect(accepted["id"]?.stringValue == id && accepted["version"]?.integerValue == 1)
      let found = try await vault.sh("find", "-", as: "officer", input: "noor\n")["matches"]?.arrayValue
      #expect(found?.first?["id"]?.stringValue == id)
      #expect(try await vault.attempt("accept", id, as: "officer").status == 4)

      let more = try await submit(vault, key, #"{"health": {"vault_Allergies": "penicillin"}}"#)
      let merged = try await vault.sh("accept", more, "--into", id, as: "officer")
      #expect(merged["id"]?.stringValue == id && merged["version"]?.integerValue == 2)
      let record = try await vault.sh("show", id, "--all", as: "officer")
      #expect(record["sections"]?["health"]?["vault_Allergies"]?.stringValue == "penicillin")
      #expect(record["sections"]?["identity"]?["prs_FirstName"]?.stringValue == "Noor")

      let prank = try await submit(vault, key, #"{"case": {"vault_Summary": "A wrong number."}}"#)
      #expect(try await vault.attempt("reject", prank, as: "officer").status == 2, "it needs a reason")
      let rejected = try await vault.sh("reject", prank, "--reason", "-", as: "officer", input: "A wrong number\n")
      #expect(rejected["state"]?.stringValue == "rejected")
      #expect(try await vault.sh("submissions", as: "officer")["waiting"]?.integerValue == 0)

      // What the forms refuse does not even leave the service's side.
      let bad = try await vault.attempt(
        "--key-file", key, "submit", "--programme", "navigators", "--from", "-", as: "intake",
        input: #"{"identity": {"prs_Birthdate": "long ago"}}"#)
      #expect(bad.status == 1)
      #expect(try bad.problem["field"]?.stringValue == "identity.prs_Birthdate")

      let log = try await vault.sh("log", "--account", "intake", as: "auditor")["entries"]?.arrayValue ?? []
      let sent = log.filter {
        $0["action"]?.stringValue == "submission.send" && $0["outcome"]?.stringValue == "allowed"
      }
      #expect(Set(sent.compactMap { $0["record"]?.stringValue }) == [id, more, prank])
      try await vault.stop()
      let verified = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(verified.status == 0, "\(verified.errorText)")
    }

    @Test("--may lets a service read the sections it names and nothing else, and is refused for people")
    func may() async throws {
      let (vault, key) = try await staffed(may: "submit,read:case")
      let id = try await vault.newRecord(
        #"{"case": {"vault_Summary": "Waits."}, "health": {"vault_Allergies": "none"}}"#)
      let read = try await vault.sh("--key-file", key, "show", id, "--section", "case", as: "intake")
      #expect(read["sections"]?["case"]?["vault_Summary"]?.stringValue == "Waits.")
      for words in [["show", id, "--section", "health"], ["list"]] {
        let ran = try await vault.run(.vaultsh, ["--json", "--account", "intake", "--key-file", key] + words)
        #expect(ran.status == 3, "\(words)")
      }
      let refused = try await vault.attempt(
        "grant", "officer", "--programme", "navigators", "--fingerprint",
        vault.fingerprint(of: "officer"), "--may", "submit", as: "supervisor")
      #expect(refused.status == 1)
      #expect(try refused.problem["field"]?.stringValue == "may")
      let nonsense = try await vault.attempt(
        "grant", "intake", "--programme", "navigators", "--fingerprint", "x", "--may", "everything", as: "supervisor")
      #expect(try nonsense.problem["field"]?.stringValue == "--may")
    }

    // MARK: The secret stays

    private static let mayLook: Bool = {
      let child = Process()
      child.executableURL = URL(fileURLWithPath: "/bin/sleep")
      child.arguments = ["20"]
      guard (try? child.run()) != nil else { return false }
      defer { child.terminate() }
      return (try? ProcessMemory(of: child.processIdentifier)) != nil && getuid() == 0
    }()

    @Test(
      "P2 neither the service's secret nor its words cross the socket, nor are they in the daemon's memory",
      .enabled(if: mayLook, "reading another process's memory needs root and ptrace"))
    func secretStays() async throws {
      let (vault, keyFile) = try await staffed()
      // Another process than the one that drew the key.
      try await vault.stop()
      try await vault.serve()
      let recording = vault.home.appendingPathComponent("recorded").path
      let socket = try await LyingSocket(before: vault, altering: "nothing", fromEnd: 1, recording: recording)
      _ = try await vault.sh(
        "--socket", socket.path, "--key-file", keyFile, "submit", "--programme", "navigators", "--from", "-",
        as: "intake", input: Self.report)

      var line = try [UInt8](Data(contentsOf: URL(fileURLWithPath: keyFile)))
      let text = Array(line.dropFirst(KeyLine.account.rawValue.utf8.count).prefix(44))
      let key = try #require(KeyLine.account.decode(wiping: &line))
      let seed = KeyFilePairs.signingSeed(from: key).withBytes { unsafe [UInt8]($0) }
      let secrets: [String: [UInt8]] = [
        "key": key.withBytes { unsafe [UInt8]($0) }, "key's text": text, "seed": seed,
        "opening secret": KeyFilePairs.openingSecret(from: key).withBytes { unsafe [UInt8]($0) },
        "words": Array("tannery at Hazaribagh".utf8),
      ]
      let recorded = try Data(contentsOf: URL(fileURLWithPath: recording))
      #expect(recorded.range(of: Data(#""signature":"#.utf8)) != nil, "the login was recorded")
      #expect(recorded.range(of: Data(#""sealedKey":"#.utf8)) != nil, "and the submission")
      let memory = try look(into: vault)
      for (what, secret) in secrets {
        #expect(recorded.range(of: Data(secret)) == nil, "\(what) crossed the socket")
        #expect(!memory.contains { Data($0).range(of: Data(secret)) != nil }, "\(what) is in the daemon")
      }
      // The same search finds what is there: a session that was opened with the key itself.
      let client = VaultClient(socket: vault.socket)
      defer { client.close() }
      var file = try [UInt8](Data(contentsOf: URL(fileURLWithPath: keyFile)))
      try await client.login(account: "intake", .key(WipedBytes(taking: &file)))
      #expect(try look(into: vault).contains { Data($0).range(of: Data(seed)) != nil })
    }

    private func look(into vault: RunningVault) throws -> [[UInt8]] {
      let daemon = try #require(vault.served)
      kill(daemon.identifier, SIGSTOP)
      defer { kill(daemon.identifier, SIGCONT) }
      let memory = try ProcessMemory(of: daemon.identifier)
      #expect(memory.byteCount > 4 << 20, "a daemon has more memory than this")
      return memory.regions
    }

    // MARK: Another language

    private static let hasPeer: Bool = {
      let python = Process()
      python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      python.arguments = ["python3", "-c", "import nacl.bindings, cryptography.hazmat.primitives.hpke"]
      python.standardError = FileHandle.nullDevice
      guard (try? python.run()) != nil else { return false }
      python.waitUntilExit()
      return python.terminationStatus == 0
    }()

    @Test(
      "a client in another language, written from docs/services.md, hands in what an officer reads",
      .enabled(if: hasPeer, "python3 has no pynacl, or no cryptography ≥ 47"))
    func otherLanguage() async throws {
      let (vault, key) = try await staffed()
      let script = Program.package.appendingPathComponent("docs/examples/submit.py").path
      func python(_ key: String, _ sections: String) async throws -> Ran {
        try await ProgramRun.run(
          URL(fileURLWithPath: "/usr/bin/env"), ["python3", script, vault.socket, "intake", key, "navigators"],
          environment: vault.environment, input: sections, folder: vault.terminal)
      }
      let sections =
        #"{"identity": {"vault_Names": [{"text": "নূর জাহান", "script": "Beng", "latin": "Nur Jahan", "kind": "legal"}]}, "exploitation": {"vault_Narrative": "\#(String(repeating: "She was told to wait. ", count: 200))"}}"#
      let ran = try await python(key, sections)
      try #require(ran.status == 0, "\(ran.errorText)")
      let id = ran.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
      let shown = try await vault.sh("submission", "show", id, as: "officer")
      #expect(shown["service"]?.stringValue == "intake" && shown["faults"]?.arrayValue?.isEmpty == true)
      #expect(
        shown["sections"]?["identity"]?["vault_Names"]?.arrayValue?.first?["text"]?.stringValue == "নূর জাহান")
      _ = try await vault.sh("accept", id, as: "officer")
      let found = try await vault.sh("find", "-", as: "officer", input: "nur jahan\n")["matches"]?.arrayValue
      #expect(found?.first?["id"]?.stringValue == id)
      // With another key it is not let in.
      let other = vault.home.appendingPathComponent("other.key").path
      try ("survivor-vault-account-key-1 " + Data(repeating: 7, count: 32).base64EncodedString() + "\n")
        .write(toFile: other, atomically: true, encoding: .utf8)
      let refused = try await python(other, sections)
      #expect(refused.status == 1 && refused.errorText.contains("refused"))
      // Nor does anything but a record become one.
      let nonsense = try await python(key, #"{"identity": {"prs_Birthdate": "long ago"}, "contact": [1]}"#)
      let waiting = nonsense.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
      let faulty = try await vault.sh("submission", "show", waiting, as: "officer")
      let fields = faulty["faults"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
      #expect(fields.contains("contact") && fields.contains("identity.prs_Birthdate"))
      #expect(try await vault.attempt("accept", waiting, as: "officer").status == 1)
    }
  }
}
