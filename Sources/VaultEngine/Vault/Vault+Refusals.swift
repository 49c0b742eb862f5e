import Synchronization

extension Vault {
  // MARK: Refusals

  /// Makes a refusal an entry, or counts it where there were enough of its kind; the entry's index.
  func submitRefusal(_ entry: PendingEntry) async throws(VaultError) -> UInt64? {
    guard case .entry(let kind) = noise.admit(entry.refusalKind, bootNow: clock.bootNanoseconds()) else { return nil }
    do {
      return try await submit(entry)
    } catch {
      noise.takeBack(kind, bootNow: clock.bootNanoseconds())
      var failure = error
      failure.isWitnessed = true
      throw failure
    }
  }

  /// A request that was refused before any use case saw it. `kind` is one of the transport's own words, never anything
  /// that was sent. Returns at once: the entry is written behind the caller's back.
  public func refused(uid: UInt32, kind: String, isDenial: Bool) {
    var entry = PendingEntry(.requestRefused)
    entry.uid = uid
    entry.outcome = isDenial ? .denied : .failed
    entry.detail = kind
    guard case .entry = noise.admit(entry.refusalKind, bootNow: clock.bootNanoseconds()) else { return }
    outbox.post([entry]) { [self] in await writeBehind($0) }
  }

  /// Writes the counts of windows that have ended.
  func writeDueCounts() {
    let due = noise.takeDue(bootNow: clock.bootNanoseconds())
    guard !due.isEmpty else { return }
    outbox.post(due) { [self] in await writeBehind($0) }
  }

  /// Writes all that was counted. The end of the daemon.
  func writeAllCounts() async {
    outbox.post(noise.takeAll()) { [self] in await writeBehind($0) }
    await outbox.emptied()
  }

  func writeBehind(_ entry: PendingEntry) async {
    do { _ = try await submit(entry) } catch {
      // What the daemon says of its host stands in its own log as well.
      if entry.action != .spaceLow, entry.action != .anchorState, entry.action != .journalState {
        noise.giveBack(entry)
      }
    }
  }
}

/// The limiter, shared.
final class SharedNoiseLimiter: Sendable {
  private let limiter = Mutex(NoiseLimiter())

  func admit(_ kind: RefusalKind, bootNow: UInt64) -> NoiseLimiter.Admission {
    limiter.withLock { $0.admit(kind, bootNow: bootNow) }
  }
  func count(_ kind: RefusalKind, bootNow: UInt64) { limiter.withLock { $0.count(kind, bootNow: bootNow) } }
  func takeBack(_ kind: RefusalKind, bootNow: UInt64) { limiter.withLock { $0.takeBack(kind, bootNow: bootNow) } }
  func giveBack(_ entry: PendingEntry) { limiter.withLock { $0.giveBack(entry) } }
  func takeDue(bootNow: UInt64) -> [PendingEntry] { limiter.withLock { $0.takeDue(bootNow: bootNow) } }
  func takeAll() -> [PendingEntry] { limiter.withLock { $0.takeAll() } }
}

/// Entries for which nobody waits, written one after another by one task. What comes in is bounded by the limiter.
final class EntryOutbox: Sendable {
  private struct State {
    var waiting: [PendingEntry] = []
    var isWriting = false
    var emptied: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func post(_ entries: [PendingEntry], write: @escaping @Sendable (PendingEntry) async -> Void) {
    let begins = state.withLock { state in
      state.waiting += entries
      guard !state.waiting.isEmpty, !state.isWriting else { return false }
      state.isWriting = true
      return true
    }
    guard begins else { return }
    Task { while let entry = next() { await write(entry) } }
  }

  private func next() -> PendingEntry? {
    let (entry, waiters) = state.withLock { state -> (PendingEntry?, [CheckedContinuation<Void, Never>]) in
      guard state.waiting.isEmpty else { return (state.waiting.removeFirst(), []) }
      defer { state.emptied = [] }
      state.isWriting = false
      return (nil, state.emptied)
    }
    for waiter in waiters { waiter.resume() }
    return entry
  }

  /// Returns when everything that was posted has been tried.
  func emptied() async {
    await withCheckedContinuation { waiter in
      let isEmpty = state.withLock { state in
        if state.isWriting { state.emptied.append(waiter) }
        return !state.isWriting
      }
      if isEmpty { waiter.resume() }
    }
  }
}
