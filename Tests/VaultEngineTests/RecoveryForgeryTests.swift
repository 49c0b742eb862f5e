import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// What a recovery signed can neither be made up nor replayed by whoever holds the root key, the administrator's account
/// or shares that were replaced.
@Suite struct RecoveryForgeryTests {
  private let identity: Compartment

  init() throws { identity = .section(try programme(Household.shelter), .identity) }

  /// How a recovered vault, its people enrolled, answers once its rows were forged with books that agree.
  private func refused(
    isStaffed: Bool = true, isRecovered: Bool = true,
    _ forge: (Forger, borrowing WriteTransaction, Household, Aftermath?) throws -> Void
  ) async throws -> (use: VaultError.Code?, verification: VaultError.Code?) {
    let (household, place) = try await Household.copy()
    var after: Aftermath?
    if isRecovered {
      after = try await place.recover(with: household.seed, root: place.root, renewsRoot: false)
      if isStaffed, let vault = try await after?.staffed() { await vault.close() }
    }
    let forger = try Forger(place)
    try forger.forge { transaction in try forge(forger, transaction, household, after) }
    let verification = await refusal { try Vault.verify(directory: place.directory, root: place.root) }
    let use = await refusal {
      try await place.withVault { vault in
        if let after, !isStaffed {
          try await vault.enrol(Household.successor, code: try #require(after.codes[Household.successor.name]))
        }
        let reader = try await vault.seat(isRecovered ? Household.successor : .officer)
        _ = try await vault.readRecord(household.records[0], sections: [.identity], by: reader.caller)
      }
    }
    return (use, verification)
  }

  private func act(
    _ forger: Forger, number: UInt64, after previous: [UInt8]?, naming keys: MemberKeys, invited: [Invitation] = [],
    manifests: [[UInt8]] = [], by signer: RecoverySeed, in transaction: borrowing WriteTransaction
  ) throws {
    let act = RecoveryAct(
      vault: forger.keys.vault, number: number, previous: previous, kind: .rebuilt, performed: forger.place.clock.now,
      keys: keys, invited: invited.map { .init(name: $0.name, invitation: $0.hash) }, manifests: manifests)
    let signed = SignedDocument(
      document: act.bytes, signature: signer.signing.sign(RecoveryAct.signedBytes(hash: act.hash)))
    try forger.put(.meta, RecoveryAct.key(number), signed.encoded(as: "signed-recovery"), version: 1, in: transaction)
  }

  private func firstAct(_ forger: Forger, in transaction: borrowing WriteTransaction) throws -> RecoveryAct {
    let signed = try SignedDocument(
      decoding: forger.document(.meta, RecoveryAct.key(1), in: transaction), as: "signed-recovery")
    return try RecoveryAct(decoding: signed.document)
  }

  /// The next manifest of the identity compartment with one member more, as `signer` would have it.
  private func publish(
    _ forger: Forger, adding stranger: AccountSecrets?, keepingRecovery: Bool = true, signer: MemberName,
    by key: SigningKey, epochStep: UInt64 = 1, in transaction: borrowing WriteTransaction
  ) throws -> Manifest {
    let current = try forger.manifest(identity, in: transaction).manifest
    var members = current.members.filter { keepingRecovery || $0.name != .recovery }
    if let stranger {
      members.append(
        Manifest.Member(
          name: .account(try AccountName(Person.officer.name)),
          keys: MemberKeys(verifying: stranger.signing.verifyingKey, sealing: stranger.opening.sealingKey),
          verbs: [.read], expires: nil, grantHash: nil))
    }
    let manifest = Manifest(
      vault: forger.keys.vault, compartment: identity, epoch: current.epoch + epochStep, serial: current.serial + 1,
      publicKey: epochStep == 0 ? current.publicKey : OpeningKey.random().sealingKey, previous: current.hash,
      signer: signer, signed: forger.place.clock.now, members: members)
    try forger.publish(
      manifest, signature: key.sign(Manifest.signedBytes(hash: manifest.hash)), in: transaction)
    return manifest
  }

  @Test func `The books that the forger makes agree are accepted when nothing was forged`() async throws {
    for isStaffed in [true, false] {
      let answer = try await refused(isStaffed: isStaffed) { _, _, _, _ in }
      #expect(answer.use == nil && answer.verification == nil)
    }
  }

  @Test func `P9 With the root key but without the seed nobody makes up a recovery`() async throws {
    for signsManifest in [false, true] {
      let answer = try await refused(isRecovered: false) { forger, transaction, _, _ in
        let seed = RecoverySeed.random()
        var manifests: [[UInt8]] = []
        if signsManifest {
          manifests.append(
            try publish(forger, adding: AccountSecrets(), signer: .recovery, by: seed.signing, in: transaction).hash)
        }
        try act(
          forger, number: 1, after: nil, naming: seed.memberKeys, manifests: manifests, by: seed, in: transaction)
      }
      #expect(answer.use == .integrity && answer.verification == .integrity)
    }
  }

  @Test func `P9 A seed that was replaced signs no second recovery`() async throws {
    // Also where it changes nothing that anybody holds: an act by itself is somebody's signature.
    for keepsKeys in [false, true] {
      let answer = try await refused { forger, transaction, household, _ in
        let first = try firstAct(forger, in: transaction)
        try act(
          forger, number: 2, after: first.hash, naming: keepsKeys ? first.keys : RecoverySeed.random().memberKeys,
          by: household.seed, in: transaction)
      }
      #expect(answer.use == .integrity && answer.verification == .integrity)
    }
  }

  @Test func `P9 A recovery that is taken away, or put under another number, is missed`() async throws {
    let removed = try await refused { _, transaction, _, _ in
      try transaction.delete(.meta, RecoveryAct.key(1))
    }
    #expect(removed.use == .integrity && removed.verification == .integrity)
    let moved = try await refused { forger, transaction, _, _ in
      let document = try forger.document(.meta, RecoveryAct.key(1), in: transaction)
      try transaction.delete(.meta, RecoveryAct.key(1))
      try forger.put(.meta, RecoveryAct.key(2), document, version: 1, in: transaction)
    }
    #expect(moved.use == .integrity && moved.verification == .integrity)
  }

  @Test func `P9 Neither old seed nor new signs a manifest that no recovery names`() async throws {
    for isOld in [true, false] {
      let answer = try await refused { forger, transaction, household, after in
        let seed = isOld ? household.seed : try #require(after).seed
        _ = try publish(forger, adding: AccountSecrets(), signer: .recovery, by: seed.signing, in: transaction)
      }
      #expect(answer.use == .integrity && answer.verification == .integrity)
    }
  }

  @Test func `P9 Whom a recovery invited nobody else invites, and nobody is invited in its name afterwards`()
    async throws
  {
    let attackersCode = OneTimeCode.random()
    for inviter in [MemberName.recovery, .account(try AccountName(Person.administrator.name))] {
      let answer = try await refused(isStaffed: false) { forger, transaction, household, _ in
        try forger.editAccount(Household.successor, in: transaction) { row in
          let invitation = Invitation(
            vault: forger.keys.vault, name: try AccountName(Household.successor.name), role: .supervisor, peer: .any,
            codeHash: OneTimeCode.hash(of: attackersCode.signingKey.verifyingKey), issued: forger.place.clock.now,
            inviter: inviter)
          let key =
            inviter == .recovery
            ? household.seed.signing : try #require(household.secrets[Person.administrator.name]).signing
          row.invitation = SignedDocument(document: invitation.bytes, signature: invitation.signature(by: key))
        }
      }
      #expect(answer.use == .integrity && answer.verification == .integrity)
    }
  }

  @Test func `P9 Keys that the code did not prove take over no membership`() async throws {
    let answer = try await refused(isStaffed: false) { forger, transaction, _, after in
      // The attacker knows neither code nor seed, but signs what the new supervisor would have signed.
      let attacker = AccountSecrets()
      _ = after
      _ = try publish(
        forger, adding: nil, signer: .account(try AccountName(Household.successor.name)), by: attacker.signing,
        epochStep: 0, in: transaction)
    }
    #expect(answer.use == .integrity && answer.verification == .integrity)
  }

  @Test func `P9 No supervisor leaves the recovery seed out, or puts an earlier one back`() async throws {
    for keepsOld in [false, true] {
      let (household, place) = try await Household.copy()
      let after = try await place.recover(with: household.seed, root: place.root, renewsRoot: false)
      let vault = try await after.staffed()
      let supervisor = try await vault.seat(Household.successor)
      let secrets = try #require(try supervisor.session.secrets)
      await vault.close()
      let forger = try Forger(place)
      try forger.forge { transaction in
        let current = try forger.manifest(identity, in: transaction).manifest
        let members = current.members.compactMap { member -> Manifest.Member? in
          guard member.name == .recovery else { return member }
          guard keepsOld else { return nil }
          return Manifest.Member(
            name: .recovery, keys: household.seed.memberKeys, verbs: [], expires: nil,
            grantHash: member.grantHash)
        }
        let manifest = Manifest(
          vault: forger.keys.vault, compartment: identity, epoch: current.epoch, serial: current.serial + 1,
          publicKey: current.publicKey, previous: current.hash,
          signer: .account(try AccountName(Household.successor.name)), signed: place.clock.now, members: members)
        try forger.publish(
          manifest, signature: secrets.signing.sign(Manifest.signedBytes(hash: manifest.hash)), in: transaction)
      }
      #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == .integrity)
    }
  }
}
