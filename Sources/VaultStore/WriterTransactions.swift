import GRDB

extension StoreConnection {
  /// Runs `body` between BEGIN IMMEDIATE and COMMIT; whatever throws, nothing of it stays.
  ///
  /// - Returns: what `body` returned, once COMMIT has flushed it.
  /// - Throws: errors of `body` as they are; those of SQLite as `StoreError`; `.io` where `beforeCommit` throws.
  func transaction<R>(beforeCommit: (@Sendable () throws -> Void)?, _ body: (Database) throws -> R) throws -> R {
    try database.writeWithoutTransaction { db in
      try Self.mapped {
        // Left by a ROLLBACK that failed in an earlier batch.
        if db.isInsideTransaction { try db.execute(sql: "ROLLBACK") }
        try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
      }
      do {
        let result = try body(db)
        do { try beforeCommit?() } catch { throw (error as? StoreError) ?? StoreError(.io) }
        try Self.mapped { try db.cachedStatement(sql: "COMMIT").execute() }
        // A COMMIT that says yes and leaves the transaction open would be acknowledged and lost.
        guard !db.isInsideTransaction else { throw StoreError(.io) }
        return result
      } catch {
        // SQLite has rolled back by itself after some errors; what is still open is closed here, or by the next batch.
        if db.isInsideTransaction { try? db.execute(sql: "ROLLBACK") }
        throw error
      }
    }
  }

  /// One snapshot of this connection.
  func look<R>(_ body: (borrowing ReadView) throws -> R) throws -> R {
    try database.unsafeRead { db in
      try Self.mapped {
        if db.isInsideTransaction { try db.execute(sql: "ROLLBACK") }
        try db.execute(sql: "BEGIN")
      }
      defer { try? db.execute(sql: "ROLLBACK") }
      return try body(ReadView(access: RowAccess(db: db)))
    }
  }

  /// Moves the write-ahead log into the file and cuts it to nothing; false where readers or errors were in the way.
  func emptyWAL() -> Bool {
    (try? database.writeWithoutTransaction { db in try db.checkpoint(.truncate) }) != nil
  }

  /// Moves what it can of the write-ahead log into the file and keeps the log's length: the next commit writes over it.
  ///
  /// - Returns: whether all of it was moved.
  func settleWAL() -> Bool {
    let counts = try? database.writeWithoutTransaction { db in try db.checkpoint(.passive) }
    return counts.map { $0.walFrameCount == $0.checkpointedFrameCount } ?? false
  }

  private static func mapped(_ work: () throws -> Void) throws {
    do { try work() } catch { throw StoreError(wrapping: error) }
  }
}
