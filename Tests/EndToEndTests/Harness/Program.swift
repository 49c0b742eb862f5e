import Foundation
import VaultModel

/// The programs under test, as `swift build` left them.
enum Program: String {
  case vaultd, vaultsh

  /// `VAULT_BINARIES`, or the debug build of this package.
  private static let directory: URL = {
    if let path = ProcessInfo.processInfo.environment["VAULT_BINARIES"] {
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    return package.appendingPathComponent(".build/debug", isDirectory: true)
  }()

  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  var url: URL { Self.directory.appendingPathComponent(rawValue) }
}

/// How a program ended, and what it said.
struct Ran: Sendable {
  let status: Int32
  let output: [UInt8]
  let errors: [UInt8]

  var outputText: String { String(decoding: output, as: UTF8.self) }
  var errorText: String { String(decoding: errors, as: UTF8.self) }

  /// The one JSON document on standard output; throws where there is none, or more than one.
  var json: JSONValue { get throws { try JSONValue.parse(output, limits: Self.limits) } }
  /// The problem document on standard error.
  var problem: JSONValue { get throws { try JSONValue.parse(errors, limits: Self.limits) } }

  private static let limits = JSONLimits(byteCountMax: 64 << 20, depthMax: 32, memberCountMax: 1_000_000)
}

/// Runs a program to its end. Standard input, output and errors are files: no pipe can fill up or break.
enum ProgramRun {
  struct TimedOut: Error { let program: String }

  /// A debug build stretches a passphrase in well under a second; a minute means that something hangs.
  static let secondsMax = 60

  static func run(
    _ executable: URL, _ arguments: [String], environment: [String: String], input: String = "", folder: URL,
    seconds: Int = secondsMax
  ) async throws -> Ran {
    let files = FileManager.default
    let place = folder.appendingPathComponent(UUID().uuidString)
    try files.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: place) }
    let (inputFile, outputFile, errorFile) = (
      place.appendingPathComponent("in"), place.appendingPathComponent("out"), place.appendingPathComponent("err")
    )
    try Data(input.utf8).write(to: inputFile)
    try Data().write(to: outputFile)
    try Data().write(to: errorFile)
    let status = try await status(of: executable, arguments, environment, inputFile, outputFile, errorFile, seconds)
    return Ran(
      status: status, output: [UInt8](try Data(contentsOf: outputFile)),
      errors: [UInt8](try Data(contentsOf: errorFile)))
  }

  private static func status(
    of executable: URL, _ arguments: [String], _ environment: [String: String], _ input: URL, _ output: URL,
    _ errors: URL, _ seconds: Int
  ) async throws -> Int32 {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = environment
    let handles = try (
      FileHandle(forReadingFrom: input), FileHandle(forWritingTo: output), FileHandle(forWritingTo: errors)
    )
    process.standardInput = handles.0
    process.standardOutput = handles.1
    process.standardError = handles.2
    let ended = Ending()
    process.terminationHandler = { ended.set($0.terminationStatus, bySignal: $0.terminationReason == .uncaughtSignal) }
    try process.run()
    // Left to `Process`, they stay open for as long as the tests run.
    for handle in [handles.0, handles.1, handles.2] { try handle.close() }
    let timer = Task {
      try await Task.sleep(for: .seconds(seconds))
      process.terminate()
    }
    defer { timer.cancel() }
    return await ended.status()
  }
}

/// The end of one process, awaited without blocking a thread.
final class Ending: Sendable {
  private let stream: AsyncStream<Int32>
  private let continuation: AsyncStream<Int32>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  /// Signals count as negative numbers, so that no exit code is mistaken for one.
  func set(_ status: Int32, bySignal: Bool) {
    continuation.yield(bySignal ? -status : status)
    continuation.finish()
  }

  func status() async -> Int32 {
    for await status in stream { return status }
    return -1
  }
}
