/// The right edge of a Merkle tree (RFC 6962 §2.1): all that is needed to append leaves and to know the root.
///
/// The leaves so far split into perfect subtrees, one for each bit of the size, largest first; the frontier keeps
/// their roots. Appending merges at the right end: one node hash a leaf on average.
public struct TreeFrontier: Hashable, Sendable {
  public private(set) var size: UInt64 = 0
  // Largest subtree first; as many as `size` has bits set.
  private var peaks: [TreeHash] = []

  public init() {}

  /// A perfect subtree that an append has completed: its root is final.
  public struct Subtree: Hashable, Sendable {
    /// 0 for a leaf.
    public let height: Int
    /// Counted among the subtrees of this height from the left.
    public let index: UInt64
    public let root: TreeHash

    /// Where this hash stands among the tiles (C2SP tlog-tiles), if its height is one that tiles show.
    public var tilePosition: (level: Int, tile: UInt64, offset: Int)? {
      guard height.isMultiple(of: Tile.height) else { return nil }
      return (height / Tile.height, index >> UInt64(Tile.height), Int(index & 0xff))
    }
  }

  public mutating func append(_ leaf: TreeHash) { append(leaf) { _ in } }

  /// `completed` hears of the leaf itself and of each larger perfect subtree that it completes, smallest first.
  public mutating func append(_ leaf: TreeHash, completed: (Subtree) -> Void) {
    precondition(size < LogBound.treeSizeMax)
    append(leaf, height: 0, completed: completed)
  }

  /// Appends 2^height leaves at once, of which only the root is known. The size must be a multiple of 2^height.
  mutating func append(perfectSubtree root: TreeHash, height: Int, completed: (Subtree) -> Void = { _ in }) {
    precondition(size & (1 << UInt64(height) - 1) == 0 && size <= LogBound.treeSizeMax - 1 << UInt64(height))
    append(root, height: height, completed: completed)
  }

  private mutating func append(_ root: TreeHash, height: Int, completed: (Subtree) -> Void) {
    var merged = root
    var height = height
    var index = size >> UInt64(height)
    size += 1 << UInt64(height)
    completed(Subtree(height: height, index: index, root: merged))
    while index & 1 == 1 {
      merged = .node(peaks.removeLast(), merged)
      height += 1
      index >>= 1
      completed(Subtree(height: height, index: index, root: merged))
    }
    peaks.append(merged)
  }

  /// The Merkle tree hash of all leaves so far.
  public func root() -> TreeHash {
    guard var root = peaks.last else { return .emptyRoot }
    for peak in peaks.dropLast().reversed() { root = .node(peak, root) }
    return root
  }

  /// size (u64 big-endian) ‖ roots of the perfect subtrees, largest first, 32 bytes each.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + peaks.count * TreeHash.byteCount)
    bytes.appendBigEndian(size)
    for peak in peaks { peak.append(to: &bytes) }
    return bytes
  }

  /// `malformed` unless there is one hash for each bit of the size; `outOfRange` for an impossible size.
  public init(encoded bytes: [UInt8]) throws(LogError) {
    guard bytes.count >= 8 else { throw LogError(.malformed, "frontier is too short") }
    let size = bytes[..<8].bigEndianInteger
    guard size <= LogBound.treeSizeMax else { throw LogError(.outOfRange, "tree is larger than its bound") }
    guard bytes.count == 8 + size.nonzeroBitCount * TreeHash.byteCount else {
      throw LogError(.malformed, "frontier does not fit its size")
    }
    self.size = size
    for start in stride(from: 8, to: bytes.count, by: TreeHash.byteCount) {
      peaks.append(try TreeHash(bytes[start..<start + TreeHash.byteCount]))
    }
  }
}
