public import VaultAPI
import VaultCrypto
import VaultEngine
public import VaultModel

/// People leave: suspension, replacement, handing over, new keys.
extension EngineService {
  public func suspendAccount(_ call: Call, account: AccountName) async throws(Problem) -> Answer<SuspensionAnswer> {
    let done = try await problems { () async throws(VaultError) in try await vault.suspend(account, by: call.caller) }
    return Answer(SuspensionAnswer(done.value), auditIndex: done.entryIndex)
  }

  public func replaceAccount(_ call: Call, account: AccountName) async throws(Problem) -> Answer<ReplacementAnswer> {
    let done = try await problems { () async throws(VaultError) in
      try await vault.replaceAccount(account, by: call.caller)
    }
    // As with an invitation: it leaves once, in an answer that is wiped after sending.
    let code = done.value.code.text.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
    return Answer(
      ReplacementAnswer(
        account: account.description, code: code, expires: done.value.expires.text,
        sessionsEnded: UInt64(done.value.sessionsEnded), pending: done.value.pending),
      auditIndex: done.entryIndex)
  }

  public func grantAudit(_ call: Call, _ request: GrantRequest) async throws(Problem) -> Answer<GrantAnswer> {
    let account = try accountName(request.account, field: "account")
    guard request.expires == nil else {
      throw Problem(.invalid, "An auditor's grant has no end.", hint: "Take them out with revoke.", field: "expires")
    }
    let done = try await problems { () async throws(VaultError) in
      try await vault.grantAudit(account, fingerprint: request.fingerprint, by: call.caller)
    }
    return Answer(GrantAnswer(done.value), auditIndex: done.entryIndex)
  }

  public func revokeAudit(_ call: Call, account: AccountName) async throws(Problem) -> Answer<GrantAnswer> {
    let done = try await problems { () async throws(VaultError) in
      try await vault.revokeAudit(account, by: call.caller)
    }
    return Answer(GrantAnswer(done.value), auditIndex: done.entryIndex)
  }

  public func reassign(
    _ call: Call, _ request: ReassignmentRequest
  ) async throws(Problem) -> Answer<ReassignmentAnswer> {
    let from = try accountName(request.from, field: "from")
    let to = try accountName(request.to, field: "to")
    let programme = try request.programme.map { text throws(Problem) in try programmeID(text) }
    let done = try await problems { () async throws(VaultError) in
      try await vault.reassign(from: from, to: to, in: programme, by: call.caller)
    }
    return Answer(
      ReassignmentAnswer(
        moved: done.value.moved.map(\.description), left: UInt64(done.value.left),
        refused: UInt64(done.value.refused)),
      auditIndex: done.entryIndex)
  }

  public func rekey(_ call: Call, _ request: RekeyRequest) async throws(Problem) -> Answer<RekeyAnswer> {
    let programme = try request.programme.map { text throws(Problem) in try programmeID(text) }
    let done = try await problems { () async throws(VaultError) in
      try await vault.rekey(programme, deep: request.deep, by: call.caller)
    }
    return Answer(RekeyAnswer(done.value), auditIndex: done.entryIndex)
  }

  public func rekeyProgress(_ call: Call) async throws(Problem) -> Answer<RekeyAnswer> {
    Answer(
      RekeyAnswer(
        try await problems { () async throws(VaultError) in try await vault.rekeyProgress(by: call.caller) }))
  }
}

extension RekeyAnswer {
  init(_ progress: [Vault.RekeyProgress]) {
    self.init(
      programmes: progress.map {
        RekeyRow(
          programme: $0.programme.description, left: UInt64($0.left), total: UInt64($0.total), deep: $0.isDeep,
          waitsForSupervisor: $0.waitsForSupervisor)
      })
  }
}
