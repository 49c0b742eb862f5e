/// What one page for an auditor is made of: the figures of a period, the state of the log, and how far review has come.
public struct ReviewReport: Sendable {
  /// Whether the log is the one that was signed.
  public enum Verification: Hashable, Sendable {
    /// The leaves give the signed root; where this program has seen the log before, it begins with what was seen.
    /// - Parameter seenBefore: entries at that time; 0 where it had not.
    case whole(seenBefore: UInt64)
    /// In words.
    case broken(String)
  }

  public struct Log: Hashable, Sendable {
    public var origin: String
    public var size: UInt64
    /// Base 64.
    public var root: String
    /// A vkey.
    public var key: String
    public var verification: Verification

    public init(origin: String, size: UInt64, root: String, key: String, verification: Verification) {
      self.origin = origin
      self.size = size
      self.root = root
      self.key = key
      self.verification = verification
    }
  }

  public struct SignOff: Hashable, Sendable {
    /// Entries that were reviewed: 0 ..< size.
    public var size: UInt64
    public var account: String
    /// Milliseconds since 1970-01-01T00:00Z.
    public var time: Int64
    public var remark: String?
    /// The cosignature verifies, and this log begins with the tree that it is about.
    public var isVerified: Bool

    public init(size: UInt64, account: String, time: Int64, remark: String?, isVerified: Bool) {
      self.size = size
      self.account = account
      self.time = time
      self.remark = remark
      self.isVerified = isVerified
    }
  }

  public var figures: ReviewFigures
  public var log: Log
  /// Oldest first.
  public var signOffs: [SignOff]
  /// Id of the vault, hexadecimal.
  public var vault: String
  public var isDemo: Bool
  /// Account that made it.
  public var author: String
  /// Milliseconds since 1970-01-01T00:00Z.
  public var made: Int64

  public init(
    figures: ReviewFigures, log: Log, signOffs: [SignOff], vault: String, isDemo: Bool, author: String, made: Int64
  ) {
    self.figures = figures
    self.log = log
    self.signOffs = signOffs
    self.vault = vault
    self.isDemo = isDemo
    self.author = author
    self.made = made
  }

  /// Entries up to the newest sign-off that verifies.
  public var reviewed: UInt64 { signOffs.filter(\.isVerified).map(\.size).max() ?? 0 }

  /// Entries of the period that no sign-off covers yet.
  public var unreviewedInPeriod: UInt64 {
    guard let indexes = figures.indexes else { return 0 }
    let first = max(indexes.lowerBound, reviewed)
    guard first <= indexes.upperBound else { return 0 }
    let (count, overflow) = (indexes.upperBound - first).addingReportingOverflow(1)
    return overflow ? .max : count
  }

  /// The page: HTML 5 in UTF-8, whole in itself.
  public func html() -> [UInt8] { ReportPage(self).bytes() }
}
