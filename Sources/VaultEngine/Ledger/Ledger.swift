import AccessLog
import Synchronization
import VaultCrypto
import VaultModel
import VaultStore

/// The one writer's conscience: every batch of changes gets its entries, one signed checkpoint and the state row that
/// holds the rest of the store to account, in the same transaction (DESIGN §5).
///
/// All mutation happens on the writer's thread; others read the committed state.
final class Ledger: BatchSealer {
  typealias Entry = PendingEntry
  typealias Receipt = UInt64

  let context: LogContext
  /// Which of the vault's logs this is.
  let number: UInt64
  private let keys: StoreKeys
  private let clock: VaultClock
  private let signer: LogSigner
  private let anchor: Anchor
  private let journal: Journal?
  private let tellCommitted: @Sendable (CommitEffects) -> Void
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
    var audit: Vault.AuditHead
    var tally: ReadTally
    /// What the batch that is being committed will have brought about.
    var effects = CommitEffects()
    /// Epochs that began since the vault was opened: what was sealed under an older one was sealed before.
    var epochs: [Compartment: UInt64] = [:]
    var watch = ClockWatch()
    var pendingWatch: ClockWatch?
    /// When the journal was last told how far the log has come.
    var markedAt: UInt64?
  }

  /// How far a journal lags behind a log in which nothing happens that it tells of.
  private static let markNanoseconds: UInt64 = 3_600_000_000_000

  init(
    committed: LedgerState, edge: TileEdge, heads: ManifestHeads, audit: Vault.AuditHead, tally: ReadTally,
    keys: StoreKeys, clock: VaultClock, anchor: Anchor, journal: Journal? = nil,
    tellCommitted: @escaping @Sendable (CommitEffects) -> Void
  ) throws(LogError) {
    let origin = try LogOrigin.name(vault: keys.vault, number: committed.number)
    number = committed.number
    context = try LogContext(vaultID: keys.vault, origin: origin)
    self.keys = keys
    self.clock = clock
    self.anchor = anchor
    self.journal = journal
    self.tellCommitted = tellCommitted
    signer = LogSigner(origin: origin, key: keys.log)
    state = Mutex(
      State(
        committed: committed, edge: edge,
        sealer: LeafSealer(context: context, auditKey: audit.key, auditEpoch: audit.epoch),
        heads: heads, audit: audit, tally: tally))
  }

  // MARK: The writer's thread

  func begins() { state.withLock { $0.effects = CommitEffects() } }

  func admits(_ entry: PendingEntry) -> Bool {
    guard entry.session != nil || !entry.epochs.isEmpty else { return true }
    return state.withLock { state in
      // A session that was ended, by an earlier batch or by this one, changes nothing and learns nothing.
      if let session = entry.session, session.isClosed || state.effects.ended.contains(where: { $0.ends(session) }) {
        return false
      }
      return entry.epochs.allSatisfy { compartment, epoch in
        epoch >= max(state.epochs[compartment] ?? 0, state.effects.epochs[compartment] ?? 0)
      }
    }
  }

  func applied(_ entry: PendingEntry) {
    guard entry.ends != nil || !entry.heads.isEmpty || !entry.also.isEmpty else { return }
    state.withLock { state in
      for entry in [entry] + entry.also {
        if let ends = entry.ends { state.effects.ended.append(ends) }
        for head in entry.heads { state.effects.add(head) }
      }
    }
  }

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
    var reads: [AccountName: UInt32] = [:]
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
    for (place, pending) in all.enumerated() {
      for head in pending.heads {
        heads.set(head.compartment.description, hash: head.hash)
        // From the very entry that tells of it.
        if head.compartment == .audit { rekeySealer(head.publicKey, head.epoch) }
      }
      if let account = pending.countedReader { reads[account, default: 0] += 1 }
      if let text = pending.text { next.texts.add(keys.textHash(text.hash)) }
      for hash in pending.erasedTexts { next.texts.subtract(keys.textHash(hash)) }
      let index = next.frontier.size
      let entry = pending.entry(at: now)
      let leaf = try state.withLock { state throws(LogError) in
        try state.sealer.seal(entry, index: index, nowNanoseconds: bootNow)
      }
      try transaction.put(.logLeaf, LogKey.leaf(number, index), version: 1, body: leaf)
      let full = edge.append(TreeHash.leaf(leaf), to: &next.frontier)
      for tile in full { try transaction.put(.logTile, tile.key, version: 1, body: tile.body) }
      if receipted.contains(place) { receipts.append(index) }
    }
    next.lastEntry = now
    state.withLock { $0.effects.reads = ReadTally.Batch(day: ReadTally.day(of: now), reads: reads) }
    try keepTally(entries, at: now, bootNow: bootNow, sum: &next.sum, transaction)
    if heads.isChanged { next.headsDigest = heads.digest }
    heads.isChanged = false
    next.checkpoint = try VerifiedCheckpoint.signing(
      size: next.frontier.size, root: next.frontier.root(), with: signer
    ).encoded
    next.version += 1
    next.anchored = anchor.writtenSize ?? next.anchored
    keepJournal(of: all, in: &next, bootNow: bootNow, transaction)
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
  private func keepJournal(
    of entries: [PendingEntry], in next: inout LedgerState, bootNow: UInt64, _ transaction: borrowing WriteTransaction
  ) {
    var events: [JournalEvent] = []
    for entry in entries {
      guard var event = JournalEvent(entry, incarnation: number, logSize: next.frontier.size, time: next.lastEntry)
      else { continue }
      guard event.kind.holdsState else {
        events.append(event)
        continue
      }
      // What cannot be told of is a stretch that the journal knows nothing of; it stops no commit.
      do {
        guard let state = try event.stateNow(after: entry.action, in: transaction, keys) else { continue }
        event.state = state
        events.append(event)
      } catch { next.journal.hasGap = true }
    }
    guard let journal else {
      for event in events {
        // A recovery is made while no daemon runs: its line waits for the next one that keeps a journal.
        if event.kind == .recover { next.journal.append(event, with: keys) } else { next.journal.hasGap = true }
      }
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
    var mark = JournalEvent(.mark, incarnation: number, logSize: next.frontier.size, time: next.lastEntry)
    mark.checkpoint = next.checkpoint
    next.journal.append(mark, with: keys)
  }

  func committed() {
    defer { if let journal { journal.post(state.withLock { $0.committed.journal }) } }
    let effects = state.withLock { state in
      if let pending = state.pending { state.committed = pending }
      if let edge = state.pendingEdge { state.edge = edge }
      if let heads = state.pendingHeads { state.heads = heads }
      if let watch = state.pendingWatch { state.watch = watch }
      state.pendingWatch = nil
      state.pending = nil
      state.pendingEdge = nil
      state.pendingHeads = nil
      let effects = state.effects
      state.effects = CommitEffects()
      for (compartment, epoch) in effects.epochs { state.epochs[compartment] = epoch }
      if let audit = effects.audit { state.audit = audit }
      state.tally.add(effects)
      return effects
    }
    if !effects.isQuiet { tellCommitted(effects) }
  }

  func abandoned() {
    state.withLock { state in
      state.pending = nil
      state.pendingEdge = nil
      state.pendingHeads = nil
      state.pendingWatch = nil
      if state.effects.audit != nil {
        state.sealer.rekey(auditKey: state.audit.key, auditEpoch: state.audit.epoch)
      }
      state.effects = CommitEffects()
      // A log key born within the batch may count from an index that comes again.
      state.sealer.forget()
    }
  }

  func holds(_ view: borrowing ReadView) throws -> Bool {
    guard let row = try view.row(.meta, LedgerState.rowKey), let found = try? LedgerState(opening: row, with: keys)
    else { return false }
    let last = try view.last(.logLeaf)?.key
    let committed = state.withLock { $0.committed }
    return found.isSame(as: committed) && committed.endsLog(withKey: last)
  }

  // MARK: Anyone

  /// The ledger's time: never before its last entry, whatever somebody makes of the clock.
  var now: Timestamp { max(clock.now(), state.withLock { $0.committed.lastEntry }) }
  var size: UInt64 { state.withLock { $0.committed.frontier.size } }
  var root: TreeHash { state.withLock { $0.committed.frontier.root() } }
  var checkpoint: [UInt8] { state.withLock { $0.committed.checkpoint } }
  var noteKey: NoteKey { signer.noteKey }
  /// The last checkpoints of the logs before.
  var closed: [[UInt8]] { state.withLock { $0.committed.closed } }
  /// What the off-host journal has, or waits for.
  var journalChain: JournalChain { state.withLock { $0.committed.journal } }
  /// Of the state row: one more with each batch.
  var stateVersion: UInt64 { state.withLock { $0.committed.version } }
  /// Time of the newest entry.
  var lastEntry: Timestamp { state.withLock { $0.committed.lastEntry } }

  /// Entries from now on are sealed to this epoch of the audit compartment.
  private func rekeySealer(_ key: SealingKey, _ epoch: UInt64) {
    state.withLock { $0.sealer.rekey(auditKey: key, auditEpoch: epoch) }
  }

  /// How often the account has read records in the last days, today included.
  func reads(of account: AccountName, days: UInt64) -> UInt64 {
    let today = ReadTally.day(of: clock.now())
    return state.withLock { $0.tally.count(of: account, days: days, until: today) }
  }

  /// Writes the count of readings along with the batch, now and then: the hot path pays nothing for it.
  private func keepTally(
    _ entries: [PendingEntry], at now: Timestamp, bootNow: UInt64, sum: inout RowSetSum,
    _ transaction: borrowing WriteTransaction
  ) throws {
    let isLast = entries.contains { $0.action == .daemonStop || $0.ends != nil }
    let row = state.withLock { state -> StoredRow? in
      state.effects.tallyRow = nil
      guard state.tally.isDue(state.effects.reads, isLast: isLast, bootNow: bootNow) else { return nil }
      let row = state.tally.row(with: state.effects.reads, keys: keys)
      state.effects.tallyRow = (row.version, keys.rowHash(.meta, key: row.key, version: row.version, body: row.body))
      state.effects.tallyWritten = bootNow
      return row
    }
    guard let row else { return }
    state.withLock { state in
      if let old = state.tally.stored { sum.subtract(old.hash) }
      if let new = state.effects.tallyRow { sum.add(new.hash) }
    }
    try transaction.put(.meta, row.key, version: row.version, body: row.body)
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
    let compartment: Compartment
    let hash: [UInt8]
    let epoch: UInt64
    let publicKey: SealingKey
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
  /// Whose answer this is: nothing is written or told for a session that has ended meanwhile.
  var session: Session?
  /// Sessions that end with the commit of this entry.
  var ends: EndedSessions?
  /// Under which epochs the changes were sealed; where a newer one has begun by their turn, they are not applied.
  var epochs: [Compartment: UInt64] = [:]

  /// The account, where this is a reading that counts.
  var countedReader: AccountName? {
    guard action == .recordRead, outcome == .allowed else { return nil }
    return session?.account
  }

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
