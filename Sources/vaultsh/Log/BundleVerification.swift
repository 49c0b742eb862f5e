import AccessLog
import VaultModel

/// A bundle, verified without the vault: the signature, the place of each leaf, and that its key opens it to the entry
/// that is claimed.
@MainActor struct BundleVerification {
  private let files: LogDirectory
  private let keys: OfflineKeys
  private let older: KeptCheckpoint?

  init(_ directory: String, key: NoteKey?, cosigners: [NoteKey], older: KeptCheckpoint?) throws {
    files = LogDirectory(DirectoryPath.trimmed(directory))
    keys = try OfflineKeys(of: files.directory, log: key, cosigners: cosigners)
    self.older = older
  }

  func run(in shell: Shell) throws {
    let checkpoint = try self.checkpoint()
    try compareOlder(checkpoint)
    guard let claim = ProofBundleClaim(try bytes(ProofBundleFile.entries, ProofBundleFile.entriesByteCountMax)),
      let indexes = claim.indexes
    else { throw LogFailure.malformed(place(ProofBundleFile.entries)) }
    guard claim.origin == checkpoint.origin.text, claim.size == checkpoint.size,
      claim.root == checkpoint.root.description
    else { throw LogFailure.otherClaim(place(ProofBundleFile.entries)) }
    let context: LogContext
    do { context = try LogContext(vaultID: HexText.decode(claim.vault), origin: checkpoint.origin) } catch {
      throw LogFailure.malformed(place(ProofBundleFile.entries))
    }
    var proven: [ProvenEntry] = []
    for (index, claimed) in zip(indexes, claim.entries) {
      let entry = try entry(index, in: checkpoint, context)
      guard entry.json.canonicalBytes() == claimed.canonicalBytes() else {
        throw LogFailure.otherClaim(place(ProofBundleFile.entries), entry: index)
      }
      proven.append(entry)
      try Interrupt.check()
    }
    let page = Array(BundlePage.text(proven, of: checkpoint).utf8)
    guard try bytes(ProofBundleFile.page, ProofBundleFile.pageByteCountMax) == page else {
      throw LogFailure.otherPage(place(ProofBundleFile.page))
    }
    try answer(proven, checkpoint, shell)
  }

  private func checkpoint() throws -> VerifiedCheckpoint {
    let encoded = try bytes(ProofBundleFile.checkpoint, LogBound.noteByteCountMax)
    do { return try UnverifiedCheckpoint(encoded: encoded).verified(by: keys.log, cosigners: keys.cosigners) } catch {
      throw error.code == .notAuthentic
        ? LogFailure.notSigned(place(ProofBundleFile.checkpoint))
        : LogFailure.malformed(place(ProofBundleFile.checkpoint))
    }
  }

  /// A bundle holds one tree only: what it can be held against is a checkpoint of the same size.
  private func compareOlder(_ checkpoint: VerifiedCheckpoint) throws {
    guard let older else { return }
    let kept = try older.verified(by: keys.log, keys.cosigners)
    guard kept.size == checkpoint.size else {
      throw Failure.usage(
        "A bundle cannot show that its log continues a checkpoint of another size.",
        hint: "Verify an export of the log against it: `vaultsh log verify DIR --since-checkpoint FILE`.",
        field: "--since-checkpoint")
    }
    guard kept.root == checkpoint.root else { throw LogFailure.forked(at: kept.size, keptAt: older.path) }
  }

  private func entry(
    _ index: UInt64, in checkpoint: VerifiedCheckpoint, _ context: LogContext
  ) throws -> ProvenEntry {
    let leaf = try bytes(ProofBundleFile.leaf(index), LogBound.leafByteCountMax)
    let proofPlace = place(ProofBundleFile.proof(index))
    let encodedProof = try bytes(ProofBundleFile.proof(index), LogBound.proofFileByteCountMax)
    let encodedKey = try bytes(ProofBundleFile.key(index), ProofBundleFile.keyByteCountMax)
    do {
      let proof = try ProofFile(encoded: encodedProof)
      guard proof.proof.index == index, proof.checkpoint.note.encoded == checkpoint.encoded else {
        throw LogFailure.malformed(proofPlace)
      }
      try proof.verify(leaf: leaf, by: keys.log, cosigners: keys.cosigners)
    } catch let error as LogError {
      throw error.code == .notAuthentic
        ? LogFailure.notInTheLog(place(ProofBundleFile.leaf(index)), entry: index) : LogFailure.malformed(proofPlace)
    }
    do {
      var text = String(decoding: encodedKey, as: UTF8.self)
      guard text.popLast() == "\n" else { throw LogError(.malformed, "the key has no line end") }
      var key = try Base64Text.decode(text)
      let opened = try EntryKey(wiping: &key).open(leaf, index: index, context: context)
      return ProvenEntry(index: index, entry: opened)
    } catch is LogError { throw LogFailure.doesNotOpen(place(ProofBundleFile.key(index)), entry: index) }
  }

  private func place(_ name: String) -> String { Printable.line(files.directory + "/" + name) }

  private func bytes(_ name: String, _ byteCountMax: Int) throws -> [UInt8] {
    do {
      guard let bytes = try files.contents(of: name, byteCountMax: byteCountMax) else {
        throw LogFailure.missing(place(name))
      }
      return bytes
    } catch is LogError { throw LogFailure.malformed(place(name)) } catch let error as LogDirectory.Failure {
      throw LogFailure.system(error, in: files.directory, "Cannot read")
    }
  }

  private func answer(_ proven: [ProvenEntry], _ checkpoint: VerifiedCheckpoint, _ shell: Shell) throws {
    let document = JSONValue.object([
      "size": .integer(Int64(clamping: checkpoint.size)), "root": .string(checkpoint.root.description), "ok": true,
      "origin": .string(checkpoint.origin.text), "key": .string(keys.log.vkey),
      "entries": .array(proven.map(\.json)),
      "cosignatures": .array(checkpoint.cosignatures.map(CosignatureText.json)),
    ]).canonicalBytes()
    try shell.answer(document, .personal) { sheet in
      sheet.line(
        sheet.style(.good, "The bundle is genuine: ")
          + (proven.count == 1 ? "its entry stands in the log" : "its \(proven.count) entries stand in the log")
          + ", as the log's key has signed it.")
      for cosignature in checkpoint.cosignatures { sheet.line("Signed off by \(CosignatureText.words(cosignature)).") }
      for entry in proven {
        sheet.heading("Entry \(entry.index)")
        for (label, value) in entry.lines { sheet.field(label, value) }
      }
      sheet.heading("The log")
      sheet.field("Size", LogFailure.count(checkpoint.size))
      sheet.field("Root", checkpoint.root.description)
      LogSheet.key(keys.log, in: &sheet)
      keys.warn(&sheet)
    }
  }
}
