public import VaultAPI

/// What proves who logs in.
public enum Credential: Sendable {
  /// UTF-8.
  case passphrase(WipedBytes)
  /// The content of a key file.
  case key(WipedBytes)
}

extension VaultClient {
  public func status() async throws(ClientError) -> StatusAnswer {
    try await message(StatusAnswer.self, .status, VaultOperation.status.path())
  }

  /// Opens a session and uses it from now on.
  @discardableResult
  public func login(account: String, _ credential: Credential) async throws(ClientError) -> SessionAnswer {
    let secret =
      switch credential {
      case .passphrase(let bytes): (name: "passphrase", value: bytes)
      case .key(let bytes): (name: "key", value: bytes)
      }
    let body = SecretText.object(texts: [("account", account)], secrets: [secret])
    let answer = try await message(SessionAnswer.self, .openSession, VaultOperation.openSession.path(), body: body)
    session = answer.token
    return answer
  }

  /// Ends the session. It is forgotten here even when the daemon cannot be told.
  public func logout() async throws(ClientError) {
    defer { session = nil }
    _ = try await send(.closeSession, VaultOperation.closeSession.path())
  }

  /// - Parameter isCompromised: the old one may be known to others, so the account key changes too.
  public func changePassphrase(
    current: WipedBytes, new: WipedBytes, isCompromised: Bool = false
  ) async throws(ClientError) {
    let body = SecretText.object(
      flags: isCompromised ? ["compromised"] : [], secrets: [("current", current), ("passphrase", new)])
    _ = try await send(.changePassphrase, VaultOperation.changePassphrase.path(), body: body)
  }
}
