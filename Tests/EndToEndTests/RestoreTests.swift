import AccessLog
import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("P6 P9 An older backup becomes the vault again, with two people's signatures")
  struct Restores {
    private func pins(_ vault: RunningVault) -> URL { vault.home.appendingPathComponent("state/vaultsh/known_vaults") }

    private func login(_ vault: RunningVault, _ account: String, _ more: String...) async throws -> Ran {
      try await vault.run(
        .vaultsh,
        ["--json", "--account", account] + more + ["--passphrase-file", vault.passphraseFile(account), "login"])
    }

    private func accept(_ vault: RunningVault, as account: String) async throws -> Ran {
      try await vault.attempt(
        "--passphrase-file", vault.passphraseFile(account), "restore", "accept", as: account)
    }

    @Test(
      "P9 back up, work on, lose the host, restore with the journal, accept by two: what was taken stays taken, clients follow",
      .timeLimit(.minutes(5)))
    func ceremony() async throws {
      let vault = try await RunningVault.staffed()
      let journal = vault.place("journal")
      try await vault.stop()
      try await vault.serve(adding: ["--journal", journal])
      for account in ["supervisor", "auditor", "administrator", "officer"] { try await vault.login(account) }
      let kept = try await vault.newRecord(Samples.shirin)
      let narrowed = try await vault.newRecord(Samples.stefanescu)
      let export = vault.place("log-1")
      _ = try await vault.sh("log", "export", export, as: "auditor")
      let age = try await AgeTool(beside: vault)
      let made = try await vault.backup(to: vault.place("a.age"), for: age)
      try #require(made.status == 0, "\(made.errorText)")

      // The day goes on.
      let lost = try await vault.newRecord(Samples.stefanescu)
      _ = try await vault.sh("revoke", "officer", "--programme", "navigators", as: "supervisor")
      _ = try await vault.sh("account", "suspend", "colleague", as: "administrator")
      _ = try await vault.sh("restrict", narrowed, "--to", "supervisor", as: "supervisor")
      try await vault.login("auditor")
      #expect(try await vault.sh("status")["journal"]?.stringValue == "ok")
      let pinned = try String(contentsOf: pins(vault), encoding: .utf8)
      await vault.served?.crash()
      try FileManager.default.removeItem(at: vault.data)

      // The anchor survived, and says that there was more.
      let file = vault.place("a.age")
      let plain = try await vault.restore(file, with: age, ["--data", vault.data.path])
      #expect(plain.status == 7 && plain.errorText.contains("--over-newer"), "\(plain.errorText)")
      let altered = vault.place("altered")
      var bytes = try Data(contentsOf: URL(fileURLWithPath: journal))
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: URL(fileURLWithPath: altered))
      let forged = try await vault.restore(
        file, with: age, ["--data", vault.data.path, "--over-newer", "--replay", altered])
      #expect(forged.status == 7, "\(forged.errorText)")
      #expect(!FileManager.default.fileExists(atPath: vault.data.path))
      let restored = try await vault.restore(
        file, with: age, ["--data", vault.data.path, "--over-newer", "--replay", journal])
      try #require(restored.status == 0, "\(restored.errorText)")
      #expect(restored.outputText.contains("suspended again: colleague"))
      #expect(restored.outputText.contains("kept out until new keys: officer of navigators"))
      #expect(restored.outputText.contains("closed again to those who had lost access: \(narrowed)"))

      // Nobody gets in with what they remember, and nobody's record is served.
      try await vault.serve(adding: ["--journal", journal])
      #expect(try await vault.sh("status")["state"]?.stringValue == "restored")
      let early = try await login(vault, "auditor")
      #expect(early.status == 7 && early.errorText.contains("restore accept"), "\(early.errorText)")
      #expect(try String(contentsOf: pins(vault), encoding: .utf8) == pinned)
      let shown = try await vault.attempt(
        "--passphrase-file", vault.passphraseFile("supervisor"), "show", kept, "--purpose", "casework", as: "supervisor"
      )
      #expect(shown.status == 7, "\(shown.errorText)")
      let officer = try await accept(vault, as: "officer")
      #expect(officer.status == 3, "\(officer.errorText)")
      let first = try await accept(vault, as: "supervisor")
      try #require(first.status == 0, "\(first.errorText)")
      let request = try #require(try first.json["request"]?.stringValue)
      #expect(try first.json["state"]?.stringValue == "pending")
      #expect(try first.json["action"]?.stringValue == "restore-accept")
      #expect(try first.json["expires"]?.stringValue?.isEmpty == false)
      #expect(try await accept(vault, as: "supervisor").status == 5)
      #expect(try await login(vault, "auditor").status == 7)
      // The second person denies, the first signs anew, and then it is approved.
      func decide(_ words: [String], input: String = "") async throws -> Ran {
        try await vault.run(
          .vaultsh,
          ["--json", "--account", "auditor", "--passphrase-file", vault.passphraseFile("auditor")] + words, input: input
        )
      }
      let waiting = try await decide(["requests"]).json["requests"]?.arrayValue
      #expect(waiting?.map { $0["request"]?.stringValue } == [request])
      #expect(waiting?.first?["words"]?.arrayValue?.contains { $0.stringValue?.contains("are gone") == true } == true)
      let denied = try await decide(["deny", request, "--reason", "-"], input: "Existe un respaldo más nuevo\n")
      #expect(try denied.json["state"]?.stringValue == "denied", "\(denied.errorText)")
      #expect(try await decide(["approve", request]).status == 5)
      let anew = try #require(try await accept(vault, as: "supervisor").json["request"]?.stringValue)
      #expect(anew != request)
      let second = try await decide(["approve", anew])
      try #require(second.status == 0, "\(second.errorText)")
      #expect(try second.json["state"]?.stringValue == "used")
      #expect(try await vault.sh("status")["state"]?.stringValue == "open")

      // Clients follow the signatures, not whoever stands in between.
      let liar = try await LyingSocket(before: vault, altering: "audit/acceptances", fromEnd: 40)
      let lied = try await login(vault, "auditor", "--socket", liar.path)
      #expect(lied.status == 7, "\(lied.errorText)")
      #expect(try String(contentsOf: pins(vault), encoding: .utf8) == pinned)
      let followed = try await login(vault, "auditor")
      #expect(followed.status == 0, "\(followed.errorText)")
      #expect(
        followed.errorText.contains("goes on as") && followed.errorText.contains("are gone"), "\(followed.errorText)")
      #expect(
        followed.errorText.contains("supervisor (supervisor)") && followed.errorText.contains("auditor (auditor)"))
      let now = try String(contentsOf: pins(vault), encoding: .utf8)
      #expect(now.contains("/2+") && !now.contains("/1+"))
      let again = try await login(vault, "auditor")
      #expect(again.status == 0 && again.errorText.isEmpty, "\(again.errorText)")

      // What was taken stays taken.
      try await vault.login("supervisor")
      _ = try await vault.sh("show", kept, "--purpose", "casework", as: "supervisor")
      let named = try await vault.sh("access", narrowed, as: "supervisor")["restrictedTo"]?.arrayValue
      #expect(named?.map(\.stringValue) == ["supervisor"])
      _ = try await vault.sh("show", narrowed, "--purpose", "casework", as: "supervisor")
      #expect(try await vault.attempt("show", lost, "--purpose", "casework", as: "supervisor").status == 4)
      #expect(try await login(vault, "colleague").status == 3)
      try await vault.login("officer")
      #expect(try await vault.attempt("show", kept, "--purpose", "casework", as: "officer").status == 3)
      _ = try await vault.sh("revoke", "officer", "--programme", "navigators", as: "supervisor")

      // Both logs are what they were signed to be.
      let entries = try await vault.sh("log", "--limit", "1", as: "auditor")["entries"]?.arrayValue
      #expect(entries?.first?["action"]?.stringValue == "vault.restore")
      #expect(entries?.first?["index"]?.integerValue == 0)
      #expect(try await LogExport.offline(vault, "log", "verify", export).status == 0)
      let newer = vault.place("log-2")
      _ = try await vault.sh("log", "export", newer, as: "auditor")
      #expect(try await LogExport.offline(vault, "log", "verify", newer).status == 0)
      try await earlierLog(of: vault, before: export, after: newer)
      try await vault.stop()
      let whole = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(whole.status == 0, "\(whole.errorText)")
      // And the journal goes on in the same file.
      try await vault.serve(adding: ["--journal", journal])
      #expect(try await vault.sh("status")["journal"]?.stringValue == "ok")
    }

    @Test("P6 P9 a restore that cannot put the vault in its place moves nothing, and a set-aside anchor counts")
    func failedPlacing() async throws {
      let vault = try await RunningVault.staffed()
      let age = try await AgeTool(beside: vault)
      let file = vault.place("a.age")
      let made = try await vault.backup(to: file, for: age)
      try #require(made.status == 0, "\(made.errorText)")
      _ = try await vault.sh("account", "suspend", "colleague", as: "administrator")
      try await vault.stop()
      let files = FileManager.default
      try files.removeItem(at: vault.data)
      let anchor = vault.data.path + ".anchor"
      let aside = anchor + ".before-restore"
      let held = try Data(contentsOf: URL(fileURLWithPath: anchor))

      // A volume of its own, and a mount point that lies on the same file system as what is around it.
      for mount in [#"mount -t tmpfs -o mode=700 tmpfs "$0""#, #"mount --bind "$0" "$0""#] {
        try files.createDirectory(
          at: vault.data, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let ran = try await ProgramRun.run(
          URL(fileURLWithPath: "/usr/bin/env"),
          [
            "unshare", "-r", "-m", "sh", "-c", mount + #" || exit 77; exec "$@""#, vault.data.path,
            Program.vaultd.url.path, "restore", "--from", file, "--identity", age.identityFile, "--root-key-file",
            vault.rootKey.path, "--data", vault.data.path, "--over-newer",
          ], environment: vault.environment, folder: vault.terminal)
        try files.removeItem(at: vault.data)
        guard ran.status != 77, !ran.errorText.hasPrefix("unshare") else {
          print("SKIPPED: a mount point needs `unshare -r -m`, which this host does not permit")
          continue
        }
        #expect(ran.status == 5 && ran.errorText.contains("mount point"), "\(mount): \(ran.errorText)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: anchor)) == held)
        #expect(!files.fileExists(atPath: aside) && !files.fileExists(atPath: anchor + ".new"))
      }

      // A journal alone begins no new log, and only a newer anchor of this vault is called newer.
      let journal = try await vault.restore(file, with: age, ["--data", vault.data.path, "--replay", file])
      #expect(journal.status == 2 && journal.errorText.contains("--over-newer"), "\(journal.errorText)")
      let foreign = try await RunningVault.founded()
      try await foreign.stop()
      let others = try Data(contentsOf: URL(fileURLWithPath: foreign.data.path + ".anchor"))
      for other in [Data("no checkpoint\n".utf8), others] {
        try other.write(to: URL(fileURLWithPath: anchor))
        let refused = try await vault.restore(file, with: age, ["--data", vault.data.path])
        #expect(refused.status == 7 && refused.errorText.contains("anchor is"), "\(refused.errorText)")
        #expect(!refused.errorText.contains("--over-newer") && !refused.errorText.contains("older"))
      }
      try held.write(to: URL(fileURLWithPath: anchor))

      // As a restore of before left it that was killed between two of its steps.
      try files.moveItem(atPath: anchor, toPath: aside)
      let plain = try await vault.restore(file, with: age, ["--data", vault.data.path])
      #expect(plain.status == 7 && plain.errorText.contains("--over-newer"), "\(plain.errorText)")
      #expect(!files.fileExists(atPath: vault.data.path))
      let restored = try await vault.restore(file, with: age, ["--data", vault.data.path, "--over-newer"])
      #expect(restored.status == 0 && restored.outputText.contains("lost: "), "\(restored.errorText)")
      // Log 2 has an anchor now, and what log 1 had is beside it.
      #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == held)
      #expect(files.fileExists(atPath: anchor))
      // The next restore keeps the anchor of log 2 there, and the new one is at no moment away from its place.
      try files.removeItem(at: vault.data)
      let second = try Data(contentsOf: URL(fileURLWithPath: anchor))
      let again = try await vault.restore(file, with: age, ["--data", vault.data.path, "--over-newer"])
      #expect(again.status == 0, "\(again.errorText)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == second)
    }

    /// The log of before, carried away afterwards: the older copy grows, a new one is whole, and software that is not ours
    /// accepts both logs.
    private func earlierLog(of vault: RunningVault, before export: String, after newer: String) async throws {
      let fresh = vault.place("log-1-again")
      let whole = try await vault.sh("log", "export", fresh, "--log", "1", as: "auditor")
      #expect(whole["origin"]?.stringValue?.hasSuffix("/1") == true)
      let grown = try await vault.sh("log", "export", export, "--log", "1", as: "auditor")
      #expect(grown["size"] == whole["size"] && grown["root"] == whole["root"])
      let (size, new) = (try #require(whole["size"]?.integerValue), try #require(grown["new"]?.integerValue))
      #expect(0 < new && new < size)
      for directory in [fresh, export] {
        let verified = try await LogExport.offline(vault, "log", "verify", directory)
        #expect(verified.status == 0, "\(verified.errorText)")
        #expect(try verified.json["size"] == whole["size"])
      }
      // By its number the present one is what it is without.
      #expect(
        try await vault.sh("log", "export", newer, "--log", "2", as: "auditor")["origin"]?.stringValue?.hasSuffix("/2")
          == true)
      for number in ["0", "3"] {
        #expect(
          try await vault.attempt("log", "export", vault.place("none"), "--log", number, as: "auditor").status == 4)
      }
      // Into a copy of the other log: nothing is mixed.
      #expect(try await vault.attempt("log", "export", newer, "--log", "1", as: "auditor").status == 7)
      #expect(try await vault.attempt("log", "export", fresh, as: "auditor").status == 7)
      // Nobody's word but that of the two who accepted where it ends.
      let liar = try await LyingSocket(before: vault, altering: "audit/acceptances", fromEnd: 40)
      let lied = try await vault.attempt(
        "--socket", liar.path, "--passphrase-file", vault.passphraseFile("auditor"), "log", "export",
        vault.place("lied"), "--log", "1", as: "auditor")
      #expect(lied.status == 7, "\(lied.errorText)")
      guard let python = LogExport.python else { return }
      let script = Program.package.appendingPathComponent("Tests/ForeignVerifier/verify_exports.py").path
      for directory in [fresh, newer] {
        let ran = try await ProgramRun.run(
          URL(fileURLWithPath: python), [script, directory], environment: vault.environment, folder: vault.terminal)
        #expect(ran.status == 0 && ran.outputText.contains("entries: verified"), "\(ran.outputText)\(ran.errorText)")
      }
    }
  }
}
