import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Retries, rivals and bad input.
@Suite struct EditingTests {
  @Test func `A retry gives the same record, another request under its key is refused`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    let harbour = try programme(Team.harbour)
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let again = try await vault.createRecord(
        in: navigators, json(Caseload.shirin), by: officer.caller(key: "first-0"))
      #expect(again.value.id == team.records[0])
      // The order of members and spaces are not another request.
      let shuffled = #"""
        { "sections" : {"case":{"vault_Summary":"Asked for a new safe house."},
        "contact":{"prs_MobilePhone":"+40 700 000 789"},
        "identity":{"prs_Birthdate":"1988-11-03","prs_SecondName":"Ștefănescu","prs_FirstName":"Ioana"}}}
        """#
      let same = try await vault.createRecord(in: navigators, json(shuffled), by: officer.caller(key: "first-2"))
      #expect(same.value.id == team.records[2])
      #expect(
        await refusal {
          try await vault.createRecord(in: navigators, json(Caseload.divya), by: officer.caller(key: "first-0"))
        } == .retryMismatch)
      // A key belongs to its programme.
      let neighbour = try team.seat(.neighbour, in: vault)
      let other = try await vault.createRecord(in: harbour, json(Caseload.shirin), by: neighbour.caller(key: "first-0"))
      #expect(other.value.id != team.records[0])

      let patch = try json(#"{"case":{"vault_Team":"North"}}"#)
      let edited = try await vault.editRecord(
        team.records[1], patch: patch, ifVersion: 1, by: officer.caller(key: "edit-1"))
      let repeated = try await vault.editRecord(
        team.records[1], patch: patch, ifVersion: 1, by: officer.caller(key: "edit-1"))
      #expect(edited.value.version == 2 && repeated.value.version == 2)
      #expect(
        await refusal {
          try await vault.editRecord(
            team.records[1], patch: json(#"{"case":{"vault_Team":"South"}}"#), ifVersion: 2,
            by: officer.caller(key: "edit-1"))
        } == .retryMismatch)
      #expect(try vault.recordHead(team.records[1])?.head.version == 2)
    }
    // Remembered over a restart.
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let again = try await vault.createRecord(
        in: navigators, json(Caseload.shirin), by: officer.caller(key: "first-0"))
      #expect(again.value.id == team.records[0])
      #expect(
        try await vault.records(in: navigators, after: nil, limit: 9, by: officer.caller).value.records.count == 4)
    }
  }

  @Test func `An edit that changes nothing makes no version, and one that names nothing is refused`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let patch = try json(#"{"case":{"vault_Team":"North"}}"#)
      let first = try await vault.editRecord(team.records[1], patch: patch, ifVersion: 1, by: officer.caller)
      let same = try await vault.editRecord(team.records[1], patch: patch, ifVersion: 2, by: officer.caller)
      #expect(first.value.version == 2 && same.value.version == 2)
      #expect(same.entryIndex == first.entryIndex + 1)
      #expect(try vault.recordHead(team.records[1])?.head.version == 2)
      for empty in ["{}", #"{"sections":{}}"#] {
        #expect(
          await refusal {
            try await vault.editRecord(team.records[1], patch: json(empty), ifVersion: 2, by: officer.caller)
          } == .invalid)
      }
    }
  }

  @Test func `Equal requests at the same moment make one record`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let document = try json(Caseload.stefanescu)
      for round in 0..<5 {
        let ids = try await withThrowingTaskGroup(of: RecordID.self) { group in
          for _ in 0..<8 {
            group.addTask {
              try await vault.createRecord(in: navigators, document, by: officer.caller(key: "at-once-\(round)")).value
                .id
            }
          }
          return try await group.reduce(into: Set<RecordID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
      }
      #expect(
        try await vault.records(in: navigators, after: nil, limit: 99, by: officer.caller).value.records.count == 9)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 10)
  }

  @Test func `Of rivals who edit the same version exactly one wins`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let seats = [try team.seat(.officer, in: vault), try team.seat(.supervisor, in: vault)]
      let record = team.records[1]
      for version in 1...5 as ClosedRange<UInt64> {
        let outcomes = await withTaskGroup(of: (String, VaultError.Code?).self) { group in
          for rival in 0..<6 {
            group.addTask {
              let team = "\(version)-\(rival)"
              let code = await refusal {
                try await vault.editRecord(
                  record, patch: json(#"{"case":{"vault_Team":"\#(team)"}}"#), ifVersion: version,
                  by: seats[rival % 2].caller)
              }
              return (team, code)
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        let winners = outcomes.filter { $0.1 == nil }
        #expect(winners.count == 1)
        #expect(outcomes.allSatisfy { $0.1 == nil || $0.1 == .stale })
        let read = try await vault.readRecord(record, sections: [.case], by: seats[0].caller).value
        #expect(read.version == version + 1)
        #expect(try read.text.contains(#"vault_Team":"\#(#require(winners.first).0)""#))
      }
    }
  }

  @Test func `An edit says which version it changes, and merges what it names only`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let record = team.records[0]
      let before = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      #expect(
        await refusal {
          try await vault.editRecord(record, patch: json(#"{"case":{}}"#), ifVersion: nil, by: officer.caller)
        } == .versionNeeded)
      _ = try await vault.editRecord(
        record, patch: json(#"{"sections":{"case":{"vault_Risk":null,"vault_Owner":"rahela"}}}"#), ifVersion: 2,
        by: officer.caller)
      let after = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      for (old, new) in zip(before.sections, after.sections) {
        #expect(old.section == new.section && (old.json == new.json) == (old.section != .case))
      }
      let text = after.text
      #expect(text.contains(#""vault_Owner":"rahela""#) && !text.contains("vault_Risk") && text.contains("vault_Team"))
    }
  }

  @Test func `P10 Bad input is refused by field and never repeated`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let cases: [(String, String)] = [
        (#"{"sections":{"identity":{"prs_Nickname":"Secretname"}}}"#, "identity.prs_Nickname"),
        (#"{"sections":{"case":{"vault_Risk":"Secretname"}}}"#, "case.vault_Risk"),
        (#"{"sections":{"identity":{"prs_Birthdate":"Secretname"}}}"#, "identity.prs_Birthdate"),
        (#"{"sections":{"identity":{"prs_FirstName":7}}}"#, "identity.prs_FirstName"),
        (#"{"sections":{"diary":{"Secretname":1}}}"#, "sections"),
        (#"{"sections":{"case":"Secretname"}}"#, "case"),
        (#"{"sections":["Secretname"]}"#, "sections"),
        (#"{"sections":{}}"#, "sections"),
      ]
      let size = vault.ledger.size
      for (text, field) in cases {
        do {
          _ = try await vault.createRecord(in: navigators, json(text), by: officer.caller)
          Issue.record("\(field) was accepted")
        } catch let error as VaultError {
          #expect(error.code == .invalid && error.field == field)
          #expect(!"\(error) \(error.hint ?? "")".contains("Secretname"))
        }
      }
      #expect(vault.ledger.size == size + UInt64(NoiseLimiter.entriesAtOnce), "the first are entries, the rest a count")
      #expect(
        try await vault.records(in: navigators, after: nil, limit: 9, by: officer.caller).value.records.count == 4)
      for terms in ["", "   ", String(repeating: "a", count: 300), "a b c d e f g h i j k l m n o p q r s t u v w"] {
        let code = await refusal {
          try await vault.search(terms, programme: nil, born: nil, limit: nil, by: officer.caller)
        }
        #expect(code == .invalid)
      }
      #expect(
        await refusal {
          try await vault.readRecord(
            team.records[0], sections: [], by: officer.caller(reason: String(repeating: "x", count: 5000)))
        } == .invalid)
      #expect(
        await refusal { try await vault.readRecord(RecordID(bits: 12345), sections: [], by: officer.caller) }
          == .notFound)
    }
  }

  @Test func `Pages of a list join without gaps and doubles`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      for _ in 0..<7 { _ = try await vault.createRecord(in: navigators, json(Caseload.divya), by: supervisor.caller) }
      var pages: [RecordID] = []
      var after: String?
      repeat {
        let page = try await vault.records(in: nil, after: after, limit: 5, by: supervisor.caller).value
        pages += page.records.map(\.id)
        after = page.next
      } while after != nil
      #expect(pages.count == 12 && Set(pages).count == 12 && Set(pages).contains(team.neighbourRecord))
      #expect(
        await refusal { try await vault.records(in: nil, after: "elsewhere", limit: 5, by: supervisor.caller) }
          == .invalid)
    }
  }

  @Test func `A new record is answered with those it may repeat`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let document = try json(
        #"{"identity":{"prs_FirstName":"Shirin","prs_SecondName":"Akter","prs_Birthdate":"1999"}}"#)
      let made = try await vault.createRecord(in: programme(Team.navigators), document, by: officer.caller).value
      #expect(made.possibleDuplicates.contains(team.records[0]))
      #expect(!made.possibleDuplicates.contains(made.id))
      let service = try team.seat(.service, in: vault)
      let blind = try await vault.createRecord(in: programme(Team.navigators), document, by: service.caller).value
      #expect(blind.possibleDuplicates.isEmpty, "a service is told of nobody")
    }
  }
}
