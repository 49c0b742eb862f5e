import AccessLog
import Foundation
import Synchronization
import VaultCrypto

/// The last checkpoint, kept outside the data directory: an older copy of the database is behind it (DESIGN §5).
final class Anchor: Sendable {
  static let byteCountMax = 4096
  let path: String
  private let written = Mutex<UInt64>(0)

  init(path: String) { self.path = path }

  /// The anchor that belongs to a data directory: its sibling `NAME.anchor`.
  static func path(besides directory: String) -> String {
    var directory = directory
    while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
    return directory + ".anchor"
  }

  /// nil where there is none yet. `integrity` for bytes that are no checkpoint of this log.
  func read(by log: NoteKey) throws(VaultError) -> VerifiedCheckpoint? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    guard data.count <= Anchor.byteCountMax, let unverified = try? UnverifiedCheckpoint(encoded: [UInt8](data)),
      let checkpoint = try? unverified.verified(by: log)
    else {
      throw VaultError(
        .integrity, "The anchor file is not a checkpoint of this vault.",
        hint:
          "It lies beside the data directory. If it belongs to another vault, move it away; otherwise call the auditor."
      )
    }
    written.withLock { $0 = checkpoint.size }
    return checkpoint
  }

  /// Replaces the file and makes it durable. Called off the hot path, at most once a second.
  func write(_ checkpoint: [UInt8], size: UInt64) throws {
    guard written.withLock({ $0 < size }) else { return }
    let temporary = path + ".new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw VaultError(.unavailable, "The anchor beside the data directory could not be written.")
    }
    let count = unsafe checkpoint.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress!, $0.count) }
    let isDurable = count == checkpoint.count && fsync(descriptor) == 0
    close(descriptor)
    guard isDurable, unsafe rename(temporary, path) == 0 else {
      throw VaultError(.unavailable, "The anchor beside the data directory could not be written.")
    }
    written.withLock { $0 = size }
  }
}
