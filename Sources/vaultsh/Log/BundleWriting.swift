import AccessLog
import Glibc

/// Writes a bundle: into a directory beside its place, which gets its name when all of it is there.
struct BundleWriting {
  let directory: String
  let log: ProvenLog
  let signed: SignedOffLog

  /// Files of another bundle must not be mixed with these.
  static func demandAbsent(_ directory: String) throws {
    for place in [directory, unfinished(directory)] where unsafe access(place, F_OK) == 0 {
      throw Failure(
        .conflict, "\(Printable.line(place)) exists already.",
        hint: "Name a directory that does not exist yet, or remove what is left of an attempt that was stopped.",
        field: "--to")
    }
  }

  private static func unfinished(_ directory: String) -> String { directory + ".unfinished" }

  /// What is in it can be read by whoever gets it: 0700 and 0600 until its owner decides otherwise.
  func write(_ proofs: [EntryProof]) throws {
    let unfinished = Self.unfinished(directory)
    let proven = proofs.map(\.proven)
    let checkpoint = signed.checkpoint
    let claim = ProofBundleClaim(
      vault: log.vault, origin: checkpoint.origin.text, size: checkpoint.size, root: checkpoint.root.description,
      entries: proven.map(\.json))
    var files: [(String, [UInt8])] = [
      (ProofBundleFile.checkpoint, checkpoint.encoded), (ProofBundleFile.entries, claim.encoded),
      (ProofBundleFile.page, Array(BundlePage.text(proven, of: checkpoint).utf8)),
    ]
    for proof in proofs {
      files.append((ProofBundleFile.leaf(proof.index), proof.leaf))
      files.append((ProofBundleFile.key(proof.index), Array((proof.key + "\n").utf8)))
      files.append((ProofBundleFile.proof(proof.index), proof.proof.encoded))
    }
    try LogKeyText.demandSame(log.key, in: ProofBundleFile.logKey(beside: directory))
    try OutputFile.makeDirectory(unfinished, mode: 0o700)
    do {
      for (name, bytes) in files { try OutputFile.write(bytes, to: unfinished + "/" + name, mode: 0o600) }
      try LogKeyText.publish(log.key, in: ProofBundleFile.logKey(beside: directory))
      if let cosigner = signed.cosigner {
        try LogKeyText.publish(cosigner, in: ProofBundleFile.cosignerKey(beside: directory))
      }
      guard unsafe rename(unfinished, directory) == 0 else { throw Failure.file("Cannot make", directory, .last) }
    } catch {
      for (name, _) in files { _ = unsafe unlink(unfinished + "/" + name) }
      _ = unsafe rmdir(unfinished)
      throw error
    }
  }
}
