import GRDB

/// One SQLite connection with every setting that a promise rests on, read back before it is used.
///
/// Connections are made one by one rather than by GRDB's `DatabasePool`, which lowers `synchronous` to NORMAL after its
/// own set-up and writes a table of its own at each open.
final class StoreConnection: Sendable {
  enum Role: Sendable {
    case writer, reader
  }

  let database: DatabaseQueue
  /// SQLite's `data_version` as this connection first saw it: its own commits leave it, anybody else's change it.
  private let dataVersion: Int64

  /// - Throws: `.notAVault`, `.damaged`, `.misconfigured`, `.io`, `.full`.
  init(path: String, role: Role, options: StoreOptions) throws(StoreError) {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.readonly = role == .reader
    // A transaction left open by a failed ROLLBACK is dealt with here; GRDB would stop the process.
    configuration.allowsUnsafeTransactions = true
    // Nobody else may have the file open; a short wait covers recovery and our own checkpoints.
    configuration.busyMode = role == .reader ? .timeout(StoreConnection.readerBusySeconds) : .immediateError
    configuration.prepareDatabase { db in
      try StoreConnection.apply(role: role, options: options, to: db)
    }
    do {
      database = try DatabaseQueue(path: path, configuration: configuration)
      dataVersion = try database.unsafeRead { db in try Self.dataVersion(db) }
    } catch {
      throw StoreError(wrapping: error)
    }
  }

  /// A reader meets a lock only while a WAL is recovered.
  private static let readerBusySeconds = 10.0

  private static func apply(role: Role, options: StoreOptions, to db: Database) throws {
    if role == .writer {
      // Only has an effect on the still empty file.
      try db.execute(sql: "PRAGMA page_size = \(Schema.pageByteCount)")
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
      // SQLite then moves the log into the file after a commit and writes the next one over the old log: a flush of
      // blocks that exist costs half of one that makes the file longer. It ignores errors of its own there.
      _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = \(options.walByteCountUsual / Schema.pageByteCount)")
      if let pages = options.pageCountMax { _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)") }
    } else {
      try db.execute(sql: "PRAGMA query_only = ON")
    }
    for pragma in [
      "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY", "trusted_schema = OFF", "cell_size_check = ON",
      // A file truncated under a memory map stops the process with SIGBUS.
      "mmap_size = 0", "cache_size = -\(options.cacheKibibytesPerConnection)",
    ] {
      _ = try Row.fetchOne(db, sql: "PRAGMA \(pragma)")
    }
    guard try ConnectionSettings(db).keepPromises else { throw StoreError(.misconfigured) }
  }

  private static func dataVersion(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0
  }

  /// Within a transaction of the writer: nobody else has committed to the file since this connection was opened. What
  /// was checked then is what is there now, so that no row can be put back behind the back of whoever has it open.
  ///
  /// - Throws: `.damaged`.
  func demandAlone(_ db: Database) throws {
    guard try Self.dataVersion(db) == dataVersion else { throw StoreError(.damaged) }
  }

  func close() throws(StoreError) {
    do { try database.close() } catch { throw StoreError(wrapping: error) }
  }
}

/// What SQLite says of one connection when asked.
public struct ConnectionSettings: Sendable, Equatable {
  public let journalMode: String
  public let synchronous: Int
  public let secureDelete: Int
  public let tempStore: Int
  public let trustedSchema: Int
  public let cellSizeCheck: Int
  /// On for the pooled connections that only read.
  public let queryOnly: Int

  init(_ db: Database) throws {
    func number(_ pragma: String) throws -> Int { try Int.fetchOne(db, sql: "PRAGMA \(pragma)") ?? -1 }
    journalMode = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
    synchronous = try number("synchronous")
    secureDelete = try number("secure_delete")
    tempStore = try number("temp_store")
    trustedSchema = try number("trusted_schema")
    cellSizeCheck = try number("cell_size_check")
    queryOnly = try number("query_only")
  }

  /// WAL; FULL is 2, so that each commit is flushed; freed pages overwritten; no temporary files; no functions run from
  /// the schema; pages checked as they are read.
  var keepPromises: Bool {
    journalMode == "wal" && synchronous == 2 && secureDelete == 1 && tempStore == 2 && trustedSchema == 0
      && cellSizeCheck == 1
  }
}

extension StoreError {
  /// The one place where errors of SQLite and GRDB become ours. Messages are dropped: they may quote statements.
  init(wrapping error: any Error) {
    if let error = error as? StoreError {
      self = error
    } else if let error = error as? DatabaseError {
      self.init(Code(sqlite: error.resultCode), sqliteCode: error.extendedResultCode.rawValue)
    } else {
      // GRDB's decoding errors: a column that is not of the type that we wrote.
      self.init(.damaged)
    }
  }
}

extension StoreError.Code {
  init(sqlite code: ResultCode) {
    switch code {
    case .SQLITE_NOTADB: self = .notAVault
    case .SQLITE_CORRUPT, .SQLITE_FORMAT, .SQLITE_SCHEMA, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_ERROR:
      self = .damaged
    case .SQLITE_FULL: self = .full
    case .SQLITE_TOOBIG: self = .invalid
    case .SQLITE_MISUSE: self = .closed
    default: self = .io
    }
  }
}
