import AccessLog
import Foundation
import Synchronization
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// What happens in the vault while its host fails it, and afterwards.
@Suite struct FailClosedTests {
  /// Holds commits while it is closed.
  private final class Barrier: Sendable {
    private let isClosed = Mutex(false)
    func close() { isClosed.withLock { $0 = true } }
    func open() { isClosed.withLock { $0 = false } }
    func pass() { while isClosed.withLock(\.self) { usleep(500) } }
  }

  private func actions(_ vault: Vault, _ team: Team) async throws -> [String] {
    let auditor = try team.seat(.auditor, in: vault)
    var all: [String] = []
    var filter = Vault.AuditFilter()
    filter.after = vault.ledger.size > 40 ? vault.ledger.size - 40 : nil
    filter.limit = 100
    for entry in try await vault.auditEntries(filter, by: auditor.caller).value.entries {
      all.append([entry.entry.action, entry.entry.detail].compactMap(\.self).joined(separator: " "))
    }
    return all
  }

  @Test func `P3 A stuck disk shows nothing, and what commits late leaves memory as a restart would`() async throws {
    let (team, place) = try await Team.copy()
    let barrier = Barrier()
    let vault = try await place.open(
      beforeCommit: { barrier.pass() }, change: { $0.writerLimits.batchMillisecondsMax = 150 })
    let officer = try team.seat(.officer, in: vault)
    let liaison = try team.seat(.liaison, in: vault)
    let supervisor = try team.seat(.supervisor, in: vault)
    let auditor = try team.seat(.auditor, in: vault)
    let navigators = try programme(Team.navigators)
    // A drawer of cards is open, and the lists are in memory.
    #expect(try await vault.search("ileana", programme: nil, born: nil, limit: nil, by: officer.caller).value.isEmpty)
    let known = Set(
      try await vault.records(in: navigators, after: nil, limit: 50, by: officer.caller).value.records.map(\.id))

    barrier.close()
    let arrival = try json(
      #"{"identity":{"vault_Names":[{"text":"Ileana Doe","script":"Latn","kind":"document","use":"always"}]}}"#)
    async let created = refusal {
      try await vault.createRecord(in: navigators, arrival, by: officer.caller(key: "late"))
    }
    async let revoked = refusal {
      try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
    }
    async let signed = refusal { try await vault.signOff(upTo: nil, remark: "", by: auditor.caller) }
    async let shown = refusal { try await vault.readRecord(team.records[0], sections: [.identity], by: officer.caller) }
    #expect(await [created, revoked, signed, shown] == [.busy, .busy, .busy, .busy])
    #expect(await refusal { try await vault.readRecord(team.records[0], sections: [], by: officer.caller) } == .busy)
    #expect(vault.health.writing == .stuck)

    barrier.open()
    for _ in 0..<600 where vault.health.writing == .stuck { try await Task.sleep(for: .milliseconds(5)) }
    #expect(vault.late.unseen != nil, "something became durable late")
    let listed = Set(
      try await vault.records(in: navigators, after: nil, limit: 50, by: officer.caller).value.records.map(\.id))
    let new = listed.subtracting(known)
    let found = try await vault.search("ileana", programme: nil, born: nil, limit: nil, by: officer.caller).value.map(
      \.id)
    #expect(Set(found) == new)
    // Whichever of the four was in the batch that got stuck is done; the next ones were refused before they began.
    let again = try await vault.createRecord(in: navigators, arrival, by: officer.caller(key: "late")).value.id
    #expect(new.isEmpty || new == [again], "a repetition finds what became of the first")
    let mayRead =
      await refusal { try await vault.readRecord(team.records[0], sections: [.identity], by: liaison.caller) } == nil
    let reviewed = try vault.reviewedSize()
    #expect(vault.late.unseen == nil)
    let (size, root) = (vault.ledger.size, vault.ledger.root)
    await vault.close()

    let restarted = try await place.open()
    #expect(restarted.ledger.size >= size + 2, "the end and the start, and what was refused")
    var tree = try MerkleTree(
      size: size, source: StoredHashes(store: restarted.store, number: 1, size: restarted.ledger.size))
    #expect(try tree.root() == root)
    let later = try team.seat(.officer, in: restarted)
    let all = try await restarted.records(in: navigators, after: nil, limit: 50, by: later.caller).value.records.map(
      \.id)
    #expect(Set(all) == listed.union([again]) && all.count == Set(all).count)
    let other = await refusal {
      let seat = try team.seat(.liaison, in: restarted)
      return try await restarted.readRecord(team.records[0], sections: [.identity], by: seat.caller)
    }
    #expect((other == nil) == mayRead)
    #expect(try restarted.reviewedSize() == reviewed)
    await restarted.close()
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5 + 1)
  }

  @Test func `Space that becomes low is told once, as an entry and in the health; records wait, reading goes on`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let free = Mutex(64 << 20)
    let vault = try await place.open(change: { options in
      options.adjustStore = { store in
        store.reserveByteCount = 1 << 20
        store.diskSpace = { DiskSpace(freeByteCount: free.withLock(\.self), totalByteCount: 256 << 20) }
      }
    })
    let officer = try team.seat(.officer, in: vault)
    let navigators = try programme(Team.navigators)
    #expect(vault.healthChanges().isEmpty && vault.health.space.state == .ok)
    free.withLock { $0 = 1000 }
    let notices = vault.healthChanges()
    #expect(notices.count == 1 && notices[0].words.isTrouble)
    for _ in 0..<5 { #expect(vault.healthChanges().isEmpty) }
    await vault.outbox.emptied()
    #expect(
      await refusal { try await vault.createRecord(in: navigators, json(Caseload.divya), by: officer.caller) } == .full)
    #expect(
      await refusal { try await vault.readRecord(team.records[0], sections: [.identity], by: officer.caller) } == nil)
    #expect(try vault.status().health.space.state == .low)
    free.withLock { $0 = 64 << 20 }
    #expect(vault.healthChanges().isEmpty, "not within seconds of the last")
    place.clock.advance(seconds: 60)
    #expect(vault.healthChanges().map(\.words.isTrouble) == [false])
    #expect(
      await refusal { try await vault.createRecord(in: navigators, json(Caseload.divya), by: officer.caller) } == nil)
    #expect(try await actions(vault, team).filter { $0.hasPrefix("space.low") } == ["space.low low"])
    await vault.close()
  }

  @Test func `An anchor that cannot be written is seen in the health and in the log, and reading goes on`() async throws
  {
    let (team, place) = try await Team.copy()
    let parent = place.directory + "-anchors"
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let vault = try await place.open(change: { $0.anchorPath = parent + "/vault.anchor" })
    let officer = try team.seat(.officer, in: vault)
    vault.maintain()
    #expect(vault.health.anchor == .failing && vault.health.anchorFailureCount > 0)
    let notices = vault.healthChanges()
    #expect(notices == [.anchor(.failing)])
    #expect(notices.allSatisfy { $0.words.isTrouble && $0.words.text.contains("rollback") })
    await vault.outbox.emptied()
    #expect(await refusal { try await vault.readRecord(team.records[0], sections: [], by: officer.caller) } == nil)

    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
    place.clock.advance(seconds: 60)
    vault.maintain()
    #expect(vault.health.anchor != .failing)
    #expect(vault.healthChanges().count == 1)
    #expect(FileManager.default.fileExists(atPath: parent + "/vault.anchor"))
    await vault.outbox.emptied()
    let told = try await actions(vault, team).filter { $0.hasPrefix("anchor.state") }
    #expect(told.first == "anchor.state failing" && told.count == 2)
    await vault.close()
  }

  @Test func `P6 A missing anchor is told at the start, in its entry and by a verification`() async throws {
    let (team, place) = try await Team.copy()
    #expect(try Vault.verify(directory: place.directory, root: place.root).wasRollbackChecked)
    #expect(VaultInspection.hasAnchor(of: place.directory))
    try FileManager.default.removeItem(atPath: place.anchor)
    #expect(!VaultInspection.hasAnchor(of: place.directory))
    #expect(try !Vault.verify(directory: place.directory, root: place.root).wasRollbackChecked)
    let vault = try await place.open()
    let notices = vault.healthChanges()
    #expect(notices == [.anchor(.wasMissing)] && notices[0].words.text.contains("rollback"))
    #expect(try await actions(vault, team).contains { $0.hasPrefix("daemon.start ") && $0.hasSuffix(" anchorMissing") })
    await vault.close()
    let again = try await place.open()
    #expect(again.healthChanges().isEmpty && again.health.anchor == .ok)
    await again.close()
  }

  @Test func `P3 Refusals of a failing host say what to do`() {
    for code in [StoreError.Code.full, .displaced, .busy, .timeout, .stuck, .io] {
      let error = VaultError(StoreError(code))
      #expect([.full, .busy, .unavailable].contains(error.code), "\(code)")
      #expect(error.code == .busy || error.hint != nil, "\(code)")
    }
    // A file that somebody else wrote to is no failing host.
    let causes: [(StoreError.Code, VaultError.Code)] = [
      (.full, .full), (.displaced, .unavailable), (.damaged, .integrity), (.io, .unavailable),
    ]
    for (cause, code) in causes {
      let error = VaultError(StoreError(.commitFailed, cause: cause))
      #expect(error.code == code && error.hint != nil, "\(cause)")
    }
  }
}
