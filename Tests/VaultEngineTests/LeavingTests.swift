import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P8: whoever is removed is out at once, and what is written afterwards is closed to every key they held.
@Suite struct LeavingTests {
  @Test func `P8 A new epoch is for nobody who has left and only waits for somebody to take them out`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    let words = "a replaced officer, once more"
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      // A member of every compartment, who is going to be revoked.
      _ = try await vault.grant(
        name(Person.stranger.name), in: navigators, fingerprint: team.fingerprints[Person.stranger.name] ?? "",
        expires: nil, by: supervisor.caller)
      // One suspended and one replaced by somebody who holds no key: the new epochs wait for the supervisor.
      _ = try await vault.suspend(name(Person.analyst.name), by: administrator.caller)
      let code = try await vault.replaceAccount(name(Person.officer.name), by: administrator.caller).value.code
      _ = try await vault.enrol(
        Person.officer.name, code: code.text, passphrase: secret(words), by: Person.officer.caller())
      let waiting = try vault.store.read { view in
        try vault.trust.manifest(.statistics(navigators), in: view)?.manifest
      }
      #expect(
        try waiting?.epoch == 1 && waiting?.member(name(Person.analyst.name)) != nil, "or there is nothing to see")

      _ = try await vault.revoke(name(Person.stranger.name), in: navigators, by: supervisor.caller)
      for compartment in Vault.compartments(of: navigators) {
        let manifest = try #require(try vault.store.read { try vault.trust.manifest(compartment, in: $0)?.manifest })
        #expect(manifest.epoch == 2)
        #expect(try manifest.member(name(Person.analyst.name)) == nil, "\(compartment)")
        #expect(try manifest.member(name(Person.officer.name)) == nil, "\(compartment)")
        for person in [Person.analyst, .officer] {
          let key = vault.trust.grantKey(compartment, epoch: manifest.epoch, member: .account(try name(person.name)))
          #expect(try vault.store.read { try $0.row(.grant, key) } == nil)
        }
      }
    }
  }

  @Test func `P8 A leaver's session is dead and their keys do not open what is written afterwards`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let liaison = try team.seat(.liaison, in: vault)
      // A copy of all their keys, as a dishonest leaver would make it.
      let kept = try Dictionary(
        uniqueKeysWithValues: Vault.compartments(of: navigators).compactMap { compartment in
          try officer.session.held(compartment).map { (compartment, $0.keys) }
        })
      #expect(kept.count == Section.allCases.count + 1)
      let before = try vault.store.read { view in
        try vault.trust.manifest(.section(navigators, .identity), in: view)?.manifest
      }

      _ = try await vault.revoke(name(Person.officer.name), in: navigators, by: supervisor.caller)
      #expect(
        await refusal { try await vault.readRecord(team.records[0], sections: [], by: officer.caller) } == .loginNeeded)
      let after = try vault.store.read { view in
        try vault.trust.manifest(.section(navigators, .identity), in: view)?.manifest
      }
      #expect(after?.epoch == 2 && after?.publicKey != before?.publicKey)
      #expect(try after?.member(name(Person.officer.name)) == nil)

      let fresh = try await vault.createRecord(in: navigators, json(Caseload.shirin), by: supervisor.caller).value.id
      _ = try await vault.editRecord(
        team.records[1], patch: json(#"{"identity":{"prs_FirstName":"Renamed"}}"#), ifVersion: 1,
        by: supervisor.caller)
      let service = try team.seat(.service, in: vault)
      let handedIn = try await vault.createRecord(in: navigators, json(Caseload.divya), by: service.caller).value.id
      let submitted = try await vault.acceptSubmission(handedIn, by: supervisor.caller).value.id

      var opened = 0
      for record in [fresh, team.records[1], submitted, team.records[0]] {
        let head = try #require(try vault.recordHead(record)?.head)
        for part in head.parts {
          let isOld = record == team.records[0] || (record == team.records[1] && part.section != .identity)
          let keys = try #require(kept[head.compartment(of: part.section)])
          let (body, wrap) = try vault.store.read { view in
            (
              try view.row(.section, RecordRows.sectionKey(vault.keys, record, part.section, version: part.version)),
              try view.row(.wrap, RecordRows.wrapKey(vault.keys, record, part))
            )
          }
          let sealed = try (body: #require(body).body, wrap: #require(wrap).body)
          let author = try #require(team.secrets[Person.service.name]).signing.verifyingKey
          // Under the epoch that the wrap names, and, for a leaver who renames their key to it, under that one too.
          let forgedEpoch = Dictionary(
            uniqueKeysWithValues: [1, 2].compactMap { (epoch: UInt64) in
              keys[1].map { (epoch, $0) }
            })
          for attempt in [keys, forgedEpoch] {
            let text = try? SealedBody.openSection(
              sealed.body, wrap: sealed.wrap, at: RecordRows.place(head, part, vault: vault.keys.vault), with: attempt,
              outerWrap: vault.keys.outerWrap, author: { _ in [author] }
            ).copyBytes()
            #expect((text != nil) == isOld, "\(part.section) of \(head.programme)")
            if text != nil { opened += 1 }
          }
        }
        for card in head.cards where record != team.records[0] {
          let row = try vault.store.read { view in
            try view.row(.card, RecordRows.cardKey(vault.keys, record, card.section))
          }
          let place = SealedBody.Place(
            vault: vault.keys.vault, record: record, section: card.section, version: card.version,
            compartment: .section(navigators, card.section))
          let isOld = record == team.records[1] && card.section != .identity
          let text = try? SealedBody.openCard(
            #require(row).body, at: place, with: kept[.section(navigators, card.section)] ?? [:],
            outerWrap: vault.keys.outerWrap,
            author: { _ in throw VaultError(.denied, "") }
          ).copyBytes()
          #expect((text != nil) == isOld)
        }
      }
      #expect(opened > 0, "the keys do open what they could open before")

      // Those who stay read old and new, and find both.
      for seat in [supervisor, liaison] {
        for record in [team.records[0], fresh, team.records[1]] {
          let text = try await vault.readRecord(record, sections: [.identity], by: seat.caller).value.text
          #expect(!text.isEmpty)
        }
        let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: seat.caller).value
        #expect(Set(found.map(\.id)).isSuperset(of: [team.records[0], fresh]))
      }
      let text = try await vault.readRecord(submitted, sections: [.identity], by: supervisor.caller).value.text
      #expect(text.contains("দিব্যা"))

      // Coming back opens a session, and nothing of this programme.
      let again = try team.seat(.officer, in: vault)
      #expect(try again.session.programmes.isEmpty)
      for record in [team.records[0], fresh] {
        #expect(await refusal { try await vault.readRecord(record, sections: [], by: again.caller) } == .denied)
      }
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 7)
    // Granted again, they hold both epochs.
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.grant(
        name(Person.officer.name), in: navigators, fingerprint: team.fingerprints[Person.officer.name] ?? "",
        expires: nil, by: supervisor.caller)
      let officer = try team.seat(.officer, in: vault)
      let listed = try await vault.records(in: navigators, after: nil, limit: 10, by: officer.caller).value.records
      #expect(listed.count == 6)
      for record in listed.map(\.id) {
        _ = try await vault.readRecord(record, sections: [.identity], by: officer.caller)
      }
    }
  }

  @Test func `P8 Revoking everywhere ends every membership the supervisor shares`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      for person in [Person.officer, .neighbour, .service, .analyst, .liaison] {
        let seat = try team.seat(person, in: vault)
        let left = try await vault.revoke(name(person.name), in: nil, by: supervisor.caller).value.programmes
        #expect(left.count == 1)
        #expect(await refusal { try await vault.programmes(by: seat.caller) } == .loginNeeded)
        let again = try team.seat(person, in: vault)
        #expect(try again.session.programmes.isEmpty)
      }
      #expect(
        await refusal { try await vault.revoke(name(Person.officer.name), in: nil, by: supervisor.caller) } == .notFound
      )
      #expect(
        await refusal { try await vault.revoke(name(Person.supervisor.name), in: nil, by: supervisor.caller) }
          == .conflict)
    }
  }

  @Test func `P8 A revocation whose commit fails changes nothing, and its sessions live`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    // A head that moved in between: the revocation conflicts as a whole.
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      async let one = refusal {
        try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
      }
      async let two = refusal {
        try await vault.revoke(name(Person.analyst.name), in: navigators, by: supervisor.caller)
      }
      let codes = await [one, two]
      #expect(codes.allSatisfy { $0 == nil || $0 == .conflict }, "\(codes)")
      #expect(codes.contains(nil))
      #expect(
        await refusal { try await vault.readRecord(team.records[0], sections: [.legal], by: officer.caller) } == nil)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).programmes == 2)
  }

  @Test func `P8 A grant that expires closes by itself`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.grant(
        name(Person.stranger.name), in: navigators, fingerprint: team.fingerprints[Person.stranger.name] ?? "",
        expires: place.clock.now.adding(seconds: 60), by: supervisor.caller)
      let stranger = try team.seat(.stranger, in: vault)
      #expect(await refusal { try await vault.readRecord(team.records[0], sections: [], by: stranger.caller) } == nil)
      place.clock.advance(seconds: 61)
      #expect(
        await refusal { try await vault.readRecord(team.records[0], sections: [], by: stranger.caller) } == .denied,
        "also in a session that is open")
      let again = try team.seat(.stranger, in: vault)
      #expect(await refusal { try await vault.readRecord(team.records[0], sections: [], by: again.caller) } == .denied)
    }
  }

  @Test func `A suspended account is out at once and stays out`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
      #expect(await refusal { try await vault.programmes(by: officer.caller) } == .loginNeeded)
      #expect(await refusal { try await vault.seat(.officer) } == .loginFailed)
      #expect(
        await refusal { try await vault.suspend(name(Person.administrator.name), by: administrator.caller) }
          == .conflict)
    }
  }
}
