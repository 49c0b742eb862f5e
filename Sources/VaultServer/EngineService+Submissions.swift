public import VaultAPI
import VaultEngine
public import VaultModel

// What services hand in, and what officers make of it.
extension EngineService {
  public func openSlot(_ call: Call, programme: ProgrammeID) async throws(Problem) -> Answer<SlotAnswer> {
    let slot = try await problems { () async throws(VaultError) in
      try await vault.submissionSlot(in: programme, by: call.caller)
    }
    return Answer(
      SlotAnswer(
        id: slot.id.description, ticket: slot.ticket, vault: slot.vaultID,
        sections: slot.parts.map { SlotAnswer.Part(section: $0.section, epoch: $0.epoch, key: $0.publicKey) }))
  }

  public func submit(
    _ call: Call, programme: ProgrammeID, _ request: SubmissionRequest
  ) async throws(Problem) -> Answer<SubmissionReceipt> {
    guard let id = try? RecordID(canonical: request.id) else {
      throw Problem(.invalid, "This is not an id that a slot had.", field: "id")
    }
    let submission = SealedSubmission(id: id, ticket: request.ticket, sections: request.sections.map(\.sealed))
    let taken = try await problems { () async throws(VaultError) in
      try await vault.receive(submission, in: programme, by: call.caller)
    }
    return Answer(
      SubmissionReceipt(id: taken.value.id.description, received: taken.value.received.text),
      auditIndex: taken.entryIndex)
  }

  public func listSubmissions(_ call: Call, programme: String?) async throws(Problem) -> Answer<SubmissionsAnswer> {
    let programme = try programme.map { text throws(Problem) in try programmeID(text) }
    let listed = try await problems { () async throws(VaultError) in
      try await vault.submissions(in: programme, by: call.caller)
    }
    return Answer(
      SubmissionsAnswer(
        submissions: listed.value.rows.map { row in
          SubmissionRow(
            id: row.id.description, programme: row.programme.description, service: row.service.description,
            received: row.received.text, sections: row.sections.map(\.rawValue), byteCount: row.byteCount)
        }, waiting: UInt64(listed.value.waiting)), auditIndex: listed.entryIndex)
  }

  public func readSubmission(_ call: Call, id: RecordID) async throws(Problem) -> Answer<SubmissionDocument> {
    let read = try await problems { () async throws(VaultError) in
      try await vault.readSubmission(id, by: call.caller)
    }
    let opened = read.value
    return Answer(
      SubmissionDocument(
        row: SubmissionRow(
          id: id.description, programme: opened.programme.description, service: opened.service.description,
          received: opened.received.text, sections: opened.sections.map(\.section.rawValue), byteCount: 0),
        sections: opened.sections,
        faults: opened.faults.map { fault in
          FaultRow(
            field: fault.section.rawValue + (fault.field.isEmpty ? "" : ".\(fault.field)"), detail: fault.detail)
        }, possibleDuplicates: opened.possibleDuplicates.map(\.description)), auditIndex: read.entryIndex)
  }

  public func acceptSubmission(
    _ call: Call, id: RecordID, version: UInt64?, _ request: AcceptanceRequest
  ) async throws(Problem) -> Answer<RecordSaved> {
    let record = try request.into.map { text throws(Problem) in
      guard let id = try? RecordID(canonical: text) else {
        throw Problem(.invalid, "This is not a record's id.", field: "into")
      }
      return id
    }
    let saved = try await problems { () async throws(VaultError) in
      if let record {
        return try await vault.mergeSubmission(
          id, into: record, ifVersion: version, corrections: request.corrections, by: call.caller)
      }
      return try await vault.acceptSubmission(id, corrections: request.corrections, by: call.caller)
    }
    return Answer(RecordSaved(saved.value), auditIndex: saved.entryIndex)
  }

  public func rejectSubmission(
    _ call: Call, id: RecordID, _ request: RejectionRequest
  ) async throws(Problem) -> Answer<Void> {
    let done = try await problems { () async throws(VaultError) in
      try await vault.rejectSubmission(id, reason: request.reason, by: call.caller)
    }
    return Answer((), auditIndex: done.entryIndex)
  }
}
