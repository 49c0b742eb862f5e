import GRDB

/// The layout of a vault file: what marks it as one, and the ordered steps that make it.
enum Schema {
  /// `application_id` in the SQLite header: "SvVt".
  static let applicationID: Int32 = 0x5376_5674

  /// Measured with SQLite 3.40 and 17-byte random keys: at 4096, rows of 100 B, 700 B and 2.3 KB are inserted at
  /// 37k, 32k and 25k rows/s and read in 11, 11 and 12 µs; larger pages double what each update writes to the WAL.
  /// WITHOUT ROWID reads small rows faster, but at 2.3 KB inserts at a third of the speed and reads at half.
  static let pageByteCount = 4096

  /// One step of the file's history. Steps are never edited once released, only added.
  struct Migration {
    let version: Int32
    let statements: [String]
  }

  static let migrations = [
    Migration(version: 1, statements: tables1.map(createTable)),
    // What services hand in and nobody has decided about.
    Migration(version: 2, statements: [createTable("submission")]),
  ]

  /// The tables of version 1; spelled out, because a table added to `StoreTable` belongs to a later step.
  private static let tables1 = [
    "meta", "account", "programme", "manifest", "grant_", "record", "revision", "idempotency", "approval",
    "section", "wrap", "card", "free_text", "log_leaf", "log_tile",
  ]

  static var currentVersion: Int32 { migrations.last?.version ?? 0 }

  private static func createTable(_ name: String) -> String {
    "CREATE TABLE \(name) (key BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) STRICT"
  }

  /// Brings a file from its version to the current one; each step is one transaction.
  static func migrate(_ db: Database) throws {
    let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    for migration in migrations where migration.version > version {
      try db.inTransaction(.immediate) {
        for statement in migration.statements { try db.execute(sql: statement) }
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(migration.version)")
        return .commit
      }
    }
  }

  /// Demands exactly our tables. A trigger, a view or an index that somebody planted would run inside our transactions.
  static func verify(_ db: Database) throws {
    let found = try Row.fetchAll(
      db, sql: "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    let statements = Set(migrations.flatMap(\.statements))
    guard found.count == statements.count else { throw StoreError(.damaged) }
    for row in found {
      guard case .string("table") = (row[0] as DatabaseValue).storage,
        case .string(let sql) = (row[2] as DatabaseValue).storage, statements.contains(sql)
      else { throw StoreError(.damaged) }
    }
  }
}
