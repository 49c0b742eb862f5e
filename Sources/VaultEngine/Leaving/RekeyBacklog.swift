import Synchronization
import VaultModel

/// What is left to do since somebody left, as far as memory knows; the store alone says what is true.
final class RekeyBacklog: Sendable {
  private struct State {
    /// Manifests may name accounts that were suspended or replaced.
    var looksForLeavers = true
  }

  private let state = Mutex(State())

  /// An account was suspended or replaced, or somebody came who may hold the keys that its leaving waits for.
  func membersLeft() { state.withLock { $0.looksForLeavers = true } }

  /// Whether to look for leavers; told once.
  func takeLeavers() -> Bool {
    state.withLock { state in
      defer { state.looksForLeavers = false }
      return state.looksForLeavers
    }
  }
}
