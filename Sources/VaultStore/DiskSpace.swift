import Glibc

/// How much room a file system has, in bytes.
public struct DiskSpace: Sendable, Equatable {
  /// For anybody but root, who may use more.
  public var freeByteCount: Int
  public var totalByteCount: Int

  public init(freeByteCount: Int, totalByteCount: Int) {
    self.freeByteCount = freeByteCount
    self.totalByteCount = totalByteCount
  }

  /// nil where the file system does not say.
  public static func of(_ path: String) -> DiskSpace? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    let unit = Int(clamping: status.f_frsize)
    return DiskSpace(
      freeByteCount: product(Int(clamping: status.f_bavail), unit),
      totalByteCount: product(Int(clamping: status.f_blocks), unit))
  }

  private static func product(_ count: Int, _ unit: Int) -> Int {
    let (product, isTooLarge) = count.multipliedReportingOverflow(by: unit)
    return isTooLarge ? .max : product
  }
}

/// What is left for the vault, and what it does about it.
public struct StoreSpace: Sendable, Equatable {
  public enum State: String, Sendable, CaseIterable {
    /// Everything is written.
    case ok
    /// Records are no longer written; what belongs to the access log is, from the reserve.
    case low
    /// The reserve is used up: not even the log is written, so nothing is read.
    case full
  }

  /// Kept back for the access log.
  public var reserveByteCount: Int
  /// Free on the disk; 0 where the file system does not say.
  public var freeByteCount: Int
  public var state: State

  public init(reserveByteCount: Int, freeByteCount: Int, state: State) {
    self.reserveByteCount = reserveByteCount
    self.freeByteCount = freeByteCount
    self.state = state
  }

  /// What a vault that nobody has open finds: low where a reserve that was used could not be made whole.
  ///
  /// - Throws: `.permissions` where something else than a file of ours has the reserve's name; `.io`.
  public static func found(in directory: String) throws(StoreError) -> StoreSpace {
    let reserve = try SpaceReserve(directory: directory, options: StoreOptions())
    var space = reserve.space
    let wanted = reserve.plan.byteCount + reserve.plan.floorByteCount
    space.state = space.freeByteCount + space.reserveByteCount < wanted ? .low : .ok
    return space
  }
}
