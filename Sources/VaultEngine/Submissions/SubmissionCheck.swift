import VaultCrypto
import VaultModel
import VaultStore

/// What a verification of the whole store demands of submissions: each bulk row that a head names is there as it was
/// received, under an epoch that a manifest began, signed by a service that has been let in.
struct SubmissionCheck {
  let keys: StoreKeys
  let trust: Trust
  let manifests: [Compartment: VerifiedManifest]

  /// The number of waiting submissions, and of rows that they have in `section` and in `wrap` each.
  func run(in view: borrowing ReadView) throws -> (submissions: Int, parts: Int) {
    var submissions = 0
    var parts = 0
    try view.forEach(.submission) { stored in
      let head = try SubmissionRows.head(of: stored, keys: keys)
      submissions += 1
      for part in head.parts {
        let manifest = manifests[head.compartment(of: part)]
        guard manifest?.publicKeys[part.epoch] != nil else { throw VaultError.tampered("A manifest") }
        _ = try SubmissionRows.part(part, of: head, keys: keys, in: view) { name in
          try trust.verifyingKeys(of: name, among: manifest?.submitters, in: view)
        }
        parts += 1
      }
    }
    return (submissions, parts)
  }
}
