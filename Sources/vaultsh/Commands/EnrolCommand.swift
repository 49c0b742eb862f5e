import ArgumentParser
import Glibc
import VaultAPI
import VaultCrypto
import VaultModel

struct Enrol: VaultCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn a one-time code into an account with a secret of your own.",
    discussion: """
      Without --passphrase-file and --new-key-file you choose a passphrase on the terminal, or take six words that are \
      made for you. Afterwards read the six words of the fingerprint to your supervisor, over a channel that is not this \
      machine, and keep them: nobody else is shown them.
      """)

  @Argument(help: ArgumentHelp("Name that you were invited under.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("`-`: the code is asked for, or read from standard input.", valueName: "-"))
  var code: String?

  @Option(help: ArgumentHelp("File with the code.", valueName: "file"), completion: .file())
  var codeFile: String?

  @Option(help: ArgumentHelp("File whose first line becomes the passphrase.", valueName: "file"), completion: .file())
  var passphraseFile: String?

  @Option(
    help: ArgumentHelp("For services: make a key instead of a passphrase, and write it here.", valueName: "file"),
    completion: .file())
  var newKeyFile: String?

  @OptionGroup(title: "Vault") var connection: ConnectionOptions

  var given: GivenOptions { GivenOptions(connection: connection) }

  func run(in shell: Shell) async throws {
    let name = try AccountName(name).description
    let code = try readCode()
    let answer: EnrolmentAnswer
    switch (passphraseFile, newKeyFile) {
    case (nil, let path?): answer = try await enrol(name, code, writingKeyTo: path, shell)
    case (_?, _?):
      throw Failure.usage("A passphrase file and a new key file were given.", hint: "Give one of them.")
    case (let path?, nil):
      answer = try await shell.client.enrol(
        account: name, code: code, passphrase: SecretInput.firstLine(of: path))
    case (nil, nil):
      answer = try await shell.client.enrol(account: name, code: code, passphrase: NewPassphrase.choose())
    }
    try shell.answer(answer.bytes) { sheet in
      sheet.line("\(answer.account) is enrolled. Read these words to your supervisor, who compares them:")
      sheet.line()
      sheet.line("  " + sheet.style(.bold, Printable.line(answer.fingerprint)))
    }
  }

  private func readCode() throws -> WipedBytes {
    switch (code, codeFile) {
    case ("-", nil):
      isatty(STDIN_FILENO) == 1 ? try SecretInput.ask("One-time code:") : try SecretInput.standardInputLine()
    case (nil, let path?): try SecretInput.firstLine(of: path)
    case (nil, nil):
      throw Failure.usage("The one-time code is missing.", hint: "Give --code - or --code-file FILE.", field: "--code")
    case (_?, _?): throw Failure.usage("The code is given twice.", hint: "Give --code - or --code-file FILE.")
    case (_?, nil):
      throw Failure.usage(
        "A code is not taken from the command line, where others can see it.",
        hint: "Give --code - and type it, or send it on standard input.", field: "--code")
    }
  }

  @MainActor private func enrol(
    _ name: String, _ code: WipedBytes, writingKeyTo path: String, _ shell: Shell
  ) async throws -> EnrolmentAnswer {
    // Made before the code is spent: a key that cannot be written would be lost.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure.file("The key file cannot be made:", path, .last) }
    defer { close(descriptor) }
    do {
      let (answer, key) = try await shell.client.enrolWithNewKey(account: name, code: code)
      let isWritten = key.withBytes { bytes in
        unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) == $0.count }
      }
      guard isWritten, fsync(descriptor) == 0 else {
        throw Failure.file("The key could not be written and is lost:", path, .last)
      }
      return answer
    } catch {
      _ = unsafe unlink(path)
      throw error
    }
  }
}

/// A passphrase that a person chooses or is given, on the terminal.
enum NewPassphrase {
  /// Bytes below which the shell refuses: the wire may be stricter.
  static let byteCountMin = 12

  @MainActor static func choose() throws -> WipedBytes {
    guard Terminal.isInteractive || isatty(STDERR_FILENO) == 1 else {
      throw Failure.usage(
        "There is no terminal to choose a passphrase on.", hint: "Give --passphrase-file FILE.",
        field: "--passphrase-file")
    }
    Terminal.write(
      "Choose a passphrase of at least \(byteCountMin) characters, or type ? for six words.\n", to: STDERR_FILENO)
    var chosen = try SecretInput.ask("New passphrase:")
    if chosen.count == 1 {
      chosen = generated()
      show(chosen)
    }
    guard chosen.count >= byteCountMin else {
      throw Failure(
        .invalid, "The passphrase is too short.", hint: "Six words, or at least \(byteCountMin) characters.")
    }
    let repeated = try SecretInput.ask("Once more:")
    let isSame = chosen.count == repeated.count && chosen.copied() == repeated.copied()
    guard isSame else { throw Failure(.invalid, "The two were not the same.", hint: "Start again.") }
    return chosen
  }

  private static func generated() -> WipedBytes {
    var bytes = PassphraseGenerator.words().withBytes { unsafe [UInt8]($0) }
    return WipedBytes(taking: &bytes)
  }

  /// On the alternate screen, until a key is pressed.
  @MainActor private static func show(_ words: WipedBytes) {
    let wasOn = Terminal.isOnAlternateScreen
    Terminal.enterAlternateScreen()
    Terminal.write("These six words are your passphrase. Write them down and keep them away from this machine:\n\n  ")
    words.withBytes { bytes in
      _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
    Terminal.write("\n\nPress a key when you have them; you will be asked for them. ")
    _ = TerminalMode.withKeys { KeyPress.next(idleSeconds: nil) }
    if wasOn { Terminal.clear() } else { Terminal.leaveAlternateScreen() }
  }
}

struct ChangePassphrase: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "passphrase",
    abstract: "Change your passphrase.",
    discussion: "The present one is asked for, or read from --passphrase-file.")

  @Option(
    help: ArgumentHelp("File whose first line becomes the passphrase.", valueName: "file"), completion: .file())
  var newPassphraseFile: String?

  @Flag(
    help: """
      Somebody else may have the account's keys. Another passphrase does not take those back: it is refused, and says \
      whom to ask for new keys.
      """)
  var compromised = false

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let session = try await shell.openSession()
    let current: WipedBytes
    if let path = shell.given.passphraseFile {
      current = try SecretInput.firstLine(of: path)
    } else {
      current = try SecretInput.ask("Present passphrase of \(session.account):")
    }
    let new: WipedBytes
    if let newPassphraseFile {
      new = try SecretInput.firstLine(of: newPassphraseFile)
    } else {
      new = try NewPassphrase.choose()
    }
    try await shell.client.changePassphrase(current: current, new: new, isCompromised: compromised)
    let document = JSONValue.object(["account": .string(session.account), "changed": true]).canonicalBytes()
    try shell.answer(document) { sheet in sheet.line("The passphrase of \(session.account) is changed.") }
  }
}
