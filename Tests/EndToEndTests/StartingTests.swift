import Foundation
import Glibc
import Testing
import VaultModel

extension EndToEnd {
  @Suite("Starting, stopping, and being in the way of each other")
  struct Starting {
    private func serve(_ vault: RunningVault, _ arguments: [String]) async throws -> Ran {
      try await vault.run(.vaultd, ["serve"] + arguments)
    }

    @Test("init prints a one-time code for each founder, and the vault is in founding until they have enrolled")
    func founding() async throws {
      let vault = try RunningVault()
      let made = try await vault.run(
        .vaultd,
        [
          "init", "--data", vault.data.path, "--root-key-file", vault.rootKey.path, "--administrator", "administrator",
          "--supervisor", "supervisor", "--auditor", "auditor", "--no-escrow", "--demo",
        ])
      try #require(made.status == 0, "\(made.errorText)")
      #expect(made.outputText.contains("founding"))
      let mode = try FileManager.default.attributesOfItem(atPath: vault.rootKey.path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      try await vault.serve()
      #expect(try await vault.sh("status")["state"]?.stringValue == "founding")
      for account in ["administrator", "supervisor", "auditor"] {
        let line = try #require(made.outputText.split(separator: "\n").first { $0.hasPrefix("  \(account): ") })
        let code = line.split(separator: ": ", maxSplits: 1)[1]
        _ = try await vault.sh(
          "enrol", account, "--code", "-", "--passphrase-file", vault.passphraseFile(account), input: code + "\n")
      }
      #expect(try await vault.sh("status")["state"]?.stringValue == "open")
      try await vault.login("auditor")
      let entries = try #require(try await vault.sh("log", as: "auditor")["entries"]?.arrayValue)
      #expect(
        entries.contains {
          $0["action"]?.stringValue == "account.enrol" && $0["account"]?.stringValue == "administrator"
        },
        "what happened before the auditor came is theirs to read")
    }

    @Test("init does not touch a directory in which there is a vault already")
    func initialiseTwice() async throws {
      let vault = try await RunningVault.founded()
      try await vault.stop()
      let before = try Data(contentsOf: vault.rootKey)
      let again = try await vault.initialise()
      #expect(again.status != 0)
      #expect(again.errorText.contains("hint:"))
      #expect(try Data(contentsOf: vault.rootKey) == before)
      try await vault.serve()
    }

    @Test("6: without its root key the daemon does not start, and says what to do")
    func rootKeyMissing() async throws {
      let vault = try await RunningVault.founded()
      try await vault.stop()
      let place = ["--data", vault.data.path, "--socket", vault.socket, "--demo"]
      for arguments in [place, place + ["--root-key-file", vault.home.appendingPathComponent("nothing").path]] {
        let ran = try await serve(vault, arguments)
        #expect(ran.status == 6)
        #expect(ran.errorText.contains("root key") && ran.errorText.contains("hint:"))
      }
      let verified = try await vault.run(.vaultd, ["verify", "--data", vault.data.path])
      #expect(verified.status == 6)
    }

    @Test("7: another vault's root key opens nothing, and that it may be the wrong file is said first")
    func rootKeyWrong() async throws {
      let (vault, other) = (try await RunningVault.founded(), try RunningVault())
      try #require(try await other.initialise().status == 0)
      try await vault.stop()
      let ran = try await serve(
        vault, ["--data", vault.data.path, "--socket", vault.socket, "--demo", "--root-key-file", other.rootKey.path])
      #expect(ran.status == 7, "\(ran.errorText)")
      #expect(ran.errorText.contains("root key does not open this vault") && ran.errorText.contains("hint:"))
    }

    @Test("the root key comes from the service manager's credentials too, and READY=1 goes back")
    func credentials() async throws {
      let vault = try await RunningVault.founded()
      try await vault.stop()
      let credentials = vault.home.appendingPathComponent("credentials")
      try FileManager.default.createDirectory(at: credentials, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: vault.rootKey, to: credentials.appendingPathComponent("vault-root-key"))
      let notices = try NoticeSocket(vault.home.appendingPathComponent("notify").path)
      let daemon = try Daemon(
        arguments: ["serve", "--data", vault.data.path, "--socket", vault.socket, "--demo"],
        environment: vault.environment.merging(
          ["CREDENTIALS_DIRECTORY": credentials.path, "NOTIFY_SOCKET": notices.path]) { $1 }, log: vault.log)
      #expect(notices.next().contains("READY=1"))
      #expect(vault.isReady, "ready means that it answers")
      #expect(await daemon.stop() == 0)
    }

    @Test("doctor takes a credential of the service manager for closed, as the daemon does, and no other file")
    func credentialMode() async throws {
      let vault = try RunningVault()
      try #require(try await vault.initialise().status == 0)
      let credential = vault.home.appendingPathComponent("vault-root-key")
      try FileManager.default.copyItem(at: vault.rootKey, to: credential)
      for file in [credential, vault.rootKey] { try #require(unsafe chmod(file.path, 0o440) == 0) }
      func doctor(_ more: [String]) async throws -> String {
        try await ProgramRun.run(
          Program.vaultd.url, ["doctor", "--data", vault.data.path] + more,
          environment: vault.environment.merging(["CREDENTIALS_DIRECTORY": vault.home.path]) { $1 },
          folder: vault.terminal
        ).outputText
      }
      let closed = "ok    the root key is for its owner alone"
      #expect(try await doctor([]).contains(closed))
      #expect(try await doctor(["--root-key-file", credential.path]).contains(closed))
      let other = try await doctor(["--root-key-file", vault.rootKey.path])
      #expect(other.contains("WARN  others than its owner can read the root key"))
    }

    @Test("a demo vault is refused by a daemon that was not started with --demo")
    func demo() async throws {
      let vault = try await RunningVault.founded()
      try await vault.stop()
      let ran = try await serve(
        vault, ["--data", vault.data.path, "--socket", vault.socket, "--root-key-file", vault.rootKey.path])
      #expect(ran.status != 0)
      #expect(ran.errorText.contains("--demo"))
    }

    @Test("SIGTERM: the daemon finishes and leaves with 0; the next one goes on with what was there")
    func stopping() async throws {
      let vault = try await RunningVault.staffed()
      let id = try await vault.newRecord(Samples.shirin)
      #expect(try await vault.stop() == 0)
      #expect(!FileManager.default.fileExists(atPath: vault.socket), "the socket is gone with its daemon")
      try await vault.serve()
      #expect(try await vault.attempt("show", id, as: "officer").status == 6, "sessions end with the daemon")
      try await vault.login("officer")
      #expect(try await vault.sh("show", id, as: "officer")["id"]?.stringValue == id)
    }

    @Test("a second daemon on the same socket or the same data is told so, and the first is not disturbed")
    func second() async throws {
      let (vault, other) = (try await RunningVault.founded(), try RunningVault())
      try #require(try await other.initialise().status == 0)
      let sameSocket = try await serve(
        vault,
        ["--data", other.data.path, "--socket", vault.socket, "--root-key-file", other.rootKey.path, "--demo"])
      #expect(sameSocket.status != 0)
      #expect(sameSocket.errorText.contains("hint:"))
      let sameData = try await serve(
        vault,
        ["--data", vault.data.path, "--socket", other.socket, "--root-key-file", vault.rootKey.path, "--demo"])
      #expect(sameData.status != 0)
      #expect(sameData.errorText.contains("hint:"))
      let offline = try await vault.run(
        .vaultd, ["verify", "--data", vault.data.path, "--root-key-file", vault.rootKey.path])
      #expect(offline.status != 0 && offline.status != 7, "in use is not tampering")
      #expect(vault.isReady)
      try await vault.login("auditor")
      #expect(try await vault.sh("log", "verify", as: "auditor")["ok"]?.boolValue == true)
    }

    @Test("a socket file that a crash left behind is no obstacle; a file that is no socket is left alone")
    func staleSocket() async throws {
      let vault = try await RunningVault.founded()
      await vault.served?.crash()
      #expect(FileManager.default.fileExists(atPath: vault.socket))
      try await vault.serve()
      try await vault.stop()
      try "precious".write(toFile: vault.socket, atomically: true, encoding: .utf8)
      let ran = try await vault.run(.vaultd, vault.serveArguments)
      #expect(ran.status != 0)
      #expect(try String(contentsOfFile: vault.socket, encoding: .utf8) == "precious")
    }

    @Test("the data directory and what is in it are for the daemon's user alone")
    func modes() async throws {
      let vault = try await RunningVault.withRecords()
      let files = FileManager.default
      func mode(_ path: String) throws -> Int? { try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
      #expect(try mode(vault.data.path) == 0o700)
      for name in try files.contentsOfDirectory(atPath: vault.data.path) {
        #expect(try mode(vault.data.appendingPathComponent(name).path) == 0o600, "\(name)")
      }
      #expect(try mode(vault.socket).map { $0 & 0o007 } == 0)
    }
  }
}

/// What a service manager listens on for `sd_notify`.
private final class NoticeSocket: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8.prefix(107))) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw RawConnection.CannotConnect(code: errno) }
    var patience = timeval(tv_sec: 15, tv_usec: 0)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func next() -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
