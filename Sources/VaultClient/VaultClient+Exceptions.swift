public import VaultAPI

extension VaultClient {
  /// What a referral would show, and to whom; nothing is changed.
  public func previewReferral(
    of id: String, _ request: ReferralRequest
  ) async throws(ClientError) -> ReferralAnswer {
    try await message(
      ReferralAnswer.self, .previewReferral, VaultOperation.previewReferral.path(id), body: Self.body(request))
  }

  public func refer(_ id: String, _ request: ReferralRequest) async throws(ClientError) -> ReferralAnswer {
    try await message(ReferralAnswer.self, .refer, VaultOperation.refer.path(id), body: Self.body(request))
  }

  /// - Parameter receiver: as it was named in the request, or in the answer to it.
  public func unrefer(_ id: String, from receiver: String) async throws(ClientError) -> RecordChanged {
    try await message(RecordChanged.self, .unrefer, VaultOperation.unrefer.path(id, receiver))
  }
}
