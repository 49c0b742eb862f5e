import AccessLog
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Let into one record for an emergency, by two people, for a time, in plain sight.
@Suite struct BreakGlassTests {
  private let navigators: ProgrammeID

  init() throws { navigators = try programme(Team.navigators) }

  private func ask(_ record: RecordID, _ seat: Seat, seconds: UInt64? = nil) async throws -> Vault.RequestSummary {
    try await seat.vault.breakGlass(
      record, seconds: seconds, by: seat.caller(reason: "She is on the line and in danger")
    ).value
  }

  private func allow(_ request: Vault.RequestSummary, _ seat: Seat) async throws {
    _ = try await seat.vault.approve(request.id, digest: request.digest, by: seat.caller)
  }

  @Test func `P7 An emergency is asked by one, allowed by another, seen by all, ends by itself and is reviewed`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let asked = try await ask(record, neighbour)
      #expect(asked.state == .pending && asked.record == record && asked.programme == navigators)
      #expect(asked.words.contains { $0.contains("ends by itself after 240 minutes") })
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.health], by: neighbour.caller) } == .denied)
      #expect(await refusal { try await allow(asked, neighbour) } == .denied)
      #expect(await refusal { try await allow(asked, officer) } == .denied)
      try await allow(asked, supervisor)

      let read = try await vault.readRecord(record, sections: [], isWhole: true, by: neighbour.caller).value
      #expect(read.sections.count == Section.allCases.count && read.flags == [.breakGlass] && read.until != nil)
      #expect(
        await refusal {
          try await vault.editRecord(
            record, patch: json(#"{"case":{"vault_Team":"West"}}"#), ifVersion: read.version, by: neighbour.caller)
        } == .denied)
      // Flagged for everybody who comes by.
      #expect(try await vault.readRecord(record, sections: [], by: officer.caller).value.flags == [.breakGlass])
      for seat in [neighbour, officer] {
        let listed = try await vault.records(in: nil, after: nil, limit: 50, by: seat.caller).value.records
        #expect(listed.first { $0.id == record }?.flags == [.breakGlass])
        let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: seat.caller).value
        #expect(found.first { $0.id == record }?.flags == [.breakGlass])
      }
      #expect(try vault.status().emergencies == (1, 1))
      #expect(await refusal { try await ask(record, neighbour) } == .conflict, "it is open to them already")
      #expect(
        await refusal {
          try await vault.reviewEmergency(asked.id.description, note: "Too early.", by: auditor.caller)
        } == .conflict)

      place.clock.advance(seconds: 4 * 3600 + 1)
      let later = try team.seat(.neighbour, in: vault)
      let after = try team.seat(.auditor, in: vault)
      #expect(await refusal { try await vault.readRecord(record, sections: [.health], by: later.caller) } == .denied)
      #expect(try vault.status().emergencies == (0, 1))
      _ = try team.seat(.officer, in: vault)
      await vault.endExceptions()
      await vault.endExceptions()
      let head = try #require(try vault.recordHead(record)?.head)
      #expect(head.terms.isEmpty && head.parts.allSatisfy(head.isStanding), "no wrap is left, and every key is new")
      #expect(head.parts.allSatisfy { $0.version == head.version })

      let waiting = try await vault.emergencies(isOpenOnly: true, by: after.caller).value
      #expect(waiting.map(\.request) == [asked.id.description] && waiting.first?.reviewer == nil)
      #expect(waiting.first?.account.description == Person.neighbour.name)
      #expect(await refusal { try await vault.emergencies(isOpenOnly: true, by: later.caller) } == .denied)
      #expect(
        await refusal { try await vault.reviewEmergency(asked.id.description, note: "", by: after.caller) } == .invalid)
      let reviewed = try await vault.reviewEmergency(
        asked.id.description, note: "It was one; the police were called.", by: after.caller
      ).value
      #expect(reviewed.reviewer?.description == Person.auditor.name)
      #expect(try vault.status().emergencies == (0, 0))
      #expect(try await vault.emergencies(isOpenOnly: true, by: after.caller).value.isEmpty)
      #expect(try await vault.emergencies(isOpenOnly: false, by: after.caller).value.count == 1)
      #expect(
        await refusal { try await vault.reviewEmergency(asked.id.description, note: "Again.", by: after.caller) }
          == .notFound)

      var filter = Vault.AuditFilter()
      filter.record = record
      filter.limit = 500
      let entries = try await vault.auditEntries(filter, by: after.caller).value.entries.map(\.entry)
      let request = asked.id.description
      #expect(
        entries.contains {
          $0.action == "break-glass.open" && $0.account == Person.neighbour.name && $0.approval == request
        })
      #expect(
        entries.contains {
          $0.action == "record.read" && $0.account == Person.neighbour.name && $0.detail == "break-glass"
            && $0.approval == request
        })
      #expect(entries.contains { $0.action == "emergency.end" } && entries.contains { $0.action == "emergency.review" })
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `An emergency that a bar ends before its time is over, and is reviewed then`() async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let asked = try await ask(record, neighbour)
      try await allow(asked, supervisor)
      #expect(try await vault.emergencies(isOpenOnly: true, by: auditor.caller).value.map(\.isGoingOn) == [true])
      _ = try await vault.bar(name(Person.neighbour.name), from: record, by: supervisor.caller)
      #expect(try await vault.emergencies(isOpenOnly: true, by: auditor.caller).value.map(\.isGoingOn) == [false])
      let done = try await vault.reviewEmergency(asked.id.description, note: "Ended by a bar.", by: auditor.caller)
      #expect(done.value.reviewer?.description == Person.auditor.name)
      #expect(try vault.status().emergencies == (0, 0))
    }
  }

  @Test(arguments: [false, true])
  func `P7 P8 A suspension ends what was shared by name, and whoever is reinstated gets none of it back`(
    isCutShort: Bool
  ) async throws {
    let (team, place) = try await Team.copy()
    let (record, other) = (team.records[0], team.records[1])
    let mina = try name(Person.neighbour.name)
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let administrator = try team.seat(.administrator, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let asked = try await ask(record, neighbour)
      try await allow(asked, supervisor)
      _ = try await vault.refer(
        other, to: mina.description, sections: [.identity], until: place.clock.now.adding(seconds: 86_400),
        by: team.seat(.officer, in: vault).caller)
      _ = try await vault.readRecord(record, sections: [.health], by: neighbour.caller)
      _ = try await vault.readRecord(other, sections: [.identity], by: neighbour.caller)
      if isCutShort {
        // As a crash leaves it that comes right after the commit.
        guard let known = try vault.read("An account", { view in try vault.trust.accountWithVersion(mina, in: view) })
        else { throw VaultError(.notFound, "No such account.") }
        var row = known.row
        row.state = .suspended
        var entry = PendingEntry(.accountSuspend)
        entry.detail = mina.description
        entry.ends = EndedSessions(of: mina)
        _ = try await vault.submit(entry, changes: [vault.accountChange(row, of: mina, after: known.version)])
        #expect(vault.exceptions.isSharedWith(mina))
      } else {
        let done = try await vault.suspend(mina, by: administrator.caller)
        #expect(try vault.recordHead(record)?.head.terms.emergencies.isEmpty == true)
        #expect(try vault.recordHead(other)?.head.terms.referrals.isEmpty == true)
        var filter = Vault.AuditFilter()
        filter.after = done.entryIndex
        let ends = try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry)
          .filter { $0.action == "referral.end" || $0.action == "emergency.end" }
        #expect(Set(ends.map(\.record)) == [record.description, other.description])
        #expect(
          ends.allSatisfy {
            $0.account == Person.administrator.name && $0.detail?.hasPrefix("suspension: ") == true
          })
        // It is over, and can be reviewed.
        #expect(try await vault.emergencies(isOpenOnly: true, by: auditor.caller).value.map(\.isGoingOn) == [false])
      }
      let wish = try await vault.request(.reinstate(mina), by: administrator.caller).value
      _ = try await vault.approve(wish.id, digest: wish.digest, by: supervisor.caller)
      #expect(!vault.exceptions.isSharedWith(mina))
      let back = try team.seat(.neighbour, in: vault)
      #expect(await refusal { try await vault.readRecord(record, sections: [.health], by: back.caller) } == .denied)
      #expect(await refusal { try await vault.readRecord(other, sections: [.identity], by: back.caller) } == .denied)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P7 Nobody lets in who cannot open the record themselves, and nobody who is barred from it`() async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.restrict(record, to: [name(Person.officer.name)], by: supervisor.caller)
      let asked = try await ask(record, neighbour)
      #expect(await refusal { try await allow(asked, supervisor) } == .denied, "no key, no emergency")
      #expect(try vault.recordHead(record)?.head.terms.emergencies.isEmpty == true)

      _ = try await vault.bar(name(Person.supervisor.name), from: team.records[1], by: supervisor.caller)
      let other = try await ask(team.records[1], neighbour)
      #expect(await refusal { try await allow(other, supervisor) } == .notFound, "nor is there a request for them")
      _ = officer
    }
  }

  @Test func `One who is outside a restriction is let in, lists and finds it, and may lift it as a supervisor`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.restrict(record, to: [name(Person.supervisor.name)], by: supervisor.caller)
      #expect(
        try await !vault.records(in: nil, after: nil, limit: 50, by: officer.caller).value.records.map(\.id).contains(
          record))
      let asked = try await ask(record, officer, seconds: 600)
      try await allow(asked, supervisor)
      let listed = try await vault.records(in: nil, after: nil, limit: 50, by: officer.caller).value.records
      #expect(listed.first { $0.id == record }?.flags == [.restricted, .breakGlass])
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value
      #expect(found.map(\.id) == [record])
      _ = try await vault.readRecord(record, sections: [.health], by: officer.caller)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `What is no emergency is refused, and a record that is not there for the asker is not there`() async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let liaison = try team.seat(.liaison, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      #expect(await refusal { try await vault.breakGlass(record, seconds: nil, by: neighbour.caller) } == .invalid)
      #expect(await refusal { try await ask(record, neighbour, seconds: 1) } == .invalid)
      #expect(await refusal { try await ask(record, neighbour, seconds: 90_000) } == .invalid)
      #expect(await refusal { try await ask(record, officer) } == .conflict)
      #expect(await refusal { try await ask(record, liaison) } != nil)
      #expect(await refusal { try await ask(RecordID(bits: 42), neighbour) } == .notFound)
      _ = try await vault.bar(name(Person.neighbour.name), from: record, by: supervisor.caller)
      #expect(await refusal { try await ask(record, neighbour) } == .notFound)
      #expect(try vault.status().emergencies == (0, 0))
    }
  }

  @Test func `P7 Whoever was let in for a time passes nothing on, keeps nothing and lets nobody else in`() async throws
  {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      let words = try await vault.inviteAndEnrol(.second, by: administrator)
      _ = try await vault.grant(
        name(Person.second.name), in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)
      let second = try await vault.seat(.second)
      let until = place.clock.now.adding(seconds: 40 * 86400)
      // Kept to the first supervisor; the second one and the officer are let in for a minute.
      _ = try await vault.restrict(record, to: [name(Person.supervisor.name)], by: supervisor.caller)
      for seat in [second, officer] { try await allow(try await ask(record, seat, seconds: 60), supervisor) }
      for seat in [second, officer] {
        _ = try await vault.readRecord(record, sections: [.health], by: seat.caller)
        for receiver in [Person.officer, .second, .stranger] {
          #expect(
            await refusal {
              try await vault.refer(record, to: receiver.name, sections: [.identity], until: until, by: seat.caller)
            } == .denied)
        }
      }
      #expect(
        await refusal { try await vault.restrict(record, to: [name(Person.second.name)], by: second.caller) }
          == .denied)
      #expect(await refusal { try await vault.unrestrict(record, by: second.caller) } == .denied)
      let asked = try await ask(record, neighbour)
      #expect(await refusal { try await allow(asked, second) } == .denied)
      #expect(try vault.recordHead(record)?.head.terms.named == [name(Person.supervisor.name)])
      try await allow(asked, supervisor)

      // Nor does a referral grow in the hands of whoever got it.
      _ = try await vault.refer(
        record, to: Person.officer.name, sections: [.case], until: place.clock.now.adding(seconds: 60),
        by: supervisor.caller)
      #expect(
        await refusal {
          try await vault.refer(
            record, to: Person.officer.name, sections: [.case], until: until, by: officer.caller)
        } == .denied)
      #expect(
        await refusal { try await vault.unrefer(record, from: Person.officer.name, by: officer.caller) } == .denied)
      place.clock.advance(seconds: 61)
      let late = try team.seat(.officer, in: vault)
      #expect(await refusal { try await vault.readRecord(record, sections: [.case], by: late.caller) } == .denied)
    }
  }

}
