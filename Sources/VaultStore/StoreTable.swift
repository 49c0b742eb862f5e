/// The tables of a vault. Each has the same shape: a key, a version and a body of bytes whose meaning the store does
/// not know.
public enum StoreTable: String, Sendable, CaseIterable {
  case meta, account, programme, manifest
  case grant = "grant_"
  case record, revision, idempotency, approval, submission
  case section, wrap, card
  case freeText = "free_text"
  case logLeaf = "log_leaf"
  case logTile = "log_tile"

  /// Whether the row-set sum covers this table: small rows, each change of which is reported to the sealer.
  public var isMetadata: Bool {
    switch self {
    case .meta, .account, .programme, .manifest, .grant, .record, .revision, .idempotency, .approval, .submission,
      .freeText:
      true
    case .section, .wrap, .card, .logLeaf, .logTile: false
    }
  }

  /// Whether a change may be written from the reserve when the disk is full: what stands beside the log, what says who
  /// may read, and the vault's own few rows. Taking somebody's access away must not wait for a larger disk, nor must a
  /// start or a sign-off. Records are what fills a disk.
  var mayUseReserve: Bool {
    switch self {
    case .meta, .freeText, .logLeaf, .logTile, .account, .manifest, .grant, .approval: true
    case .programme, .record, .revision, .idempotency, .submission, .section, .wrap, .card: false
    }
  }

  /// Whether rows are keyed by their index in the access log (`StoreKey.index`).
  public var isLog: Bool { self == .logLeaf || self == .logTile }
}

/// Keys that the store itself gives a form.
public enum StoreKey {
  /// The key of a log row: its index, 8 bytes big-endian, so that key order is log order.
  public static func index(_ index: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: index >> (56 - 8 * $0)) }
  }

  /// The index in the key of a log row; nil where the key is not 8 bytes.
  public static func index(of key: [UInt8]) -> UInt64? {
    guard key.count == 8 else { return nil }
    return key.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// What the store accepts. Larger things are split by whoever knows their meaning.
public enum StoreLimits {
  /// Keys are ids, hashes and pairs of them; longer ones would only slow the index.
  public static let keyByteCountMax = 128
  /// A row is held in memory several times on its way; SQLite itself would take a gigabyte.
  public static let bodyByteCountMax = 16 << 20
  /// Versions are SQLite integers, which are signed.
  public static let versionMax = UInt64(Int64.max)
  /// One submission is one use case (an import sends blocks of records): more would hold up everybody else's batch.
  public static let changesPerSubmissionMax = 4096
  /// The same bound in bytes, over all keys and bodies of a submission.
  public static let submissionByteCountMax = 32 << 20
}
