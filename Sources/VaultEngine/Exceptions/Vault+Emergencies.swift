import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// Somebody who was let into a record for an emergency, as an auditor sees it.
  public struct Emergency: Sendable {
    public let request: String
    public let record: RecordID
    public let programme: ProgrammeID
    public let account: AccountName
    public let granter: AccountName
    public let made: Timestamp
    public let until: Timestamp
    /// Whether more may be read.
    public let isGoingOn: Bool
    /// nil until an auditor has reviewed it.
    public let reviewer: AccountName?
    public let reviewed: Timestamp?
  }

  /// A shift and the way home: whoever needs it longer asks again, or is referred to.
  public static let emergencySecondsMax: UInt64 = 24 * 3600
  public static let emergencySecondsDefault: UInt64 = 4 * 3600

  /// Emergencies that nobody has reviewed, or all there were; oldest first.
  public func emergencies(isOpenOnly: Bool, by caller: Caller) async throws(VaultError) -> Witnessed<[Emergency]> {
    try await witnessed(.emergencyList, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .readLog)
      try demandLogKey(session)
      let rows = try read("An emergency") { view in
        try emergencyRows(isReviewed: false, in: view)
          + (isOpenOnly ? [] : emergencyRows(isReviewed: true, in: view))
      }
      let sorted = rows.sorted { ($0.emergency.made, $0.emergency.request) < ($1.emergency.made, $1.emergency.request) }
      entry.results = sorted.prefix(Vault.matchesMax).map(\.record.description)
      let emergencies = try read("An emergency") { view in
        try sorted.map { row in Emergency(row, isGoingOn: try isGoingOn(row, in: view)) }
      }
      return Witnessed(value: emergencies, entryIndex: try await submit(entry))
    }
  }

  /// Until its time, or until a bar, a restriction or an erasure ended it before.
  private func isGoingOn(_ row: EmergencyRow, in view: borrowing ReadView) throws -> Bool {
    guard clock.now() < row.emergency.until, case .head(let head) = try recordPlace(row.record, in: view) else {
      return false
    }
    return head.terms.emergencies.contains { $0.request == row.emergency.request }
  }

  private func emergencyRows(isReviewed: Bool, in view: borrowing ReadView) throws -> [EmergencyRow] {
    var rows: [EmergencyRow] = []
    let prefix = isReviewed ? EmergencyRow.reviewedPrefix : EmergencyRow.openPrefix
    try view.forEach(.meta, prefix: prefix) { stored in
      let row = try EmergencyRow(decoding: keys.openMetadata(stored, table: .meta))
      guard (row.review != nil) == isReviewed,
        stored.key == EmergencyRow.key(row.emergency.request, isReviewed: isReviewed, keys)
      else { throw VaultError.tampered("An emergency") }
      rows.append(row)
    }
    return rows
  }

  /// How many are going on now, and how many no auditor has reviewed.
  func emergencyCounts() throws(VaultError) -> (active: Int, toReview: Int) {
    let open = try read("An emergency") { view in try emergencyRows(isReviewed: false, in: view).count }
    return (exceptions.emergencyCount(at: clock.now()), open)
  }

  /// An auditor's word on an emergency that is over: what was read, and whether it was one.
  public func reviewEmergency(
    _ request: String, note: String, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Emergency> {
    try await witnessed(.emergencyReview, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .signOffLog)
      try demandLogKey(session)
      guard !note.isEmpty else {
        throw VaultError(.invalid, "A review says what was found.", field: "note")
      }
      let open = try read("An emergency") { view in try emergencyRows(isReviewed: false, in: view) }
      guard var row = open.first(where: { $0.emergency.request == request }) else {
        throw VaultError(
          .notFound, "No emergency of this request waits for a review.",
          hint: "`vaultsh log break-glass` lists those that do.", field: "request")
      }
      entry.approval = row.emergency.request
      entry.record = row.record.description
      entry.programme = row.programme.description
      entry.detail = row.emergency.account.description
      let now = clock.now()
      guard try !read("An emergency", { view in try isGoingOn(row, in: view) }) else {
        throw VaultError(
          .conflict, "It has not ended yet: more may be read.", hint: "Review it after \(row.emergency.until.text).",
          field: "request")
      }
      try beside(note, &entry)
      row.review = EmergencyRow.Review(auditor: session.account, time: now, text: entry.text?.hash ?? [])
      let index = try await submit(entry, changes: [EmergencyRow.delete(request, keys), row.put(keys)])
      return Witnessed(value: Emergency(row, isGoingOn: false), entryIndex: index)
    }
  }

  // MARK: Letting in

  /// Asks to be let into one record that the caller cannot read, for an emergency; a supervisor of its programme who can
  /// open it approves.
  ///
  /// - Parameter seconds: nil for four hours.
  public func breakGlass(
    _ id: RecordID, seconds: UInt64?, by caller: Caller
  ) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await request(.breakGlass(id, seconds: seconds ?? Vault.emergencySecondsDefault), by: caller)
  }

  /// What has to be true of an emergency before anybody is asked. The same words for a record that is not there and for
  /// one that the asker is barred from.
  func demandEmergency(_ session: Session, in head: RecordHead, _ seconds: UInt64) throws {
    try gate.checkExists(session, head)
    guard (60...Vault.emergencySecondsMax).contains(seconds) else {
      throw VaultError(
        .invalid, "An emergency lasts from a minute to \(Vault.emergencySecondsMax / 3600) hours.",
        hint: "Whoever needs it longer asks again, or is referred to.", field: "seconds")
    }
    let now = clock.now()
    let mayRead = Section.allCases.filter { RoleTable.standard.allows(session.role, .read, in: $0) }
    guard mayRead.contains(where: { !gate.allows(session, .read, $0, of: head, at: now) }) || mayRead.isEmpty else {
      throw VaultError(.conflict, "This account reads the record already.", hint: "Open it: vaultsh show ID.")
    }
  }

  /// The rows that let an account into a record for a time: a wrap of every section that its role reads, made in the
  /// session of whoever approves it, who opens them all.
  func emergencyRows(
    for request: VerifiedRequest, to id: RecordID, seconds: UInt64, approved now: Timestamp, by session: Session,
    _ entry: inout PendingEntry
  ) throws(VaultError) -> (changes: [RowChange], head: RecordHead) {
    let name = request.request.requester
    guard let (head, rowVersion) = try recordHead(id) else { throw .noRecord() }
    try gate.checkExists(session, head)
    guard let account = try read("An account", { view in try trust.account(name, in: view) }),
      account.keys == request.requesterKeys, !head.terms.isBarred(name)
    else { throw VaultError(.conflict, "Whoever asked may not be let in.", field: "request") }
    guard head.terms.emergencies.count < RecordTerms.emergencyCountMax else {
      throw VaultError(.conflict, "Too many were let into this record for emergencies.", field: "request")
    }
    let emergency = RecordTerms.Emergency(
      account: name, until: now.adding(seconds: seconds), request: request.id.description, granter: session.account,
      made: now)
    var rows = RecordRows(after: head, keys: keys)
    rows.head.terms.emergencies.append(emergency)
    let sections = Section.allCases.filter {
      head.body(of: $0) != nil && RoleTable.standard.allows(account.role, .read, in: $0)
    }
    for section in sections {
      try gate.checkStanding(session, .read, section, of: head)
      rows.rest(on: section, heldBy: session)
      guard let wrap = try wrap(for: name, under: request.requesterKeys, of: section, of: head, by: session) else {
        continue
      }
      try withKey(of: section, of: head, for: session) { key in try rows.share(section, with: wrap, key: key) }
    }
    entry.epochs = rows.epochs
    entry.record = id.description
    entry.programme = head.programme.description
    entry.sections = sections.map(\.rawValue)
    entry.detail = "until \(emergency.until.text)"
    let row = EmergencyRow(record: id, programme: head.programme, emergency: emergency)
    return (rows.changes + rows.headChanges(expect: .version(rowVersion)) + [row.put(keys)], rows.head)
  }
}

extension Vault.Emergency {
  fileprivate init(_ row: EmergencyRow, isGoingOn: Bool) {
    self.init(
      request: row.emergency.request, record: row.record, programme: row.programme, account: row.emergency.account,
      granter: row.emergency.granter, made: row.emergency.made, until: row.emergency.until, isGoingOn: isGoingOn,
      reviewer: row.review?.auditor, reviewed: row.review?.time)
  }
}
