/// Applies the submissions of a batch in order, each wholly or not at all, and notes how metadata rows changed.
struct BatchApplication {
  let access: RowAccess
  private(set) var deltas: [RowDelta] = []

  init(access: RowAccess) { self.access = access }

  /// Applies the changes if every row is as expected, else none of them.
  ///
  /// - Returns: the conflict, if there is one.
  /// - Throws: what makes the whole batch fail: `.full`, `.io`, `.damaged`.
  mutating func apply(_ changes: [RowChange]) throws(StoreError) -> StoreError? {
    // All rows are looked at before the first is touched: there is nothing to undo on a conflict.
    var found: [RowDelta.Content?] = []
    found.reserveCapacity(changes.count)
    for change in changes {
      let old = try current(change)
      guard Self.meets(change.expect, old) else { return StoreError(.conflict, table: change.table) }
      found.append(old)
    }
    for (change, old) in zip(changes, found) {
      let new: RowDelta.Content?
      switch change.write {
      case .put(let version, let body):
        try access.put(change.table, change.key, version: version, body: body)
        new = RowDelta.Content(version: version, body: body)
      case .delete:
        try access.delete(change.table, change.key)
        new = nil
      }
      guard change.table.isMetadata, old != nil || new != nil else { continue }
      deltas.append(RowDelta(table: change.table, key: change.key, old: old, new: new))
    }
    return nil
  }

  /// The row as it is now: whole for metadata, the version alone for bulk ciphertext, nothing where nothing is expected.
  private func current(_ change: RowChange) throws(StoreError) -> RowDelta.Content? {
    if change.table.isMetadata {
      return try access.row(change.table, change.key).map { RowDelta.Content(version: $0.version, body: $0.body) }
    }
    if change.expect == .any { return nil }
    return try access.version(change.table, change.key).map { RowDelta.Content(version: $0, body: []) }
  }

  private static func meets(_ expectation: RowExpectation, _ row: RowDelta.Content?) -> Bool {
    switch expectation {
    case .absent: row == nil
    case .present: row != nil
    case .version(let expected): row?.version == expected
    case .exactly(let version, let body): row == RowDelta.Content(version: version, body: body)
    case .any: true
    }
  }
}
