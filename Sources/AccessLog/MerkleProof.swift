/// That a leaf stands at `index` in a tree of `size` leaves (RFC 9162 §2.1.3).
public struct InclusionProof: Hashable, Sendable {
  public let index: UInt64
  public let size: UInt64
  /// From the leaf's sibling up to the root's child.
  public let hashes: [TreeHash]

  /// `outOfRange` for an index outside the tree, `malformed` for a number of hashes that this place cannot have.
  public init(index: UInt64, size: UInt64, hashes: [TreeHash]) throws(LogError) {
    guard size <= LogBound.treeSizeMax, index < size else {
      throw LogError(.outOfRange, "leaf lies outside the tree")
    }
    guard hashes.count == InclusionProof.hashCount(index: index, size: size) else {
      throw LogError(.malformed, "proof has another length than its place demands")
    }
    self.index = index
    self.size = size
    self.hashes = hashes
  }

  /// Below where the paths of this leaf and of the last one part, each level has a sibling; above, only those levels
  /// where the path turns right.
  private static func hashCount(index: UInt64, size: UInt64) -> Int {
    let inner = 64 - (index ^ (size - 1)).leadingZeroBitCount
    return inner + (index >> UInt64(inner)).nonzeroBitCount
  }

  /// The root that follows from the leaf and the proof (RFC 9162 §2.1.3.2).
  public func root(over leaf: TreeHash) -> TreeHash {
    var root = leaf
    var node = index
    var last = size - 1
    for sibling in hashes {
      if node & 1 == 1 || node == last {
        root = .node(sibling, root)
        if node & 1 == 0 {
          let skipped = UInt64(node.trailingZeroBitCount)
          node >>= skipped
          last >>= skipped
        }
      } else {
        root = .node(root, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return root
  }

  /// `notAuthentic` unless the leaf and the proof give this root.
  public func verify(leaf: TreeHash, root: TreeHash) throws(LogError) {
    guard self.root(over: leaf) == root else {
      throw LogError(.notAuthentic, "leaf is not in the tree at this place")
    }
  }
}

/// That a tree of `to` leaves begins with the tree of `from` leaves (RFC 9162 §2.1.4).
public struct ConsistencyProof: Hashable, Sendable {
  public let from: UInt64
  public let to: UInt64
  public let hashes: [TreeHash]

  /// `rolledBack` where the newer tree is the smaller one, `malformed` for a number of hashes that it cannot have.
  public init(from: UInt64, to: UInt64, hashes: [TreeHash]) throws(LogError) {
    guard to <= LogBound.treeSizeMax, from <= LogBound.treeSizeMax else {
      throw LogError(.outOfRange, "tree is larger than its bound")
    }
    guard from <= to else { throw LogError(.rolledBack, "the newer tree is smaller than the older one") }
    guard hashes.count <= LogBound.proofHashCountMax else { throw LogError(.malformed, "proof is too long") }
    // Equal trees need no proof, and everything extends the empty one.
    guard (from == 0 || from == to) == hashes.isEmpty else {
      throw LogError(.malformed, "proof has another length than its sizes demand")
    }
    self.from = from
    self.to = to
    self.hashes = hashes
  }

  /// `inconsistent` unless both roots follow from the proof (RFC 9162 §2.1.4.2).
  public func verify(oldRoot: TreeHash, newRoot: TreeHash) throws(LogError) {
    guard from != 0 else {
      guard oldRoot == .emptyRoot, to != 0 || newRoot == .emptyRoot else {
        throw LogError(.inconsistent, "an empty tree has only one root")
      }
      return
    }
    guard from != to else {
      guard oldRoot == newRoot else { throw LogError(.inconsistent, "two roots for one size: the log was forked") }
      return
    }
    guard let roots = try roots(oldRoot: oldRoot), roots.old == oldRoot, roots.new == newRoot else {
      throw LogError(.inconsistent, "the newer tree does not begin with the older one")
    }
  }

  private func roots(oldRoot: TreeHash) throws(LogError) -> (old: TreeHash, new: TreeHash)? {
    // A perfect older tree is itself the first node of the path and is not repeated in the proof.
    let path = from.nonzeroBitCount == 1 ? [oldRoot] + hashes : hashes
    guard let first = path.first else { return nil }
    var old = first
    var new = first
    let skipped = UInt64((~(from - 1)).trailingZeroBitCount)
    var node = (from - 1) >> skipped
    var last = (to - 1) >> skipped
    for sibling in path.dropFirst() {
      guard last != 0 else { throw LogError(.malformed, "proof is longer than its sizes demand") }
      if node & 1 == 1 || node == last {
        old = .node(sibling, old)
        new = .node(sibling, new)
        while node & 1 == 0 && node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        new = .node(new, sibling)
      }
      node >>= 1
      last >>= 1
    }
    guard last == 0 else { throw LogError(.malformed, "proof is shorter than its sizes demand") }
    return (old, new)
  }
}
