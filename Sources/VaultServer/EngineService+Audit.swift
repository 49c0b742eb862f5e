import AccessLog
import Foundation
public import VaultAPI
import VaultEngine
import VaultModel

// The access log: reading, disclosing, signing off and proving it.
extension EngineService {
  public func auditEntries(_ call: Call, _ query: AuditQuery) async throws(Problem) -> Answer<AuditEntries> {
    let filter = try AuditFilter(query)
    let read = try await problems { () async throws(VaultError) in
      try await vault.auditEntries(filter, by: call.caller)
    }
    let page = read.value
    return Answer(
      AuditEntries(
        entries: page.entries.map { AuditEntry($0) }, next: page.next, scanned: page.scanned, size: page.size),
      auditIndex: read.entryIndex)
  }

  public func revealText(_ call: Call, index: UInt64) async throws(Problem) -> Answer<RevealedText> {
    let revealed = try await problems { () async throws(VaultError) in
      try await vault.reveal(index, by: call.caller)
    }
    return Answer(RevealedText(index: index, text: revealed.value), auditIndex: revealed.entryIndex)
  }

  public func disclose(_ call: Call, _ request: DisclosureRequest) async throws(Problem) -> Answer<DisclosuresAnswer> {
    let disclosed = try await problems { () async throws(VaultError) in
      try await vault.disclose(request.indexes, by: call.caller)
    }
    return Answer(
      DisclosuresAnswer(disclosures: disclosed.value.map { AuditDisclosure($0) }), auditIndex: disclosed.entryIndex)
  }

  public func signOff(_ call: Call, _ request: SignOffRequest) async throws(Problem) -> Answer<SignOffRow> {
    let signed = try await problems { () async throws(VaultError) in
      try await vault.signOff(upTo: request.upto, remark: request.note, by: call.caller)
    }
    return Answer(SignOffRow(signed.value), auditIndex: signed.entryIndex)
  }

  public func listSignOffs(_ call: Call) async throws(Problem) -> Answer<SignOffsAnswer> {
    let listed = try await problems { () async throws(VaultError) in try await vault.signOffs(by: call.caller) }
    return Answer(
      SignOffsAnswer(signoffs: listed.value.signOffs.map { SignOffRow($0) }, size: listed.value.size),
      auditIndex: listed.entryIndex)
  }

  // MARK: Proofs

  public func checkpoint(
    _ call: Call, for use: VaultAPI.LogUse, log: UInt64?
  ) async throws(Problem) -> Answer<[UInt8]> {
    let checkpoint = try await problems { () async throws(VaultError) in
      try await vault.checkpoint(for: LogUse(use), ofLog: log, by: call.caller)
    }
    return Answer(checkpoint.value, auditIndex: checkpoint.entryIndex)
  }

  public func consistencyProof(
    _ call: Call, from: UInt64, to: UInt64, log: UInt64?
  ) async throws(Problem) -> Answer<ProofAnswer> {
    let proof = try await problems { () async throws(VaultError) in
      try await vault.consistencyProof(from: from, to: to, ofLog: log, by: call.caller)
    }
    return Answer(
      ProofAnswer(from: from, to: to, hashes: proof.value.hashes.map(\.description)), auditIndex: proof.entryIndex)
  }

  public func inclusionProof(_ call: Call, index: UInt64, size: UInt64) async throws(Problem) -> Answer<ProofAnswer> {
    let proof = try await problems { () async throws(VaultError) in
      try await vault.inclusionProof(of: index, size: size, by: call.caller)
    }
    return Answer(
      ProofAnswer(from: index, to: size, hashes: proof.value.hashes.map(\.description)), auditIndex: proof.entryIndex)
  }

  public func tile(
    _ call: Call, path: String, for use: VaultAPI.LogUse, log: UInt64?
  ) async throws(Problem) -> Answer<[UInt8]> {
    let tile = try await problems { () async throws(VaultError) in
      try await vault.tile(path, for: LogUse(use), ofLog: log, by: call.caller)
    }
    return Answer(tile.value, auditIndex: tile.entryIndex)
  }
}

extension VaultEngine.LogUse {
  fileprivate init(_ use: VaultAPI.LogUse) {
    switch use {
    case .verify: self = .verify
    case .export: self = .export
    }
  }
}

extension AuditFilter {
  fileprivate init(_ query: AuditQuery) throws(Problem) {
    self.init()
    record = try query.record.map { text throws(Problem) in
      guard let id = try? RecordID(typed: text) else {
        throw Problem(.invalid, "This is not a record's id.", field: "record")
      }
      return id
    }
    account = try query.account.map { text throws(Problem) in try accountName(text, field: "account") }
    programme = try query.programme.map { text throws(Problem) in try programmeID(text) }
    action = try query.action.map { text throws(Problem) in
      guard Action.isKnown(text) else {
        // An empty list would read as if nothing of the kind had happened.
        let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(.invalid, "This is not an action of the log.", hint: "The actions are \(names).", field: "action")
      }
      return text
    }
    outcome = query.outcome.map { LogEntry.Outcome($0) }
    purpose = try query.purpose.map { text throws(Problem) in
      guard let purpose = Purpose(rawValue: text) else {
        let names = Purpose.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(.invalid, "This is not a purpose: \(names).", field: "purpose")
      }
      return purpose
    }
    since = try query.since.map { text throws(Problem) in try timestamp(text, field: "since") }
    until = try query.until.map { text throws(Problem) in try timestamp(text, field: "until") }
    isUnassigned = query.unassigned
    // Refused where it is unknown even if nothing asks for it: a misspelt zone must not pass for another one.
    guard let offHours = OffHours(timeZone: query.timeZone) else {
      throw Problem(
        .invalid, "This is not a time zone's name.", hint: "Such as Europe/London or Asia/Kolkata.", field: "timeZone")
    }
    if query.offHours { self.offHours = offHours }
    after = query.after
    if let limit = query.limit { self.limit = limit }
  }
}

extension LogEntry.Outcome {
  fileprivate init(_ outcome: Outcome) {
    switch outcome {
    case .allowed: self = .allowed
    case .denied: self = .denied
    case .failed: self = .failed
    }
  }
}

extension AuditEntry {
  /// - Parameter hasReason: false where the words beside the log are to stay there.
  fileprivate init(_ audited: Vault.AuditedEntry, hasReason: Bool = true) {
    let entry = audited.entry
    let outcome: Outcome =
      switch entry.outcome {
      case .allowed: .allowed
      case .denied: .denied
      case .failed: .failed
      }
    let assignment: Assignment? = entry.assignment.map {
      switch $0 {
      case .owner: .owner
      case .team: .team
      case .none: .unassigned
      }
    }
    let text: TextState? = audited.text.map {
      switch $0 {
      case .kept: .kept
      case .masked: .masked
      case .erased: .erased
      }
    }
    self.init(
      index: audited.index, time: audited.time.text, account: entry.account, uid: entry.uid ?? 0, action: entry.action,
      record: entry.record, sections: entry.sections, purpose: entry.purpose, outcome: outcome, results: entry.results,
      reason: hasReason ? audited.freeText : nil, programme: entry.programme, detail: entry.detail,
      assignment: assignment, approval: entry.approval, count: entry.count, text: text)
  }
}

extension AuditDisclosure {
  fileprivate init(_ disclosure: Vault.Disclosure) {
    let key = disclosure.key.withBytes { bytes in unsafe Data(bytes).base64EncodedString() }
    self.init(
      index: disclosure.entry.index, key: key, entry: AuditEntry(disclosure.entry, hasReason: false))
  }
}

extension SignOffRow {
  fileprivate init(_ signOff: Vault.SignOff) {
    self.init(
      size: signOff.checkpoint.size, root: signOff.checkpoint.root.description, account: signOff.account.description,
      time: signOff.time.text, remark: signOff.remark,
      note: String(decoding: signOff.checkpoint.encoded, as: UTF8.self),
      key: signOff.key.vkey)
  }
}
