public import VaultAPI
import VaultEngine
public import VaultModel

extension EngineService {
  public func previewReferral(
    _ call: Call, id: RecordID, _ request: ReferralRequest
  ) async throws(Problem) -> Answer<ReferralAnswer> {
    let until = try timestamp(request.until, field: "until")
    let view = try await problems { () async throws(VaultError) in
      try await vault.previewReferral(
        of: id, to: request.to, sections: request.sections, until: until, by: call.caller)
    }
    return Answer(ReferralAnswer(view.value), auditIndex: view.entryIndex)
  }

  public func refer(
    _ call: Call, id: RecordID, _ request: ReferralRequest
  ) async throws(Problem) -> Answer<ReferralAnswer> {
    let until = try timestamp(request.until, field: "until")
    let made = try await problems { () async throws(VaultError) in
      try await vault.refer(id, to: request.to, sections: request.sections, until: until, by: call.caller)
    }
    return Answer(ReferralAnswer(made.value), auditIndex: made.entryIndex)
  }

  public func unrefer(_ call: Call, id: RecordID, receiver: String) async throws(Problem) -> Answer<RecordChanged> {
    let ended = try await problems { () async throws(VaultError) in
      try await vault.unrefer(id, from: receiver, by: call.caller)
    }
    return Answer(RecordChanged(id: id.description, version: ended.value), auditIndex: ended.entryIndex)
  }
}

extension ReferralAnswer {
  init(_ view: Vault.ReferralView) {
    self.init(
      id: view.id.description, version: view.version, to: view.receiver, until: view.until.text, sees: view.sees,
      empty: view.empty, seesNot: view.seesNot,
      readers: view.readers.map { Reader(account: $0.account.description, role: $0.role, sections: $0.sections) },
      found: view.isFound, replaces: view.replaces)
  }
}
