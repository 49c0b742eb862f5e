import Glibc
import VaultAPI
import VaultClient
import VaultModel

/// The shell without a command: log in once, then type.
///
/// All of it happens on the alternate screen, so that neither names that were searched nor records stay in the
/// scrollback. Locking replaces the process by a fresh one: nothing that it held is left in its memory.
@MainActor final class Prompt {
  /// Minutes without a key until it locks; `VAULT_IDLE_MINUTES` changes it.
  static let idleMinutes = 5
  /// A day: whoever wants longer does not want to lock.
  static let idleMinutesMax = 24 * 60
  private static let attemptCountMax = 3

  private let given: GivenOptions
  private let state: PromptState
  private let editor: LineEditor

  private init(given: GivenOptions, state: PromptState) throws {
    self.given = given
    self.state = state
    let completion = Completion(state: state)
    editor = try LineEditor { completion.candidates(for: $0) }
  }

  static func run(_ given: GivenOptions) async throws {
    guard Terminal.isInteractive, !given.json else {
      throw Failure.usage("The prompt needs a terminal.", hint: "Give a COMMAND; see `vaultsh help`.")
    }
    let shell = try Shell(given)
    Interrupt.notice()
    Terminal.enterAlternateScreen()
    defer { Terminal.leaveAlternateScreen() }
    Lock.announce()
    let status = try await shell.client.status()
    Terminal.write(
      "Survivor Vault  " + Style(for: STDOUT_FILENO)(.dim, String(status.vault.prefix(16)) + "…") + "\n"
        + (status.isDemo ? DemoBanner.line + "\n" : ""))
    let session = try await logIn(shell)
    let state = PromptState(
      socket: shell.socket, client: shell.client, session: session, idleSeconds: idleSeconds, given: given)
    let prompt = try Prompt(given: given, state: state)
    prompt.greet()
    await prompt.loop()
  }

  private static var idleSeconds: Int {
    let minutes = Environment.value("VAULT_IDLE_MINUTES").flatMap { Int($0) } ?? idleMinutes
    return 60 * min(max(1, minutes), idleMinutesMax)
  }

  private static func logIn(_ shell: Shell) async throws -> OpenSession {
    let named = try shell.namedAccount()
    let account = try named ?? AccountName(Question.line("Account: ", idleSeconds: nil))
    for attempt in 1... {
      let credential = try shell.credentialFromFiles() ?? .passphrase(SecretInput.ask("Passphrase of \(account):"))
      do {
        return try await SessionOpening.open(
          account, credential, purpose: shell.given.purpose, socket: shell.socket, client: shell.client)
      } catch let error as ClientError where error.kind == .loginFailed && attempt < attemptCountMax {
        guard shell.given.passphraseFile == nil, shell.given.keyFile == nil else { throw error }
        FailureText.show(Failure(error.problem))
      }
    }
    throw Failure(.loginFailed)
  }

  private func greet() {
    var sheet = Sheet()
    SessionSheet.fill(&sheet, state.session)
    sheet.line()
    sheet.line(
      sheet.style(.dim, "`help` shows what you can do. Locks when no key is pressed for \(state.idleSeconds / 60) min.")
    )
    Terminal.write(sheet.text)
  }

  private func loop() async {
    let prompt = (state.session.isDemo ? "DEMO " : "") + "\(state.session.account)> "
    while !state.isLeaving, !Interrupt.isLeaving {
      Interrupt.clear()
      switch editor.read(prompt, idleSeconds: state.idleSeconds) {
      case .text(let line): await execute(line)
      case .cancelled: Terminal.write("^C\n")
      case .end: state.isLeaving = true
      case .idle: state.isLocking = true
      }
      if state.isLocking, !Interrupt.isLeaving { await lock() }
    }
    try? await state.client.logout()
    editor.close()
  }

  private func execute(_ line: String) async {
    do {
      let words = try CommandLineWords.split(line)
      guard let first = words.first else { return }
      editor.remember(line)
      switch first {
      case "exit", "quit": state.isLeaving = true
      case "help" where words.count == 1, "?": try help()
      case "purpose": try changePurpose(words.dropFirst().first)
      default: try await runCommand(words)
      }
    } catch is IdleTooLong {
      state.isLocking = true
    } catch {
      FailureText.show(Failure(any: error))
    }
  }

  private func runCommand(_ words: [String]) async throws {
    let parsed = try Invocation(words)
    guard case .command(let command, let given) = parsed else {
      if case .message(let text) = parsed { Terminal.write(text + "\n") }
      return
    }
    if given.account != nil || given.socket != nil || given.passphraseFile != nil && !(command is ChangePassphrase) {
      throw Failure.usage(
        "The prompt works for one account of one vault.", hint: "`lock` lets another account log in.")
    }
    let shell = Shell(given, at: state)
    do {
      try await command.run(in: shell)
    } catch let error as ClientError where error.kind == .loginNeeded {
      FailureText.show(Failure(error.problem))
      state.isLocking = true
    }
  }

  private func help() throws {
    var sheet = Sheet()
    HelpScreen.fill(&sheet, role: state.session.role)
    try Pager.show(sheet, isDemo: state.session.isDemo, idleSeconds: state.idleSeconds)
  }

  private func changePurpose(_ code: String?) throws {
    state.reason = nil
    guard let code else {
      _ = try state.askPurpose()
      return
    }
    guard let purpose = Purpose(rawValue: code) else {
      throw Failure.usage(
        "There is no such purpose.", hint: "One of: \(Purpose.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    state.purpose = purpose
  }

  /// Ends the session and starts anew as another process image. Does not come back, unless the system refuses.
  private func lock() async {
    Terminal.clear()
    try? await state.client.logout()
    editor.close()
    Lock.restart(given)
    state.isLeaving = true
  }
}
