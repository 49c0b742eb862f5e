import Foundation
import Testing
import VaultCrypto

extension EndToEnd {
  @Suite("Recovery shares at the founding")
  struct RecoveryShares {
    private func initialise(_ vault: RunningVault, _ more: [String]) async throws -> Ran {
      try await vault.run(.vaultd, words(for: vault) + more)
    }

    private func words(for vault: RunningVault) -> [String] {
      [
        "init", "--data", vault.data.path, "--root-key-file", vault.rootKey.path, "--administrator", "adela",
        "--supervisor", "sumitra", "--auditor", "andrei", "--demo",
      ]
    }

    @Test("P9 each share is an age file that its holder opens with age and no other holder does")
    func sealedShares() async throws {
      let vault = try RunningVault()
      let holders = try await [AgeTool(beside: vault), AgeTool(beside: vault), AgeTool(beside: vault)]
      let made = try await initialise(
        vault,
        ["--threshold", "2", "--share-directory", vault.terminal.path]
          + holders.flatMap { ["--share-recipient", $0.recipient] })
      try #require(made.status == 0, "\(made.errorText)")
      var shares: [RecoveryShare] = []
      for (index, holder) in holders.enumerated() {
        let file = vault.place("recovery-share-\(index + 1).age")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let opened = vault.place("opened-\(index)")
        try await holder.decrypt(file, to: opened)
        var words = [UInt8](try Data(contentsOf: URL(fileURLWithPath: opened)))
        #expect(!made.outputText.contains(String(decoding: words.prefix(40), as: UTF8.self)))
        shares.append(try RecoveryShare(parsing: SecretBytes(wiping: &words)))
        let sealed = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        var identity = [UInt8](try Data(contentsOf: URL(fileURLWithPath: holders[(index + 1) % 3].identityFile)))
        let others = try AgeIdentity.all(inFile: SecretBytes(wiping: &identity))
        #expect(throws: AgeError.self) { _ = try Age.decrypt(sealed, with: others).byteCount }
      }
      #expect(shares.allSatisfy { $0.threshold == 2 })
      #expect(try SLIP39.combine([shares[0], shares[2]]).matches(SLIP39.combine([shares[1], shares[2]])))
    }

    @Test("P9 bare shares are printed where that was asked for in so many words, and nowhere else")
    func bareShares() async throws {
      let vault = try RunningVault()
      for refused in [
        ["--threshold", "2"], ["--shares", "3"], ["--print-bare-shares", "--threshold", "4", "--shares", "3"],
        ["--print-bare-shares", "--threshold", "1"], ["--print-bare-shares", "--no-escrow"],
        ["--print-bare-shares", "--share-directory", vault.terminal.path],
      ] {
        let ran = try await initialise(vault, refused)
        #expect(ran.status == 2 && ran.errorText.contains("hint:"), "\(refused): \(ran.errorText)")
      }
      let made = try await initialise(vault, ["--print-bare-shares", "--threshold", "2", "--shares", "4"])
      try #require(made.status == 0, "\(made.errorText)")
      let shares = try made.outputText.split(separator: "\n").filter { $0.split(separator: " ").count == 33 }.map {
        var words = Array($0.utf8)
        return try RecoveryShare(parsing: SecretBytes(wiping: &words))
      }
      #expect(shares.count == 4)
      #expect(try SLIP39.combine([shares[3], shares[0]]).count == 32)
    }

    @Test("an init whose shares cannot all be written leaves neither vault nor key nor shares")
    func noHalfIssue() async throws {
      let vault = try RunningVault()
      let holder = try await AgeTool(beside: vault)
      let occupied = vault.place("recovery-share-2.age")
      try Data().write(to: URL(fileURLWithPath: occupied))
      let before = try vault.files
      func initialised(in directory: String) async throws -> Ran {
        try await initialise(
          vault,
          ["--threshold", "2", "--share-directory", directory]
            + Array(repeating: ["--share-recipient", holder.recipient], count: 3).flatMap(\.self))
      }
      let made = try await initialised(in: vault.terminal.path)
      #expect(made.status == 5 && made.errorText.contains("hint:"), "\(made.errorText)")
      #expect(try vault.files == before)
      #expect(!FileManager.default.fileExists(atPath: vault.place("recovery-share-1.age")))
      // Whoever copies the data would have them.
      let inside = try await initialised(in: vault.data.path)
      #expect(inside.status == 2 && inside.errorText.contains("must not lie inside"), "\(inside.errorText)")
      #expect(try vault.files == before)
    }

    @Test("nothing that opens records lies beside them, whether its directory is named or not")
    func besideTheData() async throws {
      let vault = try RunningVault()
      let holder = try await AgeTool(beside: vault)
      try FileManager.default.createDirectory(
        at: vault.data, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      for name in ["adela", "sumitra", "andrei"] {
        try Data("six words that nobody else knows\n".utf8)
          .write(to: vault.data.appendingPathComponent("\(name).passphrase"))
      }
      let sealed = ["--threshold", "2", "--share-recipient", holder.recipient, "--share-recipient", holder.recipient]
      let before = try vault.files
      for shares in [
        sealed, sealed + ["--share-directory", vault.data.path], ["--insecure-founding", vault.data.path],
        ["--insecure-founding", ".", "--no-escrow"],
      ] {
        let ran = try await vault.run(.vaultd, words(for: vault) + shares, in: vault.data)
        #expect(ran.status == 2 && ran.errorText.contains("must not lie inside"), "\(shares): \(ran.errorText)")
        #expect(try vault.files == before, "\(shares)")
      }
    }

    @Test("what a full disk cuts short is removed, and the same words work once there is room")
    func fullDisk() async throws {
      let vault = try RunningVault()
      let holder = try await AgeTool(beside: vault)
      let shares =
        ["--threshold", "2", "--share-directory", vault.terminal.path]
        + Array(repeating: ["--share-recipient", holder.recipient], count: 3).flatMap(\.self)
      let before = try vault.files
      // So many bytes of a file that the root key is cut, and so many that it is whole and the first share is cut.
      for byteCountMax in [40, 300] {
        let ran = try await ProgramRun.run(
          URL(fileURLWithPath: "/bin/sh"),
          ["-c", #"trap '' XFSZ; exec prlimit --fsize="$0" "$@""#, "\(byteCountMax)", Program.vaultd.url.path]
            + words(for: vault) + shares, environment: vault.environment, folder: vault.terminal)
        #expect(ran.status == 1, "\(byteCountMax): \(ran.errorText)")
        #expect(try vault.files == before, "\(byteCountMax)")
        #expect(!FileManager.default.fileExists(atPath: vault.place("recovery-share-1.age")), "\(byteCountMax)")
      }
      let made = try await initialise(vault, shares)
      #expect(made.status == 0, "\(made.errorText)")
    }

    @Test("a vault without escrow says at init and in doctor what that means")
    func noEscrow() async throws {
      let vault = try RunningVault()
      let made = try await initialise(vault, ["--no-escrow"])
      try #require(made.status == 0, "\(made.errorText)")
      #expect(made.errorText.contains("none can be made later"))
      let doctor = try await vault.run(.vaultd, ["doctor", "--data", vault.data.path])
      #expect(doctor.outputText.contains("WARN  no recovery shares"))
    }
  }
}
