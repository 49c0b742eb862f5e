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

  // MARK: Bars

  public func bar(_ call: Call, id: RecordID, _ request: BarRequest) async throws(Problem) -> Answer<RecordChanged> {
    let account = try accountName(request.account, field: "account")
    let done = try await problems { () async throws(VaultError) in
      try await vault.bar(account, from: id, by: call.caller)
    }
    return Answer(RecordChanged(id: id.description, version: done.value), auditIndex: done.entryIndex)
  }

  public func unbar(_ call: Call, id: RecordID, account: AccountName) async throws(Problem) -> Answer<RecordChanged> {
    let done = try await problems { () async throws(VaultError) in
      try await vault.unbar(account, from: id, by: call.caller)
    }
    return Answer(RecordChanged(id: id.description, version: done.value), auditIndex: done.entryIndex)
  }

  public func listBars(_ call: Call) async throws(Problem) -> Answer<BarsAnswer> {
    let listed = try await problems { () async throws(VaultError) in try await vault.bars(by: call.caller) }
    return Answer(
      BarsAnswer(
        bars: listed.value.map {
          BarRow(
            record: $0.record.description, programme: $0.programme.description, account: $0.account.description)
        }), auditIndex: listed.entryIndex)
  }

  // MARK: Restrictions

  public func restrict(
    _ call: Call, id: RecordID, _ request: RestrictionRequest
  ) async throws(Problem) -> Answer<RestrictionAnswer> {
    let names = try request.accounts.map { name throws(Problem) in try accountName(name, field: "accounts") }
    let done = try await problems { () async throws(VaultError) in
      try await vault.restrict(id, to: names, by: call.caller)
    }
    let warnings =
      done.value.hasNoSupervisor
      ? ["No supervisor is among them: nobody can give the record back to its programme alone."] : []
    return Answer(
      RestrictionAnswer(
        id: id.description, version: done.value.version, accounts: done.value.named.map(\.description),
        ended: done.value.ended, warnings: warnings), auditIndex: done.entryIndex)
  }

  public func unrestrict(_ call: Call, id: RecordID) async throws(Problem) -> Answer<RecordChanged> {
    let done = try await problems { () async throws(VaultError) in try await vault.unrestrict(id, by: call.caller) }
    return Answer(RecordChanged(id: id.description, version: done.value), auditIndex: done.entryIndex)
  }

  // MARK: Emergencies

  public func breakGlass(
    _ call: Call, id: RecordID, _ request: EmergencyRequest
  ) async throws(Problem) -> Answer<ApprovalRow> {
    let made = try await problems { () async throws(VaultError) in
      try await vault.breakGlass(id, seconds: request.seconds, by: call.caller)
    }
    return Answer(ApprovalRow(made.value), auditIndex: made.entryIndex)
  }

  public func listEmergencies(_ call: Call) async throws(Problem) -> Answer<EmergenciesAnswer> {
    let listed = try await problems { () async throws(VaultError) in
      try await vault.emergencies(isOpenOnly: true, by: call.caller)
    }
    return Answer(
      EmergenciesAnswer(emergencies: listed.value.map { EmergencyRow($0) }), auditIndex: listed.entryIndex)
  }

  public func reviewEmergency(
    _ call: Call, request: String, _ review: EmergencyReviewRequest
  ) async throws(Problem) -> Answer<EmergencyRow> {
    let done = try await problems { () async throws(VaultError) in
      try await vault.reviewEmergency(request, note: review.note, by: call.caller)
    }
    return Answer(EmergencyRow(done.value), auditIndex: done.entryIndex)
  }

  public func recordAccess(_ call: Call, id: RecordID) async throws(Problem) -> Answer<AccessAnswer> {
    let access = try await problems { () async throws(VaultError) in try await vault.access(to: id, by: call.caller) }
    return Answer(AccessAnswer(access.value), auditIndex: access.entryIndex)
  }
}

extension EmergencyRow {
  init(_ emergency: Vault.Emergency) {
    self.init(
      request: emergency.request, record: emergency.record.description, programme: emergency.programme.description,
      account: emergency.account.description, by: emergency.granter.description, made: emergency.made.text,
      until: emergency.until.text, active: emergency.isGoingOn, reviewer: emergency.reviewer?.description,
      reviewed: emergency.reviewed?.text)
  }
}

extension AccessAnswer {
  init(_ access: Vault.RecordAccess) {
    self.init(
      id: access.id.description, programme: access.programme.description, version: access.version,
      restrictedTo: access.named.map(\.description),
      referrals: access.referrals.map {
        Referral(
          to: $0.receiver, sections: $0.sections, until: $0.until.text, by: $0.referrer.description,
          made: $0.made.text)
      },
      emergencies: access.emergencies.map {
        Emergency(
          account: $0.account.description, until: $0.until.text, request: $0.request, by: $0.granter.description)
      },
      barred: access.barred?.map(\.description), stale: access.stale)
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
