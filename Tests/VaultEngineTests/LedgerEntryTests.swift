import Synchronization
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// What the daemon says of itself and of its noise, in the log.
@Suite struct LedgerEntryTests {
  private func entries(
    _ vault: Vault, _ team: Team, from first: UInt64 = 0
  ) async throws -> [Vault.AuditedEntry] {
    let auditor = try team.seat(.auditor, in: vault)
    var all: [Vault.AuditedEntry] = []
    var after: UInt64? = first == 0 ? nil : first - 1
    repeat {
      var filter = Vault.AuditFilter()
      filter.limit = 1000
      filter.after = after
      let page = try await vault.auditEntries(filter, by: auditor.caller).value
      all += page.entries
      after = page.next
    } while after != nil
    return all.filter { $0.entry.action != "log.read" }
  }

  private func words(_ audited: Vault.AuditedEntry) -> String {
    let entry = audited.entry
    return [entry.action, entry.outcome.rawValue, entry.detail, entry.account, entry.count.map { "×\($0)" }]
      .compactMap(\.self).joined(separator: " ")
  }

  // MARK: Noise

  @Test func `P3 A hundred thousand denials of one uid add some dozens of entries whose counts add up`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let stranger = try team.seat(.stranger, in: vault)
    let first = vault.ledger.size
    let count = 100_000
    for _ in 0..<count / 1000 {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            for _ in 0..<125 {
              _ = await refusal { try await vault.accounts(by: stranger.caller) }
            }
          }
        }
      }
      place.clock.advance(seconds: 3)
      vault.maintain()
    }
    await vault.writeAllCounts()
    let noise = try await entries(vault, team, from: first)
    #expect(noise.count < 36, "\(noise.count) entries")
    #expect(noise.map { $0.entry.count ?? 1 }.reduce(0, +) == UInt64(count))
    #expect(
      noise.allSatisfy {
        $0.entry.action == "account.list" && $0.entry.outcome == .denied
          && $0.entry.account == Person.stranger.name && $0.entry.uid == Person.stranger.uid
      })
    await vault.close()
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == nil)
  }

  @Test func `P3 No noise hides a denial of another record, nor a login to another account`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let stranger = try team.seat(.stranger, in: vault)
      for _ in 0..<500 {
        _ = await refusal { try await vault.readRecord(team.records[0], sections: [], by: stranger.caller) }
      }
      let size = vault.ledger.size
      do {
        _ = try await vault.readRecord(team.records[1], sections: [], by: stranger.caller)
        Issue.record("a stranger read a record")
      } catch let error as VaultError {
        #expect(error.entryIndex == size)
      }
      for person in [Person.officer, .liaison] {
        _ = await refusal {
          try await vault.login(person.name, .passphrase(secret("a wrong one")), by: stranger.person.caller())
        }
      }
      #expect(
        try await entries(vault, team, from: size).map(words) == [
          "record.read denied denied tomas", "session.open denied denied rahela",
          "session.open denied denied inspector-roy",
        ])
    }
  }

  @Test func `P3 Refused requests are entries that say who and what kind, and are counted`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let first = vault.ledger.size
    for _ in 0..<1000 { vault.refused(uid: 4711, kind: "no-route", isDenial: false) }
    vault.refused(uid: 4712, kind: "login-needed", isDenial: true)
    await vault.outbox.emptied()
    #expect(vault.ledger.size == first + 4)
    place.clock.advance(seconds: 61)
    vault.maintain()
    await vault.outbox.emptied()
    let written = try await entries(vault, team, from: first)
    #expect(
      written.map(words) == Array(repeating: "request.refused failed no-route", count: 3) + [
        "request.refused denied login-needed", "request.refused failed no-route ×997",
      ])
    #expect(written.map(\.entry.uid) == [4711, 4711, 4711, 4712, 4711])
    await vault.close()
  }

  @Test func `P3 What failed while nothing could be written is told afterwards`() async throws {
    struct NoDisk: Error {}
    let (team, place) = try await Team.copy()
    let isFull = Mutex(false)
    let vault = try await place.open(beforeCommit: { if isFull.withLock(\.self) { throw NoDisk() } })
    let officer = try team.seat(.officer, in: vault)
    let stranger = try team.seat(.stranger, in: vault)
    let first = vault.ledger.size
    isFull.withLock { $0 = true }
    for _ in 0..<7 {
      #expect(
        await refusal { try await vault.readRecord(team.records[0], sections: [], by: officer.caller) } == .unavailable)
      #expect(
        await refusal { try await vault.readRecord(team.records[0], sections: [], by: stranger.caller) } == .unavailable
      )
    }
    vault.refused(uid: 4711, kind: "no-route", isDenial: false)
    await vault.outbox.emptied()
    place.clock.advance(seconds: 61)
    vault.maintain()
    await vault.outbox.emptied()
    #expect(vault.ledger.size == first)
    isFull.withLock { $0 = false }
    vault.maintain()
    await vault.outbox.emptied()
    #expect(
      Set(try await entries(vault, team, from: first).map(words)) == [
        "record.read failed unavailable rahela ×7", "record.read denied denied tomas ×7",
        "request.refused failed no-route ×1",
      ])
    await vault.close()
  }

  @Test func `Counts that wait are written before the daemon stops`() async throws {
    let (team, place) = try await Team.copy()
    let first = try await place.withVault { vault in
      for _ in 0..<50 { vault.refused(uid: 7, kind: "malformed", isDenial: false) }
      return vault.ledger.size
    }
    try await place.withVault { vault in
      let told = try await entries(vault, team, from: first).map(words)
      #expect(told.contains("request.refused failed malformed ×47"))
      #expect(told.firstIndex(of: "daemon.stop allowed") == told.count - 2)
    }
  }

  // MARK: Clock

  @Test func `A clock that is set back is one entry, and order is by index`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let first = vault.ledger.size
      _ = try await vault.programmes(by: officer.caller)
      place.clock.setWallClock(back: 3600)
      for _ in 0..<5 { _ = try await vault.programmes(by: officer.caller) }
      place.clock.setWallClock(back: 60)
      _ = try await vault.programmes(by: officer.caller)
      let after = try await entries(vault, team, from: first)
      let list = "programme.list allowed rahela"
      #expect(after.map(words).count { $0.hasPrefix("clock.back") } == 2)
      #expect(after.map { $0.entry.action }.prefix(3) == ["programme.list", "clock.back", "programme.list"])
      #expect(after[1].entry.detail == "3600 s" && words(after[0]) == list)
      #expect(after.map(\.time) == after.map(\.time).sorted())
      #expect(after.map(\.index) == after.map(\.index).sorted())
    }
  }

  @Test func `The index of an answer is that of its own entry beside a jump of the clock`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      place.clock.setWallClock(back: 600)
      let listed = try await vault.programmes(by: officer.caller)
      let told = try await entries(vault, team, from: listed.entryIndex - 1)
      #expect(told.map(\.entry.action).prefix(2) == ["clock.back", "programme.list"])
      #expect(told[1].index == listed.entryIndex)
    }
  }

  @Test func `A jump of the clock is told again when the batch that told it was lost`() async throws {
    struct NoDisk: Error {}
    let (team, place) = try await Team.copy()
    let isFull = Mutex(false)
    let vault = try await place.open(beforeCommit: { if isFull.withLock(\.self) { throw NoDisk() } })
    let officer = try team.seat(.officer, in: vault)
    let first = vault.ledger.size
    place.clock.setWallClock(back: 600)
    isFull.withLock { $0 = true }
    _ = await refusal { try await vault.programmes(by: officer.caller) }
    isFull.withLock { $0 = false }
    _ = try await vault.programmes(by: officer.caller)
    #expect(
      try await entries(vault, team, from: first).map(\.entry.action).prefix(2) == ["clock.back", "programme.list"])
    await vault.close()
  }

  @Test func `Starting before the last entry, and a day's jump ahead, are entries too`() async throws {
    let (team, place) = try await Team.copy()
    let first = try await place.withVault { vault in vault.ledger.size }
    place.clock.setWallClock(back: 7200)
    try await place.withVault { vault in
      place.clock.setWallClock(ahead: 2 * 86_400)
      let told = try await entries(vault, team, from: first).map(words)
      #expect(told.count { $0.hasPrefix("clock.back allowed 7200 s") } == 1)
      _ = try await vault.programmes(by: team.seat(.officer, in: vault).caller)
      let later = try await entries(vault, team, from: first).map(words)
      #expect(
        later.count { $0.hasPrefix("clock.forward allowed 172800 s") || $0.hasPrefix("clock.forward allowed 172801 s") }
          == 1)
    }
  }

  // MARK: Configuration

  @Test func `A start says its version and configuration, and a change between starts is an entry`() async throws {
    let (team, place) = try await Team.copy()
    let first = try await place.withVault { vault in vault.ledger.size } - 1
    var options = Vault.Options()
    options.clock = place.clock.vaultClock
    options.allowsDemo = true
    options.anchorPath = place.directory + "-elsewhere.anchor"
    let moved = try await Vault.open(directory: place.directory, root: place.root, options: options)
    await moved.close()
    try await place.withVault { vault in
      let told = try await entries(vault, team, from: first)
      #expect(
        told.map(\.entry.action) == [
          "daemon.start", "daemon.stop", "daemon.start", "config.change", "daemon.stop", "daemon.start",
          "config.change",
        ])
      #expect(told[3].entry.detail == "anchor" && told[3].entry.changes != nil)
      let starts = told.filter { $0.entry.action == "daemon.start" }.map(\.entry.detail)
      #expect(starts.allSatisfy { $0?.hasPrefix(SoftwareVersion.current + " ") == true })
      #expect(starts[0] == starts[2] && starts[0] != starts[1])
    }
  }

  @Test func `A configuration names what changed`() throws {
    var options = Vault.Options()
    let plain = Configuration(options)
    #expect(try Configuration(decoding: plain.bytes) == plain)
    options.allowsDemo = true
    options.anchorPath = "/srv/anchor"
    #expect(Configuration(options, version: "9.9").changes(since: plain) == "version demo anchor")
    #expect(plain.changes(since: plain) == nil)
    #expect(throws: (any Error).self) { try Configuration(decoding: Array(plain.bytes.dropLast())) }
  }
}
