import VaultCrypto
import VaultModel
import VaultStore

/// A request whose signatures were verified, each by an account that the genesis vouches for. Only the register makes
/// one, from the store, at every use.
struct VerifiedRequest: Sendable {
  let request: ApprovalRequest
  let state: ApprovalRow.State
  /// nil until somebody decided.
  let approval: Approval?
  /// Those that whoever asked signed it with: they may have been replaced since.
  let requesterKeys: MemberKeys
  /// Those that the decision was signed with.
  let approverKeys: MemberKeys?
  fileprivate let row: ApprovalRow
  fileprivate let version: UInt64

  var id: RequestID { request.id }
  var action: SensitiveAction { request.action }

  fileprivate init(
    row: ApprovalRow, request: ApprovalRequest, by requesterKeys: MemberKeys,
    decided: (approval: Approval, by: MemberKeys)?, version: UInt64
  ) {
    self.row = row
    approval = decided?.approval
    approverKeys = decided?.by
    self.requesterKeys = requesterKeys
    self.request = request
    state = row.state
    self.version = version
  }
}

/// The requests of a vault and what became of them.
struct ApprovalRegister {
  let keys: StoreKeys
  let trust: Trust

  // MARK: Reading

  /// nil where there is none.
  func verified(_ id: RequestID, in view: borrowing ReadView) throws -> VerifiedRequest? {
    for isOpen in [true, false] {
      guard let row = try view.row(.approval, ApprovalRow.key(id, isOpen: isOpen, keys)) else { continue }
      return try verified(row, in: view)
    }
    return nil
  }

  /// Those that wait for somebody, oldest first.
  func open(in view: borrowing ReadView) throws -> [VerifiedRequest] {
    var requests: [VerifiedRequest] = []
    try view.forEach(.approval, prefix: ApprovalRow.openPrefix) { requests.append(try verified($0, in: view)) }
    return requests.sorted { ($0.request.requested, $0.id.description) < ($1.request.requested, $1.id.description) }
  }

  /// All there ever were, oldest first.
  func all(in view: borrowing ReadView) throws -> [VerifiedRequest] {
    var requests: [VerifiedRequest] = []
    try view.forEach(.approval, prefix: []) { requests.append(try verified($0, in: view)) }
    return requests.sorted { ($0.request.requested, $0.id.description) < ($1.request.requested, $1.id.description) }
  }

  /// The row lies where its request says, and whoever is named in it signed it.
  private func verified(_ stored: StoredRow, in view: borrowing ReadView) throws -> VerifiedRequest {
    let row = try ApprovalRow(decoding: keys.openMetadata(stored, table: .approval))
    let request = try ApprovalRequest(decoding: row.request.document)
    guard request.vault == keys.vault,
      request.expires.milliseconds &- request.requested.milliseconds == ApprovalRequest.lifetimeSeconds * 1000,
      stored.key == ApprovalRow.key(request.id, isOpen: row.state.isOpen, keys),
      let requester = try trust.account(request.requester, in: view)
    else { throw VaultError.tampered("A request") }
    let requesterKeys = try requester.signer(
      of: row.request.signature, over: ApprovalRequest.signedBytes(hash: request.hash))
    let decided = try row.approval.map { signed in
      let approval = try Approval(decoding: signed.document)
      guard approval.vault == keys.vault, approval.request == request.hash, approval.action == request.action.digest,
        approval.approver != request.requester, let approver = try trust.account(approval.approver, in: view)
      else { throw VaultError.tampered("An approval") }
      let keys = try approver.signer(of: signed.signature, over: Approval.signedBytes(hash: approval.hash))
      return (approval: approval, by: keys)
    }
    let approval = decided?.approval
    switch row.state {
    case .pending: guard approval == nil else { throw VaultError.tampered("An approval") }
    case .approved, .used: guard approval?.decision == .approved else { throw VaultError.tampered("An approval") }
    case .denied: guard approval?.decision == .denied else { throw VaultError.tampered("An approval") }
    case .expired, .void: guard approval?.decision != .denied else { throw VaultError.tampered("An approval") }
    }
    return VerifiedRequest(
      row: row, request: request, by: requesterKeys, decided: decided, version: stored.version)
  }

  // MARK: Writing

  /// A new request.
  func change(opening request: ApprovalRequest, signing: SigningKey) -> RowChange {
    let signed = SignedDocument(
      document: request.bytes, signature: signing.sign(ApprovalRequest.signedBytes(hash: request.hash)))
    return put(ApprovalRow(state: .pending, request: signed, approval: nil), request.id, version: 1, expect: .absent)
  }

  /// What somebody decided. Where it `isUsed` at once, it is closed with it.
  func changes(
    deciding request: VerifiedRequest, _ approval: Approval, signing: SigningKey, isUsed: Bool
  ) -> [RowChange] {
    var row = request.row
    row.approval = SignedDocument(
      document: approval.bytes, signature: signing.sign(Approval.signedBytes(hash: approval.hash)))
    row.state =
      switch approval.decision {
      case .denied: .denied
      case .approved: isUsed ? .used : .approved
      }
    guard row.state.isOpen else { return closing(request, row) }
    return [put(row, request.id, version: request.version + 1, expect: .version(request.version))]
  }

  /// Takes a request out of those that are open, for good.
  func changes(closing request: VerifiedRequest, as state: ApprovalRow.State) -> [RowChange] {
    var row = request.row
    row.state = state
    return closing(request, row)
  }

  private func closing(_ request: VerifiedRequest, _ row: ApprovalRow) -> [RowChange] {
    [
      .delete(.approval, ApprovalRow.key(request.id, isOpen: true, keys), expect: .version(request.version)),
      put(row, request.id, version: request.version + 1, expect: .absent),
    ]
  }

  private func put(_ row: ApprovalRow, _ id: RequestID, version: UInt64, expect: RowExpectation) -> RowChange {
    let key = ApprovalRow.key(id, isOpen: row.state.isOpen, keys)
    return .put(
      .approval, key, version: version,
      body: keys.sealMetadata(row.bytes, table: .approval, key: key, version: version), expect: expect)
  }
}
