import Glibc

/// A look at single rows of a database that another process may have open, in one read transaction. Nothing is checked
/// but the file's owner and mode: what the rows are worth their own seals must say.
public enum StoreGlance {
  /// - Throws: `.missing`, `.permissions`, `.io`, `.damaged`, and whatever `body` throws.
  public static func read<R>(_ directory: String, _ body: (borrowing ReadView) throws -> R) throws -> R {
    let path = directory + "/" + DataDirectory.databaseName
    guard unsafe access(path, F_OK) == 0 else { throw StoreError(.missing) }
    guard try FileStatus.required(path).isPrivateFile else { throw StoreError(.permissions) }
    var options = StoreOptions()
    options.readerCount = 1
    let pool = try ReaderPool(path: path, options: options)
    defer { try? pool.close() }
    return try pool.read(body)
  }
}
