import AccessLog
import ArgumentParser
import VaultAPI
import VaultClient
import VaultModel

struct LogProve: OrdinaryCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Write single entries with their proofs into a directory, for a court.",
    discussion: """
      The directory holds the entries in the clear, the key of each of them, which opens no other, the leaf and its proof \
      (C2SP tlog-proof), the signed checkpoint – with the auditor's signature where a sign-off covers them – and a page that \
      says what it proves. Anybody can check it with `vaultsh log verify DIR`. What you disclose is an entry of the log too.
      """)

  @Argument(help: ArgumentHelp("Indexes of the entries, as `log` lists them.", valueName: "index"))
  var indexes: [UInt64]

  @Option(help: ArgumentHelp("Directory; must not exist yet.", valueName: "dir"), completion: .directory)
  var to: String

  @OptionGroup var globals: GlobalOptions

  func validate() throws {
    guard !indexes.isEmpty, indexes.count <= ProofBundleFile.entryCountMax else {
      throw ValidationError("between 1 and \(ProofBundleFile.entryCountMax) indexes can be proven at once")
    }
  }

  func run(in shell: Shell) async throws {
    let directory = try DirectoryPath.named(to, field: "--to")
    try await shell.openSession()
    let log = try await KnownVaults.proven(in: shell, for: .export)
    let indexes = Set(indexes).sorted()
    guard let last = indexes.last, last < log.checkpoint.size else {
      throw Failure(
        .notFound, "The log has no such entry: it has \(LogFailure.count(log.checkpoint.size)), counted from 0.",
        hint: "`vaultsh log` lists entries with their indexes.", field: "index")
    }
    let signed = try await SignedOffLog.covering(last, of: log, with: shell.client)
    let collection = ProofCollection(log: log, signed: signed.checkpoint, client: shell.client)
    let writing = try BundleWriting(to: directory, signedBy: log.key)
    do {
      try writing.write(try await collection.proofs(of: indexes, isShown: !shell.given.json), of: log, signed)
    } catch {
      writing.abandon(indexes)
      throw error
    }
    let keyFile = ProofBundleFile.logKey(beside: directory)
    let document = JSONValue.object([
      "size": .integer(Int64(clamping: signed.checkpoint.size)), "root": .string(signed.checkpoint.root.description),
      "ok": true, "origin": .string(signed.checkpoint.origin.text), "key": .string(log.key.vkey),
      "indexes": .array(indexes.map { .integer(Int64(clamping: $0)) }), "directory": .string(directory),
      "keyFile": .string(keyFile),
      "cosignatures": .array(signed.checkpoint.cosignatures.map(CosignatureText.json)),
    ]).canonicalBytes()
    try shell.answer(document) { sheet in
      sheet.line(
        sheet.style(.good, "The bundle is written and genuine: ")
          + "\(LogFailure.count(UInt64(indexes.count))) of the log's first \(signed.checkpoint.size).")
      for cosignature in signed.checkpoint.cosignatures {
        sheet.line("Signed off by \(CosignatureText.words(cosignature)).")
      }
      sheet.field("Directory", Printable.line(directory))
      sheet.field("Page", Printable.line(directory + "/" + ProofBundleFile.page))
      sheet.field("Public key", "\(Printable.line(keyFile)) – hand it on in another way than the directory")
      sheet.field("Verify", "vaultsh log verify \(Printable.line(directory))")
      sheet.paragraph("Whoever has the directory reads these entries. Hand it on encrypted.", tone: .careful)
    }
  }
}
