/// Tells the tiles of one signed tree from others, before anything is written or believed: first the partial ones at
/// the right edge, which give the root, then downwards every full tile under a hash of the one above it.
public struct TileCheck: Sendable {
  public let size: UInt64
  // Genuine hashes: all of the right edge, and of each level the tile that was admitted last.
  private var edge: [Tile: [TreeHash]] = [:]
  private var latest: [Int: (tile: Tile, hashes: [TreeHash])] = [:]

  /// The tiles of which `admitting` has to be given the hashes: one a level at most.
  public static func edge(ofTreeOf size: UInt64) -> [Tile] {
    (0...Tile.levelMax).compactMap { level in
      let count = size >> UInt64(Tile.height * level)
      guard !count.isMultiple(of: UInt64(Tile.widthMax)) else { return nil }
      return Tile(level: level, index: count >> UInt64(Tile.height), inTreeOf: size)
    }
  }

  /// `inconsistent` unless the right edge gives the root, `malformed` where a tile of it is missing or has another
  /// width.
  public init(size: UInt64, root: TreeHash, edge: [Tile: [TreeHash]]) throws(LogError) {
    self.size = size
    for tile in TileCheck.edge(ofTreeOf: size) {
      guard let hashes = edge[tile], hashes.count == tile.width else {
        throw LogError(.malformed, "tile has another width than its place demands")
      }
      self.edge[tile] = hashes
    }
    let found: TreeHash
    do {
      var tree = try MerkleTree(size: size, source: Shelf(tiles: self.edge))
      found = try tree.root()
    } catch { throw LogError(.malformed, "the tiles at the right edge are not those of the tree") }
    guard found == root else { throw LogError(.inconsistent, "the tiles do not give the root that was signed") }
  }

  /// The tile that holds the hash of this full tile, and where. A tile of the right edge has none above it.
  public func parent(of tile: Tile) -> (tile: Tile, offset: Int)? {
    guard tile.isFull,
      let parent = Tile(level: tile.level + 1, index: tile.index >> UInt64(Tile.height), inTreeOf: size)
    else { return nil }
    return (parent, Int(tile.index & UInt64(Tile.widthMax - 1)))
  }

  /// The hashes of a tile that is known to be genuine; nil where it has to be admitted first.
  public func hashes(of tile: Tile) -> [TreeHash]? {
    if let latest = latest[tile.level], latest.tile == tile { return latest.hashes }
    return edge[tile]
  }

  /// `inconsistent` for hashes that are not this tile's; `outOfRange` where the tile above was not admitted before.
  public mutating func admit(_ tile: Tile, _ hashes: [TreeHash]) throws(LogError) {
    if let known = edge[tile] {
      guard known == hashes else { throw LogError(.inconsistent, "the tile is not that of the tree") }
      return
    }
    guard let (parent, offset) = parent(of: tile), let above = self.hashes(of: parent) else {
      throw LogError(.outOfRange, "tile lies outside what is known of the tree")
    }
    guard hashes.count == tile.width, TileCheck.root(ofFull: hashes) == above[offset] else {
      throw LogError(.inconsistent, "the tile is not that of the tree")
    }
    latest[tile.level] = (tile, hashes)
  }

  /// Of the perfect subtree that 256 hashes are.
  static func root(ofFull hashes: [TreeHash]) -> TreeHash {
    var row = hashes
    while row.count > 1 {
      for index in 0..<row.count / 2 { row[index] = .node(row[2 * index], row[2 * index + 1]) }
      row.removeLast(row.count / 2)
    }
    return row[0]
  }

  private struct Shelf: HashSource {
    let tiles: [Tile: [TreeHash]]

    func hashes(of tile: Tile) throws -> [TreeHash] {
      guard let hashes = tiles[tile] else { throw LogError(.outOfRange, "tile lies outside what is known of the tree") }
      return hashes
    }
  }
}
