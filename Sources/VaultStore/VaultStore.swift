import Foundation
import GRDB
import Synchronization

/// The rows of one vault in one SQLite file, all of them ciphertext to this layer.
///
/// Reading is synchronous over pooled snapshots. Writing goes through one `GroupCommitWriter`; before there is one,
/// through `initialise`.
public final class VaultStore: Sendable {
  private enum Writing {
    case free(StoreConnection)
    case taken(StoreConnection)
    case closed
  }

  let options: StoreOptions
  private let databasePath: String
  private let files: OpenFiles
  private let readers: ReaderPool
  /// Empty until a writer is attached.
  let reserve: SpaceReserve
  private let writing: Mutex<Writing>
  /// Last, so that the connections are gone before the lock is, where nobody called `close()`.
  private let directory: Mutex<DataDirectory?>

  /// Opens the vault in `path`, a directory of mode 0700 that belongs to us, and holds it until `close()`.
  ///
  /// - Throws: `.missing`, `.permissions`, `.inUse`, `.notAVault`, `.newerVersion`, `.damaged`, `.misconfigured`, `.io`, `.full`.
  public static func open(directory path: String, options: StoreOptions = StoreOptions()) throws(StoreError)
    -> VaultStore
  {
    try VaultStore(directory: path, options: options)
  }

  private init(directory path: String, options: StoreOptions) throws(StoreError) {
    let directory = try DataDirectory.lock(path)
    try Self.prepareFile(in: directory, options: options)
    reserve = try SpaceReserve(directory: directory.path, options: options)
    var options = options
    options.walByteCountUsual = reserve.plan.walByteCount(atMost: options.walByteCountUsual)
    let writer = try StoreConnection(path: directory.databasePath, role: .writer, options: options)
    try Self.check(writer, options: options)
    readers = try ReaderPool(path: directory.databasePath, options: options)
    files = try OpenFiles(directory)
    databasePath = directory.databasePath
    self.options = options
    writing = Mutex(.free(writer))
    self.directory = Mutex(consume directory)
  }

  // MARK: Reading

  /// Runs `body` against one snapshot. Put many point reads in one block: entering it costs more than a read.
  ///
  /// `body` must not call `read` again: it would take a second connection and could wait for itself.
  /// - Throws: `.closed`, and whatever `body` throws.
  public func read<R>(_ body: (borrowing ReadView) throws -> R) throws -> R { try readers.read(body) }

  /// One snapshot, read from the files anew and over a connection of its own. The pooled ones answer from pages that they
  /// have read before, and nobody waits for one of them meanwhile.
  ///
  /// - Throws: `.displaced`, `.damaged`, `.io`, and whatever `body` throws.
  public func readAnew<R>(_ body: (borrowing ReadView) throws -> R) throws -> R {
    try checkInPlace()
    let connection: StoreConnection
    do { connection = try StoreConnection(path: databasePath, role: .reader, options: options) } catch {
      // The same file was opened before: what it lacks now, somebody took from it.
      throw error.code == .misconfigured || error.code == .notAVault ? StoreError(.damaged) : error
    }
    defer { try? connection.close() }
    let result: Result<R, any Error> = Result { try connection.look(body) }
    // SQLite opens by name: what was read is ours only where the name still leads to it.
    try checkInPlace()
    return try result.get()
  }

  /// Walks the whole file for structural damage (SQLite's `integrity_check`); `.damaged` if there is any.
  public func checkStructure() throws(StoreError) {
    do {
      let verdict = try readers.read { view in
        try String.fetchOne(view.access.db, sql: "PRAGMA integrity_check(1)")
      }
      guard verdict == "ok" else { throw StoreError(.damaged) }
    } catch {
      throw StoreError(wrapping: error)
    }
  }

  // MARK: Writing without a writer

  /// One synchronous, durable transaction: for making a vault and for offline work, while there is no writer.
  ///
  /// - Throws: `.inUse` while a writer is attached; `.closed`, `.displaced`, `.full`, `.io`, and whatever `body` throws;
  ///   nothing is written then.
  public func initialise<R>(_ body: (borrowing WriteTransaction) throws -> R) throws -> R {
    let writer = try takeWriter()
    defer { returnWriter() }
    try checkInPlace()
    return try writer.transaction(beforeCommit: options.beforeCommit) { db in
      try body(WriteTransaction(access: RowAccess(db: db)))
    }
  }

  // MARK: The writer's side

  /// Hands out the one connection that writes.
  func takeWriter() throws(StoreError) -> StoreConnection {
    try writing.withLock { writing throws(StoreError) in
      switch writing {
      case .free(let connection):
        writing = .taken(connection)
        return connection
      case .taken: throw StoreError(.inUse)
      case .closed: throw StoreError(.closed)
      }
    }
  }

  /// Closes the connection that writes and makes another, which has seen nothing yet.
  ///
  /// - Throws: `.displaced` where the path no longer leads to the open files, before and after; as `StoreConnection.init`.
  func reopenWriter() throws(StoreError) -> StoreConnection {
    try checkInPlace()
    let fresh = try StoreConnection(path: databasePath, role: .writer, options: options)
    // SQLite opens by name: the name must still have been the right one.
    try checkInPlace()
    let old = writing.withLock { writing -> StoreConnection? in
      guard case .taken(let old) = writing else { return nil }
      writing = .taken(fresh)
      return old
    }
    // The readers stay open, so that this is never the last connection, whose closing would empty and remove the log.
    try? old?.close()
    return fresh
  }

  func returnWriter() {
    writing.withLock { writing in
      if case .taken(let connection) = writing { writing = .free(connection) }
    }
  }

  /// Demands that the open files are still the ones that the next start would open. What is written to a file that was
  /// renamed or replaced would be acknowledged and lost.
  ///
  /// - Throws: `.displaced`.
  func checkInPlace() throws(StoreError) {
    let lockInPlace = directory.withLock { directory in
      switch directory {
      case .some(let directory): directory.isLockInPlace
      case .none: false
      }
    }
    guard lockInPlace, files.areInPlace else { throw StoreError(.displaced) }
  }

  /// The length of the write-ahead log in bytes.
  var walByteCount: Int { files.walByteCount }

  // MARK: Space

  /// What is left on the disk and in the reserve. Reads the file system, in about a microsecond.
  public var space: StoreSpace { reserve.space }

  /// For a file of ours that belongs to the log and lies outside the database: cuts a step off the reserve if the disk
  /// is full; false where that is of no help.
  public func makeRoom() -> Bool { reserve.giveBack() }

  // MARK: Closing

  /// Empties the write-ahead log into the file, closes it and releases the directory. Finish the writer first.
  ///
  /// - Throws: `.inUse` while a writer is attached; `.io` if the log could not be emptied (nothing is lost: the next
  ///   opening does it).
  public func close() throws(StoreError) {
    let writer: StoreConnection? = try writing.withLock { writing throws(StoreError) in
      switch writing {
      case .free(let connection):
        writing = .closed
        return connection
      case .taken: throw StoreError(.inUse)
      case .closed: return nil
      }
    }
    guard let writer else { return }
    // Last, whatever fails before: SQLite's files must be closed when somebody else may open them.
    defer { directory.withLock { $0 = nil } }
    var failure: StoreError?
    do { try readers.close() } catch { failure = error }
    // A file that was moved away is not touched again.
    if (try? checkInPlace()) != nil { failure = writer.emptyWAL() ? failure : StoreError(.io) }
    try writer.close()
    if let failure { throw failure }
  }

  /// What SQLite says of every open connection; the writer's first, if it is free.
  public func connectionSettings() throws -> [ConnectionSettings] {
    let writer = try? takeWriter()
    defer { if writer != nil { returnWriter() } }
    let first = try writer.map { try $0.database.unsafeRead { db in try ConnectionSettings(db) } }
    return try (first.map { [$0] } ?? []) + readers.settings()
  }
}

// MARK: - Opening

extension VaultStore {
  /// Looks at the file before SQLite may change anything in it, and makes an empty one where that was asked for.
  private static func prepareFile(
    in directory: borrowing DataDirectory, options: StoreOptions
  ) throws(StoreError) {
    for path in [directory.databasePath, directory.walPath, directory.sharedMemoryPath] {
      guard let status = try FileStatus.of(path) else { continue }
      guard status.isPrivateFile else { throw StoreError(.permissions) }
    }
    guard try FileStatus.of(directory.databasePath) != nil else {
      guard options.createIfMissing else { throw StoreError(.missing) }
      // A log without its file: something was lost, and a new vault would overwrite what is left.
      guard try FileStatus.of(directory.walPath) == nil else { throw StoreError(.damaged) }
      return try directory.createDatabaseFile()
    }
    let header = try directory.databaseHeader(byteCount: FileHeader.byteCount)
    switch FileHeader.kind(of: header) {
    case .ours: return
    case .unfinished where options.createIfMissing: return
    // A vault whose making stopped before its first checkpoint: its mark is in the log, or nowhere.
    case .unfinished where try FileStatus.of(directory.walPath).map({ $0.byteCount > 0 }) ?? false: return
    case .unfinished, .foreign: throw StoreError(.notAVault)
    case .newer: throw StoreError(.newerVersion)
    }
  }

  /// Checks mark and version as SQLite sees them (the log included), brings the schema up to date, and demands that it
  /// is exactly ours.
  private static func check(_ writer: StoreConnection, options: StoreOptions) throws(StoreError) {
    do {
      try writer.database.writeWithoutTransaction { db in
        let mark = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        let isNew = mark == 0 && version == 0 && tables == 0
        guard mark == Schema.applicationID || (isNew && options.createIfMissing) else { throw StoreError(.notAVault) }
        guard version <= Schema.currentVersion else { throw StoreError(.newerVersion) }
        guard version > 0 || isNew else { throw StoreError(.damaged) }
        if version < Schema.currentVersion {
          try Schema.migrate(db)
          _ = try db.checkpoint(.truncate)
        }
        try Schema.verify(db)
      }
    } catch {
      throw StoreError(wrapping: error)
    }
  }
}

/// What the fixed header of an SQLite file tells (https://www.sqlite.org/fileformat.html, section 1.3).
enum FileHeader {
  static let byteCount = 100

  enum Kind {
    case ours, newer, foreign
    /// An SQLite file without any mark, or empty: ours only if its making was interrupted.
    case unfinished
  }

  static func kind(of header: [UInt8]) -> Kind {
    if header.isEmpty { return .unfinished }
    guard header.count == byteCount, header.prefix(16).elementsEqual("SQLite format 3\0".utf8) else { return .foreign }
    func number(_ offset: Int) -> UInt32 { header[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    let pageCount = number(28)
    let version = Int32(bitPattern: number(60))
    switch Int32(bitPattern: number(68)) {
    case Schema.applicationID: return version > Schema.currentVersion ? .newer : .ours
    case 0 where pageCount <= 1: return .unfinished
    default: return .foreign
    }
  }
}

/// The identities of the files that SQLite holds open.
struct OpenFiles: Sendable {
  private let databasePath: String
  private let walPath: String
  private let database: FileIdentity
  private let wal: FileIdentity

  init(_ directory: borrowing DataDirectory) throws(StoreError) {
    databasePath = directory.databasePath
    walPath = directory.walPath
    for path in [directory.databasePath, directory.walPath, directory.sharedMemoryPath] {
      guard try FileStatus.required(path).isPrivateFile else { throw StoreError(.permissions) }
    }
    database = try FileStatus.required(databasePath).identity
    wal = try FileStatus.required(walPath).identity
  }

  /// SQLite itself looks for a moved database file in rollback mode only, and never for a moved log.
  var areInPlace: Bool {
    (try? FileStatus.of(databasePath))??.identity == database && (try? FileStatus.of(walPath))??.identity == wal
  }

  var walByteCount: Int { (try? FileStatus.of(walPath))??.byteCount ?? 0 }
}
