import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// Where a service may put its next submission: an id, and the keys to seal to.
  public struct SubmissionSlot: Sendable {
    public struct Part: Sendable {
      public let section: Section
      public let epoch: UInt64
      /// The compartment's public key, 32 bytes, as the signed manifest names it.
      public let publicKey: [UInt8]
    }

    public let id: RecordID
    public let ticket: [UInt8]
    /// The vault's id, in hexadecimal.
    public let vaultID: String
    public let parts: [Part]
  }

  public struct Received: Sendable {
    public let id: RecordID
    public let received: Timestamp
  }

  private static let scope = "submission"

  /// Public keys and a fresh id: nothing is decided or shown yet, so there is an entry for a refusal only.
  public func submissionSlot(
    in programme: ProgrammeID, by caller: Caller
  ) async throws(VaultError) -> SubmissionSlot {
    try await witnessed(.submissionSend, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme.description
      try gate.check(session, .create, in: programme)
      try demandFounded()
      let parts = Section.allCases.compactMap { section -> SubmissionSlot.Part? in
        guard gate.allows(session, .submit, section, in: programme),
          let held = session.held(.section(programme, section))
        else { return nil }
        return SubmissionSlot.Part(section: section, epoch: held.newest, publicKey: held.publicKey.bytes)
      }
      if parts.isEmpty { try gate.check(session, .submit, .contact, in: programme) }
      let id = freshID()
      return SubmissionSlot(
        id: id, ticket: slotTicket(id, programme, session.account), vaultID: hexadecimal(keys.vault), parts: parts)
    }
  }

  /// Shows that this vault gave this id to this service, without keeping which it gave: nobody can aim at an id.
  private func slotTicket(_ id: RecordID, _ programme: ProgrammeID, _ service: AccountName) -> [UInt8] {
    var encoding = CanonicalEncoding("submission-slot")
    encoding.append(id.bytes)
    encoding.append(programme.description)
    encoding.append(service.description)
    return Array(keys.requestHash(encoding.bytes).prefix(SealedSubmission.ticketByteCount))
  }

  /// Takes what a service has sealed itself. The vault cannot read it, so whether it is valid shows when an officer
  /// opens it. The same submission sent twice is one.
  public func receive(
    _ submission: SealedSubmission, in programme: ProgrammeID, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Received> {
    try await witnessed(.submissionSend, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme.description
      try gate.check(session, .create, in: programme)
      try demandFounded()
      guard equalInConstantTime(submission.ticket, slotTicket(submission.id, programme, session.account)) else {
        throw VaultError(
          .invalid, "This id was not given to this service for this programme.",
          hint: "Ask for a slot, and send its id and ticket back.", field: "ticket")
      }
      entry.record = submission.id.description
      let sections = submission.sections
      entry.sections = sections.map(\.section.rawValue).sorted()
      guard (1...Section.allCases.count).contains(sections.count), Set(sections.map(\.section)).count == sections.count
      else { throw VaultError(.invalid, "A submission has each of its sections once.", field: "sections") }
      for sealed in sections {
        let field = "sections.\(sealed.section.rawValue)"
        try gate.check(session, .submit, sealed.section, in: programme)
        guard let held = session.held(.section(programme, sealed.section)), held.newest == sealed.epoch else {
          throw VaultError(
            .conflict, "The programme's key for this section is another one now.", hint: "Ask for a slot again.",
            field: field)
        }
        let place = SubmissionPlace(
          vault: keys.vault, submission: submission.id, compartment: .section(programme, sealed.section))
        do { try sealed.check(at: place, author: session.memberKeys.verifying) } catch {
          throw VaultError(
            .invalid, "The section is not sealed and signed as the format says.",
            hint: "See docs/services.md; the signature covers the slot's id, the section, the epoch and the body.",
            field: field)
        }
      }
      var request = CanonicalEncoding("submission-request")
      for sealed in sections.sorted(by: { $0.section.rawValue < $1.section.rawValue }) {
        request.append(SHA256.hash(sealed.body))
        request.append(SHA256.hash(sealed.sealedKey))
      }
      let retry = (
        row: RetryMemory.rowKey(keys, scope: Vault.scope, key: submission.id.description),
        hash: keys.requestHash(request.bytes)
      )
      let received = clock.now()
      do throws(VaultError) {
        return try await put(
          sections, id: submission.id, in: programme, received: received, retry: retry, session, &entry)
      } catch {
        // Sent twice, at once or later: the first was taken, and its answer is ours.
        guard error.code == .conflict, let known = try remembered(retry.row) else { throw error }
        guard equalInConstantTime(known.requestHash, retry.hash) else {
          throw VaultError(.retryMismatch, "This id was used for another submission.", hint: "Ask for a slot again.")
        }
        entry.detail = "retry"
        return Witnessed(
          value: Received(id: submission.id, received: received), entryIndex: try await submit(entry))
      }
    }
  }

  /// The rows of a submission, within the service's quota.
  private func put(
    _ sections: [SealedSection], id: RecordID, in programme: ProgrammeID, received: Timestamp,
    retry: (row: [UInt8], hash: [UInt8])?, _ session: Session, _ entry: inout PendingEntry
  ) async throws(VaultError) -> Witnessed<Received> {
    if let retry, try remembered(retry.row) != nil { throw VaultError(.conflict, "It was taken already.") }
    let rows = SubmissionRows.new(
      sections, id: id, programme: programme, service: session.account, received: received, keys: keys)
    try submissions.admit(rows.head, bootNow: clock.bootNanoseconds())
    for sealed in sections { entry.epochs[.section(programme, sealed.section)] = sealed.epoch }
    var changes = rows.changes
    if let retry { changes.append(remember(retry, as: id, version: 1)) }
    do throws(VaultError) {
      return Witnessed(
        value: Received(id: id, received: received), entryIndex: try await submit(entry, changes: changes))
    } catch {
      submissions.takeBack(rows.head)
      throw error
    }
  }

  /// A service that hands in plain sections, over a session that holds its keys: sealed here, and it waits likewise.
  func submitInClear(
    _ sections: [Section: [String: JSONValue]], in programme: ProgrammeID, retry: (row: [UInt8], hash: [UInt8])?,
    _ session: Session, _ entry: inout PendingEntry
  ) async throws(VaultError) -> Witnessed<Saved> {
    guard let secrets = session.secrets else {
      throw VaultError(
        .denied, "This session was opened by signature: what it hands in, the service seals itself.",
        hint: "Use vaultsh submit, or POST …/submissions as docs/services.md says.")
    }
    let id = freshID()
    entry.record = id.description
    var sealed: [SealedSection] = []
    for (section, values) in sections {
      guard let held = session.held(.section(programme, section)) else {
        throw VaultError(.denied, "This account may not submit that section.")
      }
      let place = SubmissionPlace(
        vault: keys.vault, submission: id, compartment: .section(programme, section))
      var json = JSONValue.object(values).canonicalBytes()
      defer { wipe(&json) }
      let part = try onStored("A submission") {
        try SealedSection.seal(
          json, section: section, at: place, to: held.publicKey, epoch: held.newest, signing: secrets.signing)
      }
      sealed.append(part)
    }
    let taken = try await put(
      sealed, id: id, in: programme, received: clock.now(), retry: retry, session, &entry)
    return Witnessed(
      value: Saved(id: id, version: 1, incomplete: forms.incomplete(sections), possibleDuplicates: []),
      entryIndex: taken.entryIndex)
  }
}
