/// A run of up to 256 consecutive subtree hashes: the unit in which a log's tree is stored and served (C2SP
/// tlog-tiles). The hashes of level L stand for 256^L leaves each; those of level 0 are leaf hashes.
public struct Tile: Hashable, Sendable {
  /// Levels of the binary tree that one tile spans.
  public static let height = 8
  public static let widthMax = 1 << height
  /// The tree of `LogBound.treeSizeMax` leaves has no tile above this level.
  public static let levelMax = 7

  public let level: Int
  /// Counted from the left within the level.
  public let index: UInt64
  /// 1…256; a full tile has 256 hashes.
  public let width: Int

  /// `outOfRange` for a level, an index or a width that no log has.
  public init(level: Int, index: UInt64, width: Int = Tile.widthMax) throws(LogError) {
    guard (0...Tile.levelMax).contains(level), (1...Tile.widthMax).contains(width) else {
      throw LogError(.outOfRange, "tile has an impossible level or width")
    }
    guard index < LogBound.treeSizeMax >> UInt64(Tile.height * (level + 1)) + 1 else {
      throw LogError(.outOfRange, "tile lies outside every tree")
    }
    self.level = level
    self.index = index
    self.width = width
  }

  /// The tile as it is in a tree of `size` leaves: full, or partial at the right edge; nil where it is empty.
  public init?(level: Int, index: UInt64, inTreeOf size: UInt64) {
    guard (0...Tile.levelMax).contains(level) else { return nil }
    let hashes = size >> UInt64(Tile.height * level)
    guard index <= hashes >> UInt64(Tile.height) else { return nil }
    let width = min(UInt64(Tile.widthMax), hashes - index << UInt64(Tile.height))
    guard width > 0, let tile = try? Tile(level: level, index: index, width: Int(width)) else { return nil }
    self = tile
  }

  public var isFull: Bool { width == Tile.widthMax }

  /// How many tiles, the partial one included, a tree of `size` leaves has at this level.
  public static func count(level: Int, inTreeOf size: UInt64) -> Int {
    let hashes = size >> UInt64(height * level)
    return Int(clamping: hashes >> UInt64(height) + (hashes & UInt64(widthMax - 1) == 0 ? 0 : 1))
  }

  /// The tiles of a tree of `size` leaves at this level, from the left.
  public static func all(level: Int, inTreeOf size: UInt64) -> some Sequence<Tile> {
    sequence(state: UInt64(0)) { index -> Tile? in
      defer { index += 1 }
      return Tile(level: level, index: index, inTreeOf: size)
    }
  }
}
