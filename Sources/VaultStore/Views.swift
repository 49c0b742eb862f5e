/// One moment of the database, for as long as a `VaultStore.read` block runs: later commits are not seen.
public struct ReadView: ~Copyable {
  let access: RowAccess

  /// - Throws: `.damaged`, `.io`, as do all methods here.
  public func row(_ table: StoreTable, _ key: [UInt8]) throws(StoreError) -> StoredRow? {
    try access.row(table, key)
  }

  /// The version alone, without loading the body.
  public func version(_ table: StoreTable, _ key: [UInt8]) throws(StoreError) -> UInt64? {
    try access.version(table, key)
  }

  /// The row with the highest key.
  public func last(_ table: StoreTable) throws(StoreError) -> StoredRow? { try access.last(table) }

  /// Counts by walking the whole table.
  public func count(_ table: StoreTable) throws(StoreError) -> Int { try access.count(table) }

  /// A page in key order: at most `limit` rows whose key begins with `prefix` and comes after `after`.
  public func rows(
    _ table: StoreTable, prefix: [UInt8] = [], after: [UInt8]? = nil, limit: Int
  ) throws(StoreError) -> [StoredRow] {
    try access.rows(table, prefix: prefix, after: after, limit: limit)
  }

  /// Every row whose key begins with `prefix`, in key order, one at a time. Errors of `body` come through as they are.
  public func forEach(_ table: StoreTable, prefix: [UInt8], _ body: (StoredRow) throws -> Void) throws {
    try access.each(table, prefix: prefix, order: .key, body)
  }

  /// Every row of the table, one at a time, in no particular order: the fastest pass there is.
  public func forEach(_ table: StoreTable, _ body: (StoredRow) throws -> Void) throws {
    try access.each(table, order: .storage, body)
  }
}

/// Inside the one write transaction: reads see what was written in it so far.
public struct WriteTransaction: ~Copyable {
  let access: RowAccess

  public func row(_ table: StoreTable, _ key: [UInt8]) throws(StoreError) -> StoredRow? {
    try access.row(table, key)
  }

  public func last(_ table: StoreTable) throws(StoreError) -> StoredRow? { try access.last(table) }

  public func rows(
    _ table: StoreTable, prefix: [UInt8] = [], after: [UInt8]? = nil, limit: Int
  ) throws(StoreError) -> [StoredRow] {
    try access.rows(table, prefix: prefix, after: after, limit: limit)
  }

  /// Writes the row, whether or not it exists.
  ///
  /// - Throws: `.invalid` outside the bounds of `StoreLimits`; `.full`, `.io`, `.damaged`.
  public func put(_ table: StoreTable, _ key: [UInt8], version: UInt64, body: [UInt8]) throws(StoreError) {
    try access.put(table, key, version: version, body: body)
  }

  /// Removes the row, if it exists.
  public func delete(_ table: StoreTable, _ key: [UInt8]) throws(StoreError) { try access.delete(table, key) }
}
