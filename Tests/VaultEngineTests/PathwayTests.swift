import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P7: a programme's pathway is changed by two people.
@Suite struct PathwayTests {
  private struct Stage {
    let team: Team
    let place: VaultPlace
    let vault: Vault
    let officer: Seat
    let supervisor: Seat
    let auditor: Seat

    static func make() async throws -> Stage {
      let (team, place) = try await Team.copy()
      let vault = try await place.open()
      return Stage(
        team: team, place: place, vault: vault, officer: try team.seat(.officer, in: vault),
        supervisor: try team.seat(.supervisor, in: vault), auditor: try team.seat(.auditor, in: vault))
    }

    func pathway(by seat: Seat) async throws -> Pathway {
      try await vault.pathway(of: programme(Team.navigators), by: seat.caller).value
    }

    @discardableResult
    func set(_ pathway: Pathway) async throws -> Vault.RequestSummary {
      let asked = try await vault.requestPathway(pathway, of: programme(Team.navigators), by: officer.caller).value
      return try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller).value
    }
  }

  private static func first() throws -> Pathway {
    try Pathway(steps: [.init(name: "Evaluarea siguranței", withinDays: 1), .init(name: "নিরাপদ আশ্রয়")])
  }

  private static func other() throws -> Pathway {
    try Pathway(steps: [.init(name: "Evaluarea siguranței", withinDays: 3)])
  }

  @Test func `P7 one asks for a pathway, another approves it, and it holds from then on`() async throws {
    let stage = try await Stage.make()
    #expect(try await stage.pathway(by: stage.officer) == .none)
    let asked = try await stage.vault.requestPathway(
      Self.first(), of: programme(Team.navigators), by: stage.officer.caller
    ).value
    #expect(asked.state == .pending && asked.kind == .pathway)
    #expect(asked.programme?.description == Team.navigators)
    #expect(try await stage.pathway(by: stage.officer) == .none, "nothing happens before it is approved")
    let shown = try await stage.vault.showRequest(asked.id, by: stage.supervisor.caller).value
    #expect(shown.waitsForCaller)
    #expect(
      shown.words == [
        "The pathway of navigators, which everybody in it follows, becomes:",
        "1. within 1 day: “Evaluarea siguranței”", "2. at no set time: “নিরাপদ আশ্রয়”", "There is none now.",
      ])
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.officer.caller) }
        == .denied)
    let done = try await stage.vault.approve(asked.id, digest: shown.digest, by: stage.supervisor.caller).value
    #expect(done.state == .used)
    #expect(try await stage.pathway(by: stage.officer) == Self.first())

    let next = try await stage.vault.requestPathway(
      Self.other(), of: programme(Team.navigators), by: stage.officer.caller
    ).value
    #expect(
      next.words == [
        "The pathway of navigators, which everybody in it follows, becomes:",
        "1. within 3 days: “Evaluarea siguranței”", "Now it is:",
        "1. within 1 day: “Evaluarea siguranței”", "2. at no set time: “নিরাপদ আশ্রয়”",
      ])
    var filter = Vault.AuditFilter()
    filter.limit = Vault.auditPageMax
    let entries = try await stage.vault.auditEntries(filter, by: stage.auditor.caller).value.entries.map(\.entry)
    let change = try #require(entries.first { $0.action == Action.pathwayChange.rawValue })
    #expect(change.approval == asked.id.description && change.programme == Team.navigators)
    #expect(change.detail == hexadecimal(try Self.first().hash))
    await stage.vault.close()
    try await stage.place.withVault { vault in
      let officer = try stage.team.seat(.officer, in: vault)
      #expect(try await vault.pathway(of: programme(Team.navigators), by: officer.caller).value == Self.first())
    }
    _ = try Vault.verify(directory: stage.place.directory, root: stage.place.root)
  }

  @Test func `P7 of two pathways asked for side by side only the first can be approved, and the same one is no change`()
    async throws
  {
    let stage = try await Stage.make()
    let navigators = try programme(Team.navigators)
    let first = try await stage.vault.requestPathway(Self.first(), of: navigators, by: stage.officer.caller).value
    let other = try await stage.vault.requestPathway(Self.other(), of: navigators, by: stage.officer.caller).value
    _ = try await stage.vault.approve(first.id, digest: first.digest, by: stage.supervisor.caller)
    #expect(
      await refusal { try await stage.vault.approve(other.id, digest: other.digest, by: stage.supervisor.caller) }
        == .conflict)
    let late = try await stage.vault.showRequest(other.id, by: stage.supervisor.caller).value
    #expect(
      late.words == ["It was to replace a pathway of navigators that no longer holds: nothing would change."])
    #expect(
      await refusal { try await stage.vault.requestPathway(Self.first(), of: navigators, by: stage.officer.caller) }
        == .conflict)
    await stage.vault.close()
  }

  @Test
  func `Only who works in a programme sees its pathway or asks for another, and nobody learns which programmes are`()
    async throws
  {
    let stage = try await Stage.make()
    try await stage.set(Self.first())
    let navigators = try programme(Team.navigators)
    let none = try programme("nowhere")
    for person in [Person.neighbour, .administrator, .auditor] {
      let seat = try stage.team.seat(person, in: stage.vault)
      for id in [navigators, none] {
        #expect(await refusal { try await stage.vault.pathway(of: id, by: seat.caller) } == .denied)
        #expect(
          await refusal { try await stage.vault.requestPathway(Self.other(), of: id, by: seat.caller) } == .denied)
      }
    }
    await stage.vault.close()
  }

  @Test func `P6 a pathway that no two people signed for is tampering, also by the root key`() async throws {
    let stage = try await Stage.make()
    try await stage.set(Self.first())
    await stage.vault.close()
    let row = try #require(
      try stage.place.rows(.meta).first { $0.key.starts(with: ApprovalRegister.pathwayKeyPrefix) })
    let forger = try Forger(stage.place)
    try forger.forge { transaction in
      var decoder = try CanonicalDecoder(
        forger.document(.meta, row.key, in: transaction), purpose: "pathway-row")
      _ = try decoder.field(limit: Pathway.byteCountMax)
      var forged = CanonicalEncoding("pathway-row")
      forged.append(try Self.other().bytes)
      forged.append(try decoder.field(exactly: RequestID.byteCount))
      try forger.put(.meta, row.key, forged.bytes, in: transaction)
    }
    #expect(
      await refusal { try Vault.verify(directory: stage.place.directory, root: stage.place.root) } == .integrity)
    try await stage.place.withVault { vault in
      let officer = try stage.team.seat(.officer, in: vault)
      #expect(
        await refusal { try await vault.pathway(of: programme(Team.navigators), by: officer.caller) } == .integrity)
    }
  }
}
