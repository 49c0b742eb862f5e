import Glibc

/// The directory of one vault, held exclusively for as long as this value lives.
///
/// The lock is an `flock` on `vault.lock`, which the kernel drops when the process ends however it ends. The database
/// file itself is never opened here while SQLite has it open: closing any descriptor of it would drop SQLite's own locks.
struct DataDirectory: ~Copyable, Sendable {
  static let databaseName = "vault.sqlite"
  static let lockName = "vault.lock"

  /// Absolute, without symbolic links: a later `chdir` changes nothing.
  let path: String
  private let lockDescriptor: Int32
  private let lockIdentity: FileIdentity

  var databasePath: String { path + "/" + Self.databaseName }
  var walPath: String { databasePath + "-wal" }
  var sharedMemoryPath: String { databasePath + "-shm" }
  private var lockPath: String { path + "/" + Self.lockName }

  private init(path: String, lockDescriptor: Int32, lockIdentity: FileIdentity) {
    self.path = path
    self.lockDescriptor = lockDescriptor
    self.lockIdentity = lockIdentity
  }

  /// - Throws: `.missing`, `.permissions`, `.inUse`, `.io`.
  static func lock(_ directory: String) throws(StoreError) -> DataDirectory {
    guard let resolved = unsafe realpath(directory, nil) else {
      throw StoreError(errno == ENOENT ? .missing : .io)
    }
    let path = unsafe String(cString: resolved)
    unsafe free(resolved)
    let status = try FileStatus.required(path)
    guard status.isDirectory, status.isOurs, status.mode == 0o700 else { throw StoreError(.permissions) }

    let lockPath = path + "/" + lockName
    let descriptor = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw StoreError(errno == ELOOP || errno == EACCES ? .permissions : .io) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let held = errno == EWOULDBLOCK
      close(descriptor)
      throw StoreError(held ? .inUse : .io)
    }
    guard fchmod(descriptor, 0o600) == 0, let lock = try? FileStatus.required(lockPath), lock.isRegular, lock.isOurs
    else {
      close(descriptor)
      throw StoreError(.permissions)
    }
    return DataDirectory(path: path, lockDescriptor: descriptor, lockIdentity: lock.identity)
  }

  deinit { close(lockDescriptor) }

  /// Whether a second opener would still meet our lock.
  var isLockInPlace: Bool { (try? FileStatus.of(lockPath))??.identity == lockIdentity }

  /// Makes the empty database file with its mode, whatever the umask; SQLite gives `-wal` and `-shm` the same mode.
  func createDatabaseFile() throws(StoreError) {
    let descriptor = unsafe open(databasePath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw StoreError(errno == ENOSPC ? .full : .io) }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0 else { throw StoreError(.io) }
    try flush()
  }

  /// Makes the names in the directory durable: a file whose name is lost in a power failure is lost.
  func flush() throws(StoreError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(.io) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(.io) }
  }

  /// The first bytes of the database file; fewer if it is shorter. Only before SQLite opens it.
  func databaseHeader(byteCount: Int) throws(StoreError) -> [UInt8] {
    let descriptor = unsafe open(databasePath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw StoreError(errno == ELOOP || errno == EACCES ? .permissions : .io) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw StoreError(.io) }
    return Array(bytes.prefix(count))
  }
}

/// Which file a path leads to, whatever its name.
struct FileIdentity: Equatable, Sendable {
  let device: UInt64
  let inode: UInt64
}

/// What `lstat` says about a path, as far as the store cares.
struct FileStatus: Sendable {
  let identity: FileIdentity
  let kind: mode_t
  /// The permission bits.
  let mode: mode_t
  let owner: uid_t
  let byteCount: Int
  /// What the file holds on the disk: less than `byteCount` where it has holes.
  let allocatedByteCount: Int

  var isDirectory: Bool { kind == S_IFDIR }
  var isRegular: Bool { kind == S_IFREG }
  var isOurs: Bool { owner == geteuid() }
  /// A file of ours that nobody else can open.
  var isPrivateFile: Bool { isRegular && isOurs && mode & 0o177 == 0 }

  /// nil: nothing is there.
  static func of(_ path: String) throws(StoreError) -> FileStatus? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw StoreError(.io)
    }
    return FileStatus(
      identity: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
      kind: status.st_mode & S_IFMT, mode: status.st_mode & 0o7777, owner: status.st_uid,
      byteCount: Int(status.st_size), allocatedByteCount: Int(status.st_blocks) * 512)
  }

  static func required(_ path: String) throws(StoreError) -> FileStatus {
    guard let status = try of(path) else { throw StoreError(.missing) }
    return status
  }
}
