import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  public struct Saved: Sendable {
    public let id: RecordID
    public let version: UInt64
    /// Dotted names of what the forms ask for and is still empty.
    public let incomplete: [String]
    public let possibleDuplicates: [RecordID]
  }

  /// A record as it leaves the vault: each section one JSON object, in bytes.
  public struct OpenedRecord: Sendable {
    public let id: RecordID
    public let programme: ProgrammeID
    public let version: UInt64
    public let sections: [(section: Section, json: [UInt8])]
    public let flags: [RecordFlag]
    /// When the reader's access ends; nil for a member of the record's programme.
    public let until: Timestamp?
  }

  /// The most possible duplicates that a new record is answered with.
  static let duplicatesMax = 5

  // MARK: Create

  /// Opens a record. Every section is validated before anything is written; all is written or nothing.
  ///
  /// - Parameter looksForDuplicates: searches the programme for people this may be about; an import of thousands does not.
  public func createRecord(
    in programme: ProgrammeID, _ document: JSONValue, looksForDuplicates: Bool = true, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Saved> {
    try await witnessed(.recordCreate, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme.description
      try gate.check(session, .create, in: programme)
      try demandFounded()
      let sections = try Vault.sections(of: document)
      entry.sections = sections.keys.map(\.rawValue).sorted()
      guard !sections.isEmpty else {
        throw VaultError(.invalid, "A record has at least one section.", field: "sections")
      }
      for section in sections.keys { try checkWriting(session, section, in: programme) }
      try demandValid(forms.validateRecord(sections))

      let retry = try caller.idempotencyKey.map { key throws(VaultError) in
        (
          row: try retryRow(key, in: programme, for: session), hash: keys.requestHash(document.canonicalBytes())
        )
      }
      if let retry, let known = try remembered(retry.row) {
        return try await answerAgain(known, retry.hash, incomplete: forms.incomplete(sections), &entry)
      }
      // What a service hands in is no record before an officer says so.
      if session.role == .service {
        entry.action = .submissionSend
        return try await submitInClear(sections, in: programme, retry: retry, session, &entry)
      }
      let duplicates =
        looksForDuplicates ? try possibleDuplicates(of: sections, for: session, in: programme) : []
      let now = clock.now()
      let id = freshID()
      var rows = RecordRows(
        head: RecordHead(
          id: id, programme: programme, version: 1, created: now, creator: session.account, changed: now,
          author: session.account,
          assignment: RecordAssignment(case: sections[.case] ?? [:], creator: session.account),
          parts: [], cards: []), keys: keys)
      entry.assignment = rows.head.assignment.standing(of: session.account)
      for (section, values) in sections {
        let wrap = RecordRows.Wrap(
          recipient: .compartment(.section(programme, section)),
          sealer: try sealer(for: session, .section(programme, section)))
        try Vault.onSealing(section) { try rows.put(section, values, for: [wrap], card: wrap.sealer) }
      }
      entry.record = id.description
      entry.epochs = rows.epochs
      // Its answer names them, so its entry does.
      entry.results = duplicates.map(\.description)
      var changes = rows.changes + rows.headChanges(expect: .absent)
      if let retry { changes.append(remember(retry, as: id, version: 1)) }
      let index: UInt64
      do throws(VaultError) {
        index = try await submit(entry, changes: changes)
      } catch {
        // Two equal requests at once: the other one was first, and its answer is ours.
        guard error.code == .conflict, let retry, let known = try remembered(retry.row) else { throw error }
        return try await answerAgain(known, retry.hash, incomplete: forms.incomplete(sections), &entry)
      }
      directory.insert(id, in: programme)
      cabinet.update(id, in: programme, version: 1, identity: rows.identityCard, contact: rows.contactCard)
      return Witnessed(
        value: Saved(id: id, version: 1, incomplete: forms.incomplete(sections), possibleDuplicates: duplicates),
        entryIndex: index)
    }
  }

  /// Where the answer to a new record's first sending is remembered: for everybody in the programme, so that a file which a
  /// colleague has imported brings no record twice. Whoever is barred from that record has sent nothing yet; and a service,
  /// which may read nothing, learns of nobody's but its own.
  func retryRow(
    _ key: String, in programme: ProgrammeID, for session: Session
  ) throws(VaultError) -> [UInt8] {
    let own = RetryMemory.rowKey(keys, scope: "\(programme)/\(session.account)", key: key)
    guard session.role != .service else { return own }
    let row = RetryMemory.rowKey(keys, scope: programme.description, key: key)
    let barred = gate.isOn ? exceptions.barred(session.account) : []
    guard !barred.isEmpty, let known = try remembered(row), barred.contains(known.record.bits) else { return row }
    return own
  }

  func remembered(_ key: [UInt8]) throws(VaultError) -> RetryMemory? {
    try read("A remembered request") { view in
      try view.row(.idempotency, key).map { try RetryMemory(decoding: keys.openMetadata($0, table: .idempotency)) }
    }
  }

  func answerAgain(
    _ known: RetryMemory, _ hash: [UInt8], incomplete: [String], _ entry: inout PendingEntry
  ) async throws(VaultError) -> Witnessed<Saved> {
    // What was sent about an erased record is forgotten: it must not bring the record back.
    _ = try recordHead(known.record)
    guard equalInConstantTime(known.requestHash, hash) else {
      throw VaultError(.retryMismatch, "This Idempotency-Key was used for another request.")
    }
    entry.record = known.record.description
    entry.results = []
    entry.detail = "retry"
    return Witnessed(
      value: Saved(
        id: known.record, version: known.version, incomplete: incomplete, possibleDuplicates: []),
      entryIndex: try await submit(entry))
  }

  func freshID() -> RecordID {
    var generator = SystemRandomNumberGenerator()
    return RecordID.random(using: &generator)
  }

  // MARK: Read

  /// Opens sections of a record. Plaintext leaves only after the entry is durable (P3).
  ///
  /// - Parameters:
  ///   - sections: empty for the default view: how to reach the survivor safely, and the case in short.
  ///   - isWhole: every section that the caller may read, instead.
  public func readRecord(
    _ id: RecordID, sections: [Section], isWhole: Bool = false, by caller: Caller
  ) async throws(VaultError) -> Witnessed<OpenedRecord> {
    try await witnessed(.recordRead, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.record = id.description
      entry.sections = sections.map(\.rawValue)
      try statedReason(caller, &entry)
      let now = clock.now()
      // One moment of the store for all of it: what changes meanwhile must not look like tampering.
      let record = try read("A record") { view in
        let (head, _) = try head(of: id, for: session, &entry, in: view)
        func mayRead(_ section: Section) -> Bool { gate.allows(session, .read, section, of: head, at: now) }
        let isDefault = sections.isEmpty && !isWhole
        let wanted =
          isDefault ? DefaultView.sections(mayRead) : isWhole ? Section.allCases.filter(mayRead) : sections
        if wanted.isEmpty { try gate.check(session, .read, .contact, of: head, at: now) }
        for section in wanted { try gate.check(session, .read, section, of: head, at: now) }
        entry.sections = wanted.map(\.rawValue)
        let until = exceptionalEnd(of: wanted, of: head, for: session, at: now, &entry)
        var opened: [(section: Section, json: [UInt8])] = []
        for section in wanted {
          guard var json = try open(section, of: head, for: session, in: view) else { continue }
          if isDefault { try DefaultView.reduce(&json, section) }
          opened.append((section, json))
        }
        return OpenedRecord(
          id: id, programme: head.programme, version: head.version, sections: opened,
          flags: head.terms.flags(at: now), until: until)
      }
      return Witnessed(value: record, entryIndex: try await submit(entry))
    }
  }

  /// A record that is there for the session; the entry learns what it is about.
  ///
  /// `notFound` where there is none, and in the same words where the session's account is barred from it.
  func head(
    of id: RecordID, for session: Session, _ entry: inout PendingEntry, in view: borrowing ReadView
  ) throws -> (head: RecordHead, rowVersion: UInt64) {
    entry.record = id.description
    guard let (head, rowVersion) = try recordHead(id, in: view) else {
      // Whoever is barred from a record waits for its row to be opened; so does whoever asks for none.
      if let other = try view.rows(.record, limit: 1).first {
        _ = try? RecordPlace(decoding: keys.openMetadata(other, table: .record))
      }
      throw VaultError.noRecord()
    }
    entry.programme = head.programme.description
    entry.assignment = head.assignment.standing(of: session.account)
    try gate.checkExists(session, head)
    return (head, rowVersion)
  }

  func head(
    of id: RecordID, for session: Session, _ entry: inout PendingEntry
  ) throws(VaultError) -> (head: RecordHead, rowVersion: UInt64) {
    try read("A record") { view in try head(of: id, for: session, &entry, in: view) }
  }

  /// When a reading that rests on an exception has to end; the entry says what it rests on.
  private func exceptionalEnd(
    of sections: [Section], of head: RecordHead, for session: Session, at now: Timestamp, _ entry: inout PendingEntry
  ) -> Timestamp? {
    let isNamed = !head.terms.isRestricted || head.terms.named.contains(session.account)
    let others = sections.filter { !isNamed || !gate.allows(session, .read, $0, in: head.programme) }
    var end: Timestamp?
    for section in others {
      let until: Timestamp
      switch gate.way(of: session, to: section, of: head, at: now) {
      case .referral(let receiver, let ends):
        until = ends
        entry.detail = entry.detail ?? "referred to \(receiver.words)"
      case .emergency(let request, let ends):
        until = ends
        entry.detail = "break-glass"
        entry.approval = request
      case .member, nil: continue
      }
      end = min(end ?? until, until)
    }
    return end
  }

  func recordHead(_ id: RecordID) throws(VaultError) -> (head: RecordHead, rowVersion: UInt64)? {
    try read("A record") { view in try recordHead(id, in: view) }
  }

  func recordHead(
    _ id: RecordID, in view: borrowing ReadView
  ) throws -> (head: RecordHead, rowVersion: UInt64)? {
    guard let row = try view.row(.record, RecordRows.recordKey(keys, id)) else { return nil }
    switch try RecordPlace(decoding: keys.openMetadata(row, table: .record)) {
    case .tombstone(let tombstone):
      guard tombstone.record == id else { throw VaultError.tampered("A record") }
      throw VaultError.erased
    case .head(var head):
      guard head.id == id, head.version == row.version else { throw VaultError.tampered("A record") }
      head.stored = row
      return (head, row.version)
    }
  }

  /// Also where only a tombstone is left.
  func recordPlace(_ id: RecordID, in view: borrowing ReadView) throws -> RecordPlace? {
    guard let row = try view.row(.record, RecordRows.recordKey(keys, id)) else { return nil }
    let place = try RecordPlace(decoding: keys.openMetadata(row, table: .record))
    guard place.id == id else { throw VaultError.tampered("A record") }
    return place
  }

  /// A section's JSON in bytes; nil where the record has no such section. Any wrap will do that the session's keys open.
  ///
  /// Superseded where the record is not as `head` has it any more: a re-key may have put other wraps in their places.
  func open(_ section: Section, of head: RecordHead, for session: Session) throws(VaultError) -> [UInt8]? {
    try read("A section") { view in
      try demandCurrent(head, in: view)
      return try open(section, of: head, for: session, in: view)
    }
  }

  /// Likewise, at the moment of the store that `head` was read at.
  func open(
    _ section: Section, of head: RecordHead, for session: Session, in view: borrowing ReadView
  ) throws(VaultError) -> [UInt8]? {
    guard head.body(of: section) != nil else { return nil }
    return try onStored("A section") {
      let (part, opener, wrap) = try openable(section, of: head, for: session, in: view)
      guard let body = try view.row(.section, RecordRows.sectionKey(keys, head.id, section, version: part.version)),
        SHA256.hash(body.body) == part.bodyHash, body.version == part.version
      else { throw VaultError.tampered("A section") }
      return try SealedBody.openSection(
        body.body, hash: part.bodyHash, wrap: wrap, at: RecordRows.place(head, part, vault: keys.vault), with: opener,
        outerWrap: keys.outerWrap
      ) { name in try author(name, in: head.compartment(of: section), view) }.copyBytes()
    }
  }

  private func demandCurrent(_ head: RecordHead, in view: borrowing ReadView) throws {
    guard let stored = head.stored, try view.row(.record, RecordRows.recordKey(keys, head.id)) != stored else { return }
    var stale = VaultError(.stale, "Somebody else changed the record at the same moment.")
    stale.isSuperseded = true
    throw stale
  }

  /// Hands out a section's key, to wrap it for somebody else.
  func withKey(
    of section: Section, of head: RecordHead, for session: Session, _ body: (borrowing TransientKey) throws -> Void
  ) throws(VaultError) {
    try read("A section") { view in
      try demandCurrent(head, in: view)
      let (part, opener, wrap) = try openable(section, of: head, for: session, in: view)
      let key = try SealedBody.openKey(
        wrap, bodyHash: part.bodyHash, at: RecordRows.place(head, part, vault: keys.vault), with: opener,
        outerWrap: keys.outerWrap
      ) { name in try author(name, in: head.compartment(of: section), view) }
      try body(key)
    }
  }

  /// The wrap of a section that the session opens: its programme's if it can, then its own, then another programme's.
  private func openable(
    _ section: Section, of head: RecordHead, for session: Session, in view: borrowing ReadView
  ) throws -> (part: RecordHead.Part, opener: SealedBody.Opener, wrap: [UInt8]) {
    let home = WrapRecipient.compartment(head.compartment(of: section))
    let parts = head.parts.filter { $0.section == section }
    let ordered = parts.filter { $0.recipient == home } + parts.filter { $0.recipient != home }
    var refusal = VaultError(.denied, "This account holds no key for that section.")
    for part in ordered {
      guard let opener = try opener(of: part, for: session) else { continue }
      guard let wrap = try view.row(.wrap, RecordRows.wrapKey(keys, head.id, part)),
        SHA256.hash(wrap.body) == part.wrapHash, wrap.version == part.version
      else { throw VaultError.tampered("A section") }
      do {
        switch (opener, part.recipient) {
        case (.member(let held), .compartment(let compartment)):
          try demandKey(for: wrap.body, of: compartment, among: held, in: view)
        case (.person(let own), _):
          // For keys that were replaced since; another wrap may be for the new ones.
          if case .person(let key) = try SealedBody.keying(of: wrap.body), key != own.sealingKey { throw refusal }
        default: break
        }
        return (part, opener, wrap.body)
      } catch let error as VaultError where error.code == .denied {
        refusal = error
      }
    }
    if head.terms.isRestricted { refusal.kept = head.id }
    throw refusal
  }

  private func opener(of part: RecordHead.Part, for session: Session) throws -> SealedBody.Opener? {
    switch part.recipient {
    case .compartment(let compartment):
      return .member(session.held(compartment)?.keys ?? [:])
    case .person(let name):
      guard name == session.account else { return nil }
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      return .person(secrets.opening)
    case .recovery: return nil
    }
  }

  /// A part under a key that was never granted is refused; one under an epoch that no manifest has begun shows that
  /// manifests were taken away.
  func demandKey(
    for body: [UInt8], of compartment: Compartment, among held: [UInt64: CompartmentKey], in view: borrowing ReadView
  ) throws {
    guard let epoch = try SealedBody.keying(of: body).epoch else { throw VaultError.tampered("A section") }
    guard held[epoch] == nil else { return }
    guard try trust.manifest(compartment, in: view)?.publicKeys[epoch] != nil else {
      throw VaultError.tampered("A manifest")
    }
    throw VaultError(.denied, "This part was written under a key that this account does not hold.")
  }

  /// The verified keys of an account that seals what it cannot read: it must have been a member who may write there.
  /// Under the keys that it was one with, also where they were replaced since.
  func author(_ name: AccountName, in compartment: Compartment, _ view: borrowing ReadView) throws -> [VerifyingKey] {
    try trust.verifyingKeys(of: name, among: trust.manifest(compartment, in: view)?.writers, in: view)
  }

  /// The caller's purpose, and their own words beside the log where they gave any.
  func statedReason(_ caller: Caller, _ entry: inout PendingEntry) throws(VaultError) {
    guard let purpose = caller.purpose else {
      throw VaultError(
        .purposeNeeded, "Reading needs a purpose.",
        hint: "Send Vault-Purpose, for example casework; in the shell --purpose.",
        field: "Vault-Purpose")
    }
    guard let reason = caller.reason, !reason.isEmpty else {
      guard !purpose.needsReason else {
        throw VaultError(
          .invalid, "The purpose \(purpose.rawValue) needs a reason in your own words.", hint: "Give it with --reason.",
          field: "Vault-Reason")
      }
      return
    }
    try beside(reason, &entry)
  }

  /// Puts free text beside the log, and its hash into the entry.
  func beside(_ text: String, _ entry: inout PendingEntry) throws(VaultError) {
    guard text.utf8.count <= FreeText.byteCountMax else {
      throw VaultError(.invalid, "The text is longer than \(FreeText.byteCountMax) bytes.", field: "Vault-Reason")
    }
    let head = audit
    entry.text = try onStored("A text beside the log") {
      try FreeText.seal(text, audit: (head.key, head.epoch), vault: keys.vault)
    }
  }

  // MARK: Edit

  /// Applies a merge patch (RFC 7396) to the sections that it names.
  public func editRecord(
    _ id: RecordID, patch: JSONValue, ifVersion: UInt64?, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Saved> {
    try await editRecord(id, patch: patch, ifVersion: ifVersion, by: caller, taking: nil)
  }

  /// - Parameter submission: added to the record, and gone with the same transaction; `patch` corrects it.
  func editRecord(
    _ id: RecordID, patch: JSONValue, ifVersion: UInt64?, by caller: Caller, taking submission: RecordID?
  ) async throws(VaultError) -> Witnessed<Saved> {
    try await witnessed(submission == nil ? .recordEdit : .submissionAccept, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let (head, rowVersion) = try head(of: id, for: session, &entry)
      let now = clock.now()
      var taken: (head: SubmissionHead, sections: [Section: [String: JSONValue]])?
      let retry: (row: [UInt8], hash: [UInt8])?
      if let submission {
        retry = try acceptanceRetry(
          of: submission, into: id, patch, in: head.programme, for: session, by: caller)
        // Before it is looked for: it went with the first time.
        if let retry, let known = try remembered(retry.row) {
          try gate.check(session, .review, in: head.programme)
          return try await answerAgain(known, retry.hash, incomplete: [], &entry)
        }
        let opened = try submissionToAccept(submission, patch, for: session, &entry)
        guard opened.head.programme == head.programme else {
          throw VaultError(
            .conflict, "The submission is for another programme than the record.",
            hint: "Accept it where it was sent, then refer the record.", field: "into")
        }
        taken = opened
        entry.detail = "\(opened.head.service) \(submission)"
      } else {
        retry = caller.idempotencyKey.map { key in
          (
            row: RetryMemory.rowKey(keys, scope: id.description, key: key),
            hash: keys.requestHash(patch.canonicalBytes())
          )
        }
      }
      let patches: [Section: [String: JSONValue]]
      if let taken { patches = taken.sections } else { patches = try Vault.patches(of: patch) }
      entry.sections = patches.keys.map(\.rawValue).sorted()
      for section in patches.keys {
        try gate.check(session, .write, section, of: head, at: now)
        try gate.check(session, .read, section, of: head, at: now)
      }
      if let retry, let known = try remembered(retry.row) {
        return try await answerAgain(known, retry.hash, incomplete: [], &entry)
      }
      guard let ifVersion else {
        throw VaultError(.versionNeeded, "The edit does not say which version it changes.", field: "If-Match")
      }
      guard ifVersion == head.version else {
        throw VaultError(.stale, "The record is at version \(head.version) now.", field: "If-Match")
      }
      var merged: [Section: [String: JSONValue]] = [:]
      for (section, change) in patches {
        var before: [String: JSONValue] = [:]
        if var json = try open(section, of: head, for: session) {
          defer { wipe(&json) }
          before = try Vault.object(json)
        }
        // Nobody has seen what a service's list would take away: the safe contacts, among them those that say "do not call".
        let after = taken == nil ? before.merging(patch: change) : before.adding(change)
        if after != before { merged[section] = after }
      }
      guard !merged.isEmpty else {
        // Nothing to write: the answer is where the record stands, and the entry says that somebody looked. A submission
        // goes all the same, so its answer has to be remembered.
        let memory = taken == nil ? nil : retry.map { remember($0, as: id, version: head.version) }
        return Witnessed(
          value: Saved(id: id, version: head.version, incomplete: [], possibleDuplicates: []),
          entryIndex: try await write(entry, taking: taken?.head, changes: [memory].compactMap(\.self)))
      }
      try demandValid(forms.validateRecord(merged))
      var rows = RecordRows(after: head, keys: keys)
      rows.head.changed = now
      rows.head.author = session.account
      if let values = merged[.case] { rows.head.assignment = RecordAssignment(case: values, creator: head.creator) }
      for (section, values) in merged { try seal(section, values, into: &rows, by: session, at: now) }
      entry.epochs = rows.epochs
      var changes = rows.changes + rows.headChanges(expect: .version(rowVersion))
      if let retry { changes.append(remember(retry, as: id, version: rows.head.version)) }
      let index: UInt64
      do throws(VaultError) {
        index = try await write(entry, taking: taken?.head, changes: changes)
      } catch {
        guard error.code == .conflict else { throw error }
        // Two equal edits at once: the other one was first, and its answer is ours.
        if let retry, let known = try remembered(retry.row) {
          return try await answerAgain(known, retry.hash, incomplete: [], &entry)
        }
        var stale = VaultError(.stale, "Somebody else changed the record at the same moment.")
        // Its keys alone changed: the same edit fits on top of that.
        stale.isSuperseded = try recordHead(id)?.rowVersion == rowVersion
        throw stale
      }
      try updateCards(of: rows, session: session)
      return Witnessed(
        value: Saved(id: id, version: rows.head.version, incomplete: [], possibleDuplicates: []), entryIndex: index)
    }
  }

  func remember(_ retry: (row: [UInt8], hash: [UInt8]), as record: RecordID, version: UInt64) -> RowChange {
    RetryMemory(record: record, version: version, requestHash: retry.hash).change(keys, key: retry.row)
  }

  private func write(
    _ entry: PendingEntry, taking submission: SubmissionHead?, changes: [RowChange]
  ) async throws(VaultError) -> UInt64 {
    guard let submission else { return try await submit(entry, changes: changes) }
    return try await submitDecision(entry, submission, changes: changes)
  }

  /// The index in memory holds both cards of a record: one that did not change is opened again.
  func updateCards(of rows: RecordRows, session: Session) throws(VaultError) {
    guard !rows.head.terms.isRestricted else {
      return cabinet.remove(rows.head.id, from: rows.head.programme, version: rows.head.version)
    }
    guard rows.identityCard != nil || rows.contactCard != nil || rows.liftsRestriction else { return }
    var identity = rows.identityCard
    if identity == nil { identity = try card(.identity, of: rows.head, for: session) }
    var contact = rows.contactCard
    if contact == nil { contact = try card(.contact, of: rows.head, for: session) }
    cabinet.update(
      rows.head.id, in: rows.head.programme, version: rows.head.version, identity: identity, contact: contact)
  }

  // MARK: List

  public struct Listed: Sendable {
    public let id: RecordID
    public let programme: ProgrammeID
    public let version: UInt64
    public let flags: [RecordFlag]
  }

  /// A page of ids in id order, and after the programmes' own records those that were shared with the caller; `next` is
  /// where the following page begins.
  public func records(
    in programme: ProgrammeID?, after: String?, limit: Int, by caller: Caller
  ) async throws(VaultError) -> Witnessed<(records: [Listed], next: String?)> {
    try await witnessed(.recordList, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme?.description
      if let programme { try gate.check(session, .list, in: programme) } else { try gate.check(session, .list) }
      let position = try ListPosition(after)
      var listed: [Listed] = []
      if !position.isShared {
        for programme in programme.map({ [$0] }) ?? session.programmes
        where listed.count < limit && position.isAtOrBefore(programme) {
          listed += try page(
            of: programme, after: position.record(in: programme), limit: limit - listed.count, for: session)
        }
      }
      var next = listed.count >= limit ? listed.last.map { "\($0.programme)/\($0.id)" } : nil
      if next == nil {
        let shared = try sharedRecords(with: session, in: programme).filter { position.isBeforeShared($0.id) }
        let page = shared.prefix(limit - listed.count)
        listed += page.map {
          Listed(id: $0.id, programme: $0.programme, version: $0.version, flags: $0.terms.flags(at: clock.now()))
        }
        if page.count < shared.count { next = ListPosition.shared(after: page.last?.id) }
      }
      return Witnessed(value: (listed, next), entryIndex: try await submit(entry))
    }
  }

  /// The next records of a programme that its members are shown. Supervisors see the ids of records that are kept to
  /// others: somebody has to know that they are there.
  private func page(
    of programme: ProgrammeID, after: RecordID?, limit: Int, for session: Session
  ) throws(VaultError) -> [Listed] {
    let mayRestrict = (try? gate.check(session, .restrict, in: programme)) != nil
    let now = clock.now()
    let hidden =
      !gate.isOn
      ? []
      : mayRestrict
        ? exceptions.barred(session.account) : exceptions.hidden(from: session.account, in: programme, at: now)
    var listed: [Listed] = []
    var after = after
    while listed.count < limit {
      let ids = directory.page(of: programme, after: after, limit: limit - listed.count)
      for id in ids where !hidden.contains(id.bits) {
        let version = try read("A record") { view in try view.version(.record, RecordRows.recordKey(keys, id)) }
        guard let version else { throw VaultError.tampered("A record") }
        listed.append(
          Listed(id: id, programme: programme, version: version, flags: exceptions.flags(of: id, at: now)))
      }
      guard let last = ids.last else { break }
      after = last
    }
    return listed
  }

  // MARK: Parts

  private func checkWriting(_ session: Session, _ section: Section, in programme: ProgrammeID) throws(VaultError) {
    let verb: Verb = session.role == .service ? .submit : .write
    try gate.check(session, verb, section, in: programme)
  }

  /// A member seals with the compartment's key.
  func sealer(for session: Session, _ compartment: Compartment) throws(VaultError) -> SealedBody.Sealer {
    guard let key = session.held(compartment)?.current else {
      throw VaultError(.denied, "This account holds no key for that section.")
    }
    return .member(key)
  }

  func demandValid(_ faults: [FieldFault]) throws(VaultError) {
    guard let first = faults.first else { return }
    let more = faults.count > 1 ? " (\(faults.count - 1) more)" : ""
    throw VaultError(
      .invalid, "\(first.detail)\(more)", hint: "See the field with vaultsh fields, or GET /v1/schema.",
      field: first.section.rawValue + (first.field.isEmpty ? "" : ".\(first.field)"))
  }

  /// What the forms let through must fit a card; where it does not, the fault is the request's.
  static func onSealing(_ section: Section, _ body: () throws -> Void) throws(VaultError) {
    do {
      try body()
    } catch is SearchError {
      throw VaultError(
        .invalid, "The names or numbers are more than a record can be found by.", field: section.rawValue)
    } catch let error as VaultError {
      throw error
    } catch {
      throw VaultError(.failed, "The section could not be sealed.")
    }
  }

  /// Sections by name, from `{"sections": {…}}` or the sections themselves.
  static func sections(of document: JSONValue) throws(VaultError) -> [Section: [String: JSONValue]] {
    var sections: [Section: [String: JSONValue]] = [:]
    for (section, value) in try patches(of: document) {
      // Nulls of a new record say nothing: they vanish as they would in a patch.
      sections[section] = [:].merging(patch: value)
    }
    return sections
  }

  static func patches(of document: JSONValue) throws(VaultError) -> [Section: [String: JSONValue]] {
    guard let members = (document["sections"] ?? document).objectValue else {
      throw VaultError(.invalid, "The sections are a JSON object.", field: "sections")
    }
    var patches: [Section: [String: JSONValue]] = [:]
    for (name, value) in members {
      guard let section = Section(rawValue: name) else {
        throw VaultError(
          .invalid, "There is a section that no form has.",
          hint: "Sections are \(Section.allCases.map(\.rawValue).joined(separator: ", ")).", field: "sections")
      }
      guard let fields = value.objectValue else {
        throw VaultError(.invalid, "A section is a JSON object of its fields.", field: section.rawValue)
      }
      patches[section] = fields
    }
    guard !patches.isEmpty else {
      throw VaultError(
        .invalid, "The patch names no section.",
        hint: "Sections are \(Section.allCases.map(\.rawValue).joined(separator: ", ")).", field: "sections")
    }
    return patches
  }

  static func object(_ json: [UInt8]) throws(VaultError) -> [String: JSONValue] {
    guard let value = try? JSONValue.parse(json, limits: .stored), let object = value.objectValue else {
      throw .tampered("A section")
    }
    return object
  }
}

extension JSONLimits {
  /// A section of ours: 256 KiB by the forms' own bound, and nothing more than they allow.
  static let stored = JSONLimits(byteCountMax: 1 << 20, depthMax: 16, memberCountMax: 10_000)
}
