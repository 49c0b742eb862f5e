/// Why the store refused or failed. It carries codes and table names only: no key, no row, no path.
///
/// Two errors are equal when their codes are.
public struct StoreError: Error, Sendable {
  public enum Code: String, Sendable, CaseIterable {
    // Opening
    /// The directory, the lock file or the database file does not belong to us alone, or is not what it should be.
    case permissions
    /// There is no vault here and none was to be created.
    case missing
    /// A file is here, but not one this store made.
    case notAVault
    /// Made by a newer version of this software.
    case newerVersion
    /// Another process (or another instance in this one) holds the directory.
    case inUse
    /// SQLite did not accept a setting that a promise rests on.
    case misconfigured
    // Any time
    /// The file is a vault, but its structure is broken or was altered.
    case damaged
    /// The file that is open is no longer the file at its path.
    case displaced
    /// The disk, or the permitted size, is full.
    case full
    /// The operating system reported an error.
    case io
    /// The store or its writer was closed.
    case closed
    // Submitting
    /// A key, a body or a submission is outside the bounds of `StoreLimits`.
    case invalid
    /// A row was not as the submission expected; nothing of the submission was applied.
    case conflict
    /// What the submission stands on changed before its turn; nothing of it was applied.
    case superseded
    /// The queue is full; nothing was applied. Try again later.
    case busy
    /// The submission waited too long for its turn; nothing was applied.
    case timeout
    /// The batch takes longer than its bound. It may yet be applied, wholly or not at all.
    case stuck
    /// The sealer refused the batch.
    case sealFailed
    /// The batch was rolled back; nothing of it was applied. `cause` says why.
    case commitFailed
  }

  public let code: Code
  /// What lies under `.commitFailed`.
  public let cause: Code?
  /// The table that `.conflict` or `.damaged` is about, where one is known.
  public let table: StoreTable?
  /// SQLite's extended result code, where SQLite failed.
  public let sqliteCode: Int32?

  public init(_ code: Code, cause: Code? = nil, table: StoreTable? = nil, sqliteCode: Int32? = nil) {
    self.code = code
    self.cause = cause
    self.table = table
    self.sqliteCode = sqliteCode
  }
}

extension StoreError: Equatable {
  public static func == (one: StoreError, other: StoreError) -> Bool { one.code == other.code }
}

extension StoreError: CustomStringConvertible {
  public var description: String {
    var text = "store: \(code.rawValue)"
    if let cause { text += " (\(cause.rawValue))" }
    if let table { text += ", table \(table.rawValue)" }
    if let sqliteCode { text += ", sqlite \(sqliteCode)" }
    return text
  }
}
