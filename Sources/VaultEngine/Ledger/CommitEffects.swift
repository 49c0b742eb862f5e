import Synchronization
import VaultCrypto
import VaultModel

/// What a batch changes besides rows, told on the writer's thread between its commit and its callers' answers.
struct CommitEffects: Sendable {
  var ended: [EndedSessions] = []
  /// Epochs that manifests of the batch name.
  var epochs: [Compartment: UInt64] = [:]
  var audit: Vault.AuditHead?
  var reads: ReadTally.Batch?
  var tallyRow: (version: UInt64, hash: [UInt8])?
  var tallyWritten: UInt64 = 0

  /// Nothing that anybody but the ledger has to know.
  var isQuiet: Bool { ended.isEmpty && epochs.isEmpty }

  mutating func add(_ head: PendingEntry.HeadChange) {
    epochs[head.compartment] = head.epoch
    if head.compartment == .audit { audit = Vault.AuditHead(key: head.publicKey, epoch: head.epoch) }
  }
}

/// Sessions that end at the moment of a commit: neither before, in case it fails, nor after, when answers that were
/// under way might still leave.
final class EndedSessions: Sendable {
  private let account: AccountName
  private let spared: Session?
  private let ended = Mutex(0)

  init(of account: AccountName, but spared: Session? = nil) {
    self.account = account
    self.spared = spared
  }

  /// How many there were; known once the entry is durable.
  var count: Int { ended.withLock(\.self) }

  func ends(_ session: Session) -> Bool { session.account == account && session !== spared }

  func end(in sessions: SessionTable) {
    let count = sessions.removeAll { ends($0) }
    ended.withLock { $0 += count }
  }
}

/// What memory keeps of memberships: which generation of them sessions have to have loaded, and to whom texts beside the
/// log are sealed.
final class Standing: Sendable {
  private struct State {
    var generation: UInt64 = 1
    var audit: Vault.AuditHead
  }

  private let state: Mutex<State>

  init(audit: Vault.AuditHead) { state = Mutex(State(audit: audit)) }

  /// Raised whenever memberships change: every session then opens its grants anew at its next request.
  var generation: UInt64 { state.withLock(\.generation) }
  var audit: Vault.AuditHead { state.withLock(\.audit) }

  func moved(_ effects: CommitEffects) {
    guard !effects.epochs.isEmpty else { return }
    state.withLock { state in
      state.generation += 1
      if let audit = effects.audit { state.audit = audit }
    }
  }

  /// What the store holds now, where memory may be behind it.
  func read(_ audit: Vault.AuditHead?) {
    state.withLock { state in
      state.generation += 1
      if let audit, audit.epoch > state.audit.epoch { state.audit = audit }
    }
  }
}
