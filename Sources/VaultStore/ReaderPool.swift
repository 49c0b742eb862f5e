import Dispatch
import GRDB
import Synchronization

/// A fixed number of connections that only read, all made at once so that each is checked before the store is in use.
final class ReaderPool: Sendable {
  private let free: Mutex<[StoreConnection]?>
  private let permits: DispatchSemaphore
  private let count: Int

  init(path: String, options: StoreOptions) throws(StoreError) {
    count = max(1, options.readerCount)
    var connections: [StoreConnection] = []
    for _ in 0..<count { connections.append(try StoreConnection(path: path, role: .reader, options: options)) }
    free = Mutex(connections)
    permits = DispatchSemaphore(value: 0)
    for _ in 0..<count { permits.signal() }
  }

  /// Runs `body` in a transaction of one connection; waits until one is free.
  func read<R>(_ body: (borrowing ReadView) throws -> R) throws -> R {
    permits.wait()
    defer { permits.signal() }
    guard let connection = free.withLock({ $0?.popLast() }) else { throw StoreError(.closed) }
    defer { free.withLock { $0?.append(connection) } }
    return try connection.database.unsafeRead { db in
      try Self.begin(db)
      defer { Self.end(db) }
      return try body(ReadView(access: RowAccess(db: db)))
    }
  }

  /// Runs `body` on every connection, each outside a transaction.
  func settings() throws -> [ConnectionSettings] {
    for _ in 0..<count { permits.wait() }
    defer { for _ in 0..<count { permits.signal() } }
    guard let connections = free.withLock({ $0 }) else { throw StoreError(.closed) }
    return try connections.map { try $0.database.unsafeRead { db in try ConnectionSettings(db) } }
  }

  /// Waits for the reads that run, then closes the connections; later reads throw `.closed`.
  func close() throws(StoreError) {
    for _ in 0..<count { permits.wait() }
    defer { for _ in 0..<count { permits.signal() } }
    let connections = free.withLock { free in
      defer { free = nil }
      return free ?? []
    }
    for connection in connections { try connection.close() }
  }

  private static func begin(_ db: Database) throws {
    do {
      if db.isInsideTransaction { try db.execute(sql: "ROLLBACK") }
      try db.cachedStatement(sql: "BEGIN").execute()
    } catch {
      throw StoreError(wrapping: error)
    }
  }

  private static func end(_ db: Database) {
    // Nothing was written; if this fails, the next `begin` tries again.
    try? db.cachedStatement(sql: "COMMIT").execute()
  }
}
