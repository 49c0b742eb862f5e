import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P8: keys are lost, people change, and somebody has to take over.
@Suite struct ReplacementTests {
  private func finish(_ vault: Vault) async {
    for _ in 0..<50 { await vault.continueRekey() }
  }

  @Test func `P8 A replaced account's old secret opens nothing, and two people let the person in again`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    let rahela = try name(Person.officer.name)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let officer = try team.seat(.officer, in: vault)
      let made = try await vault.replaceAccount(rahela, by: administrator.caller).value
      #expect(made.sessionsEnded == 1 && made.pending == [Team.navigators])
      #expect(await refusal { try await vault.programmes(by: officer.caller) } == .loginNeeded)
      #expect(await refusal { try await vault.seat(.officer) } == .loginFailed)
      // A second code, because the first was lost.
      let code = try await vault.replaceAccount(rahela, by: administrator.caller).value.code
      #expect(
        await refusal {
          try await vault.enrol(
            rahela.description, code: made.code.text, passphrase: secret("a new phrase, long"),
            by: Person.officer.caller())
        } == .loginFailed)
      let words = try await vault.enrol(
        rahela.description, code: code.text, passphrase: secret("a new phrase, long"), by: Person.officer.caller()
      ).fingerprint.words
      #expect(words != team.fingerprints[Person.officer.name])
      let again = try await vault.seat(.officer, passphrase: "a new phrase, long")
      #expect(try again.session.programmes.isEmpty)
      #expect(await refusal { try await vault.readRecord(team.records[0], sections: [], by: again.caller) } == .denied)
      // The old secret makes no session, whoever had a copy of it.
      let stolen = try #require(team.secrets[Person.officer.name])
      let account = try #require(try vault.read("") { view in try vault.trust.account(rahela, in: view) })
      let session = Session(
        account: account, certificate: try #require(account.earlier.first), uid: Person.officer.uid, secrets: stolen,
        opened: vault.clock.now(), bootNow: vault.clock.bootNanoseconds())
      #expect(try vault.memberships(of: session).0.isEmpty)

      // Two people: the code above, and a grant with the new words; the old ones are refused.
      #expect(
        await refusal {
          try await vault.grant(
            rahela, in: navigators, fingerprint: team.fingerprints[Person.officer.name] ?? "", expires: nil,
            by: supervisor.caller)
        } == .conflict)
      _ = try await vault.grant(rahela, in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)
      let manifest = try #require(
        try vault.read("") { view in try vault.trust.manifest(.section(navigators, .case), in: view)?.manifest })
      #expect(manifest.epoch == 2, "the old keys' epoch is over before the new ones come in")
      #expect(manifest.member(rahela)?.keys == account.keys)
      await finish(vault)
      #expect(vault.backlog.leftCount == 0)
      for record in team.records {
        let text = try await vault.readRecord(record, sections: [.identity], by: again.caller).value.text
        #expect(!text.isEmpty)
      }
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
    let vault = try await place.open()
    #expect(try vault.isFounded())
    await vault.close()
  }

  @Test func `P8 What a replaced account signed before stays verifiable`() async throws {
    let (team, place) = try await Team.copy()
    let second = Person(name: "second-supervisor", role: .supervisor, uid: 1020)
    let other = Person(name: "second-auditor", role: .auditor, uid: 1021)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let words = try await vault.inviteAndEnrol(second, by: administrator)
      for id in [Team.navigators, Team.harbour] {
        _ = try await vault.grant(
          name(second.name), in: programme(id), fingerprint: words, expires: nil, by: supervisor.caller)
      }
      let otherWords = try await vault.inviteAndEnrol(other, by: administrator)
      _ = try await vault.grantAudit(name(other.name), fingerprint: otherWords, by: auditor.caller)
      _ = try await vault.signOff(upTo: nil, remark: "", by: auditor.caller)
      // The service's sealed writes, the supervisor's manifests and grants, the auditor's sign-off.
      for person in [Person.service, .supervisor, .auditor] {
        _ = try await vault.replaceAccount(name(person.name), by: administrator.caller)
      }
      #expect(
        await refusal { try await vault.replaceAccount(name(Person.administrator.name), by: administrator.caller) }
          == .conflict)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).signOffs == 1)
    try await place.withVault { vault in
      let successor = try await vault.seat(second)
      let reader = try await vault.seat(other)
      await finish(vault)
      #expect(vault.backlog.leftCount == 0)
      for record in team.records + [team.neighbourRecord] {
        _ = try await vault.readRecord(record, sections: [.identity], by: successor.caller)
      }
      #expect(try await vault.signOffs(by: reader.caller).value.signOffs.count == 1)
      #expect(vault.audit.epoch == 3)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  @Test func `P8 Nobody is reinstated by a replacement, and no last one is replaced`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      for person in [Person.supervisor, .auditor] {
        #expect(
          await refusal { try await vault.replaceAccount(name(person.name), by: administrator.caller) } == .conflict)
      }
      _ = try await vault.suspend(name(Person.officer.name), by: administrator.caller)
      #expect(
        await refusal { try await vault.replaceAccount(name(Person.officer.name), by: administrator.caller) }
          == .conflict)
      let liaison = try team.seat(.liaison, in: vault)
      #expect(
        await refusal {
          try await vault.changePassphrase(
            current: secret(Person.liaison.passphrase), new: secret("another one, much longer"), isCompromised: true,
            by: liaison.caller)
        } == .conflict)
    }
  }

  // MARK: Auditors

  @Test func `P8 An auditor lets another one in, and takes them out with a new epoch of the log`() async throws {
    let (team, place) = try await Team.copy()
    let other = Person(name: "second-auditor", role: .auditor, uid: 1021)
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      let words = try await vault.inviteAndEnrol(other, by: administrator)
      let early = try await vault.seat(other)
      #expect(await refusal { try await vault.auditEntries(.init(), by: early.caller) } == .denied)
      #expect(
        await refusal { try await vault.grantAudit(name(other.name), fingerprint: "other words", by: auditor.caller) }
          == .conflict)
      #expect(
        await refusal {
          try await vault.grantAudit(
            name(Person.officer.name), fingerprint: team.fingerprints[Person.officer.name] ?? "", by: auditor.caller)
        } == .invalid)
      _ = try await vault.grantAudit(name(other.name), fingerprint: words, by: auditor.caller)
      #expect(try await vault.auditEntries(.init(), by: early.caller).value.entries.first?.index == 0, "from the first")
      let loot = try #require(try early.session.held(.audit)?.keys).mapValues(\.opening)

      let done = try await vault.revokeAudit(name(other.name), by: auditor.caller)
      _ = try await vault.accounts(by: administrator.caller)
      #expect(await refusal { try await vault.auditEntries(.init(), by: early.caller) } == .loginNeeded)
      var opener = LeafOpener(context: vault.ledger.context, keys: loot)
      try vault.store.read { view in
        try view.forEach(.logLeaf, prefix: []) { row in
          guard let index = StoreKey.index(of: row.key) else { return }
          let isOpened = (try? opener.open(row.body, index: index)) != nil
          #expect(isOpened == (index < done.entryIndex), "entry \(index)")
        }
      }
      let size = vault.ledger.size
      var filter = Vault.AuditFilter()
      filter.after = done.entryIndex - 1
      let read = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      #expect(read.first?.index == done.entryIndex && read.last.map { $0.index >= size } == true)
      #expect(
        await refusal { try await vault.revokeAudit(name(Person.auditor.name), by: auditor.caller) } == .conflict)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 5)
  }

  // MARK: Handing over

  @Test func `Whoever mistypes a name is told where the names are, and not how records are found`() async throws {
    let (team, place) = try await Team.copy()
    let (rahela, nobody) = (try name(Person.officer.name), try name("nosuch"))
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let administrator = try team.seat(.administrator, in: vault)
      for attempt in [
        { try await _ = vault.reassign(from: nobody, to: rahela, in: nil, by: supervisor.caller) },
        { try await _ = vault.reassign(from: rahela, to: nobody, in: nil, by: supervisor.caller) },
        { try await _ = vault.replaceAccount(nobody, by: administrator.caller) },
        { try await _ = vault.suspend(nobody, by: administrator.caller) },
        { try await _ = vault.request(.reinstate(rahela), by: administrator.caller) },
      ] as [() async throws -> Void] {
        do {
          try await attempt()
          Issue.record("a name that nobody has was taken")
        } catch let error as VaultError {
          #expect(error.code == .notFound && error.hint?.contains("vaultsh account list") == true)
        }
      }
    }
  }

  @Test func `P8 Records change hands with their case, some at a time, and go on after an interruption`() async throws {
    let (team, place) = try await Team.copy()
    let navigators = try programme(Team.navigators)
    let rahela = try name(Person.officer.name)
    let tomas = try name(Person.stranger.name)
    var count = 0
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      for number in 0..<Vault.reassignedMax {
        _ = try await vault.createRecord(
          in: navigators, json(#"{"sections":{"identity":{"prs_FirstName":"Person \#(number)"}}}"#),
          looksForDuplicates: false, by: officer.caller)
      }
      count = try await vault.recordsOwned(by: rahela, in: nil, for: supervisor.session).count
      #expect(count > Vault.reassignedMax)
      #expect(
        await refusal { try await vault.reassign(from: rahela, to: tomas, in: nil, by: supervisor.caller) }
          == .conflict, "whoever takes over must be able to")
      _ = try await vault.grant(
        tomas, in: navigators, fingerprint: team.fingerprints[Person.stranger.name] ?? "", expires: nil,
        by: supervisor.caller)
      let first = try await vault.reassign(from: rahela, to: tomas, in: nil, by: supervisor.caller).value
      #expect(
        first.moved.count == Vault.reassignedMax && first.left == count - Vault.reassignedMax && first.refused == 0)
    }
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.suspend(rahela, by: supervisor.caller)
      let second = try await vault.reassign(from: rahela, to: tomas, in: navigators, by: supervisor.caller).value
      #expect(second.moved.count == count - Vault.reassignedMax && second.left == 0)
      let third = try await vault.reassign(from: rahela, to: tomas, in: nil, by: supervisor.caller).value
      #expect(third.moved.isEmpty && third.left == 0)
      let owned = try await vault.recordsOwned(by: tomas, in: nil, for: supervisor.session)
      #expect(owned.count == count)
      for record in owned {
        let text = try await vault.readRecord(record, sections: [.case], by: supervisor.caller).value.text
        #expect(text.contains(#""vault_Owner":"tomas""#))
      }
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records > count)
  }
}
