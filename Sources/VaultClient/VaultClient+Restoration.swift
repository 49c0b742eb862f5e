public import VaultAPI

extension VaultClient {
  /// What a restore kept and lost, for those who may accept it.
  public func restoration() async throws(ClientError) -> RestorationAnswer {
    try await message(RestorationAnswer.self, .restoration, VaultOperation.restoration.path())
  }

  /// Signs for the restore of this digest, with the key of the session's account: opens the request, or as the second
  /// person approves it.
  public func acceptRestore(digest: String) async throws(ClientError) -> ApprovalRow {
    try await message(
      ApprovalRow.self, .acceptRestore, VaultOperation.acceptRestore.path(),
      body: Self.body(RestoreAcceptanceRequest(digest: digest)))
  }

  /// Every acceptance of this vault's restores, as E("acceptances"; list). Needs no session.
  public func acceptances() async throws(ClientError) -> [UInt8] {
    try await send(.acceptances, VaultOperation.acceptances.path()).body
  }
}
