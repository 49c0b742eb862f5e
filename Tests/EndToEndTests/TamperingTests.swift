import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("P6 Tampering with what lies on the disk is noticed")
  struct Tampering {
    private func verify(_ vault: RunningVault) async throws -> Ran {
      try await vault.run(.vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
    }

    private func databaseFile(_ vault: RunningVault) throws -> URL {
      let names = try FileManager.default.contentsOfDirectory(atPath: vault.data.path)
      return vault.data.appendingPathComponent(try #require(names.first { $0.hasSuffix(".sqlite") }))
    }

    @Test("a vault that nobody touched passes vaultd verify")
    func untouched() async throws {
      let vault = try await RunningVault.withRecords()
      try await vault.stop()
      let ran = try await verify(vault)
      #expect(ran.status == 0, "\(ran.errorText)")
      #expect(ran.outputText.contains("records: 3"))
    }

    @Test("one flipped byte: exit 7 offline, wherever it is, and never a wrong record")
    func flippedByte() async throws {
      let vault = try await RunningVault.withRecords()
      try await vault.stop()
      let file = try databaseFile(vault)
      let original = [UInt8](try Data(contentsOf: file))
      // Pages of SQLite have unused room, where nothing is stored that a flip could change; so each page is flipped in
      // its last bytes, where the rows are.
      let pageByteCount = Int(original[16]) << 8 | Int(original[17])
      var noticed = 0
      let pages = Array(1..<(original.count / pageByteCount))
      for page in pages.filter({ $0 % 5 == 1 }).prefix(24) {
        var bytes = original
        bytes[(page + 1) * pageByteCount - 9] ^= 0x10
        try Data(bytes).write(to: file)
        let ran = try await verify(vault)
        #expect([0, 7].contains(ran.status), "page \(page): \(ran.status) \(ran.errorText)")
        if ran.status == 7 { noticed += 1 }
      }
      #expect(noticed >= 6, "flips in rows are noticed")
      try Data(original).write(to: file)
      #expect(try await verify(vault).status == 0)
    }

    @Test("a record's ciphertext from a newer copy in an older database, and the whole older copy, are refused with 7")
    func rolledBack() async throws {
      let vault = try await RunningVault.withRecords()
      try await vault.stop()
      let older = vault.home.appendingPathComponent("older")
      try FileManager.default.copyItem(at: vault.data, to: older)
      try await vault.serve()
      try await vault.login("officer")
      _ = try await vault.newRecord(Samples.stefanescu)
      try await vault.stop()
      try FileManager.default.removeItem(at: vault.data)
      try FileManager.default.moveItem(at: older, to: vault.data)

      let served = try await vault.run(.vaultd, vault.serveArguments)
      #expect(served.status == 7, "\(served.errorText)")
      #expect(served.errorText.contains("hint:"))
      #expect(try await verify(vault).status == 7)
    }

    @Test("rows taken out with a database tool are missed", arguments: ["record", "leaf"])
    func removedRows(what: String) async throws {
      let vault = try await RunningVault.withRecords()
      try await vault.stop()
      let file = try databaseFile(vault)
      let listed = try await sqlite(vault, file, "SELECT name FROM sqlite_schema WHERE type = 'table'")
      let tables = listed.outputText.split(separator: "\n").map(String.init)
      let table = try #require(tables.first { $0.lowercased().contains(what) }, "\(tables)")
      let removed = try await sqlite(
        vault, file, "DELETE FROM \(table) WHERE rowid = (SELECT max(rowid) FROM \(table))")
      let alternative =
        removed.status == 0
        ? removed
        : try await sqlite(vault, file, "DELETE FROM \(table) WHERE key = (SELECT max(key) FROM \(table))")
      try #require(alternative.status == 0, "\(alternative.errorText)")
      #expect(try await verify(vault).status == 7)
      #expect(try await vault.run(.vaultd, vault.serveArguments).status == 7)
    }

    /// The database as a thief with a laptop sees it; Python brings SQLite along.
    private func sqlite(_ vault: RunningVault, _ file: URL, _ statement: String) async throws -> Ran {
      let script = """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1])
        for row in connection.execute(sys.argv[2]): print(*row)
        connection.commit()
        """
      return try await ProgramRun.run(
        URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", script, file.path, statement],
        environment: vault.environment, folder: vault.terminal)
    }

    @Test("the shell refuses a vault whose log is shorter than it was, or another vault at the same socket")
    func pinned() async throws {
      let (vault, other) = (try await RunningVault.founded(), try RunningVault())
      try await vault.login("supervisor")
      try await vault.stop()
      try #require(try await other.initialise().status == 0)
      let impostor = try Daemon(
        arguments: [
          "serve", "--data", other.data.path, "--socket", vault.socket, "--root-key-file", other.rootKey.path, "--demo",
        ], environment: vault.environment, log: vault.log)
      for _ in 0..<500 where !vault.isReady { try await Task.sleep(for: .milliseconds(20)) }
      let ran = try await vault.attempt(
        "--passphrase-file", vault.passphraseFile("supervisor"), "login", as: "supervisor")
      #expect(ran.status == 7, "\(ran.errorText)")
      #expect(await impostor.stop() == 0)
    }
  }
}
