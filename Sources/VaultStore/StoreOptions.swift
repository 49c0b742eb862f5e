/// How a store is opened.
public struct StoreOptions: Sendable {
  /// Whether a vault may be made where there is none.
  public var createIfMissing = false
  /// Pooled connections for reading; as many reads can run at once, further ones wait.
  public var readerCount = 4
  /// Ciphertext pages that each connection keeps; the operating system's cache does the rest.
  public var cacheKibibytesPerConnection = 8192
  /// The write-ahead log is moved into the file whenever it reaches this length. Longer: fewer writes, longer pauses.
  public var walByteCountUsual = 16 << 20
  /// An upper bound of the file, in pages of 4096 bytes; writes beyond it fail with `.full`.
  public var pageCountMax: Int?
  /// Space kept back for the access log while a writer is attached; nil: by the size of the disk (`ReservePlan`).
  public var reserveByteCount: Int?
  /// A test seam: a disk of another size than the one there is.
  public var diskSpace: (@Sendable () -> DiskSpace?)?
  /// A test seam: runs on the writer's thread just before each COMMIT; throwing makes the commit fail: with `.full` and
  /// `.io` as they are, with anything else as `.io`.
  public var beforeCommit: (@Sendable () throws -> Void)?
  /// A test seam: runs on the writer's thread before each statement that changes a row; throwing makes that statement
  /// fail as `beforeCommit` does.
  public var beforeStatement: (@Sendable () throws -> Void)?

  public init(createIfMissing: Bool = false) { self.createIfMissing = createIfMissing }
}
