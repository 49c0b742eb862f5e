import AccessLog
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// What auditors do with the log: find, reveal, disclose, and take it away.
@Suite struct AuditTests {
  private func entries(
    _ vault: Vault, _ auditor: Seat, _ set: (inout AuditFilter) throws -> Void
  ) async throws -> [Vault.AuditedEntry] {
    var filter = AuditFilter()
    filter.limit = 1000
    try set(&filter)
    return try await vault.auditEntries(filter, by: auditor.caller).value.entries
  }

  @Test func `Filters by programme, outcome, purpose and assignment find those entries and no others`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.readRecord(team.records[0], sections: [.identity], by: supervisor.caller)
      let all = try await entries(vault, auditor) { _ in }
      func expect(
        _ what: Comment, _ set: (inout AuditFilter) throws -> Void, _ isWanted: (LogEntry) -> Bool
      ) async throws {
        let wanted = all.filter { isWanted($0.entry) }.map(\.index)
        let found = try await entries(vault, auditor) { filter in
          try set(&filter)
          filter.until = nil
        }
        #expect(!wanted.isEmpty && found.map(\.index).filter { $0 < UInt64(all.count) } == wanted, what)
      }
      try await expect("programme", { $0.programme = try programme(Team.harbour) }) { $0.programme == Team.harbour }
      try await expect("denied", { $0.outcome = .denied }) { $0.outcome == .denied }
      try await expect("emergency", { $0.purpose = .emergency }) { $0.purpose == "emergency" }
      try await expect("unassigned", { $0.isUnassigned = true }) { $0.assignment == LogEntry.Assignment.none }
    }
  }

  @Test func `Off-hours are nights and weekends by the clock of the zone`() throws {
    // 2026-03-02 is a Monday; Kolkata is 5½ hours ahead, London changes its clocks on 2026-03-29.
    let cases: [(String, String, Bool)] = [
      ("UTC", "2026-03-02T06:59:59Z", true), ("UTC", "2026-03-02T07:00:00Z", false),
      ("UTC", "2026-03-06T19:59:59Z", false), ("UTC", "2026-03-06T20:00:00Z", true),
      ("UTC", "2026-03-07T12:00:00Z", true), ("UTC", "2026-03-08T12:00:00Z", true),
      ("Asia/Kolkata", "2026-03-02T01:30:00Z", false), ("Asia/Kolkata", "2026-03-02T14:30:00Z", true),
      ("Europe/London", "2026-03-27T06:30:00Z", true), ("Europe/London", "2026-03-30T06:30:00Z", false),
    ]
    for (zone, text, isOff) in cases {
      let time = try #require(Timestamp(parsing: text))
      var hours = try #require(OffHours(timeZone: zone))
      #expect(hours.contains(Int64(time.milliseconds)) == isOff, "\(zone) \(text)")
    }
    #expect(OffHours(timeZone: "Atlantis/Capital") == nil && OffHours(timeZone: "") == nil && OffHours() != nil)
  }

  @Test func `A request goes through a bounded part of the log, and pages join without a gap`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      for _ in 0..<700 { _ = try await vault.programmes(by: officer.caller) }
      let session = try auditor.session
      let keys = try #require(session.held(.audit)).keys
      for limit in [1, 63, 64, 65, 128, 500] {
        var filter = AuditFilter()
        filter.limit = limit
        var found: [UInt64] = []
        var isAtEnd = false
        while !isAtEnd {
          let page = try await AuditScan(vault, keys: keys, filter: filter, size: 650).page()
          found += page.entries.map(\.index)
          #expect(page.size == 650 && page.scanned <= 650 && (page.next == nil) == (page.scanned == 650))
          isAtEnd = page.next == nil
          filter.after = page.next
        }
        #expect(found == Array(0..<650), "\(limit)")
      }
      var past = AuditFilter()
      past.after = .max
      let page = try await vault.auditEntries(past, by: auditor.caller).value
      #expect(page.entries.isEmpty && page.next == nil && page.scanned == page.size)
    }
  }

  @Test func `P3 Search terms are masked until revealed, and revealing is an entry first`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let searches = try await entries(vault, auditor) { $0.action = "record.search" }
      #expect(searches.map(\.text) == [.masked, .masked, .masked])
      let size = vault.ledger.size
      let revealed = try await vault.reveal(searches[1].index, by: auditor.caller)
      #expect(revealed.value == "লক্ষ্মী" && revealed.entryIndex == size)
      let told = try await entries(vault, auditor) { $0.action = "log.reveal" }
      #expect(told.map(\.entry.results) == [[String(searches[1].index)]])
      let kept = try await entries(vault, auditor) { $0.purpose = .emergency }
      #expect(kept.map(\.text) == [.kept("Her brother rang twice")])
      #expect(await refusal { try await vault.reveal(0, by: auditor.caller) } == .notFound)
      #expect(await refusal { try await vault.reveal(.max, by: auditor.caller) } == .notFound)
    }
  }

  @Test func `A disclosed key opens the entry it names and no neighbour`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let disclosed = try await vault.disclose([7, 3], by: auditor.caller).value
      #expect(disclosed.map(\.entry.index) == [7, 3])
      let leaves = try vault.leaves(0..<10)
      for disclosure in disclosed {
        let own = Int(disclosure.entry.index)
        for index in leaves.indices {
          let opened = try? disclosure.key.open(leaves[index], index: UInt64(index), context: vault.ledger.context)
          #expect((opened != nil) == (index == own))
          if index == own { #expect(opened == disclosure.entry.entry) }
        }
      }
      let told = try await entries(vault, auditor) { $0.action = "log.prove" }
      #expect(told.map(\.entry.results) == [["7", "3"]])
      let tooMany = Array(repeating: UInt64(1), count: Vault.disclosuresMax + 1)
      for bad in [[], tooMany] {
        #expect(await refusal { try await vault.disclose(bad, by: auditor.caller) } == .invalid)
      }
      #expect(await refusal { try await vault.disclose([1, 1 << 40], by: auditor.caller) } == .notFound)
    }
  }

  @Test func `P3 Checkpoints and proofs leave an entry each, tiles one a minute, session and use`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let size = vault.ledger.size
      #expect(try await vault.checkpoint(by: officer.caller).entryIndex == size)
      #expect(try await vault.consistencyProof(from: 1, to: 5, by: officer.caller).entryIndex == size + 1)
      #expect(try await vault.inclusionProof(of: 2, size: 5, by: auditor.caller).entryIndex == size + 2)
      for _ in 0..<3 { #expect(try await vault.tile("0/000.p/4", by: auditor.caller).entryIndex == size + 3) }
      for _ in 0..<2 {
        #expect(try await vault.tile("entries/000.p/4", for: .export, by: auditor.caller).entryIndex == size + 4)
      }
      let second = try team.seat(.auditor, in: vault)
      #expect(try await vault.tile("0/000.p/4", by: second.caller).entryIndex == size + 5)
      place.clock.advance(seconds: 61)
      #expect(try await vault.tile("0/000.p/4", by: auditor.caller).entryIndex == size + 6)
      #expect(await refusal { try await vault.tile("0/999", by: auditor.caller) } == .notFound)
      #expect(await refusal { try await vault.checkpoint(for: .export, by: officer.caller) } == .denied)
      let found = try await entries(vault, auditor) { $0.after = size - 1 }
      #expect(
        found.map { "\($0.entry.action) \($0.entry.detail ?? "-")" } == [
          "log.verify checkpoint", "log.verify consistency", "log.verify inclusion", "log.verify tiles",
          "log.export tiles", "log.verify tiles", "log.verify tiles", "log.verify notFound", "log.export denied",
          "log.read -",
        ])
    }
  }
}
