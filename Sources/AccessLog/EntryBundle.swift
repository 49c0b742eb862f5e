/// Up to 256 leaves one after another, each after its length (u16 big-endian): how a log serves its entries (C2SP
/// tlog-tiles).
public enum EntryBundle {
  /// 256 of the longest leaves with their lengths: 16 MiB.
  public static let byteCountMax = Tile.widthMax * (2 + LogBound.leafByteCountMax)

  /// `outOfRange` for no leaf, more than 256, or one beyond 65,535 bytes.
  public static func encode(_ leaves: [[UInt8]]) throws(LogError) -> [UInt8] {
    guard (1...Tile.widthMax).contains(leaves.count) else {
      throw LogError(.outOfRange, "bundle has no leaves or too many")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(leaves.reduce(0) { $0 + 2 + $1.count })
    for leaf in leaves {
      guard let length = UInt16(exactly: leaf.count) else {
        throw LogError(.outOfRange, "leaf is too long for a bundle")
      }
      bytes.appendBigEndian(length)
      bytes += leaf
    }
    return bytes
  }

  /// `malformed` unless the bytes are exactly `count` leaves.
  public static func decode(_ bytes: [UInt8], count: Int) throws(LogError) -> [[UInt8]] {
    try ranges(in: bytes, count: count).map { Array(bytes[$0]) }
  }

  /// The hashes of the level-0 tile that belongs to a bundle, without copying a leaf.
  public static func leafHashes(in bytes: [UInt8], count: Int) throws(LogError) -> [TreeHash] {
    let ranges = try ranges(in: bytes, count: count)
    return unsafe bytes.withUnsafeBytes { all in
      ranges.map { unsafe TreeHash.leaf(UnsafeRawBufferPointer(rebasing: all[$0])) }
    }
  }

  private static func ranges(in bytes: [UInt8], count: Int) throws(LogError) -> [Range<Int>] {
    guard (1...Tile.widthMax).contains(count) else { throw LogError(.outOfRange, "bundle has no leaves or too many") }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(count)
    var position = 0
    for _ in 0..<count {
      guard bytes.count - position >= 2 else { throw LogError(.malformed, "bundle ends before its last leaf") }
      let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
      position += 2
      guard bytes.count - position >= length else { throw LogError(.malformed, "bundle ends within a leaf") }
      ranges.append(position..<position + length)
      position += length
    }
    guard position == bytes.count else { throw LogError(.malformed, "bytes follow the last leaf of a bundle") }
    return ranges
  }
}
