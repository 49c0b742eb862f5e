import VaultStore

/// Where leaves and full tiles of one of the vault's logs lie: each restore begins another, and those before are kept.
///
/// The number of the log stands above the index, so that key order is the order of the logs, and the keys of the first
/// are its plain indexes.
enum LogKey {
  /// 2⁴⁰ entries are more than a disk holds.
  private static let leafShift: UInt64 = 40
  private static let tileShift: UInt64 = 40
  private static let indexMask: UInt64 = 1 << 40 - 1

  static func leaf(_ number: UInt64, _ index: UInt64) -> [UInt8] { StoreKey.index((number - 1) << leafShift | index) }

  static func place(of key: [UInt8]) -> (number: UInt64, index: UInt64)? {
    StoreKey.index(of: key).map { (($0 >> leafShift) + 1, $0 & indexMask) }
  }

  /// level (1 byte) ‖ log (2 bytes) ‖ index (5 bytes): one table, levels apart.
  static func tile(_ number: UInt64, level: Int, index: UInt64) -> [UInt8] {
    StoreKey.index(UInt64(level) << 56 | (number - 1) << tileShift | index)
  }
}
