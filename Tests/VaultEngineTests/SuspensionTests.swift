import Foundation
import Synchronization
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P8: one person shuts an account out, at once.
@Suite struct SuspensionTests {
  /// Holds commits while it is closed.
  private final class Barrier: Sendable {
    private let state = Mutex((isClosed: false, isHolding: false))
    func close() { state.withLock { $0.isClosed = true } }
    func open() { state.withLock { $0.isClosed = false } }
    func pass() {
      while state.withLock({ state in
        state.isHolding = state.isClosed
        return state.isClosed
      }) { usleep(500) }
    }
    /// Returns once somebody stands before it.
    func holds() async throws { try await wait { state.withLock { $0.isHolding } } }

    /// Opens it where the scene is not set up in time: what waits behind it would never end.
    func wait(until condition: () -> Bool) async throws {
      let end = ContinuousClock.now + .seconds(120)
      while !condition() {
        guard ContinuousClock.now < end else {
          open()
          throw NeverHappened()
        }
        try await Task.sleep(for: .milliseconds(1))
      }
    }
  }

  private struct NeverHappened: Error {}

  /// A vault whose commits wait behind the barrier for as long as a loaded machine needs to set up a scene.
  private func patientVault(at place: VaultPlace, behind barrier: Barrier) async throws -> Vault {
    try await place.open(
      beforeCommit: { barrier.pass() },
      change: { options in
        options.writerLimits.batchMillisecondsMax = 600_000
        options.writerLimits.queueMillisecondsMax = 600_000
      })
  }

  @Test func `P8 A suspension tells what it ended, re-keyed and left, and what there is to hand over`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      _ = try team.seat(.officer, in: vault)
      for record in team.records.prefix(2) {
        _ = try await vault.readRecord(record, sections: [.identity], by: officer.caller)
      }
      let before = try vault.memberships(of: name(Person.supervisor.name))?.standings[.section(navigators, .health)]

      let done = try await vault.suspend(name(Person.officer.name), by: supervisor.caller).value
      #expect(done.account.state == .suspended)
      #expect(done.sessionsEnded == 2)
      #expect(done.programmes == [navigators])
      #expect(done.rekeyed == [navigators] && done.pending.isEmpty)
      #expect(Set(done.recordsOwned) == Set(team.records))
      // One reading is the template's own.
      #expect(done.readsLast30Days == 3)
      let after = try vault.memberships(of: name(Person.supervisor.name))?.standings[.section(navigators, .health)]
      #expect(after?.manifest.manifest.epoch == (before?.manifest.manifest.epoch ?? 0) + 1)
      #expect(try after?.manifest.manifest.member(name(Person.officer.name)) == nil)
      #expect(await refusal { try await vault.programmes(by: officer.caller) } == .loginNeeded)
      #expect(await refusal { try await vault.seat(.officer) } == .loginFailed)
      #expect(
        await refusal { try await vault.suspend(name(Person.officer.name), by: supervisor.caller) } == .notFound)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 An administrator suspends anybody, and the programmes wait for their supervisor`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let done = try await vault.suspend(name(Person.officer.name), by: administrator.caller).value
      #expect(done.rekeyed.isEmpty && done.pending == [Team.navigators])
      #expect(Set(done.recordsOwned) == Set(team.records))
      #expect(
        await refusal { try await vault.suspend(name(Person.administrator.name), by: administrator.caller) }
          == .conflict)
    }
  }

  @Test func `P8 A supervisor suspends members of their own programmes and nobody else`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      for person in [Person.stranger, .administrator, .auditor] {
        #expect(await refusal { try await vault.suspend(name(person.name), by: supervisor.caller) } == .denied)
      }
      let done = try await vault.suspend(name(Person.neighbour.name), by: supervisor.caller).value
      #expect(done.recordsOwned == [team.neighbourRecord])
    }
  }

  @Test func `P8 Whoever has not enrolled yet is shut out as well, and comes back by two people to where they were`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let added = Person(name: "newcomer", role: .officer, uid: 1030)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let first = try await vault.invite(
        name(added.name), role: added.role, peer: .uid(added.uid), by: administrator.caller
      ).value.code
      let again = try await vault.replaceAccount(name(Person.officer.name), by: administrator.caller).value.code
      #expect(
        await refusal { try await vault.suspend(name(added.name), by: supervisor.caller) } == .denied,
        "a member of none of their programmes")
      _ = try await vault.suspend(name(added.name), by: administrator.caller)
      _ = try await vault.suspend(name(Person.officer.name), by: supervisor.caller)
      for (person, code) in [(added, first), (Person.officer, again)] {
        let account = try name(person.name)
        #expect(await refusal { try await vault.enrol(person, code: code) } == .loginFailed, "\(account)")
        #expect(await refusal { try await vault.suspend(account, by: administrator.caller) } == .notFound)
        // Nor does one person give them another code.
        #expect(
          await refusal {
            try await vault.invite(account, role: person.role, peer: .uid(person.uid), by: administrator.caller)
          } == .conflict)
        #expect(await refusal { try await vault.replaceAccount(account, by: administrator.caller) } == .conflict)

        let asked = try await vault.request(.reinstate(account), by: administrator.caller).value
        #expect(asked.words.contains { $0.contains("may enrol again") })
        #expect(asked.words.contains("It is a member of no programme."))
        _ = try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller)
        let state = try vault.read("An account") { view in try vault.trust.account(account, in: view)?.state }
        #expect(state == .invited)
        _ = try await vault.enrol(person, code: code)
        #expect(try await vault.seat(person).session.programmes.isEmpty)
      }
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 A code that somebody gave who was suspended since enrols nobody`() async throws {
    let (team, place) = try await Team.copy()
    let second = Person(name: "second-administrator", role: .administrator, uid: 1031)
    let ghost = Person(name: "ghost", role: .auditor, uid: 1032)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      try await vault.inviteAndEnrol(second, by: administrator)
      let other = try await vault.seat(second)
      let prepared = try await vault.invite(
        name(ghost.name), role: ghost.role, peer: .uid(ghost.uid), by: other.caller
      ).value.code
      let replaced = try await vault.replaceAccount(name(Person.officer.name), by: other.caller).value.code
      _ = try await vault.suspend(name(second.name), by: administrator.caller)
      for (person, code) in [(ghost, prepared), (Person.officer, replaced)] {
        do {
          try await vault.enrol(person, code: code)
          Issue.record("\(person.name) came in")
        } catch let error as VaultError {
          #expect(error.code == .denied && error.hint?.contains("another administrator") == true)
        }
        // Only to whoever has the code.
        #expect(await refusal { try await vault.enrol(person, code: .random()) } == .loginFailed)
      }
      // Another administrator's codes are good.
      let fresh = try await vault.invite(
        name(ghost.name), role: ghost.role, peer: .uid(ghost.uid), by: administrator.caller
      ).value.code
      try await vault.enrol(ghost, code: fresh)
      let again = try await vault.replaceAccount(name(Person.officer.name), by: administrator.caller).value.code
      try await vault.enrol(.officer, code: again)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 Of an enrolment and the suspension of whoever gave the code, one comes too late`() async throws {
    let (team, place) = try await Team.copy()
    let barrier = Barrier()
    let vault = try await patientVault(at: place, behind: barrier)
    let second = Person(name: "second-administrator", role: .administrator, uid: 1031)
    let ghost = Person(name: "ghost", role: .auditor, uid: 1032)
    let administrator = try team.seat(.administrator, in: vault)
    try await vault.inviteAndEnrol(second, by: administrator)
    let code = try await vault.invite(
      name(ghost.name), role: ghost.role, peer: .uid(ghost.uid), by: vault.seat(second).caller
    ).value.code
    barrier.close()
    async let suspension = refusal { try await vault.suspend(name(second.name), by: administrator.caller) }
    try await barrier.holds()
    // Whoever gave it is still there when this is checked, and is not when it is written.
    async let enrolment = refusal { try await vault.enrol(ghost, code: code) }
    try await barrier.wait { vault.writer.queuedCount >= 1 }
    barrier.open()
    #expect(await suspension == nil)
    #expect(await enrolment == .conflict)
    #expect(await refusal { try await vault.enrol(ghost, code: code) } == .denied)
    await vault.close()
  }

  @Test func `Whom the vault was founded for is not shut out before they have come`() async throws {
    let place = try VaultPlace()
    let codes = try place.found()
    try await place.withVault { vault in
      try await vault.enrol(.administrator, code: codes.administrator)
      let administrator = try await vault.seat(.administrator)
      for person in [Person.supervisor, .auditor] {
        #expect(
          await refusal { try await vault.suspend(name(person.name), by: administrator.caller) } == .conflict)
      }
      try await vault.enrol(.supervisor, code: codes.supervisor)
      try await vault.enrol(.auditor, code: codes.auditor)
      #expect(try vault.isFounded())
    }
  }

  @Test func `P8 The last supervisor of a programme and the last auditor stay`() async throws {
    let (team, place) = try await Team.copy()
    let second = Person(name: "second-supervisor", role: .supervisor, uid: 1020)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      for person in [Person.supervisor, .auditor] {
        do {
          _ = try await vault.suspend(name(person.name), by: administrator.caller)
          Issue.record("the last \(person.role) was removed")
        } catch let error as VaultError {
          #expect(error.code == .conflict && error.hint?.contains("vaultsh grant") == true)
        }
      }
      // A successor in one of two programmes is not enough.
      let words = try await vault.inviteAndEnrol(second, by: administrator)
      let supervisor = try team.seat(.supervisor, in: vault)
      for id in [Team.navigators, Team.harbour] {
        #expect(
          await refusal { try await vault.suspend(name(Person.supervisor.name), by: administrator.caller) }
            == .conflict)
        _ = try await vault.grant(
          name(second.name), in: programme(id), fingerprint: words, expires: nil, by: supervisor.caller)
      }
      let done = try await vault.suspend(name(Person.supervisor.name), by: administrator.caller).value
      #expect(done.pending == [Team.harbour, Team.navigators])
      #expect(
        await refusal { try await vault.suspend(name(second.name), by: administrator.caller) } == .conflict,
        "now this one is the last")
    }
  }

  /// Two who are each other's successor.
  private func pair(_ role: Role, _ team: Team, in vault: Vault) async throws -> (Person, Person) {
    let first = role == .auditor ? Person.auditor : .supervisor
    let second = Person(name: "second-\(role.rawValue)", role: role, uid: 1020)
    let words = try await vault.inviteAndEnrol(second, by: team.seat(.administrator, in: vault))
    let seat = try team.seat(first, in: vault)
    if role == .auditor {
      _ = try await vault.grantAudit(name(second.name), fingerprint: words, by: seat.caller)
    } else {
      for id in [Team.navigators, Team.harbour] {
        _ = try await vault.grant(
          name(second.name), in: programme(id), fingerprint: words, expires: nil, by: seat.caller)
      }
    }
    return (first, second)
  }

  @Test(arguments: [Role.supervisor, .auditor], ["suspend", "replace", "revoke"])
  func `P8 Of the last two who leave at the same moment one stays`(role: Role, way: String) async throws {
    let (team, place) = try await Team.copy()
    let barrier = Barrier()
    let vault = try await patientVault(at: place, behind: barrier)
    let (first, second) = try await pair(role, team, in: vault)
    let administrator = try team.seat(.administrator, in: vault)
    let seat = try team.seat(first, in: vault)
    barrier.close()
    async let held = refusal { try await vault.programmes(by: administrator.caller) }
    try await barrier.holds()
    // Each was checked before either was durable.
    async let one = refusal {
      switch way {
      case "suspend": _ = try await vault.suspend(name(second.name), by: administrator.caller)
      case "replace": _ = try await vault.replaceAccount(name(second.name), by: administrator.caller)
      default:
        if role == .auditor {
          _ = try await vault.revokeAudit(name(second.name), by: seat.caller)
        } else {
          _ = try await vault.revoke(name(second.name), in: programme(Team.navigators), by: seat.caller)
        }
      }
    }
    try await barrier.wait { vault.writer.queuedCount >= 1 }
    async let other = refusal { try await vault.suspend(name(first.name), by: administrator.caller) }
    try await barrier.wait { vault.writer.queuedCount >= 2 }
    barrier.open()
    #expect(await held == nil)
    #expect(await [one, other] == [nil, .conflict])
    let standing = try vault.read("An account") { view in try vault.trust.account(name(first.name), in: view)?.state }
    #expect(standing == .active)
    await vault.close()
  }

  @Test func `P8 Whoever is there for a time only is nobody's successor, and needs none`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    let second = Person(name: "second-supervisor", role: .supervisor, uid: 1020)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let soon = place.clock.now.adding(seconds: 3600)
      let words = try await vault.inviteAndEnrol(second, by: administrator)
      let own = team.fingerprints[Person.supervisor.name] ?? ""
      #expect(
        await refusal {
          try await vault.grant(
            name(Person.supervisor.name), in: navigators, fingerprint: own, expires: soon, by: supervisor.caller)
        } == .conflict, "nobody ends their own grant")
      _ = try await vault.grant(
        name(second.name), in: navigators, fingerprint: words, expires: soon, by: supervisor.caller)
      let passing = try await vault.seat(second)
      for attempt in [
        { try await _ = vault.revoke(name(Person.supervisor.name), in: navigators, by: passing.caller) },
        {
          try await _ = vault.grant(
            name(Person.supervisor.name), in: navigators, fingerprint: own, expires: soon, by: passing.caller)
        },
        { try await _ = vault.suspend(name(Person.supervisor.name), by: administrator.caller) },
      ] as [() async throws -> Void] { #expect(await refusal(attempt) == .conflict) }
      // Those who are there for a time are shut out like anybody, also when it is over.
      place.clock.advance(seconds: 3601)
      let later = try team.seat(.administrator, in: vault)
      _ = try await vault.suspend(name(second.name), by: later.caller)
    }
  }

  @Test func `P8 A reading under way delivers nothing once the suspension is committed`() async throws {
    let (team, place) = try await Team.copy()
    let barrier = Barrier()
    let vault = try await patientVault(at: place, behind: barrier)
    let officer = try team.seat(.officer, in: vault)
    let administrator = try team.seat(.administrator, in: vault)
    barrier.close()
    // Holds the writer, so that what follows is one batch or several, in this order.
    async let first = refusal { try await vault.programmes(by: administrator.caller) }
    try await barrier.holds()
    async let reading = refusal {
      try await vault.readRecord(team.records[0], sections: [.identity], by: officer.caller)
    }
    try await barrier.wait { vault.writer.queuedCount >= 1 }
    async let suspension = refusal { try await vault.suspend(name(Person.officer.name), by: administrator.caller) }
    try await barrier.wait { vault.writer.queuedCount >= 2 }
    async let late = refusal {
      try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller)
    }
    async let change = refusal {
      try await vault.createRecord(in: programme(Team.navigators), json(Caseload.lakshmi), by: officer.caller)
    }
    try await barrier.wait { vault.writer.queuedCount >= 4 }
    let records = vault.directory.count
    barrier.open()
    #expect(await first == nil)
    #expect(await suspension == nil)
    // All of it was let in before the suspension, and committed with it: the answers are not given.
    #expect(await reading == .loginNeeded)
    #expect(await late == .loginNeeded)
    #expect(await change == .loginNeeded)
    #expect(vault.directory.count == records)
    await vault.close()
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5, "the change was not applied")
  }

  @Test func `P8 What a member writes while somebody is removed is sealed under the new keys`() async throws {
    let (team, place) = try await Team.copy()
    let barrier = Barrier()
    let vault = try await patientVault(at: place, behind: barrier)
    let navigators = try programme(Team.navigators)
    let officer = try team.seat(.officer, in: vault)
    let supervisor = try team.seat(.supervisor, in: vault)
    barrier.close()
    async let first = refusal { try await vault.programmes(by: supervisor.caller) }
    try await barrier.holds()
    async let revocation = refusal {
      try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
    }
    try await barrier.wait { vault.writer.queuedCount >= 1 }
    // Sealed under the first epoch, and next in line.
    async let made = vault.createRecord(in: navigators, json(Caseload.shirin), by: officer.caller)
    async let edited = vault.editRecord(
      team.records[1], patch: json(#"{"identity":{"prs_FirstName":"Renamed"}}"#), ifVersion: 1, by: supervisor.caller)
    try await barrier.wait { vault.writer.queuedCount >= 3 }
    barrier.open()
    #expect(await first == nil)
    #expect(await revocation == nil)
    for saved in try await [made.value, edited.value] {
      let head = try #require(try vault.recordHead(saved.id)?.head)
      // The compartments that the liaison was a member of.
      for part in head.parts where part.version == saved.version && [.identity, .legal].contains(part.section) {
        let wrap = try vault.store.read { view in try view.row(.wrap, RecordRows.wrapKey(vault.keys, head.id, part)) }
        #expect(try SealedBody.keying(of: #require(wrap).body).epoch == 2, "\(part.section)")
      }
    }
    await vault.close()
  }

  @Test func `P8 A new passphrase ends the account's other sessions and voids the old one`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let other = try team.seat(.officer, in: vault)
      _ = try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret("another one, much longer"), by: officer.caller)
      #expect(await refusal { try await vault.programmes(by: officer.caller) } == nil)
      #expect(await refusal { try await vault.programmes(by: other.caller) } == .loginNeeded)
      #expect(await refusal { try await vault.seat(.officer) } == .loginFailed)
      _ = try await vault.seat(.officer, passphrase: "another one, much longer")
    }
  }

  @Test func `P8 A login that is under way while the passphrase changes gets no session`() async throws {
    let (team, place) = try await Team.copy()
    let barrier = Barrier()
    let vault = try await patientVault(at: place, behind: barrier)
    let officer = try team.seat(.officer, in: vault)
    barrier.close()
    async let change = refusal {
      try await vault.changePassphrase(
        current: secret(Person.officer.passphrase), new: secret("another one, much longer"), by: officer.caller)
    }
    try await barrier.holds()
    // The old lock is still the one that is stored: the old passphrase opens it, and the login waits for its entry.
    async let login = refusal { try await vault.seat(.officer) }
    try await barrier.wait { vault.writer.queuedCount >= 1 }
    barrier.open()
    #expect(await change == nil)
    #expect(await login == .loginFailed)
    let (own, left) = (
      try officer.session, vault.sessions.open.filter { $0.account.description == Person.officer.name }
    )
    #expect(left.count == 1 && left.first === own, "the one that changed it")
    await vault.close()
  }

  @Test func `P8 A service's login that is under way while the service is suspended gets no session`() async throws {
    let (team, place) = try await Team.copy()
    let barrier = Barrier()
    let vault = try await patientVault(at: place, behind: barrier)
    let administrator = try team.seat(.administrator, in: vault)
    let signing = try #require(team.secrets[Person.service.name]).signing
    let challenge = try vault.challenge(for: Person.service.name, by: Person.service.caller())
    let message = LoginChallenge.signedBytes(
      vault: vault.keys.vault, account: try name(Person.service.name), uid: Person.service.uid,
      challenge: challenge.bytes)
    let signature = signing.sign(message)
    barrier.close()
    async let suspension = refusal { try await vault.suspend(name(Person.service.name), by: administrator.caller) }
    try await barrier.holds()
    async let login = refusal {
      try await vault.login(
        Person.service.name, challenge: challenge.bytes, signature: signature, by: Person.service.caller())
    }
    try await barrier.wait { vault.writer.queuedCount >= 1 }
    barrier.open()
    #expect(await suspension == nil)
    #expect(await login == .loginFailed)
    #expect(vault.sessions.open.allSatisfy { $0.account.description != Person.service.name })
    await vault.close()
  }

  @Test func `Readings are counted by day, kept for a month, and outlive the daemon`() async throws {
    let (team, place) = try await Team.copy()
    let rahela = try name(Person.officer.name)
    func read(_ count: Int, _ vault: Vault) async throws {
      let officer = try team.seat(.officer, in: vault)
      for _ in 0..<count { _ = try await vault.readRecord(team.records[0], sections: [], by: officer.caller) }
      _ = await refusal { try await vault.readRecord(team.neighbourRecord, sections: [], by: officer.caller) }
    }
    let before: UInt64 = try await place.withVault { vault in
      let before = vault.ledger.reads(of: rahela, days: 30)
      try await read(3, vault)
      return before
    }
    place.clock.advance(seconds: 20 * 86400)
    try await place.withVault { vault in
      #expect(vault.ledger.reads(of: rahela, days: 30) == before + 3, "refused readings are none")
      try await read(2, vault)
      #expect(vault.ledger.reads(of: rahela, days: 30) == before + 5)
      #expect(vault.ledger.reads(of: rahela, days: 5) == 2)
      #expect(try vault.ledger.reads(of: name(Person.liaison.name), days: 30) == 0)
    }
    place.clock.advance(seconds: 15 * 86400)
    // Killed instead of closed: at most the last minute is lost.
    let vault = try await place.open()
    try await read(1, vault)
    #expect(vault.ledger.reads(of: rahela, days: 30) == 3)
    place.clock.advance(seconds: 61)
    try await read(1, vault)
    try vault.store.read { view in
      let row = try #require(try view.row(.meta, ReadTally.rowKey))
      #expect(try ReadTally(in: view, keys: vault.keys).count(of: rahela, days: 30, until: .max) == 0)
      #expect(row.version > 1)
    }
    await vault.close()
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }
}
