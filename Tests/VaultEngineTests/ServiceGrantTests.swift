import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine

/// What a service may follows from the words of its grant, in the signed manifest and in the keys it is given.
@Suite struct ServiceGrantTests {
  private static let counter = Person(name: "board-figures", role: .service, uid: 1020)

  private func grant(
    _ vault: Vault, _ team: Team, _ person: Person, _ words: [String]?, fingerprint: String
  ) async throws -> Vault.GrantSummary {
    let supervisor = try team.seat(.supervisor, in: vault)
    let terms = words.flatMap { ServiceTerms(words: $0) }
    return try await vault.grant(
      name(person.name), in: programme(Team.navigators), fingerprint: fingerprint, expires: nil, may: terms,
      by: supervisor.caller
    ).value
  }

  @Test(arguments: [
    ["submit"], ["count"], ["read:identity", "read:case"], ["submit", "count", "read:health"],
  ])
  func `P2 A service holds the keys and verbs of its grant and no other`(words: [String]) async throws {
    let (team, place) = try await Team.copy()
    let terms = try #require(ServiceTerms(words: words))
    for removesGate in [false, true] {
      let place = try place.copy()
      try await place.withVault(removesGate: removesGate) { vault in
        let administrator = try team.seat(.administrator, in: vault)
        let fingerprint = try await vault.inviteAndEnrol(Self.counter, by: administrator)
        let granted = try await grant(vault, team, Self.counter, words, fingerprint: fingerprint)
        #expect(granted.may == terms)
        let seat = try await vault.seat(Self.counter)
        let session = try seat.session
        let navigators = try programme(Team.navigators)
        for section in Section.allCases {
          let held = session.held(.section(navigators, section))
          #expect(held?.verbs ?? [] == terms.membership(in: .section(navigators, section))?.verbs ?? [])
          #expect((held?.current != nil) == terms.reads.contains(section), "\(section)")
          let code = await refusal {
            let read = try await vault.readRecord(team.records[0], sections: [section], by: seat.caller).value
            #expect(!read.text.isEmpty)
          }
          // The gate's refusal and the key's say the same.
          #expect(code == (terms.reads.contains(section) ? nil : .denied), "\(section) without gate: \(removesGate)")
        }
        let statistics = session.held(.statistics(navigators))
        #expect((statistics?.current != nil) == terms.counts)
        guard !removesGate else { return }
        #expect(
          ((try? Gate.standard.check(session, .count, in: navigators)) != nil) == terms.counts)
        for section in Section.allCases {
          #expect((try? Gate.standard.check(session, .write, section, in: navigators)) == nil)
          #expect(
            ((try? Gate.standard.check(session, .submit, section, in: navigators)) != nil) == terms.submits)
        }
        // Reading means records it knows by id: neither lists nor searches, and nothing of another programme.
        #expect(
          await refusal { try await vault.records(in: navigators, after: nil, limit: 5, by: seat.caller) } == .denied)
        #expect(
          await refusal { try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: seat.caller) }
            == .denied)
        #expect(
          await refusal { try await vault.readRecord(team.neighbourRecord, sections: [.identity], by: seat.caller) }
            == .denied)
      }
      _ = try Vault.verify(directory: place.directory, root: place.root)
    }
  }

  @Test func `Only a service's grant says what it may`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      for person in [Person.stranger, .liaison, .analyst] {
        let code = await refusal {
          try await grant(vault, team, person, ["read:identity"], fingerprint: #require(team.fingerprints[person.name]))
        }
        #expect(code == .invalid, "\(person.name)")
      }
      let plain = try await grant(
        vault, team, .stranger, nil, fingerprint: #require(team.fingerprints[Person.stranger.name]))
      #expect(plain.may == nil)
    }
  }

  @Test func `A grant widens what a service may, and narrows it only through a revocation`() async throws {
    let (team, place) = try await Team.copy()
    let fingerprint = try #require(team.fingerprints[Person.service.name])
    try await place.withVault { vault in
      let wide = try await grant(vault, team, .service, ["submit", "read:legal"], fingerprint: fingerprint)
      #expect(wide.may?.words == ["submit", "read:legal"])
      let seat = try team.seat(.service, in: vault)
      // Old records as well: it was given every epoch.
      _ = try await vault.readRecord(team.records[0], sections: [.legal], by: seat.caller)
      for narrower in [["submit"], ["read:legal"], ["count"], ["submit", "read:case"]] {
        let code = await refusal { try await grant(vault, team, .service, narrower, fingerprint: fingerprint) }
        #expect(code == .conflict, "\(narrower)")
      }
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.revoke(name(Person.service.name), in: programme(Team.navigators), by: supervisor.caller)
      _ = try await grant(vault, team, .service, ["submit"], fingerprint: fingerprint)
      let again = try team.seat(.service, in: vault)
      #expect(
        await refusal { try await vault.readRecord(team.records[0], sections: [.legal], by: again.caller) } == .denied)
    }
    _ = try Vault.verify(directory: place.directory, root: place.root)
  }

  @Test func `P2 A service whose row in the role table is empty may nothing, whatever its membership says`()
    async throws
  {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      _ = try await grant(
        vault, team, .service, ["submit", "read:legal"], fingerprint: #require(team.fingerprints[Person.service.name]))
      let session = try team.seat(.service, in: vault).session
      let navigators = try programme(Team.navigators)
      #expect((try? Gate.standard.check(session, .read, .legal, in: navigators)) != nil)
      let strict = Gate(table: RoleTable(rows: [.service: .init(may: [.create])]))
      #expect((try? strict.check(session, .read, .legal, in: navigators)) == nil)
    }
  }
}
