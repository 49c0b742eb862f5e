import AccessLog
import Glibc
import VaultAPI
import VaultClient
import VaultModel

/// Opens a session: first that it is the vault one knows, then the secret, then that its log only grew.
enum SessionOpening {
  static func open(
    _ account: AccountName, _ credential: Credential, purpose: Purpose?, socket: String, client: VaultClient
  ) async throws -> OpenSession {
    try await open(purpose: purpose, socket: socket, client: client) { _ in
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
    purpose: Purpose?, socket: String, client: VaultClient, login: (StatusAnswer) async throws -> SessionAnswer
  ) async throws -> OpenSession {
    let status = try await client.status()
    let vaults = KnownVaults(socket: socket)
    // Before the passphrase goes out: it is not for another vault.
    let known = try vaults?.check(status)
    let answer = try await login(status)
    do {
      let log = try await vaults?.advance(from: known, status: status, with: client)
      if let log, known == nil { await FirstUse.tell(log) }
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
