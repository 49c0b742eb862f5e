import Dispatch
import GRDB
import Synchronization

/// The writer's thread: everything here runs on it alone, except where said.
final class BatchWorker<Sealer: BatchSealer>: Sendable {
  typealias Item = Submission<Sealer.Entry, Sealer.Receipt>
  typealias Outcome = Result<Sealer.Receipt, StoreError>

  let queue: SubmissionQueue<Sealer.Entry, Sealer.Receipt>
  private let store: VaultStore
  private let sealer: Sealer
  private let limits: WriterLimits
  private let committedLate: @Sendable () -> Void
  private let footing: Mutex<Footing>
  private let end = Mutex(End.running([]))

  private enum End {
    case running([CheckedContinuation<Void, Never>])
    case ended
  }

  /// What the next batch stands on.
  private struct Footing {
    var connection: StoreConnection
    /// Why nothing is taken for granted: the failure since which the store was not found as it should be.
    var doubt: StoreError.Code?
    /// What this connection has read may be older than the file.
    var mustReopen = false
    /// Somebody else has written to the database: only a start, which checks all of it, goes on.
    var isShared = false
    /// The last failure, until something succeeds.
    var health = WriterHealth.well
  }

  init(
    store: VaultStore, connection: StoreConnection, sealer: Sealer, limits: WriterLimits,
    committedLate: @escaping @Sendable () -> Void
  ) {
    self.store = store
    self.sealer = sealer
    self.limits = limits
    self.committedLate = committedLate
    footing = Mutex(Footing(connection: connection))
    queue = SubmissionQueue(limits: limits)
  }

  /// From any thread.
  var health: WriterHealth { footing.withLock { $0.health } }

  /// From any thread.
  func distrust() {
    footing.withLock { footing in
      footing.isShared = true
      footing.doubt = footing.doubt ?? .damaged
      footing.health = .failing(.damaged)
    }
  }

  private var connection: StoreConnection { footing.withLock { $0.connection } }

  func run() {
    var log = LogLength(limit: limits.walByteCountMax)
    var care = Pace(milliseconds: limits.reserveMilliseconds)
    loop: while true {
      switch queue.next(idle: .milliseconds(limits.idleMilliseconds)) {
      case .batch(let items):
        let outcomes = serve(items)
        // What was taken away must not stay in the log until the next lull.
        if items.contains(where: \.erases) { log.emptied(emptyLog(), store.walByteCount) }
        tell(items, outcomes)
        if log.isDue(store.walByteCount) { log.emptied(emptyLog(), store.walByteCount) }
      case .idle:
        try? recover()
        if store.walByteCount > 0, doubt == nil { log.emptied(emptyLog(), store.walByteCount) }
      case .finished: break loop
      }
      if care.isDue { store.reserve.refill() }
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

  private func tell(_ items: [Item], _ outcomes: [Outcome]) {
    var isLate = false
    for (item, outcome) in zip(items, outcomes) {
      let wasWaiting = item.caller.resume(returning: outcome)
      if !wasWaiting, !item.changes.isEmpty, case .success = outcome { isLate = true }
    }
    if isLate { committedLate() }
  }

  // MARK: Batches and space

  /// One outcome for each item. When the disk is full, records are refused first; what belongs to the log goes on from
  /// the reserve for as long as there is any.
  private func serve(_ items: [Item]) -> [Outcome] {
    var outcomes = [Outcome?](repeating: nil, count: items.count)
    var rest = Array(items.indices)
    let recordByteCount = items.reduce(0) { $0 + ($1.mayUseReserve ? 0 : $1.byteCount) }
    if recordByteCount > 0, !store.reserve.hasRoom(forRecordsOf: recordByteCount) {
      refuse(&rest, of: items, &outcomes, StoreError(.full))
    }
    var hasSettled = false
    while !rest.isEmpty {
      switch commit(rest.map { items[$0] }) {
      case .success(let results):
        for (index, result) in zip(rest, results) { outcomes[index] = result }
        store.reserve.logCommitted(true)
        rest = []
      case .failure(let failure):
        guard failure.cause == .full else {
          for index in rest { outcomes[index] = .failure(failure) }
          rest = []
          break
        }
        let count = rest.count
        refuse(&rest, of: items, &outcomes, failure)
        if rest.count < count { continue }
        // Room that the write-ahead log holds already comes before room that is kept back.
        if !hasSettled {
          hasSettled = true
          if connection.settleWAL() { continue }
        }
        if store.reserve.giveBack() {
          _ = connection.settleWAL()
          continue
        }
        store.reserve.logCommitted(false)
        for index in rest { outcomes[index] = .failure(failure) }
        rest = []
      }
    }
    return outcomes.map { $0 ?? .failure(StoreError(.closed)) }
  }

  /// Refuses what may not use the reserve, and leaves the others in `rest`.
  private func refuse(_ rest: inout [Int], of items: [Item], _ outcomes: inout [Outcome?], _ error: StoreError) {
    for index in rest where !items[index].mayUseReserve { outcomes[index] = .failure(error) }
    rest.removeAll { !items[$0].mayUseReserve }
  }

  // MARK: One batch

  /// Commits the batch, or nothing of it; one outcome for each item, or the failure of all.
  private func commit(_ items: [Item]) -> Result<[Outcome], StoreError> {
    var wasSealed = false
    do {
      try recover()
      let outcomes = try connection.transaction(beforeCommit: store.options.beforeCommit) { db in
        try demandAlone(db)
        var batch = BatchApplication(
          access: RowAccess(db: db, beforeStatement: store.options.beforeStatement))
        sealer.begins()
        let conflicts = try items.map { item -> StoreError? in
          guard sealer.admits(item.entry) else { return StoreError(.superseded) }
          let conflict = try batch.apply(item.changes)
          if conflict == nil { sealer.applied(item.entry) }
          return conflict
        }
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
      footing.withLock { $0.health = .well }
      return .success(outcomes)
    } catch let nothing as NothingToCommit {
      return .success(nothing.conflicts.map { .failure($0) })
    } catch {
      if wasSealed { sealer.abandoned() }
      return .failure(failed(error))
    }
  }

  private func demandAlone(_ db: Database) throws {
    do { try connection.demandAlone(db) } catch let error as StoreError {
      footing.withLock { $0.isShared = true }
      throw error
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

  /// Notes the failure: the next batch looks at the store before it writes.
  private func failed(_ error: any Error) -> StoreError {
    let cause = StoreError(wrapping: error)
    // A full disk has several names: the memory beside the log cannot grow, a write was cut short.
    let code = cause.code == .io && store.reserve.isDiskExhausted ? .full : cause.code
    footing.withLock { footing in
      footing.health = .failing(code)
      footing.doubt = footing.doubt ?? code
      if code == .displaced { footing.mustReopen = true }
    }
    if code == .displaced || code == .closed { return StoreError(code) }
    return StoreError(.commitFailed, cause: code, table: cause.table, sqliteCode: cause.sqliteCode)
  }

  /// Every submission conflicted: the transaction ends without a seal and without an fsync.
  private struct NothingToCommit: Error {
    let conflicts: [StoreError]
  }

  // MARK: After a failure

  private var doubt: StoreError.Code? { footing.withLock { $0.doubt } }

  /// Demands the files at their places and, after a failure, the store as the last commit left it; a connection that
  /// does not show it is replaced once.
  ///
  /// - Throws: `.displaced`; `.damaged` where the store is another one now; what reading or opening throws.
  private func recover() throws(StoreError) {
    do {
      try store.checkInPlace()
    } catch {
      footing.withLock { footing in
        footing.doubt = .displaced
        footing.mustReopen = true
        footing.health = .failing(.displaced)
      }
      throw error
    }
    guard !footing.withLock({ $0.isShared }) else { throw StoreError(.damaged) }
    guard doubt != nil else { return }
    if !footing.withLock({ $0.mustReopen }), isAsCommitted(connection) == true {
      return footing.withLock { $0.doubt = nil }
    }
    let fresh = try store.reopenWriter()
    footing.withLock { $0.connection = fresh }
    switch isAsCommitted(fresh) {
    case true?:
      footing.withLock { footing in
        footing.doubt = nil
        footing.mustReopen = false
        footing.health = .well
      }
    case false?: throw StoreError(.damaged)
    case nil: throw StoreError(.io)
    }
  }

  /// nil where it cannot be read.
  private func isAsCommitted(_ connection: StoreConnection) -> Bool? {
    try? connection.look { view in try sealer.holds(view) }
  }

  // MARK: The log

  /// Cuts the write-ahead log to nothing. On a disk that is nearly full it keeps its length: what it holds of the disk
  /// would be somebody else's the next moment.
  private func emptyLog() -> Bool {
    // A file that was moved away is not written to.
    guard (try? store.checkInPlace()) != nil else { return false }
    return store.space.state == .ok ? connection.emptyWAL() : connection.settleWAL()
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

  mutating func emptied(_ succeeded: Bool, _ byteCount: Int) {
    next = succeeded ? max(limit, byteCount) : byteCount + limit
  }
}

/// True at most once in an interval.
private struct Pace {
  let interval: Duration
  private var last = ContinuousClock.now

  init(milliseconds: Int) { interval = .milliseconds(milliseconds) }

  var isDue: Bool {
    mutating get {
      guard ContinuousClock.now - last >= interval else { return false }
      last = .now
      return true
    }
  }
}
