import VaultAPI
import VaultClient
import VaultModel

/// Opens a session: first that it is the vault one knows, then the secret, then that its log only grew.
enum SessionOpening {
  static func open(
    _ account: AccountName, _ credential: Credential, purpose: Purpose?, socket: String, client: VaultClient
  ) async throws -> OpenSession {
    let status = try await client.status()
    let vaults = KnownVaults(socket: socket)
    // Before the passphrase goes out: it is not for another vault.
    let known = try vaults?.check(status)
    let answer = try await client.login(account: account.description, credential)
    do {
      try await vaults?.advance(from: known, status: status, with: client)
    } catch {
      try? await client.logout()
      throw error
    }
    return OpenSession(answer, purpose: purpose, isDemo: status.isDemo)
  }
}
