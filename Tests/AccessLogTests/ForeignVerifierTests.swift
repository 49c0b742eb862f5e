import Foundation
import Testing

@testable import AccessLog

@Suite("P4 A verifier that is not ours accepts our logs as they are")
struct ForeignVerifierTests {
  @Test(
    "aics-tlog: inclusion, consistency, every one-byte change rejected, a shorter log reported as rollback",
    .enabled(if: ForeignVerifier.isThere, "VAULT_TLOG_PYTHON names no Python ≥ 3.12 with aics-tlog"))
  func exports() throws {
    let (scratch, log) = (try Scratch(), try ExportShelf())
    let sizes = [0, 1, 255, 256, 257, 70_000]
    for size in sizes {
      log.grow(to: size)
      try log.write(to: scratch["\(size)"])
    }
    let (status, said) = try ForeignVerifier.run(sizes.map { scratch["\($0)"] })
    #expect(status == 0, "\(said)")
    for size in sizes { #expect(said.contains("\(size) entries: verified"), "\(said)") }
    #expect(said.split(separator: "\n").count { $0.contains("reported as rollback") } == sizes.count - 1, "\(said)")
    print(said)
  }

  @Test(
    "aics-tlog refuses what this suite would have to refuse: another key, a fork of the same size",
    .enabled(if: ForeignVerifier.isThere, "VAULT_TLOG_PYTHON names no Python ≥ 3.12 with aics-tlog"))
  func forks() throws {
    let (scratch, log, fork) = (try Scratch(), try ExportShelf(), try ExportShelf())
    log.grow(to: 300)
    try log.write(to: scratch["log"])
    fork.grow(to: 299)
    fork.grow(to: 400) { "other leaf \($0)" }
    try fork.write(to: scratch["fork"])
    let (status, said) = try ForeignVerifier.run([scratch["log"], scratch["fork"]])
    #expect(status == 1 && said.contains("WRONG: consistency"), "\(said)")

    let stranger = try ExportShelf(seed: 9)
    stranger.grow(to: 300)
    try stranger.write(to: scratch["stranger"])
    try FileManager.default.removeItem(atPath: scratch["stranger.vkey"])
    try FileManager.default.copyItem(atPath: scratch["log.vkey"], toPath: scratch["stranger.vkey"])
    let other = try ForeignVerifier.run([scratch["stranger"]])
    #expect(other.status == 1 && other.said.contains("WRONG: checkpoint"), "\(other.said)")
  }
}

/// Other people's software, which `scripts/test` fetches.
enum ForeignVerifier {
  static let python = ProcessInfo.processInfo.environment["VAULT_TLOG_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
  static let isThere = python.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ForeignVerifier/verify_exports.py").path

  static func run(_ directories: [String]) throws -> (status: Int32, said: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python ?? "/nonexistent")
    process.arguments = [script] + directories
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, said)
  }
}
