import VaultCrypto
import VaultModel
import VaultStore

extension Vault {
  public struct Challenge: Sendable {
    public let bytes: [UInt8]
    /// The vault's id, in hexadecimal.
    public let vaultID: String
    public let expires: Timestamp
  }

  /// Random bytes to sign with the account's key. Given for every name, so that it does not tell which ones there are;
  /// nothing is decided yet, so there is no entry.
  public func challenge(for name: String, by caller: Caller) throws(VaultError) -> Challenge {
    let bytes: [UInt8]
    if let account = try? AccountName(name) {
      bytes = try challenges.issue(to: account, uid: caller.uid, bootNow: clock.bootNanoseconds())
    } else {
      bytes = randomBytes(LoginChallenge.byteCount)
    }
    return Challenge(
      bytes: bytes, vaultID: hexadecimal(keys.vault), expires: clock.now().adding(seconds: ChallengeTable.lifeSeconds))
  }

  /// Opens a session for a service that proves its key without handing it over. Such a session has no keys: it submits
  /// what the service has sealed itself, and reads nothing.
  public func login(
    _ name: String, challenge: [UInt8], signature: [UInt8], by caller: Caller
  ) async throws(VaultError) -> Opened {
    let bootNow = clock.bootNanoseconds()
    let limits = ["login \(caller.uid) \(name.utf8.count <= 64 ? name : "")"]
    return try await witnessed(.sessionOpen, caller) { entry throws(VaultError) in
      try limiter.check(limits, bootNow: bootNow)
      let refusal = VaultError(
        .loginFailed,
        "The account, the challenge or its signature is not right, or the challenge was used or is too old.",
        hint: "Ask for a new challenge, and sign it with the account's key file and your own uid.")
      let account = try (try? AccountName(name)).flatMap { name throws(VaultError) in
        try read("An account") { view in try trust.account(name, in: view) }
      }
      entry.account = account?.name.description
      limiter.failed(limits, bootNow: bootNow)
      // Names that do not exist cost a verification as well.
      let isIssued =
        (try? AccountName(name)).map { challenges.take(challenge, for: $0, uid: caller.uid, bootNow: bootNow) } ?? false
      let message = (try? AccountName(name)).map {
        LoginChallenge.signedBytes(vault: keys.vault, account: $0, uid: caller.uid, challenge: challenge)
      }
      let key = account?.certificate?.verifyingKey ?? genesis.logKey
      let isSigned = (try? key.verify(signature, over: message ?? [])) != nil
      guard let account, let certificate = account.certificate, account.state == .active, isIssued, isSigned else {
        throw refusal
      }
      limiter.succeeded(limits)
      guard account.peer.admits(caller.uid) else {
        throw VaultError(
          .denied, "This account belongs to another user of the host.", hint: "Log in from that user's own processes.")
      }
      guard account.role == .service else {
        throw VaultError(
          .denied, "Only a service logs in by signature: whoever reads needs their keys opened in the vault.",
          hint: "Send the content of the key file: vaultsh --key-file F login.")
      }
      let session = Session(
        account: account, certificate: certificate, uid: caller.uid, secrets: nil, opened: clock.now(),
        bootNow: clock.bootNanoseconds())
      session.load(try memberships(of: session).0, generation: 0)
      entry.detail = "signature"
      let index = try await submit(entry)
      let token = try admit(session, of: account, or: refusal)
      sessions.keepNewest(SessionTable.serviceCountMax, of: account.name)
      return Opened(
        token: token, account: account.name, role: account.role, programmes: session.programmes,
        expires: session.expires, requestsWaiting: 0, entryIndex: index)
    }
  }
}
