public import VaultAPI
import VaultCrypto
public import VaultModel

extension VaultClient {
  /// Seals sections to a programme, on this side of the socket, and hands them in. Needs a session that was opened with
  /// the same key; what was sent cannot be read back.
  ///
  /// - Parameter sections: section names to objects of fields.
  public func submit(
    _ sections: [Section: [String: JSONValue]], programme: String, signingWith key: ServiceKey
  ) async throws(ClientError) -> SubmissionReceipt {
    let slot = try await message(SlotAnswer.self, .openSlot, VaultOperation.openSlot.path(programme))
    guard let vault = HexBytes.decode(slot.vault), let id = try? RecordID(canonical: slot.id),
      let programmeID = try? ProgrammeID(programme)
    else { throw ClientError(.garbled, "The slot is not as expected.") }
    var parts: [SubmissionRequest.Part] = []
    for (section, values) in sections.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      guard let target = slot.sections.first(where: { $0.section == section }),
        let publicKey = try? SealingKey(target.key)
      else { throw ClientError(.denied, "This account may not submit the section \(section.rawValue).") }
      let place = SubmissionPlace(vault: vault, submission: id, compartment: .section(programmeID, section))
      var json = JSONValue.object(values).canonicalBytes()
      defer { WipedBytes.wipe(&json) }
      do throws(CryptoError) {
        parts.append(
          SubmissionRequest.Part(
            try SealedSection.seal(
              json, section: section, at: place, to: publicKey, epoch: target.epoch, signing: key.signing)))
      } catch { throw ClientError(.garbled, "The programme's key is none that one can seal to.") }
    }
    let request = SubmissionRequest(id: slot.id, ticket: slot.ticket, sections: parts)
    return try await message(
      SubmissionReceipt.self, .submit, VaultOperation.submit.path(programme), body: Self.body(request))
  }

  /// What waits, oldest first.
  public func submissions(programme: String? = nil) async throws(ClientError) -> SubmissionsAnswer {
    try await message(
      SubmissionsAnswer.self, .listSubmissions, VaultOperation.listSubmissions.path(),
      query: [("programme", programme)])
  }

  public func submission(
    id: String, purpose: Purpose?, reason: String? = nil
  ) async throws(ClientError) -> SubmissionAnswer {
    let json = try await json(
      .readSubmission, VaultOperation.readSubmission.path(id), headers: Self.purpose(purpose, reason))
    do { return try SubmissionAnswer(json: json) } catch { throw Self.garbled(error) }
  }

  /// - Parameters:
  ///   - record: to add it to, at `version`; nil makes a record of its own.
  ///   - corrections: merge patch of the sections.
  ///   - idempotencyKey: makes a repetition of the same request harmless.
  public func accept(
    submission id: String, into record: String? = nil, version: UInt64? = nil, corrections: JSONValue? = nil,
    idempotencyKey: String? = nil
  ) async throws(ClientError) -> RecordSaved {
    try await message(
      RecordSaved.self, .acceptSubmission, VaultOperation.acceptSubmission.path(id),
      headers: [(HeaderName.ifMatch, version.map { "\"\($0)\"" }), (HeaderName.idempotencyKey, idempotencyKey)],
      body: Self.body(AcceptanceRequest(into: record, corrections: corrections)))
  }

  public func reject(submission id: String, reason: String) async throws(ClientError) {
    _ = try await send(
      .rejectSubmission, VaultOperation.rejectSubmission.path(id), body: Self.body(RejectionRequest(reason: reason)))
  }
}
