import Synchronization
import VaultModel

/// Changes that became durable after their callers had been told that the disk does not answer. Nobody was left to bring
/// the picture in memory up to date, so it is made anew before anybody is answered from it.
final class LateCommits: Sendable {
  private struct State {
    var happened: UInt64 = 0
    var seen: UInt64 = 0
  }

  private let state = Mutex(State())

  /// How many have to be caught up with; nil: none.
  var unseen: UInt64? { state.withLock { $0.seen < $0.happened ? $0.happened : nil } }

  /// On the writer's thread, before the next batch.
  func happened() { state.withLock { $0.happened += 1 } }

  /// Memory is as the store was after the first `count` of them.
  func caughtUp(to count: UInt64) { state.withLock { $0.seen = max($0.seen, count) } }
}

extension Vault {
  /// Reads again what memory keeps of the store, if something became durable late: who may read, the audit epoch, which
  /// records and submissions there are, how far the log is reviewed. The ledger's own state needs nothing: the writer
  /// moves it with each commit, late or not; retries are remembered in the store alone.
  func catchUp() throws(VaultError) {
    // Counted first: what becomes late meanwhile is looked at again. Two who come at once do the same work.
    guard let count = late.unseen else { return }
    let (audit, records, heads, waiting) = try read("A manifest") { view in
      let manifest = try trust.manifest(.audit, in: view)
      var records: [ProgrammeID: [UInt64]] = [:]
      var heads: [RecordHead] = []
      try view.forEach(.record) { row in
        let place = try RecordPlace(decoding: keys.openMetadata(row, table: .record))
        guard case .head(let head) = place else { return forget(place) }
        records[head.programme, default: []].append(head.id.bits)
        if !head.terms.isEmpty || exceptions.contains(head.id) { heads.append(head) }
      }
      var waiting: [SubmissionHead] = []
      try view.forEach(.submission) { waiting.append(try SubmissionRows.head(of: $0, keys: keys)) }
      return (
        manifest.map { AuditHead(key: $0.manifest.publicKey, epoch: $0.manifest.epoch) }, records, heads, waiting
      )
    }
    standing.read(audit)
    directory.merge(records)
    for head in heads { exceptions.set(head) }
    submissions.load(waiting, now: clock.now(), bootNow: clock.bootNanoseconds())
    reviewMark.forget()
    // Cards are opened again at the next search.
    cabinet.keep(only: [])
    late.caughtUp(to: count)
  }
}
