import Foundation
import Synchronization

/// The one writer of a store: a thread of its own that takes what waits, applies it in one transaction, lets the sealer
/// add to it, commits with one fsync, and only then resumes the callers.
///
/// Callers suspend; none of Swift's shared threads ever waits for the disk.
public final class GroupCommitWriter<Sealer: BatchSealer>: Sendable {
  private let worker: BatchWorker<Sealer>

  /// Attaches to the store and starts the thread.
  ///
  /// - Parameter committedLate: runs on the writer's thread before the next batch when changes became durable whose
  ///   caller had been told `.stuck`: whoever keeps a picture of the store in memory has to look again.
  /// - Throws: `.inUse` if the store has a writer; `.closed`.
  public init(
    store: VaultStore, sealer: Sealer, limits: WriterLimits = WriterLimits(),
    committedLate: @escaping @Sendable () -> Void = {}
  ) throws(StoreError) {
    let connection = try store.takeWriter()
    // Before the first batch: the log's room is claimed before anybody writes.
    store.reserve.refill()
    let worker = BatchWorker(
      store: store, connection: connection, sealer: sealer, limits: limits, committedLate: committedLate)
    self.worker = worker
    let thread = Thread { worker.run() }
    thread.name = "vault-writer"
    // Applying and sealing a full batch nests shallowly, but sealers hash and sign on this stack.
    thread.stackSize = 2 << 20
    thread.start()
  }

  deinit { worker.queue.finish() }

  /// Waits until the changes and the entry are durable.
  ///
  /// All changes are applied or none. Cancelling the task does not withdraw a submission: it may be on the disk already.
  /// - Parameter changes: at most one for each row.
  /// - Throws: `.conflict` (with the table), `.invalid`, `.busy`, `.timeout`, `.closed`, `.displaced`, `.full`,
  ///   `.commitFailed` (with the cause): nothing was applied. `.stuck`: it may yet be.
  public func submit(changes: [RowChange], entry: Sealer.Entry) async throws(StoreError) -> Sealer.Receipt {
    let byteCount = try RowChange.checkedByteCount(changes)
    let result = await withCheckedContinuation { caller in
      let refusal = worker.queue.push(
        Submission(
          changes: changes, entry: entry, byteCount: byteCount, deadline: worker.queue.deadline(),
          caller: Caller(caller)))
      if let refusal { caller.resume(returning: .failure(refusal)) }
    }
    return try result.get()
  }

  /// How many submissions wait for their batch now.
  public var queuedCount: Int { worker.queue.count }

  public var health: WriterHealth { worker.queue.isStuck ? .stuck : worker.health }

  /// Rows were found that this writer did not write: from now on every batch fails with `.damaged`, as where somebody
  /// else has committed to the database.
  public func distrust() { worker.distrust() }

  /// Takes no more submissions, serves those that wait, ends the thread and gives the store back its connection.
  public func finish() async {
    worker.queue.finish()
    await worker.ended()
  }
}

extension RowChange {
  /// Demands the bounds of `StoreLimits` and that no row is changed twice; returns the bytes of keys and bodies.
  ///
  /// - Throws: `.invalid`.
  static func checkedByteCount(_ changes: [RowChange]) throws(StoreError) -> Int {
    guard changes.count <= StoreLimits.changesPerSubmissionMax else { throw StoreError(.invalid) }
    var byteCount = 0
    for change in changes {
      byteCount += change.key.count
      guard !change.key.isEmpty, change.key.count <= StoreLimits.keyByteCountMax else {
        throw StoreError(.invalid, table: change.table)
      }
      guard case .put(let version, let body) = change.write else { continue }
      byteCount += body.count
      guard version <= StoreLimits.versionMax, !body.isEmpty, body.count <= StoreLimits.bodyByteCountMax else {
        throw StoreError(.invalid, table: change.table)
      }
    }
    guard byteCount <= StoreLimits.submissionByteCountMax else { throw StoreError(.invalid) }
    guard changes.count < 2 || Set(changes.map { RowName(table: $0.table, key: $0.key) }).count == changes.count else {
      throw StoreError(.invalid)
    }
    return byteCount
  }

  private struct RowName: Hashable {
    let table: StoreTable
    let key: [UInt8]
  }
}

/// How the writer fares.
public enum WriterHealth: Sendable, Equatable {
  case well
  /// The last batch failed for this reason, or the one before it did and nothing was tried since.
  case failing(StoreError.Code)
  /// A batch takes longer than its bound.
  case stuck
}
