import Foundation
import GRDB

/// The statements of one connection, inside a transaction that somebody else began.
///
/// Every read takes the column types as they come: a file that somebody altered can hold any type anywhere, and GRDB's
/// typed subscripts would stop the process.
struct RowAccess {
  let db: Database
  /// A test seam (`StoreOptions.beforeStatement`).
  var beforeStatement: (@Sendable () throws -> Void)?

  init(db: Database, beforeStatement: (@Sendable () throws -> Void)? = nil) {
    self.db = db
    self.beforeStatement = beforeStatement
  }

  // MARK: Reading

  func row(_ table: StoreTable, _ key: [UInt8]) throws(StoreError) -> StoredRow? {
    try one(table, sql: SQL.row[table], key) { row throws(StoreError) in
      StoredRow(key: key, version: try Self.version(row, 0, table), body: try Self.bytes(row, 1, table))
    }
  }

  func version(_ table: StoreTable, _ key: [UInt8]) throws(StoreError) -> UInt64? {
    try one(table, sql: SQL.version[table], key) { row throws(StoreError) in try Self.version(row, 0, table) }
  }

  func last(_ table: StoreTable) throws(StoreError) -> StoredRow? {
    try one(table, sql: SQL.last[table], nil) { row throws(StoreError) in try Self.storedRow(row, table) }
  }

  func count(_ table: StoreTable) throws(StoreError) -> Int {
    let count = try one(table, sql: SQL.count[table], nil) { row throws(StoreError) in
      guard case .int64(let count) = (row[0] as DatabaseValue).storage else {
        throw StoreError(.damaged, table: table)
      }
      return Int(count)
    }
    return count ?? 0
  }

  func rows(
    _ table: StoreTable, prefix: [UInt8], after: [UInt8]?, limit: Int
  ) throws(StoreError) -> [StoredRow] {
    var rows: [StoredRow] = []
    do {
      try each(table, prefix: prefix, after: after, limit: limit, order: .key) { rows.append($0) }
    } catch {
      throw StoreError(wrapping: error)
    }
    return rows
  }

  enum Order {
    case key
    /// As the rows lie in the file: several times faster over a whole table.
    case storage
  }

  func each(
    _ table: StoreTable, prefix: [UInt8] = [], after: [UInt8]? = nil, limit: Int = .max, order: Order,
    _ body: (StoredRow) throws -> Void
  ) throws {
    var conditions: [String] = []
    var arguments: [any DatabaseValueConvertible] = []
    func bound(_ condition: String, _ bytes: [UInt8]) {
      conditions.append(condition)
      arguments.append(Data(bytes))
    }
    if !prefix.isEmpty {
      bound("key >= ?", prefix)
      if let end = Self.successor(ofPrefix: prefix) { bound("key < ?", end) }
    }
    if let after { bound("key > ?", after) }
    var sql = "SELECT key, version, body FROM \(table.rawValue)"
    if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
    if order == .key { sql += " ORDER BY key" }
    if limit < .max { sql += " LIMIT \(max(limit, 0))" }
    do {
      // Not from the cache: `body` may come back here for the same table.
      let cursor = try Row.fetchCursor(db.makeStatement(sql: sql), arguments: StatementArguments(arguments))
      while let row = try cursor.next() {
        let stored = try Self.storedRow(row, table)
        do { try body(stored) } catch { throw Stop(error: error) }
      }
    } catch let stop as Stop {
      throw stop.error
    } catch {
      throw StoreError(wrapping: error)
    }
  }

  // MARK: Writing

  func put(_ table: StoreTable, _ key: [UInt8], version: UInt64, body: [UInt8]) throws(StoreError) {
    guard version <= StoreLimits.versionMax, !body.isEmpty, body.count <= StoreLimits.bodyByteCountMax,
      !key.isEmpty, key.count <= StoreLimits.keyByteCountMax
    else { throw StoreError(.invalid, table: table) }
    try pass()
    do {
      try db.cachedStatement(sql: SQL.put[table])
        .execute(arguments: [Data(key), Int64(version), Data(body)])
    } catch {
      throw StoreError(wrapping: error)
    }
  }

  func delete(_ table: StoreTable, _ key: [UInt8]) throws(StoreError) {
    try pass()
    do {
      try db.cachedStatement(sql: SQL.delete[table]).execute(arguments: [Data(key)])
    } catch {
      throw StoreError(wrapping: error)
    }
  }

  private func pass() throws(StoreError) {
    do { try beforeStatement?() } catch { throw (error as? StoreError) ?? StoreError(.io) }
  }

  // MARK: Columns

  private func one<Value>(
    _ table: StoreTable, sql: String, _ key: [UInt8]?, decode: (Row) throws(StoreError) -> Value
  ) throws(StoreError) -> Value? {
    do {
      let statement = try db.cachedStatement(sql: sql)
      let cursor = try Row.fetchCursor(statement, arguments: key.map { [Data($0)] } ?? [])
      guard let row = try cursor.next() else { return nil }
      return try decode(row)
    } catch {
      throw StoreError(wrapping: error)
    }
  }

  private static func storedRow(_ row: Row, _ table: StoreTable) throws(StoreError) -> StoredRow {
    StoredRow(key: try bytes(row, 0, table), version: try version(row, 1, table), body: try bytes(row, 2, table))
  }

  private static func bytes(_ row: Row, _ index: Int, _ table: StoreTable) throws(StoreError) -> [UInt8] {
    guard case .blob(let data) = (row[index] as DatabaseValue).storage else {
      throw StoreError(.damaged, table: table)
    }
    return [UInt8](data)
  }

  private static func version(_ row: Row, _ index: Int, _ table: StoreTable) throws(StoreError) -> UInt64 {
    guard case .int64(let number) = (row[index] as DatabaseValue).storage, let version = UInt64(exactly: number) else {
      throw StoreError(.damaged, table: table)
    }
    return version
  }

  /// The first key after every key with this prefix; nil where there is none (all bytes are 255).
  static func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
    guard let last = prefix.lastIndex(where: { $0 < 255 }) else { return nil }
    return Array(prefix[..<last]) + [prefix[last] + 1]
  }

  /// Tells an error of the caller's closure from one of SQLite.
  private struct Stop: Error {
    let error: any Error
  }
}

/// The text of each statement, made once per table: GRDB's statement cache is looked up by text.
private struct SQL {
  static let row = SQL { "SELECT version, body FROM \($0) WHERE key = ?" }
  static let version = SQL { "SELECT version FROM \($0) WHERE key = ?" }
  static let last = SQL { "SELECT key, version, body FROM \($0) ORDER BY key DESC LIMIT 1" }
  static let count = SQL { "SELECT count(*) FROM \($0)" }
  static let put = SQL {
    "INSERT INTO \($0) (key, version, body) VALUES (?, ?, ?) "
      + "ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body"
  }
  static let delete = SQL { "DELETE FROM \($0) WHERE key = ?" }

  private let texts: [StoreTable: String]

  init(_ text: (String) -> String) {
    texts = Dictionary(uniqueKeysWithValues: StoreTable.allCases.map { ($0, text($0.rawValue)) })
  }

  subscript(table: StoreTable) -> String { texts[table] ?? "" }
}
