import Synchronization
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// What a service seals and hands in: taken unread, unreadable to its sender, and no record before an officer says so.
@Suite struct SubmissionTests {
  private let navigators: ProgrammeID
  private static let service = Person.service

  init() throws { navigators = try programme(Team.navigators) }

  /// A service on its own side of the socket.
  private struct Client {
    let seat: Seat
    let signing: SigningKey
    /// Keys of the sections it sealed would be here; it keeps none.
    let vault: Vault

    init(_ team: Team, _ vault: Vault) async throws {
      signing = try #require(team.secrets[service.name]).signing
      let challenge = try vault.challenge(for: service.name, by: service.caller())
      let message = LoginChallenge.signedBytes(
        vault: vault.keys.vault, account: try name(service.name), uid: service.uid, challenge: challenge.bytes)
      let opened = try await vault.login(
        service.name, challenge: challenge.bytes, signature: signing.sign(message), by: service.caller())
      seat = Seat(vault: vault, person: service, token: opened.token)
      self.vault = vault
    }

    func seal(_ document: String, at slot: Vault.SubmissionSlot, signing other: SigningKey? = nil) throws
      -> [SealedSection]
    {
      try Vault.sections(of: json(document)).map { section, values in
        try seal(Array(JSONValue.object(values).canonicalBytes()), section, at: slot, signing: other)
      }
    }

    func seal(
      _ bytes: [UInt8], _ section: Section, at slot: Vault.SubmissionSlot, signing other: SigningKey? = nil
    ) throws -> SealedSection {
      let part = try #require(slot.parts.first { $0.section == section })
      let place = SubmissionPlace(
        vault: vault.keys.vault, submission: slot.id,
        compartment: .section(try programme(Team.navigators), section))
      return try SealedSection.seal(
        bytes, section: section, at: place, to: SealingKey(part.publicKey), epoch: part.epoch,
        signing: other ?? signing)
    }

    func slot() async throws -> Vault.SubmissionSlot {
      try await vault.submissionSlot(in: programme(Team.navigators), by: seat.caller)
    }

    func send(_ sections: [SealedSection], at slot: Vault.SubmissionSlot) async throws -> RecordID {
      try await vault.receive(
        SealedSubmission(id: slot.id, ticket: slot.ticket, sections: sections), in: programme(Team.navigators),
        by: seat.caller
      ).value.id
    }

    func submit(_ document: String) async throws -> RecordID {
      let slot = try await slot()
      return try await send(seal(document, at: slot), at: slot)
    }
  }

  private func open(_ body: (Team, VaultPlace, Vault, Client) async throws -> Void) async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in try await body(team, place, vault, try await Client(team, vault)) }
    _ = try Vault.verify(directory: place.directory, root: place.root)
  }

  private static let report = #"""
    {"identity": {"prs_FirstName": "Noor", "prs_SecondName": "Jahan", "prs_Birthdate": "2003"},
     "contact": {"vault_ContactMethods": [{"kind": "mobile", "value": "+880 1911 000222", "safe": "unknown"}]},
     "exploitation": {"vault_Narrative": "A neighbour rang about the tannery."}}
    """#

  /// Makes every commit fail while it is on.
  private final class Fault: Sendable {
    private struct NoDisk: Error {}
    private let isOn = Mutex(false)

    func set(_ on: Bool) { isOn.withLock { $0 = on } }
    func check() throws { if isOn.withLock(\.self) { throw NoDisk() } }
  }

  // MARK: Waiting

  @Test func `What is handed in waits, is found by nobody, and is read with a purpose and an entry`() async throws {
    try await open { team, _, vault, client in
      let officer = try team.seat(.officer, in: vault)
      let before = try await vault.submissions(in: navigators, by: officer.caller).value
      let id = try await client.submit(Self.report)
      let listed = try await vault.submissions(in: navigators, by: officer.caller).value
      #expect(listed.waiting == before.waiting + 1)
      let row = try #require(listed.rows.last)
      #expect(row.id == id && row.service.description == Self.service.name)
      #expect(Set(row.sections) == [.identity, .contact, .exploitation])
      // It is no record: not by id, not in lists, not in searches.
      #expect(await refusal { try await vault.readRecord(id, sections: [.identity], by: officer.caller) } == .notFound)
      #expect(
        try await vault.records(in: navigators, after: nil, limit: 100, by: officer.caller).value.records.allSatisfy {
          $0.id != id
        })
      for terms in ["noor jahan", "000222"] {
        #expect(
          try await vault.search(terms, programme: nil, born: nil, limit: nil, by: officer.caller).value.allSatisfy {
            $0.id != id
          })
      }
      #expect(await refusal { try await vault.readSubmission(id, by: officer.caller(purpose: nil)) } == .purposeNeeded)
      let read = try await vault.readSubmission(id, by: officer.caller)
      #expect(read.value.faults.isEmpty && read.value.sections.count == 3)
      let text = read.value.sections.map { String(decoding: $0.json, as: UTF8.self) }.joined()
      #expect(text.contains("Noor") && text.contains("tannery"))
      let auditor = try team.seat(.auditor, in: vault)
      let entries = try await vault.auditEntries(.init(), by: auditor.caller).value.entries
      let entry = try #require(entries.first { $0.index == read.entryIndex }?.entry)
      #expect(entry.action == "submission.read" && entry.record == id.description && entry.purpose == "casework")
      #expect(Set(entry.sections) == ["identity", "contact", "exploitation"])
      let sent = try #require(
        entries.last { $0.entry.action == "submission.send" && $0.entry.record == id.description })
      #expect(sent.entry.account == Self.service.name && sent.entry.outcome == .allowed)
    }
  }

  @Test func `P2 Its sender cannot read it back, with the whole database, the root key and its own secrets`()
    async throws
  {
    let (team, place) = try await Team.copy()
    var id: RecordID?
    try await place.withVault { vault in
      let client = try await Client(team, vault)
      let sent = try await client.submit(Self.report)
      id = sent
      #expect(await refusal { try await vault.readSubmission(sent, by: client.seat.caller) } == .denied)
      #expect(await refusal { try await vault.submissions(in: nil, by: client.seat.caller) } == .denied)
      #expect(await refusal { try await vault.acceptSubmission(sent, by: client.seat.caller) } == .denied)
    }
    // Without the daemon's check, and with the account's keys unlocked in it.
    try await place.withVault(removesGate: true) { vault in
      let seat = try team.seat(.service, in: vault)
      #expect(await refusal { try await vault.readSubmission(#require(id), by: seat.caller) } == .denied)
      #expect(await refusal { try await vault.acceptSubmission(#require(id), by: seat.caller) } == .denied)
    }
    // Without the daemon.
    let forger = try Forger(place)
    let own = try #require(team.secrets[Self.service.name])
    let row = try #require(try place.rows(.submission).first { $0.key == SubmissionRows.headKey(forger.keys, id!) })
    let head = try SubmissionRows.head(of: row, keys: forger.keys)
    #expect(head.parts.count == 3)
    let store = try VaultStore.open(directory: place.directory)
    defer { try? store.close() }
    let openers = [own.opening, OpeningKey(secret: place.root.key), OpeningKey(secret: forger.keys.outerWrap)]
    for part in head.parts {
      let sealed = try store.read { view in
        try SubmissionRows.part(part, of: head, keys: forger.keys, in: view) { _ in [own.signing.verifyingKey] }
      }
      for opener in openers {
        #expect((try? sealed.open(at: head.place(of: part, vault: forger.keys.vault), with: opener))?.byteCount == nil)
      }
      for key in [forger.keys.outerWrap, forger.keys.rowSet, place.root.key, own.opening.secretKey] {
        #expect(
          (try? Envelope.open(
            sealed.body, key: key, suite: .record,
            associatedData: head.place(of: part, vault: forger.keys.vault).bodyContext))?.byteCount == nil)
      }
    }
  }

  @Test func `P2 Nobody reviews but officers and supervisors of the programme`() async throws {
    try await open { team, _, vault, client in
      let id = try await client.submit(Self.report)
      for person in [Person.liaison, .analyst, .auditor, .administrator, .stranger, .neighbour] {
        let seat = try team.seat(person, in: vault)
        #expect(await refusal { try await vault.readSubmission(id, by: seat.caller) } == .denied, "\(person.name)")
        #expect(await refusal { try await vault.acceptSubmission(id, by: seat.caller) } == .denied, "\(person.name)")
        #expect(
          await refusal { try await vault.rejectSubmission(id, reason: "no", by: seat.caller) } == .denied,
          "\(person.name)")
      }
      let supervisor = try team.seat(.supervisor, in: vault)
      _ = try await vault.readSubmission(id, by: supervisor.caller)
    }
  }

  @Test func `P8 Who left the programme before opens nothing that was handed in after`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let compartment = Compartment.section(navigators, .identity)
      let kept = try #require(try officer.session.held(compartment)).keys
      let supervisor = try team.seat(.supervisor, in: vault)
      let client = try await Client(team, vault)
      let slot = try await client.slot()
      let old = try client.seal(Self.report, at: slot)
      _ = try await vault.revoke(name(Person.officer.name), in: navigators, by: supervisor.caller)
      // Sealed to the key that the leaver holds: not taken any more.
      #expect(await refusal { try await client.send(old, at: slot) } == .conflict)
      let id = try await client.submit(Self.report)
      let head = try #require(
        try vault.read("") { view in try view.row(.submission, SubmissionRows.headKey(vault.keys, id)) }
          .map { try SubmissionRows.head(of: $0, keys: vault.keys) })
      let part = try #require(head.parts.first { $0.section == .identity })
      #expect(part.epoch == 2)
      let sealed = try vault.read("") { view in
        try SubmissionRows.part(part, of: head, keys: vault.keys, in: view) { _ in [client.signing.verifyingKey] }
      }
      for key in kept.values {
        #expect((try? sealed.open(at: head.place(of: part, vault: vault.keys.vault), with: key.opening)) == nil)
      }
      _ = try await vault.readSubmission(id, by: supervisor.caller)
    }
  }

  // MARK: Refused at the door

  /// Each of these differs from a good submission in one thing.
  @Test(arguments: [
    "another's signature", "altered body", "altered key", "altered signature", "section swapped", "another slot's seal",
    "no ticket", "another's ticket", "another epoch", "a section twice", "no section", "wrong suite", "body too short",
  ])
  func `A submission that is not sealed and signed as it should be is not taken`(fault: String) async throws {
    try await open { team, _, vault, client in
      let slot = try await client.slot()
      var parts = try client.seal(Self.report, at: slot)
      var ticket = slot.ticket
      func change(
        section: Section? = nil, epoch: UInt64? = nil, body: [UInt8]? = nil, key: [UInt8]? = nil,
        signature: [UInt8]? = nil
      ) {
        let part = parts[0]
        parts[0] = SealedSection(
          section: section ?? part.section, epoch: epoch ?? part.epoch, body: body ?? part.body,
          sealedKey: key ?? part.sealedKey, signature: signature ?? part.signature)
      }
      func flipped(_ bytes: [UInt8], at place: Int) -> [UInt8] {
        var bytes = bytes
        bytes[place] ^= 1
        return bytes
      }
      switch fault {
      case "another's signature": parts = try client.seal(Self.report, at: slot, signing: AccountSecrets().signing)
      case "altered body": change(body: flipped(parts[0].body, at: 100))
      case "altered key": change(key: flipped(parts[0].sealedKey, at: 40))
      case "altered signature": change(signature: flipped(parts[0].signature, at: 3))
      case "section swapped": change(section: .health)
      case "another slot's seal": parts = try client.seal(Self.report, at: try await client.slot())
      case "no ticket": ticket = []
      case "another's ticket": ticket = try await client.slot().ticket
      case "another epoch": change(epoch: parts[0].epoch + 1)
      case "a section twice": parts.append(parts[0])
      case "no section": parts = []
      case "wrong suite": change(body: flipped(parts[0].body, at: 1))
      default: change(body: Array(parts[0].body.prefix(90)))
      }
      let waiting = vault.submissions.waiting(in: navigators).count
      let sent = SealedSubmission(id: slot.id, ticket: ticket, sections: parts)
      let code = await refusal { try await vault.receive(sent, in: navigators, by: client.seat.caller) }
      #expect(code == (fault == "another epoch" ? .conflict : .invalid))
      #expect(vault.submissions.waiting(in: navigators).count == waiting)
      // The slot is still good for what is right.
      _ = try await client.send(client.seal(Self.report, at: slot), at: slot)
    }
  }

  @Test func `The same submission sent twice is one, also after it was decided`() async throws {
    try await open { team, _, vault, client in
      let slot = try await client.slot()
      let parts = try client.seal(Self.report, at: slot)
      let waiting = vault.submissions.waiting(in: navigators).count
      for _ in 0..<2 { #expect(try await client.send(parts, at: slot) == slot.id) }
      #expect(vault.submissions.waiting(in: navigators).count == waiting + 1)
      let other = try client.seal(Self.report, at: slot)
      #expect(await refusal { try await client.send(other, at: slot) } == .retryMismatch)
      let officer = try team.seat(.officer, in: vault)
      _ = try await vault.rejectSubmission(slot.id, reason: "A test call", by: officer.caller)
      #expect(try await client.send(parts, at: slot) == slot.id)
      #expect(vault.submissions.waiting(in: navigators).count == waiting, "it does not come back")
    }
  }

  @Test func `Quotas bound one service, tell it when to come back, and touch nobody else`() throws {
    let register = SubmissionRegister()
    let bytes: UInt64 = 1000
    func head(_ service: String, _ id: UInt64, bytes: UInt64 = bytes) throws -> SubmissionHead {
      SubmissionHead(
        id: RecordID(bits: id), programme: navigators, service: try name(service),
        received: Timestamp(milliseconds: id),
        byteCount: bytes, parts: [])
    }
    var id: UInt64 = 0
    func fill(_ service: String, at second: UInt64) throws -> (taken: Int, refused: VaultError?) {
      for taken in 0...2 * SubmissionQuota.dayCountMax {
        id += 1
        do { try register.admit(head(service, id), bootNow: second * 1_000_000_000) } catch {
          return (taken, error as? VaultError)
        }
      }
      return (0, nil)
    }
    let first = try fill("intake-desk", at: 10_000)
    #expect(first.taken == SubmissionQuota.hourCountMax && first.refused?.code == .overQuota)
    #expect(first.refused?.retryAfterSeconds == Int(SubmissionQuota.hourSeconds) && first.refused?.hint != nil)
    #expect(try fill("board-form", at: 10_000).taken == SubmissionQuota.hourCountMax, "another one's own")
    // An hour later as many again, until too many wait.
    var taken = first.taken
    for hour in 1...4 as ClosedRange<UInt64> { taken += try fill("intake-desk", at: 10_000 + hour * 3600).taken }
    #expect(taken == SubmissionQuota.waitingCountMax)
    // Somebody looks: then the day's quota is what is left.
    for waiting in register.waiting(in: navigators) where waiting.service.description == "intake-desk" {
      register.remove(waiting.id)
    }
    #expect(try fill("intake-desk", at: 10_000 + 6 * 3600).taken == SubmissionQuota.dayCountMax - taken)
    // A day after all of it everything is open again; large ones are counted by their bytes.
    let late: UInt64 = 10_000 + 60 * 3600
    #expect(throws: VaultError(.overQuota, "")) {
      try register.admit(
        head("intake-desk", 1 << 40, bytes: SubmissionQuota.hourByteCountMax + 1), bootNow: late * 1_000_000_000)
    }
    try register.admit(
      head("intake-desk", 1 << 41, bytes: SubmissionQuota.hourByteCountMax), bootNow: late * 1_000_000_000)
    #expect(throws: VaultError(.overQuota, "")) {
      try register.admit(head("intake-desk", 1 << 42), bootNow: late * 1_000_000_000)
    }
  }

  @Test func `Beyond its quota a service is refused with an entry, and what waits still counts after a restart`()
    async throws
  {
    let (team, place) = try await Team.copy()
    let officer = Person.officer
    try await place.withVault { vault in
      let client = try await Client(team, vault)
      let had = vault.submissions.waiting(in: navigators).count
      let small = #"{"contact": {"prs_MailingCity": "Sylhet"}}"#
      for _ in 0..<(SubmissionQuota.hourCountMax - had - 1) { _ = try await client.submit(small) }
    }
    try await place.withVault { vault in
      let client = try await Client(team, vault)
      _ = try await client.submit(Self.report)
      var refused: VaultError?
      do { _ = try await client.submit(Self.report) } catch { refused = error as? VaultError }
      #expect(refused?.code == .overQuota && refused?.entryIndex != nil)
      // In the clear it is one and the same quota.
      let inClear = try team.seat(.service, in: vault)
      #expect(
        await refusal { try await vault.createRecord(in: navigators, json(Self.report), by: inClear.caller) }
          == .overQuota)
      let seat = try team.seat(officer, in: vault)
      _ = try await vault.createRecord(in: navigators, json(Self.report), by: seat.caller)
      place.clock.advance(seconds: Double(SubmissionQuota.hourSeconds))
      let later = try await Client(team, vault)
      _ = try await later.submit(Self.report)
    }
  }

  // MARK: Deciding

  @Test func `Accepting makes a record under the same id, found by name, sealed anew by a member`() async throws {
    try await open { team, _, vault, client in
      let id = try await client.submit(Self.report)
      let officer = try team.seat(.officer, in: vault)
      let rows = try vault.store.read { view in try view.rows(.section, limit: .max).map(\.body) }
      let saved = try await vault.acceptSubmission(id, by: officer.caller)
      #expect(saved.value.id == id && saved.value.version == 1)
      let head = try #require(try vault.recordHead(id)?.head)
      #expect(head.creator.description == Self.service.name && head.author.description == Self.service.name)
      #expect(head.assignment.owner.description == Person.officer.name)
      #expect(Set(head.cards.map(\.section)) == [.identity, .contact])
      for part in head.parts {
        let stored = try vault.store.read { view in
          (
            try view.row(.section, RecordRows.sectionKey(vault.keys, id, part.section, version: 1)),
            try view.row(.wrap, RecordRows.wrapKey(vault.keys, id, part))
          )
        }
        #expect(try #require(stored.1).body[0] == SealedBody.memberKind)
        #expect(!rows.contains(try #require(stored.0).body), "the service knows no key of the record")
      }
      #expect(
        try await vault.search("noor", programme: nil, born: nil, limit: nil, by: officer.caller).value.map(\.id) == [
          id
        ])
      let text = try await vault.readRecord(id, sections: [.exploitation], by: officer.caller).value.text
      #expect(text.contains("tannery"))
      // It is decided: nothing waits, nothing of it is left, and it cannot be decided again.
      #expect(try vault.store.read { view in try view.row(.submission, SubmissionRows.headKey(vault.keys, id)) } == nil)
      #expect(await refusal { try await vault.readSubmission(id, by: officer.caller) } == .notFound)
      #expect(await refusal { try await vault.acceptSubmission(id, by: officer.caller) } == .notFound)
      #expect(
        await refusal { try await vault.rejectSubmission(id, reason: "late", by: officer.caller) } == .notFound)
      let auditor = try team.seat(.auditor, in: vault)
      let entry = try #require(
        try await vault.auditEntries(.init(), by: auditor.caller).value.entries.first { $0.index == saved.entryIndex })
      #expect(entry.entry.action == "submission.accept" && entry.entry.account == Person.officer.name)
      #expect(entry.entry.record == id.description && entry.entry.detail == Self.service.name)
    }
  }

  @Test func `Merging adds to a record that is there and removes nothing`() async throws {
    try await open { team, _, vault, client in
      let officer = try team.seat(.officer, in: vault)
      let record = team.records[1]
      let before = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      let id = try await client.submit(
        #"""
        {"identity": {"prs_FirstName": "Lakshmi", "vault_Names": null}, "health": {"vault_Allergies": "latex"},
         "contact": {"vault_ContactMethods": [{"kind": "mobile", "value": "+91 98300 00999", "safe": "unknown"}]}}
        """#)
      #expect(
        await refusal { try await vault.mergeSubmission(id, into: record, ifVersion: nil, by: officer.caller) }
          == .versionNeeded)
      #expect(
        await refusal { try await vault.mergeSubmission(id, into: record, ifVersion: 99, by: officer.caller) } == .stale
      )
      let supervisor = try team.seat(.supervisor, in: vault)
      #expect(
        await refusal {
          try await vault.mergeSubmission(id, into: team.neighbourRecord, ifVersion: 1, by: supervisor.caller)
        } == .conflict)
      let saved = try await vault.mergeSubmission(
        id, into: record, ifVersion: before.version, by: officer.caller
      ).value
      #expect(saved.id == record && saved.version == before.version + 1)
      let after = try await vault.readRecord(record, sections: Section.allCases, by: officer.caller).value
      #expect(after.text.contains("लक्ष्मी देवी") && after.text.contains("Lakshmi") && after.text.contains("latex"))
      // Its list takes none of those away that an officer has confirmed.
      #expect(after.text.contains("98300 00456") && after.text.contains("98300 00999"))
      #expect(try vault.recordHead(record)?.head.author.description == Person.officer.name)
      #expect(await refusal { try await vault.readRecord(id, sections: [], by: officer.caller) } == .notFound)
      #expect(await refusal { try await vault.readSubmission(id, by: officer.caller) } == .notFound)
      // What says nothing new still goes.
      let again = try await client.submit(#"{"health": {"vault_Allergies": "latex"}}"#)
      let same = try await vault.mergeSubmission(
        again, into: record, ifVersion: saved.version, by: officer.caller
      ).value
      #expect(same.version == saved.version)
      #expect(await refusal { try await vault.readSubmission(again, by: officer.caller) } == .notFound)
    }
  }

  @Test func `An acceptance that is sent again is answered again, and its key is refused for another submission`()
    async throws
  {
    try await open { team, _, vault, client in
      let officer = try team.seat(.officer, in: vault)
      let record = team.records[1]
      let version = try #require(try vault.recordHead(record)?.head.version)
      let first = try await client.submit(#"{"health": {"vault_Allergies": "latex"}}"#)
      let second = try await client.submit(#"{"identity": {"prs_FirstName": "Lakshmi"}}"#)
      let waiting = vault.submissions.waiting(in: navigators).count
      func merge(_ id: RecordID, into record: RecordID, at version: UInt64, key: String, corrections: String? = nil)
        async throws -> UInt64
      {
        try await vault.mergeSubmission(
          id, into: record, ifVersion: version, corrections: corrections.map { try json($0) },
          by: officer.caller(key: key)
        ).value.version
      }
      #expect(try await merge(first, into: record, at: version, key: "merge") == version + 1)
      #expect(try await merge(first, into: record, at: version, key: "merge") == version + 1, "the first answer")
      #expect(try vault.recordHead(record)?.head.version == version + 1)
      // Another submission, other corrections, another record: another request.
      #expect(
        await refusal { try await merge(second, into: record, at: version + 1, key: "merge") } == .retryMismatch)
      #expect(
        await refusal {
          try await merge(
            first, into: record, at: version, key: "merge", corrections: #"{"health":{"vault_Allergies":"none"}}"#)
        } == .retryMismatch)
      #expect(
        await refusal { try await merge(second, into: team.records[2], at: 1, key: "merge") } == .retryMismatch)
      #expect(
        await refusal { try await vault.acceptSubmission(second, by: officer.caller(key: "merge")) } == .retryMismatch)
      #expect(vault.submissions.waiting(in: navigators).count == waiting - 1, "nothing was done")

      let made = try await vault.acceptSubmission(second, by: officer.caller(key: "accept")).value
      let again = try await vault.acceptSubmission(second, by: officer.caller(key: "accept")).value
      #expect(made.id == second && again.id == second && again.version == 1)
      #expect(await refusal { try await vault.acceptSubmission(second, by: officer.caller) } == .notFound)
      let stranger = try team.seat(.stranger, in: vault)
      #expect(
        await refusal { try await vault.acceptSubmission(second, by: stranger.caller(key: "accept")) } != nil)
      let third = try await client.submit(#"{"health": {"vault_Allergies": "latex"}}"#)
      #expect(
        await refusal { try await vault.acceptSubmission(third, by: officer.caller(key: "accept")) } == .retryMismatch)
      // What says nothing new is gone as well, and answered again.
      for _ in 0..<2 {
        #expect(try await merge(third, into: record, at: version + 1, key: "nothing new") == version + 1)
      }
      #expect(vault.submissions.waiting(in: navigators).count == waiting - 2)
    }
  }

  @Test func `Rejecting needs a reason and leaves no byte of it in the store`() async throws {
    try await open { team, _, vault, client in
      let id = try await client.submit(Self.report)
      let officer = try team.seat(.officer, in: vault)
      func rows() throws -> [Int] {
        try vault.store.read { view in
          try [StoreTable.submission, .section, .wrap].map { try view.count($0) }
        }
      }
      let before = try rows()
      #expect(await refusal { try await vault.rejectSubmission(id, reason: "", by: officer.caller) } == .invalid)
      #expect(try rows() == before)
      _ = try await vault.rejectSubmission(id, reason: "The caller hung up", by: officer.caller)
      #expect(try rows() == [before[0] - 1, before[1] - 3, before[2] - 3])
      #expect(try vault.recordHead(id) == nil)
      let auditor = try team.seat(.auditor, in: vault)
      let entry = try #require(
        try await vault.auditEntries(.init(), by: auditor.caller).value.entries.last {
          $0.entry.action == "submission.reject" && $0.entry.outcome == .allowed
        })
      #expect(entry.freeText == "The caller hung up")
    }
  }

  @Test func `What is no record is shown with its faults, and accepted only once an officer has put it right`()
    async throws
  {
    try await open { team, _, vault, client in
      let officer = try team.seat(.officer, in: vault)
      let slot = try await client.slot()
      let parts = [
        try client.seal(
          Array(#"{"prs_FirstName":"Noor","prs_Birthdate":"the year of the flood"}"#.utf8), .identity, at: slot),
        try client.seal(Array("[1,2]".utf8), .contact, at: slot),
        try client.seal(Array(#"{"vault_Narrative":"unfinished"#.utf8), .exploitation, at: slot),
      ]
      let id = try await client.send(parts, at: slot)
      let read = try await vault.readSubmission(id, by: officer.caller).value
      #expect(Set(read.faults.map(\.section)) == [.identity, .contact, .exploitation])
      #expect(read.faults.contains { $0.field == "prs_Birthdate" })
      #expect(read.sections.map(\.section) == [.identity])
      #expect(await refusal { try await vault.acceptSubmission(id, by: officer.caller) } == .invalid)
      let part = #"{"identity":{"prs_Birthdate":"1998"},"contact":{"prs_MailingCity":"Sylhet"}}"#
      #expect(
        await refusal { try await vault.acceptSubmission(id, corrections: json(part), by: officer.caller) } == .invalid)
      let all =
        #"{"identity":{"prs_Birthdate":"1998"},"contact":{"prs_MailingCity":"Sylhet"},"exploitation":{"vault_Narrative":"She rang twice."}}"#
      _ = try await vault.acceptSubmission(id, corrections: json(all), by: officer.caller)
      let head = try #require(try vault.recordHead(id)?.head)
      #expect(head.author.description == Person.officer.name && head.creator.description == Self.service.name)
      let text = try await vault.readRecord(id, sections: Section.allCases, by: officer.caller).value.text
      #expect(text.contains("Noor") && text.contains("1998") && text.contains("Sylhet") && text.contains("rang twice"))
    }
  }

  @Test func `What nobody can open is a fault of the service and no tampering`() async throws {
    try await open { team, _, vault, client in
      let officer = try team.seat(.officer, in: vault)
      let slot = try await client.slot()
      let place = SubmissionPlace(
        vault: vault.keys.vault, submission: slot.id, compartment: .section(navigators, .identity))
      // Well signed, and sealed to a key that nobody holds.
      let garbage = try SealedSection.seal(
        Array("{}".utf8), section: .identity, at: place, to: OpeningKey.random().sealingKey,
        epoch: slot.parts[0].epoch, signing: client.signing)
      let id = try await client.send([garbage], at: slot)
      let read = try await vault.readSubmission(id, by: officer.caller).value
      #expect(read.sections.isEmpty && read.faults.count == 1)
      #expect(await refusal { try await vault.acceptSubmission(id, by: officer.caller) } == .invalid)
      _ = try await vault.rejectSubmission(id, reason: "Cannot be opened", by: officer.caller)
    }
  }

  // MARK: Forged

  @Test func `P6 With the root key, nobody hands in under a service's name, nor makes a record of what it signed`()
    async throws
  {
    for author in ["forged name", "a member who only writes", "nobody let in"] {
      let (team, place) = try await Team.copy()
      let forger = try Forger(place)
      let person: Person =
        switch author {
        case "a member who only writes": .officer
        case "nobody let in": .stranger
        default: .service
        }
      let signing =
        author == "forged name" ? AccountSecrets().signing : try #require(team.secrets[person.name]).signing
      let id = RecordID(bits: 0x1234_5678_9ABC)
      let compartment = Compartment.section(navigators, .identity)
      try forger.forge { transaction in
        let (manifest, _) = try forger.manifest(compartment, in: transaction)
        let sealed = try SealedSection.seal(
          Array(#"{"prs_FirstName":"Planted"}"#.utf8), section: .identity,
          at: SubmissionPlace(vault: forger.keys.vault, submission: id, compartment: compartment),
          to: manifest.publicKey, epoch: manifest.epoch, signing: signing)
        let rows = SubmissionRows.new(
          [sealed], id: id, programme: navigators, service: try name(person.name),
          received: Timestamp(milliseconds: 1_772_352_000_000), keys: forger.keys)
        for change in rows.changes {
          guard case .put(let version, let body) = change.write else { continue }
          try transaction.put(change.table, change.key, version: version, body: body)
        }
      }
      #expect(
        await refusal { try Vault.verify(directory: place.directory, root: place.root) } == .integrity, "\(author)")
      try await place.withVault { vault in
        let officer = try team.seat(.officer, in: vault)
        #expect(await refusal { try await vault.readSubmission(id, by: officer.caller) } == .integrity, "\(author)")
        #expect(await refusal { try await vault.acceptSubmission(id, by: officer.caller) } == .integrity, "\(author)")
      }
    }
  }

  @Test func `P11 A decision that cannot be written changes nothing`() async throws {
    let (team, place) = try await Team.copy()
    let fault = Fault()
    let vault = try await place.open(beforeCommit: { try fault.check() })
    let officer = try team.seat(.officer, in: vault)
    let id = team.submission
    let waiting = vault.submissions.waiting(in: navigators).map(\.id)
    #expect(waiting.contains(id))
    fault.set(true)
    #expect(await refusal { try await vault.acceptSubmission(id, by: officer.caller) } == .unavailable)
    #expect(await refusal { try await vault.rejectSubmission(id, reason: "no", by: officer.caller) } == .unavailable)
    #expect(await refusal { try await vault.readSubmission(id, by: officer.caller) } == .unavailable)
    fault.set(false)
    #expect(vault.submissions.waiting(in: navigators).map(\.id) == waiting)
    #expect(try vault.recordHead(id) == nil)
    _ = try await vault.acceptSubmission(id, by: officer.caller)
    await vault.close()
    _ = try Vault.verify(directory: place.directory, root: place.root)
  }
}
