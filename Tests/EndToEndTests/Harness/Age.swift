import Foundation
import Testing

/// Debian's `age`, and a key pair that `age-keygen` made.
struct AgeTool {
  let recipient: String
  /// What `age -i` and `vaultd restore --identity` read.
  let identityFile: String
  private let folder: URL
  private let environment: [String: String]

  init(beside vault: RunningVault) async throws {
    folder = vault.terminal
    environment = vault.environment
    identityFile = folder.appendingPathComponent("identity-\(UUID().uuidString.prefix(8))").path
    let made = try await ProgramRun.run(
      URL(fileURLWithPath: "/usr/bin/env"), ["age-keygen", "-o", identityFile], environment: environment, folder: folder
    )
    try #require(made.status == 0, "age-keygen is needed: \(made.errorText)")
    let text = try String(contentsOfFile: identityFile, encoding: .utf8)
    recipient = try #require(text.firstMatch(of: /public key: (age1[a-z0-9]+)/).map { String($0.1) })
  }

  func decrypt(_ file: String, to target: String) async throws {
    let ran = try await ProgramRun.run(
      URL(fileURLWithPath: "/usr/bin/env"), ["age", "-d", "-i", identityFile, "-o", target, file],
      environment: environment, folder: folder)
    try #require(ran.status == 0, "age -d: \(ran.errorText)")
  }

  func encrypt(_ file: String, to target: String, _ more: [String] = []) async throws {
    let ran = try await ProgramRun.run(
      URL(fileURLWithPath: "/usr/bin/env"), ["age", "-r", recipient, "-o", target] + more + [file],
      environment: environment, folder: folder)
    try #require(ran.status == 0, "age -r: \(ran.errorText)")
  }
}

extension RunningVault {
  func backup(to file: String, for age: AgeTool, _ more: [String] = []) async throws -> Ran {
    try await run(.vaultd, ["backup", "--data", data.path, "--to", file, "--recipient", age.recipient] + more)
  }

  func restore(_ file: String, with age: AgeTool, _ more: [String]) async throws -> Ran {
    try await run(
      .vaultd, ["restore", "--from", file, "--identity", age.identityFile, "--root-key-file", rootKey.path] + more)
  }

  /// Everything below `home`, with length and mode.
  var files: Set<String> {
    get throws {
      var found: Set<String> = []
      let names = try FileManager.default.subpathsOfDirectory(atPath: home.path)
      for name in names {
        let facts = try FileManager.default.attributesOfItem(atPath: home.path + "/" + name)
        found.insert("\(name) \(facts[.size] ?? 0) \(facts[.posixPermissions] ?? 0)")
      }
      return found
    }
  }

  /// A file outside what the vault owns.
  func place(_ name: String) -> String { terminal.appendingPathComponent(name).path }
}
