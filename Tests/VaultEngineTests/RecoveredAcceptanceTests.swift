import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P4 P9: people whom a recovery named accept a restore, and clients that know no more than the vault's id follow them.
@Suite struct RecoveredAcceptanceTests {
  private static let people = [
    Person(name: "supervisor-2", role: .supervisor, uid: 1202), Person(name: "auditor-2", role: .auditor, uid: 1203),
  ]

  private struct Accepted: Sendable {
    let genuine: UnverifiedAcceptance
    let vaultID: [UInt8]
  }

  private static let making = Task { try await accept() }

  /// A vault whose access was rebuilt twice, then restored; accepted by the people of the second recovery.
  private static func accept() async throws -> Accepted {
    let (household, place) = try await Household.copy()
    let first = try await place.recover(with: household.seed)
    await (try await first.staffed()).close()
    let second = try await place.recover(
      with: first.seed, .rebuild(supervisor: nil, auditor: nil, administrator: nil), root: first.root)
    let staffed = try await second.open()
    for person in people { try await staffed.enrol(person, code: try #require(second.codes[person.name])) }
    await staffed.close()
    let backup = try place.copy(withAnchor: false)
    let report = try await Vault.succeed(
      directory: backup.directory, root: second.root,
      source: Vault.SuccessionSource(backup: [UInt8](repeating: 7, count: 32)), anchorPath: backup.anchor,
      clock: backup.clock.vaultClock)
    let vault = try await backup.open(root: second.root)
    for person in people {
      let seat = try await vault.seat(person)
      _ = try await vault.acceptRestore(report.succession.hash, by: seat.caller)
    }
    #expect(try !vault.status().isRestored)
    let acceptance = try UnverifiedAcceptance(decoding: try #require(try vault.acceptances().first))
    let vaultID = vault.keys.vault
    await vault.close()
    #expect(await refusal { try Vault.verify(directory: backup.directory, root: second.root) } == nil)
    return Accepted(genuine: acceptance, vaultID: vaultID)
  }

  @Test func `P4 P9 Clients follow people whom a recovery named, through every recovery from the genesis on`()
    async throws
  {
    let accepted = try await Self.making.value
    let genuine = accepted.genuine
    #expect(genuine.recoveries.count == 2)
    #expect(Set(genuine.people.map(\.name)) == Set(Self.people.map(\.name)))
    let verified = try genuine.verified(vaultID: accepted.vaultID)
    #expect(verified.accepters.map(\.name) == Self.people.map(\.name))
    #expect(try UnverifiedAcceptance(decoding: genuine.bytes) == genuine)
  }

  @Test
  func `P4 P9 A recovery that is missing, altered, out of its place or signed by another seed vouches for nobody`()
    async throws
  {
    let accepted = try await Self.making.value
    let genuine = accepted.genuine
    func refused(
      _ what: String, _ change: (inout [UnverifiedAcceptance.Recovery], inout [AcceptancePerson]) throws -> Void
    ) throws {
      var (recoveries, people) = (genuine.recoveries, genuine.people)
      try change(&recoveries, &people)
      let forged = UnverifiedAcceptance(
        genesis: genuine.genesis, succession: genuine.succession, signatures: genuine.signatures, people: people,
        recoveries: recoveries)
      #expect(throws: LogError.self, "\(what)") { try forged.verified(vaultID: accepted.vaultID) }
    }
    try refused("none") { recoveries, _ in recoveries = [] }
    try refused("without the first") { recoveries, _ in recoveries.removeFirst() }
    try refused("without the last") { recoveries, _ in recoveries.removeLast() }
    try refused("exchanged") { recoveries, _ in recoveries.swapAt(0, 1) }
    try refused("doubled") { recoveries, _ in recoveries.append(recoveries[1]) }
    for index in genuine.recoveries.indices {
      try refused("signature \(index)") { recoveries, _ in recoveries[index].signature[3] ^= 1 }
      try refused("document \(index)") { recoveries, _ in recoveries[index].document[60] ^= 1 }
    }
    for index in genuine.people.indices {
      try refused("invitation \(index)") { _, people in people[index].invitationSignature[0] ^= 1 }
      try refused("certificate \(index)") { _, people in people[index].certificate[60] ^= 1 }
    }
    // Another seed's document in the place of the second, which names the same people.
    try refused("another seed") { recoveries, _ in
      let stranger = AccountSecrets().signing
      recoveries[1].signature = stranger.sign(
        RecoveryAct.signedBytes(hash: SHA256.hash(recoveries[1].document)))
    }
    // Somebody invented, with all that is theirs to sign, in the place of one of the two.
    try inventedSupervisor(accepted)
  }

  /// Everything is right but that no recovery names them, or only one by a seed of their own.
  private func inventedSupervisor(_ accepted: Accepted) throws {
    let genuine = accepted.genuine
    let (code, secrets, seed) = (OneTimeCode.random(), AccountSecrets(), AccountSecrets().signing)
    let act = try RecoveryAct(decoding: genuine.recoveries[1].document)
    let invented = try name("mallory")
    let invitation = Invitation(
      vault: accepted.vaultID, name: invented, role: .supervisor, peer: .any,
      codeHash: OneTimeCode.hash(of: code.signingKey.verifyingKey), issued: act.performed, inviter: .recovery)
    let certificate = Certificate(
      vault: accepted.vaultID, name: invented, role: .supervisor, peer: .uid(7), codeKey: code.signingKey.verifyingKey,
      verifyingKey: secrets.signing.verifyingKey, sealingKey: secrets.opening.sealingKey, authority: invitation.hash,
      enrolled: act.performed)
    let signed = Certificate.signedBytes(hash: certificate.hash)
    let succession = try Succession(decoding: genuine.succession)
    var signatures = genuine.signatures.filter { $0.name == "auditor-2" }
    signatures.append(
      UnverifiedAcceptance.Signature(
        name: "mallory",
        signature: secrets.signing.sign(
          Succession.signedBytes(hash: succession.hash, name: "mallory", role: Role.supervisor.rawValue))))
    let people =
      genuine.people + [
        AcceptancePerson(
          name: "mallory", invitation: invitation.bytes, invitationSignature: invitation.signature(by: seed),
          certificate: certificate.bytes, codeSignature: code.signingKey.sign(signed),
          ownSignature: secrets.signing.sign(signed))
      ]
    let last = RecoveryAct(
      vault: accepted.vaultID, number: 3, previous: act.hash, kind: .rebuilt, performed: act.performed, keys: act.keys,
      invited: [.init(name: invented, invitation: invitation.hash)], manifests: [])
    let link = UnverifiedAcceptance.Recovery(
      document: last.bytes, signature: seed.sign(RecoveryAct.signedBytes(hash: last.hash)))
    for recoveries in [genuine.recoveries, genuine.recoveries + [link]] {
      let forged = UnverifiedAcceptance(
        genesis: genuine.genesis, succession: genuine.succession, signatures: signatures, people: people,
        recoveries: recoveries)
      #expect(throws: LogError.self) { try forged.verified(vaultID: accepted.vaultID) }
    }
  }
}
