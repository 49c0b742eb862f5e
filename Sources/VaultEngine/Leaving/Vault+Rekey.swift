import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// How far the re-key of one programme has come.
  public struct RekeyProgress: Sendable, Equatable {
    public let programme: ProgrammeID
    /// Records that still lie under older keys.
    public let left: Int
    public let total: Int
    /// Encrypted anew, not only wrapped.
    public let isDeep: Bool
    /// Somebody who was shut out is still named by the manifests: a supervisor's session will change the keys.
    public let waitsForSupervisor: Bool
  }

  /// Records of one batch: some milliseconds of work, and one commit.
  private static let rekeyBatchCount = 24
  /// Batches in one turn; a turn comes four times a second, and others are answered in between.
  private static let rekeyBatchesMax = 8
  /// With that much waiting to be written, the job stands back.
  private static let foregroundMax = 8
  private static let leaversNamedMax = 8

  /// A turn of the job that follows a leaving: new epochs where somebody who was shut out is still a member, then records
  /// brought under them, in the sessions that happen to be open. Resumable at any point: what is left is found by looking.
  public func continueRekey() async {
    guard backlog.begin() else { return }
    defer { backlog.end() }
    do {
      try noticeEnds()
      if backlog.takeLeavers() {
        try await removeLeavers()
        await sealForReturned()
      }
      while let programme = try backlog.takeScan({ try programmeIDs() }) { try await scan(programme) }
      for _ in 0..<Vault.rekeyBatchesMax {
        guard writer.queuedCount < Vault.foregroundMax, try await rekeySome() else { return }
        await Task.yield()
      }
    } catch {
      // A later turn looks again; what makes it fail shows in every other use as well.
      backlog.membersLeft()
    }
  }

  /// Records that lie under older keys; of a programme that is still to be looked through, all.
  var rekeyLeft: Int {
    let unscanned = backlog.unscanned
    return backlog.leftCount(besides: unscanned) + unscanned.reduce(0) { $0 + directory.count(of: $1) }
  }

  private func programmeIDs() throws(VaultError) -> [ProgrammeID] {
    try read("A programme") { view in try trust.programmeEntries(in: view).map(\.id) }
  }

  // MARK: Leavers

  /// Whose time has run out has left. The manifests are looked through once after each change of a membership.
  private func noticeEnds() throws(VaultError) {
    let generation = standing.generation
    let next = try backlog.nextEnd(asOf: generation) { () throws(VaultError) in
      let now = clock.now()
      var next: Timestamp?
      var hasEnded = false
      try read("A membership") { view in
        for compartment in try trust.programmeEntries(in: view).flatMap({ Vault.compartments(of: $0.id) }) {
          for end in try trust.manifest(compartment, in: view)?.manifest.members.compactMap(\.expires) ?? [] {
            if now < end { next = min(next ?? end, end) } else { hasEnded = true }
          }
        }
      }
      if hasEnded { backlog.membersLeft() }
      return next
    }
    guard let next, clock.now() >= next else { return }
    backlog.forgetEnd()
    backlog.membersLeft()
  }

  /// In every open session that may decide: accounts that were suspended, or whose keys were replaced, leave.
  private func removeLeavers() async throws(VaultError) {
    var hasConflict = false
    for session in sessions.open where session.role == .supervisor || session.role == .auditor {
      guard !session.isPast(bootNow: clock.bootNanoseconds()), (try? refresh(session)) == true else { continue }
      do throws(VaultError) {
        try await removeLeavers(for: session)
      } catch {
        guard error.code == .conflict || error.code == .stale || error.code == .loginNeeded else { throw error }
        hasConflict = true
      }
    }
    if hasConflict { backlog.membersLeft() }
  }

  /// What a supervisor does before they let somebody in, as well: a replaced member's old keys must be out first.
  func removeLeavers(for session: Session) async throws(VaultError) {
    if session.role == .auditor {
      try await removeLeavers(from: [.audit], programme: nil, for: session)
    } else if session.role == .supervisor {
      for programme in session.programmes {
        try await removeLeavers(from: Vault.compartments(of: programme), programme: programme, for: session)
      }
    }
  }

  private func removeLeavers(
    from compartments: [Compartment], programme: ProgrammeID?, for session: Session
  ) async throws(VaultError) {
    var leavers: [Compartment: Set<MemberName>] = [:]
    try read("A membership") { view in
      for compartment in compartments where session.held(compartment)?.current != nil {
        let left = try leaversStillNamed(in: compartment, view)
        if !left.isEmpty { leavers[compartment] = left }
      }
    }
    guard !leavers.isEmpty else { return }
    var entry = PendingEntry(.memberRekey)
    entry.account = session.account.description
    entry.uid = session.uid
    entry.programme = programme?.description
    entry.session = session
    let names = Set(leavers.values.joined()).map(\.description).sorted()
    entry.detail = names.prefix(Vault.leaversNamedMax).joined(separator: " ")
    var changes: [RowChange] = []
    for compartment in compartments {
      guard let left = leavers[compartment] else { continue }
      let (manifest, head) = try currentManifest(compartment)
      let change = try renewal(of: manifest, head: head, without: left, by: session)
      changes += change.changes
      entry.heads += change.heads
    }
    _ = try await submit(entry, changes: changes)
    // Whoever lets somebody in next does it under the keys that have just begun.
    _ = try refresh(session)
  }

  /// Members whom nobody would let in as they are now: suspended, under keys that have been replaced, or with a time that
  /// has run out.
  func leaversStillNamed(in compartment: Compartment, _ view: borrowing ReadView) throws -> Set<MemberName> {
    var left: Set<MemberName> = []
    let now = clock.now()
    for member in try trust.manifest(compartment, in: view)?.manifest.members ?? [] {
      guard member.isCurrent(at: now) else {
        left.insert(member.name)
        continue
      }
      guard let name = member.accountName, let account = try trust.account(name, in: view) else { continue }
      if account.state == .suspended || !account.isNamedNow(by: member.keys) { left.insert(member.name) }
    }
    return left
  }

  // MARK: Records

  /// Finds what lies under older epochs, a page at a time. Needs no session: a wrap says under which epoch it is.
  private func scan(_ programme: ProgrammeID) async throws(VaultError) {
    var caseload = RekeyBacklog.Caseload()
    try read("A manifest") { view in
      for compartment in Vault.compartments(of: programme) {
        caseload.newest[compartment] = try trust.manifest(compartment, in: view)?.manifest.epoch
      }
      if let row = try view.row(.meta, DeepRekey.key(programme, keys)) {
        caseload.deep = try DeepRekey(decoding: keys.openMetadata(row, table: .meta)).epochs
      }
    }
    let newest = caseload.newest
    var after: RecordID?
    while true {
      let page = directory.page(of: programme, after: after, limit: Vault.rekeyBatchCount * 2)
      guard let last = page.last else { break }
      after = last
      // Nothing is older than the first epoch.
      guard newest.values.contains(where: { $0 > 1 }) else { continue }
      caseload.left += try read("A record") { view in
        try page.filter { id in try liesUnderOlderKeys(id, newest: newest, in: view) }.map(\.bits)
      }
      await Task.yield()
    }
    backlog.found(caseload, in: programme)
  }

  private func liesUnderOlderKeys(
    _ id: RecordID, newest: [Compartment: UInt64], in view: borrowing ReadView
  ) throws -> Bool {
    guard let head = try recordHead(id, in: view)?.head else { return false }
    for part in head.parts {
      let compartment = head.compartment(of: part.section)
      guard part.recipient == .compartment(compartment), let epoch = newest[compartment] else { continue }
      guard let wrap = try view.row(.wrap, RecordRows.wrapKey(keys, id, part)) else {
        throw VaultError.tampered("A section")
      }
      if try SealedBody.keying(of: wrap.body).epoch ?? 0 < epoch { return true }
    }
    for card in head.cards {
      guard let epoch = newest[head.compartment(of: card.section)] else { continue }
      guard let row = try view.row(.card, RecordRows.cardKey(keys, id, card.section)) else {
        throw VaultError.tampered("A card")
      }
      if try SealedBody.keying(of: row.body).epoch ?? 0 < epoch { return true }
    }
    return false
  }

  /// One batch of one programme, in one session; false where there is nothing that anybody here could do.
  private func rekeySome() async throws(VaultError) -> Bool {
    for programme in backlog.busy {
      guard let caseload = backlog.caseload(of: programme), let session = try member(of: programme) else { continue }
      let batch = Array(caseload.left.prefix(Vault.rekeyBatchCount))
      var made: [(id: UInt64, record: RekeyedRecord)] = []
      var waiting: [UInt64] = []
      try read("A record") { view in
        for bits in batch {
          guard let record = try rekeyed(RecordID(bits: bits), of: caseload, by: session, in: view) else { continue }
          if !record.isComplete { waiting.append(bits) }
          if !record.changes.isEmpty { made.append((bits, record)) }
        }
      }
      var kept: [UInt64] = []
      if !made.isEmpty {
        var entry = PendingEntry(.recordRekey)
        entry.account = session.account.description
        entry.uid = session.uid
        entry.programme = programme.description
        entry.session = session
        entry.count = UInt64(made.count)
        for (_, record) in made { entry.epochs.merge(record.epochs) { max($0, $1) } }
        if !caseload.deep.isEmpty { entry.detail = "deep" }
        do throws(VaultError) {
          _ = try await submit(entry, changes: made.flatMap(\.record.changes))
        } catch {
          guard error.code == .conflict || error.code == .stale || error.code == .loginNeeded else { throw error }
          // Somebody edited one of them, or the keys moved on: the programme is looked through once more.
          kept = made.map(\.id)
          if error.code == .stale { backlog.scanAgain(programme) }
        }
      }
      let keptNow = Set(kept)
      backlog.dealt(
        with: batch, kept: kept, waiting: waiting.filter { !keptNow.contains($0) }, in: programme)
      return true
    }
    return false
  }

  /// An open session that writes in the programme, with its keys as they are now.
  private func member(of programme: ProgrammeID) throws(VaultError) -> Session? {
    for session in sessions.open where session.role == .officer || session.role == .supervisor {
      guard !session.isPast(bootNow: clock.bootNanoseconds()), (try? refresh(session)) == true,
        session.isMember(of: programme)
      else { continue }
      return session
    }
    return nil
  }

  // MARK: Asking

  /// How far it has come, in the programmes that the caller may know of. Counts alone: not an entry of the log.
  public func rekeyProgress(by caller: Caller) async throws(VaultError) -> [RekeyProgress] {
    try await witnessed(.memberRekey, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .listProgrammes)
      return try progress(for: session)
    }
  }

  /// Goes on with it now; `deep`: begins new epochs for everyone, and encrypts anew under fresh keys whatever was
  /// written before them. For a supervisor, in one of their programmes or in all.
  public func rekey(
    _ programme: ProgrammeID?, deep: Bool, by caller: Caller
  ) async throws(VaultError) -> Witnessed<[RekeyProgress]> {
    let asked = try await witnessed(.memberRekey, caller) { entry throws(VaultError) -> (Session, UInt64) in
      let session = try session(caller, into: &entry)
      entry.programme = programme?.description
      if let programme { try gate.check(session, .revoke, in: programme) } else { try gate.check(session, .revoke) }
      entry.detail = deep ? "deep" : "continue"
      guard deep else { return (session, try await submit(entry)) }
      var index: UInt64?
      for programme in programme.map({ [$0] }) ?? session.programmes {
        entry.programme = programme.description
        index = try await beginDeep(programme, for: session, entry)
      }
      guard let index else { throw VaultError(.notFound, "This account has no programme.", field: "programme") }
      return (session, index)
    }
    backlog.membersLeft()
    await continueRekey()
    try asked.0.demandOpen()
    return Witnessed(value: try progress(for: asked.0), entryIndex: asked.1)
  }

  private func beginDeep(
    _ programme: ProgrammeID, for session: Session, _ entry: PendingEntry
  ) async throws(VaultError) -> UInt64 {
    var entry = entry
    var changes: [RowChange] = []
    var epochs: [Compartment: UInt64] = [:]
    for compartment in Vault.compartments(of: programme) {
      let (manifest, head) = try currentManifest(compartment)
      let left = try read("A membership") { view in try leaversStillNamed(in: compartment, view) }
      let change = try renewal(of: manifest, head: head, without: left, by: session)
      changes += change.changes
      entry.heads += change.heads
      epochs[compartment] = manifest.manifest.epoch + 1
    }
    let key = DeepRekey.key(programme, keys)
    let version = try read("The re-key", { view in try view.version(.meta, key) })
    let row = DeepRekey(programme: programme, account: session.account, begun: clock.now(), epochs: epochs)
    let next = (version ?? 0) + 1
    changes.append(
      .put(
        .meta, key, version: next, body: keys.sealMetadata(row.bytes, table: .meta, key: key, version: next),
        expect: version.map { .version($0) } ?? .absent))
    return try await submit(entry, changes: changes)
  }

  private func progress(for session: Session) throws(VaultError) -> [RekeyProgress] {
    let seesAll = session.role == .administrator || session.role == .auditor
    return try read("A membership") { view in
      var progress: [RekeyProgress] = []
      for programme in try trust.programmeEntries(in: view).map(\.id) where seesAll || session.isMember(of: programme) {
        var isWaiting = false
        for compartment in Vault.compartments(of: programme) {
          if try !leaversStillNamed(in: compartment, view).isEmpty { isWaiting = true }
        }
        let caseload = backlog.caseload(of: programme) ?? RekeyBacklog.Caseload()
        // What the asker is barred from is in no count. Of the records that there are now, as in their list: taken from a
        // count of before, one that was not in it would be missing.
        let barred = exceptions.barred(session.account)
        let total = max(0, directory.count(of: programme) - exceptions.barredCount(session.account, in: programme))
        // Nothing is said to be done before somebody has looked.
        let left = backlog.isScanned(programme) ? caseload.leftCount(besides: barred) : total
        progress.append(
          RekeyProgress(
            programme: programme, left: min(left, total), total: total,
            isDeep: left > 0 && !caseload.deep.isEmpty, waitsForSupervisor: isWaiting))
      }
      return progress
    }
  }
}
