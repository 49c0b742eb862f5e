import AccessLog
import VaultAPI
import VaultClient

/// Whether the log behind a report is the one that was signed, and what auditors have signed off in it.
///
/// The tree is computed from the leaves, as `log verify` does, and on the way what it was at each sign-off.
@MainActor struct ReportedLog {
  let shell: Shell

  /// With the failure where the log does not verify: a report is made of it all the same, and says so.
  func state() async throws -> (log: ReviewReport.Log, signOffs: [ReviewReport.SignOff], failure: Failure?) {
    let status = try await shell.client.status()
    let rows = try await shell.client.signOffs().signoffs
    do {
      let seenBefore = try KnownVaults(socket: shell.socket)?.check(status)?.size ?? 0
      let proven = try await KnownVaults.proven(in: shell)
      let roots = try await roots(of: proven, at: Set(rows.map(\.size)))
      let log = ReviewReport.Log(
        origin: proven.checkpoint.origin.text, size: proven.checkpoint.size,
        root: proven.checkpoint.root.description, key: proven.key.vkey, verification: .whole(seenBefore: seenBefore))
      return (log, rows.map { Self.signOff($0, roots[$0.size], proven.key) }, nil)
    } catch {
      let failure = Failure(any: error)
      guard failure.exitCode == .integrity else { throw failure }
      let log = ReviewReport.Log(
        origin: "", size: status.logSize, root: status.logRoot, key: status.logKey,
        verification: .broken(failure.detail))
      return (log, rows.map { Self.signOff($0, nil, nil) }, failure)
    }
  }

  /// The roots of the trees of these sizes. Throws where the whole tree is not the signed one.
  private func roots(of log: ProvenLog, at sizes: Set<UInt64>) async throws -> [UInt64: TreeHash] {
    let progress = Progress("Verifying", total: log.checkpoint.size, isOn: !shell.given.json)
    defer { progress.end() }
    var frontier = TreeFrontier()
    var roots: [UInt64: TreeHash] = [:]
    for tile in Tile.all(level: 0, inTreeOf: log.checkpoint.size) {
      let bundle = try await shell.client.logFile(.entries(tile))
      let leaves: [TreeHash]
      do { leaves = try EntryBundle.leafHashes(in: bundle, count: tile.width) } catch {
        throw LogFailure.notTheRoot("What the vault sent")
      }
      for leaf in leaves {
        frontier.append(leaf)
        if sizes.contains(frontier.size) { roots[frontier.size] = frontier.root() }
      }
      progress.update(frontier.size)
      try Interrupt.check()
    }
    guard frontier.root() == log.checkpoint.root else { throw LogFailure.notTheRoot("What the vault sent") }
    return roots
  }

  /// - Parameters:
  ///   - root: of this log at the size of the sign-off; nil where it has no such size or does not verify.
  private static func signOff(_ row: SignOffRow, _ root: TreeHash?, _ key: NoteKey?) -> ReviewReport.SignOff {
    let claimed = ReviewTime.milliseconds(row.time) ?? 0
    guard let root, let key, let cosigner = try? NoteKey(vkey: row.key),
      let note = try? UnverifiedCheckpoint(encoded: Array(row.note.utf8)),
      let signed = try? note.verified(by: key, cosigners: [cosigner]), let cosignature = signed.cosignatures.first,
      signed.size == row.size, signed.root == root
    else {
      return ReviewReport.SignOff(
        size: row.size, account: row.account, time: claimed, remark: row.remark, isVerified: false)
    }
    // The time that was signed, not the one that is told.
    let time = Int64(clamping: cosignature.posixSeconds).multipliedReportingOverflow(by: 1000)
    return ReviewReport.SignOff(
      size: row.size, account: row.account, time: time.overflow ? claimed : time.partialValue, remark: row.remark,
      isVerified: true)
  }
}
