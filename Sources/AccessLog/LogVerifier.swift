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
