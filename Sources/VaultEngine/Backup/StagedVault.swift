import Glibc
public import VaultCrypto
import VaultStore

/// A vault out of a backup, in a directory of its own that nobody else knows, until it is either put in its place or
/// removed. What lies there is what lies in a data directory: ciphertext.
public final class StagedVault {
  private static let blockByteCount = 1 << 16

  private let directory: String
  public let file: BackupFile
  private var isPlaced = false

  /// Reads an age file from `descriptor` to its end. `directory` is made, 0700.
  ///
  /// `denied` where no identity opens it; `integrity` where it was altered or cut; `full`, `failed`.
  public init(
    from descriptor: Int32, with identities: [AgeIdentity], in directory: String
  ) throws(VaultError) {
    self.directory = directory
    guard unsafe mkdir(directory, 0o700) == 0 else {
      throw VaultError(
        .failed, "The place where a backup is opened could not be made.",
        hint: "See that the directory around it exists, is yours and has room.")
    }
    do {
      file = try StagedVault.unpack(descriptor, identities, to: directory + "/" + StoreFiles.databaseName)
    } catch {
      StagedVault.remove(directory)
      throw error
    }
  }

  deinit { if !isPlaced { StagedVault.remove(directory) } }

  /// Checks every row and every leaf (`Vault.verify`). `anchorPath` nil: no anchor is held against it, as a drill's
  /// backup is always behind the vault's own.
  public func verify(root: RootKey, anchorPath: String?) throws(VaultError) -> VerificationReport {
    try onUnpacked { () throws(VaultError) in
      try Vault.verify(directory: directory, root: root, anchorPath: anchorPath ?? directory + "/no-anchor")
    }
  }

  /// Whether an anchor, as it was read, knows of entries that the backup does not hold (`Vault.isBehind`).
  public func isBehind(anchor: [UInt8], root: RootKey) throws(VaultError) -> Bool {
    try onUnpacked { () throws(VaultError) in try Vault.isBehind(anchor, directory: directory, root: root) }
  }

  private func onUnpacked<R>(_ body: () throws(VaultError) -> R) throws(VaultError) -> R {
    do { return try body() } catch {
      guard error.code == .notAVault else { throw error }
      throw VaultError(
        .integrity, "The age file opens, but it holds no vault.", hint: "Is it a file that `vaultd backup` wrote?")
    }
  }

  /// Begins the next log of the vault, and repeats what the journal holds (`Vault.succeed`).
  public func succeed(root: RootKey, source: Vault.SuccessionSource) async throws(VaultError) -> Vault.SuccessionReport
  {
    try await Vault.succeed(directory: directory, root: root, source: source, anchorPath: stagedAnchor)
  }

  private var stagedAnchor: String { directory + "/anchor" }

  /// Moves a vault with a new log to `path`, and its anchor to where the daemon looks for it. The one that was there is
  /// kept beside it until the next restore.
  ///
  /// Nothing is moved before the vault is in its place, and then one anchor takes the other's place in one step: at no
  /// moment is there none, for a restore that finds none asks for nobody's acceptance.
  public func place(at path: String, anchorPath: String) throws(VaultError) {
    let anchor = anchorPath + ".new"
    guard moveAnchor(to: anchor) else {
      throw VaultError(
        .failed, "The anchor of the new log could not be written.", hint: "Check the anchor's directory.")
    }
    do { try place(at: path) } catch {
      if !isPlaced { unsafe unlink(anchor) }
      throw error
    }
    guard keepAside(anchorPath), unsafe rename(anchor, anchorPath) == 0,
      PlainFile.flushDirectory(StagedVault.parent(of: anchorPath))
    else {
      throw VaultError(
        .failed, "The vault is in its place, but its anchor is not: ANCHOR is still that of the log before.",
        hint: "Rename ANCHOR.new to ANCHOR before it is served.")
    }
  }

  /// Where a restore keeps the anchor of the log before.
  public static func asidePath(of anchorPath: String) -> String { Anchor.asidePath(of: anchorPath) }

  /// The anchor may lie on another file system.
  private func moveAnchor(to target: String) -> Bool {
    if unsafe rename(stagedAnchor, target) == 0 { return true }
    guard StagedVault.copy(stagedAnchor, to: target) else { return false }
    unsafe unlink(stagedAnchor)
    return true
  }

  /// A second name for the anchor that is about to be replaced; true where there is none.
  private func keepAside(_ anchorPath: String) -> Bool {
    guard unsafe access(anchorPath, F_OK) == 0 else { return true }
    let aside = Anchor.asidePath(of: anchorPath)
    unsafe unlink(aside)
    // Not every file system has second names.
    return unsafe link(anchorPath, aside) == 0 || StagedVault.copy(anchorPath, to: aside)
  }

  private static func copy(_ source: String, to target: String) -> Bool {
    guard let file = PrivateFile.read(source, byteCountMax: Anchor.byteCountMax) else { return false }
    unsafe unlink(target)
    return PrivateFile.write(file.bytes, to: target)
  }

  /// Moves the vault to `path` in one step. `conflict` where there is anything but an empty directory.
  public func place(at path: String) throws(VaultError) {
    for name in StoreFiles.companionNames { unsafe unlink(directory + "/" + name) }
    guard PlainFile.flushDirectory(directory) else {
      throw VaultError(.failed, "The restored vault could not be made durable.", hint: "See what the disk reports.")
    }
    // Over an empty directory or over nothing; the kernel refuses anything else, whoever put it there meanwhile.
    guard unsafe rename(directory, path) == 0 else {
      throw errno == EBUSY || errno == EXDEV ? StagedVault.immovable : StagedVault.occupied
    }
    isPlaced = true
    guard PlainFile.flushDirectory(StagedVault.parent(of: path)) else {
      throw VaultError(
        .failed, "The vault is in its place, but the disk did not confirm it.", hint: "Run sync, then vaultd verify.")
    }
  }

  /// Refuses early what `place` would refuse in the end.
  public static func refuseOccupied(_ path: String) throws(VaultError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR, let entries = unsafe opendir(path) else { throw occupied }
    defer { unsafe closedir(entries) }
    var count = 0
    while unsafe readdir(entries) != nil { count += 1 }
    // Itself and the one around it.
    guard count <= 2 else { throw occupied }
    var around = stat()
    guard unsafe stat(parent(of: path), &around) == 0, around.st_dev == status.st_dev else { throw immovable }
  }

  public static func parent(of path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static let occupied = VaultError(
    .conflict, "There is something in this place already, and a restore replaces nothing.",
    hint: "Name a directory that is not there yet, or move the old one away first.")

  private static let immovable = VaultError(
    .conflict,
    "This directory is empty, but cannot be exchanged for the restored one: it is a mount point, or was named \".\".",
    hint: "Name a directory within it that is not there yet, such as DIR/data. Nothing was moved.")

  private static func unpack(
    _ descriptor: Int32, _ identities: [AgeIdentity], to path: String
  ) throws(VaultError) -> BackupFile {
    let target = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard target >= 0 else { throw VaultError(.failed, "The restored vault could not be written.") }
    defer { close(target) }
    do {
      var hash = RunningHash()
      var byteCount: UInt64 = 0
      var reader = unsafe AgeReader(with: identities) { bytes in
        guard unsafe PlainFile.writeAll(bytes, to: target) else {
          throw VaultError(
            .full, "The restored vault could not be written in full.", hint: "Make room on the disk it goes to.")
        }
      }
      var block = [UInt8](repeating: 0, count: blockByteCount)
      while true {
        let count = unsafe block.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw VaultError(.failed, "The backup could not be read.") }
        guard count > 0 else { break }
        let part = Array(block.prefix(count))
        hash.add(part)
        byteCount += UInt64(count)
        try reader.read(part)
      }
      try reader.finish()
      guard fsync(target) == 0 else { throw VaultError(.full, "The restored vault could not be made durable.") }
      return BackupFile(byteCount: byteCount, digest: hash.finish())
    } catch let error as VaultError {
      throw error
    } catch let error as AgeError {
      throw refusal(error)
    } catch {
      throw VaultError(.failed, "The backup could not be opened.")
    }
  }

  private static func refusal(_ error: AgeError) -> VaultError {
    switch error.code {
    case .noMatch:
      VaultError(
        .denied, "None of these identities opens this backup.",
        hint: "It needs the identity of one of the recipients that it was made for.")
    case .header, .notAuthentic, .payload, .armor:
      VaultError(
        .integrity, "The backup is not what was written: it was altered, cut or extended, or is no age file.",
        hint: "Take another copy of it, or an older backup, and find out who could write to this one.")
    case .outOfBounds, .unavailable, .unsupported, .malformedKey:
      VaultError(.failed, "The backup could not be opened: \(error.reason).", hint: "age -d says more about the file.")
    }
  }

  /// For whoever is interrupted before a value could be made.
  public static func remove(_ directory: String) {
    for name in StoreFiles.companionNames + [StoreFiles.databaseName, "anchor", "anchor.new", "vault.reserve"] {
      unsafe unlink(directory + "/" + name)
    }
    unsafe rmdir(directory)
  }
}
