import Dispatch
import Synchronization

/// One use case on its way to a batch.
struct Submission<Entry: Sendable, Receipt: Sendable>: Sendable {
  let changes: [RowChange]
  let entry: Entry
  let byteCount: Int
  let deadline: ContinuousClock.Instant
  let caller: Caller<Receipt>

  /// Whether it takes ciphertext of records away.
  var erases: Bool { changes.contains { !$0.table.isMetadata && $0.write == .delete } }

  /// Whether it belongs to the access log alone, or takes access away: what the reserve is for. Records do not.
  var mayUseReserve: Bool { changes.allSatisfy(\.table.mayUseReserve) }
}

/// Whoever waits for a submission: told once, by the first who has something to say.
final class Caller<Receipt: Sendable>: Sendable {
  private let continuation: Mutex<CheckedContinuation<Result<Receipt, StoreError>, Never>?>

  init(_ continuation: CheckedContinuation<Result<Receipt, StoreError>, Never>) {
    self.continuation = Mutex(continuation)
  }

  /// False where the caller was told something else before.
  @discardableResult
  func resume(returning result: Result<Receipt, StoreError>) -> Bool {
    let continuation = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    continuation?.resume(returning: result)
    return continuation != nil
  }
}

/// What waits for the writer: bounded in number and bytes, each with a deadline that is kept while the writer is busy.
final class SubmissionQueue<Entry: Sendable, Receipt: Sendable>: Sendable {
  typealias Item = Submission<Entry, Receipt>

  enum Turn {
    case batch([Item])
    case idle
    case finished
  }

  private struct State: Sendable {
    var waiting: [Item] = []
    var byteCount = 0
    /// The batch that the writer works on.
    var running: [Item] = []
    var runningSince = ContinuousClock.now
    var isStuck = false
    var isFinishing = false
    var isWriterAsleep = false
    var isSweepArmed = false
  }

  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)
  private let limits: WriterLimits

  init(limits: WriterLimits) { self.limits = limits }

  var count: Int { state.withLock { $0.waiting.count } }

  /// Whether the batch that runs has been running for longer than its bound.
  var isStuck: Bool { state.withLock { $0.isStuck } }

  /// Until when what comes now may wait for its turn.
  func deadline() -> ContinuousClock.Instant { .now + .milliseconds(limits.queueMillisecondsMax) }

  /// Queues the item, or says why not.
  func push(_ item: Item) -> StoreError? {
    let (refusal, isAsleep, mustSweep) = state.withLock { state -> (StoreError?, Bool, Bool) in
      if state.isFinishing { return (StoreError(.closed), false, false) }
      // Nothing of this one was begun: it is not in doubt as those are that run.
      if state.isStuck { return (StoreError(.busy), false, false) }
      // One submission always fits an empty queue: its own bound is smaller than the queue's.
      guard state.waiting.count < limits.queueCountMax, state.byteCount + item.byteCount <= limits.queueByteCountMax
      else { return (StoreError(.busy), false, false) }
      state.waiting.append(item)
      state.byteCount += item.byteCount
      defer {
        state.isWriterAsleep = false
        state.isSweepArmed = true
      }
      return (nil, state.isWriterAsleep, !state.isSweepArmed)
    }
    if isAsleep { wake.signal() }
    if mustSweep { armSweep() }
    return refusal
  }

  /// The next batch, oldest first; waits for one, and says `.idle` when none came within `idle`. Writer's thread only.
  func next(idle: DispatchTimeInterval) -> Turn {
    while true {
      if let turn = takeTurn() { return turn }
      if wake.wait(timeout: .now() + idle) == .timedOut {
        let isAsleep = state.withLock { state in
          defer { state.isWriterAsleep = false }
          return state.isWriterAsleep
        }
        if isAsleep { return .idle }
        // Somebody signalled just after the wait gave up: take that signal too.
        wake.wait()
      }
    }
  }

  /// No further submissions; those that wait are still served.
  func finish() {
    let isAsleep = state.withLock { state in
      defer { state.isWriterAsleep = false }
      state.isFinishing = true
      return state.isWriterAsleep
    }
    if isAsleep { wake.signal() }
  }

  private func takeTurn() -> Turn? {
    state.withLock { state in
      state.running = []
      state.isStuck = false
    }
    expire()
    return state.withLock { state in
      if state.waiting.isEmpty {
        if state.isFinishing { return .finished }
        state.isWriterAsleep = true
        return nil
      }
      var count = 0
      var bytes = 0
      for item in state.waiting.prefix(limits.batchCountMax) {
        if count > 0, bytes + item.byteCount > limits.batchByteCountMax { break }
        count += 1
        bytes += item.byteCount
      }
      let batch = Array(state.waiting.prefix(count))
      state.waiting.removeFirst(count)
      state.byteCount -= bytes
      state.running = batch
      state.runningSince = .now
      return .batch(batch)
    }
  }

  // MARK: Deadlines

  /// Removes what waited too long and tells the callers; tells those whose batch is stuck.
  private func expire() {
    let now = ContinuousClock.now
    let (stuck, behind) = state.withLock { state -> ([Item], [Item]) in
      guard !state.running.isEmpty, !state.isStuck,
        now - state.runningSince >= .milliseconds(limits.batchMillisecondsMax)
      else { return ([], []) }
      state.isStuck = true
      defer {
        state.waiting = []
        state.byteCount = 0
      }
      return (state.running, state.waiting)
    }
    for item in stuck { item.caller.resume(returning: .failure(StoreError(.stuck))) }
    // Like those who come from now on; nothing of theirs was begun.
    for item in behind { item.caller.resume(returning: .failure(StoreError(.busy))) }
    let expired = state.withLock { state -> [Item] in
      guard state.waiting.contains(where: { $0.deadline <= now }) else { return [] }
      let expired = state.waiting.filter { $0.deadline <= now }
      state.waiting.removeAll { $0.deadline <= now }
      state.byteCount -= expired.reduce(0) { $0 + $1.byteCount }
      return expired
    }
    for item in expired { item.caller.resume(returning: .failure(StoreError(.timeout))) }
  }

  /// One sweep serves all that wait, and the batch that runs; it goes on only while there is one of them.
  private func armSweep() {
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(limits.sweepMilliseconds)) { [self] in
      expire()
      let goesOn = state.withLock { state in
        state.isSweepArmed = !state.waiting.isEmpty || !(state.running.isEmpty || state.isStuck)
        return state.isSweepArmed
      }
      if goesOn { armSweep() }
    }
  }
}
