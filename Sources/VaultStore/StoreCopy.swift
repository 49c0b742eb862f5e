import GRDB
import Glibc

/// One moment of a vault's database, whole and on its own, to be carried away while the vault goes on.
///
/// SQLite copies its pages inside one read transaction, so that under WAL the copy is of one commit and no writer waits
/// for it, in this process or in another one. The copy has no name any more once it is made: whatever ends this process
/// takes it away. It holds what the database holds, ciphertext.
public struct StoreCopy: ~Copyable {
  /// Within the data directory: the one place that has the right owner and mode.
  static let name = "backup.copy"
  static let lockName = "backup.lock"
  /// As much of the copy as is in memory at a time.
  static let blockByteCount = 1 << 16

  private let descriptor: Int32
  /// The length of the database.
  public let byteCount: Int

  /// - Parameter disk: what the file system says of its room, where it is not to be asked.
  /// - Throws: `.busy` while another copy is being made; `.full` where it would take what records may still be written
  ///   to; `.missing`, `.permissions`, `.notAVault`, `.damaged`, `.io`.
  public init(of directory: String, disk: DiskSpace? = nil) throws(StoreError) {
    guard let resolved = unsafe realpath(directory, nil) else { throw StoreError(errno == ENOENT ? .missing : .io) }
    let path = unsafe String(cString: resolved)
    unsafe free(resolved)
    let status = try FileStatus.required(path)
    guard status.isDirectory, status.isOurs, status.mode == 0o700 else { throw StoreError(.permissions) }
    let database = path + "/" + DataDirectory.databaseName
    guard try FileStatus.required(database).isPrivateFile else { throw StoreError(.permissions) }

    let lock = try Self.lock(path + "/" + Self.lockName)
    defer { close(lock) }
    let copy = path + "/" + Self.name
    // Left by a process that was killed: with the lock it is nobody's.
    Self.remove(copy)
    try Self.demandRoom(for: database, on: disk ?? DiskSpace.of(path))
    defer { Self.remove(copy) }
    let descriptor = unsafe open(copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw StoreError(errno == ENOSPC ? .full : .io) }
    do throws(StoreError) {
      try Self.copyPages(from: database, to: copy)
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0, status.st_size > 0 else { throw StoreError(.io) }
      byteCount = Int(status.st_size)
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The bytes of the database file, in order.
  ///
  /// - Throws: `.io`, and whatever `body` throws.
  public func forEachBlock(_ body: ([UInt8]) throws -> Void) throws {
    var offset = 0
    var block = [UInt8](repeating: 0, count: Self.blockByteCount)
    while offset < byteCount {
      let wanted = min(block.count, byteCount - offset)
      let count = unsafe block.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress, wanted, off_t(offset))
      }
      guard count > 0 else { throw StoreError(.io) }
      try body(count == block.count ? block : Array(block.prefix(count)))
      offset += count
    }
  }

  /// A copy must not make the vault refuse what its people write meanwhile.
  private static func demandRoom(for database: String, on disk: DiskSpace?) throws(StoreError) {
    guard let disk else { return }
    // Pages that still lie in the write-ahead log become pages of the copy.
    let wanted = try FileStatus.required(database).byteCount + (FileStatus.of(database + "-wal")?.byteCount ?? 0)
    let floor = ReservePlan(totalByteCount: disk.totalByteCount).floorByteCount
    guard disk.freeByteCount >= wanted + floor else { throw StoreError(.full) }
  }

  private static func copyPages(from database: String, to copy: String) throws(StoreError) {
    let source = try StoreConnection(path: database, role: .reader, options: StoreOptions())
    do {
      var configuration = Configuration()
      configuration.prepareDatabase { db in
        // A copy that is not finished is thrown away, so nothing has to survive a crash.
        for pragma in ["journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"] {
          _ = try Row.fetchOne(db, sql: "PRAGMA \(pragma)")
        }
      }
      let target = try DatabaseQueue(path: copy, configuration: configuration)
      // All pages in one step: a copy in several begins again whenever another process commits in between.
      try source.database.backup(to: target)
      try target.close()
    } catch {
      try? source.close()
      throw StoreError(wrapping: error)
    }
    try source.close()
  }

  private static func lock(_ path: String) throws(StoreError) -> Int32 {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw StoreError(errno == ENOSPC ? .full : .permissions) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      close(descriptor)
      throw StoreError(isHeld ? .busy : .io)
    }
    return descriptor
  }

  private static func remove(_ copy: String) {
    for suffix in ["", "-journal", "-wal", "-shm"] { unsafe unlink(copy + suffix) }
  }
}

/// The names of the files that make up a vault's directory while nobody has it open, for those who put one there.
public enum StoreFiles {
  public static let databaseName = DataDirectory.databaseName
  /// What an opening of the store may leave beside the database.
  public static let companionNames = [
    DataDirectory.databaseName + "-wal", DataDirectory.databaseName + "-shm", DataDirectory.lockName,
    StoreCopy.lockName,
  ]
}
