import Glibc
import VaultAPI
import VaultClient
import VaultModel

/// What a command works with: the options, the vault, the session, and the way out for its answer.
@MainActor final class Shell {
  let given: GivenOptions
  let socket: String
  let client: VaultClient
  /// At the prompt, what lasts from command to command; nil for a one-shot command.
  let prompt: PromptState?

  private var session: OpenSession?
  /// Opened for this command alone, and closed after it.
  private var isSessionOurs = false

  /// For a one-shot command.
  init(_ given: GivenOptions, needsVault: Bool = true) throws {
    guard let socket = given.socket ?? Environment.path("VAULT_SOCKET") ?? (needsVault ? nil : "") else {
      throw Failure.usage(
        "It is not said which vault is meant.", hint: "Give --socket PATH, or set VAULT_SOCKET.", field: "--socket")
    }
    self.given = given
    self.socket = socket
    client = VaultClient(socket: socket)
    prompt = nil
  }

  /// For one command at the prompt.
  init(_ given: GivenOptions, at prompt: PromptState) {
    self.given = given
    self.prompt = prompt
    socket = prompt.socket
    client = prompt.client
    session = prompt.session
  }

  // MARK: Session

  /// The account that was named, checked for its spelling before it becomes part of a path.
  func namedAccount() throws -> AccountName? { try given.account.map { try AccountName($0) } }

  /// Makes sure that the client works in a session: the prompt's, one of this command alone, or the one that was kept.
  @discardableResult
  func openSession() async throws -> OpenSession {
    if let session { return session }
    let opened: OpenSession
    if let credential = try credentialFromFiles() {
      guard let account = try namedAccount() else {
        throw Failure.usage(
          "It is not said whose passphrase or key that is.", hint: "Give --account NAME.", field: "--account")
      }
      opened = try await SessionOpening.open(
        account, credential, purpose: given.purpose, socket: socket, client: client)
      isSessionOurs = true
    } else {
      let account = try namedAccount()
      guard let store = SessionStore(socket: socket), let kept = try store.session(of: account) else {
        throw Failure(
          .loginNeeded, "There is no open session\(account == nil ? "" : " of this account").",
          hint: "Log in first with `vaultsh --account NAME login`, or give --passphrase-file or --key-file.")
      }
      client.session = kept.token
      opened = kept
    }
    session = opened
    if opened.isDemo, !given.json, prompt == nil { Terminal.write(DemoBanner.line + "\n", to: STDERR_FILENO) }
    return opened
  }

  /// The session that is open already, if there is one: nobody is asked for a passphrase.
  func keptSession() async throws -> OpenSession? {
    if let session { return session }
    guard given.passphraseFile == nil, given.keyFile == nil, let store = SessionStore(socket: socket),
      try store.session(of: namedAccount()) != nil
    else { return nil }
    return try await openSession()
  }

  /// A session of this command alone, for a service whose key signs here.
  func openSession(of account: AccountName, signingWith key: ServiceKey) async throws {
    session = try await SessionOpening.open(account, signingWith: key, socket: socket, client: client)
    isSessionOurs = true
  }

  /// A session of this command alone, also in a vault that was restored and waits for two people: they need one to
  /// accept it. It is not remembered as the vault one knows.
  func openSessionBeforeAcceptance() async throws {
    guard session == nil, try await client.status().state == .restored else {
      try await openSession()
      return
    }
    // Who logged in while it waits is not asked for their passphrase again.
    if try await keptSession() != nil { return }
    guard let account = try namedAccount() else {
      throw Failure.usage("It is not said who accepts the restore.", hint: "Give --account NAME.", field: "--account")
    }
    let credential =
      try credentialFromFiles() ?? .passphrase(try SecretInput.ask("Passphrase of \(account):"))
    session = try await SessionOpening.open(
      account, credential, purpose: given.purpose, socket: socket, client: client, mayWait: true)
    isSessionOurs = true
  }

  /// What --passphrase-file or --key-file holds.
  func credentialFromFiles() throws -> Credential? {
    switch (given.passphraseFile, given.keyFile) {
    case (nil, nil): return nil
    case (let path?, nil): return .passphrase(try SecretInput.firstLine(of: path))
    case (nil, let path?): return .key(try SecretInput.file(path))
    case (_?, _?):
      throw Failure.usage(
        "A passphrase file and a key file were given.", hint: "Give one of them.", field: "--key-file")
    }
  }

  /// After the command, whether it went well or not.
  func close(after failure: Failure?) async {
    if isSessionOurs {
      try? await client.logout()
    } else if prompt == nil, failure?.kind == ProblemKind.loginNeeded.rawValue, let session {
      SessionStore(socket: socket)?.forget(session.account)
    }
    if prompt == nil { client.close() }
  }

  // MARK: Purpose

  /// Why records are read now. Asked once at the prompt; a one-shot command that names none says what `login` was
  /// given, else casework.
  func purpose() async throws -> (purpose: Purpose, reason: String?) {
    let session = try await openSession()
    let purpose: Purpose
    if let named = given.purpose ?? prompt?.purpose ?? session.purpose {
      purpose = named
    } else if let prompt {
      purpose = try prompt.askPurpose()
    } else {
      purpose = .casework
    }
    return (purpose, try reason(for: purpose))
  }

  private func reason(for purpose: Purpose) throws -> String? {
    let given = given.reason ?? (given.purpose == nil ? prompt?.reason : nil)
    if let given, given != "-" { return given }
    guard given == "-" || purpose.needsReason else { return nil }
    if Terminal.isInteractive {
      let reason = try Question.line("Reason, in your own words: ", idleSeconds: prompt?.idleSeconds)
      guard !reason.isEmpty else { throw Failure(.purposeNeeded, "No reason was given.") }
      return reason
    }
    guard given == "-" else {
      throw Failure(
        .purposeNeeded, "The purpose \(purpose.rawValue) needs a reason.",
        hint: "Give --reason -, and the reason on standard input.")
    }
    return String(decoding: try SecretInput.standardInputLine().copied(), as: UTF8.self)
  }

  // MARK: Answer

  /// What is shown contains something about a person: at the prompt it must not stay on the screen.
  enum Content { case personal, plain }

  /// The answer, once: the document with --json, else a sheet for people.
  func answer(_ document: [UInt8], _ content: Content = .plain, sheet fill: (inout Sheet) -> Void) throws {
    if given.json {
      Terminal.write(document + [UInt8(ascii: "\n")])
      return
    }
    var sheet = Sheet()
    fill(&sheet)
    // What is longer than the screen would be gone above it: there is no scrollback.
    if let prompt, Terminal.isInteractive, content == .personal || sheet.lines.count >= Terminal.size.rows {
      try Pager.show(sheet, isDemo: session?.isDemo ?? false, idleSeconds: prompt.idleSeconds)
    } else {
      Terminal.write(sheet.text)
    }
  }

  /// Whether the vault runs on published keys, as far as a session says so.
  var isDemo: Bool { session?.isDemo ?? false }

  /// Ids that were seen, for completion.
  func remember(records ids: [String]) { prompt?.remember(records: ids) }
}

extension WipedBytes {
  /// A copy; for what is no secret after all.
  func copied() -> [UInt8] { withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } } }
}

/// What every screen of a demo vault says.
enum DemoBanner {
  static let text = " DEMO  The keys of this vault are published: keep nothing real in it. "
  static var line: String { Style(for: STDERR_FILENO)(.notice, text) }
}
