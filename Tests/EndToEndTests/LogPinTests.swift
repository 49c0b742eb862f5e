import AccessLog
import Foundation
import Testing
import VaultAPI
import VaultCrypto
import VaultModel

extension EndToEnd {
  @Suite("P4 The shell remembers each vault's log and holds it to what it saw")
  struct LogPin {
    /// `known_vaults` of the account that the tests run as.
    private func pins(_ vault: RunningVault) -> URL { vault.home.appendingPathComponent("state/vaultsh/known_vaults") }

    /// Socket, vault, size, root, key and signed checkpoint of the only line.
    private func pin(_ vault: RunningVault) throws -> [String] {
      let lines = try String(contentsOf: pins(vault), encoding: .utf8).split(separator: "\n")
      try #require(lines.count == 1)
      return lines[0].split(separator: " ").map(String.init)
    }

    private func write(_ words: [String], as vault: RunningVault) throws {
      try Data((words.joined(separator: " ") + "\n").utf8).write(to: pins(vault))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pins(vault).path)
    }

    private func login(_ vault: RunningVault) async throws -> Ran {
      try await vault.attempt("--passphrase-file", vault.passphraseFile("auditor"), "login", as: "auditor")
    }

    /// The same person at another machine: another memory, another session.
    private func elsewhere(_ vault: RunningVault, _ words: String...) async throws -> Ran {
      var environment = vault.environment
      environment["XDG_STATE_HOME"] = vault.home.appendingPathComponent("elsewhere/state").path
      environment["VAULT_SESSION_DIR"] = vault.home.appendingPathComponent("elsewhere/session").path
      return try await ProgramRun.run(
        Program.vaultsh.url, ["--json", "--account", "auditor"] + words, environment: environment,
        folder: vault.terminal)
    }

    private func size(_ vault: RunningVault) async throws -> Int64 {
      try #require(try await vault.sh("status")["log"]?["size"]?.integerValue)
    }

    /// Data directory and anchor, both: what somebody with the host can put back.
    private func copy(_ vault: RunningVault, from: String, to: String) throws {
      for suffix in ["", ".anchor"] {
        let target = vault.home.appendingPathComponent(to + suffix)
        try? FileManager.default.removeItem(at: target)
        try FileManager.default.copyItem(at: vault.home.appendingPathComponent(from + suffix), to: target)
      }
    }

    private func refused(
      _ ran: Ran, _ title: String, saying words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      try LogExport.expectRefused(ran, saying: words, sourceLocation: sourceLocation)
      let problem = try ran.problem
      #expect(problem["title"]?.stringValue == title, sourceLocation: sourceLocation)
    }

    @Test("P4 a login keeps the vault's id, the log's key and the signed checkpoint, and the next one moves it on")
    func kept() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      let status = try await vault.sh("status")
      let first = try pin(vault)
      #expect(first.count == 6)
      #expect(first[1] == status["vault"]?.stringValue)
      #expect(first[4] == status["log"]?["key"]?.stringValue)
      let note = try #require(PercentEncoding.decode(first[5].utf8))
      let key = try NoteKey(vkey: first[4])
      let checkpoint = try UnverifiedCheckpoint(encoded: Array(note.utf8)).verified(by: key)
      #expect(String(checkpoint.size) == first[2] && checkpoint.root.description == first[3])
      _ = try await vault.sh("log", "--limit", "1", as: "auditor")
      try await vault.login("auditor")
      let second = try pin(vault)
      #expect(try #require(Int(second[2])) > Int(first[2]) ?? .max)
      let mode = try FileManager.default.attributesOfItem(atPath: pins(vault).path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }

    @Test("P4 an older copy of data and anchor is refused with 7 before the passphrase leaves the shell")
    func rolledBack() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      try await vault.stop()
      try copy(vault, from: "data", to: "older")
      try await vault.serve()
      try await vault.login("auditor")
      for _ in 0..<8 { _ = try await vault.sh("log", "--limit", "1", as: "auditor") }
      try await vault.login("auditor")
      try await vault.stop()
      try copy(vault, from: "older", to: "data")
      // The daemon itself cannot notice: its anchor is as old as its data.
      try await vault.serve()
      let before = try await size(vault)
      try refused(try await login(vault), "The access log was rolled back", saying: "shorter")
      #expect(try await size(vault) == before, "nothing was asked of it: a login would be an entry")
      // By the vault's id, so also where its socket lies elsewhere now.
      let moved = vault.home.appendingPathComponent("run/other.socket").path
      try await vault.stop()
      let daemon = try Daemon(
        arguments: [
          "serve", "--data", vault.data.path, "--socket", moved, "--root-key-file", vault.rootKey.path, "--demo",
        ], environment: vault.environment, log: vault.log)
      for _ in 0..<500 where !FileManager.default.fileExists(atPath: moved) {
        try await Task.sleep(for: .milliseconds(20))
      }
      try await Task.sleep(for: .milliseconds(200))
      let ran = try await vault.attempt(
        "--socket", moved, "--passphrase-file", vault.passphraseFile("auditor"), "login", as: "auditor")
      try refused(ran, "The access log was rolled back", saying: "shorter")
      #expect(await daemon.stop() == 0)
    }

    @Test("P4 a forked log is refused with 7: of equal size before the login, and longer by the proof that fails")
    func forked() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      try await vault.stop()
      try copy(vault, from: "data", to: "older")
      try await vault.serve()
      try await vault.login("auditor")
      let exported = vault.terminal.appendingPathComponent("log").path
      let exportedSize = try #require(
        try await vault.sh("log", "export", exported, as: "auditor")["size"]?.integerValue)
      for _ in 0..<12 { _ = try await vault.sh("log", "--limit", "1", as: "auditor") }
      try await vault.login("auditor")
      let pinnedSize = try #require(Int64(try pin(vault)[2]))
      try await vault.stop()
      // The other branch: the same vault from the same day, and somebody else works on.
      try copy(vault, from: "older", to: "data")
      try await vault.serve()
      let first = try await elsewhere(vault, "--passphrase-file", vault.passphraseFile("auditor"), "login")
      try #require(first.status == 0, "\(first.errorText)")
      func grow(to wanted: Int64) async throws {
        try #require(try await size(vault) <= wanted)
        while try await size(vault) < wanted {
          let ran = try await elsewhere(vault, "log", "--limit", "1", "--action", "clock.back")
          try #require(ran.status == 0, "\(ran.errorText)")
        }
      }
      // An export's own entry is the last one in it.
      try await grow(to: exportedSize - 1)
      let other = vault.terminal.appendingPathComponent("other").path
      let branch = try await elsewhere(vault, "log", "export", other)
      try #require(branch.status == 0, "\(branch.errorText)")
      #expect(try branch.json["size"]?.integerValue == exportedSize)
      try refused(
        try await LogExport.offline(vault, "log", "verify", other, "--since-checkpoint", exported + "/checkpoint"),
        "The access log was forked", saying: "two different access logs of \(exportedSize) entries")

      try await grow(to: pinnedSize)
      try refused(try await login(vault), "The access log was forked", saying: "two different access logs")
      try await grow(to: pinnedSize + 3)
      try refused(try await login(vault), "The access log was rewritten", saying: "does not begin with")
      #expect(try pin(vault)[2] == String(pinnedSize), "what was known stays")
      // What the vault has signed is kept beside it: two signed checkpoints that contradict each other.
      let names = try FileManager.default.contentsOfDirectory(atPath: pins(vault).deletingLastPathComponent().path)
      let evidence = try #require(names.first { $0.hasPrefix("refused-") })
      let bytes = try Data(contentsOf: pins(vault).deletingLastPathComponent().appendingPathComponent(evidence))
      let key = try NoteKey(vkey: try pin(vault)[4])
      let signed = try UnverifiedCheckpoint(encoded: [UInt8](bytes)).verified(by: key)
      #expect(signed.size >= UInt64(pinnedSize))
      // Nor is the branch added to an export of the log that was.
      try refused(
        try await elsewhere(vault, "log", "export", exported), "The access log was rewritten",
        saying: "does not begin with")
      #expect(try await LogExport.offline(vault, "log", "verify", exported).status == 0)
      let again = try await elsewhere(vault, "log", "export", other)
      #expect(again.status == 0, "its own branch goes on: \(again.errorText)")
      try refused(
        try await LogExport.offline(vault, "log", "verify", other, "--since-checkpoint", exported + "/checkpoint"),
        "The access log was rewritten", saying: "does not begin with")
    }

    @Test("P4 a login whose consistency proof was altered is refused with 7, and what was known stays")
    func alteredProof() async throws {
      let vault = try await RunningVault.founded()
      let liar = try await LyingSocket(before: vault, altering: "proof/consistency", fromEnd: 10)
      func login() async throws -> Ran {
        try await vault.attempt(
          "--socket", liar.path, "--passphrase-file", vault.passphraseFile("auditor"), "login", as: "auditor")
      }
      // The first login has nothing to be held against.
      try #require(try await login().status == 0)
      let known = try pin(vault)
      try refused(try await login(), "The access log was rewritten", saying: "does not begin with")
      #expect(try pin(vault) == known)
      let honest = try await vault.attempt(
        "--passphrase-file", vault.passphraseFile("auditor"), "login", as: "auditor")
      #expect(honest.status == 0, "\(honest.errorText)")
    }

    @Test("P4 a log that another key signs is refused with 7; the name of a restored log is told apart, and no more")
    func resigned() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      let before = try await size(vault)
      let pin = try pin(vault)
      let key = try NoteKey(vkey: pin[4])
      let foreign = SigningKey(seed: SymmetricKey(SecretBytes(count: 32) { _ in })).verifyingKey
      var words = pin
      words[4] = NoteKey(name: key.name, algorithm: .ed25519, key: foreign).vkey
      try write(words, as: vault)
      try refused(try await login(vault), "The access log is signed with another key", saying: "signed it again")
      // As a client that knew the log before its vault was restored: `…/0` comes before `…/1`.
      let base = key.name.text.dropLast(1)
      words[4] = NoteKey(name: try NoteName(base + "0"), algorithm: .ed25519, key: key.key).vkey
      try write(words, as: vault)
      try refused(
        try await login(vault), "The access log is signed with another key", saying: "restored from a backup")
      words[4] = NoteKey(name: try NoteName(base + "7"), algorithm: .ed25519, key: key.key).vkey
      try write(words, as: vault)
      try refused(try await login(vault), "The access log is signed with another key", saying: "signed it again")
      #expect(try await size(vault) == before, "nothing was asked of it")
      try write(pin, as: vault)
      #expect(try await login(vault).status == 0)
    }

    @Test(
      "P4 another vault at the same socket is refused with 7; a memory that was changed or opened to others is not passed over"
    )
    func foreign() async throws {
      let (vault, other) = (try await RunningVault.founded(), try RunningVault())
      try await vault.login("auditor")
      let line = try pin(vault)
      try write(Array(line.prefix(3)), as: vault)
      try refused(try await login(vault), "The memory of known vaults is damaged", saying: "known_vaults")
      try write(line, as: vault)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: pins(vault).path)
      let open = try await login(vault)
      #expect(open.status == 1 && open.errorText.contains("0600"), "\(open.errorText)")
      try write(line, as: vault)
      try await vault.stop()
      try #require(try await other.initialise().status == 0)
      let impostor = try Daemon(
        arguments: [
          "serve", "--data", other.data.path, "--socket", vault.socket, "--root-key-file", other.rootKey.path, "--demo",
        ], environment: vault.environment, log: vault.log)
      for _ in 0..<500 where !vault.isReady { try await Task.sleep(for: .milliseconds(20)) }
      try refused(try await login(vault), "Another vault answers here", saying: "Another vault")
      // Nor does a session that was kept go to it with a log command.
      let ran = try await vault.attempt("log", "verify", as: "auditor")
      try refused(ran, "Another vault answers here", saying: "Another vault")
      #expect(await impostor.stop() == 0)
    }
  }
}
