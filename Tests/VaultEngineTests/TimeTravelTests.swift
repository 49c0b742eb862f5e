import Foundation
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P6 and time: a vault is photographed, lived in, and then gets parts of the photograph back. Every single row, every
/// table, sets of tables, the file, its write-ahead log, the anchor and a session's token: whatever comes from before is
/// called out, at the opening where it is metadata and by a verification where it is bulk ciphertext.
@Suite struct TimeTravelTests {
  private struct Story: Sendable {
    let team: Team
    /// The photograph and what became of it; both are closed.
    let before: VaultPlace
    let after: VaultPlace
    let beforeRows: [StoreTable: [StoredRow]]
    let afterRows: [StoreTable: [StoredRow]]

    /// Tables that time has changed.
    var changed: [StoreTable] { StoreTable.allCases.filter { beforeRows[$0] != afterRows[$0] } }
  }

  /// Enough for a full tile of the log.
  private static let entryCount = 260

  private static let telling = Task { try await tell() }

  private static func tell() async throws -> Story {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    // Everything that changes later is there before, in a first state.
    let asked = try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let administrator = try team.seat(.administrator, in: vault)
      _ = try await vault.signOff(upTo: nil, remark: "The first week", by: auditor.caller)
      _ = try await vault.note(.end(BackupFile(byteCount: 1, digest: [UInt8](repeating: 1, count: 32))), uid: 0)
      _ = try await vault.suspend(name(Person.stranger.name), by: administrator.caller)
      return try await vault.request(.reinstate(name(Person.stranger.name)), by: administrator.caller).value
    }
    let before = try place.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let administrator = try team.seat(.administrator, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      _ = try await vault.editRecord(
        team.records[0], patch: json(#"{"identity":{"prs_FirstName":"S."},"contact":{"prs_MailingCity":"Khulna"}}"#),
        ifVersion: 2, by: officer.caller)
      _ = try await vault.createRecord(in: navigators, json(Caseload.lakshmi), by: officer.caller(key: "later"))
      _ = try await vault.readRecord(
        team.records[1], sections: [.identity], by: officer.caller(purpose: .emergency, reason: "She has not come home")
      )
      let passphrase = "something else to remember"
      _ = try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret(passphrase), by: officer.caller)
      // What a service handed in was decided about, and more came.
      _ = try await vault.acceptSubmission(team.submission, by: officer.caller)
      let service = try team.seat(.service, in: vault)
      _ = try await vault.createRecord(in: navigators, json(Caseload.divya), by: service.caller)
      // What waited for a second person was approved, and used up.
      _ = try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller)
      // A grant renewed in place, a membership ended, an account suspended, a programme opened.
      _ = try await vault.grant(
        name(Person.analyst.name), in: navigators, fingerprint: team.fingerprints[Person.analyst.name] ?? "",
        expires: nil, by: supervisor.caller)
      _ = try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
      _ = try await vault.suspend(name(Person.service.name), by: administrator.caller)
      _ = try await vault.addProgramme(programme("night-desk"), title: "Night desk", by: supervisor.caller)
      _ = try await vault.createRecord(in: navigators, json(Caseload.divya), by: officer.caller)
      _ = try await vault.signOff(upTo: nil, remark: "The second week", by: auditor.caller)
      _ = try await vault.note(.end(BackupFile(byteCount: 2, digest: [UInt8](repeating: 2, count: 32))), uid: 0)
      // As the daemon does four times a second.
      vault.maintain()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<entryCount { group.addTask { _ = try await vault.programmes(by: officer.caller) } }
        try await group.waitForAll()
      }
    }
    return Story(team: team, before: before, after: place, beforeRows: try rows(before), afterRows: try rows(place))
  }

  private static func rows(_ place: VaultPlace) throws -> [StoreTable: [StoredRow]] {
    var rows: [StoreTable: [StoredRow]] = [:]
    for table in StoreTable.allCases {
      rows[table] = try place.rows(table).sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
    return rows
  }

  private static func verify(_ place: VaultPlace) async -> VaultError.Code? {
    await refusal { try Vault.verify(directory: place.directory, root: place.root) }
  }

  private static func open(_ place: VaultPlace) async -> VaultError.Code? {
    await refusal { try await place.withVault { _ in } }
  }

  /// Puts rows back on a copy. Without its anchor: what lies in the file has to tell by itself.
  private func splice(
    _ story: Story, _ change: (borrowing WriteTransaction) throws -> Void
  ) throws -> VaultPlace {
    let place = try story.after.copy(withAnchor: false)
    try place.tamper(change)
    return place
  }

  private func putBack(_ tables: [StoreTable], of story: Story, in transaction: borrowing WriteTransaction) throws {
    for table in tables {
      for row in story.afterRows[table] ?? [] { try transaction.delete(table, row.key) }
      for row in story.beforeRows[table] ?? [] {
        try transaction.put(table, row.key, version: row.version, body: row.body)
      }
    }
  }

  @Test func `P6 Time changed every table that is in use, and a vault left in peace is whole`() async throws {
    let story = try await Self.telling.value
    #expect(Set(story.changed) == Set(StoreTable.allCases))
    for place in [story.before, story.after] {
      #expect(await Self.verify(try place.copy()) == nil)
      #expect(await Self.open(try place.copy()) == nil)
    }
  }

  /// One row that differs between then and now.
  private enum Difference {
    case changed(StoredRow)
    case gone(StoredRow)
    case new(StoredRow)
  }

  private func differences(_ table: StoreTable, _ story: Story) -> [Difference] {
    let then = Dictionary(uniqueKeysWithValues: (story.beforeRows[table] ?? []).map { ($0.key, $0) })
    let now = Dictionary(uniqueKeysWithValues: (story.afterRows[table] ?? []).map { ($0.key, $0) })
    var found = then.values.compactMap { row -> Difference? in
      guard let other = now[row.key] else { return .gone(row) }
      return other == row ? nil : .changed(row)
    }
    found += now.values.filter { then[$0.key] == nil }.map { .new($0) }
    return found
  }

  @Test(arguments: StoreTable.allCases)
  func `P6 No single row of any table can be put back to what it was`(table: StoreTable) async throws {
    let story = try await Self.telling.value
    let all = differences(table, story)
    // Leaves and texts are alike; of everything else each row is tried.
    let some = table.isLog || table == .freeText ? Array(all.prefix(12)) : all
    for difference in some {
      let place = try splice(story) { transaction in
        switch difference {
        case .changed(let row), .gone(let row):
          try transaction.put(table, row.key, version: row.version, body: row.body)
        case .new(let row): try transaction.delete(table, row.key)
        }
      }
      #expect(await Self.verify(place) == .integrity, "\(table): \(difference)")
      if table.isMetadata { #expect(await Self.open(place) == .integrity, "\(table): \(difference)") }
    }
  }

  @Test(arguments: StoreTable.allCases)
  func `P6 No table can be put back, alone or with all others but one`(table: StoreTable) async throws {
    let story = try await Self.telling.value
    guard story.changed.contains(table) else { return }
    for tables in [[table], story.changed.filter { $0 != table }] {
      let place = try splice(story) { try putBack(tables, of: story, in: $0) }
      #expect(await Self.verify(place) == .integrity, "\(tables)")
      if tables.contains(where: \.isMetadata), story.changed.contains(where: { $0.isMetadata && !tables.contains($0) })
      {
        #expect(await Self.open(place) == .integrity, "\(tables)")
      }
      // With the anchor nothing older is opened at all, unless it is bulk ciphertext.
      guard tables.contains(where: { $0.isMetadata || $0 == .logLeaf }) else { continue }
      let anchored = try story.after.copy()
      try anchored.tamper { try putBack(tables, of: story, in: $0) }
      #expect(await Self.open(anchored) == .integrity, "\(tables) under the anchor")
    }
  }

  @Test func `P6 No set of tables can be put back together`() async throws {
    let story = try await Self.telling.value
    let changed = story.changed
    var sets: [[StoreTable]] = [
      changed.filter(\.isMetadata), changed.filter { !$0.isMetadata }, changed.filter(\.isLog),
      changed.filter { $0.isMetadata || $0.isLog }, changed.filter { !$0.isLog },
      [.record, .revision, .section, .wrap],
      [.record, .revision, .section, .wrap, .card, .meta], [.account, .meta], [.grant, .manifest],
      [.grant, .manifest, .meta],
      [.meta, .logLeaf, .logTile], [.freeText, .meta],
      [.account, .grant, .manifest, .programme, .meta, .logLeaf, .logTile],
    ]
    for (index, first) in changed.enumerated() {
      for second in changed[(index + 1)...] { sets.append([first, second]) }
    }
    for tables in sets {
      let place = try splice(story) { try putBack(tables, of: story, in: $0) }
      #expect(await Self.verify(place) == .integrity, "\(tables)")
    }
  }

  @Test func `P6 Rows of before give no wrong plaintext to whoever opens the vault all the same`() async throws {
    let story = try await Self.telling.value
    // Bulk ciphertext is not looked at by an opening: it must be refused when it is read.
    for table in [StoreTable.section, .wrap, .card] {
      let place = try splice(story) { try putBack([table], of: story, in: $0) }
      let vault = try await place.open()
      let officer = try story.team.seat(.officer, in: vault)
      #expect(
        await refusal {
          if table == .card {
            _ = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller)
          } else {
            _ = try await vault.readRecord(story.team.records[0], sections: [.identity], by: officer.caller)
          }
        } == .integrity, "\(table)")
      await vault.close()
    }
  }

  // MARK: Files

  @Test func `P6 An older file, an older write-ahead log and one that was cut are refused under the anchor`()
    async throws
  {
    let (team, place) = try await Team.copy()
    // A writer that waits for work for a second empties the log, which is not what is photographed here.
    let vault = try await place.open(change: { $0.writerLimits.idleMilliseconds = 600_000 })
    let officer = try team.seat(.officer, in: vault)
    let log = place.database + "-wal"
    // What lies on the disk while the daemon works: the commits are in the log.
    var photographs: [(database: Data, log: Data)] = []
    for number in 0..<4 {
      _ = try await vault.editRecord(
        team.records[1], patch: json(#"{"contact":{"prs_MailingCity":"House \#(number)"}}"#),
        ifVersion: UInt64(number + 1), by: officer.caller)
      vault.maintain()
      photographs.append(
        (
          try Data(contentsOf: URL(fileURLWithPath: place.database)), try Data(contentsOf: URL(fileURLWithPath: log))
        ))
    }
    let anchor = try Data(contentsOf: URL(fileURLWithPath: place.anchor))
    await vault.close()
    let last = try #require(photographs.last)
    func outcome(_ database: Data, _ wal: Data?) async throws -> VaultError.Code? {
      let copy = try place.copy(withAnchor: false)
      func write(_ data: Data, _ path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        try data.write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      }
      try? FileManager.default.removeItem(atPath: copy.database + "-shm")
      try? FileManager.default.removeItem(atPath: copy.database + "-wal")
      try write(database, copy.database)
      if let wal { try write(wal, copy.database + "-wal") }
      try write(anchor, copy.anchor)
      let verified = await Self.verify(copy)
      let opened = await Self.open(copy)
      #expect(verified == opened)
      return opened
    }
    #expect(try await outcome(last.database, last.log) == nil, "as it was when the power went")
    for photograph in photographs.dropLast() {
      #expect(try await outcome(photograph.database, photograph.log) == .integrity, "file and log of before")
      #expect(try await outcome(last.database, photograph.log) == .integrity, "the log of before")
    }
    #expect(try await outcome(last.database, nil) == .integrity, "the log taken away")
    // Cut at any frame: SQLite reads up to the last whole commit before it.
    let frame = 24 + Schema.pageByteCount
    for cut in stride(from: 32, to: last.log.count - frame, by: 7 * frame) {
      #expect(try await outcome(last.database, last.log.prefix(cut)) == .integrity, "cut at \(cut)")
    }
  }

  @Test
  func `P6 An older anchor in front of the newer file is refused, and so is the older file behind the newer anchor`()
    async throws
  {
    let story = try await Self.telling.value
    func swapped(_ data: VaultPlace, anchor: VaultPlace) throws -> VaultPlace {
      let copy = try data.copy(withAnchor: false)
      try FileManager.default.copyItem(atPath: anchor.anchor, toPath: copy.anchor)
      return copy
    }
    #expect(await Self.open(try swapped(story.before, anchor: story.after)) == .integrity)
    #expect(await Self.open(try swapped(story.after, anchor: story.before)) == .integrity)
    #expect(await Self.verify(try swapped(story.after, anchor: story.before)) == .integrity)
    // Only where a restore sets it aside, it still says how far the log had come.
    func setAside(_ data: VaultPlace) throws -> VaultPlace {
      let copy = try data.copy(withAnchor: false)
      try FileManager.default.copyItem(atPath: story.after.anchor, toPath: copy.anchor + ".before-restore")
      return copy
    }
    #expect(await Self.open(try setAside(story.before)) == .integrity)
    #expect(await Self.verify(try setAside(story.before)) == .integrity)
    #expect(await Self.open(try setAside(story.after)) == nil)
    // What SECURITY.md says: both together from before are a vault like any other, to this host.
    #expect(await Self.open(try swapped(story.before, anchor: story.before)) == nil)
  }

  // MARK: Behind an open vault

  @Test func `P6 A row that is put back behind an open vault's back ends its work`() async throws {
    let (team, place) = try await Team.copy()
    let key = try await place.withVault { vault in vault.trust.accountKey(try name(Person.officer.name)) }
    let then = try #require(try place.rows(.account).first { $0.key == key })
    let vault = try await place.open()
    let administrator = try team.seat(.administrator, in: vault)
    let neighbour = try team.seat(.neighbour, in: vault)
    _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
    _ = try await vault.readRecord(team.neighbourRecord, sections: [], by: neighbour.caller)
    // Genuine, and from before the suspension; with a tool, as the daemon's own user.
    try place.tamperBeside { transaction in
      try transaction.put(.account, key, version: then.version, body: then.body)
    }
    for _ in 0..<2 {
      #expect(await refusal { try await vault.seat(.officer) } == .integrity)
      #expect(
        await refusal { try await vault.readRecord(team.neighbourRecord, sections: [], by: neighbour.caller) }
          == .integrity)
    }
    await vault.close()
    #expect(await Self.verify(place) == .integrity)
    #expect(await Self.open(place) == .integrity)
  }

  /// Until all that was committed lies in the file, as after each lull.
  private func emptied(_ place: VaultPlace) async throws {
    let log = URL(fileURLWithPath: place.database + "-wal")
    for _ in 0..<500 {
      if try Data(contentsOf: log).isEmpty { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("the log was not emptied")
  }

  @Test func `P6 A page that is put back past SQLite ends the work at the next look`() async throws {
    let (team, place) = try await Team.copy()
    let file = URL(fileURLWithPath: place.database)
    let then = try Data(contentsOf: file)
    let vault = try await place.open(change: { $0.writerLimits.idleMilliseconds = 20 })
    let administrator = try team.seat(.administrator, in: vault)
    let neighbour = try team.seat(.neighbour, in: vault)
    _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
    // What is written meanwhile is no reason for doubt.
    async let look = vault.lookAgain()
    for _ in 0..<20 { _ = try await vault.readRecord(team.neighbourRecord, sections: [], by: neighbour.caller) }
    let isWhole = await look
    #expect(isWhole && vault.health.writing == .well)

    let key = vault.trust.accountKey(try name(Person.officer.name))
    let stored = try vault.read("An account") { view in try view.row(.account, key) }
    let row = try #require(stored)
    try await emptied(place)
    let now = try Data(contentsOf: file)
    let offset = try #require(now.range(of: Data(row.body.prefix(64)))?.lowerBound)
    let page = offset / Schema.pageByteCount * Schema.pageByteCount
    try #require(page + Schema.pageByteCount <= then.count)
    let handle = try FileHandle(forWritingTo: file)
    try handle.seek(toOffset: UInt64(page))
    try handle.write(contentsOf: then[page..<page + Schema.pageByteCount])
    try handle.close()

    let isWholeStill = await vault.lookAgain()
    #expect(!isWholeStill && vault.health.writing == .foreign)
    #expect(await refusal { try await vault.seat(.officer) } == .integrity)
    #expect(
      await refusal { try await vault.readRecord(team.neighbourRecord, sections: [], by: neighbour.caller) }
        == .integrity)
    await vault.close()
    #expect(await Self.open(place) == .integrity)
  }

  @Test func `P6 The whole older file written over the living one ends the work at the next look`() async throws {
    let (team, place) = try await Team.copy()
    let file = URL(fileURLWithPath: place.database)
    let then = try Data(contentsOf: file)
    let vault = try await place.open(change: { $0.writerLimits.idleMilliseconds = 20 })
    let administrator = try team.seat(.administrator, in: vault)
    _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
    try await emptied(place)
    let handle = try FileHandle(forWritingTo: file)
    try handle.write(contentsOf: then)
    try handle.close()
    // It is whole in itself, and behind what the vault has committed.
    let isWhole = await vault.lookAgain()
    #expect(!isWhole)
    #expect(await refusal { try await vault.seat(.stranger) } == .integrity)
    await vault.close()
  }

  // MARK: Sessions

  @Test func `P6 A session's token of before means nothing to a daemon that was started since`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let officer = try team.seat(.officer, in: vault)
    _ = try await vault.programmes(by: officer.caller)
    await vault.close()
    #expect(await refusal { try await vault.programmes(by: officer.caller) } != nil)
    try await place.withVault { again in
      #expect(await refusal { try await again.programmes(by: officer.caller) } == .loginNeeded)
      #expect(
        await refusal { try await again.readRecord(team.records[0], sections: [], by: officer.caller) } == .loginNeeded)
    }
  }
}
