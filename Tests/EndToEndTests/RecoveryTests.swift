import Foundation
import Glibc
import Testing
import VaultModel

extension EndToEnd {
  @Suite("Recovery from shares")
  struct Recovery {
    private func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func recover(_ vault: RunningVault, _ more: [String]) async throws -> Ran {
      try await vault.run(.vaultd, ["recover", "--data", vault.data.path] + more)
    }

    /// Enrols with the code that `vaultd` printed for this account, and logs in.
    private func enrol(_ account: String, from made: Ran, in vault: RunningVault) async throws {
      let line = try #require(made.outputText.split(separator: "\n").first { $0.hasPrefix("  \(account): ") })
      let code = line.split(separator: ": ", maxSplits: 1)[1]
      let passphrase = vault.passphraseFile("colleague")
      _ = try await vault.sh("enrol", account, "--code", "-", "--passphrase-file", passphrase, input: code + "\n")
      _ = try await vault.sh("--passphrase-file", passphrase, "login", as: account)
    }

    private func founded(_ shares: [String]) async throws -> RunningVault {
      let vault = try RunningVault()
      let made = try await vault.run(
        .vaultd,
        [
          "init", "--data", vault.data.path, "--root-key-file", vault.rootKey.path, "--administrator", "administrator",
          "--supervisor", "supervisor", "--auditor", "auditor", "--demo", "--insecure-founding", vault.founding.path,
        ] + shares)
      try #require(made.status == 0, "\(made.errorText)")
      return vault
    }

    @Test("P4 P9 people whom a recovery named accept a restore, and the shells of the vault follow them")
    func restoredByNewPeople() async throws {
      let empty = try RunningVault()
      let holders = try await [AgeTool(beside: empty), AgeTool(beside: empty)]
      let vault = try await founded(
        ["--threshold", "2", "--share-directory", empty.terminal.path]
          + holders.flatMap { ["--share-recipient", $0.recipient] })
      try await vault.serve()
      for account in ["administrator", "supervisor", "auditor"] { try await vault.login(account) }
      try await vault.stop()
      let made = try await recover(
        vault,
        [
          "--share-file", empty.place("recovery-share-1.age"), empty.place("recovery-share-2.age"), "--identity",
          holders[0].identityFile, holders[1].identityFile, "--supervisor", "lata", "--auditor", "ioana",
          "--administrator", "farid", "--root-key-file", vault.rootKey.path, "--share-directory", vault.terminal.path,
        ])
      try #require(made.status == 0, "\(made.errorText)")
      try await vault.serve()
      for account in ["lata", "ioana", "farid"] { try await enrol(account, from: made, in: vault) }
      let file = vault.place("a.age")
      #expect(try await vault.backup(to: file, for: holders[0]).status == 0)
      let passphrase = vault.passphraseFile("colleague")
      _ = try await vault.sh("--passphrase-file", passphrase, "login", as: "ioana")
      await vault.served?.crash()
      try FileManager.default.removeItem(at: vault.data)
      let restored = try await vault.restore(file, with: holders[0], ["--data", vault.data.path, "--over-newer"])
      try #require(restored.status == 0, "\(restored.errorText)")

      try await vault.serve()
      let first = try await vault.attempt("--passphrase-file", passphrase, "restore", "accept", as: "lata")
      try #require(first.status == 0, "\(first.errorText)")
      let request = try #require(try first.json["request"]?.stringValue)
      let second = try await vault.attempt("--passphrase-file", passphrase, "approve", request, as: "ioana")
      try #require(second.status == 0, "\(second.errorText)")
      #expect(try await vault.sh("status")["state"]?.stringValue == "open")
      let followed = try await vault.attempt("--passphrase-file", passphrase, "login", as: "ioana")
      #expect(followed.status == 0, "\(followed.errorText)")
      #expect(
        followed.errorText.contains("goes on as") && followed.errorText.contains("lata (supervisor)")
          && followed.errorText.contains("ioana (auditor)"), "\(followed.errorText)")
      #expect(try await vault.sh("log", "verify", as: "ioana")["ok"]?.boolValue == true)
    }

    @Test("P9 shares and codes that reach no paper change nothing")
    func lostOutput() async throws {
      let vault = try await founded(["--threshold", "2"])
      let shares = try FileManager.default.contentsOfDirectory(atPath: vault.founding.path)
        .filter { $0.hasPrefix("recovery-share-") }.sorted().map { vault.founding.path + "/" + $0 }
      try #require(shares.count >= 2)
      let arguments = [
        "recover", "--data", vault.data.path, "--share-file", shares[0], shares[1], "--root-key-file",
        vault.rootKey.path, "--supervisor", "lata", "--auditor", "ioana", "--administrator", "farid",
      ]
      for printing in [
        ["--print-bare-shares", "--threshold", "2"],
        ["--share-recipient", try await AgeTool(beside: vault).recipient, "--share-recipient"]
          + [try await AgeTool(beside: vault).recipient] + [
            "--threshold", "2", "--share-directory", vault.terminal.path,
          ],
      ] {
        let ran = try await ProgramRun.run(
          URL(fileURLWithPath: "/bin/sh"),
          ["-c", #"exec "$0" "$@" > /dev/full"#, Program.vaultd.url.path] + arguments + printing,
          environment: vault.environment, folder: vault.terminal)
        #expect(ran.status == 1 && ran.errorText.contains("Nothing was changed"), "\(ran.errorText)")
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: vault.terminal.path).allSatisfy {
            !$0.contains("-share-")
          })
      }
      // The old shares count, and the people of before work on.
      let drill = try await recover(vault, ["--drill", "--share-file", shares[0], shares[1]])
      #expect(drill.status == 0, "\(drill.errorText)")
      try await vault.serve()
      try await vault.login("supervisor")
    }

    @Test("new shares do not go into the data directory, nor where the command was started in it")
    func besideTheData() async throws {
      let vault = try await founded(["--threshold", "2"])
      let holder = try await AgeTool(beside: vault)
      let share = { (number: Int) in vault.founding.appendingPathComponent("recovery-share-\(number).txt").path }
      let before = try vault.files
      for more in [[], ["--share-directory", vault.data.path]] {
        let ran = try await vault.run(
          .vaultd,
          [
            "recover", "--data", ".", "--share-file", share(1), share(2), "--root-key-file", vault.rootKey.path,
            "--supervisor", "lata", "--auditor", "ioana", "--threshold", "2", "--share-recipient", holder.recipient,
            "--share-recipient", holder.recipient,
          ] + more, in: vault.data)
        #expect(ran.status == 2 && ran.errorText.contains("must not lie inside"), "\(ran.errorText)")
        #expect(try vault.files == before)
      }
    }

    @Test("P9 everything is lost, two of three holders come, and the work goes on with new people and new shares")
    func everythingLost() async throws {
      let empty = try RunningVault()
      let holders = try await [AgeTool(beside: empty), AgeTool(beside: empty), AgeTool(beside: empty)]
      let vault = try await founded(
        ["--threshold", "2", "--share-directory", empty.terminal.path]
          + holders.flatMap { ["--share-recipient", $0.recipient] })
      try await vault.serve()
      for account in ["administrator", "supervisor", "auditor"] { try await vault.login(account) }
      let words = try await vault.enlist("officer", role: "officer")
      _ = try await vault.sh("programme", "add", "navigators", "--title", "Victim Navigators", as: "supervisor")
      _ = try await vault.sh("grant", "officer", "--programme", "navigators", "--fingerprint", words, as: "supervisor")
      try await vault.login("officer")
      let record = try await vault.newRecord(
        #"{"identity": {"vault_Names": [{"text": "শিরিন আক্তার", "kind": "legal"}]}, "contact": {"vault_ContactInstructions": "Call after school hours only"}}"#
      )
      #expect(try await vault.sh("status")["recovery"]?["last"] == .null)
      let backup = vault.place("backup.age")
      #expect(try await vault.backup(to: backup, for: holders[0]).status == 0)

      let share = { (number: Int) in empty.place("recovery-share-\(number).age") }
      let gathered = [
        "--share-file", share(1), share(3), "--identity", holders[0].identityFile, holders[2].identityFile,
      ]
      let busy = try await recover(vault, gathered + ["--new-root-key-file", vault.place("never.key")])
      #expect(busy.status == 5 && busy.errorText.contains("hint:"), "not beside a daemon: \(busy.errorText)")
      try await vault.stop()
      let drilled = try await recover(vault, gathered + ["--drill"])
      #expect(drilled.status == 0 && drilled.outputText.contains("the shares open the vault"), "\(drilled.errorText)")

      // The fire: no root key, and nobody knows a passphrase.
      try FileManager.default.removeItem(at: vault.rootKey)
      let made = try await recover(
        vault,
        gathered + [
          "--supervisor", "lata", "--auditor", "ioana", "--administrator", "farid", "--new-root-key-file",
          vault.rootKey.path, "--share-directory", vault.terminal.path,
        ])
      try #require(made.status == 0, "\(made.errorText)")
      #expect(made.outputText.contains("suspended: administrator auditor officer supervisor"))
      // Said while the vault is as it was: afterwards somebody may no longer be there to see it.
      let printed = made.outputText
      let warning = try #require(printed.range(of: "Keep the old shares and root key too"))
      let committed = try #require(printed.range(of: "\nvault: "))
      #expect(warning.upperBound < committed.lowerBound && printed.contains("\nrecovered: "))
      #expect(
        try await vault.run(.vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
          .status == 0)
      let doctor = try await vault.run(.vaultd, ["doctor", "--data", vault.data.path])
      #expect(doctor.outputText.contains("recovery shares were used, and replaced"))

      try await vault.serve()
      #expect(try await vault.sh("status")["state"]?.stringValue == "founding")
      for account in ["lata", "ioana", "farid"] { try await enrol(account, from: made, in: vault) }
      let status = try await vault.sh("status")
      #expect(status["state"]?.stringValue == "open" && status["recovery"]?["last"]?.stringValue != nil)
      let shown = try await vault.run(
        .vaultsh, ["--json", "--account", "lata", "--purpose", "casework", "show", record, "--all"])
      #expect(shown.status == 0 && shown.outputText.contains("শিরিন আক্তার"), "\(shown.errorText)")
      for account in ["officer", "supervisor", "auditor", "administrator"] {
        let refused = try await vault.attempt(
          "--passphrase-file", vault.passphraseFile(account), "login", as: account)
        #expect(refused.status == 3, "\(account): \(refused.errorText)")
      }
      let again = try await vault.sh("account", "add", "mina", "--role", "officer", "--uid", "any", as: "farid")
      #expect(again["code"]?.stringValue != nil)
      #expect(try await vault.sh("log", "verify", as: "ioana")["ok"]?.boolValue == true)
      let entries = try #require(
        try await vault.sh("log", "--action", "vault.recover", as: "ioana")["entries"]?.arrayValue)
      #expect(entries.compactMap { $0["outcome"]?.stringValue } == ["allowed"])

      // Old shares are waste paper, and the new ones, sealed to the same three people, are not.
      try await vault.stop()
      let old = try await recover(vault, gathered + ["--drill"])
      #expect(old.status == 3 && old.errorText.contains("hint:"), "\(old.errorText)")
      let new = { (number: Int) in vault.place("recovery-1-share-\(number).age") }
      let fresh = try await recover(
        vault,
        ["--share-file", new(2), new(1), "--identity", holders[1].identityFile, holders[0].identityFile, "--drill"])
      #expect(fresh.status == 0, "\(fresh.errorText)")

      // The host as well: a backup from before, which opens with age alone, and the shares of its time.
      try FileManager.default.createDirectory(
        at: empty.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let database = empty.data.appendingPathComponent("vault.sqlite").path
      try await holders[0].decrypt(backup, to: database)
      _ = unsafe chmod(database, 0o600)
      let rebuilt = try await recover(
        empty, gathered + ["--new-root-key-file", empty.rootKey.path, "--share-directory", empty.home.path])
      try #require(rebuilt.status == 0, "\(rebuilt.errorText)")
      try await empty.serve()
      for account in ["supervisor-2", "auditor-2"] { try await enrol(account, from: rebuilt, in: empty) }
      let found = try await empty.run(
        .vaultsh, ["--json", "--account", "supervisor-2", "--purpose", "casework", "show", record, "--all"])
      #expect(found.status == 0 && found.outputText.contains("শিরিন আক্তার"), "\(found.errorText)")
    }

    @Test("P7 P9 a holder leaves: two people agree on the new holders, the old shares make the new ones and are void")
    func otherHolders() async throws {
      let empty = try RunningVault()
      let holders = try await [AgeTool(beside: empty), AgeTool(beside: empty), AgeTool(beside: empty)]
      let vault = try await founded(
        ["--threshold", "2", "--share-directory", empty.terminal.path]
          + holders.prefix(2).flatMap { ["--share-recipient", $0.recipient] })
      try await vault.serve()
      for account in ["supervisor", "auditor"] { try await vault.login(account) }
      let asked = try await vault.sh(
        "recovery", "recipients", "--threshold", "2", "--share-recipient", holders[1].recipient, holders[2].recipient,
        as: "supervisor")
      let request = try #require(asked["request"]?.stringValue)
      #expect(asked["state"]?.stringValue == "pending" && asked["action"]?.stringValue == "recovery-recipients")
      let words = try #require(
        try await vault.sh("requests", as: "auditor")["requests"]?.arrayValue?.first?["words"]?.arrayValue
      )
      .compactMap(\.stringValue).joined(separator: "\n")
      #expect(words.contains("Holds none from then on: \(holders[0].recipient)"), "\(words)")
      #expect(words.contains("Holds a share from then on: \(holders[2].recipient)"), "\(words)")

      let gathered = [
        "--share-file", empty.place("recovery-share-1.age"), empty.place("recovery-share-2.age"), "--identity",
        holders[0].identityFile, holders[1].identityFile,
      ]
      let reissuing =
        gathered + [
          "--reissue", request, "--root-key-file", vault.rootKey.path, "--share-directory", vault.terminal.path,
        ]
      try await vault.stop()
      let early = try await recover(vault, reissuing)
      #expect(early.status == 5 && early.errorText.contains("still waits for a second person"), "\(early.errorText)")
      let new = { (number: Int) in vault.place("recovery-1-share-\(number).age") }
      #expect(!FileManager.default.fileExists(atPath: new(1)))
      try await vault.serve()
      try await vault.login("auditor")
      #expect(try await vault.sh("approve", request, as: "auditor")["state"]?.stringValue == "approved")
      try await vault.stop()
      for more in [["--supervisor", "lata"], ["--threshold", "2"], ["--print-bare-shares"], ["--drill"]] {
        #expect(try await recover(vault, reissuing + more).status == 2, "\(more)")
      }
      let made = try await recover(vault, reissuing)
      try #require(made.status == 0, "\(made.errorText)")
      #expect(made.outputText.contains("\nreissued: log entry") && made.outputText.contains("says `reissued`"))
      let again = try await recover(vault, reissuing)
      #expect(again.status == 3, "the old shares are void: \(again.errorText)")
      #expect(try await recover(vault, gathered + ["--drill"]).status == 3)

      // Each new file opens for one of the two new holders and for nobody else.
      let identities = ["--identity", holders[1].identityFile, holders[2].identityFile]
      let proved = try await recover(vault, ["--share-file", new(1), new(2)] + identities + ["--drill"])
      #expect(proved.status == 0, "\(proved.errorText)")
      for number in [1, 2] {
        let stranger = try await recover(
          vault, ["--share-file", new(number), "--identity", holders[0].identityFile, "--drill"])
        #expect(stranger.status == 3 && stranger.errorText.contains("No identity"), "\(stranger.errorText)")
      }
      let used = try await recover(
        vault,
        ["--share-file", new(1), new(2)] + identities + [
          "--reissue", request, "--root-key-file", vault.rootKey.path, "--share-directory", vault.terminal.path,
        ])
      #expect(used.status == 5 && used.errorText.contains("used already"), "\(used.errorText)")

      // Everybody is where they were, and the log says it.
      try await vault.serve()
      for account in ["supervisor", "auditor"] { try await vault.login(account) }
      #expect(try await vault.sh("status")["state"]?.stringValue == "open")
      let entry = try #require(
        try await vault.sh("log", "--action", "vault.recover", as: "auditor")["entries"]?.arrayValue?.first {
          $0["outcome"]?.stringValue == "allowed"
        })
      #expect(entry["approval"]?.stringValue == request && entry["detail"]?.stringValue == "1 reissued")
    }

    @Test("P9 every wrong set of shares is refused in words that tell none of theirs, and changes nothing")
    func wrongSets() async throws {
      let vault = try await founded([])
      let other = try await founded([])
      let none = try RunningVault()
      #expect(try await none.initialise().status == 0)
      let share = { (vault: RunningVault, number: Int) in
        vault.founding.appendingPathComponent("recovery-share-\(number).txt").path
      }
      func altered(_ name: String, _ change: (inout [Substring]) -> Void) throws -> String {
        let text = try read(share(vault, 1))
        var words = text.split(separator: " ")
        change(&words)
        let path = vault.place(name)
        try Data(words.joined(separator: " ").utf8).write(to: URL(fileURLWithPath: path))
        _ = unsafe chmod(path, 0o600)
        return path
      }
      let wrongWord = try altered("word") { $0[9] = $0[9] == "academic" ? "acid" : "academic" }
      let typo = try altered("typo") { $0[20] = "qwertz" }
      let short = try altered("short") { $0.removeLast() }
      let empty = vault.place("empty")
      try Data().write(to: URL(fileURLWithPath: empty))
      let holder = try await AgeTool(beside: vault)
      let sealed = vault.place("sealed.age")
      try await holder.encrypt(share(vault, 2), to: sealed)
      let stranger = try await AgeTool(beside: vault)
      let before = try vault.files
      let cases: [(name: String, arguments: [String], status: Int32)] = [
        ("too few", [share(vault, 1)], 1), ("twice", [share(vault, 1), share(vault, 1)], 1),
        ("mixed", [share(vault, 1), share(other, 2)], 1),
        ("another vault's", [share(other, 1), share(other, 2)], 3),
        ("a wrong word", [wrongWord, share(vault, 2)], 1), ("a typing error", [typo, share(vault, 2)], 1),
        ("a word too few", [short, share(vault, 2)], 1), ("empty", [empty, share(vault, 2)], 1),
        ("missing", [vault.place("nowhere"), share(vault, 2)], 4),
        ("age without identity", [share(vault, 1), sealed], 2),
        ("age for somebody else", [share(vault, 1), sealed, "--identity", stranger.identityFile], 3),
      ]
      // One word could be in a sentence of ours by chance; two that follow each other come from a share.
      let pairs = try (1...3).flatMap { number in
        let words = try read(share(vault, number)).split(separator: " ").dropFirst(4)
        return zip(words, words.dropFirst()).map { "\($0) \($1)" }
      }
      for wrong in cases {
        let ran = try await recover(
          vault,
          [
            "--new-root-key-file", vault.place("never.key"), "--print-bare-shares", "--threshold", "2", "--share-file",
          ] + wrong.arguments)
        #expect(ran.status == wrong.status, "\(wrong.name): \(ran.errorText)")
        #expect(ran.errorText.contains("hint:") && ran.outputText.isEmpty, "\(wrong.name)")
        for told in pairs + ["qwertz", "academic"] { #expect(!ran.errorText.contains(told), "\(wrong.name)") }
        #expect(!FileManager.default.fileExists(atPath: vault.place("never.key")))
      }
      // Words where a file or a number belongs, in one argument or in many.
      let typed = try read(share(vault, 1)).trimmingCharacters(in: .newlines)
      let words = typed.split(separator: " ").map(String.init)
      var misplaced: [(arguments: [String], status: Int32)] = [
        (["--drill", "--share-file", typed], 4), (["--threshold", typed], 2), (["--threshold=\(typed)"], 2),
        (["--drill=\(typed)"], 2),
      ]
      for option in ["--share-file", "--threshold", "--root-key-file"] { misplaced.append(([option] + words, 2)) }
      for wrong in misplaced {
        let good = ["--share-file", share(vault, 1), share(vault, 2)]
        let ran = try await recover(vault, good + wrong.arguments)
        #expect(ran.status == wrong.status && ran.errorText.contains("hint:"), "\(ran.errorText)")
        for told in pairs + words.map({ "'\($0)'" }) { #expect(!ran.errorText.contains(told), "\(ran.errorText)") }
      }
      #expect(try vault.files == before)
      let noDoor = try await recover(
        none, ["--new-root-key-file", none.place("k"), "--share-file", share(vault, 1), share(vault, 2)])
      #expect(noDoor.status == 1 && noDoor.errorText.contains("made without recovery shares"), "\(noDoor.errorText)")
      let noKey = try await recover(vault, ["--print-bare-shares", "--share-file", share(vault, 1), share(vault, 2)])
      #expect(noKey.status == 6, "\(noKey.errorText)")
      let nobody = try await recover(
        vault, ["--root-key-file", vault.rootKey.path, "--share-file", share(vault, 1), share(vault, 2)])
      #expect(nobody.status == 1 && nobody.errorText.contains("Nobody is named"), "\(nobody.errorText)")
      let right = try await recover(
        vault,
        ["--root-key-file", vault.rootKey.path, "--print-bare-shares", "--identity", holder.identityFile]
          + ["--share-file", share(vault, 1), sealed])
      #expect(right.status == 0 && right.outputText.contains("recovered:"), "\(right.errorText)")
    }
  }
}
