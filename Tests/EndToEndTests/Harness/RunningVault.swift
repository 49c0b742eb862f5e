import Foundation
import Synchronization
import Testing
import VaultModel

/// A vault of its own in a temporary directory, served by the real daemon and used through the real shell.
///
/// What the daemon and the shell keep lies under `home`; what a terminal would have seen lies under `terminal`.
final class RunningVault: Sendable {
  let home: URL
  let terminal: URL
  private let daemon = Mutex<Daemon?>(nil)
  /// What each person was shown at their enrolment, and reads out.
  private let fingerprints = Mutex<[String: String]>([:])

  var data: URL { home.appendingPathComponent("data") }
  var socket: String { home.appendingPathComponent("run/vault.socket").path }
  var rootKey: URL { home.appendingPathComponent("root.key") }
  var log: URL { home.appendingPathComponent("vaultd.log") }
  var founding: URL { home.appendingPathComponent("founding") }
  var session: URL { home.appendingPathComponent("session") }

  /// The accounts of keys-example, by the file of their passphrase.
  func passphraseFile(_ account: String) -> String { founding.appendingPathComponent("\(account).passphrase").path }

  // MARK: Making

  /// An empty place; no vault yet.
  init() throws {
    let files = FileManager.default
    home = files.temporaryDirectory.appendingPathComponent("vault-\(UUID().uuidString.prefix(8))")
    terminal = files.temporaryDirectory.appendingPathComponent("terminal-\(UUID().uuidString.prefix(8))")
    for directory in [home, terminal, home.appendingPathComponent("run"), home.appendingPathComponent("session")] {
      try files.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    let keys = Program.package.appendingPathComponent("keys-example")
    try files.createDirectory(at: founding, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for name in try files.contentsOfDirectory(atPath: keys.path) where name.hasSuffix(".passphrase") {
      try files.copyItem(at: keys.appendingPathComponent(name), to: founding.appendingPathComponent(name))
    }
  }

  /// A demo vault with its three founders enrolled, served.
  static func founded() async throws -> RunningVault {
    let vault = try RunningVault()
    let ran = try await vault.initialise()
    try #require(ran.status == 0, "vaultd init: \(ran.errorText)")
    try await vault.serve()
    return vault
  }

  /// A founded vault with the programme `navigators`, the officer in it, and a colleague who is not.
  static func staffed() async throws -> RunningVault {
    let vault = try await founded()
    for account in ["administrator", "supervisor", "auditor"] { try await vault.login(account) }
    let fingerprint = try await vault.enlist("officer", role: "officer")
    _ = try await vault.enlist("colleague", role: "officer")
    _ = try await vault.sh("programme", "add", "navigators", "--title", "Victim Navigators", as: "supervisor")
    _ = try await vault.sh(
      "grant", "officer", "--programme", "navigators", "--fingerprint", fingerprint, as: "supervisor")
    try await vault.login("officer")
    try await vault.login("colleague")
    return vault
  }

  deinit {
    // The daemon first: it must not write into what is being removed.
    daemon.withLock { $0 = nil }
    for directory in [home, terminal] { try? FileManager.default.removeItem(at: directory) }
  }

  func initialise(_ more: [String] = []) async throws -> Ran {
    try await run(
      .vaultd,
      [
        "init", "--data", data.path, "--root-key-file", rootKey.path, "--administrator", "administrator",
        "--supervisor",
        "supervisor", "--auditor", "auditor", "--demo", "--insecure-founding", founding.path, "--no-escrow",
      ] + more)
  }

  // MARK: The daemon

  var serveArguments: [String] {
    // A small reserve: copies of the directory and searches through it should not be about empty blocks.
    ["serve", "--data", data.path, "--socket", socket, "--root-key-file", rootKey.path, "--demo", "--reserve", "1"]
  }

  /// Starts the daemon and waits until it answers.
  ///
  /// - Parameters:
  ///   - script: for `sh -c`, run in user and mount namespaces of its own; ends with `exec "$@"`.
  ///   - more: further options of `serve`.
  ///   - variables: further ones of its environment.
  func serve(
    behind script: String? = nil, adding more: [String] = [], under variables: [String: String] = [:]
  ) async throws {
    let started = try launch(behind: script, adding: more, under: variables)
    for _ in 0..<600 {
      if isReady { return }
      guard started.isRunning else { throw Daemon.DidNotStart(status: await started.end(), said: logText) }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Daemon.DidNotStart(status: nil, said: logText)
  }

  /// Starts the daemon and does not wait.
  @discardableResult
  func launch(
    behind script: String? = nil, adding more: [String] = [], under variables: [String: String] = [:]
  ) throws -> Daemon {
    let environment = environment.merging(variables) { $1 }
    let started =
      if let script {
        try Daemon(
          URL(fileURLWithPath: "/usr/bin/env"),
          arguments: ["unshare", "-r", "-m", "sh", "-c", script, "sh", Program.vaultd.url.path]
            + serveArguments + more,
          environment: environment, log: log)
      } else {
        try Daemon(arguments: serveArguments + more, environment: environment, log: log)
      }
    daemon.withLock { $0 = started }
    return started
  }

  /// The socket answers `GET /v1/status`.
  var isReady: Bool {
    guard let peer = try? RawConnection(socket) else { return false }
    return peer.ask("GET /v1/status HTTP/1.1\r\nHost: vault\r\nConnection: close\r\n\r\n").hasPrefix("HTTP/1.1 200")
  }

  var served: Daemon? { daemon.withLock { $0 } }

  /// SIGTERM, and the exit status.
  @discardableResult
  func stop() async throws -> Int32 {
    let running = try #require(served)
    let status = await running.stop()
    daemon.withLock { $0 = nil }
    return status
  }

  var logText: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

  /// Whether the daemon says so by itself within 15 seconds: it looks at its health four times a second, and tells of a
  /// change ten seconds after another at the earliest.
  func tells(_ text: String) async throws -> Bool {
    for _ in 0..<600 where !logText.contains(text) { try await Task.sleep(for: .milliseconds(25)) }
    return logText.contains(text)
  }

  // MARK: The shell

  var environment: [String: String] {
    [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
      "HOME": home.path, "XDG_STATE_HOME": home.appendingPathComponent("state").path,
      "VAULT_SESSION_DIR": session.path, "VAULT_SOCKET": socket,
    ]
  }

  func run(_ program: Program, _ arguments: [String], input: String = "") async throws -> Ran {
    try await ProgramRun.run(
      program.url, arguments, environment: environment, input: input, folder: terminal)
  }

  /// The same, started in `directory`.
  func run(_ program: Program, _ arguments: [String], in directory: URL) async throws -> Ran {
    try await ProgramRun.run(
      URL(fileURLWithPath: "/bin/sh"), ["-c", #"cd "$0" && exec "$@""#, directory.path, program.url.path] + arguments,
      environment: environment, folder: terminal)
  }

  /// `vaultsh --json --account ACCOUNT WORDS…`, whatever comes of it.
  func attempt(_ words: String..., as account: String? = nil, input: String = "") async throws -> Ran {
    try await run(.vaultsh, ["--json"] + (account.map { ["--account", $0] } ?? []) + words, input: input)
  }

  /// The document that a successful `vaultsh --json` answers with.
  func sh(
    _ words: String..., as account: String? = nil, input: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSONValue {
    let ran = try await run(.vaultsh, ["--json"] + (account.map { ["--account", $0] } ?? []) + words, input: input)
    try #require(ran.status == 0, "\(words.first ?? ""): \(ran.errorText)", sourceLocation: sourceLocation)
    return try ran.json
  }

  /// Opens a session that later commands of this account use.
  func login(_ account: String) async throws {
    _ = try await sh("--passphrase-file", passphraseFile(account), "login", as: account)
  }

  /// Invites and enrols; the fingerprint.
  func enlist(_ account: String, role: String) async throws -> String {
    let invited = try await sh("account", "add", account, "--role", role, "--uid", "any", as: "administrator")
    let code = try #require(invited["code"]?.stringValue)
    let enrolled = try await sh(
      "enrol", account, "--code", "-", "--passphrase-file", passphraseFile(account), input: code + "\n")
    let words = try #require(enrolled["fingerprint"]?.stringValue)
    fingerprints.withLock { $0[account] = words }
    return words
  }

  /// Of somebody who was enlisted.
  func fingerprint(of account: String) throws -> String {
    let words = fingerprints.withLock { $0[account] }
    return try #require(words)
  }

  /// Opens a record with these sections; its id.
  func newRecord(_ sections: String, as account: String = "officer") async throws -> String {
    let saved = try await sh(
      "new", "--programme", "navigators", "--from", "-", as: account, input: #"{"sections": \#(sections)}"#)
    return try #require(saved["id"]?.stringValue)
  }
}

/// The outermost suite: its tests start real processes and take turns, so that time and processor are theirs.
@Suite("With the real daemon and shell", .serialized)
enum EndToEnd {}
