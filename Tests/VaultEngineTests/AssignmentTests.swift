import AccessLog
import Testing
import VaultModel

@testable import VaultEngine

/// Whose a record is, and how entries say so.
@Suite struct AssignmentTests {
  private func standings(_ vault: Vault, _ action: String, _ record: RecordID) async throws -> [LogEntry.Assignment?] {
    let auditor = try await vault.seat(.auditor)
    var filter = Vault.AuditFilter()
    filter.record = record
    filter.action = action
    return try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry.assignment)
  }

  @Test func `An entry says whether its reader was in charge of the record`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let navigators = try programme(Team.navigators)
    let officer = try team.seat(.officer, in: vault)
    let supervisor = try team.seat(.supervisor, in: vault)
    let id = try await vault.createRecord(
      in: navigators, json(#"{"sections":{"identity":{"prs_FirstName":"Mira"}}}"#), by: officer.caller
    ).value.id
    for seat in [officer, supervisor] { _ = try await vault.readRecord(id, sections: [.identity], by: seat.caller) }
    #expect(try await standings(vault, "record.read", id) == [.owner, AssignmentTests.passerBy])

    let covering = #"{"case":{"vault_Team":"\#(Person.supervisor.name), the west team"}}"#
    _ = try await vault.editRecord(id, patch: json(covering), ifVersion: 1, by: officer.caller)
    _ = try await vault.readRecord(id, sections: [.identity], by: supervisor.caller)
    #expect(try await standings(vault, "record.read", id).last == .team)

    let handed = #"{"case":{"vault_Owner":"\#(Person.supervisor.name)","vault_Team":null}}"#
    _ = try await vault.editRecord(id, patch: json(handed), ifVersion: 2, by: officer.caller)
    for seat in [officer, supervisor] { _ = try await vault.readRecord(id, sections: [.identity], by: seat.caller) }
    #expect(try await standings(vault, "record.read", id).suffix(2) == [AssignmentTests.passerBy, .owner])
    await vault.close()
  }

  /// `.none` alone would be no assignment at all.
  private static let passerBy: LogEntry.Assignment? = .some(LogEntry.Assignment.none)

  @Test func `A case that names nobody leaves the record with the one who opened it`() throws {
    let creator = try name("asha")
    #expect(RecordAssignment(case: [:], creator: creator).standing(of: creator) == .owner)
    let unknown = RecordAssignment(case: ["vault_Owner": .string("Shirin's caseworker")], creator: creator)
    #expect(unknown.standing(of: try name("caseworker")) == .owner)
    let crowded = RecordAssignment(
      case: ["vault_Team": .string((0..<40).map { "worker-\($0)" }.joined(separator: ", "))], creator: creator)
    #expect(crowded.team.count == RecordAssignment.teamCountMax)
  }

  @Test func `The entry of a new record names the records that it may be a duplicate of`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let officer = try team.seat(.officer, in: vault)
    let made = try await vault.createRecord(
      in: programme(Team.navigators), json(Caseload.lakshmi), by: officer.caller
    ).value
    #expect(made.possibleDuplicates.contains(team.records[1]))
    let auditor = try team.seat(.auditor, in: vault)
    var filter = Vault.AuditFilter()
    filter.action = "record.create"
    let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
    #expect(entries.last?.entry.results == made.possibleDuplicates.map(\.description))
    await vault.close()
  }

  @Test func `A liaison who asks for nothing in particular sees whom the record is about`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let liaison = try team.seat(.liaison, in: vault)
    let shown = try await vault.readRecord(team.records[0], sections: [], by: liaison.caller).value
    #expect(shown.sections.map(\.section) == [.identity])
    #expect(shown.text.contains("prs_FirstName") && !shown.text.contains("prs_Gender"))
    await vault.close()
  }
}
