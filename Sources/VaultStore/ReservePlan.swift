/// How much is kept back for the access log on a disk of a given size, and how it is given back.
public struct ReservePlan: Sendable, Equatable {
  /// 64 MiB hold the entries of about 60,000 reads besides a whole write-ahead log: days of reading for a team.
  public static let byteCountMax = 64 << 20
  /// A small disk keeps this part of itself.
  static let partOfDisk = 16
  /// Sizes are whole blocks of any file system in use.
  static let unitByteCount = 64 << 10

  /// The length of the reserve when it is whole.
  public let byteCount: Int

  /// For a disk of this size; none where its size is not known.
  public init(totalByteCount: Int) {
    self.init(byteCount: min(ReservePlan.byteCountMax, totalByteCount / ReservePlan.partOfDisk))
  }

  public init(byteCount: Int) {
    self.byteCount = max(0, byteCount) / ReservePlan.unitByteCount * ReservePlan.unitByteCount
  }

  /// What is given back at a time: little, because other programs may take what is given back before the log does.
  var stepByteCount: Int { byteCount == 0 ? 0 : max(ReservePlan.unitByteCount, byteCount / 16) }

  /// Records are written only while this much stays free beside the reserve. At full size it is one write-ahead log,
  /// which is cut to nothing when the vault is idle and must be able to grow again.
  public var floorByteCount: Int { byteCount / 4 }

  /// How long the write-ahead log usually gets: on a small disk it must not be what fills it.
  func walByteCount(atMost usual: Int) -> Int {
    byteCount == 0 ? usual : min(usual, max(floorByteCount, ReservePlan.walByteCountMin))
  }

  /// A shorter log would be moved into the file after nearly each commit.
  private static let walByteCountMin = 256 << 10

  /// With less than this free, a write that failed failed for want of space, whatever the error was called.
  static let exhaustedByteCount = 64 << 10
}
