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

  public func bar(_ account: String, from id: String) async throws(ClientError) -> RecordChanged {
    try await message(
      RecordChanged.self, .bar, VaultOperation.bar.path(id), body: Self.body(BarRequest(account: account)))
  }

  public func unbar(_ account: String, from id: String) async throws(ClientError) -> RecordChanged {
    try await message(RecordChanged.self, .unbar, VaultOperation.unbar.path(id, account))
  }

  public func bars() async throws(ClientError) -> [BarRow] {
    try await message(BarsAnswer.self, .listBars, VaultOperation.listBars.path()).bars
  }

  public func restrict(_ id: String, to accounts: [String]) async throws(ClientError) -> RestrictionAnswer {
    try await message(
      RestrictionAnswer.self, .restrict, VaultOperation.restrict.path(id),
      body: Self.body(RestrictionRequest(accounts: accounts)))
  }

  public func unrestrict(_ id: String) async throws(ClientError) -> RecordChanged {
    try await message(RecordChanged.self, .unrestrict, VaultOperation.unrestrict.path(id))
  }

  /// Asks to be let into one record for an emergency.
  ///
  /// - Parameter seconds: nil for the vault's own four hours.
  public func breakGlass(
    _ id: String, seconds: UInt64? = nil, reason: String
  ) async throws(ClientError) -> ApprovalRow {
    try await message(
      ApprovalRow.self, .breakGlass, VaultOperation.breakGlass.path(id),
      headers: [(HeaderName.reason, PercentEncoding.encode(reason))],
      body: Self.body(EmergencyRequest(seconds: seconds)))
  }

  /// Emergencies that wait for a review.
  public func emergencies() async throws(ClientError) -> [EmergencyRow] {
    try await message(EmergenciesAnswer.self, .listEmergencies, VaultOperation.listEmergencies.path()).emergencies
  }

  public func reviewEmergency(_ request: String, note: String) async throws(ClientError) -> EmergencyRow {
    try await message(
      EmergencyRow.self, .reviewEmergency, VaultOperation.reviewEmergency.path(request),
      body: Self.body(EmergencyReviewRequest(note: note)))
  }

  /// Who reads a record apart from its programme.
  public func access(to id: String) async throws(ClientError) -> AccessAnswer {
    try await message(AccessAnswer.self, .recordAccess, VaultOperation.recordAccess.path(id))
  }
}
