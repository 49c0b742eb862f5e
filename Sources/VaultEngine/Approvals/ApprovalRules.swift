import VaultCrypto
import VaultModel
import VaultStore

/// What an action is about, looked up from rows that were verified.
struct ActionSubject: Sendable {
  var programme: ProgrammeID?
  var record: RecordID?
  /// The account that an entry names.
  var account: AccountName?
}

extension Vault {
  var register: ApprovalRegister { ApprovalRegister(keys: keys, trust: trust) }

  /// Where the action happens. `notFound` where there is no such thing any more.
  func subject(of action: SensitiveAction, in view: borrowing ReadView) throws -> ActionSubject {
    switch action {
    case .reinstate(let account): return ActionSubject(account: account)
    case .export(let programme, _), .pathway(let programme, _, _): return ActionSubject(programme: programme)
    case .disclose(let record, _, _, _), .erase(let record, _), .breakGlass(let record, _):
      // Also of what is erased: who asked and who approved may still look at the request.
      guard let place = try recordPlace(record, in: view) else { throw VaultError.noRecord() }
      return ActionSubject(programme: place.programme, record: record)
    case .policy, .restoreAccept, .recoveryRecipients: return ActionSubject()
    }
  }

  func presentHead(_ record: RecordID, in view: borrowing ReadView) throws -> RecordHead {
    guard let head = try recordHead(record, in: view)?.head else { throw VaultError.noRecord() }
    return head
  }

  // MARK: Who may ask

  /// As things are now: when it is asked for, and again when it is approved.
  func demandAsker(
    _ name: AccountName, of kind: SensitiveAction.Kind, about subject: ActionSubject, in view: borrowing ReadView
  ) throws {
    guard let account = try trust.account(name, in: view) else { throw VaultError.tampered("An account") }
    let rule = try policy(in: view).rule(for: kind)
    guard rule.askers.contains(account.role) else {
      throw VaultError(
        .denied, "The role \(account.role.rawValue) may not ask for this: \(kind.rawValue).",
        hint: "Who may: \(ApprovalPolicy.words(rule.askers)).")
    }
    guard let programme = subject.programme, !kind.asksFromOutside else { return }
    guard try isMember(account, of: programme, in: view) else { throw Vault.noGrant }
  }

  // MARK: Who may approve

  /// Everything that makes the second person a second person. `request` was verified in the same view.
  func demandApprover(_ session: Session, of request: VerifiedRequest, in view: borrowing ReadView) throws {
    guard session.account != request.request.requester else {
      throw VaultError(.denied, "Nobody approves their own request.", hint: "Ask somebody else who may approve it.")
    }
    try demandApprovingRole(session, of: request.action, in: view)
    if let record = request.action.record, case .head(let head) = try recordPlace(record, in: view),
      head.terms.isBarred(request.request.requester)
    {
      throw VaultError(.denied, "Whoever asked may not know of this record any more.", hint: "Deny it.")
    }
    if request.action.kind == .restoreAccept,
      try trust.account(request.request.requester, in: view)?.role == session.role
    {
      throw VaultError(.denied, "Somebody of your role has accepted it already.", hint: Vault.whoAccepts)
    }
    do {
      try demandAsker(
        request.request.requester, of: request.action.kind, about: subject(of: request.action, in: view), in: view)
    } catch let error as VaultError where error.code == .denied {
      throw VaultError(.denied, "Whoever asked may not ask for this any more.", hint: "Deny it.")
    }
    guard try independence(in: view).areTwo(session.account, request.request.requester) else {
      throw VaultError(
        .denied, "Nobody but one person has vouched for this account and that of the request, so they are not two.",
        hint: "Ask an approver whose account somebody else let in.")
    }
    try demandStanding(request.request.requester, in: view)
    try demandStanding(session.account, in: view)
  }

  /// The role that the policy names and, where the action belongs to a programme, membership in it; or an auditor in the
  /// place of a second supervisor that there is not.
  func demandApprovingRole(_ session: Session, of action: SensitiveAction, in view: borrowing ReadView) throws {
    let rule = try policy(in: view).rule(for: action.kind)
    let programme = try subject(of: action, in: view).programme
    try demandVisible(action, to: session, in: view)
    if session.role == .auditor { try demandLogKey(session) }
    if rule.approvers.contains(session.role) {
      if let programme {
        guard session.isMember(of: programme) else { throw Vault.noGrant }
      } else if session.role != .auditor {
        guard let account = try trust.account(session.account, in: view), try isVouchedFor(account, in: view) else {
          throw VaultError(
            .denied, "Nobody but an administrator has vouched for the keys of this account, so it is no second person.",
            hint: "A supervisor who has compared its six words lets it into a programme first.")
        }
      }
      return
    }
    guard session.role == .auditor, rule.approvers.contains(.supervisor) else {
      throw VaultError(
        .denied, "The role \(session.role.rawValue) may not approve this: \(action.kind.rawValue).",
        hint: "Who may: \(ApprovalPolicy.words(rule.approvers)).")
    }
    guard try supervisors(of: programme, in: view).count <= 1 else {
      throw VaultError(
        .denied, "There is more than one supervisor, so an auditor does not stand in for one.",
        hint: "Ask a supervisor who has not asked for it.")
    }
  }

  /// For whoever is barred from a record it does not exist, and so neither does a request about it.
  func demandVisible(_ action: SensitiveAction, to session: Session, in view: borrowing ReadView) throws {
    guard let record = action.record, case .head(let head) = try recordPlace(record, in: view) else { return }
    try gate.checkExists(session, head)
  }

  /// Active supervisors for whom somebody vouches: of a programme its members, else of the vault.
  private func supervisors(of programme: ProgrammeID?, in view: borrowing ReadView) throws -> Set<AccountName> {
    Set(
      try accountNames(in: view).filter { name in
        guard let account = try trust.account(name, in: view), account.role == .supervisor, account.state == .active
        else { return false }
        guard let programme else { return try isVouchedFor(account, in: view) }
        return try isMember(account, of: programme, in: view)
      })
  }

  /// Whoever asks for a record has to be somebody for whom it is there; and what is to leave, somebody who may read it.
  func demandReadable(_ action: SensitiveAction, by session: Session, in view: borrowing ReadView) throws {
    switch action {
    case .disclose(let record, let sections, _, let version):
      guard let head = try recordHead(record, in: view)?.head else { throw VaultError.noRecord() }
      for section in sections { try gate.check(session, .read, section, of: head, at: clock.now()) }
      guard sections.contains(where: { head.body(of: $0) != nil }) else {
        throw VaultError(.notFound, "The record has none of these sections.", field: "sections")
      }
      guard version == nil || version == head.version else { throw Vault.recordChanged }
    case .erase(let record, _):
      guard let head = try recordHead(record, in: view)?.head else { throw VaultError.noRecord() }
      try gate.checkExists(session, head)
    case .reinstate, .export, .policy, .pathway, .breakGlass, .restoreAccept, .recoveryRecipients: break
    }
  }

  /// Whoever signed is still here.
  func demandStanding(_ name: AccountName, in view: borrowing ReadView) throws {
    guard try trust.account(name, in: view)?.state == .active else {
      throw VaultError(.denied, "Somebody who signed this has been suspended.", hint: "It has to be asked for again.")
    }
  }

  /// Writes an account's row as it is, so that a suspension at the same moment makes one of the two fail.
  func holding(_ name: AccountName, in view: borrowing ReadView) throws -> RowChange {
    try holding(.account, trust.accountKey(name), "An account", in: view)
  }

  /// Writes a row as it is: whatever changes it at the same moment makes one of the two fail.
  func holding(
    _ table: StoreTable, _ key: [UInt8], _ what: String, in view: borrowing ReadView
  ) throws -> RowChange {
    guard let row = try view.row(table, key) else { throw VaultError.tampered(what) }
    return .put(table, key, version: row.version, body: row.body, expect: .version(row.version))
  }

  func holding(_ names: [AccountName]) throws(VaultError) -> [RowChange] {
    try read("An account") { view in
      var rows: [RowChange] = []
      for name in names {
        try demandStanding(name, in: view)
        rows.append(try holding(name, in: view))
      }
      return rows
    }
  }

  static let recordChanged = VaultError(
    .conflict, "The record has changed since this was asked for.",
    hint: "Ask again: what leaves is what somebody looked at and approved.", field: "record")

  static let noGrant = VaultError(
    .denied, "This account has no grant for the programme that this belongs to.",
    hint: "Ask somebody who works in it.")

  // MARK: The policy

  func policy(in view: borrowing ReadView) throws -> ApprovalPolicy {
    try register.policy(in: view)?.policy ?? .standard
  }

  /// The row that makes an approved policy the one that holds. `conflict` where it was to replace another one.
  func change(to policy: ApprovalPolicy, replacing hash: [UInt8], by id: RequestID, in view: borrowing ReadView)
    throws -> RowChange
  {
    let present = try register.policy(in: view)
    guard (present?.policy ?? .standard).hash == hash else {
      throw VaultError(
        .conflict, "The policy has changed since this was asked for.", hint: "Ask for it again, on the present one.")
    }
    return register.change(
      at: ApprovalRegister.policyKey, "policy-row", to: policy.bytes, by: id, replacing: present?.version)
  }
}

extension ApprovalRegister {
  fileprivate static let policyKey = Array("policy".utf8)

  /// nil: nobody has changed it.
  func policy(in view: borrowing ReadView) throws -> (policy: ApprovalPolicy, version: UInt64)? {
    guard
      let row = try approvedDocument(
        at: Self.policyKey, "policy-row", byteCountMax: ApprovalPolicy.byteCountMax, "The policy", in: view)
    else { return nil }
    let policy = try ApprovalPolicy(decoding: row.bytes)
    guard case .policy(policy, _) = row.action else { throw VaultError.tampered("The policy") }
    do { try policy.demandFloor() } catch { throw VaultError.tampered("The policy") }
    return (policy, row.version)
  }
}
