import Synchronization
import VaultCrypto
import VaultModel
import VaultStore

/// What an approved action does in the transaction that approves it.
struct ApprovedEffect {
  var changes: [RowChange]
  /// The action's own entry; it follows that of the approval.
  var entry: PendingEntry
  /// What memory has to learn once it is durable.
  var afterwards: @Sendable () -> Void = {}
}

extension Vault {
  // MARK: Deciding

  /// Approves a request: a second person's signature over exactly this action. What is done at once is done in the same
  /// transaction.
  ///
  /// - Parameter digest: of the action that the approver was shown, hexadecimal.
  public func approve(
    _ id: RequestID, digest: String, by caller: Caller
  ) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await witnessed(.approvalGive, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .approve)
      let request = try decidable(id, for: session, &entry)
      guard digest == hexadecimal(request.action.digest) else {
        throw VaultError(
          .conflict, "This is not the digest of what the request asks for.",
          hint: "Look at the request again, and approve what is shown then.", field: "digest")
      }
      return try await approve(request, in: session, &entry)
    }
  }

  /// Signs, and does what is done at once. That the session may approve it was checked.
  func approve(
    _ request: VerifiedRequest, in session: Session, _ entry: inout PendingEntry
  ) async throws(VaultError) -> Witnessed<RequestSummary> {
    guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
    try read("A request") { view in try demandUnchanged(request.action, in: view) }
    if case .reinstate(let name) = request.action { try await demandNothingShared(with: name, by: session) }
    let approval = Approval(of: request.request, .approved, approver: session.account, decided: ledger.now)
    let effect: ApprovedEffect?
    switch request.action {
    // In the approver's session, with whose keys the wraps are made and the acceptance is signed.
    case .breakGlass(let record, let seconds):
      effect = try emergencyEffect(of: request, record, seconds, approved: approval.decided, by: session)
    case .restoreAccept: effect = try acceptanceEffect(of: request, by: session)
    default: effect = try read("A request") { view in try self.effect(of: request, in: view) }
    }
    var changes = register.changes(
      deciding: request, approval, signing: secrets.signing, isUsed: request.action.runsAtApproval)
    changes += try holding([session.account, request.request.requester])
    if let effect {
      var own = effect.entry
      if own.account == nil { own.account = request.request.requester.description }
      own.approval = request.id.description
      if !effect.changes.isEmpty { own.changes = Vault.digest(of: effect.changes) }
      entry.also = [own]
      entry.epochs = own.epochs
      changes += effect.changes
    }
    let index = try await submit(entry, changes: changes)
    effect?.afterwards()
    return Witnessed(value: try summary(of: request.id, for: session), entryIndex: index)
  }

  /// Nothing is approved that would not happen.
  private func demandUnchanged(_ action: SensitiveAction, in view: borrowing ReadView) throws {
    guard let record = action.record, let version = action.version else { return }
    guard try recordHead(record, in: view)?.head.version == version else { throw Vault.recordChanged }
  }

  /// Says no. The reason stands beside the log.
  public func deny(_ id: RequestID, reason: String, by caller: Caller) async throws(VaultError)
    -> Witnessed<RequestSummary>
  {
    try await witnessed(.approvalDeny, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .approve)
      let request = try decidable(id, for: session, &entry)
      guard !reason.isEmpty else {
        throw VaultError(.invalid, "A denial needs a reason.", hint: "Say it in a sentence.", field: "reason")
      }
      try beside(reason, &entry)
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      let approval = Approval(of: request.request, .denied, approver: session.account, decided: ledger.now)
      var changes = register.changes(deciding: request, approval, signing: secrets.signing, isUsed: false)
      changes += try holding([session.account])
      if case .restoreAccept(let hash) = request.action { changes += try withdrawal(of: hash) }
      let index = try await submit(entry, changes: changes)
      return Witnessed(value: try summary(of: id, for: session), entryIndex: index)
    }
  }

  /// A request that waits, and that this session may decide on.
  func decidable(
    _ id: RequestID, for session: Session, _ entry: inout PendingEntry
  ) throws(VaultError) -> VerifiedRequest {
    let request = try visibleRequest(id, for: session, &entry)
    // Their own first: whoever asked learns that, and nothing else.
    try read("A request") { view in try demandApprover(session, of: request, in: view) }
    guard request.state == .pending else { throw Vault.alreadyDecided(request.state) }
    try demandUnexpired(request)
    return request
  }

  func demandUnexpired(_ request: VerifiedRequest) throws(VaultError) {
    guard ledger.now < request.request.expires else { throw Vault.alreadyDecided(.expired) }
  }

  static func alreadyDecided(_ state: ApprovalRow.State) -> VaultError {
    let (what, hint): (String, String) =
      switch state {
      case .pending: ("still waits for a second person", "Ask somebody who may approve it.")
      case .approved: ("has been approved already", "Whoever asked for it can use it, once.")
      case .denied: ("was denied", "Ask again if things have changed.")
      case .used: ("has been used already", "Each approval is used once: ask again.")
      case .expired: ("has expired", "Ask again.")
      case .void: ("ended when somebody who had signed it was suspended, revoked or barred", "Ask again.")
      }
    return VaultError(.conflict, "The request \(what).", hint: hint, field: "request")
  }

  // MARK: What an approval carries out

  /// nil where the approval is a permit, to be redeemed by whoever asked.
  private func effect(of request: VerifiedRequest, in view: borrowing ReadView) throws -> ApprovedEffect? {
    switch request.action {
    case .reinstate(let name): try reinstatement(of: name, in: view)
    case .erase(let record, _): try erasure(of: record, because: .request(request.id), in: view)
    case .export, .disclose, .recoveryRecipients: nil
    case .policy(let policy, let hash): try policyChange(to: policy, replacing: hash, by: request.id, in: view)
    case .pathway(let programme, let pathway, let hash):
      try pathwayChange(of: programme, to: pathway, replacing: hash, by: request.id, in: view)
    // Both in the approver's session.
    case .breakGlass, .restoreAccept: nil
    }
  }

  private func emergencyEffect(
    of request: VerifiedRequest, _ record: RecordID, _ seconds: UInt64, approved: Timestamp, by session: Session
  ) throws(VaultError) -> ApprovedEffect {
    var entry = PendingEntry(.breakGlass)
    let (changes, head) = try emergencyRows(
      for: request, to: record, seconds: seconds, approved: approved, by: session, &entry)
    return ApprovedEffect(changes: changes, entry: entry) { [exceptions] in exceptions.set(head) }
  }

  func suspendedAccount(
    _ name: AccountName, in view: borrowing ReadView
  ) throws -> (account: VerifiedAccount, row: AccountRow, version: UInt64) {
    guard let known = try trust.accountWithVersion(name, in: view), known.account.state == .suspended else {
      throw VaultError(
        .notFound, "There is no suspended account of this name.", hint: "Look at who is: vaultsh account list.",
        field: "account")
    }
    guard !known.account.hasNeverCome else {
      throw VaultError(
        .conflict, "A recovery has put others in the place of this person, who had never enrolled.",
        hint: "Add another account for them: vaultsh account add.", field: "account")
    }
    return known
  }

  /// What was shared with an account by name ended with its suspension. Once more before it comes back: the daemon may
  /// have stopped in between, or a referral have been on its way.
  private func demandNothingShared(with name: AccountName, by session: Session) async throws(VaultError) {
    // A request to reinstate whoever is not suspended any more is refused below, and must take nothing from them.
    _ = try read("An account") { view in try suspendedAccount(name, in: view) }
    await endAccess(of: name, why: "suspension", by: session)
    guard exceptions.isSharedWith(name) else { return }
    throw VaultError(
      .conflict, "A record that was shared with this account is being changed by others at this moment.",
      hint: "Approve it again.")
  }

  private func reinstatement(of name: AccountName, in view: borrowing ReadView) throws -> ApprovedEffect {
    let known = try suspendedAccount(name, in: view)
    var row = known.row
    // Whoever was suspended before they had enrolled has no keys: they are where they were.
    row.state = known.account.certificate == nil ? .invited : .active
    var entry = PendingEntry(.accountReinstate)
    entry.detail = name.description
    return ApprovedEffect(changes: [accountChange(row, of: name, after: known.version)], entry: entry)
  }

  private func policyChange(
    to policy: ApprovalPolicy, replacing hash: [UInt8], by id: RequestID, in view: borrowing ReadView
  ) throws -> ApprovedEffect {
    try policy.demandFloor()
    var entry = PendingEntry(.policyChange)
    entry.detail = hexadecimal(policy.hash)
    return ApprovedEffect(changes: [try change(to: policy, replacing: hash, by: id, in: view)], entry: entry)
  }

  // MARK: The policy

  public func approvalPolicy(by caller: Caller) async throws(VaultError) -> Witnessed<ApprovalPolicy> {
    try await witnessed(.policyRead, caller) { entry throws(VaultError) in
      _ = try session(caller, into: &entry)
      let policy = try read("The policy") { view in try self.policy(in: view) }
      return Witnessed(value: policy, entryIndex: try await submit(entry))
    }
  }

  // MARK: Endings

  /// Ends what a suspended account had asked for or approved: for good, also if it is reinstated later. The rows and the
  /// entries, for the transaction of the suspension.
  func endingRequests(
    signedBy name: AccountName, in view: borrowing ReadView
  ) throws -> (changes: [RowChange], entries: [PendingEntry]) {
    try endingRequests(signedByAnyOf: [name], in: view)
  }

  /// - Parameter isMeant: by what a request is about; otherwise all.
  func endingRequests(
    signedByAnyOf names: Set<AccountName>, about isMeant: (ActionSubject) -> Bool = { _ in true },
    in view: borrowing ReadView
  ) throws -> (changes: [RowChange], entries: [PendingEntry]) {
    let theirs = try register.open(in: view).filter { open in
      isMeant((try? subject(of: open.action, in: view)) ?? ActionSubject())
        && (names.contains(open.request.requester) || open.approval.map { names.contains($0.approver) } == true)
    }
    return (
      theirs.flatMap { register.changes(closing: $0, as: .void) },
      theirs.map { request in
        var entry = PendingEntry(.approvalVoid)
        entry.approval = request.id.description
        entry.detail = request.action.kind.rawValue
        return entry
      }
    )
  }

  /// Closes requests whose time has run out, each with an entry; nobody waits for it.
  func closeExpiredRequests() {
    guard requestWatch.begin(at: ledger.now) else { return }
    Task { requestWatch.end(next: try? await closeExpired()) }
  }

  /// When the next one runs out.
  func closeExpired() async throws(VaultError) -> Timestamp? {
    let open = try read("A request") { view in try register.open(in: view) }
    let now = ledger.now
    var next: Timestamp?
    for request in open {
      guard now >= request.request.expires else {
        next = min(next ?? request.request.expires, request.request.expires)
        continue
      }
      var entry = PendingEntry(.approvalExpire)
      entry.approval = request.id.description
      entry.detail = request.action.kind.rawValue
      do {
        _ = try await submit(entry, changes: register.changes(closing: request, as: .expired))
      } catch {
        // Due again: it could not be written now.
        next = request.request.expires
      }
    }
    return next
  }
}

/// When the next open request runs out, so that nothing need be read until then.
final class RequestWatch: Sendable {
  private struct State {
    var isKnown = false
    var next: Timestamp?
    var isLooking = false
  }

  private let state = Mutex(State())

  /// Whether it is time to look; then nobody else does until `end`.
  func begin(at now: Timestamp) -> Bool {
    state.withLock { state in
      guard !state.isLooking, !state.isKnown || state.next.map({ now >= $0 }) ?? false else { return false }
      state.isLooking = true
      state.isKnown = true
      return true
    }
  }

  func end(next: Timestamp?) {
    state.withLock { state in
      state.isLooking = false
      state.next = next
    }
  }

  /// There is a request that the last look did not see.
  func lookAgain() { state.withLock { $0.isKnown = false } }
}
