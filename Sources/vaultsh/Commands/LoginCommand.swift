import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct Login: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open a session for later commands.",
    discussion: """
      The passphrase is asked for on the terminal, or read from --passphrase-file. The session is kept under \
      $VAULT_SESSION_DIR or $XDG_RUNTIME_DIR, readable by you alone, and never under your home directory. A purpose named \
      here is that of the later commands too.
      """)

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    guard shell.prompt == nil else {
      throw Failure.usage("The prompt is logged in already.", hint: "`lock` ends this session and asks for another.")
    }
    guard let store = SessionStore(socket: shell.socket) else { throw SessionStore.absent }
    try store.prepare()
    let account = try accountToOpen(shell)
    let credential =
      try shell.credentialFromFiles() ?? .passphrase(SecretInput.ask("Passphrase of \(account):"))
    let session = try await SessionOpening.open(
      account, credential, purpose: shell.given.purpose, socket: shell.socket, client: shell.client)
    do { try store.keep(session) } catch {
      try? await shell.client.logout()
      throw error
    }
    try shell.answer(session.publicDocument) { sheet in SessionSheet.fill(&sheet, session) }
  }

  @MainActor private func accountToOpen(_ shell: Shell) throws -> AccountName {
    if let named = try shell.namedAccount() { return named }
    guard Terminal.isInteractive, !shell.given.json else {
      throw Failure.usage("It is not said who logs in.", hint: "Give --account NAME.", field: "--account")
    }
    return try AccountName(Question.line("Account: ", idleSeconds: nil))
  }
}

/// Who is logged in, for people.
@MainActor enum SessionSheet {
  static func fill(_ sheet: inout Sheet, _ session: OpenSession) {
    if session.isDemo { sheet.line(sheet.style(.notice, DemoBanner.text)) }
    sheet.field("Account", "\(session.account) (\(session.role.rawValue))")
    sheet.field("Programmes", session.programmes.isEmpty ? "none" : session.programmes.joined(separator: ", "))
    sheet.field("Until", LocalTime.text(session.expires))
    WaitingRequests.fill(&sheet, session.requestsWaiting)
  }
}

/// What waits for one's own decision, where something does.
@MainActor enum WaitingRequests {
  static func fill(_ sheet: inout Sheet, _ count: UInt64) {
    guard count > 0 else { return }
    let words = count == 1 ? "1 request waits" : "\(count) requests wait"
    sheet.field("Requests", "\(words) for your decision: see `requests`", tone: .careful)
  }
}

struct Logout: OrdinaryCommand {
  static let configuration = CommandConfiguration(abstract: "End the session.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    if let prompt = shell.prompt {
      prompt.isLeaving = true
      return
    }
    try await SessionEnd.end(in: shell)
  }
}

struct Lock: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    abstract: "End the session now; the prompt forgets everything and asks for the passphrase again.")

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    if let prompt = shell.prompt {
      prompt.isLocking = true
      return
    }
    try await SessionEnd.end(in: shell)
  }
}

@MainActor enum SessionEnd {
  /// Ends the session that was kept, also where the daemon has ended it already.
  static func end(in shell: Shell) async throws {
    let session = try await shell.openSession()
    SessionStore(socket: shell.socket)?.forget(session.account)
    do { try await shell.client.logout() } catch {
      guard error.kind == .loginNeeded else { throw error }
    }
    try shell.answer(session.publicDocument) { sheet in sheet.line("\(session.account) is logged out.") }
  }
}
