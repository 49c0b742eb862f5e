import AccessLog
import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct LogVerify: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compute the log's tree again from its entries, and compare it with the signed checkpoint.",
    discussion: """
      Without DIR: the log of the vault, leaf by leaf, and that it begins with what you saw at your last login. With DIR: an \
      export, or a bundle that `log prove` wrote, on any machine, without the vault. The log's key is the one that this \
      program has kept, or stands in DIR.vkey, unless you name one that you got in another way.
      """)

  @Argument(help: ArgumentHelp("An export or a bundle.", valueName: "dir"), completion: .directory)
  var directory: String?

  @Option(
    help: ArgumentHelp("A checkpoint that was kept: the log has to begin with what it says.", valueName: "file"),
    completion: .file())
  var sinceCheckpoint: String?

  @Option(
    help: ArgumentHelp("Public key of the log: a vkey (C2SP signed-note), or a file with one.", valueName: "vkey"),
    completion: .file())
  var logKey: String?

  @Option(
    name: .customLong("cosigner"), parsing: .singleValue,
    help: ArgumentHelp(
      "Public key of somebody who signed off, as a vkey or a file; may be repeated.", valueName: "vkey"),
    completion: .file())
  var cosigners: [String] = []

  @OptionGroup var globals: GlobalOptions

  var needsVault: Bool { directory == nil }

  func run(in shell: Shell) async throws {
    let key = try logKey.map { try LogKeyText.key($0, .ed25519, option: "--log-key") }
    let cosigners = try cosigners.map { try LogKeyText.key($0, .cosignature, option: "--cosigner") }
    let older = try sinceCheckpoint.map { try KeptCheckpoint(path: $0) }
    if let directory {
      let isBundle = LogDirectory(directory).contains(ProofBundleFile.entries)
      if isBundle {
        try BundleVerification(directory, key: key, cosigners: cosigners, older: older).run(in: shell)
      } else {
        try OfflineVerification(directory, key: key, cosigners: cosigners, older: older).run(in: shell)
      }
    } else {
      try await OnlineVerification(key: key, cosigners: cosigners, older: older).run(in: shell)
    }
  }
}

/// A checkpoint in a file: of an export, of a sign-off that was carried away.
struct KeptCheckpoint {
  let path: String
  let note: UnverifiedCheckpoint

  init(path: String) throws {
    self.path = Printable.line(path)
    let bytes = try InputText.read(path, byteCountMax: LogBound.noteByteCountMax)
    do { note = try UnverifiedCheckpoint(encoded: bytes) } catch { throw LogFailure.malformed(self.path) }
  }

  /// Signed by the same key.
  func verified(by key: NoteKey, _ cosigners: [NoteKey]) throws -> VerifiedCheckpoint {
    do { return try note.verified(by: key, cosigners: cosigners) } catch {
      throw error.code == .notAuthentic ? LogFailure.notSigned(path) : LogFailure.malformed(path)
    }
  }
}
