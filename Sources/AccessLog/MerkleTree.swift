/// Where a tree's hashes are kept: a database, a directory of tiles, a far server.
public protocol HashSource {
  /// The hashes of one tile, exactly `tile.width` of them. Only tiles that the tree has are asked for. What the source
  /// says is not trusted: a proof from wrong hashes simply does not verify.
  func hashes(of tile: Tile) throws -> [TreeHash]
}

/// Makes proofs about the first `size` leaves of a log. A proof reads at most two tiles a level; those that were read
/// are kept for the next proof.
public struct MerkleTree<Source: HashSource> {
  /// Tiles kept, with the nodes above their hashes: 16 KiB each.
  static var tileCountMax: Int { 64 }

  public let size: UInt64
  private let source: Source
  // Row 0 is the tile's hashes, row h the perfect subtrees of 2^h of them.
  private var tiles: [Tile: [[TreeHash]]] = [:]

  /// `outOfRange` for a size that no log has.
  public init(size: UInt64, source: Source) throws(LogError) {
    guard size <= LogBound.treeSizeMax else { throw LogError(.outOfRange, "tree is larger than its bound") }
    self.size = size
    self.source = source
  }

  public mutating func root() throws -> TreeHash {
    return try hash(0..<size)
  }

  /// RFC 9162 §2.1.3.1. `outOfRange` for an index outside the tree.
  public mutating func inclusionProof(of index: UInt64) throws -> InclusionProof {
    guard index < size else { throw LogError(.outOfRange, "leaf lies outside the tree") }
    var range = 0..<size
    var siblings: [Range<UInt64>] = []
    while range.count > 1 {
      let (left, right) = split(range)
      siblings.append(left.contains(index) ? right : left)
      range = left.contains(index) ? left : right
    }
    let hashes = try siblings.reversed().map { try hash($0) }
    return try InclusionProof(index: index, size: size, hashes: hashes)
  }

  /// RFC 9162 §2.1.4.1. `rolledBack` for an older size beyond this tree.
  public mutating func consistencyProof(from older: UInt64) throws -> ConsistencyProof {
    guard older <= size else { throw LogError(.rolledBack, "the newer tree is smaller than the older one") }
    guard older != 0, older != size else { return try ConsistencyProof(from: older, to: size, hashes: []) }
    var range = 0..<size
    var nodes: [Range<UInt64>] = []
    while range.upperBound != older {
      let (left, right) = split(range)
      nodes.append(older <= left.upperBound ? right : left)
      range = older <= left.upperBound ? left : right
    }
    // The older tree's own last subtree, unless that is the older root, which the verifier has.
    if range.lowerBound != 0 { nodes.append(range) }
    return try ConsistencyProof(from: older, to: size, hashes: nodes.reversed().map { try hash($0) })
  }

  /// At the largest power of two smaller than the number of leaves.
  private func split(_ range: Range<UInt64>) -> (Range<UInt64>, Range<UInt64>) {
    let count = range.upperBound - range.lowerBound
    let middle = range.lowerBound + 1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    return (range.lowerBound..<middle, middle..<range.upperBound)
  }

  private mutating func hash(_ range: Range<UInt64>) throws -> TreeHash {
    let count = range.upperBound - range.lowerBound
    guard count > 0 else { return .emptyRoot }
    guard count.nonzeroBitCount == 1 else {
      let (left, right) = split(range)
      return .node(try hash(left), try hash(right))
    }
    return try perfectSubtree(at: range.lowerBound, height: count.trailingZeroBitCount)
  }

  /// Splitting at powers of two keeps every perfect subtree aligned, so it lies within one tile.
  private mutating func perfectSubtree(at start: UInt64, height: Int) throws -> TreeHash {
    let level = height / Tile.height
    let row = height % Tile.height
    let first = start >> UInt64(level * Tile.height)
    let rows = try rows(level: level, index: first >> UInt64(Tile.height))
    return rows[row][Int(first & UInt64(Tile.widthMax - 1)) >> row]
  }

  private mutating func rows(level: Int, index: UInt64) throws -> [[TreeHash]] {
    guard let tile = Tile(level: level, index: index, inTreeOf: size) else {
      throw LogError(.outOfRange, "tile lies outside the tree")
    }
    if let known = tiles[tile] { return known }
    let hashes = try source.hashes(of: tile)
    guard hashes.count == tile.width else {
      throw LogError(.malformed, "tile has another width than its place demands")
    }
    var rows = [hashes]
    for height in 1..<Tile.height {
      let below = rows[height - 1]
      rows.append((0..<below.count / 2).map { .node(below[2 * $0], below[2 * $0 + 1]) })
    }
    if tiles.count >= MerkleTree.tileCountMax { tiles.removeAll(keepingCapacity: true) }
    tiles[tile] = rows
    return rows
  }
}
