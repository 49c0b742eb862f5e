import Synchronization
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P3: nothing leaves before its entry is durable.
@Suite struct WitnessTests {
  /// Makes every commit fail while it is on.
  private final class Fault: Sendable {
    private struct NoDisk: Error {}
    private let isOn = Mutex(false)

    func set(_ on: Bool) { isOn.withLock { $0 = on } }
    func check() throws { if isOn.withLock(\.self) { throw NoDisk() } }
  }

  @Test func `P3 While no entry can be written every answer is an error, and afterwards all is well`() async throws {
    let (team, place) = try await Team.copy()
    let fault = Fault()
    let vault = try await place.open(beforeCommit: { try fault.check() })
    let officer = try team.seat(.officer, in: vault)
    let supervisor = try team.seat(.supervisor, in: vault)
    let auditor = try team.seat(.auditor, in: vault)
    let administrator = try team.seat(.administrator, in: vault)
    let stranger = try team.seat(.stranger, in: vault)
    let record = team.records[0]
    let navigators = try programme(Team.navigators)
    let (size, root, sessions) = (vault.ledger.size, vault.ledger.root, vault.sessions.open.count)

    fault.set(true)
    var attempts: [(String, VaultError.Code?)] = []
    func attempt<R>(_ what: String, _ body: () async throws -> R) async {
      attempts.append((what, await refusal(body)))
    }
    await attempt("read") { try await vault.readRecord(record, sections: [.identity], by: officer.caller) }
    await attempt("default view") { try await vault.readRecord(record, sections: [], by: officer.caller) }
    await attempt("emergency") {
      try await vault.readRecord(
        record, sections: [.health], by: officer.caller(purpose: .emergency, reason: "collapsed"))
    }
    await attempt("search") {
      try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller)
    }
    await attempt("list") { try await vault.records(in: navigators, after: nil, limit: 10, by: officer.caller) }
    await attempt("create") { try await vault.createRecord(in: navigators, json(Caseload.divya), by: officer.caller) }
    await attempt("edit") {
      try await vault.editRecord(
        record, patch: json(#"{"case":{"vault_Team":"X"}}"#), ifVersion: 2, by: officer.caller)
    }
    await attempt("log") { try await vault.auditEntries(.init(), by: auditor.caller) }
    await attempt("accounts") { try await vault.accounts(by: administrator.caller) }
    await attempt("programmes") { try await vault.programmes(by: officer.caller) }
    await attempt("invite") {
      try await vault.invite(name("eve"), role: .officer, peer: .uid(7), by: administrator.caller)
    }
    await attempt("suspend") { try await vault.suspend(name(Person.officer.name), by: administrator.caller) }
    await attempt("programme") { try await vault.addProgramme(programme("new"), title: "N", by: supervisor.caller) }
    await attempt("grant") {
      try await vault.grant(
        name(Person.stranger.name), in: navigators, fingerprint: team.fingerprints[Person.stranger.name] ?? "",
        expires: nil, by: supervisor.caller)
    }
    await attempt("revoke") {
      try await vault.revoke(name(Person.officer.name), in: navigators, by: supervisor.caller)
    }
    await attempt("login") { try await vault.seat(.officer) }
    await attempt("passphrase") {
      try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret("another one that is long"), by: officer.caller)
    }
    // Refusals are entries as well: where they cannot be written, not even the refusal is told.
    await attempt("wrong passphrase") { try await vault.seat(.officer, passphrase: "wrong") }
    await attempt("denial") { try await vault.readRecord(record, sections: [.identity], by: stranger.caller) }
    for (what, code) in attempts { #expect(code == .unavailable, "\(what)") }
    #expect(vault.ledger.size == size && vault.ledger.root == root)
    #expect(vault.sessions.open.count == sessions)

    fault.set(false)
    let read = try await vault.readRecord(record, sections: [.identity], by: officer.caller)
    #expect(read.entryIndex == size && read.value.version == 2, "nothing of the failed attempts stayed")
    #expect(
      try await vault.search("divya", programme: nil, born: nil, limit: nil, by: officer.caller).value.map(\.id) == [
        team.records[3]
      ])
    #expect(try await vault.records(in: navigators, after: nil, limit: 10, by: officer.caller).value.records.count == 4)
    #expect(await refusal { try await vault.seat(.officer) } == nil, "the old passphrase still holds")
    #expect(
      await refusal { try await vault.readRecord(record, sections: [.identity], by: stranger.caller) } == .denied)
    await vault.close()
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P3 What was refused, tried and asked are entries with their circumstances`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let first = vault.ledger.size
      let record = team.records[0]
      let officer = try team.seat(.officer, in: vault)
      let stranger = try team.seat(.stranger, in: vault)
      let liaison = try team.seat(.liaison, in: vault)
      _ = await refusal { try await vault.seat(.officer, passphrase: "not the right one") }
      _ = await refusal {
        try await vault.login("my secret passphrase", .passphrase(secret("x")), by: Person.officer.caller())
      }
      _ = await refusal { try await vault.login("nobody", .passphrase(secret("x")), by: Person.officer.caller()) }
      _ = await refusal { try await vault.readRecord(record, sections: [.health], by: liaison.caller) }
      _ = await refusal { try await vault.readRecord(record, sections: [], by: stranger.caller) }
      _ = await refusal {
        try await vault.readRecord(record, sections: [], by: officer.caller(purpose: nil))
      }
      _ = await refusal {
        try await vault.readRecord(record, sections: [], by: officer.caller(purpose: .emergency))
      }
      _ = try await vault.readRecord(
        record, sections: [.health], by: officer.caller(purpose: .emergency, reason: "fever, ambulance"))
      _ = try await vault.search("stefanescu", programme: nil, born: 1980...1990, limit: nil, by: officer.caller)
      _ = await refusal {
        try await vault.readRecord(record, sections: [.health], by: Caller(uid: 1, token: officer.token))
      }
      let auditor = try team.seat(.auditor, in: vault)
      _ = try await vault.auditEntries(.init(), by: auditor.caller)

      var filter = Vault.AuditFilter()
      filter.after = first - 1
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      func describe(_ entry: Vault.AuditedEntry) -> String {
        let parts: [String?] = [
          entry.entry.account, entry.entry.action, entry.entry.outcome.rawValue, entry.entry.detail,
          entry.entry.record == nil ? nil : "record", entry.entry.sections.joined(separator: "+"),
          entry.entry.purpose, entry.text == .masked ? "masked" : entry.freeText,
          entry.entry.results.isEmpty ? nil : "results",
        ]
        return parts.compactMap { $0 == "" ? nil : $0 }.joined(separator: " ")
      }
      #expect(
        entries.map(describe) == [
          "rahela session.open denied loginFailed casework",
          "session.open denied loginFailed casework",
          "session.open denied loginFailed casework",
          "inspector-roy record.read denied denied record health casework",
          "tomas record.read denied denied record casework",
          "rahela record.read denied purposeNeeded record",
          "rahela record.read failed invalid record emergency",
          "rahela record.read allowed record health emergency fever, ambulance",
          "rahela record.search allowed casework masked results",
          "record.read denied denied",
          "andrei log.read allowed casework",
          "andrei log.read allowed casework",
        ])
      #expect(entries[8].entry.results == [team.records[2].description])
      #expect(entries.allSatisfy { $0.entry.uid != nil })
    }
  }

  @Test func `P3 An entry's index is told with every answer and every refusal`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let size = vault.ledger.size
      let read = try await vault.readRecord(team.records[0], sections: [.case], by: officer.caller)
      #expect(read.entryIndex == size)
      do {
        _ = try await vault.readRecord(team.neighbourRecord, sections: [.case], by: officer.caller)
        Issue.record("another programme's record was read")
      } catch let error as VaultError {
        #expect(error.code == .denied && error.entryIndex == size + 1)
      }
    }
  }
}
