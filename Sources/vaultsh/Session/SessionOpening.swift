import AccessLog
import Glibc
import VaultAPI
import VaultClient
import VaultModel

/// Opens a session: first that it is the vault one knows, then the secret, then that its log only grew.
enum SessionOpening {
  static func open(
    _ account: AccountName, _ credential: Credential, purpose: Purpose?, socket: String, client: VaultClient,
    mayWait: Bool = false
  ) async throws -> OpenSession {
    try await open(purpose: purpose, socket: socket, client: client, mayWait: mayWait) { _ in
      try await client.login(account: account.description, credential)
    }
  }

  /// For a service: the key signs here, and is not sent.
  static func open(
    _ account: AccountName, signingWith key: ServiceKey, socket: String, client: VaultClient
  ) async throws -> OpenSession {
    try await open(purpose: nil, socket: socket, client: client) { status in
      try await client.login(account: account, signingWith: key, in: status.vault)
    }
  }

  private static func open(
    purpose: Purpose?, socket: String, client: VaultClient, mayWait: Bool = false,
    login: (StatusAnswer) async throws -> SessionAnswer
  ) async throws -> OpenSession {
    let status = try await client.status()
    let vaults = KnownVaults(socket: socket)
    // Before the passphrase goes out: it is not for another vault. One that was restored is followed where two people
    // have accepted that; those who are about to accept it remember nothing of it yet.
    let relation = try await vaults?.relation(status, mayWait: mayWait, with: client) ?? .same
    let known: KnownVault?
    if case .same = relation { known = try vaults?.check(status) } else { known = nil }
    let isWaiting = mayWait && status.state == .restored
    let answer = try await login(status)
    do {
      if let vaults, case .follows(let following) = relation {
        try await following.prove(keptAt: Printable.line(vaults.path), with: client)
      }
      let log = isWaiting ? nil : try await vaults?.advance(from: known, status: status, with: client)
      if case .follows(let following) = relation {
        await Terminal.write(following.words, to: STDERR_FILENO)
      } else if let log, known == nil {
        await FirstUse.tell(log)
      }
    } catch {
      try? await client.logout()
      throw error
    }
    return OpenSession(answer, purpose: purpose, isDemo: status.isDemo)
  }
}

/// Said once for each vault, on a terminal: from now on its log is held to what was seen, and this once it was not.
@MainActor enum FirstUse {
  static func tell(_ log: ProvenLog) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    Terminal.write(
      "This vault is new to you here. Compare its log's key with the one that your auditor gives out:\n  "
        + "\(Printable.line(log.key.vkey))\n", to: STDERR_FILENO)
  }
}
