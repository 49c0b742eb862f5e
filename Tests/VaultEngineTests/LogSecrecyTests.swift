import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import AccessLog
@testable import VaultEngine
@testable import VaultStore

/// P5: entries are the auditors' to read, and not even the daemon's once it has written them.
@Suite struct LogSecrecyTests {
  /// Where a leaf's log key began to count: offset 10 in docs/format.md, "Log entry".
  private func firstIndex(_ leaf: StoredRow) -> UInt64? { StoreKey.index(of: Array(leaf.body[10..<18])) }

  @Test func `P5 A log key serves one second or 256 entries, and is then forgotten`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      place.clock.advance(seconds: 5)
      let start = vault.ledger.size
      for _ in 0..<300 { _ = try await vault.programmes(by: officer.caller) }
      place.clock.advance(seconds: 0.5)
      _ = try await vault.programmes(by: officer.caller)
      #expect(vault.ledger.holdsLogKey)
      place.clock.advance(seconds: 0.6)
      vault.maintain()
      #expect(!vault.ledger.holdsLogKey, "a silent log keeps no key either")
      _ = try await vault.programmes(by: officer.caller)
      place.clock.advance(seconds: 1)
      _ = try await vault.programmes(by: officer.caller)
      let births = try vault.store.read { view in
        try (start..<start + 303).map { index in
          try #require(try view.row(.logLeaf, StoreKey.index(index)).flatMap(firstIndex))
        }
      }
      #expect(births[0..<256].allSatisfy { $0 == start })
      #expect(births[256...300].allSatisfy { $0 == start + 256 })
      #expect(births[301] == start + 301 && births[302] == start + 302)

      let auditor = try team.seat(.auditor, in: vault)
      var filter = Vault.AuditFilter()
      filter.limit = 1000
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      #expect(entries.map(\.index) == Array(0..<vault.ledger.size), "auditors open all, the founding included")
    }
  }

  @Test func `P5 A log key opens no leaf but those of its own second`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      place.clock.advance(seconds: 5)
      let old = try await vault.programmes(by: officer.caller).entryIndex
      place.clock.advance(seconds: 5)
      let new = try await vault.programmes(by: officer.caller).entryIndex
      let keys = try #require(try auditor.session.held(.audit)).keys
      var opener = LeafOpener(context: vault.ledger.context, keys: keys.mapValues(\.opening))
      let (oldLeaf, newLeaf) = try vault.store.read { view in
        (
          try #require(try view.row(.logLeaf, StoreKey.index(old))).body,
          try #require(try view.row(.logLeaf, StoreKey.index(new))).body
        )
      }
      #expect(try opener.open(oldLeaf, index: old).action == "programme.list")
      // The new leaf's header before the old leaf's envelope: the new log key, asked to open what is older.
      let spliced = Array(newLeaf.prefix(LeafHeader.byteCount)) + oldLeaf.dropFirst(LeafHeader.byteCount)
      #expect(throws: LogError.self) { try opener.open(spliced, index: old) }
      #expect(throws: LogError.self) { try opener.open(spliced, index: new) }
      // Nor does the first epoch's key, which the founding was sealed under, or the second's alone.
      for epoch in [1, 2] as [UInt64] {
        var single = LeafOpener(
          context: vault.ledger.context, keys: keys.mapValues(\.opening).filter { $0.key == epoch })
        let isOpened = (try? single.open(newLeaf, index: new)) != nil
        #expect(isOpened == (epoch == 2))
      }
    }
  }

  @Test func `P5 Leaves and the texts beside them show no name, id, term or reason, and are padded`() async throws {
    let (team, place) = try await Team.copy()
    let leaves = try place.rows(.logLeaf)
    let texts = try place.rows(.freeText)
    #expect(leaves.count > 30 && texts.count == 4)
    let words =
      SecrecyTests.planted + Person.all.map(\.name) + team.records.map(\.description)
      + ["record.read", "navigators", "casework", "allowed", "denied"]
    for row in leaves + texts {
      let data = Data(row.key + row.body)
      for word in words { #expect(data.range(of: Data(word.utf8)) == nil, "\(word)") }
    }
    for leaf in leaves { #expect(leaf.body.count.isMultiple(of: 512) && leaf.body.count <= 65_535) }
    #expect(Set(texts.map(\.body.count)).count == 1, "short and long terms look alike")
  }

  @Test func `P5 Only auditors read the log, and each of their readings is in it`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      for person in Person.all where person.role != .auditor {
        let seat = try team.seat(person, in: vault)
        #expect(await refusal { try await vault.auditEntries(.init(), by: seat.caller) } == .denied, "\(person.name)")
        #expect(await refusal { try await vault.tile("0/000.p/1", by: seat.caller) } == .denied, "\(person.name)")
      }
      let auditor = try team.seat(.auditor, in: vault)
      var filter = Vault.AuditFilter()
      filter.action = "log.read"
      let before = try await vault.auditEntries(filter, by: auditor.caller)
      #expect(before.value.entries.last?.index == before.entryIndex)
      #expect(before.value.entries.count { $0.entry.outcome == .denied } == Person.all.count - 1)
    }
  }

  @Test func `An auditor's filters find what they name`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      func entries(_ set: (inout Vault.AuditFilter) throws -> Void) async throws -> [Vault.AuditedEntry] {
        var filter = Vault.AuditFilter()
        filter.limit = 1000
        try set(&filter)
        return try await vault.auditEntries(filter, by: auditor.caller).value.entries
      }
      let all = try await entries { _ in }
      let first = team.records[0].description
      let ofRecord = try await entries { $0.record = team.records[0] }
      #expect(!ofRecord.isEmpty && ofRecord.contains { $0.entry.action == "record.search" })
      #expect(ofRecord.allSatisfy { $0.entry.record == first || $0.entry.results.contains(first) })
      let ofAccount = try await entries { $0.account = try name(Person.stranger.name) }
      #expect(ofAccount.map(\.entry.action) == ["account.enrol", "session.open", "record.read"])
      let reads = try await entries { $0.action = "read" }
      #expect(Set(reads.map(\.entry.action)) == ["record.read", "log.read"])
      let time = all[10].time
      #expect(try await entries { $0.since = time }.first?.index ?? 0 <= 10)
      #expect(try await entries { $0.until = time }.allSatisfy { $0.time < time })
      var pages: [UInt64] = []
      var after: UInt64?
      repeat {
        var filter = Vault.AuditFilter()
        filter.limit = 7
        filter.after = after
        filter.until = all.last?.time
        let page = try await vault.auditEntries(filter, by: auditor.caller).value
        pages += page.entries.map(\.index)
        after = page.next
      } while after != nil
      #expect(pages == all.filter { $0.time < all.last?.time ?? $0.time }.map(\.index))
    }
  }

  @Test func `Entries never go back in time, whatever the clock does`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.programmes(by: officer.caller)
      place.clock.setWallClock(back: 3600)
      _ = try await vault.programmes(by: officer.caller)
      let auditor = try team.seat(.auditor, in: vault)
      let times = try await vault.auditEntries(.init(), by: auditor.caller).value.entries.map(\.time)
      #expect(times == times.sorted())
    }
  }
}
