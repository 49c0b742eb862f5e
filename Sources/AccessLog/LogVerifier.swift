/// Recomputes a log's tree from its leaves, and holds the root against a signed checkpoint: all that is needed to know
/// that no entry was changed, removed, inserted or reordered. Needs no key but the log's public one.
public struct LogVerifier: Sendable {
  public private(set) var frontier = TreeFrontier()

  public init() {}

  /// Continues from a tree that was verified before.
  public init(from frontier: TreeFrontier) { self.frontier = frontier }

  public mutating func append(leaf: [UInt8]) { frontier.append(.leaf(leaf)) }

  /// The leaves of one entry bundle. `malformed` unless it holds exactly `count` of them.
  public mutating func append(bundle: [UInt8], count: Int) throws(LogError) {
    guard count > 0 else { throw LogError(.malformed, "bundle has no leaves") }
    for hash in try EntryBundle.leafHashes(in: bundle, count: count) { frontier.append(hash) }
  }

  /// The leaves of bundles 0…`count` − 1, hashed by `concurrency` threads: a million leaves of 512 bytes are two seconds of
  /// SHA-256. `load` reads one bundle and says how many leaves it should have; what it throws passes through. Blocks
  /// the calling thread, so not for a cooperative one.
  public mutating func append(
    bundles count: Int, concurrency: Int, load: @Sendable (Int) throws -> (bytes: [UInt8], count: Int)
  ) throws {
    precondition(count >= 0 && concurrency > 0)
    // Enough at once that no thread waits long for another, few enough to bound memory: 8 KiB a bundle.
    for start in stride(from: 0, to: count, by: Tile.widthMax) {
      let hashed = try concurrentMap(min(Tile.widthMax, count - start), concurrency: concurrency) { offset in
        let (bytes, count) = try load(start + offset)
        return HashedBundle(try EntryBundle.leafHashes(in: bytes, count: count))
      }
      for bundle in hashed { append(bundle) }
    }
  }

  private mutating func append(_ bundle: HashedBundle) {
    switch bundle.root {
    case .some(let root) where frontier.size.isMultiple(of: UInt64(Tile.widthMax)):
      frontier.append(perfectSubtree: root, height: Tile.height)
    default:
      for hash in bundle.leaves { frontier.append(hash) }
    }
  }

  /// `rolledBack` where leaves are missing at the end, `inconsistent` where the tree is another one or there are more
  /// leaves than were signed, else what `UnverifiedCheckpoint.verified` says.
  @discardableResult
  public func verify(
    _ checkpoint: UnverifiedCheckpoint, by log: NoteKey, cosigners: [NoteKey] = []
  ) throws(LogError) -> VerifiedCheckpoint {
    let verified = try checkpoint.verified(by: log, cosigners: cosigners)
    guard frontier.size >= verified.size else {
      throw LogError(.rolledBack, "there are fewer leaves than the checkpoint counts")
    }
    guard frontier.size == verified.size else {
      throw LogError(.inconsistent, "there are more leaves than the checkpoint counts")
    }
    guard frontier.root() == verified.root else {
      throw LogError(.inconsistent, "the leaves are not those of the checkpoint")
    }
    return verified
  }
}
