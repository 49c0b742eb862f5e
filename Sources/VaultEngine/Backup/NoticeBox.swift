import Foundation
import VaultCrypto
import VaultStore

/// What a process beside the daemon asks it for.
enum Notice: Sendable {
  case backup(BackupNotice)
  case rootKey(RootKeyNotice)

  static let byteCountMax = 1024

  /// nil for bytes that are no notice.
  init?(decoding bytes: [UInt8]) {
    if let notice = try? BackupNotice(decoding: bytes) {
      self = .backup(notice)
    } else if let notice = try? RootKeyNotice(decoding: bytes) {
      self = .rootKey(notice)
    } else {
      return nil
    }
  }
}

/// Where a process beside the daemon tells it of a backup or a new root key: small files in a directory of the data directory, which only
/// the daemon's own user can reach. The daemon answers each with the index of the entry that it wrote.
public struct NoticeBox: Sendable {
  static let name = "notices"
  private static let requestSuffix = ".request"
  private static let answerSuffix = ".answer"
  /// Looked at in one go; more than one backup at a time is rare, and the next look comes within a second.
  private static let countMax = 8
  /// A batch commits within milliseconds; a daemon under load, or one that is just starting, takes a few seconds.
  static let patience = Duration.seconds(20)
  private static let pollInterval = Duration.milliseconds(50)
  private static let answerByteCountMax = 256

  let path: String

  init(data directory: String) { path = directory + "/" + NoticeBox.name }

  /// A notice that waits for its entry.
  struct Waiting {
    let name: String
    /// nil: not a notice.
    let notice: Notice?
    let uid: UInt32
  }

  // MARK: The daemon's side

  /// What waits. Files that are no private files of ours are not looked at.
  func waiting() -> [Waiting] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return [] }
    return names.filter { $0.hasSuffix(NoticeBox.requestSuffix) }.sorted().prefix(NoticeBox.countMax).compactMap {
      name in
      guard let file = PrivateFile.read(path + "/" + name, byteCountMax: Notice.byteCountMax) else {
        unsafe unlink(path + "/" + name)
        return nil
      }
      return Waiting(
        name: String(name.dropLast(NoticeBox.requestSuffix.count)), notice: Notice(decoding: file.bytes),
        uid: file.owner)
    }
  }

  /// nil: there is no entry, so what was announced must not happen.
  func answer(_ waiting: Waiting, index: UInt64?) {
    var encoding = CanonicalEncoding("backup-answer")
    encoding.append(index == nil ? 0 : 1)
    encoding.append(index ?? 0)
    _ = PrivateFile.write(encoding.bytes, to: path + "/" + waiting.name + NoticeBox.answerSuffix)
    unsafe unlink(path + "/" + waiting.name + NoticeBox.requestSuffix)
  }

  // MARK: Both sides

  /// Removes what processes that were killed have left: nobody waits for an answer for longer than `patience`, and what
  /// has no name yet gets one at once. Requests stay: the daemon answers each.
  func removeLeftovers() {
    let files = FileManager.default
    guard let names = try? files.contentsOfDirectory(atPath: path) else { return }
    let oldest = Date.now - Double(NoticeBox.patience.components.seconds)
    for name in names where name.hasSuffix(NoticeBox.answerSuffix) || name.hasSuffix(PrivateFile.unfinishedSuffix) {
      let file = path + "/" + name
      guard let written = (try? files.attributesOfItem(atPath: file))?[.modificationDate] as? Date, written < oldest
      else { continue }
      unsafe unlink(file)
    }
  }

  // MARK: The other side

  /// Waits until the daemon has written the entry; its index. `unavailable` where it does not, or refuses.
  func deliver(_ notice: BackupNotice) async throws(VaultError) -> UInt64 {
    try await deliver(
      notice.bytes, so: NoticeBox.consequence(of: notice),
      hint: "See that there is room on the disk; a drill must be of a backup of this very vault.")
  }

  /// The same for a new root key.
  func deliver(_ notice: RootKeyNotice) async throws(VaultError) -> UInt64 {
    try await deliver(
      notice.bytes, so: ", so which root key counts is not certain.",
      hint: "See that there is room on the disk, and that nobody else changes the root key at this moment.")
  }

  /// - Parameters:
  ///   - consequence: what follows if there is no entry, from the comma on.
  ///   - hint: what to do where the daemon refuses.
  private func deliver(_ notice: [UInt8], so consequence: String, hint: String) async throws(VaultError) -> UInt64 {
    removeLeftovers()
    let name = path + "/" + hexadecimal(randomBytes(16))
    let (request, answer) = (name + NoticeBox.requestSuffix, name + NoticeBox.answerSuffix)
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST, PrivateFile.write(notice, to: request) else {
      throw VaultError(
        .unavailable, "The data directory cannot be written to, so the daemon cannot be asked.",
        hint: "Run this as the daemon's user; see that there is room on the disk.")
    }
    defer {
      unsafe unlink(request)
      unsafe unlink(answer)
    }
    let deadline = ContinuousClock.now + NoticeBox.patience
    while ContinuousClock.now < deadline {
      if let file = PrivateFile.read(answer, byteCountMax: NoticeBox.answerByteCountMax) {
        return try index(in: file.bytes, so: consequence, hint: hint)
      }
      try? await Task.sleep(for: NoticeBox.pollInterval)
    }
    throw VaultError(
      .unavailable, "The daemon did not write the entry in time\(consequence)",
      hint: "Is it alive (`vaultsh status`), and of this version? Otherwise stop it and give --root-key-file.")
  }

  private static func consequence(of notice: BackupNotice) -> String {
    switch notice.kind {
    case .begin: ", so there is no backup."
    case .end: ", so the log shows only that the backup was begun."
    case .drill: ", so log and status do not tell of the drill."
    }
  }

  private func index(in bytes: [UInt8], so consequence: String, hint: String) throws(VaultError) -> UInt64 {
    do {
      var decoder = try CanonicalDecoder(bytes, purpose: "backup-answer")
      let (isAccepted, index) = (try decoder.integer() == 1, try decoder.integer())
      try decoder.finish()
      if isAccepted { return index }
    } catch {
      throw .tampered("The daemon's answer")
    }
    throw VaultError(.unavailable, "The daemon wrote no entry\(consequence)", hint: hint)
  }
}

/// Small files between two processes of one user.
enum PrivateFile {
  static let unfinishedSuffix = ".new"

  /// nil for what is missing, longer, not a regular file, or not of this user alone.
  static func read(_ path: String, byteCountMax: Int) -> (bytes: [UInt8], owner: UInt32)? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_mode & 0o077 == 0, (1...byteCountMax).contains(Int(status.st_size))
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe Foundation.read(descriptor, $0.baseAddress, $0.count) }
    return count == bytes.count ? (bytes, status.st_uid) : nil
  }

  /// Whole or not at all, under its name.
  static func write(_ bytes: [UInt8], to path: String) -> Bool {
    let temporary = path + unfinishedSuffix
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return false }
    let count = unsafe bytes.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    guard count == bytes.count, unsafe rename(temporary, path) == 0 else {
      unsafe unlink(temporary)
      return false
    }
    return true
  }
}
