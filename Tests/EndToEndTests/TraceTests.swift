import Foundation
import Testing
import VaultModel

extension EndToEnd {
  @Suite("P1 Nothing readable on disk")
  struct Trace {
    /// What people typed and the records do not hold.
    private static let typed = [
      "mahjabin", "stefanesku", "brickworks", "She did not come home", "Bakerstreet Irregulars", "তাহমিনা",
    ]

    @Test(
      "after a day's work no file of data, runtime, sessions or logs holds a name, a number, a search term or a passphrase"
    )
    func nothingReadable() async throws {
      let vault = try await RunningVault.withRecords()
      try await work(in: vault)
      var needles = Needle.all(of: Samples.planted + Self.typed)
      for account in ["administrator", "supervisor", "auditor", "officer", "colleague"] {
        let phrase = try String(contentsOfFile: vault.passphraseFile(account), encoding: .utf8)
        needles += Needle.all(of: [phrase.trimmingCharacters(in: .newlines)])
      }
      // While it runs, with its log of SQLite and its shared memory; after a crash; and after an orderly end.
      try expectNone(of: needles, in: vault, "running")
      await vault.served?.crash()
      try expectNone(of: needles, in: vault, "crashed")
      try await vault.serve()
      try await vault.stop()
      try expectNone(of: needles, in: vault, "stopped")

      // The search finds what there is: the same needles in a file of each encoding.
      let control = vault.home.appendingPathComponent("control")
      for needle in needles {
        try Data(Array("before".utf8) + needle.bytes + Array("after".utf8)).write(to: control)
        let found = try hits(of: [needle], in: [control])
        #expect(found.count == 1)
      }
    }

    /// Everything that takes words from people: new, find, edit, import, reasons, refusals, bad input, a failed login.
    private func work(in vault: RunningVault) async throws {
      let listed = try await vault.sh("list", as: "officer")
      let id = try #require(listed["records"]?.arrayValue?.first?["id"]?.stringValue)
      for term in ["mahjabin", "stefanesku", "brickworks", "শিরিন", "দিব্যা", "771204"] {
        _ = try await vault.sh("find", "-", as: "officer", input: term + "\n")
      }
      _ = try await vault.sh("show", id, "--all", as: "officer")
      _ = try await vault.sh(
        "edit", id, "--from", "-", as: "officer",
        input: #"{"sections": {"case": {"vault_Notes": "Met at the Bakerstreet Irregulars; quillwort."}}}"#)
      _ = try await vault.sh(
        "--purpose", "emergency", "--reason", "-", "show", id, as: "officer", input: "She did not come home.\n")
      let table = vault.terminal.appendingPathComponent("caseload.csv")
      try
        "vault_Names.text,prs_Birthdate,vault_ContactMethods.kind,vault_ContactMethods.value\nতাহমিনা,1998,mobile,+880 0000 771204\n"
        .write(to: table, atomically: true, encoding: .utf8)
      let imported = try await vault.sh("import", table.path, "--programme", "navigators", as: "officer")
      #expect(imported["imported"]?.integerValue == 1)
      // Refused: what was refused is not written down either.
      let invalid = #"{"sections": {"identity": {"prs_Birthdate": "Zephyrine"}, "health": {"vault_HealthNeeds": 5}}}"#
      #expect(
        try await vault.attempt("new", "--programme", "navigators", "--from", "-", as: "officer", input: invalid).status
          == 1)
      #expect(try await vault.attempt("find", "-", as: "auditor", input: "brickworks\n").status == 3)
      // People type passphrases where the account belongs.
      let phrase = try String(contentsOfFile: vault.passphraseFile("colleague"), encoding: .utf8)
        .trimmingCharacters(in: .newlines).replacing(" ", with: "-")
      #expect(
        try await vault.attempt("--passphrase-file", vault.passphraseFile("officer"), "login", as: phrase).status == 3)
      _ = try await vault.attempt("show", "Zephyrine", as: "officer")
    }

    /// A daemon that runs replaces files whole: where one of those listed is gone before it was read, all are listed and
    /// read again, so that its content is looked at under the name that it has then.
    private func expectNone(of needles: [Needle], in vault: RunningVault, _ when: Comment) throws {
      for attempt in 1... {
        do {
          let files = try Self.files(of: vault)
          #expect(files.count >= 4, "\(files)")
          let found = try hits(of: needles, in: files)
          #expect(found.isEmpty, "\(when): \(found)")
          return
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile && attempt < 20 {
          continue
        }
      }
    }

    /// What the daemon and the shell have written; not what was put there for them to read.
    private static func files(of vault: RunningVault) throws -> [URL] {
      let put = ["founding", "root.key", "control"]
      guard let walk = FileManager.default.enumerator(at: vault.home, includingPropertiesForKeys: [.isRegularFileKey])
      else {
        return []
      }
      return walk.compactMap { $0 as? URL }.filter { file in
        let place = file.pathComponents.dropFirst(vault.home.pathComponents.count).first ?? ""
        return !put.contains(place) && (try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
      }
    }

    /// Needle and file of everything that was found.
    private func hits(of needles: [Needle], in files: [URL]) throws -> [String] {
      try files.flatMap { file in
        let bytes = try Data(contentsOf: file)
        return needles.filter { bytes.range(of: Data($0.bytes)) != nil }.map {
          "\($0.name) in \(file.lastPathComponent)"
        }
      }
    }
  }
}

/// One text in one of the ways in which it could lie on a disk.
private struct Needle {
  let name: String
  let bytes: [UInt8]

  static func all(of texts: [String]) -> [Needle] {
    texts.flatMap { text in
      var needles: [Needle] = []
      for (form, text) in [
        ("as it is", text), ("decomposed", text.decomposedStringWithCanonicalMapping),
        ("lower case", text.lowercased()), ("upper case", text.uppercased()),
      ] {
        let utf8 = Array(text.utf8)
        var encodings: [(String, [UInt8])] = [
          ("UTF-8", utf8),
          ("UTF-16LE", text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }),
          ("UTF-16BE", text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }),
          (
            "JSON escapes",
            Array(text.utf16.map { $0 < 0x80 ? String(UnicodeScalar(UInt8($0))) : "\\u" + hex($0) }.joined().utf8)
          ),
          ("percent encoding", Array((text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text).utf8)),
          ("hexadecimal", Array(utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined().utf8)),
        ]
        for offset in 0..<3 { encodings.append(("base 64", base64(utf8, offset: offset))) }
        needles += encodings.map { Needle(name: "“\(text)” \(form) in \($0.0)", bytes: $0.1) }
      }
      // Short ones would be found in random bytes.
      return needles.filter { $0.bytes.count >= 5 }
    }
  }

  private static func hex(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// The characters that do not depend on what stands before and after, when the text begins at this offset of a group.
  private static func base64(_ bytes: [UInt8], offset: Int) -> [UInt8] {
    let padded = Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedString()
    let dependentAtStart = [0, 2, 3][offset]
    let whole = (offset + bytes.count) / 3 * 4
    return Array(padded.utf8.prefix(whole).dropFirst(dependentAtStart))
  }
}
