public import AccessLog
import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// What is known when an older backup is to take the place of a vault that went further.
  public struct SuccessionSource: Sendable {
    /// SHA-256 of the backup file.
    public var backup: [UInt8]
    /// Content of the anchor that the newer vault left; nil where there is none.
    public var anchor: [UInt8]?
    /// Files of the off-host journal, oldest first; empty where none was kept.
    public var journals: [[UInt8]] = []

    public init(backup: [UInt8]) { self.backup = backup }
  }

  public struct SuccessionReport: Sendable {
    public let succession: Succession
    public let kept: Checkpoint
    public let newest: Checkpoint?
    public let suspended: [AccountName]
    /// Accounts that have the keys and the passphrase of the journal again; or none, where they had not enrolled anew.
    public let renewed: [AccountName]
    public let revoked: [(account: AccountName, programmes: [ProgrammeID])]
    public let erased: [RecordID]
    /// Records from which somebody is kept again.
    public let closed: [RecordID]

    /// What the two who accept it compare: hexadecimal.
    public var digest: String { hexadecimal(succession.hash) }
    /// The journal has a stretch that it knows nothing of.
    public var hasGap: Bool { succession.replay.hasGap }
    /// How far the journal reaches; nil where none was given.
    public var journalWords: String? { succession.replay.hasJournal ? succession.replay.reachWords : nil }
    /// That a recovery is undone; nil where none is known.
    public var recoveredWords: String? { succession.replay.recoveredWords }
    public var keptWords: String { "\(kept.size) entries of \(kept.origin)" }
    public var newestWords: String? { newest.map { "\($0.size) entries of \($0.origin)" } }
  }

  /// Begins the next log of a vault that was unpacked from a backup, and repeats what took access away or erased since.
  /// Offline, before anybody is served from it; two people accept it afterwards.
  ///
  /// - Parameter anchorPath: where the anchor of the new log is written.
  /// - Throws: `integrity` where journal or anchor are not this vault's, or the journal was altered.
  public static func succeed(
    directory: String, root: RootKey, source: SuccessionSource, anchorPath: String, clock: VaultClock = .system
  ) async throws(VaultError) -> SuccessionReport {
    let plan = try SuccessionPlan.make(directory: directory, root: root, source: source, now: clock.now())
    var options = Options()
    options.anchorPath = anchorPath
    options.isUpkeep = true
    options.isSuccession = true
    options.clock = clock
    options.reserveByteCount = 0
    let vault = try await Vault.open(directory: directory, root: root, options: options)
    do {
      let report = try await vault.carryOut(plan)
      await vault.close()
      return report
    } catch {
      await vault.close()
      throw error
    }
  }

  /// Whether an anchor knows of entries of this vault that came after what lies in `directory`, be it in the same log or in
  /// a later one.
  ///
  /// - Throws: `integrity` where the anchor is no checkpoint of this vault; as an opening.
  static func isBehind(_ anchor: [UInt8], directory: String, root: RootKey) throws(VaultError) -> Bool {
    var options = StoreOptions()
    options.reserveByteCount = 0
    let store: VaultStore
    do { store = try VaultStore.open(directory: directory, options: options) } catch { throw VaultError(error) }
    defer { try? store.close() }
    let opened = try OpenedStore(store: store, root: root)
    let known = try SuccessionPlan.checkpoint(anchor, of: opened, "The anchor")
    return (known.number, known.note.size) > (opened.state.number, opened.state.frontier.size)
  }

  private func carryOut(_ plan: SuccessionPlan) async throws(VaultError) -> SuccessionReport {
    let reading = plan.reading
    let accounts = try replayedAccounts(reading)
    var changes = accounts.changes
    let suspended = accounts.suspended
    let ending = try read("A request") { view in try endingRequests(signedByAnyOf: accounts.voided, in: view) }
    changes += ending.changes
    let found = try read("A membership") { view in
      (try Exclusions.read(in: view, keys: keys), try membersOfProgrammes(in: view))
    }
    var (exclusions, version) = found.0
    var revoked: [(account: AccountName, programmes: [ProgrammeID])] = []
    for (name, programmes) in (reading?.revoked ?? [:]).sorted(by: { $0.key < $1.key }) {
      let still = programmes.filter { found.1[$0]?.contains(name) ?? false }
      guard !still.isEmpty else { continue }
      exclusions.add(name, still)
      revoked.append((name, still.sorted()))
    }
    changes += exclusions.change(from: version, keys)
    var erased: [RecordID] = []
    for id in (reading?.erased ?? []).sorted(by: { $0.bits < $1.bits }) {
      if try recordStands(id) { erased.append(id) }
    }
    let succession = plan.succession(
      suspended: suspended.count, revoked: revoked.reduce(0) { $0 + $1.programmes.count }, erased: erased.count)
    changes.append(Restoration(succession).change(version: 1, expect: .absent, keys))

    var entry = PendingEntry(.vaultRestore)
    entry.detail = "log \(succession.number)"
    entry.results = plan.words(succession)
    entry.also = ending.entries
    _ = try await submit(entry, changes: changes)
    for name in suspended { try await note("suspend \(name)") }
    for (name, programmes) in revoked {
      for programme in programmes { try await note("revoke \(name) \(programme)") }
    }
    for name in accounts.renewed { try await note("account \(name)") }
    for id in erased { try await eraseAgain(id, log: succession.number) }
    var closed: [RecordID] = []
    for (id, terms) in (reading?.terms ?? [:]).sorted(by: { $0.key.bits < $1.key.bits }) where try recordStands(id) {
      if try await replayTerms(terms, of: id) { closed.append(id) }
    }
    return SuccessionReport(
      succession: succession, kept: plan.kept.checkpoint, newest: plan.newest?.checkpoint, suspended: suspended,
      renewed: accounts.renewed, revoked: revoked, erased: erased, closed: closed)
  }

  private func note(_ words: String) async throws(VaultError) {
    var entry = PendingEntry(.vaultReplay)
    entry.detail = words
    _ = try await submit(entry)
  }

  private func membersOfProgrammes(in view: borrowing ReadView) throws -> [ProgrammeID: Set<AccountName>] {
    var members: [ProgrammeID: Set<AccountName>] = [:]
    for programme in try trust.programmeEntries(in: view).map(\.id) {
      for compartment in Vault.compartments(of: programme) {
        members[programme, default: []].formUnion(
          try trust.manifest(compartment, in: view)?.manifest.members.compactMap(\.accountName) ?? [])
      }
    }
    return members
  }

  /// Whether the backup still has it: it may have been erased before, too.
  private func recordStands(_ id: RecordID) throws(VaultError) -> Bool {
    try read("A record") { view in
      guard let row = try view.row(.record, RecordRows.recordKey(keys, id)),
        case .head = try RecordPlace(decoding: keys.openMetadata(row, table: .record))
      else { return false }
      return true
    }
  }
}

/// What is known of a succession before the new log has its first entry.
private struct SuccessionPlan {
  let vaultID: [UInt8]
  let number: UInt64
  let time: Timestamp
  let kept: VerifiedCheckpoint
  /// Which of the logs the backup ends in.
  let keptNumber: UInt64
  let newest: VerifiedCheckpoint?
  let backup: [UInt8]
  let reading: JournalReading?
  /// Anchor or a mark knows entries that came after the journal's newest line: a crash, or lines were cut from its end.
  let isJournalShort: Bool

  /// Reads journal and anchor, and moves the state row to the next log.
  static func make(
    directory: String, root: RootKey, source: Vault.SuccessionSource, now: Timestamp
  ) throws(VaultError) -> SuccessionPlan {
    var storeOptions = StoreOptions()
    storeOptions.reserveByteCount = 0
    let store: VaultStore
    do { store = try VaultStore.open(directory: directory, options: storeOptions) } catch { throw VaultError(error) }
    defer { try? store.close() }
    let opened = try OpenedStore(store: store, root: root)
    let keys = opened.keys
    guard !opened.state.checkpoint.isEmpty else {
      throw VaultError(.conflict, "The backup is of a vault without a log.", hint: "Found a new one: vaultd init.")
    }
    let reading =
      source.journals.isEmpty
      ? nil : try JournalReading(source.journals, after: opened.state.journal, with: keys)
    let kept = try checkpoint(opened.state.checkpoint, of: opened, "The access log")
    var known: [(note: VerifiedCheckpoint, number: UInt64)] = []
    if let anchor = source.anchor { known.append(try checkpoint(anchor, of: opened, "The anchor")) }
    if let note = reading?.newestCheckpoint { known.append(try checkpoint(note, of: opened, "The journal")) }
    let newest = known.max { ($0.number, $0.note.size) < ($1.number, $1.note.size) }
    let isNewer = newest.map { ($0.number, $0.note.size) > (kept.number, kept.note.size) } ?? false
    let reach = reading?.reach.map { ($0.incarnation, $0.size) } ?? (kept.number, kept.note.size)
    let isShort = reading != nil && newest.map { ($0.number, $0.note.size) > reach } ?? false
    let number = max(kept.number, newest?.number ?? 0, reading?.reach?.incarnation ?? 0) + 1
    guard number <= Succession.numberMax else { throw .tampered("The access log") }
    try onStored("The state row") {
      var state = opened.state
      state.version += 1
      state.closed.append(state.checkpoint)
      state.number = number
      state.frontier = TreeFrontier()
      state.checkpoint = []
      state.anchored = 0
      if let reading {
        state.journal = JournalChain()
        state.journal.durable = reading.end
      }
      try store.initialise { transaction in
        try transaction.put(.meta, LedgerState.rowKey, version: state.version, body: state.sealed(with: keys))
      }
    }
    return SuccessionPlan(
      vaultID: keys.vault, number: number, time: max(now, opened.state.lastEntry), kept: kept.note,
      keptNumber: kept.number, newest: isNewer ? newest?.note : nil, backup: source.backup, reading: reading,
      isJournalShort: isShort)
  }

  /// A checkpoint of one of this vault's logs.
  static func checkpoint(
    _ note: [UInt8], of opened: OpenedStore, _ what: String
  ) throws(VaultError) -> (note: VerifiedCheckpoint, number: UInt64) {
    try onStored(what) {
      guard note.count <= Anchor.byteCountMax else { throw VaultError.tampered(what) }
      let unverified = try UnverifiedCheckpoint(encoded: note)
      guard let number = LogOrigin.number(of: unverified.claim.origin, vault: opened.keys.vault) else {
        throw VaultError(
          .integrity, "\(what) is of another vault.", hint: "Move it away if it belongs to another one.")
      }
      let key = NoteKey(name: unverified.claim.origin, algorithm: .ed25519, key: opened.genesis.logKey)
      return (try unverified.verified(by: key), number)
    }
  }

  func succession(suspended: Int, revoked: Int, erased: Int) -> Succession {
    var replay = Succession.Replay()
    if let reading {
      replay.hasJournal = true
      replay.hasGap = reading.hasGap || reading.isTorn || isJournalShort
      replay.reachNumber = reading.reach?.incarnation ?? 0
      replay.reachSize = reading.reach?.size ?? 0
    }
    replay.suspended = UInt64(suspended)
    replay.revoked = UInt64(revoked)
    replay.erased = UInt64(erased)
    replay.recovered = UInt64(reading?.recoveries(after: keptNumber, kept.size) ?? 0)
    return Succession(
      vaultID: vaultID, number: number, time: time.milliseconds, kept: kept.encoded, newest: newest?.encoded ?? [],
      backup: backup, replay: replay)
  }

  /// What the first entry of the new log holds.
  func words(_ succession: Succession) -> [String] {
    func words(_ checkpoint: VerifiedCheckpoint) -> String {
      "\(checkpoint.origin) \(checkpoint.size) \(checkpoint.root)"
    }
    return [
      "kept \(words(kept))", newest.map { "newest \(words($0))" }, "backup sha256 \(hexadecimal(backup))",
      reading == nil ? "no journal" : nil, "succession \(hexadecimal(succession.hash))",
    ].compactMap(\.self)
  }
}
