import Foundation
import VaultCrypto

/// Published vectors: they stay outside the repository, so where they are missing their tests say so and are skipped.
enum Vectors {
  static let directory: URL = {
    if let path = ProcessInfo.processInfo.environment["VAULT_VECTORS"] {
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/vectors", isDirectory: true)
  }()

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: directory.appendingPathComponent(path).path)
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: directory.appendingPathComponent(path)))
  }
}

/// Other programs that speak the same formats.
enum Peer {
  struct Failure: Error { let status: Int32 }

  /// What the program wrote to its standard output. Throws `Failure` where it did not end with 0.
  static func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let (toPeer, fromPeer) = (Pipe(), Pipe())
    process.standardInput = toPeer
    process.standardOutput = fromPeer
    process.standardError = FileHandle.nullDevice
    try process.run()
    let writer = toPeer.fileHandleForWriting
    // On a thread of its own: the peer may fill its output before it has read everything.
    Thread.detachNewThread {
      try? writer.write(contentsOf: Data(input))
      try? writer.close()
    }
    let output = try fromPeer.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
    return [UInt8](output)
  }

  static func python(_ script: String, input: [UInt8] = []) throws -> [UInt8] {
    try run(["python3", "-c", script], input: input)
  }

  static func pythonHas(_ module: String) -> Bool { (try? python("import \(module)")) != nil }
}

/// Bytes from hexadecimal digits; spaces and line ends between them do not matter.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter(\.isHexDigit).map { UInt8($0.hexDigitValue!) }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func hexText(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

func secret(_ bytes: [UInt8]) -> SecretBytes {
  var copy = bytes
  return SecretBytes(wiping: &copy)
}

func secret(_ text: String) -> SecretBytes { secret(Array(text.utf8)) }

func symmetricKey(_ bytes: [UInt8]) -> SymmetricKey { SymmetricKey(secret(bytes)) }

func revealed(_ secret: borrowing SecretBytes) -> [UInt8] { secret.withBytes { unsafe [UInt8]($0) } }

func revealedText(_ secret: borrowing SecretBytes) -> String { String(decoding: revealed(secret), as: UTF8.self) }

func revealed(_ key: SymmetricKey) -> [UInt8] { key.withBytes { unsafe [UInt8]($0) } }

/// The code of the `CryptoError` that `body` throws; nil where it throws none.
func refusal(_ body: () throws(CryptoError) -> Void) -> CryptoError.Code? {
  do throws(CryptoError) {
    try body()
    return nil
  } catch {
    return error.code
  }
}
