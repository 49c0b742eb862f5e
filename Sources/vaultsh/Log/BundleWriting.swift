import AccessLog
import Glibc

/// Writes a bundle: into a directory beside its place, which gets its name when all of it is there.
struct BundleWriting {
  private let directory: String
  private let unfinished: String

  /// Makes that directory, before anything is disclosed that could then not be written. 0700, and what comes into it
  /// 0600, until its owner decides otherwise: whoever gets it reads what is in it.
  init(to directory: String, signedBy key: NoteKey) throws {
    self.directory = directory
    unfinished = directory + ".unfinished"
    for place in [directory, unfinished] where unsafe access(place, F_OK) == 0 {
      // Files of another bundle must not be mixed with these.
      throw Failure(
        .conflict, "\(Printable.line(place)) exists already.",
        hint: "Name a directory that does not exist yet, or remove what is left of an attempt that was stopped.",
        field: "--to")
    }
    try LogKeyText.demandSame(key, in: ProofBundleFile.logKey(beside: directory))
    try OutputFile.makeDirectory(unfinished, mode: 0o700)
  }

  func write(_ proofs: [EntryProof], of log: ProvenLog, _ signed: SignedOffLog) throws {
    let proven = proofs.map(\.proven)
    let checkpoint = signed.checkpoint
    let claim = ProofBundleClaim(
      vault: log.vault, origin: checkpoint.origin.text, size: checkpoint.size, root: checkpoint.root.description,
      entries: proven.map(\.json))
    try write(checkpoint.encoded, as: ProofBundleFile.checkpoint)
    try write(claim.encoded, as: ProofBundleFile.entries)
    try write(Array(BundlePage.text(proven, of: checkpoint).utf8), as: ProofBundleFile.page)
    for proof in proofs {
      try write(proof.leaf, as: ProofBundleFile.leaf(proof.index))
      try write(Array((proof.key + "\n").utf8), as: ProofBundleFile.key(proof.index))
      try write(proof.proof.encoded, as: ProofBundleFile.proof(proof.index))
    }
    try LogKeyText.publish(log.key, in: ProofBundleFile.logKey(beside: directory))
    if let cosigner = signed.cosigner {
      try LogKeyText.publish(cosigner, in: ProofBundleFile.cosignerKey(beside: directory))
    }
    guard unsafe rename(unfinished, directory) == 0 else { throw Failure.file("Cannot make", directory, .last) }
  }

  private func write(_ bytes: [UInt8], as name: String) throws {
    try OutputFile.write(bytes, to: unfinished + "/" + name, mode: 0o600)
  }

  /// Takes away what was written so far, of these entries and no other file.
  func abandon(_ indexes: [UInt64]) {
    let names =
      [ProofBundleFile.checkpoint, ProofBundleFile.entries, ProofBundleFile.page]
      + indexes.flatMap { [ProofBundleFile.leaf($0), ProofBundleFile.key($0), ProofBundleFile.proof($0)] }
    for name in names { _ = unsafe unlink(unfinished + "/" + name) }
    _ = unsafe rmdir(unfinished)
  }
}
