/// One row as it is stored.
public struct StoredRow: Sendable, Equatable {
  public var key: [UInt8]
  public var version: UInt64
  public var body: [UInt8]

  public init(key: [UInt8], version: UInt64, body: [UInt8]) {
    self.key = key
    self.version = version
    self.body = body
  }
}

/// What a change expects to find under its key, at its turn.
public enum RowExpectation: Sendable, Equatable {
  case absent
  case present
  case version(UInt64)
  /// Of a metadata row, byte for byte: a row can change within its version.
  case exactly(version: UInt64, body: [UInt8])
  case any
}

/// One row to write or remove, if it is as expected.
public struct RowChange: Sendable {
  public enum Write: Sendable, Equatable {
    case put(version: UInt64, body: [UInt8])
    case delete
  }

  public var table: StoreTable
  public var key: [UInt8]
  public var expect: RowExpectation
  public var write: Write

  public init(table: StoreTable, key: [UInt8], expect: RowExpectation, write: Write) {
    self.table = table
    self.key = key
    self.expect = expect
    self.write = write
  }

  public static func put(
    _ table: StoreTable, _ key: [UInt8], version: UInt64, body: [UInt8], expect: RowExpectation
  ) -> RowChange {
    RowChange(table: table, key: key, expect: expect, write: .put(version: version, body: body))
  }

  public static func delete(_ table: StoreTable, _ key: [UInt8], expect: RowExpectation) -> RowChange {
    RowChange(table: table, key: key, expect: expect, write: .delete)
  }
}

/// How one metadata row changed within a batch: what the row-set sum subtracts and adds.
public struct RowDelta: Sendable, Equatable {
  public struct Content: Sendable, Equatable {
    public var version: UInt64
    public var body: [UInt8]

    public init(version: UInt64, body: [UInt8]) {
      self.version = version
      self.body = body
    }
  }

  public var table: StoreTable
  public var key: [UInt8]
  /// nil: the row did not exist.
  public var old: Content?
  /// nil: the row was removed.
  public var new: Content?

  public init(table: StoreTable, key: [UInt8], old: Content?, new: Content?) {
    self.table = table
    self.key = key
    self.old = old
    self.new = new
  }
}
