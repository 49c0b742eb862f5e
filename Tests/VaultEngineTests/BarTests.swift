import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// A record that is not there for one person.
@Suite struct BarTests {
  private let navigators: ProgrammeID

  init() throws { navigators = try programme(Team.navigators) }

  private func problem<R>(_ body: () async throws -> R) async -> [String?] {
    do {
      _ = try await body()
      return []
    } catch let error as VaultError {
      return [error.code.rawValue, error.detail, error.hint, error.field]
    } catch {
      return ["\(error)"]
    }
  }

  @Test func `Whoever is barred gets the answer of an id that nobody has, and the log names the record`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let liaison = try team.seat(.liaison, in: vault)
      let officerName = try name(Person.officer.name)
      // Once before, so that the index in memory holds the card.
      _ = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller)
      _ = try await vault.bar(officerName, from: record, by: supervisor.caller)

      let unknown = RecordID(bits: 42)
      let until = place.clock.now.adding(seconds: 600)
      let asks: [(RecordID) async -> [String?]] = [
        { id in await problem { try await vault.readRecord(id, sections: [], by: officer.caller) } },
        { id in await problem { try await vault.readRecord(id, sections: [.health], by: officer.caller) } },
        { id in
          await problem {
            try await vault.editRecord(
              id, patch: json(#"{"case":{"vault_Team":"West"}}"#), ifVersion: 3, by: officer.caller)
          }
        },
        { id in
          await problem {
            try await vault.refer(id, to: Team.harbour, sections: [.case], until: until, by: officer.caller)
          }
        },
        { id in await problem { try await vault.access(to: id, by: officer.caller) } },
        { id in await problem { try await vault.bar(officerName, from: id, by: officer.caller) } },
      ]
      for ask in asks {
        let (barred, none) = (await ask(record), await ask(unknown))
        #expect(barred == none && barred.first == "notFound")
      }
      let listed = try await vault.records(in: nil, after: nil, limit: 100, by: officer.caller).value.records.map(\.id)
      #expect(Set(listed) == Set(team.records.dropFirst()))
      // Pages are as full as if there were one record less.
      let page = try await vault.records(in: navigators, after: nil, limit: 3, by: officer.caller).value
      #expect(page.records.count == 3 && !page.records.map(\.id).contains(record))
      for terms in ["shirin", "000123", "1999"] {
        let found = try await vault.search(terms, programme: nil, born: nil, limit: nil, by: officer.caller).value
        #expect(!found.map(\.id).contains(record), "\(terms)")
      }
      let again = try await vault.createRecord(in: navigators, json(Caseload.shirin), by: officer.caller).value
      #expect(!again.possibleDuplicates.contains(record))
      // It is there for all others.
      let others = try await vault.createRecord(in: navigators, json(Caseload.shirin), by: supervisor.caller).value
      #expect(others.possibleDuplicates.contains(record))
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: liaison.caller).value
      #expect(found.map(\.id).contains(record))

      let auditor = try team.seat(.auditor, in: vault)
      var filter = Vault.AuditFilter()
      filter.record = record
      filter.limit = 500
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry)
      let denials = entries.filter { $0.outcome == .denied && $0.detail == "barred" }
      #expect(Set(denials.map(\.action)).isSuperset(of: ["record.read", "record.edit", "referral.make", "bar.set"]))
      #expect(denials.allSatisfy { $0.account == Person.officer.name && $0.record == record.description })
      #expect(entries.contains { $0.action == "bar.set" && $0.detail == Person.officer.name && $0.outcome == .allowed })
    }
    // And after a restart.
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      #expect(await refusal { try await vault.readRecord(record, sections: [], by: officer.caller) } == .notFound)
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(!found.map(\.id).contains(record))
      let supervisor = try team.seat(.supervisor, in: vault)
      let bars = try await vault.bars(by: supervisor.caller).value
      #expect(bars.map(\.record) == [record] && bars.map(\.account.description) == [Person.officer.name])
      #expect(await refusal { try await vault.bars(by: officer.caller) } == .denied)
      _ = try await vault.unbar(name(Person.officer.name), from: record, by: supervisor.caller)
      _ = try await vault.readRecord(record, sections: [.identity], by: officer.caller)
      let back = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(back.map(\.id).contains(record))
      #expect(try await vault.bars(by: supervisor.caller).value.isEmpty)
      #expect(
        await refusal { try await vault.unbar(name(Person.officer.name), from: record, by: supervisor.caller) }
          == .notFound)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 7)
  }

  /// Of the entry about a refusal; nil where it was counted.
  private func entry<R>(_ body: () async throws -> R) async -> UInt64? {
    do {
      _ = try await body()
      return nil
    } catch {
      return (error as? VaultError)?.entryIndex
    }
  }

  @Test func `Among many refusals a bar has an entry exactly where an id that nobody has would have one`() async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.bar(name(Person.officer.name), from: record, by: supervisor.caller)
      func ask(_ id: RecordID) async -> UInt64? {
        await entry { try await vault.readRecord(id, sections: [], by: officer.caller) }
      }
      #expect(await ask(record) != nil, "the answer to a first question names its entry")
      // More ids than are counted each for itself.
      var last: UInt64?
      for bits in 1...40 as ClosedRange<UInt64> { last = await ask(RecordID(bits: bits)) }
      #expect(last == nil)
      _ = try await vault.bar(name(Person.officer.name), from: team.records[1], by: supervisor.caller)
      let (barred, none) = (await ask(team.records[1]), await ask(RecordID(bits: 41)))
      #expect(barred == nil && none == nil)

      place.clock.advance(seconds: 61)
      vault.writeDueCounts()
      await vault.outbox.emptied()
      let auditor = try team.seat(.auditor, in: vault)
      var filter = Vault.AuditFilter()
      filter.account = try name(Person.officer.name)
      filter.outcome = .denied
      filter.limit = 500
      let denials = try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry)
      #expect(denials.contains { $0.detail == "barred" && $0.record == record.description })
      #expect(denials.contains { $0.detail == "barred, notFound" && $0.count ?? 0 > 1 })
    }
  }

  @Test func `A record that somebody is barred from is in no request of theirs, old or new`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    let recipient = AgeRecipient(OpeningKey.random().sealingKey)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let waiting = try await vault.request(.erase(record), by: officer.caller).value
      let permit = try await vault.request(
        .disclose(record, [.identity], recipient: recipient), by: officer.caller
      ).value
      _ = try await vault.approve(permit.id, digest: permit.digest, by: supervisor.caller)
      for person in [Person.officer, .neighbour] {
        _ = try await vault.bar(name(person.name), from: record, by: supervisor.caller)
      }
      #expect(try await vault.requests(by: officer.caller).value.isEmpty)
      for old in [waiting, permit] {
        #expect(await refusal { try await vault.showRequest(old.id, by: officer.caller) } == .notFound)
        #expect(await refusal { try await vault.redeem(old.id, by: officer.caller) } == .notFound)
      }
      #expect(
        await refusal { try await vault.approve(waiting.id, digest: waiting.digest, by: supervisor.caller) }
          == .denied)
      let auditor = try team.seat(.auditor, in: vault)
      for old in [waiting, permit] {
        #expect(try await vault.showRequest(old.id, by: auditor.caller).value.state == .void)
      }
      // Whether a member or not, and whatever their role may ask for.
      for seat in [officer, neighbour] {
        let asks: [(RecordID) async -> [String?]] = [
          { id in await problem { try await vault.request(.erase(id), by: seat.caller) } },
          { id in
            await problem { try await vault.request(.disclose(id, [.legal], recipient: recipient), by: seat.caller) }
          },
        ]
        for ask in asks {
          let (barred, none) = (await ask(record), await ask(RecordID(bits: 42)))
          #expect(barred == none && barred.first == "notFound")
        }
      }
      #expect(try vault.recordHead(record) != nil)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `A record that somebody is barred from is in no count of theirs, and in no answer to a retry`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let recipient = AgeRecipient(OpeningKey.random().sealingKey)
    let second = Person(name: "second-supervisor", role: .supervisor, uid: 1020)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let words = try await vault.inviteAndEnrol(second, by: team.seat(.administrator, in: vault))
      _ = try await vault.grant(
        name(second.name), in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)
      let barred = try await vault.seat(second)
      await vault.continueRekey()
      func progress() async throws -> Vault.RekeyProgress {
        let programmes = try await vault.rekeyProgress(by: barred.caller)
        return try #require(programmes.first { $0.programme == navigators })
      }
      let before = try await progress()
      #expect(before.total == team.records.count && before.left == 0)
      let imported = try await vault.createRecord(
        in: navigators, json(Caseload.divya), by: supervisor.caller(key: "row of a file")
      ).value.id
      _ = try await vault.bar(name(second.name), from: imported, by: supervisor.caller)
      #expect(try await progress() == before, "a record that they never saw moves nothing")
      _ = try await vault.bar(name(second.name), from: team.records[0], by: supervisor.caller)
      let export = SensitiveAction.export(navigators, recipient: recipient)
      let asked = try await vault.request(export, by: barred.caller).value
      #expect(asked.words.contains { $0.contains(": \(team.records.count - 1) now.") })
      #expect(try await progress().total == team.records.count - 1)

      // The same file, again and again: a row that is there for others is new, once.
      let first = try await vault.createRecord(
        in: navigators, json(Caseload.divya), by: barred.caller(key: "row of a file")
      ).value
      let again = try await vault.createRecord(
        in: navigators, json(Caseload.divya), by: barred.caller(key: "row of a file")
      ).value
      #expect(first.id != imported && again.id == first.id)
      #expect(
        try await vault.createRecord(
          in: navigators, json(Caseload.divya), by: supervisor.caller(key: "row of a file")
        ).value.id == imported)
      // A service learns nothing of what others sent, whatever it guesses.
      let service = try team.seat(.service, in: vault)
      for text in [Caseload.divya, Caseload.shirin] {
        let sent = try await vault.createRecord(
          in: navigators, json(text), by: service.caller(key: "row of a file\(text.count)"))
        #expect(sent.value.id != imported)
      }
      let guessed = try await vault.createRecord(
        in: navigators, json(Caseload.shirin), by: service.caller(key: "row of a file")
      ).value.id
      #expect(guessed != imported)
    }
  }

  @Test func `Nobody is put in charge of a record that they are barred from`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let tomas = try name(Person.stranger.name)
      _ = try await vault.grant(
        tomas, in: navigators, fingerprint: team.fingerprints[Person.stranger.name] ?? "", expires: nil,
        by: supervisor.caller)
      _ = try await vault.bar(tomas, from: team.records[0], by: supervisor.caller)
      let done = try await vault.reassign(
        from: name(Person.officer.name), to: tomas, in: navigators, by: supervisor.caller
      ).value
      #expect(!done.moved.contains(team.records[0]) && done.moved.count == team.records.count - 1)
      #expect(done.left == 1 && done.refused == 1)
    }
  }

  @Test func `A service that reads is barred like anybody`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.grant(
        name(Person.service.name), in: navigators, fingerprint: team.fingerprints[Person.service.name] ?? "",
        expires: nil, may: ServiceTerms(submits: true, counts: false, reads: [.identity]), by: supervisor.caller)
      let service = try team.seat(.service, in: vault)
      _ = try await vault.readRecord(team.records[0], sections: [.identity], by: service.caller)
      _ = try await vault.bar(name(Person.service.name), from: team.records[0], by: supervisor.caller)
      #expect(
        await refusal { try await vault.readRecord(team.records[0], sections: [.identity], by: service.caller) }
          == .notFound)
    }
  }

  @Test func `A bar ends what was shared by name, and stands in the way of sharing and of naming`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let stranger = try team.seat(.stranger, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let until = place.clock.now.adding(seconds: 3600)
      _ = try await vault.refer(
        record, to: Person.stranger.name, sections: [.identity], until: until, by: supervisor.caller)
      _ = try await vault.refer(record, to: Team.harbour, sections: [.identity], until: until, by: supervisor.caller)
      let shared = try #require(try vault.recordHead(record)?.head)
      for person in [Person.stranger, .neighbour] {
        _ = try await vault.bar(name(person.name), from: record, by: supervisor.caller)
      }
      for seat in [stranger, neighbour] {
        #expect(
          await refusal { try await vault.readRecord(record, sections: [.identity], by: seat.caller) } == .notFound)
        let listed = try await vault.records(in: nil, after: nil, limit: 10, by: seat.caller).value.records
        #expect(!listed.map(\.id).contains(record))
        let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: seat.caller).value
        #expect(found.isEmpty)
      }
      let head = try #require(try vault.recordHead(record)?.head)
      #expect(head.terms.referrals.map(\.receiver.words) == ["programme:harbour"])
      #expect(
        head.body(of: .identity)?.hash != shared.body(of: .identity)?.hash, "sealed anew without the wrap by name")
      #expect(
        await refusal {
          try await vault.refer(
            record, to: Person.stranger.name, sections: [.identity], until: until, by: supervisor.caller)
        } == .conflict)
      func code(_ person: Person) async -> VaultError.Code? {
        await refusal { try await vault.bar(name(person.name), from: record, by: supervisor.caller) }
      }
      #expect(await code(.stranger) == .conflict)
      #expect(await code(.auditor) == .invalid)
      #expect(await refusal { try await vault.bar(name("nobody"), from: record, by: supervisor.caller) } == .notFound)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `A supervisor who is barred sees no bar of that record, and cannot lift it`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.bar(name(Person.officer.name), from: record, by: supervisor.caller)
      _ = try await vault.bar(name(Person.supervisor.name), from: record, by: supervisor.caller)
      #expect(try await vault.bars(by: supervisor.caller).value.isEmpty)
      #expect(
        await refusal { try await vault.unbar(name(Person.supervisor.name), from: record, by: supervisor.caller) }
          == .notFound)
    }
  }
}
