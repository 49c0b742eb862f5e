import AccessLog
import VaultStore

/// The tiles at the log's right edge that are not full yet, one per level; full ones become rows.
struct TileEdge: Sendable {
  struct FullTile: Sendable {
    let key: [UInt8]
    let body: [UInt8]
  }

  private var hashes: [[TreeHash]] = []
  /// Of the log that the tiles belong to.
  private let number: UInt64

  /// From the hashes of each level's partial tile, lowest first.
  init(_ hashes: [[TreeHash]] = [], of number: UInt64) {
    self.hashes = hashes
    self.number = number
  }

  /// Appends a leaf to the frontier and returns the tiles that it completes.
  mutating func append(_ leaf: TreeHash, to frontier: inout TreeFrontier) -> [FullTile] {
    var full: [FullTile] = []
    var levels = hashes
    frontier.append(leaf) { subtree in
      guard let position = subtree.tilePosition else { return }
      while levels.count <= position.level { levels.append([]) }
      levels[position.level].append(subtree.root)
      guard levels[position.level].count == Tile.widthMax else { return }
      full.append(
        FullTile(
          key: LogKey.tile(number, level: position.level, index: position.tile),
          body: levels[position.level].flatMap(\.bytes))
      )
      levels[position.level] = []
    }
    hashes = levels
    return full
  }
}

/// Hashes of the log as the store has them: full tiles from their rows, partial ones from the leaves or the tiles below.
struct StoredHashes: HashSource {
  let store: VaultStore
  /// Of the log.
  let number: UInt64
  let size: UInt64

  func hashes(of tile: Tile) throws -> [TreeHash] {
    if let body = try stored(tile) {
      return try stride(from: 0, to: tile.width * 32, by: 32).map { try TreeHash(body[$0..<$0 + 32]) }
    }
    if tile.level == 0 { return try leafHashes(from: tile.index * 256, count: tile.width) }
    return try (0..<UInt64(tile.width)).map { offset in
      guard let below = Tile(level: tile.level - 1, index: tile.index * 256 + offset, inTreeOf: size), below.isFull
      else {
        throw LogError(.malformed, "a tile of the log is missing")
      }
      var frontier = TreeFrontier()
      for hash in try hashes(of: below) { frontier.append(hash) }
      return frontier.root()
    }
  }

  private func stored(_ tile: Tile) throws -> [UInt8]? {
    let key = LogKey.tile(number, level: tile.level, index: tile.index)
    guard let row = try store.read({ view in try view.row(.logTile, key) }) else { return nil }
    guard row.body.count == 256 * 32 else { throw LogError(.malformed, "a tile of the log has another length") }
    return row.body
  }

  private func leafHashes(from first: UInt64, count: Int) throws -> [TreeHash] {
    try store.read { view in
      try (0..<UInt64(count)).map { offset in
        guard let row = try view.row(.logLeaf, LogKey.leaf(number, first + offset)) else {
          throw LogError(.malformed, "a leaf of the log is missing")
        }
        return TreeHash.leaf(row.body)
      }
    }
  }

  /// The partial tile of each level, to go on appending from.
  func edge() throws -> TileEdge {
    var levels: [[TreeHash]] = []
    for level in 0...Tile.levelMax {
      let count = size >> UInt64(8 * level)
      guard count > 0 else { break }
      guard let tile = Tile(level: level, index: count / 256, inTreeOf: size) else {
        levels.append([])
        continue
      }
      levels.append(try hashes(of: tile))
    }
    return TileEdge(levels, of: number)
  }
}
