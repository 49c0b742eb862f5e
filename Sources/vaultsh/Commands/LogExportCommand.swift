import AccessLog
import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct LogExport: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Copy the whole log into a directory that anyone can verify, or bring an older copy up to date.",
    discussion: """
      The directory is a log as the C2SP tlog-tiles format describes it; the entries in it stay closed. The log's public \
      key is written beside it, as DIR.vkey: give that to others in another way than the directory. An interrupted export \
      goes on where it stopped. A restore begins another log; `--log 1` is the one before the first restore, as far as it was kept.
      """)

  @Argument(help: ArgumentHelp("Directory; is made where it is missing.", valueName: "dir"), completion: .directory)
  var directory: String

  @Option(
    help: ArgumentHelp("Where the log's public key is written. Default: DIR.vkey.", valueName: "file"),
    completion: .file())
  var vkeyFile: String?

  @Option(help: ArgumentHelp("A log before a restore, by its number. Default: the present one.", valueName: "n"))
  var log: UInt64?

  @OptionGroup var globals: GlobalOptions

  func run(in shell: Shell) async throws {
    let target = ExportDirectory(try DirectoryPath.named(directory, field: "dir"))
    let keyFile = vkeyFile ?? ProofBundleFile.logKey(beside: target.path)
    try await shell.openSession()
    let present = try await KnownVaults.proven(in: shell, for: .export)
    let log: ProvenLog
    if let number = self.log { log = try await present.earlier(number, with: shell.client) } else { log = present }
    try LogKeyText.demandSame(log.key, in: keyFile)
    let before = try await older(in: target, log, shell.client)
    let progress = Progress("Exporting", total: log.checkpoint.size, isOn: !shell.given.json)
    defer { progress.end() }
    try LogKeyText.publish(log.key, in: keyFile)
    let client = shell.clientForMany()
    defer { client.close() }
    var copy = try await LogCopy(to: target, of: before, log: log, client: client)
    try await copy.run(progress)
    progress.end()
    let document = JSONValue.object([
      "size": .integer(Int64(clamping: log.checkpoint.size)), "root": .string(log.checkpoint.root.description),
      "ok": true, "origin": .string(log.checkpoint.origin.text), "key": .string(log.key.vkey),
      "new": .integer(Int64(clamping: copy.newCount)), "directory": .string(target.path), "keyFile": .string(keyFile),
    ]).canonicalBytes()
    try shell.answer(document) { sheet in
      sheet.line(
        sheet.style(.good, "The log is exported and whole: ")
          + "\(LogFailure.count(log.checkpoint.size))\(before == nil ? "" : ", \(copy.newCount) of them new").")
      sheet.field("Directory", Printable.line(target.path))
      sheet.field("Public key", "\(Printable.line(keyFile)) – hand it on in another way than the directory")
      sheet.field("Root", log.checkpoint.root.description)
      sheet.field("Verify", "vaultsh log verify \(Printable.line(target.path))")
    }
  }

  /// The size of the copy that is there, once the log is known to have grown from it.
  @MainActor private func older(
    in target: ExportDirectory, _ log: ProvenLog, _ client: VaultClient
  ) async throws -> UInt64? {
    let place = Printable.line(target.path + "/" + TilePath.checkpoint)
    let bytes: [UInt8]?
    do {
      bytes = try target.files.contents(of: TilePath.checkpoint, byteCountMax: LogBound.noteByteCountMax)
    } catch is LogError { throw LogFailure.malformed(place) } catch let error as LogDirectory.Failure {
      throw LogFailure.system(error, in: target.path, "Cannot read")
    }
    guard let bytes else { return nil }
    let older: VerifiedCheckpoint
    do { older = try UnverifiedCheckpoint(encoded: bytes).verified(by: log.key) } catch {
      throw error.code == .notAuthentic ? LogFailure.notSigned(place) : LogFailure.malformed(place)
    }
    try await log.verifyExtends(size: older.size, root: older.root, keptAt: place, with: client)
    return older.size
  }
}
