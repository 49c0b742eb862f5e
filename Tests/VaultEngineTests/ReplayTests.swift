import AccessLog
import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P9: whatever took access away after a backup was made holds in the vault that a restore makes of it. Each test does it
/// to a vault with a journal, loses that vault, and looks at the restored one.
@Suite struct ReplayTests {
  private let navigators: ProgrammeID

  init() throws { navigators = try programme(Team.navigators) }

  private struct Restored {
    let team: Team
    let place: VaultPlace
    let report: Vault.SuccessionReport
    let vault: Vault
  }

  /// - Parameters:
  ///   - before: done to the vault before its backup.
  ///   - since: done after it, and lost but for the journal.
  private func restore(
    before: (Vault, Team) async throws -> Void = { _, _ in }, since: (Vault, Team) async throws -> Void
  ) async throws -> Restored {
    let (team, place) = try await Team.copy()
    let path = place.directory + "-elsewhere.journal"
    let first = try await place.open(change: { $0.journalPath = path })
    try await before(first, team)
    await first.close()
    let backup = try place.copy(withAnchor: false)
    let second = try await place.open(change: { $0.journalPath = path })
    try await since(second, team)
    await second.close()
    var source = Vault.SuccessionSource(backup: [UInt8](repeating: 7, count: 32))
    source.journals = [[UInt8](try #require(FileManager.default.contents(atPath: path)))]
    let report = try await Vault.succeed(
      directory: backup.directory, root: backup.root, source: source, anchorPath: backup.anchor,
      clock: backup.clock.vaultClock)
    #expect(await refusal { try Vault.verify(directory: backup.directory, root: backup.root) } == nil)
    let vault = try await backup.open()
    for person in [Person.supervisor, .auditor] {
      _ = try await vault.acceptRestore(report.succession.hash, by: team.seat(person, in: vault).caller)
    }
    return Restored(team: team, place: backup, report: report, vault: vault)
  }

  /// Closes the vault, and holds what was written to it to its signatures.
  private func end(_ restored: Restored) async {
    await restored.vault.close()
    #expect(await refusal { try Vault.verify(directory: restored.place.directory, root: restored.place.root) } == nil)
  }

  private func reads(_ record: RecordID, _ seat: Seat) async -> VaultError.Code? {
    await refusal { try await seat.vault.readRecord(record, sections: [.identity], by: seat.caller) }
  }

  private func finds(_ terms: String, _ seat: Seat) async throws -> [RecordID] {
    try await seat.vault.search(terms, programme: nil, born: nil, limit: nil, by: seat.caller).value.map(\.id)
  }

  // MARK: Records

  @Test func `P9 Who was barred since the backup stays barred, and who was let in again is not`() async throws {
    let officerName = try name(Person.officer.name)
    let restored = try await restore(
      before: { vault, team in
        _ = try await vault.bar(officerName, from: team.records[2], by: team.seat(.supervisor, in: vault).caller)
      },
      since: { vault, team in
        let supervisor = try team.seat(.supervisor, in: vault)
        for record in team.records.prefix(2) {
          _ = try await vault.bar(officerName, from: record, by: supervisor.caller)
        }
        for record in team.records[1...2] {
          _ = try await vault.unbar(officerName, from: record, by: supervisor.caller)
        }
      })
    let (team, vault) = (restored.team, restored.vault)
    #expect(Set(restored.report.closed) == [team.records[0], team.records[2]])
    let officer = try team.seat(.officer, in: vault)
    #expect(await reads(team.records[0], officer) == .notFound)
    #expect(try await finds("shirin", officer).isEmpty)
    #expect(await reads(team.records[1], officer) == nil)
    #expect(await reads(team.records[2], officer) == nil)
    #expect(await reads(team.records[0], try team.seat(.liaison, in: vault)) == nil)
    await end(restored)
  }

  @Test func `P9 A record that was kept to named people since the backup is, and is sealed for them when one is there`()
    async throws
  {
    let restored = try await restore(since: { vault, team in
      _ = try await vault.restrict(
        team.records[0], to: [name(Person.officer.name)], by: team.seat(.supervisor, in: vault).caller)
    })
    let (team, vault, record) = (restored.team, restored.vault, restored.team.records[0])
    #expect(restored.report.closed == [record])
    let (supervisor, liaison) = (try team.seat(.supervisor, in: vault), try team.seat(.liaison, in: vault))
    func closed() async throws {
      for seat in [supervisor, liaison] {
        #expect(await reads(record, seat) == .denied)
        #expect(try await finds("shirin", seat).isEmpty)
      }
    }
    try await closed()
    // Nobody is there who is named: it waits.
    await vault.endExceptions()
    let waiting = try #require(try vault.recordHead(record)?.head)
    #expect(waiting.terms.named == [try name(Person.officer.name)] && waiting.cards.isEmpty)
    #expect(waiting.terms.stale == Set(Section.allCases))
    let officer = try team.seat(.officer, in: vault)
    #expect(await reads(record, officer) == nil)
    await vault.endExceptions()
    let head = try #require(try vault.recordHead(record)?.head)
    #expect(head.terms.stale.isEmpty)
    #expect(
      head.parts.allSatisfy { part in
        if case .compartment = part.recipient { false } else { true }
      })
    #expect(await reads(record, officer) == nil)
    #expect(try await finds("shirin", officer) == [record])
    try await closed()
    await end(restored)
  }

  @Test func `P9 A restriction to fewer people holds, and nobody is given what cannot be opened any more`() async throws
  {
    let (officerName, liaisonName) = (try name(Person.officer.name), try name(Person.liaison.name))
    let supervisorName = try name(Person.supervisor.name)
    let restored = try await restore(
      before: { vault, team in
        let supervisor = try team.seat(.supervisor, in: vault)
        for record in team.records.prefix(2) {
          _ = try await vault.restrict(record, to: [officerName, supervisorName], by: supervisor.caller)
        }
      },
      since: { vault, team in
        let supervisor = try team.seat(.supervisor, in: vault)
        _ = try await vault.restrict(team.records[0], to: [supervisorName, liaisonName], by: supervisor.caller)
        _ = try await vault.unrestrict(team.records[1], by: supervisor.caller)
      })
    let (team, vault) = (restored.team, restored.vault)
    let officer = try team.seat(.officer, in: vault)
    let supervisor = try team.seat(.supervisor, in: vault)
    let liaison = try team.seat(.liaison, in: vault)
    #expect(await reads(team.records[0], officer) == .notFound)
    #expect(await reads(team.records[0], supervisor) == nil)
    // By the supervisor's key, for the one who was named since.
    await vault.endExceptions()
    #expect(await reads(team.records[0], liaison) == nil)
    #expect(await reads(team.records[0], officer) == .notFound)
    let head = try #require(try vault.recordHead(team.records[0])?.head)
    #expect(!head.parts.contains { $0.recipient == .person(officerName) })
    // What was given back to the programme since is as the backup has it.
    #expect(await reads(team.records[1], officer) == nil)
    #expect(await reads(team.records[1], liaison) == .denied)
    await end(restored)
  }

  @Test func `P9 A referral that was ended since the backup stays ended, and one that shows less shows no more`()
    async throws
  {
    func refer(_ record: RecordID, _ sections: [Section], _ vault: Vault, _ team: Team) async throws {
      _ = try await vault.refer(
        record, to: Team.harbour, sections: sections, until: vault.clock.now().adding(seconds: 86_400),
        by: team.seat(.officer, in: vault).caller)
    }
    let restored = try await restore(
      before: { vault, team in
        for record in team.records.prefix(3) { try await refer(record, [.identity, .legal], vault, team) }
      },
      since: { vault, team in
        let officer = try team.seat(.officer, in: vault)
        _ = try await vault.unrefer(team.records[0], from: Team.harbour, by: officer.caller)
        try await refer(team.records[1], [.legal, .contact], vault, team)
      })
    let (team, vault) = (restored.team, restored.vault)
    #expect(restored.report.closed.count == 2)
    let neighbour = try team.seat(.neighbour, in: vault)
    #expect(await reads(team.records[0], neighbour) == .denied)
    #expect(await reads(team.records[1], neighbour) == .denied)
    #expect(await reads(team.records[2], neighbour) == nil)
    let narrowed = try #require(try vault.recordHead(team.records[1])?.head)
    #expect(narrowed.terms.referrals.map(\.sections) == [[.legal]])
    // Their wraps are gone, and new keys come with the first who may write.
    let head = try #require(try vault.recordHead(team.records[0])?.head)
    #expect(head.terms.referrals.isEmpty && head.terms.stale == [.identity, .legal])
    #expect(head.parts.allSatisfy { head.isStanding($0) })
    let officer = try team.seat(.officer, in: vault)
    await vault.endExceptions()
    #expect(try #require(try vault.recordHead(team.records[0])?.head).terms.stale.isEmpty)
    #expect(await reads(team.records[0], officer) == nil)
    await end(restored)
  }

  @Test func `P9 A record that was erased since the backup is erased, and says so afterwards`() async throws {
    let restored = try await restore(since: { vault, team in
      let officer = try team.seat(.officer, in: vault)
      let asked = try await vault.request(.erase(team.records[0]), by: officer.caller).value
      _ = try await vault.approve(
        asked.id, digest: asked.digest, by: team.seat(.supervisor, in: vault).caller)
      #expect(await reads(team.records[0], officer) == .erased)
    })
    let (team, vault) = (restored.team, restored.vault)
    #expect(restored.report.erased == [team.records[0]])
    let officer = try team.seat(.officer, in: vault)
    #expect(await reads(team.records[0], officer) == .erased)
    #expect(try await finds("shirin", officer).isEmpty)
    guard
      case .tombstone(let tombstone) = try vault.read("", { view in try vault.recordPlace(team.records[0], in: view) })
    else {
      Issue.record("no tombstone")
      return
    }
    #expect(tombstone.cause == .restore(log: 2) && tombstone.rest == 0)
    #expect(try Tombstone(decoding: tombstone.bytes).cause == tombstone.cause)
    var filter = AuditFilter()
    filter.action = Action.vaultReplay.rawValue
    let entries = try await vault.auditEntries(filter, by: team.seat(.auditor, in: vault).caller).value.entries
    #expect(entries.map(\.entry.detail) == ["erase"] && entries.first?.entry.record == team.records[0].description)
    await end(restored)
    // The two sign how many: a further record cannot be made to vanish as if a restore had.
    let forger = try Forger(restored.place)
    try forger.forge { transaction in
      let key = RecordRows.recordKey(forger.keys, team.records[1])
      let forged = Tombstone(
        record: team.records[1], programme: navigators, erased: restored.place.clock.now, cause: .restore(log: 2),
        rest: 0)
      try forger.put(.record, key, forged.bytes, in: transaction)
      try transaction.delete(.revision, RecordRows.revisionKey(forger.keys, team.records[1], version: 1))
      for table in [StoreTable.section, .wrap, .card] {
        for row in try transaction.rows(table, prefix: forger.keys.recordPrefix(team.records[1]), limit: .max) {
          try transaction.delete(table, row.key)
        }
      }
    }
    #expect(
      await refusal { try Vault.verify(directory: restored.place.directory, root: restored.place.root) } == .integrity)
  }

  // MARK: Accounts

  @Test func `P9 A passphrase that was changed since the backup opens nothing, and the new one does`() async throws {
    let phrase = "una frase nueva, más larga"
    let restored = try await restore(since: { vault, team in
      _ = try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret(phrase), by: team.seat(.officer, in: vault).caller)
    })
    #expect(restored.report.renewed == [try name(Person.officer.name)])
    #expect(await refusal { try await restored.vault.seat(.officer) } == .loginFailed)
    let officer = try await restored.vault.seat(.officer, passphrase: phrase)
    #expect(await reads(restored.team.records[0], officer) == nil)
    await end(restored)
  }

  @Test func `P9 Keys that were replaced since the backup open nothing, until two people let the person in`()
    async throws
  {
    let restored = try await restore(
      before: { vault, team in
        _ = try await vault.request(.erase(team.records[1]), by: team.seat(.officer, in: vault).caller)
      },
      since: { vault, team in
        let administrator = try team.seat(.administrator, in: vault)
        for person in [Person.officer, .liaison] {
          let code = try await vault.replaceAccount(name(person.name), by: administrator.caller).value.code
          guard person.name == Person.liaison.name else { continue }
          _ = try await vault.enrol(
            person.name, code: code.text, passphrase: secret("the inspector's new phrase"), by: person.caller())
        }
      })
    let (team, vault) = (restored.team, restored.vault)
    // What the old keys had asked for is void, as it was.
    #expect(try await vault.requests(by: team.seat(.supervisor, in: vault).caller).value.isEmpty)
    // Neither by the passphrase nor by the keys themselves.
    for person in [Person.officer, .liaison] {
      #expect(await refusal { try await vault.seat(person) } == .loginFailed)
      let account = try #require(try vault.read("") { view in try vault.trust.account(name(person.name), in: view) })
      let secrets = team.secrets[person.name]
      let stolen = Session(
        account: account, certificate: try #require(account.earlier.first), uid: person.uid,
        secrets: secrets, opened: vault.clock.now(),
        bootNow: vault.clock.bootNanoseconds())
      #expect(try vault.memberships(of: stolen).0.isEmpty)
    }
    // Who had enrolled anew logs in with that, and waits for a grant.
    let liaison = try await vault.seat(.liaison, passphrase: "the inspector's new phrase")
    #expect(try liaison.session.programmes.isEmpty)
    // Who had not gets another code.
    let administrator = try team.seat(.administrator, in: vault)
    let code = try await vault.replaceAccount(name(Person.officer.name), by: administrator.caller).value.code
    let words = try await vault.enrol(
      Person.officer.name, code: code.text, passphrase: secret("a new phrase, long"), by: Person.officer.caller()
    ).fingerprint.words
    _ = try await vault.grant(
      name(Person.officer.name), in: navigators, fingerprint: words, expires: nil,
      by: team.seat(.supervisor, in: vault).caller)
    #expect(try await !vault.seat(.officer, passphrase: "a new phrase, long").session.programmes.isEmpty)
    await end(restored)
  }

  @Test
  func `P9 An account that was suspended after its passphrase changed, or replaced by somebody unknown, is shut out`()
    async throws
  {
    let phrase = "पर्याप्त लंबा नया वाक्य"
    let second = Person(name: "second-administrator", role: .administrator, uid: 1020)
    let restored = try await restore(since: { vault, team in
      let administrator = try team.seat(.administrator, in: vault)
      _ = try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret(phrase), by: team.seat(.officer, in: vault).caller)
      _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
      // Whom the backup does not know.
      try await vault.inviteAndEnrol(second, by: administrator)
      _ = try await vault.replaceAccount(name(Person.liaison.name), by: vault.seat(second).caller)
    })
    let vault = restored.vault
    #expect(Set(restored.report.suspended) == [try name(Person.officer.name), try name(Person.liaison.name)])
    #expect(await refusal { try await vault.seat(.officer) } == .loginFailed)
    #expect(await refusal { try await vault.seat(.officer, passphrase: phrase) } == .loginFailed)
    #expect(await refusal { try await vault.seat(.liaison) } == .loginFailed)
    let administrator = try restored.team.seat(.administrator, in: vault)
    #expect(
      await refusal { try await vault.replaceAccount(name(Person.liaison.name), by: administrator.caller) }
        == .conflict)
    await end(restored)
  }

  @Test func `P9 A recovery since the backup is undone, and whoever restores or accepts is told so`() async throws {
    let (household, place) = try await Household.copy()
    let path = place.directory + "-elsewhere.journal"
    await (try await place.open(change: { $0.journalPath = path })).close()
    let backup = try place.copy(withAnchor: false)
    let after = try await place.recover(with: household.seed, root: place.root, renewsRoot: false)
    let between = try place.copy(withAnchor: false)
    // While shares are used no daemon runs: the next one writes the line.
    await (try await place.open(root: after.root, change: { $0.journalPath = path })).close()
    var source = Vault.SuccessionSource(backup: [UInt8](repeating: 7, count: 32))
    source.journals = [[UInt8](try #require(FileManager.default.contents(atPath: path)))]
    func succeed(_ copy: VaultPlace) async throws -> Vault.SuccessionReport {
      try await Vault.succeed(
        directory: copy.directory, root: after.root, source: source, anchorPath: copy.anchor,
        clock: copy.clock.vaultClock)
    }
    let report = try await succeed(backup)
    #expect(report.succession.replay.recovered == 1)
    #expect(report.recoveredWords?.contains("UNDONE") == true)
    #expect(try Succession(decoding: report.succession.bytes) == report.succession)
    let vault = try await backup.open()
    let asked = try await vault.acceptRestore(report.succession.hash, by: vault.seat(.supervisor).caller).value
    let words = try await vault.showRequest(asked.id, by: vault.seat(.auditor).caller).value.words
    #expect(words.contains { $0.contains("UNDONE") && $0.contains("recover again") })
    await vault.close()
    // A backup from after it, although the line was written later still.
    let newer = try await succeed(between)
    #expect(newer.succession.replay.recovered == 0 && newer.recoveredWords == nil)
  }
}
