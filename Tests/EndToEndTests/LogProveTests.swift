import AccessLog
import Foundation
import Testing
import VaultAPI
import VaultClient
import VaultModel

extension EndToEnd {
  @Suite("P4 Single entries are proven to others, and nothing but them")
  struct LogProve {
    /// Two entries of a case, in a bundle at `terminal/bundle`.
    private func bundled() async throws -> (vault: RunningVault, bundle: URL, indexes: [UInt64]) {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      _ = try await vault.sh("--purpose", "court", "show", id, "--section", "legal", as: "officer")
      _ = try await vault.attempt("show", id, as: "colleague")
      let listed = try await vault.sh("log", "--record", id, as: "auditor")
      let entries = try #require(listed["entries"]?.arrayValue)
      let indexes = entries.compactMap { $0["index"]?.integerValue.map(UInt64.init) }
      try #require(indexes.count >= 3)
      let named = [indexes[1], indexes[2]]
      let bundle = vault.terminal.appendingPathComponent("bundle")
      _ = try await vault.sh(
        "log", "prove", String(named[1]), String(named[0]), "--to", bundle.path, as: "auditor")
      return (vault, bundle, named)
    }

    private func verify(_ vault: RunningVault, _ bundle: URL, _ more: String...) async throws -> Ran {
      let elsewhere = vault.terminal.appendingPathComponent("elsewhere").path
      return try await ProgramRun.run(
        Program.vaultsh.url, ["--json", "log", "verify", bundle.path] + more,
        environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": elsewhere], folder: vault.terminal)
    }

    @Test("a bundle shows its entries to anyone, without the vault, and says in plain words what it proves")
    func proven() async throws {
      let (vault, bundle, indexes) = try await bundled()
      let listed = try await vault.sh("log", as: "auditor")["entries"]?.arrayValue ?? []
      try await vault.stop()
      let ran = try await verify(vault, bundle)
      try #require(ran.status == 0, "\(ran.errorText)")
      let answer = try ran.json
      #expect(answer["ok"]?.boolValue == true)
      let entries = try #require(answer["entries"]?.arrayValue)
      #expect(entries.compactMap { $0["index"]?.integerValue.map(UInt64.init) } == indexes)
      for entry in entries {
        let same = try #require(listed.first { $0["index"] == entry["index"] })
        for member in ["time", "account", "uid", "action", "record", "sections", "purpose", "outcome", "programme"] {
          #expect(entry[member] == same[member], "\(member)")
        }
      }
      #expect(entries.last?["outcome"]?.stringValue == "denied")
      let files = Set(try LogExport.files(in: bundle))
      let each = indexes.flatMap { ["\($0).leaf", "\($0).key", "\($0).tlog-proof"] }
      #expect(files == Set(["README.txt", "checkpoint", "entries.json"] + each))
      let page = try String(contentsOf: bundle.appendingPathComponent("README.txt"), encoding: .utf8)
      for words in ["What this proves", "What this does not prove", "How to check it", "officer", "court", "colleague"]
      {
        #expect(page.contains(words), "\(words)")
      }
      #expect(!page.utf8.contains(0x1b))
      let mode = try FileManager.default.attributesOfItem(atPath: bundle.path)[.posixPermissions] as? Int
      #expect(mode == 0o700)
      // For people too.
      let sheet = try await ProgramRun.run(
        Program.vaultsh.url, ["log", "verify", bundle.path],
        environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"],
        folder: vault.terminal)
      #expect(sheet.status == 0 && sheet.outputText.contains("The bundle is genuine"), "\(sheet.outputText)")
    }

    @Test("every file of a bundle is held to the signature: altered, cut, missing or exchanged it ends with 7")
    func tampered() async throws {
      let (vault, bundle, indexes) = try await bundled()
      for file in try LogExport.files(in: bundle) {
        let place = bundle.appendingPathComponent(file)
        let original = [UInt8](try Data(contentsOf: place))
        for position in Set([0, original.count / 3, original.count / 2, original.count - 2, original.count - 1]) {
          var bytes = original
          bytes[position] ^= 1
          try Data(bytes).write(to: place)
          try LogExport.expectRefused(try await verify(vault, bundle))
        }
        for bytes in [Array(original.dropLast()), original + [0x0a], []] {
          try Data(bytes).write(to: place)
          try LogExport.expectRefused(try await verify(vault, bundle))
        }
        try FileManager.default.removeItem(at: place)
        if file != "entries.json" { try LogExport.expectRefused(try await verify(vault, bundle), saying: "missing") }
        try Data(original).write(to: place)
      }
      // Without its list it is still no export that passes.
      let list = bundle.appendingPathComponent("entries.json")
      let claimed = try String(contentsOf: list, encoding: .utf8)
      try FileManager.default.removeItem(at: list)
      #expect(try await verify(vault, bundle).status == 7)
      // A claim that the leaf does not make, in perfect form.
      for (old, new) in [("\"denied\"", "\"failed\""), ("\"officer\"", "\"auditor\""), ("\"court\"", "\"casework\"")] {
        #expect(claimed.contains(old))
        try Data(claimed.replacing(old, with: new).utf8).write(to: list)
        try LogExport.expectRefused(try await verify(vault, bundle), saying: "does not say what")
      }
      try Data(claimed.utf8).write(to: list)
      // Two entries that change places.
      for kind in ["leaf", "key", "tlog-proof"] {
        let places = indexes.map { bundle.appendingPathComponent("\($0).\(kind)") }
        let bytes = try places.map { try Data(contentsOf: $0) }
        try bytes[1].write(to: places[0])
        try bytes[0].write(to: places[1])
        #expect(try await verify(vault, bundle).status == 7, "\(kind)")
        try bytes[0].write(to: places[0])
        try bytes[1].write(to: places[1])
      }
      #expect(try await verify(vault, bundle).status == 0)
    }

    @Test("P5 a bundle's keys open the entries it names and none of their neighbours, written under the same log key")
    func neighbours() async throws {
      let vault = try await RunningVault.staffed()
      // Words that follow each other at once share a log key.
      for _ in 0..<3 { _ = try await vault.sh("log", "--limit", "1", as: "auditor") }
      let file = Program.package.appendingPathComponent("docs/examples/sample-caseload.csv").path
      _ = try await vault.sh("import", file, "--programme", "navigators", as: "officer")
      let log = vault.terminal.appendingPathComponent("log")
      let size = try #require(try await vault.sh("log", "export", log.path, as: "auditor")["size"]?.integerValue)
      let leaves = try leaves(of: log, size: UInt64(size))
      let index = try #require(
        leaves.indices.dropFirst(30).dropLast(30).first { leaves[$0 - 1].prefix(98) == leaves[$0].prefix(98) })
      let bundle = vault.terminal.appendingPathComponent("bundle")
      _ = try await vault.sh("log", "prove", String(index), "--to", bundle.path, as: "auditor")
      let status = try await vault.sh("status")
      let vaultID = hexBytes(try #require(status["vault"]?.stringValue))
      let context = try LogContext(
        vaultID: vaultID, origin: NoteKey(vkey: try #require(status["log"]?["key"]?.stringValue)).name)
      let text = try String(contentsOf: bundle.appendingPathComponent("\(index).key"), encoding: .utf8)
      let bytes = [UInt8](try #require(Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines))))
      func opens(_ leaf: [UInt8], at place: Int) throws -> Bool {
        var copy = bytes
        let key = try EntryKey(wiping: &copy)
        do {
          _ = try key.open(leaf, index: UInt64(place), context: context)
          return true
        } catch { return false }
      }
      #expect(try opens(leaves[index], at: index))
      #expect(leaves.indices.count { leaves[$0].prefix(98) == leaves[index].prefix(98) } >= 2)
      for other in leaves.indices where other != index {
        #expect(try !opens(leaves[other], at: other), "entry \(other) with the key of \(index)")
        #expect(try !opens(leaves[other], at: index))
        #expect(try !opens(leaves[index], at: other))
      }
    }

    private func leaves(of log: URL, size: UInt64) throws -> [[UInt8]] {
      let files = LogDirectory(log.path)
      return try Tile.all(level: 0, inTreeOf: size).flatMap { tile in
        let bytes = try files.contents(of: TilePath.entries(tile).text, byteCountMax: EntryBundle.byteCountMax)
        return try EntryBundle.decode(try #require(bytes), count: tile.width)
      }
    }

    private func hexBytes(_ text: String) -> [UInt8] {
      let digits = text.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
      return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test("where an auditor has signed off, the bundle rests on the checkpoint with their cosignature")
    func cosigned() async throws {
      let (vault, _, indexes) = try await bundled()
      let client = VaultClient(socket: vault.socket)
      let file = try Data(contentsOf: URL(fileURLWithPath: vault.passphraseFile("auditor")))
      var passphrase = [UInt8](file.prefix { $0 != 0x0a })
      _ = try await client.login(account: "auditor", .passphrase(WipedBytes(taking: &passphrase)))
      let signed = try await client.signOff(note: "Read with the supervisor, দিব্যা's case included.")
      try await client.logout()
      let bundle = vault.terminal.appendingPathComponent("signed")
      let answer = try await vault.sh("log", "prove", String(indexes[0]), "--to", bundle.path, as: "auditor")
      #expect(answer["size"]?.integerValue == Int64(signed.size))
      let ran = try await verify(vault, bundle)
      try #require(ran.status == 0, "\(ran.errorText)")
      let cosignatures = try #require(try ran.json["cosignatures"]?.arrayValue)
      #expect(cosignatures.count == 1 && cosignatures[0]["key"]?.stringValue == signed.key)
      let page = try String(contentsOf: bundle.appendingPathComponent("README.txt"), encoding: .utf8)
      #expect(page.contains("vouched"))
      if let python = LogExport.python {
        let script = Program.package.appendingPathComponent("Tests/ForeignVerifier/verify_bundle.py").path
        let foreign = try await ProgramRun.run(
          URL(fileURLWithPath: python), [script, bundle.path], environment: vault.environment, folder: vault.terminal)
        #expect(foreign.status == 0, "\(foreign.errorText)")
        #expect(foreign.outputText.contains("1 entries of \(signed.size): verified, 1 cosignatures"))
      }
      // The cosignature is verified, not only shown.
      let beside = bundle.path + ".cosigner.vkey"
      #expect(try String(contentsOfFile: beside, encoding: .utf8) == signed.key + "\n")
      let checkpoint = bundle.appendingPathComponent("checkpoint")
      let lines = try String(contentsOf: checkpoint, encoding: .utf8).split(separator: "\n")
      try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8).write(to: checkpoint)
      #expect(try await verify(vault, bundle).status == 7)
      // A later entry is not covered by it.
      let late = vault.terminal.appendingPathComponent("late")
      let later = try await vault.sh("log", "prove", String(signed.size), "--to", late.path, as: "auditor")
      #expect(later["cosignatures"]?.arrayValue?.isEmpty == true)
      #expect(try await verify(vault, late).status == 0)
    }

    @Test(
      "what the vault sends for a bundle is verified before it is written",
      arguments: [("audit/proof/inclusion", 10), ("audit/tile/entries", 1)])
    func lied(about part: String, fromEnd position: Int) async throws {
      let vault = try await RunningVault.founded()
      let liar = try await LyingSocket(before: vault, altering: part, fromEnd: position)
      try await vault.login("auditor")
      _ = try await vault.sh(
        "--socket", liar.path, "--passphrase-file", vault.passphraseFile("auditor"), "login", as: "auditor")
      // The last entry is the last leaf of what is sent: that of the checkpoint which the proof rests on.
      let size = try #require(try await vault.sh("status")["log"]?["size"]?.integerValue)
      let bundle = vault.terminal.appendingPathComponent("bundle")
      let ran = try await vault.attempt(
        "--socket", liar.path, "log", "prove", String(size), "--to", bundle.path, as: "auditor")
      try LogExport.expectRefused(ran, saying: "What the vault sent")
      #expect(try FileManager.default.contentsOfDirectory(atPath: vault.terminal.path).isEmpty)
    }

    @Test("what cannot be proven is refused, and leaves nothing behind")
    func refused() async throws {
      let (vault, bundle, indexes) = try await bundled()
      let target = vault.terminal.appendingPathComponent("target")
      let beyond = try await vault.attempt("log", "prove", "999999", "--to", target.path, as: "auditor")
      #expect(beyond.status == 4, "\(beyond.errorText)")
      let denied = try await vault.attempt("log", "prove", String(indexes[0]), "--to", target.path, as: "officer")
      #expect(denied.status == 3, "\(denied.errorText)")
      let again = try await vault.attempt("log", "prove", String(indexes[0]), "--to", bundle.path, as: "auditor")
      #expect(again.status == 5, "\(again.errorText)")
      // Where it cannot be written nothing is disclosed, which would be an entry.
      let nowhere = bundle.appendingPathComponent("README.txt/bundle").path
      let unwritten = try await vault.attempt("log", "prove", String(indexes[0]), "--to", nowhere, as: "auditor")
      #expect(unwritten.status == 1, "\(unwritten.errorText)")
      let told = try await vault.sh("log", "--action", "log.prove", as: "auditor")
      #expect(told["entries"]?.arrayValue?.count == 1, "\(told)")
      #expect(try await vault.attempt("log", "prove", "--to", target.path, as: "auditor").status == 2)
      #expect(try await vault.attempt("log", "prove", "x", "--to", target.path, as: "auditor").status == 2)
      let names = try FileManager.default.contentsOfDirectory(atPath: vault.terminal.path)
      #expect(!names.contains { $0.hasPrefix("target") })
      // Against another log's key, and a checkpoint that says nothing about it.
      let other = try await RunningVault.founded()
      let key = try #require(try await other.sh("status")["log"]?["key"]?.stringValue)
      #expect(try await verify(vault, bundle, "--log-key", key).status == 7)
      let log = vault.terminal.appendingPathComponent("log").path
      _ = try await vault.sh("log", "export", log, as: "auditor")
      #expect(try await verify(vault, bundle, "--since-checkpoint", log + "/checkpoint").status == 2)
      #expect(try await verify(vault, bundle, "--since-checkpoint", bundle.path + "/checkpoint").status == 0)
    }
  }
}
