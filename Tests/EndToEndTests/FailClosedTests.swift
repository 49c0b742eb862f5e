import Foundation
import Glibc
import Testing
import VaultAPI
import VaultClient
import VaultModel

extension EndToEnd {
  /// The host fails the vault; the vault shows nothing that is not in its log, and goes on by itself when the host does.
  @Suite("P3 When the host fails, nothing is shown, and afterwards all goes on without a restart")
  struct FailClosed {
    private static let narrative = "brickworks of Ashvale"

    private func client(_ vault: RunningVault, _ account: String) async throws -> VaultClient {
      let client = VaultClient(socket: vault.socket)
      var phrase = Array(
        try String(contentsOfFile: vault.passphraseFile(account), encoding: .utf8)
          .trimmingCharacters(in: .newlines).utf8)
      try await client.login(account: account, .passphrase(WipedBytes(taking: &phrase)))
      return client
    }

    /// The problem that a read or a write ends with; nil where it succeeds.
    private func problem<R>(_ body: () async throws -> R) async -> Problem? {
      do {
        _ = try await body()
        return nil
      } catch let error as ClientError {
        return error.problem
      } catch {
        return Problem(.garbled)
      }
    }

    private func sections(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    /// Everything that needs an entry is refused with 503 and a hint, in JSON and without a word of any record.
    private func expectClosed(_ vault: RunningVault, _ officer: VaultClient, _ id: String, hint: String) async throws {
      let read = await problem { try await officer.record(id: id, sections: [.exploitation], purpose: .casework) }
      #expect(read?.kind.row.status == 503 && read?.hint.contains(hint) == true, "\(read?.detail ?? "it was shown")")
      let write = await problem {
        try await officer.createRecord(programme: "navigators", sections: try sections(Samples.divya))
      }
      #expect(write?.kind.row.status == 503)
      #expect(await problem { try await officer.records() }?.kind.row.status == 503)
      let shown = try await vault.attempt("show", id, "--all", as: "officer")
      #expect(shown.status == 1 && shown.output.isEmpty, "\(shown.outputText)")
      #expect(try shown.problem["hint"]?.stringValue?.contains(hint) == true)
      for planted in Samples.planted { #expect(!shown.errorText.contains(planted)) }
      #expect(vault.isReady, "status needs no entry")
    }

    private func expectOpen(_ vault: RunningVault, _ officer: VaultClient, _ id: String) async throws {
      let all = try await vault.sh("show", id, "--all", as: "officer")
      #expect(all["sections"]?["exploitation"]?["vault_Narrative"]?.stringValue?.contains(Self.narrative) == true)
      _ = try await read(officer, id)
      let saved = try await officer.createRecord(programme: "navigators", sections: try sections(Samples.stefanescu))
      #expect(saved.version == 1)
    }

    private func read(_ officer: VaultClient, _ id: String) async throws -> Bool {
      _ = try await officer.record(id: id, sections: [.exploitation], purpose: .casework)
      return true
    }

    /// What the auditor finds is whole, and so does an offline verification.
    private func expectWhole(_ vault: RunningVault) async throws {
      #expect(try await vault.stop() == 0)
      let verified = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(verified.status == 0, "\(verified.errorText)")
    }

    @Test(
      "the database, its log, the lock or the whole directory is moved away while open, and put back",
      arguments: ["data/vault.sqlite", "data/vault.sqlite-wal", "data/vault.lock", "data"])
    func moved(name: String) async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      let officer = try await client(vault, "officer")
      let place = vault.home.appendingPathComponent(name)
      let away = vault.home.appendingPathComponent("away")
      try FileManager.default.moveItem(at: place, to: away)
      // Noticed without anybody asking.
      #expect(try await vault.tells("moved, removed or replaced"))
      try await expectClosed(vault, officer, id, hint: "Put back")
      try FileManager.default.moveItem(at: away, to: place)
      try await expectOpen(vault, officer, id)
      try await expectWhole(vault)
    }

    @Test("the database is removed while open: nothing more is shown, whatever memory still holds")
    func removed() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      let officer = try await client(vault, "officer")
      _ = try await read(officer, id)
      try FileManager.default.removeItem(at: vault.data.appendingPathComponent("vault.sqlite"))
      try await expectClosed(vault, officer, id, hint: "stop the daemon")
      try await expectClosed(vault, officer, id, hint: "stop the daemon")
      _ = try await vault.stop()
    }

    @Test("another process locks the database: refused for as long, and no longer")
    func locked() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      let officer = try await client(vault, "officer")
      let flag = vault.home.appendingPathComponent("locked").path
      let script = """
        import os, sqlite3, sys, time
        file = sqlite3.connect(sys.argv[1], isolation_level=None)
        file.execute("BEGIN EXCLUSIVE")
        open(sys.argv[2], "w").close()
        while os.path.exists(sys.argv[2]): time.sleep(0.02)
        os._exit(0)
        """
      let database = vault.data.appendingPathComponent("vault.sqlite").path
      async let holder = ProgramRun.run(
        URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", script, database, flag],
        environment: vault.environment, folder: vault.terminal)
      for _ in 0..<500 where !FileManager.default.fileExists(atPath: flag) {
        try await Task.sleep(for: .milliseconds(10))
      }
      try #require(FileManager.default.fileExists(atPath: flag), "python3 with sqlite3 is needed to hold the lock")
      // Longer than an idle writer's turn, so that its own upkeep meets the lock, too.
      try await Task.sleep(for: .milliseconds(1200))
      try await expectClosed(vault, officer, id, hint: "Try again")
      try FileManager.default.removeItem(atPath: flag)
      #expect(try await holder.status == 0)
      try await expectOpen(vault, officer, id)
      try await expectWhole(vault)
    }

    @Test("P3 the disk fills: writing ends with 507, reading with the reserve, and room brings both back")
    func diskFull() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      try await vault.stop()
      guard try await mayMount(vault) else {
        print("SKIPPED: a full disk needs `unshare -r -m` and a tmpfs, which this host does not permit")
        return
      }
      // The vault moves onto a disk of 16 MiB, of which it keeps 1 MiB back.
      let template = vault.home.appendingPathComponent("template").path
      try FileManager.default.moveItem(atPath: vault.data.path, toPath: template)
      try? FileManager.default.removeItem(atPath: template + "/vault.reserve")
      try FileManager.default.createDirectory(atPath: vault.data.path, withIntermediateDirectories: false)
      try await vault.serve(
        behind: """
          mount -t tmpfs -o size=16m,mode=700 tmpfs '\(vault.data.path)' && cp -p '\(template)'/* '\(vault.data.path)' \
          && chmod 700 '\(vault.data.path)' && exec "$@"
          """)
      let process = try #require(vault.served).identifier
      let disk = "/proc/\(process)/root\(vault.data.path)"
      for account in ["officer", "auditor"] { try await vault.login(account) }
      let officer = try await client(vault, "officer")
      let before = try await officer.status()
      #expect(before.space.state == .ok && before.space.reserve == 1 << 20 && before.space.free > 1 << 20)

      let ballast = try Ballast(disk + "/ballast")
      let written = try await vault.attempt(
        "new", "--programme", "navigators", "--from", "-", as: "officer", input: #"{"sections": \#(Samples.divya)}"#)
      #expect(written.status == 1 && written.output.isEmpty)
      #expect(try written.problem["status"]?.integerValue == 507)
      #expect(try written.problem["hint"]?.stringValue?.isEmpty == false)
      #expect(try await officer.status().space.state == .low)
      _ = try await vault.sh("show", id, "--all", as: "officer")

      // Every answer that shows something has its entry; the first that cannot have one shows nothing.
      var shownCount: UInt64 = 0
      var refusal: Problem?
      let sizeBefore = try await officer.status().logSize
      for _ in 0..<20_000 where refusal == nil {
        refusal = await problem { try await read(officer, id) }
        if refusal == nil { shownCount += 1 }
      }
      #expect(shownCount > 100, "the reserve held \(shownCount) reads")
      #expect(refusal?.kind == .full && refusal?.hint.isEmpty == false, "\(String(describing: refusal))")
      let full = try await officer.status()
      #expect(full.space.state == .full && full.space.reserve == 0)
      #expect(full.logSize >= sizeBefore + shownCount, "an entry for each")
      let shown = try await vault.attempt("show", id, "--all", as: "officer")
      #expect(shown.status == 1 && shown.output.isEmpty)
      for planted in Samples.planted { #expect(!shown.errorText.contains(planted)) }
      #expect(try await vault.attempt("find", "-", as: "officer", input: "Zephyrine").output.isEmpty)
      print("fail closed: \(shownCount) reads within a reserve of 1 MiB")

      ballast.remove()
      #expect(await problem { try await read(officer, id) } == nil)
      _ = try await officer.createRecord(programme: "navigators", sections: try sections(Samples.divya))
      var after = try await officer.status()
      for _ in 0..<200 where after.space.state != .ok || after.space.reserve < 1 << 20 {
        try await Task.sleep(for: .milliseconds(25))
        after = try await officer.status()
      }
      #expect(after.space.state == .ok && after.space.reserve == 1 << 20, "the reserve is whole again")
      #expect(try await vault.tells("the disk is nearly full"))
      let entries = try #require(
        try await vault.sh("log", "--action", "space.low", as: "auditor")["entries"]?.arrayValue)
      #expect((1...2).contains(entries.count), "once for each time it became low")
      #expect(try await vault.sh("log", "verify", as: "auditor")["ok"]?.boolValue == true)
      #expect(try await vault.stop() == 0)
    }

    @Test("P6 without an anchor, serve, verify and doctor say that a rollback cannot be noticed here")
    func anchorMissing() async throws {
      let vault = try await RunningVault.founded()
      try await vault.stop()
      let verify = ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path]
      let doctor = ["doctor", "--data", vault.data.path]
      let checked = try await vault.run(.vaultd, verify)
      #expect(checked.outputText.contains("rolled back behind the anchor") && !checked.errorText.contains("WARNING"))
      let fine = try await vault.run(.vaultd, doctor).outputText
      #expect(fine.contains("ok    there is an anchor"))
      #expect(fine.contains("ok    there is room: ") && fine.contains("MiB kept back for the access log"))
      try FileManager.default.removeItem(atPath: vault.data.path + ".anchor")
      let unchecked = try await vault.run(.vaultd, verify)
      #expect(unchecked.status == 0)
      #expect(unchecked.outputText.contains("rollback was NOT checked"))
      #expect(unchecked.errorText.contains("WARNING") && unchecked.errorText.contains("hint:"))
      let looked = try await vault.run(.vaultd, doctor)
      #expect(looked.outputText.contains("WARN  there is no anchor: a rollback cannot be noticed by this host"))
      try await vault.serve()
      #expect(try await vault.tells("there was no anchor though the log has entries"))
      #expect(try await vault.sh("status")["anchor"]?.stringValue == "was-missing")
    }

    @Test(
      "an anchor that cannot be written is said in the daemon's log and in status, and is kept again when it can be")
    func anchorFailing() async throws {
      let vault = try await RunningVault.founded()
      // Root may write anywhere, but nobody replaces a directory with a file.
      let anchor = vault.data.path + ".anchor"
      // The daemon may put the file back between the two steps, and then they are to be done again.
      for attempt in 1... {
        try FileManager.default.removeItem(atPath: anchor)
        do {
          try FileManager.default.createDirectory(atPath: anchor, withIntermediateDirectories: false)
          break
        } catch let error as CocoaError where error.code == .fileWriteFileExists && attempt < 100 {}
      }
      try await vault.login("auditor")
      func anchorState(is wanted: String) async throws -> Bool {
        for _ in 0..<100 {
          if try await vault.sh("status")["anchor"]?.stringValue == wanted { return true }
          try await Task.sleep(for: .milliseconds(50))
        }
        return false
      }
      #expect(try await anchorState(is: "failing"))
      #expect(try await vault.tells("the anchor cannot be written"))
      _ = try await vault.sh("log", as: "auditor")
      try FileManager.default.removeItem(atPath: anchor)
      #expect(try await anchorState(is: "ok"))
      #expect(try FileManager.default.attributesOfItem(atPath: anchor)[.type] as? FileAttributeType == .typeRegular)
      try await expectWhole(vault)
    }

    /// Whether this user may have a mount of their own.
    private func mayMount(_ vault: RunningVault) async throws -> Bool {
      let place = vault.home.appendingPathComponent("probe").path
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
      let ran = try await ProgramRun.run(
        URL(fileURLWithPath: "/usr/bin/env"),
        ["unshare", "-r", "-m", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs \"$1\"", "sh", place],
        environment: vault.environment, folder: vault.terminal)
      return ran.status == 0
    }
  }

  /// A file that takes all the room of its disk.
  private final class Ballast {
    private let path: String

    init(_ path: String) throws {
      self.path = path
      let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      try #require(descriptor >= 0, "the daemon's disk cannot be reached: errno \(errno)")
      defer { close(descriptor) }
      // By halves, down to the last page.
      var block = [UInt8](repeating: 0, count: 1 << 20)
      while !block.isEmpty {
        let count = unsafe block.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if count < block.count { block.removeLast(block.count - block.count / 2) }
        if block.count < 4096 { break }
      }
    }

    func remove() { _ = unsafe unlink(path) }
  }
}
