import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine

/// A service logs in by signing a challenge; its secret stays with it.
@Suite struct SignedLoginTests {
  private static let service = Person.service

  private static func signature(
    _ vault: Vault, _ challenge: [UInt8], by signing: SigningKey, vaultID: [UInt8]? = nil,
    account: String = service.name, uid: UInt32 = service.uid
  ) throws -> [UInt8] {
    signing.sign(
      LoginChallenge.signedBytes(
        vault: vaultID ?? vault.keys.vault, account: try name(account), uid: uid, challenge: challenge))
  }

  private func open(_ body: (Team, Vault, SigningKey) async throws -> Void) async throws {
    let (team, place) = try await Team.copy()
    let signing = try #require(team.secrets[Self.service.name]).signing
    try await place.withVault { vault in try await body(team, vault, signing) }
  }

  @Test func `P2 A session that was opened by signature holds no secret and no key`() async throws {
    try await open { team, vault, signing in
      let before = vault.ledger.size
      let challenge = try vault.challenge(for: Self.service.name, by: Self.service.caller())
      #expect(challenge.vaultID == hexadecimal(vault.keys.vault) && challenge.bytes.count == 32)
      #expect(vault.ledger.size == before, "a challenge decides nothing")
      let opened = try await vault.login(
        Self.service.name, challenge: challenge.bytes,
        signature: Self.signature(vault, challenge.bytes, by: signing), by: Self.service.caller())
      #expect(opened.role == .service && opened.programmes.map(\.description) == [Team.navigators])
      let seat = Seat(vault: vault, person: Self.service, token: opened.token)
      let session = try seat.session
      #expect(session.secrets == nil && session.isOpen)
      for compartment in Vault.compartments(of: try programme(Team.navigators)) {
        #expect(session.held(compartment)?.keys.isEmpty ?? true)
      }
      #expect(try await vault.programmes(by: seat.caller).value.map(\.id.description) == [Team.navigators])
      #expect(
        await refusal { try await vault.readRecord(team.records[3], sections: [.identity], by: seat.caller) } == .denied
      )
      _ = try await vault.logout(by: seat.caller)
      #expect(await refusal { try await vault.programmes(by: seat.caller) } == .loginNeeded)

      let auditor = try team.seat(.auditor, in: vault)
      let entry = try #require(
        try await vault.auditEntries(.init(), by: auditor.caller).value.entries.first {
          $0.index == opened.entryIndex
        })
      #expect(entry.entry.action == "session.open" && entry.entry.detail == "signature")
      #expect(entry.entry.account == Self.service.name && entry.entry.uid == Self.service.uid)
    }
  }

  /// Each of these differs from a good login in one thing.
  @Test(arguments: [
    "replayed", "expired", "never issued", "issued to another uid", "issued to another account",
    "signed for another uid",
    "signed for another vault", "signed by another key", "altered signature", "no signature", "suspended account",
  ])
  func `A challenge that is not good, or not well signed, opens nothing`(fault: String) async throws {
    let (team, place) = try await Team.copy()
    let signing = try #require(team.secrets[Self.service.name]).signing
    try await place.withVault { vault in
      let issuer = fault == "issued to another uid" ? UInt32(4242) : Self.service.uid
      let issuedTo = fault == "issued to another account" ? Person.officer.name : Self.service.name
      let issued = try vault.challenge(for: issuedTo, by: Caller(uid: issuer)).bytes
      let challenge = fault == "never issued" ? [UInt8](repeating: 7, count: 32) : issued
      let other = [UInt8](repeating: 3, count: 32)
      var signature = try Self.signature(
        vault, challenge, by: fault == "signed by another key" ? AccountSecrets().signing : signing,
        vaultID: fault == "signed for another vault" ? other : nil,
        uid: fault == "signed for another uid" ? 4242 : Self.service.uid)
      if fault == "altered signature" { signature[40] ^= 1 }
      if fault == "no signature" { signature = [] }
      if fault == "expired" { place.clock.advance(seconds: Double(ChallengeTable.lifeSeconds)) }
      if fault == "suspended account" {
        _ = try await vault.suspend(name(Self.service.name), by: team.seat(.administrator, in: vault).caller)
      }
      if fault == "replayed" {
        _ = try await vault.login(
          Self.service.name, challenge: challenge, signature: signature, by: Self.service.caller())
      }
      let sessions = vault.sessions.open.count
      let code = await refusal {
        try await vault.login(
          Self.service.name, challenge: challenge, signature: signature, by: Self.service.caller())
      }
      #expect(code == .loginFailed)
      #expect(vault.sessions.open.count == sessions)
    }
  }

  @Test func `A challenge that failed once is used up`() async throws {
    try await open { _, vault, signing in
      let challenge = try vault.challenge(for: Self.service.name, by: Self.service.caller()).bytes
      let good = try Self.signature(vault, challenge, by: signing)
      for signature in [Array(good.reversed()), good] {
        let code = await refusal {
          try await vault.login(
            Self.service.name, challenge: challenge, signature: signature, by: Self.service.caller())
        }
        #expect(code == .loginFailed)
      }
    }
  }

  @Test func `The account's own uid and the role of a service are needed, whoever signs`() async throws {
    try await open { team, vault, signing in
      let stolen = try vault.challenge(for: Self.service.name, by: Caller(uid: 4242)).bytes
      let byThief = try Self.signature(vault, stolen, by: signing, uid: 4242)
      #expect(
        await refusal {
          try await vault.login(Self.service.name, challenge: stolen, signature: byThief, by: Caller(uid: 4242))
        } == .denied)
      let officer = Person.officer
      let challenge = try vault.challenge(for: officer.name, by: officer.caller()).bytes
      let signature = try Self.signature(
        vault, challenge, by: #require(team.secrets[officer.name]).signing, account: officer.name, uid: officer.uid)
      #expect(
        await refusal {
          try await vault.login(officer.name, challenge: challenge, signature: signature, by: officer.caller())
        } == .denied)
    }
  }

  @Test func `Wrong signatures are slowed down like wrong passphrases`() async throws {
    try await open { _, vault, _ in
      var codes: [VaultError.Code?] = []
      for _ in 0...AttemptLimiter.freeFailures {
        let challenge = try vault.challenge(for: Self.service.name, by: Self.service.caller()).bytes
        codes.append(
          await refusal {
            try await vault.login(
              Self.service.name, challenge: challenge, signature: [UInt8](repeating: 1, count: 64),
              by: Self.service.caller())
          })
      }
      #expect(codes.dropLast().allSatisfy { $0 == .loginFailed } && codes.last == .tooManyAttempts)
    }
  }

  @Test func `Challenges and sessions of one uid do not grow, nor crowd out another's`() throws {
    let table = ChallengeTable()
    let account = try name(Self.service.name)
    let theirs = try table.issue(to: account, uid: 7, bootNow: 0)
    let first = try table.issue(to: account, uid: 8, bootNow: 0)
    var last: [UInt8] = []
    for _ in 0..<ChallengeTable.countPerUIDMax { last = try table.issue(to: account, uid: 8, bootNow: 0) }
    #expect(!table.take(first, for: account, uid: 8, bootNow: 1), "the oldest of the same uid went")
    #expect(table.take(last, for: account, uid: 8, bootNow: 1))
    #expect(table.take(theirs, for: account, uid: 7, bootNow: 1))
    for uid in 100..<100 + UInt32(ChallengeTable.uidCountMax) - 1 {
      _ = try table.issue(to: account, uid: uid, bootNow: 2)
    }
    #expect(throws: VaultError(.busy, "")) { try table.issue(to: account, uid: 5000, bootNow: 3) }
    _ = try table.issue(to: account, uid: 5000, bootNow: 3 + ChallengeTable.lifeSeconds * 1_000_000_000)
  }

  @Test func `A service that never logs out keeps the newest of its sessions`() async throws {
    try await open { team, vault, signing in
      let officer = try team.seat(.officer, in: vault)
      var tokens: [[UInt8]] = []
      for _ in 0..<SessionTable.serviceCountMax + 3 {
        let challenge = try vault.challenge(for: Self.service.name, by: Self.service.caller()).bytes
        tokens.append(
          try await vault.login(
            Self.service.name, challenge: challenge, signature: Self.signature(vault, challenge, by: signing),
            by: Self.service.caller()
          ).token)
      }
      #expect(vault.sessions.open.filter { $0.account.description == Self.service.name }.count == 16)
      let newest = Seat(vault: vault, person: Self.service, token: try #require(tokens.last))
      #expect(await refusal { try await vault.programmes(by: newest.caller) } == nil)
      #expect(await refusal { try await vault.programmes(by: officer.caller) } == nil)
    }
  }

  @Test func `The pairs of a key file follow from its key alone`() async throws {
    let place = try await VaultPlace.founded()
    try await place.withVault { vault in
      let administrator = try await vault.seat(.administrator)
      let code = try await vault.invite(
        name(Self.service.name), role: .service, peer: .uid(Self.service.uid), by: administrator.caller
      ).value.code
      let enrolled = try await vault.enrol(
        Self.service.name, code: code.text, passphrase: nil, by: Self.service.caller())
      let key = try #require(enrolled.keyFile)
      let certificate = try #require(
        try vault.read("An account") { view in try vault.trust.account(name(Self.service.name), in: view) }?.certificate
      )
      #expect(KeyFilePairs.signing(from: key).verifyingKey == certificate.verifyingKey)
      #expect(OpeningKey(secret: KeyFilePairs.openingSecret(from: key)).sealingKey == certificate.sealingKey)
      let challenge = try vault.challenge(for: Self.service.name, by: Self.service.caller()).bytes
      let opened = try await vault.login(
        Self.service.name, challenge: challenge,
        signature: Self.signature(vault, challenge, by: KeyFilePairs.signing(from: key)), by: Self.service.caller())
      #expect(opened.account.description == Self.service.name)
      // The key still opens the lock, for a service that reads.
      _ = try await vault.login(Self.service.name, .key(Vault.keyFile(of: key)), by: Self.service.caller())
    }
  }
}
