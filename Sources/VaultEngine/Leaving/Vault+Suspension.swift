import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// What a suspension did, and what is left to do.
  public struct Departure: Sendable {
    public let account: AccountSummary
    /// Programmes that it was a member of until then, ascending.
    public let programmes: [ProgrammeID]
    public let sessionsEnded: Int
    /// Programmes whose keys changed in the same transaction.
    public let rekeyed: [ProgrammeID]
    /// Programmes, or `audit`, whose keys change as soon as somebody who holds them has a session open.
    public let pending: [String]
    /// Records that the account is in charge of and the suspender may know of, ascending.
    public let recordsOwned: [RecordID]
    /// Records that are kept to named people of whom nobody else opens all of it, as far as the suspender may know of them,
    /// ascending: until the account is let in again with the keys that it had, nobody does.
    public let unreadable: [RecordID]
    /// How often it read a record in the last thirty days.
    public let readsLast30Days: UInt64
  }

  public static let readsReportedDays: UInt64 = 30
  /// Changes that a submission keeps free for what comes with it.
  private static let changesReserve = 96

  /// Shuts an account out, at once and by one person: its sessions end with the commit, and where the suspender holds the
  /// keys of its programmes, they change in the same transaction (P8). Reinstating takes two people.
  ///
  /// An administrator suspends anybody; a supervisor the members of their programmes. Whoever has not enrolled yet, or not
  /// since their keys were replaced, has a one-time code that ends with it.
  public func suspend(_ name: AccountName, by caller: Caller) async throws(VaultError) -> Witnessed<Departure> {
    try await witnessed(.accountSuspend, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .suspend)
      guard let known = try read("An account", { view in try trust.accountWithVersion(name, in: view) }),
        known.account.state != .suspended, let memberships = try memberships(of: name)
      else {
        throw VaultError(
          .notFound, "There is no account of this name, or it is suspended already.",
          hint: "Look at who is there: vaultsh account list.", field: "account")
      }
      // Not before: names that no account has are not logged.
      entry.detail = name.description
      guard name != session.account else {
        throw VaultError(
          .conflict, "Nobody can suspend themselves.", hint: "Ask another administrator or supervisor.")
      }
      guard !known.account.hasNeverCome else {
        throw VaultError(
          .conflict, "The vault was founded or recovered for this person, and waits until they have enrolled.",
          hint: "If somebody else may have their code, found or recover the vault anew.", field: "account")
      }
      let shared = memberships.programmes.filter { session.isMember(of: $0) }
      guard session.role != .supervisor || !shared.isEmpty else {
        throw VaultError(
          .denied, "This account belongs to none of your programmes.", hint: "An administrator can suspend any account."
        )
      }
      // Whoever waits for their new keys was followed by somebody when they were replaced.
      let successors = known.account.state == .active ? try demandSuccessors(of: memberships) : []
      let told = session.role == .supervisor ? shared : nil
      // What is wrong with some record keeps nobody in.
      let unreadable = (try? openedOnly(by: name, in: told, for: session)) ?? []
      var row = known.row
      row.state = .suspended
      var changes = [accountChange(row, of: name, after: known.version)]
      let rekeyed = try renewKeys(of: shared, without: memberships, for: session, &changes, &entry)
      // What they asked for or approved ends with them.
      let ending = try read("A request") { view in try endingRequests(signedBy: name, in: view) }
      entry.also = ending.entries
      changes += ending.changes
      changes.add(held: successors)
      let ends = EndedSessions(of: name)
      entry.ends = ends
      let index: UInt64
      do throws(VaultError) {
        index = try await submit(entry, changes: changes)
      } catch {
        var error = error
        // Memberships moved meanwhile. This must not wait: it is made anew, on top of them.
        if error.code == .conflict { error.isSuperseded = true }
        throw error
      }
      backlog.membersLeft()
      await endAccess(of: name, why: "suspension", by: session)
      let left = memberships.programmes.filter { !rekeyed.contains($0) }.map(\.description)
      guard let account = try read("An account", { view in try trust.account(name, in: view) }) else {
        throw .tampered("An account")
      }
      let owned = try await recordsOwned(by: name, in: told, for: session)
      return Witnessed(
        value: Departure(
          account: Vault.summary(account, fingerprint: nil), programmes: memberships.programmes,
          sessionsEnded: ends.count, rekeyed: rekeyed,
          pending: left + (memberships.isAuditor ? [Compartment.audit.description] : []),
          recordsOwned: owned, unreadable: unreadable,
          readsLast30Days: ledger.reads(of: name, days: Vault.readsReportedDays)),
        entryIndex: index)
    }
  }

  func accountChange(_ row: AccountRow, of name: AccountName, after version: UInt64) -> RowChange {
    let key = trust.accountKey(name)
    return .put(
      .account, key, version: version + 1,
      body: keys.sealMetadata(row.bytes, table: .account, key: key, version: version + 1), expect: .version(version))
  }

  /// New epochs without this account for programmes that the session may decide for, as many as one submission takes; the
  /// job does the others.
  private func renewKeys(
    of programmes: [ProgrammeID], without leaving: Memberships, for session: Session, _ changes: inout [RowChange],
    _ entry: inout PendingEntry
  ) throws(VaultError) -> [ProgrammeID] {
    guard session.role == .supervisor else { return [] }
    var rekeyed: [ProgrammeID] = []
    for programme in programmes {
      var made: [MembershipChange] = []
      for compartment in leaving.compartments(of: programme) {
        guard let standing = leaving.standings[compartment] else { continue }
        made.append(
          try renewal(
            of: standing.manifest, head: standing.head, without: [.account(leaving.account.name)], by: session))
      }
      let count = made.reduce(0) { $0 + $1.changes.count }
      guard changes.count + count <= StoreLimits.changesPerSubmissionMax - Vault.changesReserve else { continue }
      changes += made.flatMap(\.changes)
      entry.heads += made.flatMap(\.heads)
      rekeyed.append(programme)
    }
    return rekeyed
  }

  /// A new epoch of one compartment, signed by the session's account: without those named, and without whoever has left but
  /// is still a member because nobody with the keys has been there since.
  func renewal(
    of manifest: VerifiedManifest, head: Trust.Head, without leavers: Set<MemberName>, by session: Session
  ) throws(VaultError) -> MembershipChange {
    guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
    var change = MembershipChange(
      compartment: manifest.manifest.compartment, trust: trust, signer: session.account, signing: secrets.signing,
      now: clock.now())
    let gone = try read("A membership") { view in
      try leaversStillNamed(in: manifest.manifest.compartment, view)
    }
    try onStored("A membership") { try change.renew(without: leavers.union(gone), from: manifest, head: head) }
    return change
  }

  /// Walks the records of the programmes (nil: of all), a page at a time, so that others are answered in between.
  /// What the asker is barred from is not there.
  func recordsOwned(
    by name: AccountName, in programmes: [ProgrammeID]?, for asker: Session
  ) async throws(VaultError) -> [RecordID] {
    var owned: [RecordID] = []
    let barred = exceptions.barred(asker.account)
    let all = try read("A programme") { view in try trust.programmeEntries(in: view).map(\.id) }
    for programme in programmes ?? all {
      var after: RecordID?
      while true {
        let page = directory.page(of: programme, after: after, limit: Vault.walkPageCount)
        guard let last = page.last else { break }
        after = last
        owned += try read("A record") { view in
          try page.filter { id in
            try !barred.contains(id.bits) && recordHead(id, in: view)?.head.assignment.owner == name
          }
        }
        await Task.yield()
      }
    }
    return owned.sorted { $0.bits < $1.bits }
  }

  /// Some milliseconds of work.
  static let walkPageCount = 256
}
