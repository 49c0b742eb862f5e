import AccessLog
import Foundation
import Synchronization
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P8: after somebody has left, their keys open nothing of what comes later, and what was there comes under new keys.
@Suite struct RekeyTests {
  /// Everything that a dishonest leaver takes along: account keys, the compartments' secrets of their time, and the
  /// section keys' worth of it, that is, the wraps' keys.
  private struct Loot {
    let secrets: AccountSecrets
    let keys: [Compartment: [UInt64: CompartmentKey]]

    init(_ team: Team, _ person: Person, _ vault: Vault) throws {
      secrets = try #require(team.secrets[person.name])
      let session = try team.seat(person, in: vault).session
      var keys: [Compartment: [UInt64: CompartmentKey]] = [:]
      for id in [Team.navigators, Team.harbour] {
        for compartment in try Vault.compartments(of: programme(id)) {
          keys[compartment] = session.held(compartment)?.keys
        }
      }
      keys[.audit] = session.held(.audit)?.keys
      self.keys = keys
    }

    /// Under the epoch that a body names, and under every other one for a leaver who renames their keys.
    func attempts(_ compartment: Compartment) -> [[UInt64: CompartmentKey]] {
      let held = keys[compartment] ?? [:]
      return [held] + held.values.map { key in Dictionary(uniqueKeysWithValues: (1...9).map { (UInt64($0), key) }) }
    }
  }

  /// What the loot opens of a whole database with its root key: newest parts, older ones, cards, grants, log entries.
  private struct Opened {
    var newest: Set<String> = []
    var older: Set<String> = []
    var cards: Set<String> = []
    var grants = 0
    var entries: Set<UInt64> = []
  }

  private func open(_ vault: Vault, with loot: Loot, authors: [VerifyingKey]) throws -> Opened {
    var opened = Opened()
    try vault.store.read { view in
      var heads: [RecordHead] = []
      try view.forEach(.record) { heads.append(try RecordHead(decoding: vault.keys.openMetadata($0, table: .record))) }
      let newest = Set(heads.flatMap { head in head.parts.map { "\(head.id) \($0.section) \($0.version)" } })
      try view.forEach(.revision) { row in
        let revision = try RecordHead(decoding: vault.keys.openMetadata(row, table: .revision))
        for part in revision.parts {
          let key = RecordRows.sectionKey(vault.keys, revision.id, part.section, version: part.version)
          guard let body = try view.row(.section, key),
            let wrap = try view.row(.wrap, RecordRows.wrapKey(vault.keys, revision.id, part))
          else { continue }
          let place = RecordRows.place(revision, part, vault: vault.keys.vault)
          for keys in loot.attempts(revision.compartment(of: part.section)) {
            for author in authors {
              let text = try? SealedBody.openSection(
                body.body, wrap: wrap.body, at: place, with: keys, outerWrap: vault.keys.outerWrap,
                author: { _ in [author] }
              ).copyBytes()
              guard text != nil else { continue }
              let name = "\(revision.id) \(part.section) \(part.version)"
              if newest.contains(name) { opened.newest.insert(name) } else { opened.older.insert(name) }
            }
          }
        }
      }
      for head in heads {
        for card in head.cards {
          guard let row = try view.row(.card, RecordRows.cardKey(vault.keys, head.id, card.section)) else { continue }
          let compartment = Compartment.section(head.programme, card.section)
          let place = SealedBody.Place(
            vault: vault.keys.vault, record: head.id, section: card.section, version: card.version,
            compartment: compartment)
          for keys in loot.attempts(compartment) {
            for author in authors {
              let text = try? SealedBody.openCard(
                row.body, at: place, with: keys, outerWrap: vault.keys.outerWrap, author: { _ in [author] }
              ).copyBytes()
              if text != nil { opened.cards.insert("\(head.id) \(card.section)") }
            }
          }
        }
      }
      try view.forEach(.grant) { row in
        let signed = try SignedDocument(decoding: vault.keys.openMetadata(row, table: .grant), as: "signed-grant")
        if (try? Grant(decoding: signed.document).open(with: loot.secrets.opening)) != nil { opened.grants += 1 }
      }
      var opener = LeafOpener(
        context: vault.ledger.context, keys: (loot.keys[.audit] ?? [:]).mapValues(\.opening))
      try view.forEach(.logLeaf, prefix: []) { row in
        guard let index = StoreKey.index(of: row.key) else { return }
        if (try? opener.open(row.body, index: index)) != nil { opened.entries.insert(index) }
      }
    }
    return opened
  }

  private func authors(_ team: Team) throws -> [VerifyingKey] {
    [try #require(team.secrets[Person.service.name]).signing.verifyingKey]
  }

  /// Turns of the job until nothing is left, or nothing moves.
  private func finish(_ vault: Vault) async {
    var before = -1
    for _ in 0..<200 {
      await vault.continueRekey()
      guard vault.backlog.leftCount != before || !vault.backlog.isScanned else { return }
      before = vault.backlog.leftCount
    }
  }

  private func names(_ vault: Vault, newestOf ids: [RecordID]) throws -> Set<String> {
    Set(
      try ids.flatMap { id in
        try #require(try vault.recordHead(id)?.head).parts.map { "\(id) \($0.section) \($0.version)" }
      })
  }

  @Test func `P8 A leaver with old secrets, the whole later database and the root key opens nothing written after`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let loot = try Loot(team, .officer, vault)
      let authors = try authors(team)
      #expect(try open(vault, with: loot, authors: authors).newest == names(vault, newestOf: team.records))

      _ = try await vault.revoke(name(Person.officer.name), in: navigators, by: supervisor.caller)
      let fresh = try await vault.createRecord(in: navigators, json(Caseload.shirin), by: supervisor.caller).value.id
      _ = try await vault.editRecord(
        team.records[1], patch: json(#"{"identity":{"prs_FirstName":"Renamed"}}"#), ifVersion: 1,
        by: supervisor.caller)
      let service = try team.seat(.service, in: vault)
      let handedIn = try await vault.createRecord(in: navigators, json(Caseload.divya), by: service.caller).value.id
      let submitted = try await vault.acceptSubmission(handedIn, by: supervisor.caller).value.id
      // Before the job: what was written before is still as it was, what came since is closed.
      let between = try open(vault, with: loot, authors: authors)
      let written =
        try names(vault, newestOf: [fresh, submitted]).union(["\(team.records[1]) identity 2"])
      #expect(between.newest.isDisjoint(with: written) && !between.newest.isEmpty)

      await finish(vault)
      #expect(vault.backlog.leftCount == 0)
      let after = try open(vault, with: loot, authors: authors)
      #expect(after.newest.isEmpty, "\(after.newest)")
      #expect(after.cards.isEmpty, "\(after.cards)")
      #expect(after.grants == 0)
      // Older versions stay under the keys of their time.
      #expect(after.older.isSuperset(of: ["\(team.records[1]) identity 1", "\(team.records[0]) identity 1"]))

      // Those who stay read and find all of it.
      for record in team.records + [fresh, submitted] {
        #expect(!(try await vault.readRecord(record, sections: [.identity], by: supervisor.caller).value.text.isEmpty))
      }
      vault.cabinet.keep(only: [])
      let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: supervisor.caller).value
      #expect(Set(found.map(\.id)) == [team.records[0], fresh])
      // And edit on top of it.
      let version = try #require(try vault.recordHead(team.records[0])?.rowVersion)
      _ = try await vault.editRecord(
        team.records[0], patch: json(#"{"health":{"vault_Allergies":"none"}}"#), ifVersion: version,
        by: supervisor.caller)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 7)
    let vault = try await place.open()
    #expect(vault.backlog.leftCount == 0)
    await finish(vault)
    #expect(vault.backlog.leftCount == 0, "found by looking")
    await vault.close()
  }

  @Test func `P8 A deep re-key encrypts anew, so that section keys that were copied open nothing either`() async throws
  {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let before = try team.records.map { try #require(try vault.recordHead($0)?.head) }
      let bodies = try vault.store.read { view in
        try before.flatMap { head in
          try head.parts.map { part in
            try #require(
              try view.row(
                .section, RecordRows.sectionKey(vault.keys, head.id, part.section, version: part.version))
            ).body
          }
        }
      }
      let began = try await vault.rekey(navigators, deep: true, by: supervisor.caller).value
      #expect(began.first { $0.programme == navigators }?.total == team.records.count)
      await finish(vault)
      #expect(vault.backlog.leftCount == 0)
      let after = try team.records.map { try #require(try vault.recordHead($0)?.head) }
      for (old, new) in zip(before, after) {
        #expect(old.version == new.version)
        #expect(zip(old.parts, new.parts).allSatisfy { $0.bodyHash != $1.bodyHash && $0.wrapHash != $1.wrapHash })
      }
      let kept = try vault.store.read { view in
        var all: Set<[UInt8]> = []
        try view.forEach(.section) { all.insert($0.body) }
        return all
      }
      #expect(bodies.allSatisfy { !kept.contains($0) }, "no newest version is left as it was")
      for record in team.records {
        #expect(!(try await vault.readRecord(record, sections: [.identity], by: supervisor.caller).value.text.isEmpty))
      }
      // A leaving afterwards only wraps anew: what was encrypted since the exposure need not be again.
      _ = try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
      await finish(vault)
      let later = try team.records.map { try #require(try vault.recordHead($0)?.head) }
      for (old, new) in zip(after, later) {
        #expect(zip(old.parts, new.parts).allSatisfy { $0.bodyHash == $1.bodyHash })
      }
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 The job goes on after a restart, in whichever member's session is open`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      for number in 0..<60 {
        let text = #"{"sections":{"identity":{"prs_FirstName":"Person \#(number)"},"case":{"vault_Summary":"–"}}}"#
        _ = try await vault.createRecord(
          in: navigators, json(text), looksForDuplicates: false, by: supervisor.caller)
      }
      _ = try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
      // Nobody is there: nothing can be done, and all of it is told.
      vault.sessions.removeAll { _ in true }
      await vault.continueRekey()
      #expect(vault.backlog.leftCount == 64)
      #expect(try vault.status().rekeyLeft == 64)
    }
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      vault.backlog.membersLeft()
      await vault.continueRekey()
      let left = vault.backlog.leftCount
      #expect(left < 64, "a turn does some")
      await finish(vault)
      #expect(vault.backlog.leftCount == 0)
      let progress = try await vault.rekeyProgress(by: officer.caller)
      #expect(progress.map(\.left) == [0] && progress.map(\.total) == [64])
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 65)
  }

  @Test func `What nobody has looked through yet is not said to be done`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let supervisor = try team.seat(.supervisor, in: vault)
    _ = try await vault.revoke(
      name(Person.officer.name), in: programme(Team.navigators), by: supervisor.caller)
    await vault.close()
    // As after a crash: the job has not begun.
    let again = try await place.open()
    let seat = try team.seat(.supervisor, in: again)
    let before = try await again.rekeyProgress(by: seat.caller)
    #expect(before.first { $0.programme.description == Team.navigators }?.left == team.records.count)
    for _ in 0..<50 { await again.continueRekey() }
    let after = try await again.rekeyProgress(by: seat.caller)
    #expect(after.allSatisfy { $0.left == 0 } && again.rekeyLeft == 0)
    await again.close()
  }

  @Test func `P8 An administrator's suspension changes keys as soon as a supervisor is there`() async throws {
    let (team, place) = try await Team.copy()
    let compartment = Compartment.section(try programme(Team.navigators), .identity)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let loot = try Loot(team, .officer, vault)
      _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
      await vault.continueRekey()
      func epoch() throws -> UInt64? {
        try vault.read("") { view in try vault.trust.manifest(compartment, in: view)?.manifest.epoch }
      }
      #expect(try epoch() == 1)
      let supervisor = try await vault.seat(.supervisor)
      let waiting = try await vault.rekeyProgress(by: supervisor.caller)
      #expect(waiting.filter(\.waitsForSupervisor).map(\.programme.description) == [Team.navigators])
      await finish(vault)
      #expect(try epoch() == 2)
      #expect(try open(vault, with: loot, authors: authors(team)).newest.isEmpty)
      #expect(try await vault.rekeyProgress(by: supervisor.caller).allSatisfy { !$0.waitsForSupervisor })
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 An edit that meets the job loses nothing, and is not refused for it`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      for round in 0..<6 {
        _ = try await vault.rekey(navigators, deep: round.isMultiple(of: 2), by: supervisor.caller)
        if !round.isMultiple(of: 2) {
          _ = try await vault.revoke(
            name([Person.liaison, .analyst, .service][round / 2].name), in: navigators, by: supervisor.caller)
        }
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await finish(vault) }
          for record in team.records {
            group.addTask {
              for _ in 0..<5 {
                guard let version = try? vault.recordHead(record)?.rowVersion else { continue }
                let code = await refusal {
                  try await vault.editRecord(
                    record, patch: json(#"{"case":{"vault_Summary":"Round \#(round), version \#(version)"}}"#),
                    ifVersion: version, by: officer.caller)
                }
                #expect(code == nil)
              }
            }
          }
        }
      }
      await finish(vault)
      #expect(vault.backlog.leftCount == 0)
      for record in team.records {
        let text = try await vault.readRecord(record, sections: [.case], by: officer.caller).value.text
        #expect(text.contains("Round 5"))
      }
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  // MARK: Crashes

  /// Fails the statement of this number, after taking a copy of the files as a crash at this moment would leave them.
  private final class CrashAt: Sendable {
    private let state = Mutex((next: 0, at: Int.max))
    private let onFault: @Sendable () -> Void

    init(onFault: @escaping @Sendable () -> Void) { self.onFault = onFault }

    func arm(at number: Int) { state.withLock { $0 = (0, number) } }
    func disarm() { state.withLock { $0 = (0, .max) } }

    func pass() throws {
      let isHere = state.withLock { state in
        defer { state.next += 1 }
        return state.next == state.at
      }
      guard isHere else { return }
      onFault()
      throw StoreError(.io)
    }
  }

  /// A process that another test forks at this moment holds the lock of a directory for as long as it has not begun.
  private func patiently<R>(_ body: () throws -> R) async throws -> R {
    for _ in 0..<400 {
      do {
        return try body()
      } catch let error as StoreError where error.code == .inUse {
      } catch let error as VaultError where error.code == .inUse {
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    return try body()
  }

  /// Runs `work` with a fault at every statement in turn until it gets through; each crash must leave what was before.
  private func crashEverywhere(
    _ place: VaultPlace, prepare: (Vault) async throws -> Void = { _ in },
    work: @escaping (Vault) async throws -> Void, state: (VaultPlace) throws -> [UInt64]
  ) async throws -> (faults: Int, old: [UInt64], new: [UInt64]) {
    let crashed = Mutex<VaultPlace?>(nil)
    let crash = CrashAt { crashed.withLock { $0 = try? place.copy(withAnchor: false) } }
    let vault = try await place.open(change: { options in
      let adjust = options.adjustStore
      options.adjustStore = {
        adjust?(&$0)
        $0.beforeStatement = { try crash.pass() }
      }
    })
    try await prepare(vault)
    let old = try await patiently { try state(place.copy(withAnchor: false)) }
    var number = 0
    while number < 2000 {
      crash.arm(at: number)
      var isThrough = true
      do { try await work(vault) } catch { isThrough = false }
      crash.disarm()
      guard let copy = crashed.withLock({ $0.take() }) else {
        #expect(isThrough)
        break
      }
      #expect(try await patiently { try state(copy) } == old, "a crash at statement \(number)")
      #expect(
        try await patiently { try Vault.verify(directory: copy.directory, root: copy.root).programmes } == 2)
      number += 1
    }
    let new = try await patiently { try state(place.copy(withAnchor: false)) }
    await vault.close()
    #expect(try await patiently { try state(place) } == new)
    #expect(try await patiently { try Vault.verify(directory: place.directory, root: place.root).programmes } == 2)
    return (number, old, new)
  }

  /// The epochs of the navigators' compartments; all of one transaction move together.
  private func epochs(_ place: VaultPlace) throws -> [UInt64] {
    let forger = try Forger(place)
    return try place.tamper { transaction in
      try Vault.compartments(of: programme(Team.navigators)).map { compartment in
        try forger.manifest(compartment, in: transaction).manifest.epoch
      }
    }
  }

  /// Under which epochs the newest parts and cards lie.
  private func sealedUnder(_ place: VaultPlace) throws -> [UInt64] {
    let forger = try Forger(place)
    return try place.tamper { transaction in
      var found: [UInt64] = []
      for row in try transaction.rows(.record, limit: .max) {
        let head = try RecordHead(decoding: forger.keys.openMetadata(row, table: .record))
        for part in head.parts {
          let wrap = try #require(try transaction.row(.wrap, RecordRows.wrapKey(forger.keys, head.id, part)))
          #expect(SHA256.hash(wrap.body) == part.wrapHash)
          found.append(try SealedBody.keying(of: wrap.body).epoch ?? 0)
        }
        for card in head.cards {
          let body = try #require(
            try transaction.row(.card, RecordRows.cardKey(forger.keys, head.id, card.section)))
          found.append(try SealedBody.keying(of: body.body).epoch ?? 0)
        }
      }
      return found
    }
  }

  @Test func `P8 A crash at any statement of a revocation leaves old keys or new ones, never both`() async throws {
    let (team, place) = try await Team.copy()
    let result = try await crashEverywhere(
      place,
      work: { vault in
        let supervisor = try team.seat(.supervisor, in: vault)
        _ = try await vault.revoke(
          name(Person.officer.name), in: programme(Team.navigators), by: supervisor.caller)
      }, state: epochs)
    #expect(result.old.allSatisfy { $0 == 1 } && result.new.allSatisfy { $0 == 2 })
    #expect(result.faults > 30, "\(result.faults) statements")
  }

  @Test func `P8 A crash at any statement of a suspension leaves it whole or undone`() async throws {
    let (team, place) = try await Team.copy()
    let result = try await crashEverywhere(
      place,
      work: { vault in
        let supervisor = try team.seat(.supervisor, in: vault)
        _ = try await vault.suspend(name(Person.officer.name), by: supervisor.caller)
      },
      state: { place in
        let forger = try Forger(place)
        let state = try place.tamper { transaction in
          let key = forger.trust.accountKey(try name(Person.officer.name))
          return try AccountRow(decoding: forger.document(.account, key, in: transaction)).state.rawValue
        }
        return try epochs(place) + [state]
      })
    #expect(result.old == Array(repeating: 1, count: 8) + [2])
    #expect(result.new == Array(repeating: 2, count: 8) + [3])
  }

  @Test(arguments: [false, true])
  func `P8 A crash at any statement of the job leaves each record wholly old or wholly new`(isDeep: Bool) async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    let result = try await crashEverywhere(
      place,
      prepare: { vault in
        let supervisor = try team.seat(.supervisor, in: vault)
        if isDeep {
          #expect(vault.backlog.begin(), "the request does not begin it")
          _ = try await vault.rekey(navigators, deep: true, by: supervisor.caller)
          vault.backlog.end()
        } else {
          _ = try await vault.revoke(name(Person.officer.name), in: navigators, by: supervisor.caller)
        }
      },
      work: { vault in
        vault.backlog.membersLeft()
        vault.backlog.scanAgain(navigators)
        await vault.continueRekey()
        guard vault.backlog.leftCount == 0 else { throw VaultError(.failed, "Not yet.") }
      }, state: sealedUnder)
    #expect(Set(result.old) == [1])
    // The neighbours' record stays.
    #expect(result.new.filter { $0 == 1 }.count == 5 && result.new.contains(2))
    #expect(result.faults > 30, "\(result.faults) statements")
  }
}
