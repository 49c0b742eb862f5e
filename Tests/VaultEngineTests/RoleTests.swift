import Testing
import VaultModel

@testable import VaultEngine

/// The role table, as the daemon refuses and as keys refuse: every role, every verb, every section.
@Suite struct RoleTests {
  /// Two open copies of one vault, with everybody logged in: the ordinary one, and one without the daemon's check.
  private struct Open: Sendable {
    let team: Team
    let place: VaultPlace
    let vault: Vault
    let seats: [Role: Seat]

    init(removesGate: Bool) async throws {
      (team, place) = try await Team.copy()
      vault = try await place.open(removesGate: removesGate)
      var seats: [Role: Seat] = [:]
      for person in [Person.administrator, .supervisor, .auditor, .officer, .liaison, .analyst, .service] {
        seats[person.role] = try team.seat(person, in: vault)
      }
      self.seats = seats
    }
  }

  private static let guarded = Task { try await Open(removesGate: false) }
  private static let unguarded = Task { try await Open(removesGate: true) }

  private static let sections: [(Role, Section)] = Role.allCases.flatMap { role in
    Section.allCases.map { (role, $0) }
  }

  private static let values: [Section: String] = [
    .identity: #"{"prs_FirstName":"Mira"}"#, .contact: #"{"prs_MailingCity":"Iași"}"#,
    .case: #"{"vault_Team":"West"}"#, .exploitation: #"{"vault_Narrative":"She told it once."}"#,
    .health: #"{"vault_Allergies":"none"}"#, .legal: #"{"vault_Lawyer":"A. Sen"}"#,
    .consent: #"{"vault_Consents":[{"purpose":"casework","given":"yes"}]}"#,
  ]

  @Test(arguments: Role.allCases, Verb.allCases)
  func `The daemon's check follows the role table`(role: Role, verb: Verb) async throws {
    let open = try await Self.guarded.value
    let session = try #require(open.seats[role]).session
    let navigators = try programme(Team.navigators)
    let harbour = try programme(Team.harbour)
    func isRefused(_ check: () throws -> Void) -> Bool { (try? check()) == nil }
    switch verb.scope {
    case .section:
      for section in Section.allCases {
        let may = RoleTable.standard.allows(role, verb, in: section)
        #expect(isRefused { try Gate.standard.check(session, verb, section, in: navigators) } == !may, "\(section)")
        // The supervisor made both programmes; nobody else here belongs to the other one.
        let mayThere = may && role == .supervisor
        #expect(isRefused { try Gate.standard.check(session, verb, section, in: harbour) } == !mayThere, "\(section)")
      }
    case .programme, .vault:
      let may = RoleTable.standard.allows(role, verb)
      #expect(isRefused { try Gate.standard.check(session, verb) } == !may)
      let isMember = ![.administrator, .auditor].contains(role)
      #expect(isRefused { try Gate.standard.check(session, verb, in: navigators) } == !(may && isMember))
      #expect(isRefused { try Gate.standard.check(session, verb, in: harbour) } == !(may && role == .supervisor))
    }
  }

  @Test(arguments: sections)
  func `The daemon refuses sections that the role table does not give`(role: Role, section: Section) async throws {
    let open = try await Self.guarded.value
    let seat = try #require(open.seats[role])
    let vault = open.vault
    let navigators = try programme(Team.navigators)
    let text = try #require(Self.values[section])
    let document = try json(#"{"sections":{"\#(section.rawValue)":\#(text)}}"#)
    let table = RoleTable.standard

    let read = await refusal { try await vault.readRecord(open.team.records[0], sections: [section], by: seat.caller) }
    #expect((read == .denied) == !table.allows(role, .read, in: section))
    // A version that does not exist: whoever may is told that it is stale, and nothing changes for the other cases.
    let write = await refusal {
      try await vault.editRecord(open.team.records[0], patch: document, ifVersion: 999, by: seat.caller)
    }
    #expect(write == (table.allows(role, .write, in: section) ? .stale : .denied))
    let create = await refusal { try await vault.createRecord(in: navigators, document, by: seat.caller) }
    let mayPut = table.allows(role, role == .service ? .submit : .write, in: section)
    #expect(create == (table.allows(role, .create) && mayPut ? nil : .denied))
    let elsewhere = await refusal {
      try await vault.readRecord(open.team.neighbourRecord, sections: [section], by: seat.caller)
    }
    #expect((elsewhere == .denied) == !(role == .supervisor && table.allows(role, .read, in: section)))
  }

  @Test(arguments: sections)
  func `P2 The keys alone give plaintext of granted sections only`(role: Role, section: Section) async throws {
    let open = try await Self.unguarded.value
    let seat = try #require(open.seats[role])
    let navigators = try programme(Team.navigators)
    let holds = RoleTable.standard.compartments(of: role, in: navigators).contains(.section(navigators, section))
    let read = await refusal {
      let text = try await open.vault.readRecord(open.team.records[0], sections: [section], by: seat.caller).value.text
      #expect(holds && !text.isEmpty)
    }
    #expect(read == (holds ? nil : .denied))
    // Whoever holds no key of a section can neither change it nor put one in, unless they were let in to submit.
    let text = try #require(Self.values[section])
    let document = try json(#"{"sections":{"\#(section.rawValue)":\#(text)}}"#)
    if !holds {
      let create = await refusal { try await open.vault.createRecord(in: navigators, document, by: seat.caller) }
      #expect(create == (role == .service ? nil : .denied))
      let edit = await refusal {
        try await open.vault.editRecord(open.team.records[0], patch: document, ifVersion: 2, by: seat.caller)
      }
      #expect(edit == .denied)
    }
  }

  @Test(arguments: Role.allCases)
  func `What is not about sections is refused by role too`(role: Role) async throws {
    let open = try await Self.guarded.value
    let vault = open.vault
    let seat = try #require(open.seats[role])
    let navigators = try programme(Team.navigators)
    let nobody = try name("nobody-\(role.rawValue)")
    let table = RoleTable.standard
    func expect(_ verb: Verb, _ body: () async throws -> Void) async {
      let code = await refusal(body)
      #expect((code == .denied) == !table.allows(role, verb), "\(verb.rawValue)")
    }
    await expect(.list) { _ = try await vault.records(in: navigators, after: nil, limit: 10, by: seat.caller) }
    await expect(.list) { _ = try await vault.records(in: nil, after: nil, limit: 10, by: seat.caller) }
    await expect(.search) {
      _ = try await vault.search("mira", programme: navigators, born: nil, limit: nil, by: seat.caller)
    }
    await expect(.search) { _ = try await vault.search("mira", programme: nil, born: nil, limit: nil, by: seat.caller) }
    await expect(.review) { _ = try await vault.submissions(in: navigators, by: seat.caller) }
    await expect(.review) { _ = try await vault.submissions(in: nil, by: seat.caller) }
    await expect(.review) { _ = try await vault.readSubmission(RecordID(bits: 77), by: seat.caller) }
    await expect(.review) { _ = try await vault.acceptSubmission(RecordID(bits: 77), by: seat.caller) }
    await expect(.review) { _ = try await vault.rejectSubmission(RecordID(bits: 77), reason: "x", by: seat.caller) }
    await expect(.invite) { _ = try await vault.invite(nobody, role: .officer, peer: .uid(5000), by: seat.caller) }
    await expect(.suspend) { _ = try await vault.suspend(name("no-such-account"), by: seat.caller) }
    await expect(.listAccounts) { _ = try await vault.accounts(by: seat.caller) }
    await expect(.listProgrammes) { _ = try await vault.programmes(by: seat.caller) }
    await expect(.addProgramme) {
      _ = try await vault.addProgramme(programme("team-of-\(role.rawValue)"), title: "Team", by: seat.caller)
    }
    await expect(.grant) {
      _ = try await vault.grant(
        name("no-such-account"), in: navigators, fingerprint: "-", expires: nil, by: seat.caller)
    }
    await expect(.revoke) { _ = try await vault.revoke(name("no-such-account"), in: navigators, by: seat.caller) }
    await expect(.reassign) {
      _ = try await vault.reassign(
        from: name("no-such-account"), to: name("nor-this"), in: navigators, by: seat.caller)
    }
    await expect(.revoke) { _ = try await vault.rekey(nil, deep: false, by: seat.caller) }
    await expect(.invite) { _ = try await vault.replaceAccount(name("no-such-account"), by: seat.caller) }
    await expect(.admitAuditor) {
      _ = try await vault.grantAudit(name("no-such-account"), fingerprint: "-", by: seat.caller)
    }
    await expect(.admitAuditor) { _ = try await vault.revokeAudit(name("no-such-account"), by: seat.caller) }
    await expect(.readLog) { _ = try await vault.auditEntries(.init(), by: seat.caller) }
    await expect(.readLog) { _ = try await vault.signOffs(by: seat.caller) }
    await expect(.readLog) { _ = try await vault.reveal(.max, by: seat.caller) }
    await expect(.exportLog) { _ = try await vault.disclose([1], by: seat.caller) }
    await expect(.signOffLog) { _ = try await vault.signOff(upTo: .max, remark: "", by: seat.caller) }
    await expect(.verifyLog) { _ = try await vault.tile("entries/000.p/5", by: seat.caller) }
  }

  @Test func `P2 Nobody is shown the six words that they are to hear from somebody else`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      for person in [Person.supervisor, .administrator] {
        let seat = try team.seat(person, in: vault)
        let accounts = try await vault.accounts(by: seat.caller).value.map { $0.account }
        #expect(accounts.count == Person.all.count)
        let shown = accounts.filter { $0.fingerprint != nil }
        #expect(shown.map(\.name.description) == [person.name])
        #expect(shown.first?.fingerprint?.words == team.fingerprints[person.name])
      }
    }
  }
}
