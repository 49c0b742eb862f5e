import VaultCrypto
import VaultModel
import VaultStore

extension Vault {
  /// Whoever enrols with a recovery's code takes over what was sealed to the code: the same memberships under the keys of
  /// the new certificate, and every secret sealed to them alone. Part of the enrolment's transaction.
  func claimRecovered(
    certificate: Certificate, secrets: AccountSecrets, code: OneTimeCode, now: Timestamp
  ) throws(VaultError) -> (changes: [RowChange], heads: [PendingEntry.HeadChange]) {
    let codeKeys = code.memberKeys
    let name = certificate.name
    let waiting = try read("A membership") { view in
      var waiting: [(manifest: VerifiedManifest, head: Trust.Head, held: [UInt64: CompartmentKey])] = []
      for compartment in try candidateCompartments(for: certificate.role, in: view) {
        guard let manifest = try trust.manifest(compartment, in: view),
          manifest.manifest.member(name)?.keys == codeKeys,
          let head = try trust.manifestHead(compartment, in: view)
        else { continue }
        var held: [UInt64: CompartmentKey] = [:]
        for epoch in manifest.publicKeys.keys {
          held[epoch] = try trust.open(
            compartment, epoch: epoch, for: .account(name), keys: codeKeys, opening: code.openingKey, under: manifest,
            in: view)
        }
        waiting.append((manifest, head, held))
      }
      return waiting
    }
    return try onStored("A membership") {
      var changes: [RowChange] = []
      var heads: [PendingEntry.HeadChange] = []
      for (manifest, head, held) in waiting {
        guard let member = manifest.manifest.member(name) else { continue }
        var change = MembershipChange(
          compartment: manifest.manifest.compartment, trust: trust, signer: name, signing: secrets.signing, now: now)
        try change.add(
          MembershipChange.Newcomer(
            name: .account(name),
            keys: MemberKeys(verifying: certificate.verifyingKey, sealing: certificate.sealingKey),
            verbs: member.verbs, expires: member.expires, holdsKey: true),
          to: manifest, head: head, held: held)
        changes += change.changes
        heads += change.heads
      }
      return (changes, heads)
    }
  }
}
