import ArgumentParser
import Glibc
import VaultCrypto
import VaultEngine
import VaultModel

/// Makes a vault. Nobody's keys exist afterwards but those of people who enrol from their own terminals.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a vault and print a one-time code for each of its three founders.")

  @Option(help: ArgumentHelp("Directory of the vault; made if it is not there, mode 0700.", valueName: "dir"))
  var data: String
  @Option(help: "Account that runs the host and enrols others.") var administrator: String
  @Option(help: "Account that opens programmes and grants them.") var supervisor: String
  @Option(help: "Account that reads the access log.") var auditor: String
  @Option(
    help: ArgumentHelp("Where the root key is written (0600); never inside the data directory.", valueName: "file"))
  var rootKeyFile: String
  @OptionGroup var shares: ShareOptions
  @Flag(help: "Make no recovery shares: lost passphrases and a lost root key stay lost.") var noEscrow = false
  @Option(
    help: ArgumentHelp(
      "For scripts and demos: read NAME.passphrase there and enrol all three at once; bare recovery shares are written there.",
      valueName: "dir"))
  var insecureFounding: String?
  @Flag(help: "A demo vault: published keys, cheap passphrases, no real record.") var demo = false

  func run() async throws {
    var founding = Founding(
      administrator: try name(administrator, "--administrator"), supervisor: try name(supervisor, "--supervisor"),
      auditor: try name(auditor, "--auditor"))
    founding.isDemo = demo
    founding.isInsecure = insecureFounding != nil
    let plan = try sharePlan()
    let phrases = try insecureFounding.map { try FoundersPassphrases(directory: $0, founding) }
    let isNew = try DataPlace.prepare(data)
    defer {
      // A refused init leaves nothing behind; a directory with a vault in it is not empty and stays.
      if isNew { _ = unsafe rmdir(data) }
    }
    try DataPlace.refuseInside(rootKeyFile, data: data)
    for directory in [plan?.directory, insecureFounding] { try DataPlace.refuseShares(in: directory, data: data) }
    let root = RootKey.random()
    try root.file.withBytes { bytes throws(Failure) in
      try unsafe SecretFile.write(bytes, to: rootKeyFile, what: "The root key file")
    }
    let founded: (vaultID: String, codes: Founding.Codes)
    var issued: IssuedShares?
    do {
      if let plan {
        let seed = RecoverySeed.random()
        founding.recovery = (seed, plan.holders)
        // Before the vault: one whose shares could not be written would be one without shares, and look otherwise.
        issued = try plan.issue(seed)
      }
      founded = try founding.found(in: data, root: root)
    } catch {
      // Without a vault the key and the shares open nothing; leaving them would only be in the way of the next try.
      issued?.remove()
      unsafe unlink(rootKeyFile)
      throw error
    }
    for line in issued?.lines ?? [] { Output.line(line) }

    Output.line("vault: \(founded.vaultID)")
    if demo { Output.line("DEMO: its keys are published. Keep no real record in it.") }
    if let phrases {
      try await phrases.enrolAll(founded.codes, data: data, root: root, allowsDemo: demo)
      Output.line("state: open")
      Output.line("Founded insecurely: one process has seen every founder's passphrase. For scripts and demos only.")
    } else {
      Output.line("state: founding")
      Output.line("One-time codes: hand each to its person, who enrols with `vaultsh enrol NAME --code -`.")
      for (name, code) in [
        (administrator, founded.codes.administrator), (supervisor, founded.codes.supervisor),
        (auditor, founded.codes.auditor),
      ] {
        Output.line("")
        unsafe Array("  \(name): ".utf8).withUnsafeBytes { unsafe Output.write($0) }
        code.text.withBytes { unsafe Output.write($0) }
      }
      Output.line("")
    }
    try Output.demandDelivered(
      hint:
        "There is a vault now whose codes, and shares if they were to be printed, are nowhere: remove it and its root key file, and run this again."
    )
    if plan == nil { for line in InitCommand.noEscrowWords { Output.errorLine(line) } }
  }

  private static let noEscrowWords = [
    "No recovery shares were made, and none can be made later: `vaultd recover` has no way into this vault.",
    "A lost root key loses every record. If every supervisor of a programme forgets the passphrase, its records are lost;",
    "if the auditor does, nobody reads the log again. Keep copies of the root key, and have two people for each role.",
  ]

  private func sharePlan() throws -> SharePlan? {
    guard shares.shareDirectory == nil || !shares.recipients.isEmpty else {
      throw Failure(
        Failure.usage, "--share-directory is for the shares of recipients, and none is named.",
        hint: "Give --share-recipient once for each holder.")
    }
    guard noEscrow else {
      return try insecureFounding.map { try shares.insecurePlan(directory: $0) } ?? shares.plan()
    }
    guard !shares.isGiven else {
      throw Failure(
        Failure.usage, "--no-escrow and recovery shares exclude each other.",
        hint: "Name the holders of the shares, or do without them: not both.")
    }
    return nil
  }

  private func name(_ text: String, _ flag: String) throws -> AccountName {
    do { return try AccountName(text) } catch {
      throw Failure(
        Failure.usage, "\(flag) is not an account name.",
        hint: "1 to 64 lowercase letters, digits, `-` and `.`, letter first.")
    }
  }
}

/// The three passphrases of an insecure founding.
struct FoundersPassphrases {
  private let paths: [(name: AccountName, path: String)]

  init(directory: String, _ founding: Founding) throws {
    paths = [founding.administrator, founding.supervisor, founding.auditor].map {
      ($0, "\(directory)/\($0).passphrase")
    }
    for (name, path) in paths {
      guard try SecretFile.line(path, what: "The passphrase of \(name)") != nil else {
        throw Failure(4, "There is no file \(name).passphrase.", hint: "Insecure founding needs one for each founder.")
      }
    }
  }

  func enrolAll(_ codes: Founding.Codes, data: String, root: RootKey, allowsDemo: Bool) async throws {
    var options = Vault.Options()
    options.allowsDemo = allowsDemo
    let vault = try await Vault.open(directory: data, root: root, options: options)
    for ((name, path), code) in zip(paths, [codes.administrator, codes.supervisor, codes.auditor]) {
      guard let passphrase = try SecretFile.line(path, what: "The passphrase of \(name)") else {
        throw Failure(4, "There is no file \(name).passphrase.", hint: "It was there a moment ago: leave it in place.")
      }
      _ = try await vault.enrol(name.description, code: code.text, passphrase: passphrase, by: Caller(uid: getuid()))
    }
    await vault.close()
  }
}

/// The directory of a vault, before there is one.
enum DataPlace {
  /// Makes it where it is missing, and says whether it did.
  static func prepare(_ path: String) throws -> Bool {
    if unsafe mkdir(path, 0o700) == 0 { return true }
    guard errno == EEXIST else {
      throw Failure(1, "The data directory cannot be made.", hint: "Check that its parent exists and is yours.")
    }
    return false
  }

  /// A stolen data directory must not hold the key to itself.
  static func refuseInside(_ file: String, data: String) throws {
    guard !isInside(file, data: data) else {
      throw Failure(
        Failure.usage, "The root key must not lie inside the data directory.",
        hint: "Keep it on another medium, or with the service manager's credentials.")
    }
  }

  /// Nor what opens records as soon as enough of it is together.
  static func refuseShares(in directory: String?, data: String) throws(Failure) {
    guard let directory, isInside(directory + "/share", data: data) else { return }
    throw Failure(
      Failure.usage, "Recovery shares and founders' passphrases must not lie inside the data directory.",
      hint: "Whoever copies it would have them. Shares go elsewhere with --share-directory, and then to their holders.")
  }

  static func isInside(_ file: String, data: String) -> Bool {
    let parent = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    guard let directory = resolved(data) else { return false }
    // Where the name lies, and where a link of that name leads.
    return [parent.isEmpty ? "/" : parent, file].compactMap(resolved).contains { place in
      place == directory || place.hasPrefix(directory + "/")
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let real = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }
}
