import AccessLog
import Synchronization
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P9: lost passphrases and a lost root key are survived by k of n shares, and nobody who was there before stays.
@Suite struct RecoveryTests {
  @Test func `P9 With everything lost k shares rebuild access, and every old record opens to the new people`()
    async throws
  {
    let (household, place) = try await Household.copy()
    let shares = try household.seed.split(threshold: 2, count: 3)
    let after = try await place.recover(with: RecoverySeed(combining: [shares[2], shares[0]]))
    #expect(after.recovered.programmes == 1 && after.recovered.missingEpochCount == 0)
    #expect(await refusal { try await place.open() } == .integrity, "the lost root key is worth nothing if it is found")
    let vault = try await after.open()
    #expect(try !vault.status().isFounded, "nobody works before both can be held to account")
    let code = try #require(after.codes[Household.successor.name])
    try await vault.enrol(Household.successor, code: code)
    let supervisor = try await vault.seat(Household.successor)
    #expect(
      await refusal { try await vault.addProgramme(programme("harbour"), title: "H", by: supervisor.caller) }
        == .founding)
    try await vault.enrol(Household.inspector, code: try #require(after.codes[Household.inspector.name]))
    #expect(try vault.status().isFounded)
    #expect(try vault.status().lastRecovery != nil)

    for (record, word) in zip(household.records, ["শিরিন", "लक्ष्मी", "Brick kiln"]) {
      let opened = try await vault.readRecord(record, sections: Section.allCases, by: supervisor.caller).value
      #expect(opened.text.contains(word))
    }
    let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: supervisor.caller)
    #expect(found.value.map(\.id) == [household.records[0]])
    _ = try await vault.editRecord(
      household.records[0], patch: json(#"{"case":{"vault_Summary":"New team."}}"#), ifVersion: 1,
      by: supervisor.caller)
    _ = try await vault.addProgramme(programme("harbour"), title: "Harbour", by: supervisor.caller)
    // What a service handed in before, and nobody had looked at.
    let accepted = try await vault.acceptSubmission(household.submission, by: supervisor.caller).value.id
    let taken = try await vault.readRecord(accepted, sections: [.exploitation], by: supervisor.caller).value
    #expect(taken.text.contains("Brick kiln"))

    let auditor = try await vault.seat(Household.inspector)
    var filter = Vault.AuditFilter()
    filter.limit = 1000
    let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
    #expect(entries.map(\.index) == Array(0..<UInt64(entries.count)), "the log goes on, and all of it opens")
    let entry = try #require(entries.first { $0.entry.action == Action.vaultRecover.rawValue })
    #expect(entry.index == after.recovered.entryIndex && entry.entry.outcome == .allowed)
    #expect(entry.entry.detail == "1 rebuilt supervisor lata auditor ioana")
    #expect(entry.entry.changes != nil)
    await vault.close()
    let report = try Vault.verify(directory: place.directory, root: after.root)
    #expect(report.programmes == 2 && report.records == 4 && report.wasRollbackChecked)
  }

  @Test func `P9 The new people bring in others, old and new, as on the first day`() async throws {
    let (household, place) = try await Household.copy()
    let after = try await place.recover(with: household.seed)
    let vault = try await after.staffed()
    // Nobody new was named, so the administrator stays: they hold no key.
    let administrator = try await vault.seat(.administrator)
    let supervisor = try await vault.seat(Household.successor)
    let words = try await vault.inviteAndEnrol(.stranger, by: administrator)
    _ = try await vault.grant(
      name(Person.stranger.name), in: programme(Household.shelter), fingerprint: words, expires: nil,
      by: supervisor.caller)
    let officer = try await vault.seat(.stranger)
    let opened = try await vault.readRecord(household.records[1], sections: [.identity], by: officer.caller).value
    #expect(opened.text.contains("लक्ष्मी"))
    await vault.close()
    #expect(try Vault.verify(directory: place.directory, root: after.root).records == 3)
  }

  @Test func `P9 After a recovery everybody of before is out, by check and by key`() async throws {
    let (household, place) = try await Household.copy()
    let after = try await place.recover(with: household.seed)
    #expect(
      Set(after.recovered.suspended.map(\.description))
        == Set([Person.supervisor, .auditor, .officer, .service, .neighbour].map(\.name)))
    let vault = try await after.staffed()
    for person in [Person.supervisor, .auditor, .officer] {
      #expect(await refusal { try await vault.seat(person) } == .loginFailed)
      // Without the daemon's check the keys open nothing either.
      let session = try vault.seat(person, secrets: try #require(household.secrets[person.name])).session
      #expect(session.programmes.isEmpty && session.held(.audit) == nil)
    }
    await vault.close()
  }

  @Test func `P9 A named administrator takes the place of those who were there`() async throws {
    let (household, place) = try await Household.copy()
    let after = try await place.recover(
      with: household.seed,
      .rebuild(supervisor: nil, auditor: nil, administrator: name(Household.warden.name)))
    #expect(after.codes.keys.sorted() == ["auditor-2", "farid", "supervisor-2"])
    let vault = try await after.open()
    for person in [
      Person(name: "supervisor-2", role: .supervisor, uid: 1), Person(name: "auditor-2", role: .auditor, uid: 2),
      Household.warden,
    ] { try await vault.enrol(person, code: try #require(after.codes[person.name])) }
    #expect(await refusal { try await vault.seat(.administrator) } == .loginFailed)
    let administrator = try await vault.seat(Household.warden)
    _ = try await vault.inviteAndEnrol(.stranger, by: administrator)
    await vault.close()
  }

  @Test func `P9 Old seed, old people and used codes open nothing of the whole later database`() async throws {
    let (household, place) = try await Household.copy()
    var oldAudit: [UInt64: OpeningKey] = [:]
    try await place.withVault { vault in
      let auditor = try vault.seat(.auditor, secrets: try #require(household.secrets[Person.auditor.name]))
      oldAudit = try #require(try auditor.session.held(.audit)).keys.mapValues(\.opening)
    }
    let after = try await place.recover(with: household.seed)
    let vault = try await after.staffed()
    let supervisor = try await vault.seat(Household.successor)
    _ = try await vault.createRecord(
      in: programme(Household.shelter), json(Caseload.stefanescu), by: supervisor.caller)
    await vault.close()

    var keys = [household.seed.opening] + household.secrets.values.map(\.opening)
    keys += after.codes.values.map(\.openingKey)
    let store = try VaultStore.open(directory: place.directory)
    defer { try? store.close() }
    let opened = try OpenedStore(store: store, root: after.root)
    var grants = 0
    try store.read { view in
      try view.forEach(.grant) { row in
        let signed = try SignedDocument(
          decoding: opened.keys.openMetadata(row, table: .grant), as: "signed-grant")
        let grant = try Grant(decoding: signed.document)
        grants += 1
        for key in keys { #expect((try? grant.open(with: key)) == nil, "\(grant.compartment) \(grant.member)") }
        #expect((try? grant.open(with: after.seed.opening)) != nil || grant.member != .recovery)
      }
      let escrow = try #require(try view.row(.meta, OpenedStore.escrowKey))
      for key in keys {
        #expect(throws: CryptoError.self) {
          _ = try StoreKeys.openEscrow(escrow.body, with: key, vault: opened.keys.vault)
        }
      }
      let context = try LogContext(
        vaultID: opened.keys.vault, origin: LogOrigin.name(vault: opened.keys.vault, number: 1))
      var opener = LeafOpener(context: context, keys: oldAudit)
      var closed = 0
      try view.forEach(.logLeaf) { row in
        guard let index = StoreKey.index(of: row.key), index >= after.recovered.entryIndex else { return }
        let isOpened = (try? opener.open(row.body, index: index)) != nil
        #expect(!isOpened, "entry \(index)")
        closed += 1
      }
      #expect(closed > 4, "the recovery's own entry and all that followed")
    }
    // New people and the new seed, and all epochs of nine compartments.
    #expect(grants >= 2 * 9 * 3)
  }

  @Test func `P9 Shares of another vault, or that a recovery replaced, change nothing and are told from tampering`()
    async throws
  {
    let (household, place) = try await Household.copy()
    for root in [place.root, nil] {
      let refused = await refusal {
        try await place.recover(with: .random(), root: root, prepare: { _ in Issue.record("no") })
      }
      #expect(refused == .denied)
    }
    let after = try await place.recover(with: household.seed, root: place.root, renewsRoot: false)
    let request = try #require(RequestID("0123456789abcdef"))
    for root in [place.root, nil] {
      let refused = await refusal {
        try await place.recover(
          with: household.seed, .reissue(request), root: root, prepare: { _ in Issue.record("no") })
      }
      #expect(refused == .denied)
    }
    await #expect(throws: VaultError(.denied, "")) {
      _ = try await Vault.proveShares(directory: place.directory, seed: household.seed)
    }
    #expect(
      try await Vault.proveShares(directory: place.directory, seed: after.seed).vaultID == after.recovered.vaultID)
    let vault = try await after.staffed()
    let auditor = try await vault.seat(Household.inspector)
    var filter = Vault.AuditFilter()
    filter.action = Action.vaultRecover.rawValue
    let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
    #expect(
      entries.map(\.entry.outcome) == [.denied, .allowed, .denied],
      "an attempt with the root key at hand is an entry; without it nothing can be written")
    await vault.close()
  }

  @Test func `P9 Wrong sets of shares are refused before a vault is looked at, and no word is told`() throws {
    let (one, other) = (RecoverySeed.random(), RecoverySeed.random())
    let ours = try one.split(threshold: 3, count: 5)
    let theirs = try other.split(threshold: 3, count: 5)
    let again = try one.split(threshold: 2, count: 3)
    for (set, rule) in [
      ([], "no share is given"), (Array(ours.prefix(2)), "more shares are needed"),
      ([ours[0], ours[1], ours[1]], "a share is given twice"),
      ([ours[0], ours[1], theirs[2]], "shares of different sets are mixed"),
      ([ours[0], ours[1], again[0]], "shares of different sets are mixed"),
    ] as [([RecoveryShare], String)] {
      let error = #expect(throws: VaultError.self) { _ = try RecoverySeed(combining: set) }
      #expect(error?.code == .invalid && error?.detail.contains(rule) == true && error?.hint != nil)
    }
    let short = try SLIP39.split(SecretBytes.random(16), threshold: 2, shareCount: 2)
    #expect(throws: VaultError(.invalid, "")) { _ = try RecoverySeed(combining: short) }
    #expect(try RecoverySeed(combining: Array(ours.suffix(3))).memberKeys == one.memberKeys)
  }

  @Test func `P9 A vault without escrow has no such door`() async throws {
    let place = try await VaultPlace.founded()
    for root in [place.root, nil] {
      #expect(await refusal { try await place.recover(with: .random(), root: root) } == .invalid)
    }
    let vault = try await place.open()
    #expect(try !vault.status().hasEscrow)
    await vault.close()
    guard case .facts(let facts) = try VaultInspection.inspect(directory: place.directory) else {
      Issue.record("in use")
      return
    }
    #expect(!facts.hasEscrow && facts.recoveries.isEmpty)
  }

  @Test func `P9 P11 A crash before the recovery's commit leaves the vault as it was, one after it recovered`()
    async throws
  {
    let (household, place) = try await Household.copy()
    let before = try place.rows(.manifest).count
    await #expect(throws: (any Error).self) {
      _ = try await place.recover(
        with: household.seed, prepare: { _ in throw VaultError(.failed, "The stick is full.") })
    }
    // The commit that carries the recovery fails: the first is the opening's own entry.
    let commits = CommitCounter()
    await #expect(throws: (any Error).self) {
      _ = try await place.recover(with: household.seed, beforeCommit: { if commits.next() == 2 { throw Fault() } })
    }
    #expect(commits.count >= 2)
    #expect(try place.rows(.manifest).count == before)
    try await place.withVault { vault in
      let officer = try await vault.seat(.officer)
      _ = try await vault.readRecord(household.records[0], sections: [.identity], by: officer.caller)
    }
    let after = try await place.recover(with: household.seed)
    #expect(try Vault.verify(directory: place.directory, root: after.root).records == 3)
  }

  @Test func `P9 One recovery follows another, and trust follows the chain from the genesis`() async throws {
    let (household, place) = try await Household.copy()
    let first = try await place.recover(with: household.seed)
    // The first one's people never come: their codes die with the second recovery.
    let second = try await place.recover(
      with: first.seed, .rebuild(supervisor: nil, auditor: nil, administrator: nil))
    #expect(second.recovered.suspended.map(\.description).sorted() == ["ioana", "lata"])
    let vault = try await second.open()
    #expect(
      await refusal {
        try await vault.enrol(Household.successor, code: try #require(first.codes[Household.successor.name]))
      } == .loginFailed)
    let supervisor = Person(name: "supervisor-2", role: .supervisor, uid: 1)
    let auditor = Person(name: "auditor-2", role: .auditor, uid: 2)
    for person in [supervisor, auditor] {
      try await vault.enrol(person, code: try #require(second.codes[person.name]))
    }
    let seat = try await vault.seat(supervisor)
    for record in household.records {
      _ = try await vault.readRecord(record, sections: Section.allCases, by: seat.caller)
    }
    await vault.close()
    #expect(try Vault.verify(directory: place.directory, root: second.root).records == 3)
    guard case .facts(let facts) = try VaultInspection.inspect(directory: place.directory) else { return }
    #expect(facts.recoveries.count == 2)
  }

  @Test func `P9 New shares alone exchange the seed and leave everybody where they are`() async throws {
    let (household, place) = try await Household.copy()
    let request = try await place.agreeOnShares(Self.holders)
    let after = try await place.recover(with: household.seed, .reissue(request), root: place.root, renewsRoot: false)
    #expect(after.codes.isEmpty && after.recovered.suspended.isEmpty)
    try await place.withVault { vault in
      let officer = try await vault.seat(.officer)
      for record in household.records {
        _ = try await vault.readRecord(record, sections: [.identity], by: officer.caller)
      }
      _ = try await vault.createRecord(in: programme(Household.shelter), json(Caseload.divya), by: officer.caller)
      #expect(try vault.status().isFounded && vault.status().lastRecovery == nil)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 4)
    let again = try await place.recover(with: after.seed)
    #expect(again.recovered.missingEpochCount == 0)
  }

  // MARK: Other holders

  private static let holders = (0..<3).map { _ in AgeRecipient(OpeningKey.random().sealingKey) }

  private func reissue(
    _ request: RequestID, with seed: RecoverySeed, in place: VaultPlace,
    prepare: (RecoveryIssue) throws -> Void = { _ in Issue.record("nothing is to be issued") }
  ) async throws -> Aftermath {
    try await place.recover(with: seed, .reissue(request), root: place.root, renewsRoot: false, prepare: prepare)
  }

  @Test
  func `P7 P9 Recovery shares go to exactly the holders that two people agreed on, once, and the old ones are void`()
    async throws
  {
    let (household, place) = try await Household.copy()
    let request = try await place.agreeOnShares(threshold: 3, Self.holders)
    var issued: ShareHolders?
    let after = try await reissue(request, with: household.seed, in: place) { issued = $0.holders }
    #expect(issued?.threshold == 3 && issued?.recipients == Self.holders.map(\.text).sorted())
    #expect(await refusal { try await reissue(request, with: household.seed, in: place) } == .denied, "void shares")
    #expect(await refusal { try await reissue(request, with: after.seed, in: place) } == .conflict, "a used request")
    await #expect(throws: VaultError(.denied, "")) {
      _ = try await Vault.proveShares(directory: place.directory, seed: household.seed)
    }
    #expect(
      try await Vault.proveShares(directory: place.directory, seed: after.seed).vaultID == after.recovered.vaultID)
    try await place.withVault { vault in
      let auditor = try await vault.seat(.auditor)
      #expect(try await vault.showRequest(request, by: auditor.caller).value.state == .used)
      var filter = Vault.AuditFilter()
      filter.limit = 1000
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      let entry = try #require(entries.first { $0.index == after.recovered.entryIndex }?.entry)
      #expect(entry.action == "vault.recover" && entry.detail == "1 reissued")
      #expect(entry.approval == request.description)
      let use = try #require(entries.first { $0.index == after.recovered.entryIndex + 1 }?.entry)
      #expect(use.action == "approval.use" && use.approval == request.description)
      // The next change says who holds shares now, and who no longer would.
      let next = try await vault.requestRecoveryRecipients(
        ShareHolders(threshold: 2, sealedTo: Array(Self.holders.dropLast())), by: vault.seat(.supervisor).caller
      ).value
      let words = next.words.joined(separator: "\n")
      #expect(words.contains("made anew: 2, any 2 of which open everything"))
      #expect(words.contains("with 3 of the present shares"))
      for holder in Self.holders.dropLast() { #expect(words.contains("Holds a share, as before: \(holder.text)")) }
      #expect(words.contains("Holds none from then on: \(Self.holders[2].text)"))
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 3)
  }

  @Test
  func `P7 P9 No shares are made anew for a request that is unknown, another, undecided, denied, expired or overtaken`()
    async throws
  {
    let (household, place) = try await Household.copy()
    let unknown = try #require(RequestID("0123456789abcdef"))
    #expect(await refusal { try await reissue(unknown, with: household.seed, in: place) } == .notFound)
    let (other, pending, denied) = try await place.withVault { vault in
      let (supervisor, auditor) = (try await vault.seat(.supervisor), try await vault.seat(.auditor))
      let policy = ApprovalPolicy(stating: [.erase: .init(askers: [.supervisor], approvers: [.supervisor])])
      let other = try await vault.requestPolicy(policy, by: supervisor.caller).value
      _ = try await vault.approve(other.id, digest: other.digest, by: auditor.caller)
      let pending = try await vault.requestRecoveryRecipients(
        ShareHolders(threshold: 2, sealedTo: Self.holders), by: supervisor.caller
      ).value
      #expect(
        await refusal { try await vault.approve(pending.id, digest: pending.digest, by: supervisor.caller) } == .denied)
      let denied = try await vault.requestRecoveryRecipients(
        ShareHolders(threshold: 3, sealedTo: Self.holders), by: supervisor.caller
      ).value
      _ = try await vault.deny(denied.id, reason: "Nicht mit ihnen", by: auditor.caller)
      return (other.id, pending.id, denied.id)
    }
    #expect(await refusal { try await reissue(other, with: household.seed, in: place) } == .invalid)
    #expect(await refusal { try await reissue(pending, with: household.seed, in: place) } == .conflict)
    #expect(await refusal { try await reissue(denied, with: household.seed, in: place) } == .conflict)

    let first = try await place.agreeOnShares(threshold: 2, Array(Self.holders.prefix(2)))
    let second = try await place.agreeOnShares(threshold: 2, Self.holders)
    let after = try await reissue(second, with: household.seed, in: place) { _ in }
    #expect(await refusal { try await reissue(first, with: after.seed, in: place) } == .conflict, "overtaken")

    let third = try await place.agreeOnShares(threshold: 3, Self.holders)
    place.clock.advance(seconds: 73 * 3600)
    #expect(await refusal { try await reissue(third, with: after.seed, in: place) } == .conflict, "run out")
    #expect(try Vault.verify(directory: place.directory, root: place.root).records == 3)
  }

  @Test func `P7 Only a supervisor asks for other holders, each named once, and never for one share alone`()
    async throws
  {
    let (_, place) = try await Household.copy()
    let good = try ShareHolders(threshold: 2, sealedTo: Self.holders)
    try await place.withVault { vault in
      for person in [Person.administrator, .officer, .auditor] {
        let seat = try await vault.seat(person)
        #expect(await refusal { try await vault.requestRecoveryRecipients(good, by: seat.caller) } == .denied)
      }
      let supervisor = try await vault.seat(.supervisor)
      #expect(
        await refusal {
          try await vault.request(.recoveryRecipients(good, number: 2), by: supervisor.caller)
        } == .conflict)
    }
    for (threshold, recipients) in [
      (1, Self.holders), (1, Array(Self.holders.prefix(1))), (4, Self.holders), (0, []), (2, []),
      (2, [Self.holders[0], Self.holders[0]]),
    ] {
      #expect(throws: VaultError.self) { try ShareHolders(threshold: threshold, sealedTo: recipients) }
    }
    let bare = try await VaultPlace.founded()
    try await bare.withVault { vault in
      let supervisor = try await vault.seat(.supervisor)
      #expect(await refusal { try await vault.requestRecoveryRecipients(good, by: supervisor.caller) } == .invalid)
    }
  }

  private func keepToSupervisor(_ record: RecordID, in place: VaultPlace) async throws {
    let kept = try name(Person.supervisor.name)
    try await place.withVault { vault in
      let session = try await vault.seat(.supervisor).session
      var entry = PendingEntry(.recordEdit)
      let now = vault.clock.now()
      _ = try await vault.changeTerms(of: record, for: session, &entry) { head, rows, _ throws(VaultError) in
        rows.head.terms.named = [kept]
        for section in Set(head.parts.map(\.section)) {
          try vault.reseal(section, into: &rows, from: head, by: session, at: now)
        }
      }
    }
  }

  @Test func `P9 New shares are refused where the present ones alone open a record`() async throws {
    let (household, place) = try await Household.copy()
    try await keepToSupervisor(household.records[0], in: place)
    let request = try await place.agreeOnShares(Self.holders)
    try await place.withVault { vault in
      let nobody = try name(Person.administrator.name)
      // As where everybody whom it was kept to has gone.
      let session = try await vault.seat(.supervisor).session
      var entry = PendingEntry(.recordEdit)
      _ = try await vault.changeTerms(of: household.records[0], for: session, &entry) { _, rows, _ throws(VaultError) in
        rows.head.terms.named = [nobody]
      }
    }
    #expect(await refusal { try await reissue(request, with: household.seed, in: place) } == .conflict)
    // The shares of now still do.
    #expect(try await place.recover(with: household.seed, root: place.root).recovered.lifted == [household.records[0]])
  }

  @Test(arguments: [true, false])
  func `P9 A record that is kept to named people is sealed for new shares when one of them is there`(
    isThere: Bool
  ) async throws {
    let (household, place) = try await Household.copy()
    let record = household.records[0]
    try await keepToSupervisor(record, in: place)
    let request = try await place.agreeOnShares(Self.holders)
    let after = try await reissue(request, with: household.seed, in: place) { _ in }
    #expect(after.recovered.waiting == [record] && after.recovered.lifted.isEmpty && after.recovered.closed.isEmpty)
    try await place.withVault { vault in
      // Whoever is not named cannot do it.
      _ = try await vault.seat(.officer)
      await vault.endExceptions()
      #expect(try vault.recordHead(record)?.head.terms.stale.isEmpty == false)
      let supervisor = try await vault.seat(.supervisor)
      _ = try await vault.readRecord(record, sections: [.identity], by: supervisor.caller)
      guard isThere else { return }
      await vault.endExceptions()
      #expect(try vault.recordHead(record)?.head.terms.stale.isEmpty == true)
    }
    let next = try await place.recover(with: after.seed, root: place.root)
    #expect(next.recovered.lifted == (isThere ? [record] : []))
    #expect(next.recovered.closed == (isThere ? [] : [record]))
    let vault = try await next.staffed()
    let supervisor = try await vault.seat(Household.successor)
    let refused = await refusal { try await vault.readRecord(record, sections: [.identity], by: supervisor.caller) }
    #expect(refused == (isThere ? nil : .denied))
    await vault.close()
    #expect(try Vault.verify(directory: place.directory, root: next.root).records == 3)
  }

  @Test func `P9 A record that was kept to named people is the new supervisor's alone, sealed anew`() async throws {
    let (household, place) = try await Household.copy()
    let record = household.records[0]
    try await keepToSupervisor(record, in: place)
    let after = try await place.recover(with: household.seed)
    #expect(after.recovered.lifted == [record])
    let vault = try await after.staffed()
    let supervisor = try await vault.seat(Household.successor)
    let opened = try await vault.readRecord(record, sections: Section.allCases, by: supervisor.caller).value
    #expect(opened.text.contains("শিরিন"))
    let found = try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: supervisor.caller)
    #expect(found.value.map(\.id) == [record])
    await vault.close()
    #expect(try Vault.verify(directory: place.directory, root: after.root).records == 3)
    // And the next recovery finds nothing that only this one's shares opened.
    let second = try await place.recover(
      with: after.seed, .rebuild(supervisor: nil, auditor: nil, administrator: nil))
    #expect(second.recovered.lifted.isEmpty)
  }

  @Test func `A recovery's code is good for a week, once, for its own account, and no administrator renews it`()
    async throws
  {
    let (household, place) = try await Household.copy()
    let after = try await place.recover(with: household.seed)
    let vault = try await after.open()
    let administrator = try await vault.seat(.administrator)
    #expect(
      await refusal {
        try await vault.invite(
          name(Household.successor.name), role: .supervisor, peer: .uid(7), by: administrator.caller)
      } == .conflict)
    let code = try #require(after.codes[Household.successor.name])
    #expect(await refusal { try await vault.enrol(Household.inspector, code: code) } == .loginFailed)
    place.clock.advance(seconds: 6 * 86_400)
    try await vault.enrol(Household.successor, code: code)
    #expect(await refusal { try await vault.enrol(Household.successor, code: code) } == .loginFailed)
    place.clock.advance(seconds: 86_400)
    #expect(
      await refusal {
        try await vault.enrol(Household.inspector, code: try #require(after.codes[Household.inspector.name]))
      } == .loginFailed)
    await vault.close()
  }

  @Test func `Names that somebody had are not given again, and a vault in founding has nothing to recover`()
    async throws
  {
    let (household, place) = try await Household.copy()
    for (supervisor, auditor) in [("sumitra", "ioana"), ("lata", "neighbour"), ("lata", "lata")] {
      let taken = auditor == "neighbour" ? Person.neighbour.name : auditor
      let refused = await refusal {
        try await place.recover(
          with: household.seed,
          .rebuild(supervisor: name(supervisor), auditor: name(taken), administrator: nil))
      }
      #expect(refused == .conflict)
    }
    let fresh = try VaultPlace()
    let seed = RecoverySeed.random()
    var founding = Founding(administrator: try name("a"), supervisor: try name("b"), auditor: try name("c"))
    founding.isDemo = true
    founding.recovery = (seed, try ShareHolders(threshold: 2, count: 3, recipients: []))
    founding.clock = fresh.clock.vaultClock
    _ = try founding.found(in: fresh.directory, root: fresh.root)
    #expect(await refusal { try await fresh.recover(with: seed) } == .founding)
  }
}

private struct Fault: Error {}

private final class CommitCounter: Sendable {
  private let value = Mutex(0)
  var count: Int { value.withLock(\.self) }
  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}
