import Dispatch
import Synchronization

/// The writer's thread: everything here runs on it alone, except where said.
final class BatchWorker<Sealer: BatchSealer>: Sendable {
  typealias Item = Submission<Sealer.Entry, Sealer.Receipt>
  typealias Outcome = Result<Sealer.Receipt, StoreError>

  let queue: SubmissionQueue<Sealer.Entry, Sealer.Receipt>
  private let store: VaultStore
  private let connection: StoreConnection
  private let sealer: Sealer
  private let limits: WriterLimits
  private let end = Mutex(End.running([]))

  private enum End {
    case running([CheckedContinuation<Void, Never>])
    case ended
  }

  init(store: VaultStore, connection: StoreConnection, sealer: Sealer, limits: WriterLimits) {
    self.store = store
    self.connection = connection
    self.sealer = sealer
    self.limits = limits
    queue = SubmissionQueue(limits: limits)
  }

  func run() {
    var log = LogLength(limit: limits.walByteCountMax)
    loop: while true {
      switch queue.next(idle: .milliseconds(limits.idleMilliseconds)) {
      case .batch(let items):
        for (item, outcome) in zip(items, commit(items)) { item.caller.resume(returning: outcome) }
        if log.isDue(store.walByteCount) { log.emptied(emptyLog(), store.walByteCount) }
      case .idle:
        if store.walByteCount > 0 { log.emptied(emptyLog(), store.walByteCount) }
      case .finished: break loop
      }
    }
    store.returnWriter()
    let waiting = end.withLock { end in
      defer { end = .ended }
      if case .running(let waiting) = end { return waiting }
      return []
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns when the thread has done its last work. From any task.
  func ended() async {
    await withCheckedContinuation { continuation in
      let isEnded = end.withLock { end in
        guard case .running(let waiting) = end else { return true }
        end = .running(waiting + [continuation])
        return false
      }
      if isEnded { continuation.resume() }
    }
  }

  // MARK: One batch

  /// Commits the batch, or nothing of it; one outcome for each item.
  private func commit(_ items: [Item]) -> [Outcome] {
    var wasSealed = false
    do {
      try store.checkInPlace()
      let outcomes = try connection.transaction(beforeCommit: store.options.beforeCommit) { db in
        var batch = BatchApplication(access: RowAccess(db: db))
        let conflicts = try items.map { item in try batch.apply(item.changes) }
        let accepted = zip(items, conflicts).filter { $0.1 == nil }.map(\.0.entry)
        guard !accepted.isEmpty else { throw NothingToCommit(conflicts: conflicts.compactMap { $0 }) }
        wasSealed = true
        let receipts = try seal(accepted, batch)
        var nextReceipt = receipts.makeIterator()
        return conflicts.map { conflict -> Outcome in
          if let conflict { return .failure(conflict) }
          guard let receipt = nextReceipt.next() else { return .failure(StoreError(.sealFailed)) }
          return .success(receipt)
        }
      }
      sealer.committed()
      return outcomes
    } catch let nothing as NothingToCommit {
      return nothing.conflicts.map { .failure($0) }
    } catch {
      if wasSealed { sealer.abandoned() }
      let failure = Self.failure(error)
      return items.map { _ in .failure(failure) }
    }
  }

  private func seal(_ entries: [Sealer.Entry], _ batch: BatchApplication) throws -> [Sealer.Receipt] {
    do {
      let receipts = try sealer.seal(
        entries, deltas: batch.deltas, transaction: WriteTransaction(access: batch.access))
      guard receipts.count == entries.count else { throw StoreError(.sealFailed) }
      return receipts
    } catch let error as StoreError {
      throw error
    } catch {
      // The sealer's own error may say anything; only that it failed goes on.
      throw StoreError(.sealFailed)
    }
  }

  private static func failure(_ error: any Error) -> StoreError {
    let cause = StoreError(wrapping: error)
    if cause.code == .displaced || cause.code == .closed { return cause }
    return StoreError(.commitFailed, cause: cause.code, table: cause.table, sqliteCode: cause.sqliteCode)
  }

  /// Every submission conflicted: the transaction ends without a seal and without an fsync.
  private struct NothingToCommit: Error {
    let conflicts: [StoreError]
  }

  // MARK: The log

  private func emptyLog() -> Bool {
    // A file that was moved away is not written to.
    (try? store.checkInPlace()) != nil && connection.emptyWAL()
  }
}

/// When to empty the write-ahead log next. A long read can hold it; then it may grow by as much again before the next try.
private struct LogLength {
  let limit: Int
  private var next: Int

  init(limit: Int) {
    self.limit = limit
    next = limit
  }

  func isDue(_ byteCount: Int) -> Bool { byteCount > next }

  mutating func emptied(_ succeeded: Bool, _ byteCount: Int) { next = succeeded ? limit : byteCount + limit }
}
