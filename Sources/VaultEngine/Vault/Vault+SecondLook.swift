import Dispatch
import Synchronization
import VaultStore

extension Vault {
  /// Looks at all metadata of an open vault once more. A commit by somebody else shows by itself; bytes that were written
  /// past SQLite show to nobody who reads a single row, because a row of before has its seal, too (P6).
  ///
  /// What is not as the vault left it ends its work as a commit by somebody else does: everything is refused with
  /// `integrity` until a start has checked it. Nobody waits meanwhile, neither for a thread nor for a connection.
  ///
  /// - Returns: false where it ended.
  @discardableResult
  public func lookAgain() async -> Bool {
    await secondLook.run { [self] in
      do throws(VaultError) {
        try demandWhole()
        return true
      } catch {
        // A disk that fails, or files that were moved, are told elsewhere, and say nothing of the rows.
        guard error.code == .integrity else { return true }
        writer.distrust()
        return false
      }
    }
  }

  private func demandWhole() throws(VaultError) {
    // Before the snapshot: it holds this state, or a later one.
    let known = ledger.stateVersion
    try onStored("A metadata row") {
      try store.readAnew { view in
        guard let row = try view.row(.meta, LedgerState.rowKey) else { throw VaultError.tampered("The state row") }
        let state = try LedgerState(opening: row, with: keys)
        // Every row of before, the state row among them, is whole in itself.
        guard state.version >= known, state.number == ledger.number else { throw VaultError.tampered("The state row") }
        let sum = try OpenedStore.metadataSum(in: view, keys: keys) { _, _ in
          guard !secondLook.isStopping else { throw StoreError(.closed) }
        }
        guard sum == state.sum else { throw VaultError.tampered("A metadata row") }
      }
    }
  }
}

/// A thread on which one look at the whole store follows another: a hundred thousand records take it about a second.
final class SecondLook: Sendable {
  private let queue = DispatchQueue(label: "survivor-vault.second-look")
  private let stopping = Mutex(false)

  var isStopping: Bool { stopping.withLock(\.self) }

  func run(_ body: @escaping @Sendable () -> Bool) async -> Bool {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: body()) }
    }
  }

  /// Ends the look that is under way, and waits until it has let go of its connection.
  func stop() async {
    stopping.withLock { $0 = true }
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume() }
    }
  }
}
