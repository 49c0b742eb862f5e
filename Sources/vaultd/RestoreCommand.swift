import ArgumentParser
import Glibc
import VaultCrypto
import VaultEngine

/// Puts a backup in place once every row of it was checked, or only checks it.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Check a backup, and put it in place; with --drill only check it.")

  @Option(help: ArgumentHelp("Backup, as `vaultd backup` wrote it; - for standard input.", valueName: "file"))
  var from: String
  @Option(help: ArgumentHelp("age identity of one of the recipients.", valueName: "file")) var identity: String
  @Option(
    help: ArgumentHelp(
      "Directory that the vault gets; it must not exist, or be empty. With --drill: the vault whose log and status are told of it.",
      valueName: "dir"))
  var data: String?
  @OptionGroup var rootKey: RootKeyOptions
  @Option(help: ArgumentHelp("Anchor file; beside the data directory where none is named.", valueName: "file"))
  var anchor: String?
  @Flag(
    help: """
      Make the backup the vault again although newer entries existed: a new log begins, and two people have to accept it \
      before anybody's record is served.
      """)
  var overNewer = false
  @Option(
    name: .customLong("replay"),
    help: ArgumentHelp(
      "Off-host journal, with --over-newer: what took access away or was erased since the backup is repeated. Once for each file, oldest first.",
      valueName: "file"))
  var replay: [String] = []
  @Flag(help: "Prove the backup good and leave nothing behind.") var drill = false
  @Option(
    help: ArgumentHelp("Where a drill opens the backup; $TMPDIR or /var/tmp where none is named.", valueName: "dir"))
  var scratch: String?

  func run() async throws {
    let root = try rootKey.load(besides: data)
    let identities = try Identities.load(identity)
    guard !drill || (replay.isEmpty && !overNewer) else {
      throw Failure(Failure.usage, "A drill puts nothing in place.", hint: "Leave out --over-newer and --replay.")
    }
    guard overNewer || replay.isEmpty else {
      throw Failure(
        Failure.usage, "A journal is replayed where a backup becomes the vault again over something newer.",
        hint: "Give --over-newer as well: a new log begins, and two people accept it. Or leave out --replay.")
    }
    if drill {
      try await runDrill(root, identities)
    } else {
      try await restore(root, identities)
    }
  }

  private func restore(_ root: RootKey, _ identities: [AgeIdentity]) async throws {
    guard let data else {
      throw Failure(Failure.usage, "A restore needs a place.", hint: "Name it with --data DIR, or try --drill first.")
    }
    try StagedVault.refuseOccupied(data)
    let anchorPath = anchor ?? Vault.anchorPath(besides: data)
    let hasAnchor = unsafe access(anchorPath, F_OK) == 0
    let held = try Self.heldAnchor(anchorPath)
    let parent = StagedVault.parent(of: data)
    Self.removeLeftovers(in: parent)
    let interruption = Interruption { StagedVault.remove(Self.stagingPath(in: parent)) }
    defer { withExtendedLifetime(interruption) {} }
    let staged = try stage(identities, beside: parent)
    if overNewer {
      try await succeed(staged, root: root, at: data, anchorPath: anchorPath, held: held)
      return
    }
    if let held, try staged.isBehind(anchor: held, root: root) {
      throw Failure(
        7, "The backup is older than the vault that was here: its anchor has seen newer entries.",
        hint:
          "If the newer data directory is lost, give --over-newer, and --replay JOURNAL if one was kept: a new log begins, "
          + "and two people run `vaultsh restore accept`. Otherwise use the newer one.")
    }
    let report = try staged.verify(root: root, anchorPath: anchorPath)
    try staged.place(at: data)
    tell(report, staged.file)
    Output.line("restored: it is in its place; serve it with its root key.")
    if !hasAnchor {
      Output.line(
        "No anchor stands beside it, so nothing here says whether newer entries existed. Clients that saw newer ones refuse it."
      )
    }
  }

  /// Begins the vault's next log over whatever was lost.
  private func succeed(
    _ staged: StagedVault, root: RootKey, at data: String, anchorPath: String, held: [UInt8]?
  ) async throws {
    let verified = try staged.verify(root: root, anchorPath: nil)
    var source = Vault.SuccessionSource(backup: staged.file.digest)
    source.journals = try replay.map { path in
      guard let bytes = try SecretFile.read(path, what: "The journal", byteCountMax: 64 << 20) else {
        throw Failure(4, "There is no journal of this name.", hint: "Check --replay.")
      }
      return bytes
    }
    source.anchor = held
    let report = try await staged.succeed(root: root, source: source)
    _ = try staged.verify(root: root, anchorPath: nil)
    try staged.place(at: data, anchorPath: anchorPath)
    tell(verified, staged.file)
    Output.line("kept: \(report.keptWords)")
    if let newest = report.newestWords { Output.line("lost: what came after, up to \(newest) as far as is known") }
    for name in report.suspended { Output.line("suspended again: \(name)") }
    for (name, programmes) in report.revoked {
      Output.line("kept out until new keys: \(name) of \(programmes.map(\.description).joined(separator: ", "))")
    }
    for name in report.renewed { Output.line("keys and passphrase as they were last: \(name)") }
    for id in report.closed { Output.line("closed again to those who had lost access: \(id)") }
    for id in report.erased { Output.line("erased again: \(id)") }
    if let reach = report.journalWords { Output.line("journal: \(reach)") }
    if replay.isEmpty {
      Output.line(
        "No journal was given: what took access away or was erased since the backup is NOT carried forward.")
    } else if report.hasGap {
      Output.line(
        "The journal has a stretch that it knows nothing of: ask who lost access to what, and what was erased, then.")
    }
    if let undone = report.recoveredWords {
      Output.line(undone)
      Output.line("Take a backup from after that if there is one; if there is none, recover again once it is accepted.")
    }
    Output.line("digest: \(report.digest)")
    Output.line("restored: serve it, then a supervisor and an auditor run `vaultsh restore accept`.")
  }

  /// The anchor that counts: the one in its place, or else what a restore had set aside.
  private static func heldAnchor(_ path: String) throws -> [UInt8]? {
    for path in [path, StagedVault.asidePath(of: path)] {
      if let bytes = try SecretFile.read(path, what: "The anchor", byteCountMax: 4096) { return bytes }
    }
    return nil
  }

  private func runDrill(_ root: RootKey, _ identities: [AgeIdentity]) async throws {
    let parent = scratch ?? Self.temporaryDirectory
    Self.removeLeftovers(in: parent)
    let interruption = Interruption { StagedVault.remove(Self.stagingPath(in: parent)) }
    defer { withExtendedLifetime(interruption) {} }
    let staged = try stage(identities, beside: parent)
    let report = try staged.verify(root: root, anchorPath: nil)
    if let data {
      let witness = try await BackupWitness.find(directory: data, anchorPath: anchor) { root }
      do {
        try await witness.note(.drill(staged.file, vaultID: report.vaultID), uid: getuid())
      } catch {
        await witness.leave()
        throw error
      }
      await witness.leave()
    }
    tell(report, staged.file)
    Output.line("drill: the backup is good, and nothing of it was left here.")
  }

  private func stage(_ identities: [AgeIdentity], beside parent: String) throws -> StagedVault {
    let descriptor = from == "-" ? STDIN_FILENO : unsafe open(from, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure(4, "The backup cannot be opened.", hint: "Check --from: is it there, and may this user read it?")
    }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    return try StagedVault(from: descriptor, with: identities, in: Self.stagingPath(in: parent))
  }

  private func tell(_ report: VerificationReport, _ file: BackupFile) {
    Output.line("backup: \(file.byteCount) bytes, sha256 \(file.digestText)")
    Output.line("vault: \(report.vaultID)")
    Output.line(
      "records: \(report.records)   sections, all versions: \(report.sections)   log: \(report.entries) entries")
    if report.isDemo { Output.line("DEMO: the keys of this vault are published.") }
  }

  private static let stagingPrefix = ".vault-restoring-"

  private static func stagingPath(in parent: String) -> String { "\(parent)/\(stagingPrefix)\(getpid())" }

  /// A restore that was killed leaves a whole database behind, and nobody else looks for it.
  private static func removeLeftovers(in parent: String) {
    for name in DirectoryNames.all(in: parent, countMax: 10_000) where name.hasPrefix(stagingPrefix) {
      var status = stat()
      let path = "\(parent)/\(name)"
      guard let process = pid_t(name.dropFirst(stagingPrefix.count)), process > 0,
        unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      StagedVault.remove(path)
      Output.line("note: what an interrupted restore had left was removed: \(path)")
    }
  }

  private static var temporaryDirectory: String {
    // A vault can be larger than a memory-backed /tmp.
    unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/var/tmp"
  }
}

/// age identities of a file.
enum Identities {
  static func load(_ path: String) throws -> [AgeIdentity] {
    guard var bytes = try SecretFile.read(path, what: "The identity file") else {
      throw Failure(4, "There is no identity file.", hint: "age-keygen made it, with the recipient of the backup.")
    }
    let file = SecretBytes(wiping: &bytes)
    do { return try AgeIdentity.all(inFile: file) } catch {
      throw Failure(
        1, "The identity file holds no X25519 identity of age.", hint: "It is what age-keygen -o FILE writes.")
    }
  }
}
