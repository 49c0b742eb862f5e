import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P9: what a restore of an older backup must not undo stands in a file on another medium, which tells nobody anything
/// and in which nothing can be altered.
@Suite struct JournalTests {
  /// A vault with a journal beside it, and how the journal stood when the copy was made.
  private struct Kept: Sendable {
    let team: Team
    let place: VaultPlace
    let path: String
    let backup: JournalChain
    let bytes: [UInt8]
    let keys: StoreKeys
  }

  private func open(_ place: VaultPlace, _ path: String) async throws -> Vault {
    try await place.open(change: { $0.journalPath = path })
  }

  private func journal(_ place: VaultPlace) -> String { place.directory + "-elsewhere.journal" }

  private func kept() async throws -> Kept {
    let (team, place) = try await Team.copy()
    let path = journal(place)
    let first = try await open(place, path)
    await first.close()
    let vault = try await open(place, path)
    let backup = vault.ledger.journalChain
    let supervisor = try team.seat(.supervisor, in: vault)
    let administrator = try team.seat(.administrator, in: vault)
    _ = try await vault.revoke(name(Person.liaison.name), in: programme(Team.navigators), by: supervisor.caller)
    _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
    _ = await refusal { try await vault.suspend(name(Person.officer.name), by: administrator.caller) }
    let keys = vault.keys
    await vault.close()
    return Kept(
      team: team, place: place, path: path, backup: backup, bytes: try bytes(path), keys: keys)
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try #require(FileManager.default.contents(atPath: path)))
  }

  private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
  }

  @Test func `P9 What was revoked and suspended since a backup is read from the journal, and what was refused is not`()
    async throws
  {
    let kept = try await kept()
    let read = try JournalReading([kept.bytes], after: kept.backup, with: kept.keys)
    #expect(read.suspended == [try name(Person.officer.name)])
    #expect(read.revoked[try name(Person.liaison.name)] == [try programme(Team.navigators)])
    #expect(read.erased.isEmpty && !read.isTorn && !read.hasGap)
    #expect(read.newestCheckpoint != nil)
    #expect(read.reach?.size == (try await kept.place.withVault { $0.ledger.size - 2 }))
    // Everything, for a backup from before there was a journal.
    #expect(try JournalReading([kept.bytes], after: JournalChain(), with: kept.keys).events.count > read.events.count)
  }

  @Test func `P9 A line is in the file before its event is answered, and shows neither a name nor what happened`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let vault = try await open(place, journal(place))
    let administrator = try team.seat(.administrator, in: vault)
    let before = lines(try bytes(journal(place)))
    _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
    let after = lines(try bytes(journal(place)))
    #expect(after.count == before.count + 1)
    let text = String(decoding: try bytes(journal(place)), as: UTF8.self)
    #expect(!text.contains(Person.officer.name) && !text.contains("suspend"))
    // The same length whoever it is about.
    _ = try await vault.suspend(name(Person.liaison.name), by: administrator.caller)
    let third = lines(try bytes(journal(place)))
    #expect(third.last?.count == after.last?.count)
    await vault.close()
  }

  @Test func `P9 A journal that was altered, cut, reordered, doubled or is another vault's is refused`() async throws {
    let kept = try await kept()
    let lines = lines(kept.bytes)
    try #require(lines.count >= 5)
    func refused(_ parts: [[UInt8]], _ what: String) async {
      let code = await refusal { try JournalReading([Array(parts.joined())], after: kept.backup, with: kept.keys) }
      #expect(code == .integrity, "\(what)")
    }
    for number in lines.indices {
      if number > 0, number < lines.count - 1 {
        var cut = lines
        cut.remove(at: number)
        await refused(cut, "without line \(number)")
      }
      var flipped = lines
      flipped[number][30] = flipped[number][30] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      await refused(flipped, "line \(number) altered")
      if number > 0 {
        var swapped = lines
        swapped.swapAt(number, number - 1)
        await refused(swapped, "line \(number) swapped")
      }
      await refused(Array(lines[...number]) + Array(lines[number...]), "line \(number) doubled")
    }
    let known = Int(kept.backup.durable.count)
    await refused(Array(lines[..<(known - 1)]), "cut before the backup")
    await refused(Array(lines[(known + 1)...]), "its beginning cut away")
    await refused([], "empty")
    await refused([Array("1 bm9uc2Vuc2U=\n".utf8)], "nonsense")
    let other = try await self.kept()
    await refused(self.lines(other.bytes), "another vault's")
  }

  @Test func `P9 A line of another branch of the same vault does not fit into the journal`() async throws {
    let (team, place) = try await Team.copy()
    let first = try await open(place, journal(place))
    let (keys, backup) = (first.keys, first.ledger.journalChain)
    await first.close()
    // The same vault twice, as after a copy of everything: both go on, and write lines of the same numbers.
    let other = try place.copy()
    try FileManager.default.copyItem(atPath: journal(place), toPath: journal(other))
    var branches: [[[UInt8]]] = []
    for (place, person) in [(place, Person.officer), (other, Person.liaison)] {
      let vault = try await open(place, journal(place))
      let administrator = try team.seat(.administrator, in: vault)
      _ = try await vault.suspend(name(person.name), by: administrator.caller)
      await vault.close()
      let lines = lines(try bytes(journal(place)))
      #expect(try JournalReading([Array(lines.joined())], after: backup, with: keys).suspended.count == 1)
      branches.append(lines)
    }
    try #require(branches[0].count == branches[1].count)
    let fork = try #require(branches[0].indices.first { branches[0][$0] != branches[1][$0] })
    for place in fork..<branches[0].count - 1 {
      let mixed = Array(branches[0][...place]) + Array(branches[1][(place + 1)...])
      #expect(
        await refusal { try JournalReading([Array(mixed.joined())], after: backup, with: keys) } == .integrity,
        "from line \(place + 1)")
    }
  }

  @Test func `P9 A last line that was not finished is left out, and the next daemon goes on in its place`() async throws
  {
    let kept = try await kept()
    let torn = Array(kept.bytes.dropLast(20))
    let read = try JournalReading([torn], after: kept.backup, with: kept.keys)
    #expect(read.isTorn)
    try Data(kept.bytes + Array("9 aGFsZiBhIGxpbmU".utf8)).write(to: URL(fileURLWithPath: kept.path))
    let vault = try await open(kept.place, kept.path)
    #expect(vault.health.journal == .ok)
    await vault.close()
    let whole = try JournalReading([bytes(kept.path)], after: kept.backup, with: kept.keys)
    #expect(!whole.isTorn && whole.suspended.count == 1)
  }

  @Test func `P9 A journal that cannot be written stops nothing, is told, and gets its lines when it can be again`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let path = journal(place) + ".d/journal"
    let vault = try await open(place, path)
    let administrator = try team.seat(.administrator, in: vault)
    let auditor = try team.seat(.auditor, in: vault)
    let backup = vault.ledger.journalChain
    _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
    #expect(vault.health.journal == .failing)
    #expect(vault.healthChanges().contains(.journal(.failing)))
    await vault.outbox.emptied()
    var filter = Vault.AuditFilter()
    filter.action = Action.journalState.rawValue
    #expect(try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry.detail) == ["failing"])
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    vault.maintain()
    await vault.journal?.settled()
    #expect(vault.health.journal == .ok)
    let keys = vault.keys
    await vault.close()
    #expect(try JournalReading([bytes(path)], after: backup, with: keys).suspended.count == 1)
  }

  @Test func `P9 A line that a crash kept from the file is written by the next daemon`() async throws {
    let (team, place) = try await Team.copy()
    let path = journal(place)
    // Committed, and never written: the journal's directory was away.
    let vault = try await open(place, path + ".away/journal")
    let administrator = try team.seat(.administrator, in: vault)
    let backup = vault.ledger.journalChain
    _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
    let keys = vault.keys
    await vault.close()
    let next = try await open(place, path)
    #expect(next.health.journal == .ok)
    await next.close()
    #expect(try JournalReading([bytes(path)], after: backup, with: keys).suspended.count == 1)
  }

  @Test
  func `P9 A journal that is not this vault's, or lost lines, is not written to, and work without one leaves a gap`()
    async throws
  {
    let kept = try await kept()
    let cut = Array(lines(kept.bytes).dropLast(2).joined())
    try Data(cut).write(to: URL(fileURLWithPath: kept.path))
    let vault = try await open(kept.place, kept.path)
    #expect(vault.health.journal == .foreign)
    await vault.close()
    #expect(try bytes(kept.path) == cut)
    try Data(kept.bytes).write(to: URL(fileURLWithPath: kept.path))
    // Without a journal something happens; with it again, the journal says that it does not know.
    let silent = try await kept.place.open()
    let administrator = try kept.team.seat(.administrator, in: silent)
    _ = try await silent.suspend(name(Person.analyst.name), by: administrator.caller)
    await silent.close()
    let again = try await open(kept.place, kept.path)
    await again.close()
    let read = try JournalReading([bytes(kept.path)], after: kept.backup, with: kept.keys)
    #expect(read.hasGap)
  }
}
