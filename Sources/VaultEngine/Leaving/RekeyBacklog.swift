import Synchronization
import VaultModel

/// What is left to do since somebody left, as far as memory knows: found by looking at the store, kept up by the job.
/// After a restart it is found again, so nothing of it has to be durable.
final class RekeyBacklog: Sendable {
  struct Caseload: Sendable {
    /// Records with a newest part, or a card, under an older epoch.
    var left: [UInt64] = []
    /// Of these, what no session so far could open; looked at again when somebody logs in.
    var waiting: [UInt64] = []
    /// Newest epoch of each compartment when it was looked at.
    var newest: [Compartment: UInt64] = [:]
    /// What lies under an epoch before these is encrypted anew, not only wrapped.
    var deep: [Compartment: UInt64] = [:]

    var leftCount: Int { left.count + waiting.count }

    func leftCount(besides hidden: Set<UInt64>) -> Int {
      hidden.isEmpty ? leftCount : (left + waiting).count { !hidden.contains($0) }
    }
  }

  private struct State {
    var looksForLeavers = true
    var hasListed = false
    var toScan: Set<ProgrammeID> = []
    var scanning: ProgrammeID?
    var epochs: [Compartment: UInt64] = [:]
    var caseloads: [ProgrammeID: Caseload] = [:]
    var isWorking = false
    /// When the next membership runs out, as of a generation of all memberships.
    var end: (generation: UInt64, next: Timestamp?)?
  }

  private let state = Mutex(State())

  /// An account was suspended or replaced, or somebody came who may hold the keys that this waits for.
  func membersLeft() {
    state.withLock { state in
      state.looksForLeavers = true
      for programme in state.caseloads.keys {
        guard var caseload = state.caseloads[programme] else { continue }
        caseload.left += caseload.waiting
        caseload.waiting = []
        state.caseloads[programme] = caseload
      }
    }
  }

  /// When the next membership runs out; `find` is asked once for each generation.
  func nextEnd(
    asOf generation: UInt64, _ find: () throws(VaultError) -> Timestamp?
  ) throws(VaultError) -> Timestamp? {
    if let known = state.withLock(\.end), known.generation == generation { return known.next }
    let next = try find()
    state.withLock { $0.end = (generation, next) }
    return next
  }

  /// It has come: the one after it is to be found.
  func forgetEnd() { state.withLock { $0.end = nil } }

  /// Whether to look for leavers; told once.
  func takeLeavers() -> Bool {
    state.withLock { state in
      defer { state.looksForLeavers = false }
      return state.looksForLeavers
    }
  }

  /// On the writer's thread: new epochs make records old.
  func moved(_ epochs: [Compartment: UInt64]) {
    state.withLock { state in
      for (compartment, epoch) in epochs where epoch > state.epochs[compartment] ?? 1 {
        state.epochs[compartment] = epoch
        if let programme = compartment.programme { state.toScan.insert(programme) }
      }
    }
  }

  /// A programme to be looked through; `all` is asked once.
  func takeScan(_ all: () throws -> [ProgrammeID]) rethrows -> ProgrammeID? {
    if !state.withLock({ $0.hasListed }) {
      let programmes = try all()
      state.withLock { state in
        state.hasListed = true
        state.toScan.formUnion(programmes)
      }
    }
    return state.withLock { state in
      // One that was looked through in vain comes again.
      if let interrupted = state.scanning { state.toScan.insert(interrupted) }
      state.scanning = state.toScan.popFirst()
      return state.scanning
    }
  }

  /// Whether what it says of a programme is what there is.
  func isScanned(_ programme: ProgrammeID) -> Bool {
    state.withLock { $0.hasListed && !$0.toScan.contains(programme) && $0.scanning != programme }
  }

  /// Programmes that are still to be looked through.
  var unscanned: Set<ProgrammeID> {
    state.withLock { state in state.toScan.union(state.scanning.map { [$0] } ?? []) }
  }

  func scanAgain(_ programme: ProgrammeID) { state.withLock { _ = $0.toScan.insert(programme) } }
  var isScanned: Bool { state.withLock { $0.hasListed && $0.toScan.isEmpty && $0.scanning == nil } }

  func found(_ caseload: Caseload, in programme: ProgrammeID) {
    state.withLock { state in
      state.caseloads[programme] = caseload
      if state.scanning == programme { state.scanning = nil }
    }
  }

  func caseload(of programme: ProgrammeID) -> Caseload? { state.withLock { $0.caseloads[programme] } }

  /// Programmes with something that a session might do.
  var busy: [ProgrammeID] {
    state.withLock { state in state.caseloads.filter { !$0.value.left.isEmpty }.keys.sorted() }
  }

  var leftCount: Int { leftCount(besides: []) }

  func leftCount(besides unscanned: Set<ProgrammeID>) -> Int {
    state.withLock { state in
      state.caseloads.reduce(0) { $0 + (unscanned.contains($1.key) ? 0 : $1.value.leftCount) }
    }
  }

  /// Records of one batch are dealt with: `kept` are tried again, `waiting` when somebody else comes.
  func dealt(with batch: [UInt64], kept: [UInt64], waiting: [UInt64], in programme: ProgrammeID) {
    state.withLock { state in
      guard var caseload = state.caseloads[programme] else { return }
      let batch = Set(batch)
      caseload.left.removeAll { batch.contains($0) }
      caseload.left += kept
      caseload.waiting += waiting
      state.caseloads[programme] = caseload
    }
  }

  /// One at a time: false while another is at work.
  func begin() -> Bool {
    state.withLock { state in
      guard !state.isWorking else { return false }
      state.isWorking = true
      return true
    }
  }

  func end() { state.withLock { $0.isWorking = false } }
}
