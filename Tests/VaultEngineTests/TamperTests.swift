import Foundation
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P6: without the root key, nothing that is stored can be changed, swapped, moved, replayed or removed unnoticed.
///
/// Every change is tried twice on a copy: a verification must call it out, and whoever opens and uses the vault must get
/// either a typed error or exactly what was written.
@Suite struct TamperTests {
  /// A vault with rows in every table that is in use, and its rows as they were some edits before.
  private struct Subject: Sendable {
    let team: Team
    let place: VaultPlace
    let earlier: VaultPlace
    let rows: [StoreTable: [StoredRow]]
    let earlierRows: [StoreTable: [StoredRow]]
    let reading: String
  }

  /// Long enough for a full tile of the log.
  private static let entryCount = 300

  private static let making = Task {
    let (team, place) = try await Team.copy()
    // Something to ask a second person for.
    try await place.withVault { vault in
      let (administrator, supervisor) = try (team.seat(.administrator, in: vault), team.seat(.supervisor, in: vault))
      _ = try await vault.suspend(name(Person.stranger.name), by: administrator.caller)
      _ = try await vault.request(.reinstate(name(Person.stranger.name)), by: administrator.caller)
      _ = try await vault.requestPolicy(
        ApprovalPolicy(stating: [.erase: .init(askers: [.supervisor], approvers: [.supervisor])]), by: supervisor.caller
      )
    }
    let earlier = try place.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let navigators = try programme(Team.navigators)
      _ = try await vault.editRecord(
        team.records[0], patch: json(#"{"identity":{"prs_FirstName":"S."},"contact":{"prs_MailingCity":"Khulna"}}"#),
        ifVersion: 2, by: officer.caller)
      _ = try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret("something else to remember"), by: officer.caller)
      for request in try await vault.requests(by: supervisor.caller).value where request.waitsForCaller {
        _ = try await vault.approve(request.id, digest: request.digest, by: supervisor.caller)
      }
      // Renewed grants: the rows of grants and heads change in place.
      _ = try await vault.grant(
        name(Person.liaison.name), in: navigators, fingerprint: team.fingerprints[Person.liaison.name] ?? "",
        expires: nil, by: supervisor.caller)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<entryCount { group.addTask { _ = try await vault.programmes(by: officer.caller) } }
        try await group.waitForAll()
      }
    }
    var rows: [StoreTable: [StoredRow]] = [:]
    var earlierRows: [StoreTable: [StoredRow]] = [:]
    for table in StoreTable.allCases {
      rows[table] = try place.rows(table)
      earlierRows[table] = try earlier.rows(table)
    }
    let reading = try await TamperTests.read(try place.copy(), team)
    return Subject(
      team: team, place: place, earlier: earlier, rows: rows, earlierRows: earlierRows, reading: reading)
  }

  /// All that this vault can show, to everybody who may see it.
  private static func read(_ place: VaultPlace, _ team: Team) async throws -> String {
    try await place.withVault { vault in
      var lines: [String] = []
      let size = vault.ledger.size - 1
      let officer = try team.seat(.officer, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let neighbour = try team.seat(.neighbour, in: vault)
      for (record, seat) in team.records.map({ ($0, officer) }) + [(team.neighbourRecord, neighbour)] {
        let opened = try await vault.readRecord(record, sections: Section.allCases, by: seat.caller).value
        lines.append("\(opened.id) \(opened.programme) \(opened.version) \(opened.text)")
      }
      for terms in ["shirin", "lakshmi", "stefanescu", "divya", "000123"] {
        let found = try await vault.search(terms, programme: nil, born: nil, limit: nil, by: officer.caller).value
        lines.append("\(terms) \(found.map { "\($0.id) \($0.name) \($0.contactWarning ?? "-")" })")
      }
      let waiting = try await vault.submissions(in: nil, by: officer.caller).value.rows
      lines += waiting.map { "\($0.id) \($0.service) \($0.received) \($0.sections)" }
      let submission = try await vault.readSubmission(team.submission, by: officer.caller).value
      lines += submission.sections.map { "\($0.section) \(String(decoding: $0.json, as: UTF8.self))" }
      let listed = try await vault.records(in: nil, after: nil, limit: 100, by: officer.caller).value.records
      lines += listed.map { "\($0.id) \($0.programme) \($0.version)" }
      lines += try await vault.programmes(by: auditor.caller).value.map { "\($0.id) \($0.title)" }
      let supervisor = try team.seat(.supervisor, in: vault)
      lines += try await vault.requests(by: auditor.caller).value.map {
        "\($0.id) \($0.state) \($0.requester) \($0.digest) \($0.words)"
      }
      lines.append("\(try await vault.approvalPolicy(by: supervisor.caller).value)")
      // A retry of a request that is remembered.
      let again = try await vault.createRecord(
        in: programme(Team.navigators), json(Caseload.shirin), by: officer.caller(key: "first-0"))
      lines.append("\(again.value.id)")
      var filter = Vault.AuditFilter()
      filter.limit = Vault.auditPageMax
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      for audited in entries where audited.index < size {
        let entry = audited.entry
        let words: [String?] = [
          entry.action, entry.account, entry.record, entry.programme, entry.purpose, entry.detail, audited.freeText,
          entry.outcome.rawValue, entry.sections.joined(separator: "+"), entry.results.joined(separator: "+"),
        ]
        lines.append(
          "\(audited.index) \(entry.time) \(words.map { (word: String?) -> String in word ?? "-" }.joined(separator: " "))"
        )
      }
      return lines.joined(separator: "\n")
    }
  }

  private enum Outcome: Equatable {
    case refused(VaultError.Code)
    case same, different
  }

  private static func outcome(_ place: VaultPlace, _ subject: Subject) async -> Outcome {
    var text: String?
    let code = await refusal { text = try await read(place, subject.team) }
    if let code { return .refused(code) }
    return text == subject.reading ? .same : .different
  }

  /// Tries one change on a copy.
  private func expectNoticed(
    _ subject: Subject, _ what: String, _ change: (borrowing WriteTransaction) throws -> Void
  ) async throws {
    let place = try subject.place.copy()
    try place.tamper(change)
    let verification = await refusal { try Vault.verify(directory: place.directory, root: place.root) }
    #expect(verification == .integrity, "\(what): verification")
    let outcome = await Self.outcome(place, subject)
    #expect(outcome == .refused(.integrity) || outcome == .same, "\(what): use")
  }

  /// First, middle and last.
  private func samples(_ rows: [StoredRow]) -> [StoredRow] {
    guard let first = rows.first, let last = rows.last else { return [] }
    return rows.count < 3 ? rows : [first, rows[rows.count / 2], last]
  }

  private func flipped(_ bytes: [UInt8], at position: Int) -> [UInt8] {
    var bytes = bytes
    bytes[position] ^= 1 << UInt8(position % 8)
    return bytes
  }

  @Test(arguments: StoreTable.allCases)
  func `P6 No column of any table can be changed unnoticed`(table: StoreTable) async throws {
    let subject = try await Self.making.value
    let rows = try #require(subject.rows[table])
    try #require(!rows.isEmpty)
    for (number, row) in samples(rows).enumerated() {
      let (key, last) = (row.key, row.body.count - 1)
      // Every part of an envelope in one row; its beginning or its end in the others.
      let positions = number == 1 ? [0, 1, 9, 40, 70, last / 2, last] : [number == 0 ? 0 : last]
      for position in Set(positions.map { min($0, last) }).sorted() {
        try await expectNoticed(subject, "\(table) row \(number): body byte \(position)") { transaction in
          try transaction.put(table, key, version: row.version, body: flipped(row.body, at: position))
        }
      }
      try await expectNoticed(subject, "\(table) row \(number): key") { transaction in
        try transaction.delete(table, key)
        try transaction.put(
          table, flipped(key, at: number == 0 ? 0 : key.count - 1), version: row.version, body: row.body)
      }
      try await expectNoticed(subject, "\(table) row \(number): version") { transaction in
        try transaction.put(table, key, version: row.version + 1, body: row.body)
      }
    }
  }

  @Test(arguments: StoreTable.allCases)
  func `P6 No row can be removed, doubled, cut, extended or swapped unnoticed`(table: StoreTable) async throws {
    let subject = try await Self.making.value
    let rows = try #require(subject.rows[table])
    for (number, row) in samples(rows).enumerated() {
      try await expectNoticed(subject, "\(table) row \(number): removed") { transaction in
        try transaction.delete(table, row.key)
      }
      guard number == 0 else { continue }
      try await expectNoticed(subject, "\(table) row \(number): doubled") { transaction in
        try transaction.put(table, flipped(row.key, at: row.key.count - 1) + [0], version: row.version, body: row.body)
      }
      try await expectNoticed(subject, "\(table) row \(number): cut") { transaction in
        try transaction.put(
          table, row.key, version: row.version, body: Array(row.body.prefix(max(1, row.body.count / 2))))
      }
      try await expectNoticed(subject, "\(table) row \(number): extended") { transaction in
        try transaction.put(table, row.key, version: row.version, body: row.body + [0])
      }
    }
    guard let first = rows.first, let last = rows.last, rows.count > 1 else { return }
    try await expectNoticed(subject, "\(table): bodies swapped") { transaction in
      try transaction.put(table, first.key, version: first.version, body: last.body)
      try transaction.put(table, last.key, version: last.version, body: first.body)
    }
    try await expectNoticed(subject, "\(table): rows swapped") { transaction in
      try transaction.put(table, first.key, version: last.version, body: last.body)
      try transaction.put(table, last.key, version: first.version, body: first.body)
    }
    try await expectNoticed(subject, "\(table): all removed") { transaction in
      for row in rows { try transaction.delete(table, row.key) }
    }
  }

  @Test func `P6 No row can be moved into another table unnoticed`() async throws {
    let subject = try await Self.making.value
    for (from, to) in [
      (StoreTable.record, StoreTable.revision), (.section, .wrap), (.wrap, .section), (.card, .section),
      (.account, .grant), (.logLeaf, .logTile), (.freeText, .card), (.approval, .account),
    ] {
      let row = try #require(subject.rows[from]?.first)
      try await expectNoticed(subject, "\(from) moved to \(to)") { transaction in
        try transaction.delete(from, row.key)
        try transaction.put(to, row.key, version: row.version, body: row.body)
      }
    }
  }

  @Test func `P6 No older row can be played back unnoticed`() async throws {
    let subject = try await Self.making.value
    var replayed: Set<StoreTable> = []
    for table in StoreTable.allCases {
      let now = Dictionary(uniqueKeysWithValues: (subject.rows[table] ?? []).map { ($0.key, $0) })
      let changed = (subject.earlierRows[table] ?? []).filter { now[$0.key] != nil && now[$0.key] != $0 }
      for row in samples(changed) {
        replayed.insert(table)
        try await expectNoticed(subject, "\(table): older row") { transaction in
          try transaction.put(table, row.key, version: row.version, body: row.body)
        }
        try await expectNoticed(subject, "\(table): older body under the newer version") { transaction in
          try transaction.put(table, row.key, version: #require(now[row.key]).version, body: row.body)
        }
      }
      // The whole table as it was.
      guard !changed.isEmpty || now.count != subject.earlierRows[table]?.count else { continue }
      try await expectNoticed(subject, "\(table): the whole older table") { transaction in
        for row in subject.rows[table] ?? [] { try transaction.delete(table, row.key) }
        for row in subject.earlierRows[table] ?? [] {
          try transaction.put(table, row.key, version: row.version, body: row.body)
        }
      }
    }
    #expect(replayed.isSuperset(of: [.meta, .account, .manifest, .grant, .record, .card]))
  }

  @Test func `P6 An older copy of the database behind its anchor is refused`() async throws {
    let subject = try await Self.making.value
    let place = try subject.earlier.copy()
    // As it was, with its own anchor: a vault like any other.
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == nil)
    try FileManager.default.removeItem(atPath: place.anchor)
    try FileManager.default.copyItem(atPath: subject.place.anchor, toPath: place.anchor)
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == .integrity)
    #expect(await refusal { try await place.withVault { _ in } } == .integrity)
  }

  @Test func `P6 A history that forked behind its anchor is refused`() async throws {
    let subject = try await Self.making.value
    let place = try subject.earlier.copy()
    // The same vault went on differently, and further than the anchor.
    try await place.withVault { vault in
      let officer = try subject.team.seat(.officer, in: vault)
      for _ in 0..<Self.entryCount + 20 { _ = try await vault.programmes(by: officer.caller) }
    }
    try FileManager.default.removeItem(atPath: place.anchor)
    try FileManager.default.copyItem(atPath: subject.place.anchor, toPath: place.anchor)
    #expect(await refusal { try await place.withVault { _ in } } == .integrity)
  }

  @Test func `P6 Another vault's root key, rows and anchor are refused`() async throws {
    let subject = try await Self.making.value
    let other = try await VaultPlace.founded()
    let place = try subject.place.copy()
    #expect(await refusal { try await place.open(root: other.root) } == .integrity)
    for table in [StoreTable.meta, .account] {
      let rows = try other.rows(table)
      try await expectNoticed(subject, "\(table) of another vault") { transaction in
        for row in rows { try transaction.put(table, row.key, version: row.version, body: row.body) }
      }
    }
    try FileManager.default.removeItem(atPath: place.anchor)
    try FileManager.default.copyItem(atPath: other.anchor, toPath: place.anchor)
    #expect(await refusal { try await place.open() } == .integrity)
  }

  @Test func `P6 An anchor that was altered is refused`() async throws {
    let subject = try await Self.making.value
    let anchor = try #require(FileManager.default.contents(atPath: subject.place.anchor))
    for position in stride(from: 0, to: anchor.count, by: 11) {
      let place = try subject.place.copy(withAnchor: false)
      try Data(flipped([UInt8](anchor), at: position)).write(to: URL(fileURLWithPath: place.anchor))
      #expect(
        await refusal { try Vault.verify(directory: place.directory, root: place.root) } == .integrity, "\(position)")
    }
  }

  @Test func `P6 A flipped byte of the file itself is noticed or changes nothing that can be read`() async throws {
    let subject = try await Self.making.value
    let bytes = [UInt8](try #require(FileManager.default.contents(atPath: subject.place.database)))
    var random = Shuffled(state: 20_261_123)
    var noticed = 0
    let count = 60
    for number in 0..<count {
      // The header and the first pages, then anywhere.
      let position = number < 12 ? number * 37 : Int(random.next() % UInt64(bytes.count))
      let place = try subject.place.copy()
      try Data(flipped(bytes, at: position)).write(to: URL(fileURLWithPath: place.database))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: place.database)
      let verification = await refusal { try Vault.verify(directory: place.directory, root: place.root) }
      if verification != nil { noticed += 1 }
      let outcome = await Self.outcome(place, subject)
      #expect(outcome != .different, "byte \(position)")
      if verification == nil { #expect(outcome == .same, "byte \(position)") }
    }
    // The rest fell into free space of pages, which holds nothing.
    #expect(noticed > count / 3)
  }

  /// splitmix64 (Steele, Lea, Flood 2014): the same offsets in every run.
  private struct Shuffled: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }
}
