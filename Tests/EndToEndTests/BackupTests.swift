import Foundation
import Glibc
import Synchronization
import Testing
import VaultAPI
import VaultClient
import VaultModel

extension EndToEnd {
  @Suite("P9 Backups are made while people work, open with age, and are proved before they are needed")
  struct Backups {
    @Test(
      "P9 a backup that is made under load holds every record acknowledged before it, and serves them",
      .timeLimit(.minutes(5)))
    func underLoad() async throws {
      let vault = try await RunningVault.staffed()
      let age = try await AgeTool(beside: vault)
      let officer = try await client(vault, "officer")
      let load = Load()
      let writing = Task {
        await withTaskGroup(of: Void.self) { group in
          for writer in 0..<3 {
            group.addTask {
              var number = 0
              while !load.isOver {
                number += 1
                let name = "শিরিন \(writer)-\(number)"
                guard
                  let record = try? await officer.createRecord(
                    programme: "navigators", sections: ["identity": ["prs_FirstName": .string(name)]])
                else { return }
                load.acknowledge(record.id, name)
              }
            }
          }
        }
      }
      var before: [String: String] = [:]
      for round in 1...4 {
        try await Task.sleep(for: .milliseconds(300))
        before = load.acknowledged
        let ran = try await vault.backup(to: vault.place("\(round).age"), for: age)
        try #require(ran.status == 0, "\(ran.errorText)")
      }
      load.end()
      await writing.value
      try #require(before.count > 3, "the load was too light to tell anything")

      // What the log and status say of it.
      #expect(try await vault.sh("status")["backup"]?["last"]?.stringValue?.hasPrefix("20") == true)
      #expect(try await vault.sh("status")["backup"]?["drill"] == .null)
      let told = try #require(
        try await vault.sh("log", "--action", "backup", as: "auditor")["entries"]?.arrayValue?.compactMap {
          $0["action"]?.stringValue
        })
      #expect(told == (1...4).flatMap { _ in ["backup.begin", "backup.end"] })

      // Debian's age opens it, and SQLite what is in it.
      try await age.decrypt(vault.place("4.age"), to: vault.place("4.sqlite"))
      let checked = try await ProgramRun.run(
        URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", Self.integrity, vault.place("4.sqlite")],
        environment: vault.environment, folder: vault.terminal)
      #expect(checked.outputText == "ok\n", "\(checked.errorText)")
      for name in before.values {
        #expect(try !contains(vault.place("4.sqlite"), name))
      }

      // The host is lost, and with it the anchor.
      officer.close()
      await vault.served?.crash()
      try FileManager.default.removeItem(at: vault.data)
      try FileManager.default.removeItem(atPath: vault.data.path + ".anchor")
      let restored = try await vault.restore(vault.place("4.age"), with: age, ["--data", vault.data.path])
      try #require(restored.status == 0, "\(restored.errorText)")
      #expect(mode(vault.data.path) == 0o700)
      #expect(mode(vault.data.path + "/vault.sqlite") == 0o600)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: vault.home.path).allSatisfy { !$0.contains("restoring") })
      try await vault.serve()
      let again = try await client(vault, "officer")
      for (id, name) in before {
        let record = try await again.record(id: id, sections: [.identity], purpose: .casework)
        #expect(record.sections["identity"]?["prs_FirstName"] == .string(name))
      }
      // Its own beginning is in it: the entry was durable before the copy was made.
      let auditor = try await client(vault, "auditor")
      let begun = try await auditor.auditEntries(AuditQuery(action: "backup.begin"))
      #expect(begun.entries.count == 4)
      again.close()
      auditor.close()
    }

    @Test("a backup that was flipped, cut, extended, or is for somebody else is refused and leaves nothing behind")
    func hostile() async throws {
      let vault = try await stopped()
      let (age, stranger) = (try await AgeTool(beside: vault), try await AgeTool(beside: vault))
      let file = vault.place("good.age")
      let made = try await vault.backup(to: file, for: age, ["--root-key-file", vault.rootKey.path])
      try #require(made.status == 0, "\(made.errorText)")
      let good = try Data(contentsOf: URL(fileURLWithPath: file))
      let files = try vault.files
      let new = vault.home.appendingPathComponent("new").path
      var bad: [(String, Data)] = [
        ("empty", Data()), ("cut within the header", good.prefix(100)), ("cut by a byte", good.dropLast()),
        ("cut after a chunk", good.prefix(good.count / 2)), ("extended", good + Data([0])),
        ("not age", Data("SQLite format 3\0".utf8)),
      ]
      for offset in [0, 40, 190, 230, 5000, good.count / 2, good.count - 1] {
        var flipped = good
        flipped[flipped.startIndex + offset] ^= 1
        bad.append(("flipped at \(offset)", flipped))
      }
      for (what, bytes) in bad {
        let path = vault.place("bad.age")
        try bytes.write(to: URL(fileURLWithPath: path))
        for words in [["--data", new], ["--drill", "--scratch", vault.home.path]] {
          let ran = try await vault.restore(path, with: age, words)
          // A byte of the stanza can also be one that no identity fits.
          #expect([3, 7].contains(ran.status), "\(what): \(ran.status) \(ran.errorText)")
          #expect(ran.errorText.contains("hint:"), "\(what)")
          #expect(try vault.files == files, "\(what) left something behind")
        }
      }
      let wrong = try await vault.restore(file, with: stranger, ["--data", new])
      #expect(wrong.status == 3, "\(wrong.errorText)")
      // An authentic age file from somebody who has the recipient, but not the vault's keys.
      try await age.decrypt(file, to: vault.place("forged.sqlite"))
      var forged = try Data(contentsOf: URL(fileURLWithPath: vault.place("forged.sqlite")))
      let place = try #require(forged.lastIndex { $0 != 0 })
      forged[place] ^= 1
      try forged.write(to: URL(fileURLWithPath: vault.place("forged.sqlite")))
      try await age.encrypt(vault.place("forged.sqlite"), to: vault.place("forged.age"))
      let altered = try await vault.restore(vault.place("forged.age"), with: age, ["--data", new])
      #expect(altered.status == 7, "\(altered.errorText)")
      #expect(try vault.files == files)
    }

    @Test("a restore replaces nothing, and nothing older is put under a newer anchor")
    func inPlace() async throws {
      let vault = try await stopped()
      let age = try await AgeTool(beside: vault)
      let key = ["--root-key-file", vault.rootKey.path]
      let first = try await vault.backup(to: vault.place("a.age"), for: age, key)
      try #require(first.status == 0, "\(first.errorText)")
      let again = try await vault.backup(to: vault.place("a.age"), for: age, key)
      #expect(again.status == 5, "a backup is never written over one")
      let inside = try await vault.backup(to: vault.data.path + "/b.age", for: age, key)
      #expect(inside.status == 2)
      let keyless = try await vault.backup(to: vault.place("b.age"), for: age)
      #expect(keyless.status == 6, "nobody could write the entry")
      #expect(!FileManager.default.fileExists(atPath: vault.place("b.age")))

      // A restore that was killed left a database; the next one takes it away, of a process that is there no other's.
      let (left, kept) = (vault.place(".vault-restoring-4194303"), vault.place(".vault-restoring-\(getpid())"))
      for path in [left, kept] {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/vault.sqlite"))
      }
      let elsewhere = vault.place("elsewhere/data")
      try FileManager.default.createDirectory(
        atPath: vault.place("elsewhere"), withIntermediateDirectories: false)
      _ = try await vault.restore(vault.place("a.age"), with: age, ["--data", elsewhere])
      #expect(FileManager.default.fileExists(atPath: left), "it is looked for where this restore works")
      let beside = try await vault.restore(vault.place("a.age"), with: age, ["--data", vault.place("beside")])
      #expect(beside.status == 0, "\(beside.errorText)")
      #expect(!FileManager.default.fileExists(atPath: left) && FileManager.default.fileExists(atPath: kept))
      try FileManager.default.removeItem(atPath: vault.place("beside"))

      let files = try vault.files
      let occupied = try await vault.restore(vault.place("a.age"), with: age, ["--data", vault.data.path])
      #expect(occupied.status == 5, "\(occupied.errorText)")
      #expect(try vault.files == files)
      try FileManager.default.moveItem(at: vault.data, to: vault.home.appendingPathComponent("gone"))
      let behind = try await vault.restore(vault.place("a.age"), with: age, ["--data", vault.data.path])
      #expect(behind.status == 7, "\(behind.errorText)")
      #expect(behind.errorText.contains("restore accept"))
      #expect(!FileManager.default.fileExists(atPath: vault.data.path))
    }

    @Test("a drill proves a backup good, says so in status and log, and touches nothing")
    func drill() async throws {
      let vault = try await RunningVault.founded()
      try await vault.login("auditor")
      let age = try await AgeTool(beside: vault)
      let made = try await vault.backup(to: vault.place("a.age"), for: age)
      try #require(made.status == 0, "\(made.errorText)")
      let scratch = vault.place("scratch")
      try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
      let ran = try await vault.restore(
        vault.place("a.age"), with: age, ["--drill", "--data", vault.data.path, "--scratch", scratch])
      #expect(ran.status == 0, "\(ran.errorText)")
      #expect(ran.outputText.contains("drill: the backup is good"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch) == [])
      #expect(try FileManager.default.contentsOfDirectory(atPath: vault.data.path + "/notices") == [])
      #expect(try await vault.sh("status")["backup"]?["drill"]?.stringValue?.hasPrefix("20") == true)
      let told = try await vault.sh("log", "--action", "backup.drill", as: "auditor")["entries"]?.arrayValue
      #expect(told?.count == 1)

      // Another vault's backup proves nothing of this one.
      let other = try await RunningVault.founded()
      let foreign = try await other.backup(to: vault.place("other.age"), for: age)
      try #require(foreign.status == 0, "\(foreign.errorText)")
      let refused = try await vault.run(
        .vaultd,
        [
          "restore", "--drill", "--from", vault.place("other.age"), "--identity", age.identityFile, "--root-key-file",
          other.rootKey.path, "--data", vault.data.path, "--scratch", scratch,
        ])
      #expect(refused.status == 1, "\(refused.errorText)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch) == [])
      #expect(try await vault.sh("log", "--action", "backup.drill", as: "auditor")["entries"]?.arrayValue?.count == 1)
    }

    @Test("whoever stops a backup or a drill finds nothing half made")
    func interrupted() async throws {
      let vault = try await stopped()
      let age = try await AgeTool(beside: vault)
      let made = try await vault.backup(to: vault.place("a.age"), for: age, ["--root-key-file", vault.rootKey.path])
      try #require(made.status == 0, "\(made.errorText)")
      let scratch = vault.place("scratch")
      try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
      // A backup that comes slowly, and never to its end.
      let pipe = vault.place("pipe")
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      let drill = try Daemon(
        arguments: [
          "restore", "--drill", "--from", pipe, "--identity", age.identityFile, "--root-key-file", vault.rootKey.path,
          "--scratch", scratch,
        ], environment: vault.environment, log: vault.log)
      let end = try FileHandle(forWritingTo: URL(fileURLWithPath: pipe))
      try end.write(contentsOf: try Data(contentsOf: URL(fileURLWithPath: vault.place("a.age"))).prefix(70_000))
      for _ in 0..<500 {
        let staged = try FileManager.default.subpathsOfDirectory(atPath: scratch)
        if staged.contains(where: { $0.hasSuffix("vault.sqlite") }) { break }
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: scratch) != [], "it was not caught in the act")
      #expect(await drill.stop() == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch) == [])
      try end.close()
    }

    @Test("vaultd opens what age wrote, armored too, and age what vaultd sent down a pipe")
    func interoperation() async throws {
      let vault = try await stopped()
      let age = try await AgeTool(beside: vault)
      let piped = try await vault.backup(to: "-", for: age, ["--root-key-file", vault.rootKey.path])
      try #require(piped.status == 0, "\(piped.errorText)")
      try Data(piped.output).write(to: URL(fileURLWithPath: vault.place("piped.age")))
      try await age.decrypt(vault.place("piped.age"), to: vault.place("plain.sqlite"))
      for more in [[], ["--armor"]] {
        let file = vault.place("theirs\(more.count).age")
        try await age.encrypt(vault.place("plain.sqlite"), to: file, more)
        let ran = try await vault.restore(file, with: age, ["--drill", "--scratch", vault.terminal.path])
        #expect(ran.status == 0, "\(ran.errorText)")
      }
    }

    // MARK: The root key

    @Test("a new root key opens the vault and the old one no longer does; neither lies with the data")
    func rotate() async throws {
      let vault = try await stopped()
      let keys = vault.place("new.key")
      func rotate(to file: String) async throws -> Ran {
        try await vault.run(
          .vaultd,
          [
            "rotate-root-key", "--data", vault.data.path, "--root-key-file", vault.rootKey.path, "--new-root-key-file",
            file,
          ])
      }
      #expect(try await rotate(to: vault.data.path + "/new.key").status == 2)
      let before = try Data(contentsOf: vault.rootKey)
      #expect(try await rotate(to: vault.rootKey.path).status == 5)
      #expect(try Data(contentsOf: vault.rootKey) == before)
      let rotated = try await rotate(to: keys)
      try #require(rotated.status == 0, "\(rotated.errorText)")
      #expect(mode(keys) == 0o600)
      func verify(_ key: String) async throws -> Int32 {
        try await vault.run(.vaultd, ["verify", "--data", vault.data.path, "--root-key-file", key]).status
      }
      #expect(try await verify(keys) == 0)
      #expect(try await verify(vault.rootKey.path) == 7)
      let second = try await rotate(to: vault.place("third.key"))
      #expect(second.status == 7, "the old key opens nothing, so it rotates nothing")
      #expect(!FileManager.default.fileExists(atPath: vault.place("third.key")))
    }
    @Test("P9 a new root key beside a running daemon: nobody's session ends, and the next start needs the new one")
    func rotateBeside() async throws {
      let vault = try await RunningVault.staffed()
      let record = try await vault.newRecord(#"{"identity": {"prs_FirstName": "Ioana"}}"#)
      let keys = vault.place("new.key")
      let wrong = vault.place("wrong.key")
      try Data("survivor-vault-root-key-1 \(Data(repeating: 7, count: 32).base64EncodedString())\n".utf8)
        .write(to: URL(fileURLWithPath: wrong))
      func rotate(from old: String, to file: String) async throws -> Ran {
        try await vault.run(
          .vaultd,
          ["rotate-root-key", "--data", vault.data.path, "--root-key-file", old, "--new-root-key-file", file])
      }
      let refused = try await rotate(from: wrong, to: keys)
      #expect(refused.status == 7 && !FileManager.default.fileExists(atPath: keys), "\(refused.errorText)")
      let rotated = try await rotate(from: vault.rootKey.path, to: keys)
      try #require(rotated.status == 0, "\(rotated.errorText)")
      let shown = try await vault.run(
        .vaultsh, ["--json", "--account", "officer", "--purpose", "casework", "show", record, "--all"])
      #expect(shown.status == 0, "\(shown.errorText)")
      let entries = try #require(
        try await vault.sh("log", "--action", "root-key.rotate", as: "auditor")["entries"]?.arrayValue)
      #expect(entries.count == 1)
      try await vault.stop()
      let old = try await vault.run(.vaultd, vault.serveArguments)
      #expect(old.status == 7, "\(old.errorText)")
      try FileManager.default.removeItem(at: vault.rootKey)
      try FileManager.default.moveItem(atPath: keys, toPath: vault.rootKey.path)
      try await vault.serve()
      // A key that lies with the data is not taken, under whatever name, nor through a link.
      let inside = vault.data.appendingPathComponent("k").path
      try FileManager.default.copyItem(atPath: vault.rootKey.path, toPath: inside)
      let link = vault.place("link.key")
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: inside)
      for file in [inside, link] {
        let ran = try await vault.run(.vaultd, ["verify", "--data", vault.data.path, "--root-key-file", file])
        #expect(ran.status == 2 && ran.errorText.contains("must not lie inside"), "\(ran.errorText)")
      }
      _ = unsafe chmod(vault.rootKey.path, 0o644)
      let doctor = try await vault.run(
        .vaultd, ["doctor", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(doctor.outputText.contains("WARN  others than its owner can read the root key"))
    }

    @Test("doctor complains of a root key within the data directory, or in the clear on the same file system")
    func doctor() async throws {
      let vault = try await stopped()
      func doctor() async throws -> String {
        try await vault.run(.vaultd, ["doctor", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
          .outputText
      }
      let first = try await doctor()
      #expect(first.contains("ok    no root key in the data directory"))
      #expect(first.contains("WARN  the root key lies in the clear on the file system of the data"))
      let deep = vault.data.path + "/notes"
      try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: false)
      try FileManager.default.copyItem(atPath: vault.rootKey.path, toPath: deep + "/innocent.txt")
      #expect(try await doctor().contains("WARN  a root key lies in the data directory"))
    }

    // MARK: Means

    private static let integrity = """
      import sqlite3, sys
      database = sqlite3.connect(sys.argv[1])
      print(database.execute("PRAGMA integrity_check").fetchone()[0])
      """

    private func stopped() async throws -> RunningVault {
      let vault = try RunningVault()
      let made = try await vault.initialise()
      try #require(made.status == 0, "\(made.errorText)")
      return vault
    }

    private func client(_ vault: RunningVault, _ account: String) async throws -> VaultClient {
      var options = ClientOptions()
      options.connectionCountMax = 4
      let client = VaultClient(socket: vault.socket, options: options)
      var phrase = Array(
        try String(contentsOfFile: vault.passphraseFile(account), encoding: .utf8)
          .trimmingCharacters(in: .newlines).utf8)
      try await client.login(account: account, .passphrase(WipedBytes(taking: &phrase)))
      return client
    }

    private func mode(_ path: String) -> Int? {
      (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
    }

    private func contains(_ path: String, _ text: String) throws -> Bool {
      try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(text.utf8)) != nil
    }
  }
}

/// What was acknowledged while backups were made: the name by record.
private final class Load: Sendable {
  private let state = Mutex((isOver: false, saved: [String: String]()))

  var isOver: Bool { state.withLock { $0.isOver } }
  var acknowledged: [String: String] { state.withLock { $0.saved } }
  func acknowledge(_ record: String, _ name: String) { state.withLock { $0.saved[record] = name } }
  func end() { state.withLock { $0.isOver = true } }
}
