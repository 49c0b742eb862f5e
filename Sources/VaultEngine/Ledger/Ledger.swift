import AccessLog
import Synchronization
import VaultCrypto
import VaultStore

/// The one writer's conscience: every batch of changes gets its entries, one signed checkpoint and the state row that
/// holds the rest of the store to account, in the same transaction (DESIGN §5).
///
/// All mutation happens on the writer's thread; others read the committed state.
final class Ledger: BatchSealer {
  typealias Entry = PendingEntry
  typealias Receipt = UInt64

  let context: LogContext
  private let keys: StoreKeys
  private let clock: VaultClock
  private let signer: LogSigner
  private let anchor: Anchor
  private let journal: Journal?
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var committed: LedgerState
    /// Of the batch that is being committed.
    var pending: LedgerState?
    var pendingEdge: TileEdge?
    var edge: TileEdge
    var sealer: LeafSealer
    var heads: ManifestHeads
    var pendingHeads: ManifestHeads?
    var watch = ClockWatch()
    var pendingWatch: ClockWatch?
    /// When the journal was last told how far the log has come.
    var markedAt: UInt64?
  }

  /// How far a journal lags behind a log in which nothing happens that it tells of.
  private static let markNanoseconds: UInt64 = 3_600_000_000_000

  init(
    committed: LedgerState, edge: TileEdge, heads: ManifestHeads, audit: (key: SealingKey, epoch: UInt64),
    keys: StoreKeys,
    clock: VaultClock, anchor: Anchor, journal: Journal? = nil
  ) throws(LogError) {
    let origin = try LogOrigin.name(vault: keys.vault)
    context = try LogContext(vaultID: keys.vault, origin: origin)
    self.keys = keys
    self.clock = clock
    self.anchor = anchor
    self.journal = journal
    signer = LogSigner(origin: origin, key: keys.log)
    state = Mutex(
      State(
        committed: committed, edge: edge,
        sealer: LeafSealer(context: context, auditKey: audit.key, auditEpoch: audit.epoch),
        heads: heads))
  }

  // MARK: The writer's thread

  func seal(_ entries: [PendingEntry], deltas: [RowDelta], transaction: borrowing WriteTransaction) throws -> [UInt64] {
    var next = state.withLock { $0.committed }
    var edge = state.withLock { $0.edge }
    var heads = state.withLock { $0.heads }
    for delta in deltas {
      if let old = delta.old {
        next.sum.subtract(keys.rowHash(delta.table, key: delta.key, version: old.version, body: old.body))
      }
      if let new = delta.new {
        next.sum.add(keys.rowHash(delta.table, key: delta.key, version: new.version, body: new.body))
      }
    }
    var receipts: [UInt64] = []
    receipts.reserveCapacity(entries.count)
    let wall = clock.now()
    let now = max(wall, next.lastEntry)
    let bootNow = clock.bootNanoseconds()
    var watch = state.withLock { $0.watch }
    // A jump is told before what happened after it, and gets no receipt: nobody asked for it.
    let jump = watch.look(wall: wall, bootNanoseconds: bootNow, lastEntry: next.lastEntry).map { PendingEntry($0) }
    var receipted: Set<Int> = []
    var all = jump.map { [$0] } ?? []
    for entry in entries {
      receipted.insert(all.count)
      all += [entry] + entry.also
    }
    for (number, pending) in all.enumerated() {
      for head in pending.heads { heads.set(head.compartment, hash: head.hash) }
      if let text = pending.text { next.texts.add(keys.textHash(text.hash)) }
      for hash in pending.erasedTexts { next.texts.subtract(keys.textHash(hash)) }
      let index = next.frontier.size
      let entry = pending.entry(at: now)
      let leaf = try state.withLock { state throws(LogError) in
        try state.sealer.seal(entry, index: index, nowNanoseconds: bootNow)
      }
      try transaction.put(.logLeaf, StoreKey.index(index), version: 1, body: leaf)
      let full = edge.append(TreeHash.leaf(leaf), to: &next.frontier)
      for tile in full { try transaction.put(.logTile, tile.key, version: 1, body: tile.body) }
      if receipted.contains(number) { receipts.append(index) }
    }
    next.lastEntry = now
    if heads.isChanged { next.headsDigest = heads.digest }
    heads.isChanged = false
    next.checkpoint = try VerifiedCheckpoint.signing(
      size: next.frontier.size, root: next.frontier.root(), with: signer
    ).encoded
    next.version += 1
    next.anchored = anchor.writtenSize ?? next.anchored
    keepJournal(of: all, in: &next, bootNow: bootNow)
    try transaction.put(.meta, LedgerState.rowKey, version: next.version, body: next.sealed(with: keys))
    state.withLock { state in
      state.pending = next
      state.pendingEdge = edge
      state.pendingHeads = heads
      state.pendingWatch = watch
    }
    return receipts
  }

  /// Adds the lines that this batch's entries mean to the chain; they are written once it is committed.
  private func keepJournal(of entries: [PendingEntry], in next: inout LedgerState, bootNow: UInt64) {
    let events = entries.compactMap {
      JournalEvent($0, incarnation: 1, logSize: next.frontier.size, time: next.lastEntry)
    }
    guard let journal else {
      if !events.isEmpty { next.journal.hasGap = true }
      return
    }
    if let link = journal.durable { next.journal.confirm(link) }
    for event in events { next.journal.append(event, with: keys) }
    let isDue = state.withLock { state in
      let isTurn = entries.contains { $0.action == .daemonStart || $0.action == .daemonStop }
      guard isTurn || bootNow >= (state.markedAt ?? 0) + Ledger.markNanoseconds else { return false }
      state.markedAt = bootNow
      return true
    }
    guard isDue else { return }
    var mark = JournalEvent(.mark, incarnation: 1, logSize: next.frontier.size, time: next.lastEntry)
    mark.checkpoint = next.checkpoint
    next.journal.append(mark, with: keys)
  }

  func committed() {
    defer { if let journal { journal.post(state.withLock { $0.committed.journal }) } }
    state.withLock { state in
      if let pending = state.pending { state.committed = pending }
      if let edge = state.pendingEdge { state.edge = edge }
      if let heads = state.pendingHeads { state.heads = heads }
      if let watch = state.pendingWatch { state.watch = watch }
      state.pendingWatch = nil
      state.pending = nil
      state.pendingEdge = nil
      state.pendingHeads = nil
    }
  }

  func abandoned() {
    state.withLock { state in
      state.pending = nil
      state.pendingEdge = nil
      state.pendingHeads = nil
      state.pendingWatch = nil
      // A log key born within the batch may count from an index that comes again.
      state.sealer.forget()
    }
  }

  func holds(_ view: borrowing ReadView) throws -> Bool {
    guard let row = try view.row(.meta, LedgerState.rowKey), let found = try? LedgerState(opening: row, with: keys)
    else { return false }
    let last = try view.last(.logLeaf).flatMap { StoreKey.index(of: $0.key) }
    let committed = state.withLock { $0.committed }
    let size = committed.frontier.size
    return found.isSame(as: committed) && last == (size == 0 ? nil : size - 1)
  }

  // MARK: Anyone

  /// The ledger's time: never before its last entry, whatever somebody makes of the clock.
  var now: Timestamp { max(clock.now(), state.withLock { $0.committed.lastEntry }) }
  var size: UInt64 { state.withLock { $0.committed.frontier.size } }
  var root: TreeHash { state.withLock { $0.committed.frontier.root() } }
  var checkpoint: [UInt8] { state.withLock { $0.committed.checkpoint } }
  var noteKey: NoteKey { signer.noteKey }
  /// What the off-host journal has, or waits for.
  var journalChain: JournalChain { state.withLock { $0.committed.journal } }

  /// Entries from now on are sealed to this epoch of the audit compartment.
  func rekeyAudit(_ key: SealingKey, epoch: UInt64) {
    state.withLock { $0.sealer.rekey(auditKey: key, auditEpoch: epoch) }
  }

  /// Whether a log key is in memory at this moment.
  var holdsLogKey: Bool { state.withLock { $0.sealer.holdsKey } }

  /// For a timer: a silent log must not keep its last key.
  func expireLogKey() {
    let now = clock.bootNanoseconds()
    state.withLock { $0.sealer.expire(nowNanoseconds: now) }
  }
}

/// An entry before it has a time and an index.
struct PendingEntry: Sendable {
  struct HeadChange: Sendable {
    let compartment: String
    let hash: [UInt8]
  }

  var action: Action
  var outcome: LogEntry.Outcome = .allowed
  var account: String?
  var uid: UInt32?
  var record: String?
  var programme: String?
  var assignment: LogEntry.Assignment?
  var sections: [String] = []
  var purpose: String?
  var results: [String] = []
  /// Goes into the store with the entry, whatever the outcome: a refused reason is worth as much.
  var text: FreeText.Sealed?
  /// Hashes of texts that leave the store with this entry.
  var erasedTexts: [[UInt8]] = []
  var detail: String?
  var changes: [UInt8]?
  var count: UInt64?
  /// The request that two people agreed on, where the action rests on one.
  var approval: String?
  /// Manifest heads that the submission moves.
  var heads: [HeadChange] = []
  /// Entries that follow this one in the same transaction: what an approval carried out.
  var also: [PendingEntry] = []

  init(_ action: Action) { self.action = action }

  func entry(at time: Timestamp) -> LogEntry {
    var entry = LogEntry(time: Int64(time.milliseconds), action: action.rawValue, outcome: outcome)
    entry.account = account
    entry.uid = uid
    entry.record = record
    entry.programme = programme
    entry.assignment = assignment
    entry.sections = sections
    entry.purpose = purpose
    entry.approval = approval
    entry.results = results
    entry.freeText = text?.hash
    entry.detail = detail
    entry.changes = changes
    entry.count = count
    return entry
  }
}
