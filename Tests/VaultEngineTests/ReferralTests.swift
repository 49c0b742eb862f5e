import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// One record shared outside its programme: by a wrap more, for a time, and closed by new keys.
@Suite struct ReferralTests {
  private let navigators: ProgrammeID

  init() throws { navigators = try programme(Team.navigators) }

  private static let day: UInt64 = 24 * 3600

  private func refer(
    _ record: RecordID, to receiver: String, _ sections: [Section], days: UInt64 = 30, by seat: Seat,
    _ place: VaultPlace
  ) async throws -> Vault.ReferralView {
    try await seat.vault.refer(
      record, to: receiver, sections: sections, until: place.clock.now.adding(seconds: days * Self.day),
      by: seat.caller
    ).value
  }

  @Test func `A referred section is read by the other side, listed, found, flagged and logged; the rest is not`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.identity], by: neighbour.caller) } == .denied)
      let made = try await refer(record, to: Team.harbour, [.identity, .legal], by: officer, place)
      #expect(made.receiver == "programme:harbour" && made.version == 3 && made.isFound && made.empty.isEmpty)
      #expect(made.seesNot == [.contact, .case, .exploitation, .health, .consent])
      #expect(Set(made.readers.map(\.account.description)) == [Person.neighbour.name, Person.supervisor.name])

      let read = try await vault.readRecord(record, sections: [.identity, .legal], by: neighbour.caller)
      #expect(read.value.text.contains("শিরিন") && read.value.flags == [.referred] && read.value.until == made.until)
      let whole = try await vault.readRecord(record, sections: [], isWhole: true, by: neighbour.caller).value
      #expect(whole.sections.map(\.section) == [.identity, .legal])
      for section in [Section.contact, .case, .exploitation, .health, .consent] {
        #expect(
          await refusal { try await vault.readRecord(record, sections: [section], by: neighbour.caller) } == .denied)
      }
      // Reading is all: not even what was shared can be written.
      #expect(
        await refusal {
          try await vault.editRecord(
            record, patch: json(#"{"identity":{"prs_FirstName":"Other"}}"#), ifVersion: 3, by: neighbour.caller)
        } == .denied)
      #expect(
        await refusal {
          try await refer(record, to: Person.stranger.name, [.identity], by: neighbour, place)
        } == .denied)

      let listed = try await vault.records(in: nil, after: nil, limit: 10, by: neighbour.caller).value
      #expect(listed.records.map(\.id) == [team.neighbourRecord, record] && listed.next == nil)
      #expect(listed.records.map(\.flags) == [[], [.referred]])
      let first = try await vault.records(in: nil, after: nil, limit: 1, by: neighbour.caller).value
      let second = try await vault.records(in: nil, after: first.next, limit: 1, by: neighbour.caller).value
      #expect(second.records.map(\.id) == [record] && second.next == nil)
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: neighbour.caller).value
      #expect(found.map(\.id) == [record] && found.first?.flags == [.referred])
      #expect(found.first?.contactWarning == nil, "the numbers were not shared")
      let byNumber = try await vault.search("000123", programme: nil, born: nil, limit: nil, by: neighbour.caller).value
      #expect(byNumber.isEmpty)
      // A member's view says so too.
      #expect(try await vault.readRecord(record, sections: [], by: officer.caller).value.flags == [.referred])

      let auditor = try team.seat(.auditor, in: vault)
      var filter = Vault.AuditFilter()
      filter.record = record
      filter.limit = 500
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry)
      #expect(
        entries.contains {
          $0.action == "referral.make" && $0.account == Person.officer.name
            && $0.sections == ["identity", "legal"] && $0.detail?.hasPrefix("programme:harbour until") == true
        })
      #expect(
        entries.contains {
          $0.action == "record.read" && $0.account == Person.neighbour.name
            && $0.outcome == .allowed && $0.detail == "referred to programme:harbour"
        })
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
    // As the store has it after a restart.
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      _ = try await vault.readRecord(record, sections: [.legal], by: neighbour.caller)
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: neighbour.caller).value
      #expect(found.map(\.id) == [record])
    }
  }

  @Test func `A preview says what would be seen, changes nothing and is an entry`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let until = place.clock.now.adding(seconds: Self.day)
      let size = vault.ledger.size
      let preview = try await vault.previewReferral(
        of: team.records[1], to: Team.harbour, sections: [.legal, .exploitation], until: until, by: officer.caller)
      #expect(preview.entryIndex == size && preview.value.version == 1)
      #expect(preview.value.sees == [.exploitation, .legal] && preview.value.empty == [.exploitation])
      #expect(!preview.value.isFound && !preview.value.replaces)
      #expect(try vault.recordHead(team.records[1])?.head.version == 1)
      #expect(
        await refusal { try await vault.readRecord(team.records[1], sections: [.legal], by: neighbour.caller) }
          == .denied)
    }
  }

  @Test func `P2 A liaison who was referred to sees what the role may see and no more`() async throws {
    let (team, place) = try await Team.copy()
    let supervisorOnly = team.neighbourRecord
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      let liaison = try team.seat(.liaison, in: vault)
      #expect(
        await refusal {
          try await refer(supervisorOnly, to: Person.liaison.name, [.identity, .health], by: neighbour, place)
        } == .denied)
      // To a programme: its liaison has no key for what the others there have.
      let made = try await refer(supervisorOnly, to: Team.navigators, [.identity, .contact], by: neighbour, place)
      #expect(
        made.readers.first { $0.account.description == Person.liaison.name }?.sections == [.identity])
      _ = try await vault.readRecord(supervisorOnly, sections: [.identity], by: liaison.caller)
      #expect(
        await refusal { try await vault.readRecord(supervisorOnly, sections: [.contact], by: liaison.caller) }
          == .denied)
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.readRecord(supervisorOnly, sections: [.contact], by: officer.caller)
    }
    try await place.withVault(removesGate: true) { vault in
      let liaison = try team.seat(.liaison, in: vault)
      #expect(
        await refusal { try await vault.readRecord(supervisorOnly, sections: [.contact], by: liaison.caller) }
          == .denied,
        "keys refuse it too")
    }
  }

  @Test func `An edit is sealed for the other side as well, and a person who was referred to has one wrap`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[2]
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let stranger = try team.seat(.stranger, in: vault)
      _ = try await refer(record, to: Person.stranger.name, [.case, .legal], by: officer, place)
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.identity], by: stranger.caller) } == .denied)
      _ = try await vault.editRecord(
        record, patch: json(#"{"case":{"vault_Summary":"Moved in May."},"legal":{"vault_CourtReference":"N-90"}}"#),
        ifVersion: 2, by: officer.caller)
      let read = try await vault.readRecord(record, sections: [.case, .legal], by: stranger.caller).value
      #expect(read.version == 3 && read.text.contains("Moved in May.") && read.text.contains("N-90"))
      // By id alone: the identity was not shared.
      let found = try await vault.search("stefanescu", programme: nil, born: nil, limit: nil, by: stranger.caller).value
      #expect(found.isEmpty)
      let head = try #require(try vault.recordHead(record)?.head)
      #expect(try head.parts.filter { try $0.recipient == .person(name(Person.stranger.name)) }.count == 2)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  /// What somebody can open of a record with the keys that they kept, the root key, and a copy of the store.
  private func opened(
    _ head: RecordHead, _ vault: Vault, kept: [Compartment: [UInt64: CompartmentKey]], person: AccountSecrets?
  ) throws -> Set<Section> {
    let wraps = try vault.store.read { view in try view.rows(.wrap, prefix: [], after: nil, limit: .max) }
    var sections: Set<Section> = []
    let recipients: [(Section) -> WrapRecipient] =
      [{ .compartment(.section(head.programme, $0)) }, { _ in .recovery }]
      + kept.keys.map { compartment in { _ in .compartment(compartment) } }
      + Person.all.compactMap { try? AccountName($0.name) }.map { name in { _ in .person(name) } }
    let bodies = try vault.store.read { view in
      try Section.allCases.flatMap { section in
        try (1...head.version).compactMap { version in
          try view.row(.section, RecordRows.sectionKey(vault.keys, head.id, section, version: version)).map {
            (section: section, row: $0)
          }
        }
      }
    }
    for (section, body) in bodies {
      for wrap in wraps {
        for recipient in recipients {
          let place = SealedBody.Place(
            vault: vault.keys.vault, record: head.id, section: section, version: body.version,
            recipient: recipient(section))
          var openers: [SealedBody.Opener] = kept.values.map { .member($0) }
          if let person { openers.append(.person(person.opening)) }
          for opener in openers {
            let text = try? SealedBody.openSection(
              body.body, wrap: wrap.body, at: place, with: opener, outerWrap: vault.keys.outerWrap,
              author: { name in
                let view = try vault.read("An account") { view in try vault.trust.account(name, in: view)?.keys }
                return [try #require(view).verifying]
              }
            ).copyBytes()
            if text != nil { sections.insert(section) }
          }
        }
      }
    }
    return sections
  }

  @Test func `P2 P8 After its end no key of the other side opens what was referred, in the whole later database`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let harbour = try programme(Team.harbour)
      let kept = try Dictionary(
        uniqueKeysWithValues: Vault.compartments(of: harbour).compactMap { compartment in
          try neighbour.session.held(compartment).map { (compartment, $0.keys) }
        })
      let stranger = try #require(team.secrets[Person.stranger.name])
      _ = try await refer(record, to: Team.harbour, [.identity, .legal], by: officer, place)
      _ = try await refer(record, to: Person.stranger.name, [.health], by: officer, place)
      let shared = try #require(try vault.recordHead(record)?.head)
      #expect(
        try opened(shared, vault, kept: kept, person: nil) == [.identity, .legal], "the keys do open it meanwhile")
      #expect(try opened(shared, vault, kept: [:], person: stranger) == [.health])

      _ = try await vault.unrefer(record, from: Team.harbour, by: officer.caller)
      _ = try await vault.unrefer(record, from: "account:\(Person.stranger.name)", by: officer.caller)
      let closed = try #require(try vault.recordHead(record)?.head)
      #expect(closed.terms.isEmpty && closed.version == 6)
      for section in [Section.identity, .legal, .health] {
        #expect(closed.body(of: section)?.hash != shared.body(of: section)?.hash, "sealed anew")
      }
      #expect(closed.body(of: .contact)?.hash == shared.body(of: .contact)?.hash)
      #expect(try opened(closed, vault, kept: kept, person: stranger) == [])
      for section in Section.allCases {
        #expect(
          await refusal { try await vault.readRecord(record, sections: [section], by: neighbour.caller) } == .denied)
      }
      #expect(try await vault.records(in: nil, after: nil, limit: 10, by: neighbour.caller).value.records.count == 1)
      // Those whose record it is read on, and find it.
      let read = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      #expect(read.sections.count == Section.allCases.count && read.flags.isEmpty)
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(found.map(\.id) == [record])
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test
  func `P8 A referral ends by its time: refused at once, its wraps gone, its keys changed when a member is there`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      _ = try await refer(record, to: Team.harbour, [.identity], days: 1, by: officer, place)
      await vault.endExceptions()
      #expect(try vault.recordHead(record)?.head.terms.referrals.count == 1, "it has not ended yet")
      vault.sessions.removeAll { _ in true }
      place.clock.advance(seconds: Double(Self.day))
      let neighbour = try team.seat(.neighbour, in: vault)
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.identity], by: neighbour.caller) } == .denied)
      #expect(
        try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: neighbour.caller).value.isEmpty)
      let before = try #require(try vault.recordHead(record)?.head)

      await vault.endExceptions()
      let ended = try #require(try vault.recordHead(record)?.head)
      #expect(ended.terms.referrals.isEmpty && ended.terms.stale == [.identity])
      #expect(ended.parts.allSatisfy(ended.isStanding), "nobody of the programme was there, and yet the wraps are gone")
      await vault.endExceptions()
      #expect(try vault.recordHead(record)?.head.version == ended.version, "the other side cannot seal it anew")

      _ = try team.seat(.officer, in: vault)
      await vault.endExceptions()
      let sealed = try #require(try vault.recordHead(record)?.head)
      #expect(sealed.terms.isEmpty && sealed.body(of: .identity)?.hash != before.body(of: .identity)?.hash)
      await vault.endExceptions()
      #expect(try vault.recordHead(record)?.head.version == sealed.version, "and then there is nothing left to do")
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `What cannot be referred is refused with the rule and its field`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let liaison = try team.seat(.liaison, in: vault)
      let now = place.clock.now
      let soon = now.adding(seconds: 60)
      func code(
        _ receiver: String, _ sections: [Section], until: Timestamp? = nil, by seat: Seat? = nil
      ) async -> VaultError.Code? {
        await refusal {
          try await vault.refer(
            record, to: receiver, sections: sections, until: until ?? soon, by: (seat ?? officer).caller)
        }
      }
      #expect(await code(Team.harbour, []) == .invalid)
      #expect(await code(Team.harbour, [.identity], until: now) == .invalid)
      #expect(await code(Team.harbour, [.identity], until: now.adding(seconds: 400 * Self.day)) == .invalid)
      #expect(await code("nobody-there", [.identity]) == .notFound)
      #expect(await code("account:\(Team.harbour)", [.identity]) == .notFound)
      #expect(await code("colour:\(Team.harbour)", [.identity]) == .notFound)
      #expect(await code(Team.navigators, [.identity]) == .conflict)
      #expect(await code(Person.officer.name, [.identity]) == .conflict)
      #expect(await code(Person.auditor.name, [.identity]) == .denied)
      #expect(await code(Person.service.name, [.identity]) == .denied)
      #expect(await code(Team.harbour, [.identity], by: liaison) == .denied)
      #expect(await refusal { try await vault.unrefer(record, from: Team.harbour, by: officer.caller) } == .notFound)
      #expect(try vault.recordHead(record)?.head.version == 2)
    }
  }

  @Test func `A narrower referral in place of a wider one closes what it leaves out`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      _ = try await refer(record, to: Team.harbour, [.identity, .health], by: officer, place)
      let wide = try #require(try vault.recordHead(record)?.head)
      let made = try await refer(record, to: Team.harbour, [.identity, .legal], by: officer, place)
      #expect(made.replaces)
      let narrow = try #require(try vault.recordHead(record)?.head)
      #expect(narrow.terms.referrals.count == 1)
      #expect(narrow.body(of: .health)?.hash != wide.body(of: .health)?.hash)
      _ = try await vault.readRecord(record, sections: [.identity, .legal], by: neighbour.caller)
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.health], by: neighbour.caller) } == .denied)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }
}
