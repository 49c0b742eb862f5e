public import VaultAPI
public import VaultModel

extension VaultClient {
  public func addAccount(name: String, role: Role, uid: BoundUID) async throws(ClientError) -> InvitationAnswer {
    let request = AccountRequest(name: name, role: role, uid: uid)
    return try await message(
      InvitationAnswer.self, .addAccount, VaultOperation.addAccount.path(), body: Self.body(request))
  }

  public func accounts() async throws(ClientError) -> [AccountRow] {
    try await message(AccountsAnswer.self, .listAccounts, VaultOperation.listAccounts.path()).accounts
  }

  public func suspend(account: String) async throws(ClientError) -> SuspensionAnswer {
    try await message(SuspensionAnswer.self, .suspendAccount, VaultOperation.suspendAccount.path(account))
  }

  public func replace(account: String) async throws(ClientError) -> ReplacementAnswer {
    try await message(ReplacementAnswer.self, .replaceAccount, VaultOperation.replaceAccount.path(account))
  }

  public func grantAudit(account: String, fingerprint: String) async throws(ClientError) -> GrantAnswer {
    let request = GrantRequest(account: account, fingerprint: fingerprint)
    return try await message(GrantAnswer.self, .grantAudit, VaultOperation.grantAudit.path(), body: Self.body(request))
  }

  public func revokeAudit(account: String) async throws(ClientError) -> GrantAnswer {
    try await message(GrantAnswer.self, .revokeAudit, VaultOperation.revokeAudit.path(account))
  }

  /// One step: ask again until nothing is left, or nothing moves.
  public func reassign(
    from: String, to: String, programme: String? = nil
  ) async throws(ClientError) -> ReassignmentAnswer {
    let request = ReassignmentRequest(from: from, to: to, programme: programme)
    return try await message(
      ReassignmentAnswer.self, .reassign, VaultOperation.reassign.path(), body: Self.body(request))
  }

  public func rekey(programme: String? = nil, deep: Bool = false) async throws(ClientError) -> RekeyAnswer {
    let request = RekeyRequest(programme: programme, deep: deep)
    return try await message(RekeyAnswer.self, .rekey, VaultOperation.rekey.path(), body: Self.body(request))
  }

  public func rekeyProgress() async throws(ClientError) -> RekeyAnswer {
    try await message(RekeyAnswer.self, .rekeyProgress, VaultOperation.rekeyProgress.path())
  }

  /// Enrols with a passphrase of the person's own choice.
  public func enrol(
    account: String, code: WipedBytes, passphrase: WipedBytes
  ) async throws(ClientError) -> EnrolmentAnswer {
    let body = SecretText.object(texts: [("account", account)], secrets: [("code", code), ("passphrase", passphrase)])
    return try await message(EnrolmentAnswer.self, .enrol, VaultOperation.enrol.path(), body: body)
  }

  /// Enrols with a key that the daemon draws; `key` is to be written to a file and is not seen again.
  public func enrolWithNewKey(
    account: String, code: WipedBytes
  ) async throws(ClientError) -> (answer: EnrolmentAnswer, key: WipedBytes) {
    let body = SecretText.object(texts: [("account", account)], flags: ["newKey"], secrets: [("code", code)])
    var raw = try await send(.enrol, VaultOperation.enrol.path(), body: body)
    defer { WipedBytes.wipe(&raw.body) }
    let secrets: SecretObject
    do {
      secrets = try unsafe SecretObject(parsing: raw.body.span.bytes, allowing: ["account", "fingerprint", "key"])
    } catch { throw ClientError(.garbled, "The answer is not as expected.") }
    guard let name = secrets.text("account"), let fingerprint = secrets.text("fingerprint"),
      let key = secrets.withBytes(of: "key", { WipedBytes(copying: $0) })
    else { throw ClientError(.garbled, "The answer has no key.") }
    return (EnrolmentAnswer(account: name, fingerprint: fingerprint), key)
  }

  public func addProgramme(id: String, title: String) async throws(ClientError) -> ProgrammeRow {
    let request = ProgrammeRequest(id: id, title: title)
    return try await message(
      ProgrammeRow.self, .addProgramme, VaultOperation.addProgramme.path(), body: Self.body(request))
  }

  public func programmes() async throws(ClientError) -> [ProgrammeRow] {
    try await message(ProgrammesAnswer.self, .listProgrammes, VaultOperation.listProgrammes.path()).programmes
  }

  public func grant(
    account: String, programme: String, fingerprint: String, expires: String? = nil, may: ServiceTerms? = nil
  ) async throws(ClientError) -> GrantAnswer {
    let request = GrantRequest(
      account: account, fingerprint: fingerprint, expires: expires, may: may?.words ?? [])
    return try await message(GrantAnswer.self, .grant, VaultOperation.grant.path(programme), body: Self.body(request))
  }

  /// - Parameter programme: nil revokes all that the account has.
  public func revoke(account: String, programme: String? = nil) async throws(ClientError) -> GrantAnswer {
    guard let programme else {
      return try await message(GrantAnswer.self, .revokeAll, VaultOperation.revokeAll.path(account))
    }
    return try await message(GrantAnswer.self, .revoke, VaultOperation.revoke.path(programme, account))
  }
}
