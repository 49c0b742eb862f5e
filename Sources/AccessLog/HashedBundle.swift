/// What is left of a bundle once its leaves are hashed.
struct HashedBundle: Sendable {
  let leaves: [TreeHash]
  /// Of the perfect subtree that a full bundle is.
  let root: TreeHash?

  init(_ leaves: [TreeHash]) {
    self.leaves = leaves
    guard leaves.count == Tile.widthMax else {
      root = nil
      return
    }
    var row = leaves
    for height in 1...Tile.height {
      for index in 0..<Tile.widthMax >> height { row[index] = .node(row[2 * index], row[2 * index + 1]) }
    }
    root = row[0]
  }
}

/// A tree that is computed from its bundles, from the left: its edge, the tiles above the leaves, and the roots that are
/// remembered from when it was smaller.
struct TreeInProgress {
  private(set) var frontier = TreeFrontier()
  // By level, from 1: the hashes of the tile at the right edge.
  private var edge: [[TreeHash]] = [[]]
  private var full: [(Tile, [TreeHash])] = []
  // Smallest size last.
  private var older: [Checkpoint]

  init(older: [Checkpoint] = []) {
    self.older = older.filter { $0.size > 0 }.sorted { $0.size > $1.size }
  }

  /// `inconsistent` where the tree had another root at one of the older sizes.
  mutating func append(_ bundle: HashedBundle) throws(LogError) {
    let end = frontier.size + UInt64(bundle.leaves.count)
    if let root = bundle.root, frontier.size.isMultiple(of: UInt64(Tile.widthMax)),
      older.last.map({ $0.size >= end }) ?? true
    {
      var completed: [TreeFrontier.Subtree] = []
      frontier.append(perfectSubtree: root, height: Tile.height) { completed.append($0) }
      keep(completed)
      try compareOlder()
    } else {
      for leaf in bundle.leaves {
        var completed: [TreeFrontier.Subtree] = []
        frontier.append(leaf) { completed.append($0) }
        keep(completed)
        try compareOlder()
      }
    }
  }

  private mutating func compareOlder() throws(LogError) {
    while let known = older.last, known.size == frontier.size {
      guard frontier.root() == known.root else {
        throw LogError(.inconsistent, "the log does not begin with the tree that was kept")
      }
      older.removeLast()
    }
  }

  private mutating func keep(_ completed: [TreeFrontier.Subtree]) {
    for subtree in completed {
      guard let (level, index, _) = subtree.tilePosition, level > 0 else { continue }
      while edge.count <= level { edge.append([]) }
      edge[level].append(subtree.root)
      guard edge[level].count == Tile.widthMax, let tile = try? Tile(level: level, index: index) else { continue }
      full.append((tile, edge[level]))
      edge[level].removeAll(keepingCapacity: true)
    }
  }

  /// The tiles above level 0 that were filled since this was last asked.
  mutating func takeFullTiles() -> [(Tile, [TreeHash])] {
    defer { full.removeAll() }
    return full
  }

  /// The tiles above level 0 that are still open.
  var partialTiles: [(Tile, [TreeHash])] {
    edge.indices.compactMap { level in
      let size = frontier.size
      let index = size >> UInt64(Tile.height * (level + 1))
      guard level > 0, !edge[level].isEmpty, let tile = Tile(level: level, index: index, inTreeOf: size) else {
        return nil
      }
      return (tile, edge[level])
    }
  }

  /// That this is the tree of the checkpoint: `rolledBack` where leaves are missing at its end, else `inconsistent`.
  func demand(_ checkpoint: Checkpoint) throws(LogError) {
    guard frontier.size >= checkpoint.size else {
      throw LogError(.rolledBack, "there are fewer leaves than the checkpoint counts")
    }
    guard frontier.size == checkpoint.size else {
      throw LogError(.inconsistent, "there are more leaves than the checkpoint counts")
    }
    guard frontier.root() == checkpoint.root else {
      throw LogError(.inconsistent, "the leaves are not those of the checkpoint")
    }
  }
}
