import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  public struct WaitingSubmission: Sendable {
    public let id: RecordID
    public let programme: ProgrammeID
    public let service: AccountName
    public let received: Timestamp
    public let sections: [Section]
    /// As stored: padded and sealed.
    public let byteCount: UInt64
  }

  /// A submission as its reviewer sees it.
  public struct OpenedSubmission: Sendable {
    public let id: RecordID
    public let programme: ProgrammeID
    public let service: AccountName
    public let received: Timestamp
    /// Each one JSON object; sections that are none are missing, and among the faults.
    public let sections: [(section: Section, json: [UInt8])]
    /// Why it cannot be accepted as it is.
    public let faults: [FieldFault]
    public let possibleDuplicates: [RecordID]
  }

  /// The most rows a list answers with; whoever has more looks at the oldest first.
  static let submissionsMax = 1000

  // MARK: List and read

  /// What waits in the caller's programmes, oldest first, and how much there is of it.
  public func submissions(
    in programme: ProgrammeID?, by caller: Caller
  ) async throws(VaultError) -> Witnessed<(rows: [WaitingSubmission], waiting: Int)> {
    try await witnessed(.submissionList, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme?.description
      if let programme { try gate.check(session, .review, in: programme) } else { try gate.check(session, .review) }
      let waiting = (programme.map { [$0] } ?? session.programmes).flatMap { submissions.waiting(in: $0) }
      let rows = waiting.prefix(Vault.submissionsMax).map { waiting in
        WaitingSubmission(
          id: waiting.id, programme: waiting.programme, service: waiting.service, received: waiting.received,
          sections: waiting.sections, byteCount: waiting.byteCount)
      }
      return Witnessed(value: (Array(rows), waiting.count), entryIndex: try await submit(entry))
    }
  }

  /// Opens a submission, with what keeps it from being a record. A read like any other: it needs a purpose, and leaves only
  /// after its entry.
  public func readSubmission(
    _ id: RecordID, by caller: Caller
  ) async throws(VaultError) -> Witnessed<OpenedSubmission> {
    try await witnessed(.submissionRead, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.record = id.description
      try statedReason(caller, &entry)
      let head = try submission(id, for: session, .read, &entry)
      let opened = try open(head, for: session)
      let faults = opened.faults + (opened.sections.isEmpty ? [] : forms.validateRecord(opened.sections))
      let duplicates = try possibleDuplicates(of: opened.sections, for: session, in: head.programme)
      entry.results = duplicates.map(\.description)
      let sections = opened.sections.sorted { $0.key.rawValue < $1.key.rawValue }
        .map { (section: $0.key, json: JSONValue.object($0.value).canonicalBytes()) }
      return Witnessed(
        value: OpenedSubmission(
          id: id, programme: head.programme, service: head.service, received: head.received, sections: sections,
          faults: faults, possibleDuplicates: duplicates), entryIndex: try await submit(entry))
    }
  }

  // MARK: Decide

  /// Makes a record of a submission: validated, with its cards, sealed anew with the members' keys. The service stays its
  /// creator, and the author of what the officer did not correct.
  ///
  /// - Parameter corrections: merge patch of the sections, applied before they are validated.
  public func acceptSubmission(
    _ id: RecordID, corrections: JSONValue? = nil, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Saved> {
    try await witnessed(.submissionAccept, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.record = id.description
      if let again = try await acceptedBefore(id, corrections, by: caller, session, &entry) { return again }
      let (head, sections) = try submissionToAccept(id, corrections, for: session, &entry)
      let retry = try acceptanceRetry(
        of: id, into: nil, corrections, in: head.programme, for: session, by: caller)
      if let retry, let known = try remembered(retry.row) {
        return try await answerAgain(known, retry.hash, incomplete: [], &entry)
      }
      try demandValid(forms.validateRecord(sections))
      let duplicates = try possibleDuplicates(of: sections, for: session, in: head.programme)
      let now = clock.now()
      var rows = RecordRows(
        head: RecordHead(
          id: id, programme: head.programme, version: 1, created: now, creator: head.service, changed: now,
          author: corrections == nil ? head.service : session.account,
          assignment: RecordAssignment(case: sections[.case] ?? [:], creator: session.account), parts: [], cards: []),
        keys: keys)
      entry.assignment = rows.head.assignment.standing(of: session.account)
      entry.results = duplicates.map(\.description)
      entry.detail = head.service.description
      for (section, values) in sections {
        let wrap = RecordRows.Wrap(
          recipient: .compartment(.section(head.programme, section)),
          sealer: try sealer(for: session, .section(head.programme, section)))
        try Vault.onSealing(section) { try rows.put(section, values, for: [wrap], card: wrap.sealer) }
      }
      entry.epochs = rows.epochs
      var changes = rows.changes + rows.headChanges(expect: .absent)
      if let retry { changes.append(remember(retry, as: id, version: 1)) }
      let index: UInt64
      do throws(VaultError) {
        index = try await submitDecision(entry, head, changes: changes)
      } catch {
        // Two equal requests at once: the other one was first, and its answer is ours.
        guard error.code == .conflict, let retry, let known = try remembered(retry.row) else { throw error }
        return try await answerAgain(known, retry.hash, incomplete: [], &entry)
      }
      directory.insert(id, in: head.programme)
      cabinet.update(id, in: head.programme, version: 1, identity: rows.identityCard, contact: rows.contactCard)
      return Witnessed(
        value: Saved(id: id, version: 1, incomplete: forms.incomplete(sections), possibleDuplicates: duplicates),
        entryIndex: index)
    }
  }

  /// Adds a submission to a record that there is. What the service wrote replaces fields and adds fields and items of lists;
  /// it removes none.
  public func mergeSubmission(
    _ id: RecordID, into record: RecordID, ifVersion: UInt64?, corrections: JSONValue? = nil, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Saved> {
    try await editRecord(
      record, patch: corrections ?? .object([:]), ifVersion: ifVersion, by: caller, taking: id)
  }

  /// Takes a submission out of the vault.
  ///
  /// - Parameter reason: why; kept beside the log.
  public func rejectSubmission(
    _ id: RecordID, reason: String, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Void> {
    try await witnessed(.submissionReject, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.record = id.description
      let head = try submission(id, for: session, .write, &entry)
      guard !reason.isEmpty else {
        throw VaultError(
          .invalid, "A rejection needs a reason: what was handed in is gone afterwards.",
          hint: "Give it with --reason -.", field: "reason")
      }
      try beside(reason, &entry)
      entry.detail = head.service.description
      return Witnessed(value: (), entryIndex: try await submitDecision(entry, head, changes: []))
    }
  }

  /// Writes a decision, and takes the submission out of the store in the same transaction.
  func submitDecision(
    _ entry: PendingEntry, _ head: SubmissionHead, changes: [RowChange]
  ) async throws(VaultError) -> UInt64 {
    let index: UInt64
    do throws(VaultError) {
      index = try await submit(entry, changes: changes + SubmissionRows.removal(of: head, keys: keys))
    } catch {
      guard error.code == .conflict else { throw error }
      throw VaultError(
        .conflict, "Somebody else has decided about this submission at the same moment, or changed the record.",
        hint: "Look again: vaultsh submissions.")
    }
    submissions.remove(head.id)
    return index
  }

  // MARK: Asked again

  /// Where the answer to an acceptance is remembered, and as what: which submission, into which record, with which
  /// corrections. By the programme, so that a key which was used for one submission is refused for every other.
  func acceptanceRetry(
    of submission: RecordID, into record: RecordID?, _ corrections: JSONValue?, in programme: ProgrammeID,
    for session: Session, by caller: Caller
  ) throws(VaultError) -> (row: [UInt8], hash: [UInt8])? {
    guard let key = caller.idempotencyKey else { return nil }
    var request = CanonicalEncoding("acceptance-request")
    request.append(submission.bytes)
    request.append(record?.bytes ?? [])
    request.append(corrections?.canonicalBytes() ?? [])
    return (row: try retryRow(key, in: programme, for: session), hash: keys.requestHash(request.bytes))
  }

  /// The answer once more, where this very request made the record: the submission is gone, and the record has its id. nil
  /// where nothing says so, and for whoever may not review there or is barred from the record.
  private func acceptedBefore(
    _ id: RecordID, _ corrections: JSONValue?, by caller: Caller, _ session: Session, _ entry: inout PendingEntry
  ) async throws(VaultError) -> Witnessed<Saved>? {
    guard caller.idempotencyKey != nil, let head = try recordHead(id)?.head,
      (try? gate.checkExists(session, head)) != nil, (try? gate.check(session, .review, in: head.programme)) != nil,
      let retry = try acceptanceRetry(
        of: id, into: nil, corrections, in: head.programme, for: session, by: caller),
      let known = try remembered(retry.row)
    else { return nil }
    entry.programme = head.programme.description
    return try await answerAgain(known, retry.hash, incomplete: [], &entry)
  }

  // MARK: Parts

  /// The head of a submission, for a session that may review it and do `verb` in each of its sections.
  func submission(
    _ id: RecordID, for session: Session, _ verb: Verb, _ entry: inout PendingEntry
  ) throws(VaultError) -> SubmissionHead {
    let found = try read("A submission") { view in
      try view.row(.submission, SubmissionRows.headKey(keys, id)).map { try SubmissionRows.head(of: $0, keys: keys) }
    }
    guard let head = found else {
      // Whoever may review nothing is not told whether there is one.
      try gate.check(session, .review)
      throw VaultError(
        .notFound, "No submission of this id waits.", hint: "vaultsh submissions lists what does.", field: "id")
    }
    entry.programme = head.programme.description
    entry.sections = head.parts.map(\.section.rawValue)
    try gate.check(session, .review, in: head.programme)
    for part in head.parts { try gate.check(session, verb, part.section, in: head.programme) }
    return head
  }

  func submissionToAccept(
    _ id: RecordID, _ corrections: JSONValue?, for session: Session, _ entry: inout PendingEntry
  ) throws(VaultError) -> (head: SubmissionHead, sections: [Section: [String: JSONValue]]) {
    let head = try submission(id, for: session, .write, &entry)
    for part in head.parts { try gate.check(session, .read, part.section, in: head.programme) }
    let opened = try open(head, for: session)
    var sections = opened.sections
    if let corrections, corrections.objectValue?.isEmpty == false {
      for (section, patch) in try Vault.patches(of: corrections) {
        try gate.check(session, .write, section, in: head.programme)
        sections[section] = (sections[section] ?? [:]).merging(patch: patch)
      }
      entry.sections = Set(entry.sections + sections.keys.map(\.rawValue)).sorted()
    }
    // What could not be opened can only be replaced by the officer.
    try demandValid(opened.faults.filter { sections[$0.section] == nil })
    return (head, sections)
  }

  /// Every section, as far as it is what a section should be. The daemon took it unread: what it holds is somebody
  /// else's word.
  private func open(
    _ head: SubmissionHead, for session: Session
  ) throws(VaultError) -> (sections: [Section: [String: JSONValue]], faults: [FieldFault]) {
    let parts = try read("A submission") { view in
      try head.parts.map { part in
        try SubmissionRows.part(part, of: head, keys: keys, in: view) { name in
          try submitter(name, in: head.compartment(of: part), view)
        }
      }
    }
    var sections: [Section: [String: JSONValue]] = [:]
    var faults: [FieldFault] = []
    for (part, sealed) in zip(head.parts, parts) {
      guard let key = session.held(head.compartment(of: part))?.keys[part.epoch] else {
        throw VaultError(.denied, "This part was written under a key that this account does not hold.")
      }
      let place = head.place(of: part, vault: keys.vault)
      guard let plain = try? sealed.open(at: place, with: key.opening) else {
        faults.append(
          FieldFault(
            section: part.section, field: "", rule: .wrongType,
            detail: "the service sealed it in a way that nobody can open"))
        continue
      }
      var json = plain.copyBytes()
      defer { wipe(&json) }
      guard let value = try? JSONValue.parse(json, limits: .stored), let object = value.objectValue else {
        faults.append(
          FieldFault(section: part.section, field: "", rule: .wrongType, detail: "the section is no JSON object"))
        continue
      }
      // Nulls say nothing: a submission removes nothing.
      sections[part.section] = [:].merging(patch: object)
    }
    return (sections, faults)
  }

  /// The verified key of a service that has been let in to submit there.
  func submitter(
    _ name: AccountName, in compartment: Compartment, _ view: borrowing ReadView
  ) throws -> [VerifyingKey] {
    try trust.verifyingKeys(of: name, among: trust.manifest(compartment, in: view)?.submitters, in: view)
  }
}
