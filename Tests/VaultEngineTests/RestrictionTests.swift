import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// A record kept to named people, by keys.
@Suite struct RestrictionTests {
  private let navigators: ProgrammeID

  init() throws { navigators = try programme(Team.navigators) }

  private func restricted(
    _ team: Team, _ place: VaultPlace, to people: [Person], _ body: (Vault, RecordID) async throws -> Void
  ) async throws {
    let record = team.records[0]
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.restrict(record, to: people.map { try name($0.name) }, by: supervisor.caller)
      try await body(vault, record)
    }
  }

  private func hint<R>(_ body: () async throws -> R) async -> String {
    do {
      _ = try await body()
      return ""
    } catch {
      return (error as? VaultError)?.hint ?? ""
    }
  }

  @Test func `A restricted record is read, written, listed and found by those named alone`() async throws {
    let (team, place) = try await Team.copy()
    try await restricted(team, place, to: [.officer]) { vault, record in
      let officer = try team.seat(.officer, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let liaison = try team.seat(.liaison, in: vault)
      let read = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      #expect(read.sections.count == Section.allCases.count && read.flags == [.restricted] && read.until == nil)
      _ = try await vault.editRecord(
        record, patch: json(#"{"identity":{"prs_SecondName":"Begum"},"legal":{"vault_CourtReference":"N-31"}}"#),
        ifVersion: read.version, by: officer.caller)
      let again = try await vault.readRecord(record, sections: [.identity, .legal], by: officer.caller).value
      #expect(again.text.contains("Begum") && again.text.contains("N-31"))
      let found = try await vault.search("begum", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(found.map(\.id) == [record] && found.first?.flags == [.restricted])
      #expect(
        try await vault.records(in: navigators, after: nil, limit: 10, by: officer.caller).value.records.count == 4)

      // The daemon's check refuses too, before any key is asked.
      let head = try #require(try vault.recordHead(record)?.head)
      let gate = Gate.standard
      for seat in [supervisor, liaison] {
        #expect(try !gate.allows(seat.session, .read, .identity, of: head, at: place.clock.now))
      }
      #expect(try gate.allows(officer.session, .read, .identity, of: head, at: place.clock.now))
      // Nor the supervisor, who did it and is not named.
      for seat in [supervisor, liaison] {
        #expect(await refusal { try await vault.readRecord(record, sections: [.identity], by: seat.caller) } == .denied)
        for terms in ["shirin", "begum"] {
          let found = try await vault.search(terms, programme: nil, born: nil, limit: nil, by: seat.caller).value
          #expect(!found.map(\.id).contains(record))
        }
      }
      #expect(
        await refusal {
          try await vault.editRecord(
            record, patch: json(#"{"case":{"vault_Team":"West"}}"#), ifVersion: 4, by: supervisor.caller)
        } == .denied)
      let duplicates = try await vault.createRecord(in: navigators, json(Caseload.shirin), by: supervisor.caller).value
      #expect(!duplicates.possibleDuplicates.contains(record))
      let listed = try await vault.records(in: navigators, after: nil, limit: 10, by: liaison.caller).value.records
      #expect(!listed.map(\.id).contains(record))
      // A supervisor is told that it is there, and no more: somebody has to know.
      let known = try await vault.records(in: navigators, after: nil, limit: 10, by: supervisor.caller).value.records
      #expect(known.first { $0.id == record }?.flags == [.restricted])
      #expect(await refusal { try await vault.unrestrict(record, by: supervisor.caller) } == .denied)
      #expect(await hint { try await vault.unrestrict(record, by: supervisor.caller) }.contains("vaultsh access"))
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 6)
  }

  @Test func `P2 Without the daemon's check the keys of the programme open nothing of a restricted record`()
    async throws
  {
    let (team, place) = try await Team.copy()
    try await restricted(team, place, to: [.officer]) { vault, record in
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.editRecord(
        record, patch: json(#"{"health":{"vault_Allergies":"latex"}}"#), ifVersion: 3, by: officer.caller)
    }
    try await place.withVault(removesGate: true) { vault in
      let record = team.records[0]
      let head = try #require(try vault.recordHead(record)?.head)
      #expect(head.cards.isEmpty)
      #expect(head.parts.allSatisfy { if case .person = $0.recipient { true } else { $0.recipient == .recovery } })
      for person in [Person.supervisor, .liaison, .neighbour, .stranger] {
        let seat = try team.seat(person, in: vault)
        for section in Section.allCases {
          #expect(
            await refusal { try await vault.readRecord(record, sections: [section], by: seat.caller) } == .denied,
            "\(person.name) \(section)")
        }
      }
      let supervisor = try team.seat(.supervisor, in: vault)
      let found = try await vault.search(
        "shirin", programme: navigators, born: nil, limit: nil, by: supervisor.caller
      ).value
      #expect(!found.map(\.id).contains(record), "there is no card to find it by")
      let officer = try team.seat(.officer, in: vault)
      let text = try await vault.readRecord(record, sections: [.health], by: officer.caller).value.text
      #expect(text.contains("latex"), "or the test above would prove nothing")
    }
  }

  @Test func `P8 Whoever is named and leaves opens nothing that is written afterwards`() async throws {
    let (team, place) = try await Team.copy()
    try await restricted(team, place, to: [.officer, .supervisor]) { vault, record in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.revoke(name(Person.officer.name), in: navigators, by: supervisor.caller)
      let version = try #require(try vault.recordHead(record)?.head.version)
      _ = try await vault.editRecord(
        record, patch: json(#"{"case":{"vault_Summary":"After they left."}}"#), ifVersion: version,
        by: supervisor.caller)
      let head = try #require(try vault.recordHead(record)?.head)
      let officer = try name(Person.officer.name)
      #expect(!head.parts.contains { $0.section == .case && $0.recipient == .person(officer) })
      #expect(head.parts.contains { $0.section == .health && $0.recipient == .person(officer) }, "written before")
      let again = try team.seat(.officer, in: vault)
      #expect(await refusal { try await vault.readRecord(record, sections: [.case], by: again.caller) } == .denied)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 Whoever alone opens a record is shut out at once, which is told, and loses no keys but by two people`()
    async throws
  {
    let (team, place) = try await Team.copy()
    try await restricted(team, place, to: [.officer]) { vault, record in
      let supervisor = try team.seat(.supervisor, in: vault)
      let administrator = try team.seat(.administrator, in: vault)
      let rahela = try name(Person.officer.name)
      for attempt in [
        { try await _ = vault.revoke(rahela, in: navigators, by: supervisor.caller) },
        { try await _ = vault.replaceAccount(rahela, by: administrator.caller) },
      ] as [() async throws -> Void] {
        do {
          try await attempt()
          Issue.record("the last keys were taken")
        } catch let error as VaultError {
          #expect(error.code == .conflict && error.detail.contains(record.description))
          #expect(error.hint?.contains("vaultsh account suspend") == true)
        }
      }
      // Others than those named lose nothing by it.
      #expect(
        try await vault.suspend(name(Person.liaison.name), by: administrator.caller).value.unreadable.isEmpty)
      #expect(try await vault.suspend(rahela, by: supervisor.caller).value.unreadable == [record])
      let closed = await hint { try await vault.readRecord(record, sections: [.case], by: supervisor.caller) }
      #expect(closed.contains("Nobody opens all of it now"))
      let asked = try await vault.request(.reinstate(rahela), by: administrator.caller).value
      _ = try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller)
      // With the keys that they had.
      _ = try await vault.grant(
        rahela, in: navigators, fingerprint: team.fingerprints[Person.officer.name] ?? "", expires: nil,
        by: supervisor.caller)
      let officer = try team.seat(.officer, in: vault)
      let read = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      #expect(read.sections.count == Section.allCases.count)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 One of several who open a record leaves it to the others`() async throws {
    let (team, place) = try await Team.copy()
    // The liaison opens a part of it, which is not enough.
    try await restricted(team, place, to: [.officer, .supervisor, .liaison]) { vault, record in
      let supervisor = try team.seat(.supervisor, in: vault)
      let administrator = try team.seat(.administrator, in: vault)
      _ = try await vault.replaceAccount(name(Person.officer.name), by: administrator.caller)
      _ = try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
      _ = try await vault.readRecord(record, sections: Section.allCases, by: supervisor.caller)
    }
  }

  @Test(arguments: [false, true])
  func `Whoever is named and was away opens all of it again once another who is named is there`(
    hasNewKeys: Bool
  ) async throws {
    let (team, place) = try await Team.copy()
    try await restricted(team, place, to: [.officer, .supervisor]) { vault, record in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officerName = try name(Person.officer.name)
      var words = try #require(team.fingerprints[Person.officer.name])
      if hasNewKeys {
        let administrator = try team.seat(.administrator, in: vault)
        let code = try await vault.replaceAccount(officerName, by: administrator.caller).value.code
        words = try await vault.enrol(.officer, code: code)
      } else {
        _ = try await vault.revoke(officerName, in: navigators, by: supervisor.caller)
      }
      let version = try #require(try vault.recordHead(record)?.head.version)
      _ = try await vault.editRecord(
        record, patch: json(#"{"case":{"vault_Summary":"While they were away."}}"#), ifVersion: version,
        by: supervisor.caller)
      _ = try await vault.grant(officerName, in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)
      let officer = try vault.seat(.officer, secrets: vault.secrets(of: .officer))
      #expect(await refusal { try await vault.readRecord(record, sections: [.case], by: officer.caller) } == .denied)
      let told = await hint { try await vault.readRecord(record, sections: [.case], by: officer.caller) }
      #expect(told.contains("by itself"))
      await vault.continueRekey()
      let read = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      #expect(read.sections.count == Section.allCases.count && read.text.contains("While they were away"))
      await vault.continueRekey()
      #expect(try vault.recordHead(record)?.head.version == read.version, "once")
      _ = try await vault.readRecord(record, sections: Section.allCases, by: supervisor.caller)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `A restriction ends what was shared, is lifted by a named supervisor, and the record is found again`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let until = place.clock.now.adding(seconds: 3600)
      _ = try await vault.refer(record, to: Team.harbour, sections: [.identity], until: until, by: officer.caller)
      // Before and after the restriction, so that the index in memory has to follow.
      _ = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller)
      let done = try await vault.restrict(record, to: [name(Person.supervisor.name)], by: supervisor.caller).value
      #expect(done.ended == ["programme:harbour"] && !done.hasNoSupervisor)
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.identity], by: neighbour.caller) } == .denied)
      #expect(try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value.isEmpty)
      // One who is named may share it again.
      _ = try await vault.refer(
        record, to: Person.stranger.name, sections: [.legal], until: until, by: supervisor.caller)
      let stranger = try team.seat(.stranger, in: vault)
      _ = try await vault.readRecord(record, sections: [.legal], by: stranger.caller)
      let access = try await vault.access(to: record, by: supervisor.caller).value
      #expect(access.named.map(\.description) == [Person.supervisor.name])
      #expect(access.referrals.map(\.receiver) == ["account:\(Person.stranger.name)"] && access.barred == [])
      #expect(await refusal { try await vault.access(to: record, by: officer.caller) } == .denied)

      _ = try await vault.unrestrict(record, by: supervisor.caller)
      let read = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      #expect(read.sections.count == Section.allCases.count && read.flags == [.referred])
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(found.map(\.id) == [record])
      _ = try await vault.readRecord(record, sections: [.legal], by: stranger.caller)
      #expect(await refusal { try await vault.unrestrict(record, by: supervisor.caller) } == .conflict)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
    try await place.withVault { vault in
      let liaison = try team.seat(.liaison, in: vault)
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: liaison.caller).value
      #expect(found.map(\.id) == [record])
    }
  }

  @Test func `Whom a record cannot be kept to is refused with the rule`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      func code(_ people: [Person], by seat: Seat? = nil) async -> VaultError.Code? {
        await refusal {
          try await vault.restrict(record, to: people.map { try name($0.name) }, by: (seat ?? supervisor).caller)
        }
      }
      #expect(await code([]) == .invalid)
      #expect(await code([.officer], by: officer) == .denied)
      #expect(await code([.officer, .stranger]) == .conflict, "a stranger is referred to, not named")
      #expect(await code([.liaison]) == .conflict, "somebody has to be able to read all of it")
      #expect(await code([.auditor]) == .conflict)
      #expect(
        await refusal { try await vault.restrict(record, to: [name("nobody")], by: supervisor.caller) } == .notFound)
      _ = try await vault.bar(name(Person.liaison.name), from: record, by: supervisor.caller)
      #expect(await code([.officer, .liaison]) == .conflict)
      let done = try await vault.restrict(record, to: [name(Person.officer.name)], by: supervisor.caller).value
      #expect(done.hasNoSupervisor)
      #expect(
        await refusal { try await vault.bar(name(Person.officer.name), from: record, by: supervisor.caller) }
          == .conflict)
    }
  }
}
