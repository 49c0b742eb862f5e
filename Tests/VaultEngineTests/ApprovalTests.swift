import AccessLog
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P7: what cannot be undone takes two people.
@Suite struct ApprovalTests {
  /// A vault of the team with one more supervisor, who was let into `navigators` by the first, and a suspended officer
  /// whose reinstatement can be asked for.
  private struct Stage {
    let team: Team
    let place: VaultPlace
    let vault: Vault
    let administrator: Seat
    let supervisor: Seat
    let auditor: Seat

    static func make(secondSupervisor: Bool = false) async throws -> Stage {
      let (team, place) = try await Team.copy()
      let vault = try await place.open()
      let stage = Stage(
        team: team, place: place, vault: vault, administrator: try team.seat(.administrator, in: vault),
        supervisor: try team.seat(.supervisor, in: vault), auditor: try team.seat(.auditor, in: vault))
      _ = try await vault.suspend(name(Person.stranger.name), by: stage.administrator.caller)
      if secondSupervisor { _ = try await stage.letIn(.second) }
      return stage
    }

    /// Invited by the administrator, and granted `navigators` by the supervisor.
    @discardableResult
    func letIn(_ person: Person, isGranted: Bool = true) async throws -> Seat {
      let words = try await vault.inviteAndEnrol(person, by: administrator)
      if isGranted {
        _ = try await vault.grant(
          name(person.name), in: programme(Team.navigators), fingerprint: words, expires: nil, by: supervisor.caller)
      }
      return try await vault.seat(person)
    }

    var reinstatement: SensitiveAction { get throws { .reinstate(try name(Person.stranger.name)) } }

    func isSuspended(_ person: Person) throws -> Bool {
      try vault.read("An account") { view in try vault.trust.account(name(person.name), in: view)?.state == .suspended }
    }

    /// The newest entries, oldest first.
    func entries(_ count: Int) async throws -> [LogEntry] {
      let size = vault.ledger.size
      var filter = AuditFilter()
      filter.after = size - UInt64(count) - 1
      filter.limit = count
      return try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.entry)
    }
  }

  // MARK: Two people

  @Test func `P7 one asks, another approves, and it is done with both entries and once`() async throws {
    let stage = try await Stage.make()
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    #expect(asked.state == .pending)
    #expect(asked.expires.milliseconds - asked.requested.milliseconds == 72 * 3600 * 1000)
    #expect(try stage.isSuspended(.stranger))
    // The same again is the same request.
    #expect(try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value.id == asked.id)

    let waiting = try await stage.vault.requests(by: stage.supervisor.caller).value
    #expect(waiting.map(\.id) == [asked.id])
    #expect(waiting.first?.waitsForCaller == true)
    #expect(waiting.first?.words.first?.contains("tomas") == true)

    let approved = try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller).value
    #expect(approved.state == .used)
    #expect(approved.approver?.description == Person.supervisor.name)
    #expect(try !stage.isSuspended(.stranger))
    let entries = try await stage.entries(2)
    #expect(entries.map(\.action) == ["approval.give", "account.reinstate"])
    #expect(entries.map(\.account) == [Person.supervisor.name, Person.administrator.name])
    #expect(entries.allSatisfy { $0.approval == asked.id.description && $0.outcome == .allowed })

    // Used once, also when the account is suspended again.
    _ = try await stage.vault.suspend(name(Person.stranger.name), by: stage.administrator.caller)
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller) }
        == .conflict)
    #expect(try stage.isSuspended(.stranger))
    await stage.vault.close()
    let report = try Vault.verify(directory: stage.place.directory, root: stage.place.root)
    #expect(report.requests == 1)
  }

  @Test func `Whoever logs in is told how many requests wait for them, and nobody of those they may not decide`()
    async throws
  {
    let stage = try await Stage.make(secondSupervisor: true)
    func waiting(_ person: Person) async throws -> Int {
      try await stage.vault.login(person.name, .passphrase(secret(person.passphrase)), by: person.caller())
        .requestsWaiting
    }
    #expect(try await waiting(.supervisor) == 0)
    _ = try await stage.vault.request(stage.reinstatement, by: stage.supervisor.caller)
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    // The own one does not wait for its asker, and neither for those who may not approve.
    #expect(try await waiting(.supervisor) == 1)
    #expect(try await waiting(.second) == 2)
    for person in [Person.officer, .administrator, .auditor] { #expect(try await waiting(person) == 0) }
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller)
    #expect(try await waiting(.second) == 1)
    await stage.vault.close()
  }

  @Test func `P7 nobody approves their own request`() async throws {
    let stage = try await Stage.make(secondSupervisor: true)
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.supervisor.caller).value
    #expect(!asked.waitsForCaller)
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller) }
        == .denied)
    #expect(try stage.isSuspended(.stranger))
    let entry = try #require(await stage.entries(1).first)
    #expect(entry.action == "approval.give" && entry.outcome == .denied && entry.approval == asked.id.description)
    await stage.vault.close()
  }

  @Test func `P7 nobody asks or approves whose role the policy does not name`() async throws {
    let stage = try await Stage.make()
    let officer = try stage.team.seat(.officer, in: stage.vault)
    let service = try stage.team.seat(.service, in: stage.vault)
    for seat in [officer, service] {
      #expect(await refusal { try await stage.vault.request(stage.reinstatement, by: seat.caller) } == .denied)
    }
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.supervisor.caller).value
    for seat in [officer, service, stage.administrator] {
      #expect(
        await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: seat.caller) } == .denied)
      #expect(try await stage.vault.requests(by: seat.caller).value.isEmpty)
      #expect(await refusal { try await stage.vault.showRequest(asked.id, by: seat.caller) } == .notFound)
    }
    await stage.vault.close()
  }

  @Test func `P7 an approval names the digest of what was shown, and no other passes`() async throws {
    let stage = try await Stage.make()
    _ = try await stage.vault.suspend(name(Person.liaison.name), by: stage.administrator.caller)
    let shown = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    let other = try await stage.vault.request(
      .reinstate(name(Person.liaison.name)), by: stage.administrator.caller
    ).value
    #expect(shown.digest != other.digest)
    // Looked at one, and sent to the other: as if the action had been swapped in between.
    for digest in [shown.digest, "", String(other.digest.reversed()), other.digest.uppercased()] {
      #expect(
        await refusal { try await stage.vault.approve(other.id, digest: digest, by: stage.supervisor.caller) }
          == .conflict)
    }
    #expect(try stage.isSuspended(.liaison))
    await stage.vault.close()
  }

  @Test func `P7 a request expires, with an entry, and cannot be approved after`() async throws {
    let stage = try await Stage.make()
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    stage.place.clock.advance(seconds: 72 * 3600 + 1)
    let supervisor = try stage.team.seat(.supervisor, in: stage.vault)
    let auditor = try stage.team.seat(.auditor, in: stage.vault)
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: supervisor.caller) }
        == .conflict)
    #expect(try await stage.vault.requests(by: supervisor.caller).value.isEmpty)
    // Turning the clock back does not help: the ledger's time never goes back.
    stage.place.clock.setWallClock(back: 3600)
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: supervisor.caller) }
        == .conflict)
    #expect(try stage.isSuspended(.stranger))
    #expect(try await stage.vault.closeExpired() == nil)
    var filter = AuditFilter()
    filter.action = "approval.expire"
    let entries = try await stage.vault.auditEntries(filter, by: auditor.caller).value.entries
    #expect(entries.map(\.entry.approval) == [asked.id.description])
    #expect(try await stage.vault.showRequest(asked.id, by: auditor.caller).value.state == .expired)
    await stage.vault.close()
  }

  @Test func `P7 a denial ends a request, and its reason stands beside the log`() async throws {
    let stage = try await Stage.make()
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    #expect(await refusal { try await stage.vault.deny(asked.id, reason: "", by: stage.supervisor.caller) } == .invalid)
    let denied = try await stage.vault.deny(
      asked.id, reason: "Nu mai lucrează la noi", by: stage.supervisor.caller
    ).value
    #expect(denied.state == .denied)
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller) }
        == .conflict)
    var filter = AuditFilter()
    filter.action = "approval.deny"
    let entries = try await stage.vault.auditEntries(filter, by: stage.auditor.caller).value.entries
    #expect(entries.last?.freeText == "Nu mai lucrează la noi")
    await stage.vault.close()
    #expect(throws: Never.self) { try Vault.verify(directory: stage.place.directory, root: stage.place.root) }
  }

  // MARK: Suspension

  @Test(arguments: [false, true])
  func `P7 a request ends when who asked is suspended, also after their reinstatement`(isReinstated: Bool) async throws
  {
    let stage = try await Stage.make(secondSupervisor: true)
    let second = try await stage.vault.seat(.second)
    let asked = try await stage.vault.request(stage.reinstatement, by: second.caller).value
    _ = try await stage.vault.suspend(name(Person.second.name), by: stage.administrator.caller)
    if isReinstated {
      let back = try await stage.vault.request(
        .reinstate(name(Person.second.name)), by: stage.administrator.caller
      ).value
      _ = try await stage.vault.approve(back.id, digest: back.digest, by: stage.supervisor.caller)
    }
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.supervisor.caller) }
        != nil)
    #expect(try stage.isSuspended(.stranger))
    #expect(try await stage.vault.showRequest(asked.id, by: stage.auditor.caller).value.state == .void)
    await stage.vault.close()
  }

  @Test func `P7 whoever signed must be active at the moment of the approval itself`() async throws {
    let stage = try await Stage.make(secondSupervisor: true)
    let second = try await stage.vault.seat(.second)
    let asked = try await stage.vault.request(stage.reinstatement, by: second.caller).value
    let before = try stage.vault.read("A request") { view in try stage.vault.register.verified(asked.id, in: view) }
    let request = try #require(before)
    let held = try stage.vault.holding([name(Person.second.name)])
    let supervisor = try stage.supervisor.session
    #expect(
      await refusal { try stage.vault.read("") { try stage.vault.demandApprover(supervisor, of: request, in: $0) } }
        == nil
    )
    _ = try await stage.vault.suspend(name(Person.second.name), by: stage.administrator.caller)
    // Looked at again.
    #expect(
      await refusal { try stage.vault.read("") { try stage.vault.demandApprover(supervisor, of: request, in: $0) } }
        == .denied)
    // Looked at before, written after: the row that was to be held is no longer the one.
    #expect(await refusal { try await stage.vault.submit(PendingEntry(.approvalGive), changes: held) } == .conflict)
    await stage.vault.close()
  }

  @Test func `P7 a request that was forged is believed by nobody, and keeps nobody out`() async throws {
    let stage = try await Stage.make()
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    await stage.vault.close()
    let forger = try Forger(stage.place)
    try forger.forge { transaction in
      let key = ApprovalRow.key(asked.id, isOpen: true, forger.keys)
      var row = try ApprovalRow(decoding: forger.document(.approval, key, in: transaction))
      var signature = row.request.signature
      signature[5] ^= 1
      row = ApprovalRow(
        state: row.state, request: SignedDocument(document: row.request.document, signature: signature), approval: nil)
      try forger.put(.approval, key, row.bytes, version: 1, in: transaction)
    }
    try await stage.place.withVault { vault in
      for person in [Person.officer, .supervisor, .auditor] {
        let opened = try await vault.login(
          person.name, .passphrase(secret(person.passphrase)), by: person.caller())
        #expect(opened.requestsWaiting == 0)
        guard person.role != .officer else { continue }
        #expect(await refusal { try await vault.requests(by: person.caller(token: opened.token)) } == .integrity)
      }
    }
  }

  // MARK: Who counts as two

  @Test func `P7 an account that the requester enrolled alone does not count as a second person`() async throws {
    let stage = try await Stage.make()
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    // Their own invention: nobody else has ever compared its fingerprint.
    let puppet = try await stage.letIn(.second, isGranted: false)
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: puppet.caller) } == .notFound)
    #expect(try stage.isSuspended(.stranger))
    #expect(try await stage.vault.requests(by: puppet.caller).value.isEmpty)
    await stage.vault.close()
  }

  @Test func `P7 an account that somebody else let in counts, whoever invited it`() async throws {
    let stage = try await Stage.make(secondSupervisor: true)
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    let second = try await stage.vault.seat(.second)
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: second.caller)
    #expect(try !stage.isSuspended(.stranger))
    await stage.vault.close()
  }

  @Test func `P7 an account whose keys the requester replaced counts for nobody until somebody else lets it in again`()
    async throws
  {
    let stage = try await Stage.make(secondSupervisor: true)
    let second = try name(Person.second.name)
    let code = try await stage.vault.replaceAccount(second, by: stage.administrator.caller).value.code
    // Whoever types the code has the account; those who compared its fingerprint before have not compared this one.
    let words = try await stage.vault.enrol(
      second.description, code: code.text, passphrase: secret("whoever typed the code"), by: Person.second.caller()
    ).fingerprint.words
    let puppet = try await stage.vault.seat(.second, passphrase: "whoever typed the code")
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller).value
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: puppet.caller) } == .notFound)
    #expect(try stage.isSuspended(.stranger))
    _ = try await stage.vault.grant(
      second, in: programme(Team.navigators), fingerprint: words, expires: nil, by: stage.supervisor.caller)
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: puppet.caller)
    #expect(try !stage.isSuspended(.stranger))
    await stage.vault.close()
  }

  @Test func `P7 two accounts of one person's making are one person`() throws {
    func two(_ first: String, _ second: String, _ invited: [String: String], _ vouched: [String: [String]] = [:]) throws
      -> Bool
    {
      let independence = Independence(
        inviters: try Dictionary(uniqueKeysWithValues: invited.map { (try name($0), try name($1)) }),
        vouchers: try Dictionary(uniqueKeysWithValues: vouched.map { (try name($0), Set(try $1.map { try name($0) })) })
      )
      let forwards = try independence.areTwo(name(first), name(second))
      #expect(try forwards == independence.areTwo(name(second), name(first)))
      return forwards
    }
    // Founders are nobody's making.
    #expect(try two("ada", "selma", [:]))
    #expect(try !two("ada", "ada", [:]))
    // Inviter and invited, either way round.
    #expect(try !two("ada", "mira", ["mira": "ada"]))
    // Two that the same administrator made up.
    #expect(try !two("mira", "ivo", ["mira": "ada", "ivo": "ada"]))
    // Through another administrator of the first one's making.
    #expect(try !two("ada", "mira", ["mira": "bela", "bela": "ada"]))
    #expect(try !two("ivo", "mira", ["mira": "bela", "bela": "ada", "ivo": "ada"]))
    // Made by different administrators, of whom one invited the other.
    #expect(try two("selma", "mira", ["mira": "bela", "bela": "ada"]))
    // Somebody else compared a fingerprint.
    #expect(try two("ada", "mira", ["mira": "ada"], ["mira": ["selma"]]))
    #expect(try two("mira", "ivo", ["mira": "ada", "ivo": "ada"], ["mira": ["selma"]]))
    // That somebody is of the same making, or vouches for themselves, or two vouch for each other.
    #expect(try !two("ada", "mira", ["mira": "ada", "ivo": "ada"], ["mira": ["ivo"]]))
    #expect(try !two("ada", "mira", ["mira": "ada"], ["mira": ["mira"]]))
    #expect(try !two("ada", "mira", ["mira": "ada", "ivo": "ada"], ["mira": ["ivo"], "ivo": ["mira"]]))
    // The founding supervisor let both in: with the administrator, who invited both, that is two people.
    #expect(try two("mira", "ivo", ["mira": "ada", "ivo": "ada"], ["mira": ["selma"], "ivo": ["selma"]]))
    // The supervisor alone did not make the account that they let in.
    #expect(try two("selma", "mira", ["mira": "ada"], ["mira": ["selma"]]))
  }

  // MARK: The auditor as second pair of eyes

  @Test func `P7 with one supervisor left the auditor stands in, and reads nothing by it`() async throws {
    let stage = try await Stage.make()
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.supervisor.caller).value
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.auditor.caller)
    #expect(try !stage.isSuspended(.stranger))
    #expect(
      await refusal {
        try await stage.vault.readRecord(stage.team.records[0], sections: [.identity], by: stage.auditor.caller)
      } == .denied)
    await stage.vault.close()
  }

  @Test func `P7 with two supervisors the auditor does not stand in`() async throws {
    let stage = try await Stage.make(secondSupervisor: true)
    let asked = try await stage.vault.request(stage.reinstatement, by: stage.supervisor.caller).value
    #expect(
      await refusal { try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.auditor.caller) }
        == .denied)
    #expect(try stage.isSuspended(.stranger))
    // One of them gone, they do.
    _ = try await stage.vault.suspend(name(Person.second.name), by: stage.administrator.caller)
    _ = try await stage.vault.approve(asked.id, digest: asked.digest, by: stage.auditor.caller)
    #expect(try !stage.isSuspended(.stranger))
    await stage.vault.close()
  }

  // MARK: The policy

  @Test func `P7 a policy changes by two people, and holds from then on`() async throws {
    let stage = try await Stage.make(secondSupervisor: true)
    let strict = ApprovalPolicy(stating: [.reinstate: .init(askers: [.supervisor], approvers: [.supervisor])])
    let asked = try await stage.vault.requestPolicy(strict, by: stage.supervisor.caller).value
    let second = try await stage.vault.seat(.second)
    #expect(try await stage.vault.approvalPolicy(by: second.caller).value == .standard)
    let shown = try await stage.vault.showRequest(asked.id, by: second.caller).value
    #expect(
      shown.words == [
        "Policy for reinstate: supervisor may ask (before: administrator, supervisor)."
      ])
    _ = try await stage.vault.approve(asked.id, digest: shown.digest, by: second.caller)
    #expect(try await stage.vault.approvalPolicy(by: second.caller).value == strict)
    #expect(
      await refusal { try await stage.vault.request(stage.reinstatement, by: stage.administrator.caller) } == .denied)
    // What was asked for on top of the policy before is void.
    await stage.vault.close()
    try await stage.place.withVault { vault in
      let supervisor = try stage.team.seat(.supervisor, in: vault)
      #expect(try await vault.approvalPolicy(by: supervisor.caller).value == strict)
    }
  }

  @Test func `P7 of two policies asked for side by side only the first can be approved`() async throws {
    let stage = try await Stage.make(secondSupervisor: true)
    let second = try await stage.vault.seat(.second)
    let first = try await stage.vault.requestPolicy(
      ApprovalPolicy(stating: [.erase: .init(askers: [.supervisor], approvers: [.supervisor])]),
      by: stage.supervisor.caller
    ).value
    let other = try await stage.vault.requestPolicy(
      ApprovalPolicy(stating: [.disclose: .init(askers: [.supervisor], approvers: [.supervisor])]),
      by: stage.supervisor.caller
    ).value
    _ = try await stage.vault.approve(first.id, digest: first.digest, by: second.caller)
    #expect(
      await refusal { try await stage.vault.approve(other.id, digest: other.digest, by: second.caller) } == .conflict)
    await stage.vault.close()
  }

  @Test(arguments: SensitiveAction.Kind.allCases)
  func `P7 no policy goes below the floor`(kind: SensitiveAction.Kind) async throws {
    let floor = ApprovalPolicy.floor(of: kind)
    #expect(floor.needsTwoPeople)
    #expect(throws: Never.self) { try ApprovalPolicy.standard.demandFloor() }
    #expect(throws: Never.self) { try ApprovalPolicy(stating: [kind: floor]).demandFloor() }
    var tooLow: [ApprovalPolicy.Rule] = [
      .init(needsTwoPeople: false, askers: floor.askers, approvers: floor.approvers),
      .init(askers: [], approvers: floor.approvers), .init(askers: floor.askers, approvers: []),
    ]
    for role in Role.allCases {
      if !floor.askers.contains(role) {
        tooLow.append(.init(askers: floor.askers.union([role]), approvers: floor.approvers))
      }
      if !floor.approvers.contains(role) {
        tooLow.append(.init(askers: floor.askers, approvers: floor.approvers.union([role])))
      }
    }
    #expect(!floor.approvers.contains(.administrator))
    #expect(!floor.approvers.contains(.officer))
    for rule in tooLow {
      #expect(throws: VaultError(.invalid, "")) { try ApprovalPolicy(stating: [kind: rule]).demandFloor() }
    }
    guard kind == .erase else { return }
    let stage = try await Stage.make()
    for rule in tooLow {
      #expect(
        await refusal {
          try await stage.vault.requestPolicy(ApprovalPolicy(stating: [kind: rule]), by: stage.supervisor.caller)
        } == .invalid)
    }
    await stage.vault.close()
  }

  // MARK: Bounds

  @Test func `P10 one account has a bounded number of requests under way`() async throws {
    let stage = try await Stage.make()
    for index in 0..<Vault.openRequestsPerAccountMax {
      let rule = ApprovalPolicy.Rule(
        askers: index % 2 == 0 ? [.supervisor] : [.administrator], approvers: [.supervisor])
      let kinds: [SensitiveAction.Kind] = [.reinstate, .policy, .pathway, .recoveryRecipients]
      var rules: [SensitiveAction.Kind: ApprovalPolicy.Rule] = [:]
      for (bit, kind) in kinds.enumerated() where (index / 2) >> bit & 1 == 1 { rules[kind] = rule }
      // No administrator asks for a pathway.
      if rules[.pathway] != nil, index % 2 == 1 {
        rules[.pathway] = .init(askers: [.officer], approvers: [.supervisor])
      }
      rules[.restoreAccept] = .init(
        askers: index % 2 == 0 ? [.supervisor] : [.supervisor, .auditor], approvers: [.auditor])
      _ = try await stage.vault.requestPolicy(ApprovalPolicy(stating: rules), by: stage.supervisor.caller)
    }
    #expect(
      await refusal { try await stage.vault.request(stage.reinstatement, by: stage.supervisor.caller) } == .conflict)
    await stage.vault.close()
  }

  @Test func `P10 an action is accepted in one spelling only`() throws {
    let recipient = AgeRecipient(OpeningKey.random().sealingKey)
    let actions: [SensitiveAction] = [
      .reinstate(try name("mira")), .erase(try RecordID(canonical: "lusab-babad-gutih-s"), version: 4),
      .export(
        try programme("navigators"),
        recipient: recipient),
      .disclose(
        try RecordID(canonical: "lusab-babad-gutih-s"), [.consent, .legal],
        recipient: recipient, version: 2),
      .restoreAccept([UInt8](repeating: 9, count: 32)),
      .recoveryRecipients(
        try ShareHolders(
          threshold: 2, sealedTo: [recipient, AgeRecipient(OpeningKey.random().sealingKey)]), number: 3),
      .policy(
        ApprovalPolicy(stating: [.erase: .init(askers: [.officer, .supervisor], approvers: [.supervisor])]),
        replacing: [UInt8](repeating: 7, count: 32)),
      .pathway(
        try programme("navigators"),
        try Pathway(steps: [.init(name: "Locuință", withinDays: 7), .init(name: "আইনি সহায়তা")]),
        replacing: [UInt8](repeating: 8, count: 32)),
    ]
    for action in actions {
      #expect(try SensitiveAction(decoding: action.bytes) == action)
      #expect(throws: (any Error).self) { try SensitiveAction(decoding: Array(action.bytes.dropLast())) }
      #expect(throws: (any Error).self) { try SensitiveAction(decoding: action.bytes + [0]) }
      #expect(throws: (any Error).self) { try SensitiveAction(decoding: []) }
      for position in action.bytes.indices {
        var changed = action.bytes
        changed[position] ^= 1
        if let other = try? SensitiveAction(decoding: changed) { #expect(other != action && other.bytes == changed) }
      }
    }
    #expect(RequestID("00112233445566ff")?.description == "00112233445566ff")
    for text in [
      "", "00112233445566f", "00112233445566FF", "00112233445566fg", "00112233445566ff0", "+0112233445566ff",
    ] {
      #expect(RequestID(text) == nil)
    }
  }
}

extension Person {
  /// Invited later; a supervisor.
  static let second = Person(name: "ioana", role: .supervisor, uid: 1010)
}
