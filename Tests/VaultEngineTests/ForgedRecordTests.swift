import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Sections, wraps and cards that the root key can put into a record, and memberships it can bring back.
@Suite struct ForgedRecordTests {
  private let navigators: ProgrammeID

  init() throws { navigators = try programme(Team.navigators) }

  private static let planted = #"{"prs_FirstName":"Planted"}"#

  /// How a member's read of the first record's identity, a search and a verification are refused once `forge` has been
  /// at it.
  private func refusal(
    of forge: (Forger, borrowing WriteTransaction, Team) throws -> Void
  ) async throws -> (read: VaultError.Code?, search: VaultError.Code?, verification: VaultError.Code?) {
    let (team, place) = try await Team.copy()
    let forger = try Forger(place)
    try forger.forge { transaction in try forge(forger, transaction, team) }
    let verification = await VaultEngineTests.refusal {
      try Vault.verify(directory: place.directory, root: place.root)
    }
    return try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let read = await VaultEngineTests.refusal {
        let read = try await vault.readRecord(team.records[0], sections: [.identity], by: officer.caller).value
        #expect(!read.text.contains("Planted"))
      }
      let search = await VaultEngineTests.refusal {
        try await vault.search("planted", programme: nil, born: nil, limit: nil, by: officer.caller)
      }
      return (read, search, verification)
    }
  }

  /// Replaces the identity section of the first record, its wrap and its card, and the hashes that the record names.
  private func plant(
    _ forger: Forger, _ transaction: borrowing WriteTransaction, _ record: RecordID, body: [UInt8]? = nil,
    wrap: [UInt8]? = nil, card: [UInt8]? = nil
  ) throws {
    try forger.editHead(record, in: transaction) { head in
      guard let index = head.parts.firstIndex(where: { $0.section == .identity }),
        let cardIndex = head.cards.firstIndex(where: { $0.section == .identity })
      else { throw VaultError(.notFound, "The record has no identity.") }
      let part = head.parts[index]
      if let body {
        let key = RecordRows.sectionKey(forger.keys, record, .identity, version: part.version)
        try transaction.put(.section, key, version: part.version, body: body)
      }
      if let wrap {
        try transaction.put(
          .wrap, RecordRows.wrapKey(forger.keys, record, part), version: part.version, body: wrap)
      }
      head.parts[index] = RecordHead.Part(
        section: .identity, version: part.version, bodyHash: body.map(SHA256.hash) ?? part.bodyHash,
        recipient: part.recipient, wrapHash: wrap.map(SHA256.hash) ?? part.wrapHash)
      if let card {
        let version = head.cards[cardIndex].version
        try transaction.put(
          .card, RecordRows.cardKey(forger.keys, record, .identity), version: version, body: card)
        head.cards[cardIndex] = RecordHead.Card(section: .identity, version: version, bodyHash: SHA256.hash(card))
      }
    }
  }

  private func place(_ forger: Forger, _ record: RecordID, version: UInt64) -> SealedBody.Place {
    SealedBody.Place(
      vault: forger.keys.vault, record: record, section: .identity, version: version,
      compartment: .section(navigators, .identity))
  }

  private func sealer(
    _ forger: Forger, _ transaction: borrowing WriteTransaction, author: Person, signing: SigningKey
  ) throws -> SealedBody.Sealer {
    let (manifest, _) = try forger.manifest(.section(navigators, .identity), in: transaction)
    return .writer(
      signing, account: try AccountName(author.name), publicKey: manifest.publicKey, epoch: manifest.epoch)
  }

  @Test func `P2 A section that was planted with its wrap needs an author who may write there`() async throws {
    // A stolen name; an account of the vault that is no member; a member who only reads; one who counts; one who submits.
    for (author, ownsKey) in [
      (Person.officer, false), (.stranger, true), (.neighbour, true), (.liaison, true), (.analyst, true),
      (.administrator, true), (.service, true),
    ] {
      let refused = try await refusal { forger, transaction, team in
        let signing = ownsKey ? try #require(team.secrets[author.name]).signing : AccountSecrets().signing
        let sealer = try sealer(forger, transaction, author: author, signing: signing)
        let sealed = try SealedBody.sealSection(
          Array(Self.planted.utf8), at: place(forger, team.records[0], version: 2), by: sealer,
          outerWrap: forger.keys.outerWrap)
        let names = IdentityCard.Name.self
        let card = try IdentityCard(names: [names.init(text: "Planted", kind: .legal)], yearOfBirth: nil).encoded()
        try plant(
          forger, transaction, team.records[0], body: sealed.body, wrap: sealed.wrap,
          card: SealedBody.sealCard(
            card, at: place(forger, team.records[0], version: 2), by: sealer, outerWrap: forger.keys.outerWrap))
      }
      #expect(refused.read == .integrity && refused.search == .integrity, "\(author.name)")
      #expect(refused.verification == .integrity, "\(author.name)")
    }
  }

  @Test func `A member who may write is believed when they seal to the public key`() async throws {
    let refused = try await refusal { forger, transaction, team in
      let signing = try #require(team.secrets[Person.officer.name]).signing
      let sealer = try sealer(forger, transaction, author: .officer, signing: signing)
      let sealed = try SealedBody.sealSection(
        Array(#"{"prs_FirstName":"Submitted"}"#.utf8), at: place(forger, team.records[0], version: 2), by: sealer,
        outerWrap: forger.keys.outerWrap)
      try plant(forger, transaction, team.records[0], body: sealed.body, wrap: sealed.wrap)
    }
    #expect(refused.read == nil && refused.verification == nil, "or the test above would prove nothing")
  }

  @Test func `P6 New keys of a replaced account are no author's before somebody has granted them`() async throws {
    let (team, place) = try await Team.copy()
    let signing = try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let code = try await vault.replaceAccount(name(Person.officer.name), by: administrator.caller).value.code
      _ = try await vault.enrol(
        Person.officer.name, code: code.text, passphrase: secret("whoever typed the code"), by: Person.officer.caller())
      let seat = try await vault.seat(.officer, passphrase: "whoever typed the code")
      return try #require(try seat.session.secrets).signing
    }
    let forger = try Forger(place)
    try forger.forge { transaction in
      let sealer = try sealer(forger, transaction, author: .officer, signing: signing)
      let sealed = try SealedBody.sealSection(
        Array(Self.planted.utf8), at: self.place(forger, team.records[0], version: 2), by: sealer,
        outerWrap: forger.keys.outerWrap)
      try plant(forger, transaction, team.records[0], body: sealed.body, wrap: sealed.wrap)
    }
    #expect(
      await VaultEngineTests.refusal { try Vault.verify(directory: place.directory, root: place.root) } == .integrity)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      #expect(
        await VaultEngineTests.refusal {
          try await vault.readRecord(team.records[0], sections: [.identity], by: supervisor.caller)
        } == .integrity)
    }
  }

  @Test func `P2 A wrap is bound to its body, its record, its version and its section's key`() async throws {
    let (team, place) = try await Team.copy()
    // From the second record, same section and compartment.
    let forger = try Forger(place)
    let other = try place.tamper { transaction in
      let head = try RecordHead(
        decoding: forger.document(.record, RecordRows.recordKey(forger.keys, team.records[1]), in: transaction))
      let part = try #require(head.parts.first { $0.section == .identity })
      let body = try transaction.row(
        .section, RecordRows.sectionKey(forger.keys, head.id, .identity, version: part.version))
      let wrap = try transaction.row(.wrap, RecordRows.wrapKey(forger.keys, head.id, part))
      let card = try transaction.row(.card, RecordRows.cardKey(forger.keys, head.id, .identity))
      return (body: try #require(body).body, wrap: try #require(wrap).body, card: try #require(card).body)
    }
    let ownKey = SymmetricKey.random()
    let attempts: [String: (Forger, borrowing WriteTransaction, Team) throws -> Void] = [
      "both of another record": { forger, transaction, team in
        try plant(forger, transaction, team.records[0], body: other.body, wrap: other.wrap, card: other.card)
      },
      "wrap of another record": { forger, transaction, team in
        try plant(forger, transaction, team.records[0], wrap: other.wrap, card: other.card)
      },
      "body of another record": { forger, transaction, team in
        try plant(forger, transaction, team.records[0], body: other.body, card: other.card)
      },
      "key of the forger's own": { forger, transaction, team in
        let place = self.place(forger, team.records[0], version: 2)
        let body = Envelope.seal(
          Array(Self.planted.utf8), key: ownKey, suite: .record, associatedData: place.sectionContext)
        let context = place.wrapContext(epoch: 1, bodyHash: SHA256.hash(body))
        // Under every key that the root key gives.
        let wrap =
          [1] + StoreKey.index(1)
          + ownKey.withBytes {
            unsafe Envelope.seal($0, key: forger.keys.outerWrap, suite: .exact, associatedData: context)
          }
        let card =
          [1] + StoreKey.index(1)
          + Envelope.seal(
            [1, 2, 3], key: forger.keys.outerWrap, suite: .card, associatedData: place.cardContext(epoch: 1))
        try plant(forger, transaction, team.records[0], body: body, wrap: wrap, card: card)
      },
    ]
    for (what, attempt) in attempts {
      let refused = try await refusal(of: attempt)
      #expect(refused.read == .integrity && refused.search == .integrity, "\(what)")
    }
  }

  @Test func `P2 P8 A membership that is rolled back gives the leaver nothing that was written since`() async throws {
    let (team, place) = try await Team.copy()
    // Before the revocation: the rows that are going to be played back.
    let old = try [StoreTable.grant, .manifest].map { ($0, try place.rows($0)) }
    let fresh = try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.revoke(name(Person.officer.name), in: navigators, by: supervisor.caller)
      return try await vault.createRecord(in: navigators, json(Caseload.lakshmi), by: supervisor.caller).value.id
    }
    let forger = try Forger(place)
    try forger.forge { transaction in
      for (table, rows) in old {
        let kept = Set(rows.map(\.key))
        for row in try transaction.rows(table, limit: .max) where !kept.contains(row.key) {
          try transaction.delete(table, row.key)
        }
        for row in rows { try transaction.put(table, row.key, version: row.version, body: row.body) }
      }
    }
    #expect(
      await VaultEngineTests.refusal { try Vault.verify(directory: place.directory, root: place.root) } == .integrity)
    try await place.withVault { vault in
      for person in [Person.officer, .supervisor] {
        let seat = try team.seat(person, in: vault)
        let read = await VaultEngineTests.refusal {
          try await vault.readRecord(fresh, sections: [.identity], by: seat.caller)
        }
        let search = await VaultEngineTests.refusal {
          try await vault.search("lakshmi", programme: navigators, born: nil, limit: nil, by: seat.caller)
        }
        #expect(read == .integrity && search == .integrity, "\(person.name)")
      }
    }
  }
}
