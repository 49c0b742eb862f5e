import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Wraps outside a record's programme that somebody alters, brings back, or puts in with the root key.
@Suite struct ForgedSharingTests {
  /// A copy in which the first record's identity and legal sections are referred to the stranger by the officer.
  private func shared() async throws -> (team: Team, place: VaultPlace, head: RecordHead) {
    let (team, place) = try await Team.copy()
    let head = try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.refer(
        team.records[0], to: Person.stranger.name, sections: [.identity, .legal],
        until: place.clock.now.adding(seconds: 86_400), by: officer.caller)
      return try #require(try vault.recordHead(team.records[0])?.head)
    }
    return (team, place, head)
  }

  private func stranger(
    _ place: VaultPlace, _ team: Team, _ sections: [Section] = [.identity, .legal]
  ) async -> VaultError.Code? {
    await refusal {
      try await place.withVault { vault in
        let seat = try team.seat(.stranger, in: vault)
        let read = try await vault.readRecord(team.records[0], sections: sections, by: seat.caller).value
        #expect(read.text.contains("শিরিন"))
      }
    }
  }

  private func verification(_ place: VaultPlace) async -> VaultError.Code? {
    await refusal { try Vault.verify(directory: place.directory, root: place.root) }
  }

  private func passing(_ head: RecordHead) -> [RecordHead.Part] { head.parts.filter { !head.isStanding($0) } }

  @Test func `P6 No wrap for somebody outside can be changed, removed, exchanged or brought back unnoticed`()
    async throws
  {
    let (team, place, head) = try await shared()
    let keys = try Forger(place).keys
    let parts = passing(head)
    #expect(parts.map(\.section) == [.identity, .legal])
    let rows = try parts.map { part in
      let key = RecordRows.wrapKey(keys, head.id, part)
      return try #require(try place.rows(.wrap).first { $0.key == key })
    }
    #expect(await stranger(place, team) == nil)
    #expect(await verification(place) == nil)
    for position in [0, 1, 20, 33, 60, 100, rows[0].body.count - 1] {
      let copy = try place.copy()
      try copy.tamper { transaction in
        var body = rows[0].body
        body[position] ^= 4
        try transaction.put(.wrap, rows[0].key, version: rows[0].version, body: body)
      }
      #expect(await stranger(copy, team) == .integrity, "byte \(position)")
      #expect(await verification(copy) == .integrity, "byte \(position)")
    }
    let exchanged = try place.copy()
    try exchanged.tamper { transaction in
      try transaction.put(.wrap, rows[0].key, version: rows[0].version, body: rows[1].body)
      try transaction.put(.wrap, rows[1].key, version: rows[1].version, body: rows[0].body)
    }
    #expect(await stranger(exchanged, team) == .integrity)
    #expect(await verification(exchanged) == .integrity)
    let removed = try place.copy()
    try removed.tamper { transaction in try transaction.delete(.wrap, rows[0].key) }
    #expect(await stranger(removed, team) == .integrity)
    #expect(await verification(removed) == .integrity)

    // After its end the wraps are gone; one that somebody kept does not come back.
    let ended = try place.copy()
    try await ended.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.unrefer(head.id, from: Person.stranger.name, by: officer.caller)
    }
    #expect(await verification(ended) == nil)
    let after = try ended.rows(.wrap)
    #expect(!after.contains { row in rows.contains { $0.key == row.key } })
    try ended.tamper { transaction in
      for row in rows { try transaction.put(.wrap, row.key, version: row.version, body: row.body) }
    }
    #expect(await verification(ended) == .integrity)
    #expect(await stranger(ended, team) == .denied)
  }

  /// With the root key: a wrap of the identity section for the stranger, by `author`'s hand, named in the head.
  private func plant(
    _ place: VaultPlace, _ team: Team, author: Person, isCalledFor: Bool, for recipient: Person = .stranger
  ) throws {
    let forger = try Forger(place)
    let signing = try #require(team.secrets[author.name]).signing
    try forger.forge { transaction in
      let sealing = try forger.memberKeys(of: recipient, in: transaction).sealing
      try forger.editHead(team.records[0], in: transaction) { head in
        let body = try #require(head.body(of: .identity))
        let name = try AccountName(recipient.name)
        let spot = SealedBody.Place(
          vault: forger.keys.vault, record: head.id, section: .identity, version: body.version,
          recipient: .person(name))
        let wrap = try SealedBody.wrap(
          TransientKey.random(), bodyHash: body.hash, at: spot,
          by: .toPerson(signing, account: AccountName(author.name), key: sealing), outerWrap: forger.keys.outerWrap)
        let part = RecordHead.Part(
          section: .identity, version: body.version, bodyHash: body.hash, recipient: .person(name),
          wrapHash: SHA256.hash(wrap))
        try transaction.put(
          .wrap, RecordRows.wrapKey(forger.keys, head.id, part), version: body.version, body: wrap)
        head.parts.append(part)
        guard isCalledFor else { return }
        // Of a referral that a member made; only the wrap is somebody else's.
        head.terms.referrals = [
          RecordTerms.Referral(
            receiver: .account(name), keys: try forger.memberKeys(of: recipient, in: transaction),
            sections: [.identity], until: Timestamp(milliseconds: .max / 2),
            referrer: try AccountName(Person.officer.name), made: Timestamp(milliseconds: 1)
          ).signed(
            about: head.id, of: forger.keys.vault, by: try #require(team.secrets[Person.officer.name]).signing)
        ]
      }
    }
  }

  @Test func `P2 A wrap that was planted for somebody needs an author of the record's own programme`() async throws {
    for author in [Person.stranger, .neighbour, .liaison, .analyst, .administrator] {
      let (team, place) = try await Team.copy()
      try plant(place, team, author: author, isCalledFor: true)
      #expect(await verification(place) == .integrity, "\(author.name)")
      #expect(await stranger(place, team, [.identity]) == .integrity, "\(author.name)")
    }
    // A member may share, so a member's hand is believed by a verification; the key in it opens nothing all the same.
    let (team, place) = try await Team.copy()
    try plant(place, team, author: .officer, isCalledFor: true)
    #expect(await verification(place) == nil, "or the test above would prove nothing")
    #expect(await stranger(place, team, [.identity]) == .integrity)
  }

  @Test func `P6 A wrap that the record's terms do not call for is noticed`() async throws {
    let (team, place) = try await Team.copy()
    try plant(place, team, author: .officer, isCalledFor: false)
    #expect(await verification(place) == .integrity)
    #expect(await stranger(place, team, [.identity]) == .denied)
  }

  @Test func `Terms have one encoding, and only as they stand`() throws {
    var terms = RecordTerms()
    #expect(terms.bytes.isEmpty)
    #expect(try RecordTerms(decoding: []) == terms)
    terms.barred = [try name("mina")]
    terms.named = [try name("amina"), try name("bogdan")]
    terms.stale = [.health, .case]
    terms.referrals = [
      RecordTerms.Referral(
        receiver: .programme(try programme("harbour")), keys: nil, sections: [.legal, .identity],
        until: Timestamp(milliseconds: 5), referrer: try name("amina"), made: Timestamp(milliseconds: 4)),
      RecordTerms.Referral(
        receiver: .account(try name("harbour")), keys: MemberKeys(of: AccountSecrets()), sections: [.case],
        until: Timestamp(milliseconds: 7), referrer: try name("bogdan"), made: Timestamp(milliseconds: 6)
      ).signed(about: RecordID(bits: 42), of: [], by: AccountSecrets().signing),
    ]
    terms.emergencies = [
      RecordTerms.Emergency(
        account: try name("tomas"), until: Timestamp(milliseconds: 9), request: "a1b2", granter: try name("amina"),
        made: Timestamp(milliseconds: 8))
    ]
    let bytes = terms.bytes
    #expect(try RecordTerms(decoding: bytes).bytes == bytes)
    for count in [0, 1, bytes.count / 2, bytes.count - 1] where count > 0 {
      #expect(throws: (any Error).self) { try RecordTerms(decoding: Array(bytes.prefix(count))) }
    }
    #expect(throws: (any Error).self) { try RecordTerms(decoding: bytes + [0]) }
    for position in stride(from: 0, to: bytes.count, by: 7) {
      var flipped = bytes
      flipped[position] ^= 1
      let decoded = try? RecordTerms(decoding: flipped)
      #expect(decoded?.bytes ?? flipped == flipped && decoded != terms, "byte \(position)")
    }
  }
}
