import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("P4 The log is exported and verified without the vault")
  struct LogExport {
    /// A vault with some history, and its log exported to `terminal/log`.
    static func exported() async throws -> (vault: RunningVault, directory: URL) {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      _ = try await vault.sh("show", id, as: "officer")
      let directory = vault.terminal.appendingPathComponent("log")
      _ = try await vault.sh("log", "export", directory.path, as: "auditor")
      return (vault, directory)
    }

    /// On another machine: no socket, no state, no session.
    static func offline(_ vault: RunningVault, _ words: String...) async throws -> Ran {
      let elsewhere = vault.terminal.appendingPathComponent("elsewhere").path
      return try await ProgramRun.run(
        Program.vaultsh.url, ["--json"] + words,
        environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": elsewhere], folder: vault.terminal)
    }

    /// Every problem says what happened and what to do, and ends with 7.
    static func expectRefused(
      _ ran: Ran, saying words: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      #expect(ran.status == 7, "\(ran.errorText)", sourceLocation: sourceLocation)
      #expect(ran.output.isEmpty, sourceLocation: sourceLocation)
      let problem = try ran.problem
      let said = "\(problem["title"]?.stringValue ?? "") \(problem["detail"]?.stringValue ?? "")"
      #expect(words.map { said.contains($0) } ?? true, "\(said)", sourceLocation: sourceLocation)
      #expect((problem["hint"]?.stringValue?.count ?? 0) > 20, sourceLocation: sourceLocation)
    }

    /// Ordinary files below a directory, by their paths in it.
    static func files(in directory: URL) throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: directory.path).filter {
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.appendingPathComponent($0).path)
        return attributes[.type] as? FileAttributeType == .typeRegular
      }.sorted()
    }

    @Test("an export is a log of the C2SP format, with its key outside, and verifies on a machine without the vault")
    func exportAndVerify() async throws {
      let (vault, directory) = try await Self.exported()
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      #expect(Set(names) == ["checkpoint", "tile"])
      let key = try String(contentsOfFile: directory.path + ".vkey", encoding: .utf8)
      #expect(key.hasPrefix("survivor-vault/"))
      try await vault.stop()
      let verified = try await Self.offline(vault, "log", "verify", directory.path)
      try #require(verified.status == 0, "\(verified.errorText)")
      #expect(try verified.json["ok"]?.boolValue == true)
      #expect((try verified.json["size"]?.integerValue ?? 0) > 10)
      let named = try await Self.offline(
        vault, "log", "verify", directory.path, "--log-key", key.trimmingCharacters(in: .whitespacesAndNewlines))
      #expect(named.status == 0)
    }

    @Test("a second export adds what is new, and the log continues the checkpoint that was kept of the first")
    func update() async throws {
      let (vault, directory) = try await Self.exported()
      let kept = vault.terminal.appendingPathComponent("kept")
      try FileManager.default.copyItem(at: directory.appendingPathComponent("checkpoint"), to: kept)
      let first = try await Self.offline(vault, "log", "verify", directory.path).json["size"]?.integerValue ?? 0
      for _ in 0..<3 { _ = try await vault.sh("log", "--limit", "1", as: "auditor") }
      let again = try await vault.sh("log", "export", directory.path, as: "auditor")
      let size = again["size"]?.integerValue ?? 0
      #expect(size >= first + 3)
      #expect((again["new"]?.integerValue ?? 0) > 0)
      let verified = try await Self.offline(vault, "log", "verify", directory.path, "--since-checkpoint", kept.path)
      #expect(verified.status == 0, "\(verified.errorText)")
      #expect(try verified.json["since"]?.integerValue == first)
      #expect(try verified.json["size"]?.integerValue == size)
    }

    @Test("one changed byte in any file: exit 7, and the file is named")
    func tampered() async throws {
      let (vault, directory) = try await Self.exported()
      let files = try Self.files(in: directory)
      #expect(files.count >= 3)
      for file in files {
        let place = directory.appendingPathComponent(file)
        let original = [UInt8](try Data(contentsOf: place))
        for position in [0, original.count / 2, original.count - 1] {
          var bytes = original
          bytes[position] ^= 1
          try Data(bytes).write(to: place)
          try Self.expectRefused(try await Self.offline(vault, "log", "verify", directory.path), saying: file)
        }
        try Data(original.dropLast()).write(to: place)
        #expect(try await Self.offline(vault, "log", "verify", directory.path).status == 7, "\(file) cut short")
        try FileManager.default.removeItem(at: place)
        if file != "checkpoint" {
          try Self.expectRefused(try await Self.offline(vault, "log", "verify", directory.path), saying: "missing")
        }
        try Data(original).write(to: place)
      }
      #expect(try await Self.offline(vault, "log", "verify", directory.path).status == 0)
      // A further export neither goes on from what was altered nor mends it in silence.
      for file in files.filter({ $0.contains("/000.p/") && !$0.hasPrefix("tile/1") }) {
        let place = directory.appendingPathComponent(file)
        let original = try Data(contentsOf: place)
        var bytes = [UInt8](original)
        bytes[100] ^= 1
        try Data(bytes).write(to: place)
        try Self.expectRefused(
          try await vault.attempt("log", "export", directory.path, as: "auditor"), saying: file)
        #expect(try await Self.offline(vault, "log", "verify", directory.path).status == 7)
        try original.write(to: place)
      }
      #expect(try await vault.attempt("log", "export", directory.path, as: "auditor").status == 0)
      #expect(try await Self.offline(vault, "log", "verify", directory.path).status == 0)
    }

    @Test("an export that stopped half-way goes on where it stopped, and full bundles are never fetched again")
    func resumed() async throws {
      let (vault, directory) = try await Self.exported()
      for _ in 0..<2 {
        let file = Program.package.appendingPathComponent("docs/examples/sample-caseload.csv").path
        _ = try await vault.sh("import", file, "--programme", "navigators", as: "officer")
      }
      let size = try await vault.sh("log", "export", directory.path, as: "auditor")["size"]?.integerValue ?? 0
      try #require(size > 300)
      // As a power cut leaves it: later files are missing, and of one only the unfinished copy is there.
      let full = directory.appendingPathComponent("tile/entries/000")
      let before = try inode(full)
      let partial = try #require(try Self.files(in: directory).first { $0.hasPrefix("tile/entries/001.p/") })
      try FileManager.default.moveItem(
        at: directory.appendingPathComponent(partial), to: directory.appendingPathComponent(partial + ".new"))
      try FileManager.default.removeItem(at: directory.appendingPathComponent("tile/1"))
      #expect(try await Self.offline(vault, "log", "verify", directory.path).status == 7)
      let again = try await vault.sh("log", "export", directory.path, as: "auditor")
      let grown = try #require(again["size"]?.integerValue)
      #expect(again["new"]?.integerValue == grown - 256, "all of the second bundle, nothing of the first")
      #expect(try inode(full) == before)
      #expect(try await Self.offline(vault, "log", "verify", directory.path).status == 0)
      let last = try await vault.sh("log", "export", directory.path, as: "auditor")
      let lastSize = try #require(last["size"]?.integerValue)
      #expect(last["new"]?.integerValue == lastSize - grown)
      // A full bundle, or the tile above it, that was altered since is not built upon.
      for name in ["tile/entries/000", "tile/0/000"] {
        let place = directory.appendingPathComponent(name)
        let original = try Data(contentsOf: place)
        var bytes = [UInt8](original)
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: place)
        try Self.expectRefused(
          try await vault.attempt("log", "export", directory.path, as: "auditor"), saying: name)
        try original.write(to: place)
      }
      // And the same in a directory that has the first bundle only, without a checkpoint.
      let other = vault.terminal.appendingPathComponent("other")
      let place = other.appendingPathComponent("tile/entries")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: full, to: place.appendingPathComponent("000"))
      let fresh = try await vault.sh("log", "export", other.path, as: "auditor")
      let freshSize = try #require(fresh["size"]?.integerValue)
      #expect(fresh["new"]?.integerValue == freshSize - 256)
      #expect(try await Self.offline(vault, "log", "verify", other.path).status == 0)
    }

    private func inode(_ file: URL) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: file.path)[.systemFileNumber] as? Int
    }

    @Test(
      "what the vault sends is held to the signature: one flipped bit in it ends with 7, and is not written",
      arguments: [("audit/tile/entries/", 300), ("audit/tile/0/", 40), ("audit/checkpoint", 8)])
    func lied(about part: String, fromEnd position: Int) async throws {
      let vault = try await RunningVault.founded()
      let liar = try await LyingSocket(before: vault, altering: part, fromEnd: position)
      let pin = vault.home.appendingPathComponent("state/vaultsh/known_vaults")
      if part == "audit/checkpoint" {
        let login = try await vault.attempt(
          "--socket", liar.path, "--passphrase-file", vault.passphraseFile("auditor"), "login", as: "auditor")
        try Self.expectRefused(login, saying: "is not signed by the key")
        #expect(!FileManager.default.fileExists(atPath: pin.path))
        return
      }
      _ = try await vault.sh(
        "--socket", liar.path, "--passphrase-file", vault.passphraseFile("auditor"), "login", as: "auditor")
      let directory = vault.terminal.appendingPathComponent("log")
      let exported = try await vault.attempt("--socket", liar.path, "log", "export", directory.path, as: "auditor")
      try Self.expectRefused(exported, saying: "What the vault sent")
      let files = (try? Self.files(in: directory)) ?? []
      #expect(!files.contains { "audit/\($0)".hasPrefix(part) }, "\(files)")
      #expect(!files.contains("checkpoint"))
      // Online verification computes the tree from the entries alone.
      let verified = try await vault.attempt("--socket", liar.path, "log", "verify", as: "auditor")
      if part.hasSuffix("entries/") { try Self.expectRefused(verified, saying: "What the vault sent") }
    }

    @Test("a shorter log than a checkpoint that was kept, another log, and another key: exit 7, each in its words")
    func rolledBack() async throws {
      let (vault, directory) = try await Self.exported()
      let older = vault.terminal.appendingPathComponent("older")
      try FileManager.default.copyItem(at: directory, to: older)
      try FileManager.default.copyItem(atPath: directory.path + ".vkey", toPath: older.path + ".vkey")
      _ = try await vault.sh("log", "--limit", "1", as: "auditor")
      _ = try await vault.sh("log", "export", directory.path, as: "auditor")
      let newest = directory.appendingPathComponent("checkpoint").path
      try Self.expectRefused(
        try await Self.offline(vault, "log", "verify", older.path, "--since-checkpoint", newest), saying: "shorter")

      let (other, foreign) = try await Self.exported()
      let key = foreign.path + ".vkey"
      try Self.expectRefused(
        try await Self.offline(vault, "log", "verify", directory.path, "--log-key", key),
        saying: "not signed by the key")
      try Self.expectRefused(
        try await Self.offline(
          other, "log", "verify", directory.path, "--since-checkpoint", foreign.path + "/checkpoint"),
        saying: "not signed by the key")
      // The other vault's log is not added to this one's export.
      #expect(try await other.attempt("log", "export", directory.path, as: "auditor").status == 7)
      #expect(try await Self.offline(vault, "log", "verify", directory.path).status == 0)
    }

    @Test("usage: without a key, with one of the wrong kind, in a directory that is no export")
    func usage() async throws {
      let (vault, directory) = try await Self.exported()
      try FileManager.default.removeItem(atPath: directory.path + ".vkey")
      let ran = try await Self.offline(vault, "log", "verify", directory.path)
      let field = try ran.problem["field"]?.stringValue
      #expect(ran.status == 2 && field == "--log-key")
      #expect(try await Self.offline(vault, "log", "verify", "/nowhere", "--log-key", "/nowhere").status == 1)
      let empty = vault.terminal.appendingPathComponent("empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
      let status = try await vault.sh("status")
      let key = try #require(status["log"]?["key"]?.stringValue)
      #expect(try await Self.offline(vault, "log", "verify", empty.path, "--log-key", key).status == 4)
      #expect(try await Self.offline(vault, "log", "verify", directory.path, "--log-key", key).status == 0)
      #expect(try await vault.attempt("log", "export", ".", as: "auditor").status == 2)
      #expect(try await vault.attempt("log", "export", vault.terminal.path + "/x", as: "officer").status == 3)
    }

    static let python = ProcessInfo.processInfo.environment["VAULT_TLOG_PYTHON"]

    @Test(
      "aics-tlog accepts what the daemon wrote and the shell exported",
      .enabled(if: python != nil, "VAULT_TLOG_PYTHON names no Python ≥ 3.12 with aics-tlog"))
    func foreign() async throws {
      let (vault, directory) = try await Self.exported()
      let older = vault.terminal.appendingPathComponent("older")
      try FileManager.default.copyItem(at: directory, to: older)
      try FileManager.default.copyItem(atPath: directory.path + ".vkey", toPath: older.path + ".vkey")
      let file = Program.package.appendingPathComponent("docs/examples/sample-caseload.csv").path
      _ = try await vault.sh("import", file, "--programme", "navigators", as: "officer")
      let size = try await vault.sh("log", "export", directory.path, as: "auditor")["size"]?.integerValue ?? 0
      #expect(size > 220)
      let script = Program.package.appendingPathComponent("Tests/ForeignVerifier/verify_exports.py").path
      let ran = try await ProgramRun.run(
        URL(fileURLWithPath: try #require(Self.python)), [script, older.path, directory.path],
        environment: vault.environment, folder: vault.terminal)
      #expect(ran.status == 0, "\(ran.errorText)")
      #expect(ran.outputText.contains("\(size) entries: verified"), "\(ran.outputText)")
      #expect(ran.outputText.contains("reported as rollback"), "\(ran.outputText)")
    }
  }
}
