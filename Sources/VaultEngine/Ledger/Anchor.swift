import AccessLog
import Foundation
import Synchronization
import VaultCrypto

/// The last checkpoint, kept outside the data directory: an older copy of the database is behind it (DESIGN §5).
final class Anchor: Sendable {
  static let byteCountMax = 4096
  let path: String
  private let state = Mutex(State())

  private struct State {
    /// Size of the checkpoint in the file; nil: there is no file.
    var written: UInt64?
    var failureCount: UInt64 = 0
    var isFailing = false
  }

  /// How keeping it goes.
  struct Health: Sendable, Equatable {
    /// Attempts that failed since the vault was opened.
    var failureCount: UInt64
    /// The last attempt failed: the file is older than a second, or is not there.
    var isFailing: Bool
  }

  init(path: String) { self.path = path }

  /// The anchor that belongs to a data directory: its sibling `NAME.anchor`.
  static func path(besides directory: String) -> String {
    var directory = directory
    while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
    return directory + ".anchor"
  }

  /// Where a restore keeps the anchor that it replaces.
  static func asidePath(of path: String) -> String { path + ".before-restore" }

  var isThere: Bool { FileManager.default.fileExists(atPath: path) }

  /// Size of the checkpoint that is durable in the file; nil where there is none.
  var writtenSize: UInt64? { state.withLock(\.written) }

  var health: Health { state.withLock { Health(failureCount: $0.failureCount, isFailing: $0.isFailing) } }

  /// nil where there is none. `integrity` for bytes that are no checkpoint of this log.
  func read(by log: NoteKey) throws(VaultError) -> VerifiedCheckpoint? {
    guard let data = FileManager.default.contents(atPath: path) else {
      // What cannot be read is not taken for absent: the database may be behind it.
      guard !isThere else {
        throw VaultError(
          .failed, "The anchor file cannot be read.", hint: "It belongs to the daemon's user, mode 0600.")
      }
      return nil
    }
    guard data.count <= Anchor.byteCountMax, let unverified = try? UnverifiedCheckpoint(encoded: [UInt8](data)),
      let checkpoint = try? unverified.verified(by: log)
    else {
      throw VaultError(
        .integrity, "The anchor file is not a checkpoint of this vault's log.",
        hint: FileManager.default.fileExists(atPath: path + ".new")
          ? "If a restore was interrupted, rename ANCHOR.new to ANCHOR; otherwise call the auditor."
          : "It lies beside the data directory. If it belongs to another vault, move it away; otherwise call the auditor."
      )
    }
    state.withLock { $0.written = checkpoint.size }
    return checkpoint
  }

  /// What a restore set aside, where it is of this very log. With an anchor in its place nobody asks for it.
  func readAside(by log: NoteKey) -> VerifiedCheckpoint? {
    guard let data = FileManager.default.contents(atPath: Anchor.asidePath(of: path)),
      data.count <= Anchor.byteCountMax, let unverified = try? UnverifiedCheckpoint(encoded: [UInt8](data)),
      unverified.claim.origin == log.name
    else { return nil }
    return try? unverified.verified(by: log)
  }

  /// Replaces the file and makes it durable, unless it holds this checkpoint already. Called off the hot path.
  ///
  /// - Returns: whether the file is as it should be; each failure is counted.
  @discardableResult
  func write(_ checkpoint: [UInt8], size: UInt64) -> Bool {
    // Not `written < size` alone: an empty log has an anchor, too.
    guard state.withLock({ $0.written.map { $0 < size } ?? true }) else { return true }
    let isWritten = !checkpoint.isEmpty && replace(with: checkpoint)
    state.withLock { state in
      state.isFailing = !isWritten
      if isWritten { state.written = size } else { state.failureCount += 1 }
    }
    return isWritten
  }

  private func replace(with checkpoint: [UInt8]) -> Bool {
    let temporary = path + ".new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return false }
    let count = unsafe checkpoint.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
    let isDurable = count == checkpoint.count && fsync(descriptor) == 0
    close(descriptor)
    guard isDurable, unsafe rename(temporary, path) == 0 else { return false }
    // The name as well. A parent that may not be opened keeps what the file system gives by itself.
    let parent = unsafe open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
    return true
  }
}
