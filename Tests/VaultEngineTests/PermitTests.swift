import AccessLog
import Synchronization
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P7: what leaves the vault, and what is erased from it.
@Suite struct PermitTests {
  private static let opening = OpeningKey.random()
  private static let identity = AgeIdentity(opening)
  private static let recipient = AgeRecipient(opening.sealingKey)

  private struct Stage {
    let team: Team
    let place: VaultPlace
    let vault: Vault
    let officer: Seat
    let supervisor: Seat
    let auditor: Seat

    static func make(_ change: @escaping (inout Vault.Options) -> Void = { _ in }) async throws -> Stage {
      let (team, place) = try await Team.copy()
      let vault = try await place.open(change: change)
      return Stage(
        team: team, place: place, vault: vault, officer: try team.seat(.officer, in: vault),
        supervisor: try team.seat(.supervisor, in: vault), auditor: try team.seat(.auditor, in: vault))
    }

    /// Asked for by the officer, and approved by the supervisor.
    func approved(_ action: SensitiveAction, by seat: Seat? = nil) async throws -> RequestID {
      let asked = try await vault.request(action, by: (seat ?? officer).caller).value
      let approver = seat == nil ? supervisor : auditor
      _ = try await vault.approve(asked.id, digest: asked.digest, by: approver.caller)
      return asked.id
    }

    func entries(_ action: String) async throws -> [LogEntry] {
      var filter = AuditFilter()
      filter.action = action
      return try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry)
    }
  }

  private static func lines(_ file: [UInt8], _ identity: AgeIdentity = identity) throws -> [JSONValue] {
    let text = String(decoding: try Age.decrypt(file, with: [identity]).copyBytes(), as: UTF8.self)
    return try text.split(separator: "\n").map { line in
      let value = try json(String(line))
      #expect(String(decoding: value.canonicalBytes(), as: UTF8.self) == line)
      return value
    }
  }

  // MARK: Disclosure and export

  @Test func `P7 a disclosure gives the approved sections to the approved recipient, once`() async throws {
    let stage = try await Stage.make()
    let record = stage.team.records[0]
    let action = SensitiveAction.disclose(record, [.legal, .identity], recipient: Self.recipient)
    let asked = try await stage.vault.request(action, by: stage.officer.caller).value
    #expect(asked.words.contains { $0.contains(Self.recipient.text) })
    // Not before it is approved, and by nobody else after.
    #expect(await refusal { try await stage.vault.redeem(asked.id, by: stage.officer.caller) } == .conflict)
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller)
    #expect(await refusal { try await stage.vault.redeem(asked.id, by: stage.supervisor.caller) } == .denied)

    let used = try await stage.vault.redeem(asked.id, by: stage.officer.caller)
    let lines = try Self.lines(used.value.bytes)
    #expect(lines.count == 1)
    #expect(lines.first?["id"]?.stringValue == record.description)
    #expect(lines.first?["sections"]?.objectValue?.keys.sorted() == ["identity", "legal"])
    #expect(throws: AgeError.self) { _ = try Age.decrypt(used.value.bytes, with: [.random()]) }

    #expect(await refusal { try await stage.vault.redeem(asked.id, by: stage.officer.caller) } == .conflict)
    let entry = try #require(await stage.entries("record.disclose").first)
    #expect(entry.record == record.description && entry.sections == ["identity", "legal"])
    #expect(entry.approval == asked.id.description && entry.account == Person.officer.name)
    await stage.vault.close()
    #expect(throws: Never.self) { try Vault.verify(directory: stage.place.directory, root: stage.place.root) }
  }

  @Test func `P7 what was approved of one version is done of no other, and is asked for anew`() async throws {
    let stage = try await Stage.make()
    let record = stage.team.records[1]
    func edit(_ text: String) async throws {
      let version = try #require(try stage.vault.recordHead(record)?.head.version)
      _ = try await stage.vault.editRecord(
        record, patch: json(#"{"identity":{"prs_FirstName":"\#(text)"}}"#), ifVersion: version,
        by: stage.officer.caller)
    }
    // However the sections are ordered, it is one request.
    let asked = try await stage.vault.request(
      .disclose(record, [.legal, .identity, .legal], recipient: Self.recipient), by: stage.officer.caller
    ).value
    let again = try await stage.vault.request(
      .disclose(record, [.identity, .legal], recipient: Self.recipient), by: stage.officer.caller
    ).value
    #expect(asked.id == again.id && asked.words.contains { $0.contains("version 1 and no other has it") })
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller)
    try await edit("Added after the approval")
    #expect(await refusal { try await stage.vault.redeem(asked.id, by: stage.officer.caller) } == .conflict)
    let anew = try await stage.vault.request(
      .disclose(record, [.identity, .legal], recipient: Self.recipient), by: stage.officer.caller
    ).value
    #expect(anew.id != asked.id && anew.state == .pending)

    let erasure = try await stage.vault.request(.erase(record), by: stage.officer.caller).value
    try await edit("Added while it waited")
    for waiting in [anew, erasure] {
      #expect(
        await refusal {
          try await stage.vault.approve(waiting.id, digest: waiting.digest, by: stage.supervisor.caller)
        } == .conflict)
      let shown = try await stage.vault.showRequest(waiting.id, by: stage.supervisor.caller).value
      #expect(shown.words.contains { $0.contains("has changed since this was asked for") })
    }
    #expect(try stage.vault.recordHead(record)?.head.version == 3)
    await stage.vault.close()
  }

  @Test func `P7 what somebody asked for or approved ends with their membership`() async throws {
    let stage = try await Stage.make()
    let administrator = try stage.team.seat(.administrator, in: stage.vault)
    let words = try await stage.vault.inviteAndEnrol(.second, by: administrator)
    _ = try await stage.vault.grant(
      name(Person.second.name), in: programme(Team.navigators), fingerprint: words, expires: nil,
      by: stage.supervisor.caller)
    let second = try await stage.vault.seat(.second)
    let asked = try await stage.vault.request(
      .disclose(stage.team.records[0], [.identity], recipient: Self.recipient), by: stage.officer.caller
    ).value
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: second.caller)
    _ = try await stage.vault.revoke(
      name(Person.second.name), in: programme(Team.navigators), by: stage.supervisor.caller)
    #expect(await refusal { try await stage.vault.redeem(asked.id, by: stage.officer.caller) } == .conflict)
    await stage.vault.close()
  }

  @Test func `P7 an export holds every record of its programme and names each in the log`() async throws {
    let stage = try await Stage.make()
    // The officer may not ask for it.
    let action = SensitiveAction.export(try programme(Team.navigators), recipient: Self.recipient)
    #expect(await refusal { try await stage.vault.request(action, by: stage.officer.caller) } == .denied)
    let id = try await stage.approved(action, by: stage.supervisor)
    let used = try await stage.vault.redeem(id, by: stage.supervisor.caller)
    let lines = try Self.lines(used.value.bytes)
    let ids = Set(stage.team.records.map(\.description))
    #expect(Set(lines.compactMap { $0["id"]?.stringValue }) == ids)
    #expect(lines.allSatisfy { $0["programme"]?.stringValue == Team.navigators })
    let text = lines.map { String(decoding: $0.canonicalBytes(), as: UTF8.self) }.joined()
    for word in ["শিরিন আক্তার", "लक्ष्मी देवी", "Ștefănescu", "penicillin"] { #expect(text.contains(word)) }
    let entry = try #require(await stage.entries("record.export").first)
    #expect(Set(entry.results) == ids)
    await stage.vault.close()
  }

  @Test func `P3 P7 nothing leaves where its entry cannot be written, and the approval is not used up`() async throws {
    let switchboard = CommitSwitch()
    let stage = try await Stage.make { $0.beforeCommit = { try switchboard.pass() } }
    let id = try await stage.approved(.disclose(stage.team.records[0], [.identity], recipient: Self.recipient))
    switchboard.isBroken = true
    #expect(await refusal { try await stage.vault.redeem(id, by: stage.officer.caller) } == .unavailable)
    switchboard.isBroken = false
    #expect(try await stage.vault.redeem(id, by: stage.officer.caller).value.recordCount == 1)
    await stage.vault.close()
  }

  @Test func `P7 a permit expires, and ends when either who signed it is suspended`() async throws {
    for who in [Person.officer, .supervisor, nil] {
      let stage = try await Stage.make()
      let id = try await stage.approved(.disclose(stage.team.records[0], [.identity], recipient: Self.recipient))
      if let who {
        let administrator = try stage.team.seat(.administrator, in: stage.vault)
        // Nobody who is the last supervisor of a programme can be suspended.
        let words = try await stage.vault.inviteAndEnrol(.second, by: administrator)
        for id in [Team.navigators, Team.harbour] {
          _ = try await stage.vault.grant(
            name(Person.second.name), in: programme(id), fingerprint: words, expires: nil, by: stage.supervisor.caller)
        }
        _ = try await stage.vault.suspend(name(who.name), by: administrator.caller)
      } else {
        stage.place.clock.advance(seconds: 72 * 3600 + 1)
      }
      let officer = who?.name == Person.officer.name ? stage.officer : try stage.team.seat(.officer, in: stage.vault)
      #expect(await refusal { try await stage.vault.redeem(id, by: officer.caller) } != nil)
      await stage.vault.close()
    }
  }

  @Test func `P7 nobody discloses what they may not read themselves`() async throws {
    let stage = try await Stage.make()
    let neighbour = try stage.team.seat(.neighbour, in: stage.vault)
    for record in [stage.team.records[0]] {
      let action = SensitiveAction.disclose(record, [.identity], recipient: Self.recipient)
      #expect(await refusal { try await stage.vault.request(action, by: neighbour.caller) } == .denied)
      #expect(await refusal { try await stage.vault.request(.erase(record), by: neighbour.caller) } == .denied)
    }
    await stage.vault.close()
  }

  // MARK: Erasure

  @Test func `P7 an erased record is gone from every table, is said to be gone, and the vault verifies`() async throws {
    let stage = try await Stage.make()
    let record = stage.team.records[0]
    // Found, so that its card is in memory too.
    #expect(
      try await stage.vault.search("shirin", programme: nil, born: nil, limit: nil, by: stage.officer.caller).value
        .map(\.id).contains(record))
    let asked = try await stage.vault.request(.erase(record), by: stage.officer.caller).value
    #expect(asked.words.first?.contains("all its 2 versions") == true)
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller)

    #expect(
      await refusal { try await stage.vault.readRecord(record, sections: [.identity], by: stage.officer.caller) }
        == .erased)
    #expect(
      await refusal {
        try await stage.vault.editRecord(record, patch: json(Caseload.divya), ifVersion: 2, by: stage.officer.caller)
      } == .erased)
    #expect(
      try await !stage.vault.search("shirin", programme: nil, born: nil, limit: nil, by: stage.officer.caller).value
        .map(\.id).contains(record))
    let listed = try await stage.vault.records(in: nil, after: nil, limit: 100, by: stage.officer.caller).value.records
    #expect(Set(listed.map(\.id)) == Set(stage.team.records.dropFirst()))
    // An import that is run again does not bring the person back.
    #expect(
      await refusal {
        try await stage.vault.createRecord(
          in: programme(Team.navigators), json(Caseload.shirin), by: stage.officer.caller(key: "first-0"))
      } == .erased)
    #expect(try await stage.entries("record.erase").map(\.record) == [record.description])
    let prefix = stage.vault.keys.recordPrefix(record)
    let left = try stage.vault.read("A record") { view in
      var left = 0
      for table in [StoreTable.section, .wrap, .card] { left += try view.rows(table, prefix: prefix, limit: 1).count }
      for version in UInt64(1)...2 {
        let revision = try view.row(.revision, RecordRows.revisionKey(stage.vault.keys, record, version: version))
        left += revision == nil ? 0 : 1
      }
      return left
    }
    #expect(left == 0)
    await stage.vault.close()
    let report = try Vault.verify(directory: stage.place.directory, root: stage.place.root)
    #expect(report.erased == 1 && report.records == stage.team.records.count)
    // And after a restart.
    try await stage.place.withVault { vault in
      let officer = try stage.team.seat(.officer, in: vault)
      #expect(await refusal { try await vault.readRecord(record, sections: [], by: officer.caller) } == .erased)
      #expect(try await vault.records(in: nil, after: nil, limit: 100, by: officer.caller).value.records.count == 3)
    }
  }

  @Test func `P7 a tombstone without two people's signatures fails the verification`() async throws {
    let (team, place) = try await Team.copy()
    let forger = try Forger(place)
    try forger.forge { transaction in
      let key = RecordRows.recordKey(forger.keys, team.records[1])
      let tombstone = Tombstone(
        record: team.records[1], programme: try programme(Team.navigators), erased: place.clock.now,
        cause: .request(.random()), rest: 0)
      try forger.put(.record, key, tombstone.bytes, in: transaction)
      // As tidily as an erasure does it.
      try transaction.delete(.revision, RecordRows.revisionKey(forger.keys, team.records[1], version: 1))
      for table in [StoreTable.section, .wrap, .card] {
        for row in try transaction.rows(table, prefix: forger.keys.recordPrefix(team.records[1]), limit: .max) {
          try transaction.delete(table, row.key)
        }
      }
    }
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == .integrity)
  }
}

/// Lets commits pass, or not.
private final class CommitSwitch: Sendable {
  private struct Broken: Error {}
  private let state = Mutex(false)

  var isBroken: Bool {
    get { state.withLock(\.self) }
    set { state.withLock { $0 = newValue } }
  }

  func pass() throws { if isBroken { throw Broken() } }
}
