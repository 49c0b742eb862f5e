import AccessLog
import Synchronization
import VaultCrypto
public import VaultModel
import VaultStore

/// An open vault: every use case of the daemon goes through it, and nothing else decides.
public final class Vault: Sendable {
  let store: VaultStore
  let keys: StoreKeys
  let genesis: Genesis
  let trust: Trust
  let ledger: Ledger
  let writer: GroupCommitWriter<Ledger>
  let gate: Gate
  let clock: VaultClock
  let anchor: Anchor
  /// nil: none is kept.
  let journal: Journal?
  /// nil: nobody beside this process is answered.
  let notices: NoticeBox?
  /// There was no anchor when the vault was opened, though its log had entries.
  let wasAnchorMissing: Bool
  let healthReport = HealthReport()
  let late: LateCommits
  public let forms: FormSet
  let sessions = SessionTable()
  let limiter = AttemptLimiter()
  let challenges = ChallengeTable()
  let noise = SharedNoiseLimiter()
  let outbox = EntryOutbox()
  let directory: RecordDirectory
  let cabinet = CardCabinet()
  let exceptions: ExceptionRegister
  let submissions = SubmissionRegister()
  let stretching: StretchQueue
  let reviewMark = SignOffMark()
  let requestWatch = RequestWatch()
  let backlog: RekeyBacklog
  let standing: Standing
  let erasures: Erasures
  let secondLook = SecondLook()
  private let foundingDone: Mutex<Bool>
  /// False while a restore waits for two people.
  let acceptedRestore: Mutex<Bool>

  struct AuditHead: Sendable {
    let key: SealingKey
    let epoch: UInt64
  }

  init(
    opened: OpenedStore, gate: Gate, clock: VaultClock, forms: FormSet, anchor: Anchor, journal: Journal? = nil,
    notices: NoticeBox? = nil,
    wasAnchorMissing: Bool = false, limits: WriterLimits = WriterLimits()
  ) throws(VaultError) {
    store = opened.store
    keys = opened.keys
    genesis = opened.genesis
    trust = opened.trust
    self.gate = gate
    self.clock = clock
    self.forms = forms
    self.anchor = anchor
    self.journal = journal
    self.notices = notices
    self.wasAnchorMissing = wasAnchorMissing
    directory = opened.directory
    erasures = Erasures(opened.erasing)
    exceptions = opened.exceptions
    let backlog = RekeyBacklog()
    self.backlog = backlog
    let standing = Standing(audit: opened.audit)
    self.standing = standing
    submissions.load(opened.submissions, now: clock.now(), bootNow: clock.bootNanoseconds())
    foundingDone = Mutex(opened.isFounded)
    acceptedRestore = Mutex(opened.isAccepted)
    stretching = StretchQueue()
    do {
      ledger = try Ledger(
        committed: opened.state, edge: opened.edge, heads: opened.heads, audit: opened.audit, tally: opened.tally,
        keys: opened.keys, clock: clock, anchor: anchor, journal: journal
      ) { [sessions, backlog] effects in
        // Before anybody of the batch is answered: whoever is out is out for answers under way as well.
        for ended in effects.ended { ended.end(in: sessions) }
        standing.moved(effects)
        backlog.moved(effects.epochs)
      }
      let late = LateCommits()
      self.late = late
      writer = try GroupCommitWriter(
        store: opened.store, sealer: ledger, limits: limits, committedLate: { late.happened() })
    } catch let error as StoreError {
      throw VaultError(error)
    } catch {
      throw .tampered("The access log")
    }
  }

  // MARK: What everything needs

  var audit: AuditHead { standing.audit }

  public var isDemo: Bool { genesis.isDemo }
  public var isInsecure: Bool { genesis.isInsecure }

  /// Both reads are of one snapshot.
  func read<R>(_ what: String, _ body: (borrowing ReadView) throws -> R) throws(VaultError) -> R {
    try onStored(what) { try store.read(body) }
  }

  /// Until supervisor and auditor have enrolled, nobody can be held to account: nothing but enrolment happens.
  func isFounded() throws(VaultError) -> Bool {
    if foundingDone.withLock(\.self) { return true }
    let isDone = try read("An account") { view in try trust.isFounded(in: view) }
    if isDone { foundingDone.withLock { $0 = true } }
    return isDone
  }

  // MARK: Submitting

  /// Waits until the changes and the entry about them are durable; returns the entry's index.
  func submit(_ entry: PendingEntry, changes: [RowChange] = []) async throws(VaultError) -> UInt64 {
    var entry = entry
    if !changes.isEmpty { entry.changes = Vault.digest(of: changes) }
    do {
      let texts =
        ([entry] + entry.also).compactMap { $0.text?.change }
        + (entry.erasedTexts + entry.also.flatMap(\.erasedTexts)).map {
          .delete(.freeText, FreeText.rowKey($0), expect: .version(1))
        }
      let index = try await writer.submit(changes: changes + texts, entry: entry)
      // Before the answer: what was taken away stays away, also where this host is lost the next moment.
      if let journal, ([entry] + entry.also).contains(where: { JournalEvent.isAbout($0) }) { await journal.settled() }
      // Once more between the commit and the answer: nothing leaves for an account that was shut out meanwhile.
      try entry.session?.demandOpen()
      return index
    } catch let error as StoreError {
      if error.code == .superseded { try entry.session?.demandOpen() }
      throw VaultError(error)
    } catch let error as VaultError {
      throw error
    } catch {
      throw VaultError(.failed, "The entry could not be written.")
    }
  }

  /// H(E("changes"; table, key, version, H(body) …)) over the metadata rows, which name the hash of all else.
  static func digest(of changes: [RowChange]) -> [UInt8] {
    var encoding = CanonicalEncoding("changes")
    for change in changes where change.table.isMetadata {
      encoding.append(change.table.rawValue)
      encoding.append(change.key)
      switch change.write {
      case .put(let version, let body):
        encoding.append(version)
        encoding.append(SHA256.hash(body))
      case .delete:
        encoding.append(0)
        encoding.append([])
      }
    }
    return SHA256.hash(encoding.bytes)
  }

  /// Keys change when somebody leaves: twice in the time of one request is much.
  private static let attemptsMax = 4

  /// Runs a use case and sees to it that a refusal is an entry before it is an answer (P3); one of many that are alike
  /// is counted (`NoiseLimiter`).
  ///
  /// `body` fills in the entry as it learns what it is about, and submits it itself when it succeeds.
  func witnessed<R>(
    _ action: Action, _ caller: Caller, _ body: (inout PendingEntry) async throws(VaultError) -> R
  ) async throws(VaultError) -> R {
    var entry = PendingEntry(action)
    do throws(VaultError) {
      return try await attempted(&entry, caller, body)
    } catch {
      var refusal = error
      if let record = error.kept, let session = entry.session { refusal.hint = try? whoOpens(record, for: session) }
      switch error.code {
      // Nothing can be written: the answer says so, plaintext never left, and a count tells of it afterwards.
      case .unavailable, .full, .busy:
        entry.outcome = .failed
        entry.detail = error.code.rawValue
        noise.count(entry.refusalKind, bootNow: clock.bootNanoseconds())
        refusal.isWitnessed = true
        throw refusal
      case .denied, .loginNeeded, .loginFailed, .purposeNeeded, .tooManyAttempts, .overQuota: entry.outcome = .denied
      default: entry.outcome = error.isBarred ? .denied : .failed
      }
      entry.detail = error.isBarred ? RefusalKind.barred : error.code.rawValue
      entry.results = []
      entry.heads = []
      entry.also = []
      entry.session = nil
      entry.ends = nil
      entry.epochs = [:]
      refusal.isWitnessed = true
      refusal.entryIndex = try await submitRefusal(entry)
      throw refusal
    }
  }

  /// Once, and again where keys changed between the sealing and the writing: it is sealed anew, under those that hold now.
  private func attempted<R>(
    _ entry: inout PendingEntry, _ caller: Caller, _ body: (inout PendingEntry) async throws(VaultError) -> R
  ) async throws(VaultError) -> R {
    let action = entry.action
    for attempt in 1... {
      entry = PendingEntry(action)
      entry.uid = caller.uid
      entry.purpose = caller.purpose?.rawValue
      do throws(VaultError) {
        return try await body(&entry)
      } catch {
        guard error.isSuperseded, attempt < Vault.attemptsMax else { throw error }
      }
    }
    throw VaultError(.failed, "Too many attempts.")
  }

  // MARK: Sessions

  /// The caller's session, with its memberships as they are now.
  func session(_ caller: Caller, into entry: inout PendingEntry) throws(VaultError) -> Session {
    guard let token = caller.token else { throw VaultError(.loginNeeded, "This needs an open session.") }
    try demandAccepted(entry.action)
    // Nobody is answered from a memory that is behind the store.
    try catchUp()
    let session = try sessions.session(token, uid: caller.uid, bootNow: clock.bootNanoseconds())
    entry.account = session.account.description
    entry.session = session
    guard try refresh(session) else {
      sessions.remove(token)
      throw VaultError(.loginNeeded, "This account has been suspended, or its keys were replaced.")
    }
    return session
  }

  /// Opens the session's grants anew where memberships have changed; false where its account is shut out.
  func refresh(_ session: Session) throws(VaultError) -> Bool {
    let current = standing.generation
    guard !session.isCurrent(generation: current, at: clock.now()) else { return true }
    let (compartments, state) = try memberships(of: session)
    guard state == .active else { return false }
    session.load(compartments, generation: current)
    return true
  }

  /// Opens every grant of the session's account, with every signature on the way to the genesis.
  func memberships(of session: Session) throws(VaultError) -> ([Compartment: Session.Held], AccountRow.State) {
    let secrets = session.secrets
    guard session.isOpen else { throw VaultError(.loginNeeded, "The session has ended.") }
    let now = clock.now()
    return try read("A membership") { view in
      guard let account = try trust.account(session.account, in: view) else { throw VaultError.tampered("An account") }
      guard account.keys == session.memberKeys else {
        // Its keys were replaced: whoever has the old ones is out.
        guard account.knows(session.memberKeys) else { throw VaultError.tampered("An account") }
        return ([:], .suspended)
      }
      let exclusions = try Exclusions.read(in: view, keys: keys).exclusions
      var held: [Compartment: Session.Held] = [:]
      for compartment in try candidateCompartments(for: session.role, in: view) {
        guard let manifest = try trust.manifest(compartment, in: view),
          let member = manifest.manifest.member(session.account), member.isCurrent(at: now),
          compartment.programme.map({ !exclusions.contains(session.account, $0) }) ?? true,
          // Old keys of a replaced account: it is let in again by a new grant only.
          member.keys == session.memberKeys
        else { continue }
        var keys: [UInt64: CompartmentKey] = [:]
        if member.grantHash != nil, let secrets {
          for epoch in manifest.publicKeys.keys {
            keys[epoch] = try trust.open(
              compartment, epoch: epoch, for: .account(session.account), keys: session.memberKeys,
              opening: secrets.opening,
              under: manifest, in: view)
          }
          guard keys[manifest.manifest.epoch] != nil else { throw VaultError.tampered("A grant") }
        }
        held[compartment] = Session.Held(
          keys: keys, newest: manifest.manifest.epoch, publicKey: manifest.manifest.publicKey, verbs: member.verbs,
          expires: member.expires)
      }
      return (held, account.state)
    }
  }

  /// Where an account of this role can be a member.
  func candidateCompartments(for role: Role, in view: borrowing ReadView) throws -> [Compartment] {
    if role == .auditor { return [.audit] }
    guard role != .administrator else { return [] }
    return try trust.programmeEntries(in: view).flatMap { Vault.compartments(of: $0.id) }
  }

  static func compartments(of programme: ProgrammeID) -> [Compartment] {
    Section.allCases.map { .section(programme, $0) } + [.statistics(programme)]
  }

  // MARK: Upkeep

  /// What time brings to memory: the log key and the keys of ended sessions forgotten. Touches no disk. Call a few times
  /// a second.
  public func forget() {
    ledger.expireLogKey()
    let bootNow = clock.bootNanoseconds()
    sessions.removeAll { $0.isPast(bootNow: bootNow) }
    cabinet.keep(only: Set(sessions.open.flatMap(\.programmes)))
  }

  /// What time brings: `forget`, the anchor moved, counts written. Waits for the disk. Call a few times a second.
  public func maintain() {
    forget()
    writeDueCounts()
    keepAnchor()
    journal?.post(ledger.journalChain)
    try? catchUp()
    closeExpiredRequests()
    continueErasures()
  }

  /// Writes the last entry, makes everything durable and lets go of the data directory.
  public func close() async {
    await secondLook.stop()
    sessions.removeAll { _ in true }
    cabinet.keep(only: [])
    await writeAllCounts()
    _ = try? await submit(PendingEntry(.daemonStop))
    await writer.finish()
    await journal?.settled()
    keepAnchor()
    try? store.close()
  }

  private func keepAnchor() {
    guard !anchor.write(ledger.checkpoint, size: ledger.size) else { return }
    // On a full disk the anchor is part of what the reserve is for.
    if store.makeRoom() { anchor.write(ledger.checkpoint, size: ledger.size) }
  }
}
