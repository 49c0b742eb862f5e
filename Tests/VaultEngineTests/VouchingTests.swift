import AccessLog
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// What an administrator makes alone, accounts and keys, is nobody's second person and is let into nothing.
@Suite struct VouchingTests {
  private let navigators: ProgrammeID

  init() throws { navigators = try programme(Team.navigators) }

  @Test func `P7 An auditor whom no auditor has let in approves, sees and reviews nothing`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let words = try await vault.inviteAndEnrol(.puppetAuditor, by: administrator)
      let puppet = try await vault.seat(.puppetAuditor)
      // The one supervisor asks, so that an auditor stands in.
      let erasure = try await vault.request(.erase(team.records[0]), by: supervisor.caller).value
      #expect(try await vault.requests(by: puppet.caller).value.isEmpty)
      #expect(await refusal { try await vault.showRequest(erasure.id, by: puppet.caller) } == .notFound)
      #expect(
        await refusal { try await vault.approve(erasure.id, digest: erasure.digest, by: puppet.caller) } == .notFound)
      #expect(try vault.recordHead(team.records[0]) != nil)

      let asked = try await vault.breakGlass(
        team.records[1], seconds: 60, by: neighbour.caller(reason: "She is in danger")
      ).value
      _ = try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller)
      place.clock.advance(seconds: 61)
      #expect(await refusal { try await vault.emergencies(isOpenOnly: true, by: puppet.caller) } == .denied)
      #expect(
        await refusal {
          try await vault.reviewEmergency(asked.id.description, note: "Fine.", by: puppet.caller)
        } == .denied)
      #expect(try vault.status().emergencies.toReview == 1)

      // Let in by another auditor, they do all of it.
      _ = try await vault.grantAudit(name(Person.puppetAuditor.name), fingerprint: words, by: auditor.caller)
      _ = try await vault.reviewEmergency(asked.id.description, note: "It was one.", by: puppet.caller)
      _ = try await vault.approve(erasure.id, digest: erasure.digest, by: puppet.caller)
      #expect(await refusal { try vault.recordHead(team.records[0]) } == .erased)
    }
  }

  @Test
  func `P7 A supervisor whom nobody has let in decides nothing about the vault, and does not keep an auditor from it`()
    async throws
  {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let words = try await vault.inviteAndEnrol(.second, by: administrator)
      let puppet = try await vault.seat(.second)
      let strict = ApprovalPolicy(stating: [.erase: .init(askers: [.supervisor], approvers: [.supervisor])])
      let asked = try await vault.requestPolicy(strict, by: supervisor.caller).value
      #expect(
        await refusal { try await vault.approve(asked.id, digest: asked.digest, by: puppet.caller) } == .notFound)
      #expect(try await vault.approvalPolicy(by: supervisor.caller).value == .standard)
      // There is one supervisor still.
      _ = try await vault.approve(asked.id, digest: asked.digest, by: auditor.caller)
      #expect(try await vault.approvalPolicy(by: supervisor.caller).value == strict)
      // From here on there are two.
      _ = try await vault.grant(
        name(Person.second.name), in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)
      let next = try await vault.requestPolicy(.standard, by: supervisor.caller).value
      #expect(await refusal { try await vault.approve(next.id, digest: next.digest, by: auditor.caller) } == .denied)
      _ = try await vault.approve(next.id, digest: next.digest, by: puppet.caller)
      #expect(try await vault.approvalPolicy(by: supervisor.caller).value == .standard)
    }
  }

  @Test
  func
    `P7 Whoever lets somebody in for an emergency is told who asks, and where an administrator alone vouches for their keys`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let stranger = try team.seat(.stranger, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let unknown = try await vault.breakGlass(record, seconds: 60, by: stranger.caller(reason: "Danger")).value
      #expect(unknown.words.first?.hasPrefix("tomas is officer and in no programme. NOBODY BUT AN ADMIN") == true)
      let asked = try await vault.breakGlass(record, seconds: 60, by: neighbour.caller(reason: "Danger")).value
      #expect(asked.words.first?.hasPrefix("mina is officer in harbour; their keys are") == true)
      // The administrator gives her new keys, and takes the code to the terminal themselves.
      let code = try await vault.replaceAccount(name(Person.neighbour.name), by: administrator.caller).value.code
      _ = try await vault.enrol(
        Person.neighbour.name, code: code.text, passphrase: secret("whoever typed the code"),
        by: Person.neighbour.caller())
      let puppet = try await vault.seat(.neighbour, passphrase: "whoever typed the code")
      let forged = try await vault.breakGlass(record, seconds: 61, by: puppet.caller(reason: "Danger")).value
      let shown = try await vault.showRequest(forged.id, by: supervisor.caller).value
      #expect(shown.words.first?.hasPrefix("mina is officer and in no programme. NOBODY BUT AN ADMIN") == true)
      // What she asked for with the keys that she had lets the new ones in nowhere.
      #expect(
        await refusal { try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller) } == .conflict)
      #expect(await refusal { try await vault.readRecord(record, sections: [.health], by: puppet.caller) } == .denied)
    }
  }

  @Test func `P7 What somebody asked for who works there no more is not done`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let words = try await vault.inviteAndEnrol(.second, by: administrator)
      _ = try await vault.grant(
        name(Person.second.name), in: navigators, fingerprint: words,
        expires: place.clock.now.adding(seconds: 60), by: supervisor.caller)
      let second = try await vault.seat(.second)
      let asked = try await vault.request(.erase(record), by: second.caller).value
      place.clock.advance(seconds: 61)
      let later = try team.seat(.supervisor, in: vault)
      #expect(await refusal { try await vault.approve(asked.id, digest: asked.digest, by: later.caller) } == .denied)
      #expect(try vault.recordHead(record)?.head != nil)
    }
  }

  @Test func `P8 Whose time has run out gets no key of any later epoch, and the keys change by themselves`()
    async throws
  {
    for isRevoked in [false, true] {
      let (team, place) = try await Team.copy()
      try await place.withVault { vault in
        let administrator = try team.seat(.administrator, in: vault)
        let supervisor = try team.seat(.supervisor, in: vault)
        let words = try await vault.inviteAndEnrol(.second, by: administrator)
        let second = MemberName.account(try name(Person.second.name))
        _ = try await vault.grant(
          name(Person.second.name), in: navigators, fingerprint: words,
          expires: place.clock.now.adding(seconds: 60), by: supervisor.caller)
        await vault.continueRekey()
        func manifests() throws -> [Manifest] {
          try vault.read("A manifest") { view in
            try Vault.compartments(of: navigators).compactMap { try vault.trust.manifest($0, in: view)?.manifest }
          }
        }
        let before = try manifests()
        #expect(before.allSatisfy { $0.member(second) != nil })
        place.clock.advance(seconds: 61)
        let later = try team.seat(.supervisor, in: vault)
        if isRevoked {
          _ = try await vault.revoke(name(Person.officer.name), in: navigators, by: later.caller)
        } else {
          await vault.continueRekey()
        }
        let after = try manifests()
        #expect(zip(before, after).allSatisfy { $0.epoch < $1.epoch })
        #expect(after.allSatisfy { $0.member(second) == nil })
      }
    }
  }
}

extension Person {
  /// Whom the administrator makes up.
  static let puppetAuditor = Person(name: "umbra", role: .auditor, uid: 1011)
}
