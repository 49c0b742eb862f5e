import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// A request as people see it.
  public struct RequestSummary: Sendable {
    public enum State: String, Sendable, CaseIterable { case pending, approved, denied, used, expired, void }

    public let id: RequestID
    public let kind: SensitiveAction.Kind
    public let state: State
    public let requester: AccountName
    public let requested: Timestamp
    public let expires: Timestamp
    /// SHA-256 of the action, hexadecimal: what an approval names.
    public let digest: String
    /// What exactly would happen; as it was asked for, in lines.
    public let words: [String]
    public let programme: ProgrammeID?
    public let record: RecordID?
    /// nil until somebody decided.
    public let approver: AccountName?
    public let decided: Timestamp?
    /// It waits for somebody, and whoever asks now may be that person.
    public let waitsForCaller: Bool
  }

  /// Nobody has more under way; a request costs a row for ever.
  static let openRequestsPerAccountMax = 32

  // MARK: Asking

  /// Asks for an action. The same action again, while it is open, is the same request.
  public func request(_ action: SensitiveAction, by caller: Caller) async throws(VaultError) -> Witnessed<
    RequestSummary
  > {
    try await request(.action(action), by: caller)
  }

  /// Asks for a policy in the place of the present one.
  public func requestPolicy(
    _ policy: ApprovalPolicy, by caller: Caller
  ) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await request(.policy(policy), by: caller)
  }

  /// Asks for a pathway in the place of the programme's present one.
  public func requestPathway(
    _ pathway: Pathway, of programme: ProgrammeID, by caller: Caller
  ) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await request(.pathway(pathway, programme), by: caller)
  }

  /// Asks that the recovery shares are made anew for exactly these holders.
  public func requestRecoveryRecipients(
    _ holders: ShareHolders, by caller: Caller
  ) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await request(.recoveryRecipients(holders), by: caller)
  }

  /// What is asked for, before it is known what it would replace.
  private enum Wish {
    case action(SensitiveAction)
    case policy(ApprovalPolicy)
    case pathway(Pathway, ProgrammeID)
    case recoveryRecipients(ShareHolders)

    var kind: SensitiveAction.Kind {
      switch self {
      case .action(let action): action.kind
      case .policy: .policy
      case .pathway: .pathway
      case .recoveryRecipients: .recoveryRecipients
      }
    }
  }

  private struct Asked {
    let action: SensitiveAction
    let subject: ActionSubject
    /// What the same account has under way.
    let open: [VerifiedRequest]
    /// Its row, to be held as it is.
    let account: RowChange
  }

  private func request(_ wish: Wish, by caller: Caller) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await witnessed(.approvalRequest, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.detail = wish.kind.rawValue
      if case .action(.breakGlass(let record, _)) = wish { entry.record = record.description }
      try gate.check(session, .request)
      try demandFounded()
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      let asked = try read("A request") { view in try self.asked(wish, session, in: view) }
      Vault.note(asked.subject, wish.kind, &entry)
      if wish.kind == .breakGlass, caller.reason?.isEmpty ?? true {
        throw VaultError(
          .invalid, "An emergency needs a reason in your own words.", hint: "Give it with --reason -.",
          field: "Vault-Reason")
      }
      if let reason = caller.reason, !reason.isEmpty { try beside(reason, &entry) }
      let now = ledger.now
      for same in asked.open where same.action.digest == asked.action.digest && now < same.request.expires {
        entry.approval = same.id.description
        let index = try await submit(entry)
        return Witnessed(value: try summary(of: same.id, for: session), entryIndex: index)
      }
      guard asked.open.count < Vault.openRequestsPerAccountMax else {
        throw VaultError(
          .conflict, "This account has \(Vault.openRequestsPerAccountMax) open requests already.",
          hint: "Wait until some are decided; each ends by itself.")
      }
      try read("A request") { view in try demandSense(asked.action, in: view) }
      let request = ApprovalRequest(
        vault: keys.vault, id: .random(), action: asked.action, requester: session.account, requested: now)
      entry.approval = request.id.description
      let index = try await submit(
        entry, changes: [register.change(opening: request, signing: secrets.signing), asked.account])
      requestWatch.lookAgain()
      return Witnessed(value: try summary(of: request.id, for: session), entryIndex: index)
    }
  }

  private func asked(_ wish: Wish, _ session: Session, in view: borrowing ReadView) throws -> Asked {
    let action: SensitiveAction
    switch wish {
    case .action(.disclose(let record, let sections, let recipient, nil)):
      action = .disclose(
        record, sections, recipient: recipient, version: try recordHead(record, in: view)?.head.version ?? 1)
    case .action(.erase(let record, nil)):
      action = .erase(record, version: try recordHead(record, in: view)?.head.version ?? 1)
    case .action(let given): action = given
    case .policy(let policy): action = .policy(policy, replacing: try self.policy(in: view).hash)
    case .pathway(let pathway, let programme):
      // Of a programme that is not there, nobody is a member, and there is no pathway: refused below.
      action = .pathway(programme, pathway, replacing: try self.pathway(of: programme, in: view).hash)
    case .recoveryRecipients(let holders):
      action = .recoveryRecipients(holders, number: try nextRecovery(in: view))
    }
    let subject = try subject(of: action, in: view)
    try demandVisible(action, to: session, in: view)
    if case .breakGlass(let record, let seconds) = action {
      try demandEmergency(session, in: presentHead(record, in: view), seconds)
    }
    try demandAsker(session.account, of: action.kind, about: subject, in: view)
    try demandStanding(session.account, in: view)
    try demandReadable(action, by: session, in: view)
    let open = try register.open(in: view).filter { $0.request.requester == session.account }
    return Asked(action: action, subject: subject, open: open, account: try holding(session.account, in: view))
  }

  /// Whether the action could be carried out as things are; somebody would approve it for nothing otherwise.
  private func demandSense(_ action: SensitiveAction, in view: borrowing ReadView) throws {
    switch action {
    case .reinstate(let name): _ = try suspendedAccount(name, in: view)
    // Looked at already, with the eyes of the one who asks.
    case .export, .disclose, .erase, .breakGlass: break
    case .recoveryRecipients(_, let number):
      guard genesis.recovery != nil else { throw VaultError.noEscrow }
      guard try number == nextRecovery(in: view) else { throw Vault.sharesChanged }
    case .restoreAccept:
      throw VaultError(
        .invalid, "A restore is accepted with a signature of its own.", hint: "Run: vaultsh restore accept.",
        field: "action")
    case .policy(let policy, let hash):
      try policy.demandFloor()
      guard policy.hash != hash else { throw VaultError(.conflict, "This is the policy that holds already.") }
    case .pathway(_, let pathway, let hash):
      guard pathway.hash != hash else { throw VaultError(.conflict, "This is the pathway that holds already.") }
    }
  }

  static func note(_ subject: ActionSubject, _ kind: SensitiveAction.Kind, _ entry: inout PendingEntry) {
    entry.programme = subject.programme?.description
    entry.record = subject.record?.description
    entry.detail = ([kind.rawValue] + [subject.account?.description].compactMap(\.self)).joined(separator: " ")
  }

  // MARK: Looking

  /// Open requests that the caller made, or may decide on, or reviews as an auditor; oldest first.
  public func requests(by caller: Caller) async throws(VaultError) -> Witnessed<[RequestSummary]> {
    try await witnessed(.approvalList, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let now = ledger.now
      let summaries = try read("A request") { view in
        try register.open(in: view).filter { now < $0.request.expires && isServed($0.action) }
          .filter { try mayLook(session, at: $0, in: view) }
          .map { try summary(of: $0, for: session, in: view) }
      }
      entry.count = UInt64(summaries.count)
      return Witnessed(value: summaries, entryIndex: try await submit(entry))
    }
  }

  public func showRequest(_ id: RequestID, by caller: Caller) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await witnessed(.approvalRead, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let request = try visibleRequest(id, for: session, &entry)
      let index = try await submit(entry)
      return Witnessed(value: try summary(of: request.id, for: session), entryIndex: index)
    }
  }

  /// How many requests wait for this session's account.
  func requestsWaiting(for session: Session) throws(VaultError) -> Int {
    // Most people who log in decide nothing: no signature is verified for them.
    guard (try? gate.check(session, .approve)) != nil else { return 0 }
    let now = ledger.now
    return try read("A request") { view in
      try register.open(in: view).count {
        guard $0.state == .pending, now < $0.request.expires, isServed($0.action) else { return false }
        return try mayDecide(session, $0, in: view)
      }
    }
  }

  /// Before a restore was accepted nothing else is asked for, shown or decided.
  private func isServed(_ action: SensitiveAction) -> Bool { !isRestored || action.kind == .restoreAccept }

  private func mayDecide(_ session: Session, _ request: VerifiedRequest, in view: borrowing ReadView) throws -> Bool {
    do {
      try gate.check(session, .approve)
      try demandApprover(session, of: request, in: view)
      return true
    } catch let error as VaultError where error.code == .denied || error.code == .notFound {
      return false
    }
  }

  /// What a request says is for who asked, for whoever may be asked, and for auditors.
  private func mayLook(_ session: Session, at request: VerifiedRequest, in view: borrowing ReadView) throws -> Bool {
    do {
      if session.role == .auditor {
        try demandLogKey(session)
        return true
      }
      try demandVisible(request.action, to: session, in: view)
      if session.account == request.request.requester { return true }
      try gate.check(session, .approve)
      try demandApprovingRole(session, of: request.action, in: view)
      return true
    } catch let error as VaultError where error.code == .denied || error.code == .notFound {
      return false
    }
  }

  func visibleRequest(
    _ id: RequestID, for session: Session, _ entry: inout PendingEntry
  ) throws(VaultError) -> VerifiedRequest {
    let found = try read("A request") { view -> (request: VerifiedRequest, subject: ActionSubject?)? in
      guard let request = try register.verified(id, in: view), try mayLook(session, at: request, in: view) else {
        return nil
      }
      return (request, try? subject(of: request.action, in: view))
    }
    guard let found else {
      throw VaultError(.notFound, "There is no request of this id for this account.", field: "request")
    }
    entry.approval = id.description
    guard isServed(found.request.action) else { throw Vault.notAccepted }
    Vault.note(found.subject ?? ActionSubject(), found.request.action.kind, &entry)
    return found.request
  }

  func summary(of id: RequestID, for session: Session) throws(VaultError) -> RequestSummary {
    try read("A request") { view in
      guard let request = try register.verified(id, in: view) else { throw VaultError.tampered("A request") }
      return try summary(of: request, for: session, in: view)
    }
  }

  private func summary(
    of request: VerifiedRequest, for session: Session, in view: borrowing ReadView
  ) throws -> RequestSummary {
    let isPast = request.state.isOpen && ledger.now >= request.request.expires
    let subject = (try? subject(of: request.action, in: view)) ?? ActionSubject()
    let words =
      request.state.isOpen
      ? try words(of: request.action, askedBy: request.request.requester, for: session, in: view) : []
    return RequestSummary(
      id: request.id, kind: request.action.kind,
      state: isPast ? .expired : RequestSummary.State(request.state), requester: request.request.requester,
      requested: request.request.requested, expires: request.request.expires,
      digest: hexadecimal(request.action.digest), words: words, programme: subject.programme, record: subject.record,
      approver: request.approval?.approver, decided: request.approval?.decided,
      waitsForCaller: request.state == .pending && !isPast ? try mayDecide(session, request, in: view) : false)
  }
}

extension Vault.RequestSummary.State {
  fileprivate init(_ state: ApprovalRow.State) {
    self =
      switch state {
      case .pending: .pending
      case .approved: .approved
      case .denied: .denied
      case .used: .used
      case .expired: .expired
      case .void: .void
      }
  }
}
