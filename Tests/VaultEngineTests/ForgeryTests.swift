import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Whoever holds the root key can seal any row; these are the rows that nobody else's signature stands behind.
@Suite struct ForgeryTests {
  private let identity: Compartment
  private let navigators: ProgrammeID

  init() throws {
    navigators = try programme(Team.navigators)
    identity = .section(navigators, .identity)
  }

  /// Forges, with books that agree.
  private func forged(_ forge: (Forger, borrowing WriteTransaction, Team) throws -> Void) async throws -> Forged {
    let (team, place) = try await Team.copy()
    let forger = try Forger(place)
    try forger.forge { transaction in try forge(forger, transaction, team) }
    return Forged(team: team, place: place)
  }

  private struct Forged {
    let team: Team
    let place: VaultPlace

    /// How the vault refused `use`, and how a verification of the store ended.
    func refusal(
      when use: (Team, Vault) async throws -> Void
    ) async throws -> (use: VaultError.Code?, verification: VaultError.Code?) {
      let verification = await VaultEngineTests.refusal {
        try Vault.verify(directory: place.directory, root: place.root)
      }
      let refused = await VaultEngineTests.refusal {
        try await place.withVault { vault in try await use(team, vault) }
      }
      return (refused, verification)
    }
  }

  private func officerReads(_ team: Team, _ vault: Vault) async throws {
    let officer = try team.seat(.officer, in: vault)
    _ = try await vault.readRecord(team.records[0], sections: [.identity], by: officer.caller)
  }

  @Test func `The books that the forger makes agree are accepted when nothing was forged`() async throws {
    let refused = try await forged { _, _, _ in }.refusal(when: officerReads)
    #expect(refused.use == nil && refused.verification == nil)
  }

  // MARK: Accounts

  @Test func `P2 An account's keys cannot be exchanged, whatever code proves them`() async throws {
    let attacker = AccountSecrets()
    let attackersCode = OneTimeCode.random()
    for keepsCodeKey in [true, false] {
      let refused = try await forged { forger, transaction, _ in
        try forger.editAccount(.officer, in: transaction) { row in
          let old = try Certificate(decoding: row.certificate ?? [])
          let forged = Certificate(
            vault: old.vault, name: old.name, role: old.role, peer: old.peer,
            codeKey: keepsCodeKey ? old.codeKey : attackersCode.signingKey.verifyingKey,
            verifyingKey: attacker.signing.verifyingKey, sealingKey: attacker.opening.sealingKey,
            authority: old.authority, enrolled: old.enrolled)
          row.certificate = forged.bytes
          let signed = Certificate.signedBytes(hash: forged.hash)
          row.codeSignature = attackersCode.signingKey.sign(signed)
          row.ownSignature = attacker.signing.sign(signed)
          row.lock = AccountLock.lock(attacker, keyFile: .random(), certificate: forged).bytes
        }
      }.refusal { _, vault in _ = try vault.seat(.officer, secrets: attacker) }
      #expect(refused.use == .integrity && refused.verification == .integrity)
    }
  }

  @Test func `P2 A certificate needs the account's own signature as well as the code's`() async throws {
    // The administrator who issued the code knows it: they can prove it, but not for keys that are not theirs.
    let refused = try await forged { forger, transaction, team in
      let stranger = try forger.memberKeys(of: .stranger, in: transaction)
      try forger.editAccount(.officer, in: transaction) { row in
        let old = try Certificate(decoding: row.certificate ?? [])
        let forged = Certificate(
          vault: old.vault, name: old.name, role: old.role, peer: old.peer, codeKey: old.codeKey,
          verifyingKey: stranger.verifying, sealingKey: stranger.sealing, authority: old.authority,
          enrolled: old.enrolled)
        row.certificate = forged.bytes
        let signed = Certificate.signedBytes(hash: forged.hash)
        row.codeSignature = try #require(team.codes[Person.officer.name]).signingKey.sign(signed)
        row.ownSignature = AccountSecrets().signing.sign(signed)
      }
    }.refusal { team, vault in _ = try team.seat(.officer, in: vault) }
    #expect(refused.use == .integrity && refused.verification == .integrity)
  }

  @Test func `P2 Even with the code, a certificate cannot name another role, uid, account or vault`() async throws {
    for change in ["role", "uid", "name", "vault", "enrolled", "authority"] {
      let refused = try await forged { forger, transaction, team in
        let secrets = try #require(team.secrets[Person.stranger.name])
        try forger.editAccount(.stranger, in: transaction) { row in
          let old = try Certificate(decoding: row.certificate ?? [])
          let forged = Certificate(
            vault: change == "vault" ? [UInt8](repeating: 7, count: 32) : old.vault,
            name: change == "name" ? try AccountName("somebody") : old.name,
            role: change == "role" ? .supervisor : old.role, peer: change == "uid" ? .uid(0) : old.peer,
            codeKey: old.codeKey, verifyingKey: old.verifyingKey, sealingKey: old.sealingKey,
            authority: change == "authority" ? forger.keys.vault : old.authority,
            enrolled: change == "enrolled" ? old.enrolled.adding(seconds: 48 * 3600) : old.enrolled)
          row.certificate = forged.bytes
          let signed = Certificate.signedBytes(hash: forged.hash)
          row.codeSignature = try #require(team.codes[Person.stranger.name]).signingKey.sign(signed)
          row.ownSignature = secrets.signing.sign(signed)
          row.lock = AccountLock.lock(secrets, keyFile: .random(), certificate: forged).bytes
        }
      }.refusal { team, vault in _ = try team.seat(.stranger, in: vault) }
      #expect(refused.use == .integrity && refused.verification == .integrity, "\(change)")
    }
  }

  @Test func `P2 A lock of the forger's own opens no session`() async throws {
    let refused = try await forged { forger, transaction, _ in
      try forger.editAccount(.officer, in: transaction) { row in
        let certificate = try Certificate(decoding: row.certificate ?? [])
        row.lock = try AccountLock.lock(
          AccountSecrets(), passphrase: secret("known to the forger"), cost: .floor, certificate: certificate
        ).bytes
      }
    }.refusal { _, vault in _ = try await vault.seat(.officer, passphrase: "known to the forger") }
    #expect(refused.use == .loginFailed)
  }

  // MARK: Invitations

  @Test func `P2 Nobody but an administrator of this vault invites, whoever the invitation names`() async throws {
    let attacker = AccountSecrets()
    struct Attempt {
      let inviter: Person
      /// nil: the forger's own key.
      let signer: Person?
      var peer = BoundPeer.uid(4000)
    }
    let attempts = [
      Attempt(inviter: .administrator, signer: nil), Attempt(inviter: .officer, signer: .officer),
      Attempt(inviter: .supervisor, signer: .supervisor), Attempt(inviter: .administrator, signer: .officer),
    ]
    for attempt in attempts {
      for role in [Role.administrator, .supervisor, .officer] {
        let eve = Person(name: "eve", role: role, uid: 4000)
        let refused = try await forged { forger, transaction, team in
          let code = OneTimeCode.random()
          let invitation = Invitation(
            vault: forger.keys.vault, name: try AccountName(eve.name), role: role, peer: attempt.peer,
            codeHash: OneTimeCode.hash(of: code.signingKey.verifyingKey), issued: forger.place.clock.now,
            inviter: .account(try AccountName(attempt.inviter.name)))
          let signer = attempt.signer.flatMap { team.secrets[$0.name] } ?? attacker
          let certificate = Certificate(
            vault: forger.keys.vault, name: invitation.name, role: role, peer: attempt.peer,
            codeKey: code.signingKey.verifyingKey, verifyingKey: attacker.signing.verifyingKey,
            sealingKey: attacker.opening.sealingKey, authority: invitation.hash, enrolled: forger.place.clock.now)
          var row = AccountRow.invited(
            SignedDocument(document: invitation.bytes, signature: invitation.signature(by: signer.signing)))
          row.state = .active
          row.certificate = certificate.bytes
          let signed = Certificate.signedBytes(hash: certificate.hash)
          row.codeSignature = code.signingKey.sign(signed)
          row.ownSignature = attacker.signing.sign(signed)
          row.lock = AccountLock.lock(attacker, keyFile: .random(), certificate: certificate).bytes
          try forger.put(.account, forger.trust.accountKey(invitation.name), row.bytes, in: transaction)
        }.refusal { _, vault in _ = try vault.seat(eve, secrets: attacker) }
        #expect(refused.use == .integrity, "\(attempt) \(role)")
        #expect(refused.verification == .integrity, "\(attempt) \(role)")
      }
    }
  }

  @Test func `P2 An account without an invitation is a founder of the genesis or nobody`() async throws {
    let refused = try await forged { forger, transaction, _ in
      try forger.editAccount(.officer, in: transaction) { row in row.invitation = nil }
    }.refusal { team, vault in _ = try team.seat(.officer, in: vault) }
    #expect(refused.use == .integrity && refused.verification == .integrity)
  }

  // MARK: Manifests

  private func next(
    _ manifest: Manifest, epoch: UInt64? = nil, publicKey: SealingKey? = nil, signer: String? = nil,
    members: [Manifest.Member]
  ) throws -> Manifest {
    Manifest(
      vault: manifest.vault, compartment: manifest.compartment, epoch: epoch ?? manifest.epoch,
      serial: manifest.serial + 1, publicKey: publicKey ?? manifest.publicKey, previous: manifest.hash,
      signer: try signer.map { .account(try AccountName($0)) } ?? manifest.signer, signed: manifest.signed,
      members: members)
  }

  @Test func `P2 A member cannot be added to a manifest without a supervisor who is one`() async throws {
    // The forger's key under the supervisor's name; an officer, who is a member; a supervisor who is none.
    for signer in [Person.supervisor, .officer, .stranger, .administrator] {
      let refused = try await forged { forger, transaction, team in
        let (current, _) = try forger.manifest(identity, in: transaction)
        let stranger = Manifest.Member(
          name: .account(try AccountName(Person.stranger.name)),
          keys: try forger.memberKeys(of: .stranger, in: transaction), verbs: [.read, .write], expires: nil,
          grantHash: nil)
        let forged = try next(current, signer: signer.name, members: current.members + [stranger])
        let key = signer.name == Person.supervisor.name ? AccountSecrets() : try #require(team.secrets[signer.name])
        try forger.publish(
          forged, signature: key.signing.sign(Manifest.signedBytes(hash: forged.hash)), in: transaction)
      }.refusal { team, vault in try await officerReads(team, vault) }
      #expect(refused.use == .integrity && refused.verification == .integrity, "\(signer.name)")
    }
  }

  @Test func `P2 A manifest's public key cannot be exchanged, with or without a new epoch`() async throws {
    for epoch in [1, 2] as [UInt64] {
      // The old signature moved over, and a fresh one of the forger's.
      for reusesSignature in [true, false] {
        let refused = try await forged { forger, transaction, _ in
          let (current, signature) = try forger.manifest(identity, in: transaction)
          let forged = try next(
            current, epoch: epoch, publicKey: OpeningKey.random().sealingKey, members: current.members)
          let fresh = AccountSecrets().signing.sign(Manifest.signedBytes(hash: forged.hash))
          try forger.publish(forged, signature: reusesSignature ? signature : fresh, in: transaction)
        }.refusal { team, vault in try await officerReads(team, vault) }
        #expect(refused.use == .integrity && refused.verification == .integrity)
      }
    }
  }

  @Test func `P2 A supervisor's own signature cannot skip a serial, an epoch, the chain or a certificate`() async throws
  {
    for fault in ["serial", "epoch", "same-epoch-key", "previous", "compartment", "member-keys"] {
      let refused = try await forged { forger, transaction, team in
        let (current, _) = try forger.manifest(identity, in: transaction)
        var members = current.members
        if fault == "member-keys" {
          members[0] = Manifest.Member(
            name: members[0].name,
            keys: MemberKeys(
              verifying: AccountSecrets().signing.verifyingKey, sealing: OpeningKey.random().sealingKey),
            verbs: members[0].verbs, expires: nil, grantHash: members[0].grantHash)
        }
        let forged = Manifest(
          vault: current.vault,
          compartment: fault == "compartment" ? .section(navigators, .health) : identity,
          epoch: fault == "epoch" ? 3 : 1, serial: current.serial + (fault == "serial" ? 2 : 1),
          publicKey: ["epoch", "same-epoch-key"].contains(fault) ? OpeningKey.random().sealingKey : current.publicKey,
          previous: fault == "previous" ? [UInt8](repeating: 3, count: 32) : current.hash, signer: current.signer,
          signed: current.signed, members: members)
        let key = try #require(team.secrets[Person.supervisor.name]).signing
        let signed = SignedDocument(
          document: forged.bytes, signature: key.sign(Manifest.signedBytes(hash: forged.hash)))
        try forger.put(
          .manifest, forger.trust.manifestKey(identity, serial: forged.serial),
          signed.encoded(as: "signed-manifest"), version: 1, in: transaction)
        try forger.point(identity, serial: forged.serial, hash: forged.hash, in: transaction)
      }.refusal { team, vault in try await officerReads(team, vault) }
      #expect(refused.use == .integrity && refused.verification == .integrity, "\(fault)")
    }
  }

  @Test func `P2 The head cannot name a manifest that is not the last of its chain`() async throws {
    let refused = try await forged { forger, transaction, _ in
      let (current, _) = try forger.manifest(identity, in: transaction)
      try forger.point(identity, serial: current.serial, hash: SHA256.hash([1]), in: transaction)
    }.refusal { team, vault in try await officerReads(team, vault) }
    #expect(refused.use == .integrity && refused.verification == .integrity)
  }

  // MARK: Grants

  @Test func `P2 A grant is its member's, its epoch's and its compartment's, or none`() async throws {
    for swap in ["member", "compartment", "epoch"] {
      let refused = try await forged { forger, transaction, _ in
        let other: SignedDocument =
          switch swap {
          case "member": try forger.grant(identity, of: .liaison, in: transaction)
          case "compartment": try forger.grant(.section(navigators, .health), of: .officer, in: transaction)
          default: try forger.grant(identity, of: .officer, in: transaction)
          }
        try forger.put(other, at: identity, epoch: swap == "epoch" ? 2 : 1, of: .officer, in: transaction)
        if swap == "epoch" {
          let name = MemberName.account(try AccountName(Person.officer.name))
          try transaction.delete(.grant, forger.trust.grantKey(identity, epoch: 1, member: name))
        }
      }.refusal { team, vault in try await officerReads(team, vault) }
      #expect(refused.use == .integrity, "\(swap)")
      #expect(refused.verification == .integrity, "\(swap)")
    }
  }

  @Test func `P2 A grant sealed to the forger's liking is signed by nobody who may grant`() async throws {
    let attacker = AccountSecrets()
    for (granter, signer) in [
      (Person.supervisor, nil), (.supervisor, Person.officer), (.officer, Person.officer), (.administrator, nil),
    ] as [(Person, Person?)] {
      let refused = try await forged { forger, transaction, team in
        let secret = OpeningKey.random()
        let grant = try Grant(
          sealing: secret, vault: forger.keys.vault, compartment: identity, epoch: 1,
          member: .account(try AccountName(Person.officer.name)),
          keys: try forger.memberKeys(of: .officer, in: transaction), granter: .account(try AccountName(granter.name)),
          granted: forger.place.clock.now)
        let key = signer.flatMap { team.secrets[$0.name] } ?? attacker
        try forger.put(
          SignedDocument(document: grant.bytes, signature: key.signing.sign(Grant.signedBytes(hash: grant.hash))),
          at: identity, of: .officer, in: transaction)
      }.refusal { team, vault in try await officerReads(team, vault) }
      #expect(refused.use == .integrity && refused.verification == .integrity, "\(granter.name)")
    }
  }
}
