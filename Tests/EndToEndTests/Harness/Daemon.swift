import Foundation
import Glibc
import Testing

/// One real `vaultd serve`, from its start to its end.
final class Daemon: Sendable {
  struct DidNotStart: Error, CustomStringConvertible {
    let status: Int32?
    let said: String
    var description: String { "vaultd did not start (status \(status.map { String($0) } ?? "none")): \(said)" }
  }

  private let process: Process
  private let ending: Ending
  let identifier: pid_t

  /// Starts, and returns at once.
  init(
    _ executable: URL = Program.vaultd.url, arguments: [String], environment: [String: String], log: URL
  ) throws {
    if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
    let handle = try FileHandle(forWritingTo: log)
    try handle.seekToEnd()
    process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    let ending = Ending()
    process.terminationHandler = { ending.set($0.terminationStatus, bySignal: $0.terminationReason == .uncaughtSignal) }
    self.ending = ending
    try process.run()
    try handle.close()
    identifier = process.processIdentifier
  }

  /// A test that fails must not leave a daemon behind.
  deinit { if process.isRunning { kill(identifier, SIGKILL) } }

  var isRunning: Bool { process.isRunning }

  func signal(_ number: Int32) { if process.isRunning { kill(identifier, number) } }

  /// Everything in flight has a shorter bound than this; what is then still there hangs.
  static let endingSecondsMax = 120

  /// The exit status; signals as negative numbers. What does not end is killed, so that no test waits for ever.
  func end() async -> Int32 {
    let identifier = identifier
    let patience = Task {
      try await Task.sleep(for: .seconds(Daemon.endingSecondsMax))
      kill(identifier, SIGKILL)
    }
    defer { patience.cancel() }
    return await ending.status()
  }

  /// SIGTERM, and the exit status.
  func stop() async -> Int32 {
    signal(SIGTERM)
    return await end()
  }

  /// As a power cut would.
  func crash() async {
    signal(SIGKILL)
    _ = await end()
  }
}
