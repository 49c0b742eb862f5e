import ArgumentParser
import Glibc
import VaultCrypto
import VaultEngine
import VaultModel

/// The day everything is lost: new people, new keys and new shares for a vault whose recovery shares were gathered. Works
/// on the data directory alone, never through the socket.
struct RecoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Rebuild access from recovery shares; with --drill only prove the shares good.")

  @Option(help: ArgumentHelp("Directory of the vault; no daemon may have it open.", valueName: "dir")) var data: String
  @Option(
    name: .customLong("share-file"), parsing: .upToNextOption,
    help: ArgumentHelp("Recovery shares: bare words, or the holder's age file.", valueName: "file"))
  var shareFiles: [String]
  @Option(
    name: .customLong("identity"), parsing: .upToNextOption,
    help: ArgumentHelp("age identities of the share holders.", valueName: "file"))
  var identities: [String] = []
  @Option(help: ArgumentHelp("New account that opens programmes and grants them.", valueName: "name"))
  var supervisor: String?
  @Option(help: ArgumentHelp("New account that reads the access log.", valueName: "name")) var auditor: String?
  @Option(
    help: ArgumentHelp(
      "New account that runs the host, if the administrators' passphrases are lost too; otherwise they stay.",
      valueName: "name"))
  var administrator: String?
  @OptionGroup var shares: ShareOptions
  @OptionGroup var rootKey: RootKeyOptions
  @Option(
    help: ArgumentHelp(
      "Where a new root key is written (0600), if the present one is lost or known to others; never over something.",
      valueName: "file"))
  var newRootKeyFile: String?
  @Option(help: ArgumentHelp("Anchor file; beside the data directory where none is named.", valueName: "file"))
  var anchor: String?
  @Option(
    help: ArgumentHelp(
      "Only make the shares anew, for the holders in this request, which two people agreed on; everybody stays.",
      valueName: "request"))
  var reissue: String?
  @Flag(help: "Prove that the shares open the vault, and change nothing but the log.") var drill = false

  func run() async throws {
    if reissue != nil { try refuseBesidesReissue() }
    let given = try ShareFiles.load(shareFiles, identities: identities)
    if drill {
      let proved = try await Vault.proveShares(
        directory: data, seed: RecoverySeed(combining: given), anchorPath: anchor)
      Output.line("vault: \(proved.vaultID)")
      Output.line("drill: the shares open the vault, and nothing was changed (log entry \(proved.entryIndex)).")
      return
    }
    if let reissue {
      guard let request = RequestID(reissue) else {
        throw Failure(
          Failure.usage, "A request's id is 16 digits and letters from a to f.",
          hint: "`vaultsh requests` shows it until it is used.")
      }
      try await recover(RecoveryPlan(.reissue(request)), with: given)
      return
    }
    let plan = RecoveryPlan(
      .rebuild(
        supervisor: try name(supervisor, "--supervisor"), auditor: try name(auditor, "--auditor"),
        administrator: try name(administrator, "--administrator")),
      holders: nil)
    try await recover(plan, with: given)
  }

  /// The request says what happens: nothing that was not agreed on may come along.
  private func refuseBesidesReissue() throws(Failure) {
    guard supervisor == nil, auditor == nil, administrator == nil, newRootKeyFile == nil, !drill else {
      throw Failure(
        Failure.usage, "With --reissue nobody new is named, and the root key stays.",
        hint: "Leave out --supervisor, --auditor, --administrator, --new-root-key-file and --drill.")
    }
    guard !shares.isGiven else {
      throw Failure(
        Failure.usage, "Whom the new shares are for is in the request that was approved.",
        hint: "Leave out --threshold, --share-recipient, --print-bare-shares and --shares.")
    }
  }

  private func recover(_ plan: RecoveryPlan, with given: [RecoveryShare]) async throws {
    let sharePlan = try shares.plan()
    var plan = plan
    plan.holders = sharePlan?.holders
    let root = rootKey.path == nil && newRootKeyFile != nil ? nil : try rootKey.load(besides: data)
    if let newRootKeyFile { try DataPlace.refuseInside(newRootKeyFile, data: data) }
    // Where nobody is named, they go to the holders of before, as files too.
    try DataPlace.refuseShares(in: sharePlan == nil ? shares.directory : sharePlan?.directory, data: data)
    let newRoot = newRootKeyFile.map { _ in RootKey.random() }
    var isPrepared = false
    do {
      let recovered = try await Vault.recover(
        directory: data, seed: RecoverySeed(combining: given), plan: plan, root: root, newRoot: newRoot,
        anchorPath: anchor
      ) { issue in
        try prepare(issue, sharePlan, newRoot)
        isPrepared = true
      }
      tell(recovered, plan)
    } catch {
      if isPrepared {
        Output.errorLine("vaultd: Keep the old shares and root key as well as the new ones: one set of them is good.")
        Output.errorLine("hint: `vaultd recover --drill --data DIR --share-file …` with each tells which.")
      }
      throw error
    }
  }

  /// All of it is on paper or disk before the vault changes. What fails here leaves nothing behind.
  private func prepare(_ issue: RecoveryIssue, _ plan: SharePlan?, _ newRoot: RootKey?) throws {
    if let newRoot, let newRootKeyFile {
      try newRoot.file.withBytes { bytes throws(Failure) in
        try unsafe SecretFile.write(bytes, to: newRootKeyFile, what: "The new root key file")
      }
    }
    var issued: IssuedShares?
    do {
      if let newRootKeyFile { try SecretFile.flushDirectory(of: newRootKeyFile) }
      let plan = try plan ?? SharePlan(issue.holders, directory: shares.directory)
      issued = try plan.issue(issue.seed, named: "recovery-\(issue.number)-share")
      for line in issued?.lines ?? [] { Output.line(line) }
      tellCodes(of: issue.people)
      // Whoever loses the connection from here on may not see what came of it.
      Output.line("Keep the old shares and root key too until the last line says `\(lastWord)`. If you do not see it,")
      Output.line("the old set or the new one is good: `vaultd recover --drill` with each set of shares tells which.")
      try Output.demandDelivered(hint: "Nothing was changed. Run it again, to a terminal or a file with room.")
    } catch {
      issued?.remove()
      if let newRootKeyFile, newRoot != nil { unsafe unlink(newRootKeyFile) }
      throw error
    }
  }

  /// What the last line begins with once all of it counts.
  private var lastWord: String { reissue == nil ? "recovered" : "reissued" }

  private func tellCodes(of people: [RecoveryIssue.Person]) {
    guard !people.isEmpty else { return }
    Output.line(
      "One-time codes, good for a week once the last line says `recovered`. Hand each to its person, who enrols")
    Output.line("with `vaultsh enrol NAME --code -`; then burn it: until then it opens what the account will open.")
    for person in people {
      Output.line("")
      unsafe Array("  \(person.name): ".utf8).withUnsafeBytes { unsafe Output.write($0) }
      person.code.text.withBytes { unsafe Output.write($0) }
    }
    Output.line("\n")
  }

  private func tell(_ recovered: Recovered, _ plan: RecoveryPlan) {
    Output.line("vault: \(recovered.vaultID)")
    if !recovered.suspended.isEmpty {
      Output.line("suspended: \(recovered.suspended.map(\.description).joined(separator: " "))")
      Output.line("They are members of nothing now. Whoever stays is let in and granted again, as on their first day.")
    }
    if !recovered.closed.isEmpty {
      Output.line(
        "kept to named people, and closed to these shares: \(recovered.closed.map(\.description).joined(separator: " "))"
      )
    }
    if !recovered.waiting.isEmpty {
      Output.line("kept to named people: \(recovered.waiting.map(\.description).joined(separator: " "))")
      Output.line(
        "They are sealed for the new shares when one of those people next has a session open; keep the old shares until then."
      )
    }
    if !recovered.lifted.isEmpty {
      Output.line("kept to named people before: \(recovered.lifted.map(\.description).joined(separator: " "))")
      Output.line(
        "They are the new supervisor's alone now: restrict them again before anybody is granted their programme.")
    }
    if recovered.missingEpochCount > 0 {
      Output.line(
        "\(recovered.missingEpochCount) older keys were not held by the recovery seed: what lies under them stays closed."
      )
    }
    if newRootKeyFile != nil {
      Output.line(
        "The new root key opens the vault, the old one no longer does; backups from before still need the old.")
    }
    Output.line("The shares that were used open nothing that is written from now on: have their holders destroy them,")
    Output.line("unless backups from before are kept, which they still open.")
    if reissue != nil {
      Output.line(
        "\(lastWord): log entry \(recovered.entryIndex), new shares as above; everybody else stays as they were.")
      return
    }
    Output.line(
      "\(lastWord): log entry \(recovered.entryIndex), \(recovered.programmes) programmes, new shares as above.")
  }

  private func name(_ text: String?, _ flag: String) throws(Failure) -> AccountName? {
    guard let text else { return nil }
    do { return try AccountName(text) } catch {
      throw Failure(
        Failure.usage, "\(flag) is not an account name.",
        hint: "1 to 64 lowercase letters, digits, `-` and `.`, letter first.")
    }
  }
}

/// Shares as their holders bring them. Words never stand in arguments, and no error repeats one.
enum ShareFiles {
  private static let ageBeginnings = ["age-encryption.org/", "-----BEGIN AGE ENCRYPTED FILE-----"]

  static func load(_ paths: [String], identities: [String]) throws -> [RecoveryShare] {
    guard paths.count <= ShareHolders.countMax else {
      throw Failure(
        Failure.usage, "There are more share files than a set has shares.", hint: "Give one of each holder.")
    }
    let keys = try identities.flatMap { try Identities.load($0) }
    return try paths.enumerated().map { try load($1, number: $0 + 1, keys) }
  }

  private static func load(_ path: String, number: Int, _ identities: [AgeIdentity]) throws -> RecoveryShare {
    // Until there is a file of that name, it may be the words themselves, typed where their file belongs.
    guard var bytes = try SecretFile.read(path, what: "Share file \(number)") else {
      throw Failure(
        4, "Share file \(number) is not there.",
        hint: "Give --share-file for each share that was gathered: the name of the file, never the words in it.")
    }
    defer { wipe(&bytes) }
    let text: SecretBytes
    if ageBeginnings.contains(where: { bytes.starts(with: $0.utf8) }) {
      guard !identities.isEmpty else {
        throw Failure(
          Failure.usage, "\(path) is an age file, and no identity is given.",
          hint: "Its holder brings the identity file: --identity FILE. Or they bring the words, opened with age -d.")
      }
      do {
        var words = try Age.decrypt(bytes, with: identities).copyBytes()
        text = SecretBytes(wiping: &words)
      } catch  where error.code == .noMatch {
        throw Failure(
          3, "No identity that is given opens \(path).", hint: "Give the identity file of its holder: --identity FILE.")
      } catch {
        throw Failure(1, "\(path) is not a whole age file: \(error.reason).", hint: "Ask its holder for another copy.")
      }
    } else {
      if SecretFile.isOpenToOthers(path) {
        Output.errorLine("vaultd: Other users of this host can read \(path).")
        Output.errorLine("hint: chmod 600 it, and think of that share as known to them.")
      }
      text = SecretBytes(wiping: &bytes)
    }
    do { return try RecoveryShare(parsing: text) } catch {
      throw Failure(
        1, "\(path) is not a recovery share: \(error.reason).",
        hint:
          "Its holder compares all 33 words with their copy. Words are not shown here, and which one is wrong is not known."
      )
    }
  }
}
