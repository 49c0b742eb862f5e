import AccessLog
import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P6 P9: an older backup in place of a vault that went further. What was taken from people since stays taken, a new log
/// begins that says what it lost, and nobody's record is served before two people have signed for that.
@Suite struct RestoringTests {
  /// A vault, its backup, and what happened after it.
  private struct Lost: Sendable {
    let team: Team
    /// The backup, unpacked; nothing has been done to it yet.
    let backup: VaultPlace
    let journal: [UInt8]
    let anchor: [UInt8]
    /// Checkpoints at the backup, and the newest that a client saw.
    let kept: VerifiedCheckpoint
    let seen: VerifiedCheckpoint
    let vaultID: [UInt8]
    let digest = [UInt8](repeating: 7, count: 32)

    func source(journal: Bool = true, anchor: Bool = true) -> Vault.SuccessionSource {
      var source = Vault.SuccessionSource(backup: digest)
      if journal { source.journals = [self.journal] }
      if anchor { source.anchor = self.anchor }
      return source
    }
  }

  private static let making = Task { try await lose() }

  private static func lose() async throws -> Lost {
    let (team, place) = try await Team.copy()
    let path = place.directory + "-elsewhere.journal"
    let first = try await place.open(change: { $0.journalPath = path })
    await first.close()
    let backup = try place.copy(withAnchor: false)
    let vault = try await place.open(change: { $0.journalPath = path })
    let supervisor = try team.seat(.supervisor, in: vault)
    let administrator = try team.seat(.administrator, in: vault)
    let officer = try team.seat(.officer, in: vault)
    _ = try await vault.editRecord(
      team.records[1], patch: json(#"{"contact":{"prs_MailingCity":"Sylhet"}}"#), ifVersion: 1, by: officer.caller)
    _ = try await vault.revoke(name(Person.liaison.name), in: programme(Team.navigators), by: supervisor.caller)
    _ = try await vault.suspend(name(Person.stranger.name), by: administrator.caller)
    let seen = try UnverifiedCheckpoint(encoded: vault.ledger.checkpoint).verified(by: vault.ledger.noteKey)
    let (vaultID, key) = (vault.keys.vault, vault.ledger.noteKey)
    await vault.close()
    let store = try VaultStore.open(directory: backup.directory)
    let state = try OpenedStore(store: store, root: backup.root).state
    try store.close()
    return Lost(
      team: team, backup: backup, journal: [UInt8](try #require(FileManager.default.contents(atPath: path))),
      anchor: [UInt8](try #require(FileManager.default.contents(atPath: place.anchor))),
      kept: try UnverifiedCheckpoint(encoded: state.checkpoint).verified(by: key), seen: seen, vaultID: vaultID)
  }

  /// A copy of the backup with its next log begun.
  private func restored(
    _ lost: Lost, _ source: Vault.SuccessionSource? = nil
  ) async throws -> (place: VaultPlace, report: Vault.SuccessionReport) {
    let place = try lost.backup.copy(withAnchor: false)
    let report = try await Vault.succeed(
      directory: place.directory, root: place.root, source: source ?? lost.source(), anchorPath: place.anchor,
      clock: place.clock.vaultClock)
    return (place, report)
  }

  private func accept(_ vault: Vault, _ lost: Lost, _ report: Vault.SuccessionReport) async throws {
    for person in [Person.supervisor, .auditor] {
      let seat = try lost.team.seat(person, in: vault)
      _ = try await vault.acceptRestore(report.succession.hash, by: seat.caller)
    }
  }

  @Test func `P9 A journal that ends before what the anchor knows has a gap, and both who sign are told`() async throws
  {
    let lost = try await Self.making.value
    let (_, whole) = try await restored(lost)
    #expect(!whole.hasGap && whole.succession.replay.reachSize == whole.newest?.size)
    var source = lost.source()
    let lines = lost.journal.split(separator: UInt8(ascii: "\n"))
    source.journals = [Array(lines.dropLast(2).joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]]
    let (place, cut) = try await restored(lost, source)
    #expect(cut.hasGap && cut.succession.replay.reachSize < whole.succession.replay.reachSize)
    let vault = try await place.open()
    let asked = try await vault.acceptRestore(
      cut.succession.hash, by: lost.team.seat(.supervisor, in: vault).caller
    ).value
    let words = try await vault.showRequest(asked.id, by: lost.team.seat(.auditor, in: vault).caller).value.words
    #expect(words.contains { $0.contains("there is a stretch that it knows nothing of") })
    await vault.close()
  }

  @Test
  func `P6 P9 A restored vault serves no record before a supervisor and an auditor have accepted it, and then does`()
    async throws
  {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == nil)
    let vault = try await place.open()
    let officer = try lost.team.seat(.officer, in: vault)
    let (supervisor, auditor) = (
      try lost.team.seat(.supervisor, in: vault), try lost.team.seat(.auditor, in: vault)
    )
    #expect(try vault.status().isRestored)
    func refusedEverything() async throws {
      for seat in [officer, supervisor] {
        #expect(
          await refusal { try await vault.readRecord(lost.team.records[0], sections: [], by: seat.caller) } == .restored
        )
        #expect(
          await refusal { try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: seat.caller) }
            == .restored)
        #expect(
          await refusal { try await vault.records(in: nil, after: nil, limit: 10, by: seat.caller) } == .restored)
        #expect(
          await refusal {
            try await vault.createRecord(in: programme(Team.navigators), json(Caseload.divya), by: seat.caller)
          } == .restored)
      }
    }
    try await refusedEverything()
    #expect(try vault.acceptances().isEmpty)
    // Who may not, and for something else.
    for person in [Person.officer, .administrator, .neighbour] {
      let seat = try lost.team.seat(person, in: vault)
      #expect(await refusal { try await vault.acceptRestore(report.succession.hash, by: seat.caller) } == .denied)
    }
    #expect(
      await refusal { try await vault.acceptRestore([UInt8](repeating: 1, count: 32), by: auditor.caller) } == .conflict
    )
    let half = try await vault.acceptRestore(report.succession.hash, by: supervisor.caller).value
    #expect(
      half.state == .pending && half.kind == .restoreAccept && half.requester.description == Person.supervisor.name)
    let told = try await vault.restoration(by: auditor.caller).value
    #expect(!told.isAccepted && told.signed == [Person.supervisor.name])
    #expect(await refusal { try await vault.acceptRestore(report.succession.hash, by: supervisor.caller) } == .conflict)
    try await refusedEverything()
    await vault.close()
    // It waits across a restart, too.
    let again = try await place.open()
    #expect(try again.status().isRestored)
    let second = try lost.team.seat(.auditor, in: again)
    #expect(try await again.acceptRestore(report.succession.hash, by: second.caller).value.state == .used)
    #expect(try !again.status().isRestored)
    let reader = try lost.team.seat(.officer, in: again)
    _ = try await again.readRecord(lost.team.records[0], sections: [.identity], by: reader.caller)
    #expect(await refusal { try await again.acceptRestore(report.succession.hash, by: second.caller) } == .conflict)
    await again.close()
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == nil)
  }

  @Test func `P9 What was suspended and revoked since the backup stays so, until new keys are made`() async throws {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    let navigators = try programme(Team.navigators)
    #expect(report.suspended == [try name(Person.stranger.name)])
    #expect(report.revoked.map(\.account) == [try name(Person.liaison.name)])
    let vault = try await place.open()
    try await accept(vault, lost, report)
    #expect(await refusal { try await vault.seat(.stranger) } == .loginFailed)
    let liaison = try lost.team.seat(.liaison, in: vault)
    #expect(try liaison.session.programmes.isEmpty)
    #expect(
      await refusal { try await vault.readRecord(lost.team.records[0], sections: [.identity], by: liaison.caller) }
        == .denied)
    let supervisor = try lost.team.seat(.supervisor, in: vault)
    let words = lost.team.fingerprints[Person.liaison.name] ?? ""
    #expect(
      await refusal {
        try await vault.grant(
          name(Person.liaison.name), in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)
      } == .conflict)
    _ = try await vault.revoke(name(Person.liaison.name), in: navigators, by: supervisor.caller)
    _ = try await vault.grant(
      name(Person.liaison.name), in: navigators, fingerprint: words, expires: nil, by: supervisor.caller)
    let back = try lost.team.seat(.liaison, in: vault)
    _ = try await vault.readRecord(lost.team.records[0], sections: [.identity], by: back.caller)
    await vault.close()
  }

  @Test func `P9 A record that was erased after the backup is erased again, and the vault is whole`() async throws {
    let lost = try await Self.making.value
    let place = try lost.backup.copy(withAnchor: false)
    let (state, keys) = try await place.withVault { vault in (vault.ledger.journalChain, vault.keys) }
    var event = JournalEvent(.erase, incarnation: 1, logSize: 900, time: place.clock.now)
    event.record = lost.team.records[0]
    let line = JournalLine.sealed(event, after: state.end, with: keys)
    let lines = lost.journal.split(separator: UInt8(ascii: "\n")).prefix(Int(state.durable.count))
      .flatMap { Array($0) + [UInt8(ascii: "\n")] }
    var source = Vault.SuccessionSource(backup: lost.digest)
    source.journals = [lines + state.pending.flatMap(\.text) + line.text]
    let report = try await Vault.succeed(
      directory: place.directory, root: place.root, source: source, anchorPath: place.anchor + ".2",
      clock: place.clock.vaultClock)
    #expect(report.erased == [lost.team.records[0]])
    try FileManager.default.removeItem(atPath: place.anchor)
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == nil)
    let vault = try await place.open()
    try await accept(vault, lost, report)
    let officer = try lost.team.seat(.officer, in: vault)
    #expect(
      await refusal { try await vault.readRecord(lost.team.records[0], sections: [], by: officer.caller) } == .erased)
    #expect(try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: officer.caller).value.isEmpty)
    await vault.close()
  }

  @Test func `P6 The first entry of the new log holds the old checkpoints, and the log before stays as it was signed`()
    async throws
  {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    #expect(report.kept == lost.kept.checkpoint)
    #expect(report.newest.map { $0.size >= lost.seen.size } == true)
    let vault = try await place.open()
    try await accept(vault, lost, report)
    let auditor = try lost.team.seat(.auditor, in: vault)
    let entries = try await vault.auditEntries(Vault.AuditFilter(), by: auditor.caller).value.entries
    #expect(entries.first?.index == 0)
    #expect(entries.first?.entry.action == Action.vaultRestore.rawValue)
    let said = try #require(entries.first?.entry.results)
    #expect(said.contains("kept \(lost.kept.origin) \(lost.kept.size) \(lost.kept.root)"))
    #expect(said.contains { $0.hasPrefix("newest \(lost.kept.origin)") })
    #expect(said.contains("succession \(hexadecimal(report.succession.hash))"))
    #expect(vault.ledger.context.origin.text.hasSuffix("/2"))
    // A client that saw less than is kept gets its proof from the log before.
    let older = lost.kept.size / 2
    let proof = try await vault.consistencyProof(from: older, to: lost.kept.size, ofLog: 1, by: auditor.caller).value
    #expect(proof.from == older)
    #expect(
      await refusal { try await vault.consistencyProof(from: 1, to: lost.kept.size + 1, ofLog: 1, by: auditor.caller) }
        == .invalid)
    #expect(
      await refusal { try await vault.consistencyProof(from: 1, to: 2, ofLog: 3, by: auditor.caller) } == .notFound)
    // And whoever may carry a log away carries the one before away, as far as it is kept.
    let note = try await vault.checkpoint(for: .export, ofLog: 1, by: auditor.caller).value
    #expect(try UnverifiedCheckpoint(encoded: note).claim == lost.kept.checkpoint)
    #expect(try await vault.checkpoint(ofLog: 2, by: auditor.caller).value != note)
    let width = Int(lost.kept.size % 256)
    let path = "entries/\(String(format: "%03d", Int(lost.kept.size / 256))).p/\(width)"
    let bundle = try await vault.tile(path, for: .export, ofLog: 1, by: auditor.caller).value
    #expect(try EntryBundle.leafHashes(in: bundle, count: width).count == width)
    #expect(await refusal { try await vault.tile(path, for: .export, by: auditor.caller) } == .notFound)
    let officer = try lost.team.seat(.officer, in: vault)
    #expect(
      await refusal { try await vault.tile(path, for: .export, ofLog: 1, by: officer.caller) } == .denied)
    for number in [UInt64(0), 3, .max] {
      #expect(await refusal { try await vault.checkpoint(ofLog: number, by: auditor.caller) } == .notFound)
      #expect(await refusal { try await vault.tile(path, ofLog: number, by: auditor.caller) } == .notFound)
    }
    await vault.close()
    // Both logs are held to their signatures.
    for key in [LogKey.leaf(1, 3), LogKey.leaf(2, 1)] {
      let copy = try place.copy()
      try copy.tamper { transaction in
        let row = try #require(try transaction.row(.logLeaf, key))
        try transaction.put(.logLeaf, key, version: 1, body: row.body.dropLast() + [row.body.last! ^ 1])
      }
      #expect(await refusal { try Vault.verify(directory: copy.directory, root: copy.root) } == .integrity)
    }
    let cut = try place.copy()
    try cut.tamper { try $0.delete(.logLeaf, LogKey.leaf(1, lost.kept.size - 1)) }
    #expect(await refusal { try Vault.verify(directory: cut.directory, root: cut.root) } == .integrity)
  }

  @Test func `P6 A vault that was restored twice counts on, from an older backup too`() async throws {
    let lost = try await Self.making.value
    let (place, first) = try await restored(lost)
    let vault = try await place.open()
    try await accept(vault, lost, first)
    await vault.close()
    // The same backup again, after the vault had gone on as number 2.
    var source = lost.source(journal: false)
    source.anchor = [UInt8](try #require(FileManager.default.contents(atPath: place.anchor)))
    let (again, second) = try await restored(lost, source)
    #expect(second.succession.number == 3)
    #expect(await refusal { try Vault.verify(directory: again.directory, root: again.root) } == nil)
    // And a backup of number 2.
    let copy = try place.copy(withAnchor: false)
    let third = try await Vault.succeed(
      directory: copy.directory, root: copy.root, source: source, anchorPath: copy.anchor, clock: copy.clock.vaultClock)
    #expect(third.succession.number == 3)
    #expect(await refusal { try Vault.verify(directory: copy.directory, root: copy.root) } == nil)
  }

  @Test func `P6 P9 Another vault's journal or anchor, and a journal that was altered, restore nothing`() async throws {
    let lost = try await Self.making.value
    let other = try await VaultPlace.founded()
    let otherAnchor = [UInt8](try #require(FileManager.default.contents(atPath: other.anchor)))
    var sources: [Vault.SuccessionSource] = []
    var source = lost.source()
    source.anchor = otherAnchor
    sources.append(source)
    source = lost.source()
    source.anchor = Array(lost.anchor.dropLast(9)) + Array("AAAAAAA=\n".utf8)
    sources.append(source)
    source = lost.source()
    source.journals = [Array(lost.journal.dropFirst(10))]
    sources.append(source)
    source.journals = [[]]
    sources.append(source)
    for (number, source) in sources.enumerated() {
      #expect(await refusal { try await restored(lost, source) } == .integrity, "\(number)")
    }
    let (_, report) = try await restored(lost, lost.source(journal: false))
    #expect(!report.succession.replay.hasJournal && report.suspended.isEmpty)
  }

  // MARK: The request

  @Test func `P7 The first acceptance is a request that says what is kept and lost, and an approval is the second`()
    async throws
  {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    let vault = try await place.open()
    let (supervisor, auditor) = (
      try lost.team.seat(.supervisor, in: vault), try lost.team.seat(.auditor, in: vault)
    )
    #expect(try vault.requestsWaiting(for: auditor.session) == 0)
    let asked = try await vault.acceptRestore(report.succession.hash, by: supervisor.caller).value
    #expect(asked.expires.milliseconds - asked.requested.milliseconds == 72 * 3600 * 1000)
    #expect(try vault.requestsWaiting(for: auditor.session) == 1)
    #expect(try vault.requestsWaiting(for: supervisor.session) == 0)
    #expect(try await vault.requests(by: auditor.caller).value.map(\.id) == [asked.id])
    let shown = try await vault.showRequest(asked.id, by: auditor.caller).value
    #expect(shown.waitsForCaller)
    let words = shown.words.joined(separator: "\n")
    let newest = try #require(report.newest)
    for part in [
      "number 2", "after \(lost.kept.size) entries of \(lost.kept.origin.text), root \(lost.kept.root)",
      "Entries \(lost.kept.size) to \(newest.size - 1) are gone",
      "The journal was replayed: 1 suspensions, 1 revocations",
      "Its newest line is from when log 1 had \(report.succession.replay.reachSize) entries",
      hexadecimal(lost.digest), hexadecimal(report.succession.hash), "Kept out", Person.liaison.name,
    ] { #expect(words.contains(part), "\(part): \(words)") }
    // Nobody else is told, nobody approves their own, and nothing but what was shown is approved.
    let officer = try lost.team.seat(.officer, in: vault)
    #expect(await refusal { try await vault.showRequest(asked.id, by: officer.caller) } == .notFound)
    #expect(await refusal { try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller) } == .denied)
    #expect(
      await refusal { try await vault.deny(asked.id, reason: "Not mine to say", by: supervisor.caller) } == .denied)
    #expect(
      await refusal {
        try await vault.approve(asked.id, digest: hexadecimal(report.succession.hash), by: auditor.caller)
      } == .conflict)
    #expect(try vault.status().isRestored && vault.acceptances().isEmpty)
    let done = try await vault.approve(asked.id, digest: asked.digest, by: auditor.caller).value
    #expect(done.state == .used && done.approver?.description == Person.auditor.name)
    #expect(try !vault.status().isRestored)
    // What clients follow is the same document as ever.
    let acceptance = try UnverifiedAcceptance(decoding: try #require(try vault.acceptances().first))
    #expect(Set(try acceptance.verified(vaultID: lost.vaultID).accepters.map(\.role)) == ["supervisor", "auditor"])
    var filter = AuditFilter()
    filter.after = vault.ledger.size - 3
    let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry).prefix(2)
    #expect(entries.map(\.action) == ["approval.give", "restore.accept"])
    #expect(entries.allSatisfy { $0.account == Person.auditor.name && $0.approval == asked.id.description })
    await vault.close()
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == nil)
  }

  @Test func `P7 A denied acceptance is withdrawn, one that has expired or was suspended counts no more`() async throws
  {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    let vault = try await place.open()
    let (supervisor, auditor) = (
      try lost.team.seat(.supervisor, in: vault), try lost.team.seat(.auditor, in: vault)
    )
    let hash = report.succession.hash
    func signed() async throws -> [String] { try await vault.restoration(by: auditor.caller).value.signed }

    let first = try await vault.acceptRestore(hash, by: supervisor.caller).value
    let denied = try await vault.deny(first.id, reason: "Es gibt eine neuere Sicherung", by: auditor.caller).value
    #expect(denied.state == .denied)
    #expect(try await signed().isEmpty)
    let kept = try vault.read("A restoration") { view in try Restoration.all(in: view, keys: vault.keys).last }
    #expect(kept?.restoration.signatures.isEmpty == true)
    #expect(
      await refusal { try await vault.approve(first.id, digest: first.digest, by: auditor.caller) } == .conflict)

    // Anew, by the other; and it runs out.
    let second = try await vault.acceptRestore(hash, by: auditor.caller).value
    #expect(second.state == .pending && second.id != first.id)
    #expect(try await signed() == [Person.auditor.name])
    place.clock.advance(seconds: 73 * 3600)
    let (later, reader) = (
      try lost.team.seat(.supervisor, in: vault), try lost.team.seat(.auditor, in: vault)
    )
    #expect(try await vault.restoration(by: reader.caller).value.signed.isEmpty)
    #expect(await refusal { try await vault.approve(second.id, digest: second.digest, by: later.caller) } == .conflict)
    let third = try await vault.acceptRestore(hash, by: later.caller).value
    #expect(third.state == .pending && third.id != second.id)
    #expect(try vault.status().isRestored)
    await vault.close()
    #expect(await refusal { try Vault.verify(directory: place.directory, root: place.root) } == nil)
  }

  @Test func `P7 Two of one role do not accept a restore, and who was suspended meanwhile does not count`() async throws
  {
    let (team, place) = try await Team.copy()
    let secrets = try await place.withVault { vault in
      let words = try await vault.inviteAndEnrol(.second, by: team.seat(.administrator, in: vault))
      _ = try await vault.grant(
        name(Person.second.name), in: programme(Team.navigators), fingerprint: words, expires: nil,
        by: team.seat(.supervisor, in: vault).caller)
      return try #require(try await vault.seat(.second).session.secrets)
    }
    let report = try await Vault.succeed(
      directory: place.directory, root: place.root,
      source: Vault.SuccessionSource(backup: [UInt8](repeating: 7, count: 32)), anchorPath: place.anchor + ".2",
      clock: place.clock.vaultClock)
    try FileManager.default.removeItem(atPath: place.anchor)
    let vault = try await place.open()
    let hash = report.succession.hash
    let second = try vault.seat(.second, secrets: secrets)
    let (supervisor, auditor) = (try team.seat(.supervisor, in: vault), try team.seat(.auditor, in: vault))
    let first = try await vault.acceptRestore(hash, by: second.caller).value
    #expect(await refusal { try await vault.acceptRestore(hash, by: supervisor.caller) } == .denied)
    #expect(
      await refusal { try await vault.approve(first.id, digest: first.digest, by: supervisor.caller) } == .denied)
    #expect(try vault.requestsWaiting(for: supervisor.session) == 0)
    _ = try await vault.suspend(
      name(Person.second.name), by: team.seat(.administrator, in: vault).caller)
    #expect(try await vault.restoration(by: auditor.caller).value.signed.isEmpty)
    #expect(await refusal { try await vault.approve(first.id, digest: first.digest, by: auditor.caller) } != nil)
    let anew = try await vault.acceptRestore(hash, by: supervisor.caller).value
    #expect(anew.state == .pending && vault.isRestored)
    #expect(try await vault.acceptRestore(hash, by: auditor.caller).value.state == .used)
    let acceptance = try UnverifiedAcceptance(decoding: try #require(try vault.acceptances().first))
    #expect(
      Set(try acceptance.verified(vaultID: vault.keys.vault).accepters.map(\.name))
        == [Person.supervisor.name, Person.auditor.name])
    await vault.close()
  }

  @Test func `P7 Before the acceptance no other request is shown or decided`() async throws {
    let (team, place) = try await Team.copy()
    let (asked, anchor) = try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      _ = try await vault.suspend(name(Person.stranger.name), by: administrator.caller)
      let asked = try await vault.request(.reinstate(name(Person.stranger.name)), by: administrator.caller).value
      return (asked, vault.ledger.size)
    }
    #expect(anchor > 0)
    _ = try await Vault.succeed(
      directory: place.directory, root: place.root,
      source: Vault.SuccessionSource(backup: [UInt8](repeating: 7, count: 32)),
      anchorPath: place.anchor + ".2", clock: place.clock.vaultClock)
    try FileManager.default.removeItem(atPath: place.anchor)
    let vault = try await place.open()
    let supervisor = try team.seat(.supervisor, in: vault)
    #expect(try await vault.requests(by: supervisor.caller).value.isEmpty)
    #expect(try vault.requestsWaiting(for: supervisor.session) == 0)
    #expect(await refusal { try await vault.showRequest(asked.id, by: supervisor.caller) } == .restored)
    #expect(
      await refusal { try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller) } == .restored)
    #expect(await refusal { try await vault.deny(asked.id, reason: "Nein", by: supervisor.caller) } == .restored)
    await vault.close()
  }

  @Test func `P7 No policy keeps a supervisor and an auditor from accepting a restore`() {
    for (askers, approvers) in [([Role.auditor], [Role.auditor]), ([.supervisor], [.supervisor])] {
      let policy = ApprovalPolicy(stating: [.restoreAccept: .init(askers: Set(askers), approvers: Set(approvers))])
      #expect(throws: VaultError.self) { try policy.demandFloor() }
    }
    for (askers, approvers) in [([Role.auditor], [Role.supervisor]), ([.supervisor], [.auditor])] {
      let policy = ApprovalPolicy(stating: [.restoreAccept: .init(askers: Set(askers), approvers: Set(approvers))])
      #expect(throws: Never.self) { try policy.demandFloor() }
    }
  }

  // MARK: Acceptance

  private func accepted(_ lost: Lost) async throws -> UnverifiedAcceptance {
    let (place, report) = try await restored(lost)
    let vault = try await place.open()
    try await accept(vault, lost, report)
    let bytes = try #require(try vault.acceptances().first)
    await vault.close()
    return try UnverifiedAcceptance(decoding: bytes)
  }

  @Test func `P4 P6 A client follows an acceptance by a supervisor and an auditor of its own vault, and no other`()
    async throws
  {
    let lost = try await Self.making.value
    let genuine = try await accepted(lost)
    let verified = try genuine.verified(vaultID: lost.vaultID)
    #expect(Set(verified.accepters.map(\.role)) == ["supervisor", "auditor"])
    #expect(verified.kept == lost.kept && verified.log.name.text.hasSuffix("/2"))
    #expect(try UnverifiedAcceptance(decoding: genuine.bytes) == genuine)

    func refused(_ what: String, _ change: (inout [UnverifiedAcceptance.Signature], inout [AcceptancePerson]) -> Void) {
      var (signatures, people) = (genuine.signatures, genuine.people)
      change(&signatures, &people)
      let forged = UnverifiedAcceptance(
        genesis: genuine.genesis, succession: genuine.succession, signatures: signatures, people: people)
      #expect(throws: LogError.self, "\(what)") { try forged.verified(vaultID: lost.vaultID) }
    }
    refused("one signature") { signatures, _ in signatures.removeLast() }
    refused("the same person twice") { signatures, _ in signatures[1] = signatures[0] }
    refused("signatures exchanged") { signatures, _ in
      (signatures[0].signature, signatures[1].signature) = (signatures[1].signature, signatures[0].signature)
    }
    refused("a flipped signature") { signatures, _ in signatures[1].signature[5] ^= 1 }
    refused("nobody behind it") { _, people in people = [] }
    refused("a person doubled") { _, people in people.append(people[0]) }
    for index in genuine.people.indices {
      refused("certificate \(index)") { _, people in people[index].certificate[40] ^= 1 }
      refused("code signature \(index)") { _, people in people[index].codeSignature[0] ^= 1 }
      refused("own signature \(index)") { _, people in people[index].ownSignature[0] ^= 1 }
    }
    #expect(throws: LogError.self) { try genuine.verified(vaultID: [UInt8](repeating: 3, count: 32)) }
    var altered = genuine.succession
    altered[altered.count - 3] ^= 1
    let other = UnverifiedAcceptance(
      genesis: genuine.genesis, succession: altered, signatures: genuine.signatures, people: genuine.people)
    #expect(throws: LogError.self) { try other.verified(vaultID: lost.vaultID) }
    for cut in stride(from: 0, to: genuine.bytes.count, by: 97) {
      #expect(throws: LogError.self) {
        try UnverifiedAcceptance(decoding: Array(genuine.bytes.prefix(cut))).verified(vaultID: lost.vaultID)
      }
    }
  }

  /// Signed by these people in their sessions, whoever they are, with all that is there to show who stands behind them.
  private func acceptance(
    of succession: Succession, by signers: [Seat], in vault: Vault
  ) throws -> UnverifiedAcceptance {
    UnverifiedAcceptance(
      genesis: vault.genesis.bytes, succession: succession.bytes,
      signatures: try signers.map { seat in
        UnverifiedAcceptance.Signature(
          name: seat.person.name,
          signature: try #require(try seat.session.secrets).signing.sign(
            Succession.signedBytes(hash: succession.hash, name: seat.person.name, role: seat.person.role.rawValue)))
      }, people: try vault.people(behind: signers.map(\.person.name)))
  }

  @Test func `P6 Somebody whom a supervisor let in accepts like a founder, and two supervisors are not enough`()
    async throws
  {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    let vault = try await place.open()
    try await accept(vault, lost, report)
    let administrator = try lost.team.seat(.administrator, in: vault)
    let supervisor = try lost.team.seat(.supervisor, in: vault)
    let words = try await vault.inviteAndEnrol(.second, by: administrator)
    _ = try await vault.grant(
      name(Person.second.name), in: programme(Team.navigators), fingerprint: words, expires: nil, by: supervisor.caller)
    let second = try await vault.seat(.second)
    let auditor = try lost.team.seat(.auditor, in: vault)
    func acceptance(_ signers: [Seat]) throws -> UnverifiedAcceptance {
      try self.acceptance(of: report.succession, by: signers, in: vault)
    }
    let good = try acceptance([second, auditor])
    #expect(
      try good.verified(vaultID: lost.vaultID).accepters.map(\.name) == [Person.second.name, Person.auditor.name])
    let alike = try acceptance([second, supervisor])
    #expect(throws: LogError.self) { try alike.verified(vaultID: lost.vaultID) }
    // Whoever vouches for them must do so with their own signature.
    for index in good.people.indices where !good.people[index].manifest.isEmpty {
      var people = good.people
      people[index].manifestSignature[3] ^= 1
      let forged = UnverifiedAcceptance(
        genesis: good.genesis, succession: good.succession, signatures: good.signatures, people: people)
      #expect(throws: LogError.self) { try forged.verified(vaultID: lost.vaultID) }
    }
    #expect(good.people.contains { !$0.manifest.isEmpty })
    await vault.close()
  }

  @Test
  func `P6 Founders whose keys were replaced accept with the new ones, as does whom they let in with the old ones`()
    async throws
  {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    let vault = try await place.open()
    try await accept(vault, lost, report)
    let administrator = try lost.team.seat(.administrator, in: vault)
    let supervisor = try lost.team.seat(.supervisor, in: vault)
    let auditor = try lost.team.seat(.auditor, in: vault)
    let other = Person(name: "second-auditor", role: .auditor, uid: 1021)
    let words = try await vault.inviteAndEnrol(.second, by: administrator)
    for programme in [Team.navigators, Team.harbour] {
      _ = try await vault.grant(
        name(Person.second.name), in: VaultEngineTests.programme(programme), fingerprint: words, expires: nil,
        by: supervisor.caller)
    }
    let otherWords = try await vault.inviteAndEnrol(other, by: administrator)
    _ = try await vault.grantAudit(name(other.name), fingerprint: otherWords, by: auditor.caller)
    let (second, otherAuditor) = (try await vault.seat(.second), try await vault.seat(other))
    func acceptance(_ signers: [Seat]) throws -> UnverifiedAcceptance {
      try self.acceptance(of: report.succession, by: signers, in: vault)
    }
    func isAccepted(_ acceptance: UnverifiedAcceptance) -> Bool {
      (try? acceptance.verified(vaultID: lost.vaultID)) != nil
    }
    func renewed(_ person: Person) async throws -> (seat: Seat, words: String) {
      let phrase = "\(person.name) has another one"
      let code = try await vault.replaceAccount(name(person.name), by: administrator.caller).value.code
      let words = try await vault.enrol(person.name, code: code.text, passphrase: secret(phrase), by: person.caller())
        .fingerprint.words
      return (try await vault.seat(person, passphrase: phrase), words)
    }
    let (newSupervisor, supervisorWords) = try await renewed(.supervisor)
    let (newAuditor, auditorWords) = try await renewed(.auditor)
    // New keys that an administrator alone has made are nobody's yet.
    #expect(try !isAccepted(acceptance([newSupervisor, otherAuditor])))
    #expect(try !isAccepted(acceptance([second, newAuditor])))
    _ = try await vault.grant(
      name(Person.supervisor.name), in: VaultEngineTests.programme(Team.navigators), fingerprint: supervisorWords,
      expires: nil, by: second.caller)
    _ = try await vault.grantAudit(name(Person.auditor.name), fingerprint: auditorWords, by: otherAuditor.caller)
    for signers in [[newSupervisor, newAuditor], [newSupervisor, otherAuditor], [second, newAuditor]] {
      let good = try acceptance(signers)
      #expect(isAccepted(good), "\(signers.map(\.person.name))")
      #expect(try UnverifiedAcceptance(decoding: good.bytes) == good)
      // Without what the founder was before, nothing leads to the genesis.
      for name in [Person.supervisor.name, Person.auditor.name] {
        guard let index = good.people.firstIndex(where: { $0.name == name && $0.invitation.isEmpty }) else { continue }
        var people = good.people
        people.remove(at: index)
        #expect(
          !isAccepted(
            UnverifiedAcceptance(
              genesis: good.genesis, succession: good.succession, signatures: good.signatures, people: people)))
      }
    }
    await vault.close()
  }

  @Test func `P6 An administrator who invites a supervisor and an auditor of their own cannot accept with them`()
    async throws
  {
    let lost = try await Self.making.value
    let (place, report) = try await restored(lost)
    // With the root key and the administrator's own key: two invented people, properly invited and enrolled.
    let vault = try await place.open()
    let administrator = try #require(lost.team.secrets[Person.administrator.name])
    var signatures: [UnverifiedAcceptance.Signature] = []
    let genuine = try await accepted(lost)
    var people = genuine.people
    let inviter = try vault.read("An account") { view in
      try vault.trust.accountWithVersion(AccountName(Person.administrator.name), in: view)
    }
    let row = try #require(inviter?.row)
    people.append(
      AcceptancePerson(
        name: Person.administrator.name, certificate: row.certificate ?? [], codeSignature: row.codeSignature,
        ownSignature: row.ownSignature))
    for (person, role) in [("mallory", Role.supervisor), ("mordred", Role.auditor)] {
      let (code, secrets) = (OneTimeCode.random(), AccountSecrets())
      let invitation = Invitation(
        vault: lost.vaultID, name: try name(person), role: role, peer: .uid(7),
        codeHash: OneTimeCode.hash(of: code.signingKey.verifyingKey), issued: place.clock.now,
        inviter: .account(try name(Person.administrator.name)))
      let certificate = Certificate(
        vault: lost.vaultID, name: try name(person), role: role, peer: .uid(7), codeKey: code.signingKey.verifyingKey,
        verifyingKey: secrets.signing.verifyingKey, sealingKey: secrets.opening.sealingKey, authority: invitation.hash,
        enrolled: place.clock.now)
      let signed = Certificate.signedBytes(hash: certificate.hash)
      people.append(
        AcceptancePerson(
          name: person, invitation: invitation.bytes,
          invitationSignature: invitation.signature(by: administrator.signing),
          certificate: certificate.bytes, codeSignature: code.signingKey.sign(signed),
          ownSignature: secrets.signing.sign(signed)))
      signatures.append(
        UnverifiedAcceptance.Signature(
          name: person,
          signature: secrets.signing.sign(
            Succession.signedBytes(hash: report.succession.hash, name: person, role: role.rawValue))))
    }
    await vault.close()
    let forged = UnverifiedAcceptance(
      genesis: genuine.genesis, succession: report.succession.bytes, signatures: signatures, people: people)
    #expect(throws: LogError.self) { try forged.verified(vaultID: lost.vaultID) }
  }
}
