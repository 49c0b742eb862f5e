public import VaultAPI

extension VaultClient {
  /// Asks for what needs two people; the same request while one of the same action is open.
  /// - Parameter reason: in the caller's own words, kept beside the log.
  public func request(_ wish: ApprovalWish, reason: String? = nil) async throws(ClientError) -> ApprovalRow {
    try await message(
      ApprovalRow.self, .makeRequest, VaultOperation.makeRequest.path(),
      headers: [(HeaderName.reason, reason.map { PercentEncoding.encode($0) })],
      body: Self.body(wish))
  }

  /// Open requests that concern this account, oldest first.
  public func requests() async throws(ClientError) -> [ApprovalRow] {
    try await message(ApprovalsAnswer.self, .listRequests, VaultOperation.listRequests.path()).requests
  }

  public func request(id: String) async throws(ClientError) -> ApprovalRow {
    try await message(ApprovalRow.self, .showRequest, VaultOperation.showRequest.path(id))
  }

  /// - Parameter digest: of the request as it was shown.
  public func approve(request id: String, digest: String) async throws(ClientError) -> ApprovalRow {
    try await message(
      ApprovalRow.self, .approveRequest, VaultOperation.approveRequest.path(id),
      body: Self.body(ApprovalDecision(digest: digest)))
  }

  public func deny(request id: String, reason: String) async throws(ClientError) -> ApprovalRow {
    try await message(
      ApprovalRow.self, .denyRequest, VaultOperation.denyRequest.path(id),
      body: Self.body(ApprovalDenial(reason: reason))
    )
  }

  /// Uses an approval, once: an age file, to the recipient that was approved.
  public func redeem(request id: String) async throws(ClientError) -> [UInt8] {
    try await send(.redeemRequest, VaultOperation.redeemRequest.path(id)).body
  }

  public func approvalPolicy() async throws(ClientError) -> PolicyDocument {
    try await message(PolicyDocument.self, .showPolicy, VaultOperation.showPolicy.path())
  }

  public func pathway(programme: String) async throws(ClientError) -> PathwayDocument {
    try await message(PathwayDocument.self, .showPathway, VaultOperation.showPathway.path(programme))
  }
}
