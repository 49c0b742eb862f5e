import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Whoever holds the root key can remove every manifest of a compartment and begin it anew, with all keys in one hand. An
/// administrator needs nobody's help to invite a supervisor, so that role alone must begin nothing.
@Suite struct ForgedBeginningTests {
  private static let eve = Person(name: "eve", role: .supervisor, uid: 4000)
  private static let zoe = Person(name: "zoe", role: .supervisor, uid: 4001)

  /// Who signs, and with what.
  private struct Beginner {
    let person: Person
    let secrets: AccountSecrets
    var others: [Person] = []
  }

  private func begin(
    _ id: ProgrammeID, by beginner: Beginner, _ forger: Forger, in transaction: borrowing WriteTransaction
  )
    throws
  {
    let key = forger.keys.rowKey(.programme, Array(id.description.utf8))
    let entry = ProgrammeEntry(
      id: id, title: "Begun anew", created: forger.place.clock.now, creator: try name(beginner.person.name))
    try forger.put(.programme, key, entry.bytes, in: transaction)
    for compartment in Vault.compartments(of: id) {
      try begin(compartment, epoch: 1, by: beginner, forger, in: transaction)
    }
  }

  private func begin(
    _ compartment: Compartment, epoch: UInt64, by beginner: Beginner, _ forger: Forger,
    in transaction: borrowing WriteTransaction
  ) throws {
    if let head = try forger.head(compartment, in: transaction) {
      for serial in 1...head.serial {
        try transaction.delete(.manifest, forger.trust.manifestKey(compartment, serial: serial))
      }
      try transaction.delete(.manifest, forger.trust.headKey(compartment))
    }
    let signer = try name(beginner.person.name)
    var change = MembershipChange(
      compartment: compartment, trust: forger.trust, signer: signer, signing: beginner.secrets.signing,
      now: forger.place.clock.now)
    let own = MembershipChange.Newcomer(
      name: .account(signer),
      keys: MemberKeys(of: beginner.secrets),
      verbs: compartment == .audit ? Vault.auditorVerbs : [.read, .write], expires: nil, holdsKey: true)
    let others = try beginner.others.map { person in
      MembershipChange.Newcomer(
        name: .account(try name(person.name)), keys: try forger.memberKeys(of: person, in: transaction),
        verbs: [.read, .write], expires: nil, holdsKey: true)
    }
    let escrow = forger.genesis.recovery.map {
      MembershipChange.recovery(MemberKeys(verifying: $0.verifyingKey, sealing: $0.sealingKey))
    }
    try change.begin(
      epoch: epoch, secret: .random(), members: [own] + others + (escrow.map { [$0] } ?? []))
    for change in change.changes {
      guard case .put(let version, let body) = change.write else { continue }
      try transaction.put(change.table, change.key, version: version, body: body)
    }
  }

  /// How the newest manifest of a compartment is met in a store that was forged.
  private func verdict(_ compartment: Compartment, _ place: VaultPlace) throws -> VaultError.Code? {
    let store = try VaultStore.open(directory: place.directory)
    defer { try? store.close() }
    do throws(VaultError) {
      let trust = try OpenedStore(store: store, root: place.root).trust
      _ = try onStored("A manifest") { try store.read { view in try trust.manifest(compartment, in: view) } }
      return nil
    } catch {
      return error.code
    }
  }

  private func verification(_ place: VaultPlace) async -> VaultError.Code? {
    await refusal { try Vault.verify(directory: place.directory, root: place.root) }
  }

  @Test func `P6 A supervisor whom nobody but an administrator knows begins no programme, and takes none over`()
    async throws
  {
    let (team, place) = try await Team.copy()
    var secrets: AccountSecrets?
    try await place.withVault { vault in
      try await vault.inviteAndEnrol(Self.eve, by: team.seat(.administrator, in: vault))
      secrets = try vault.secrets(of: Self.eve)
    }
    let founder = Beginner(person: .supervisor, secrets: try #require(team.secrets[Person.supervisor.name]))
    let eve = Beginner(person: Self.eve, secrets: try #require(secrets))
    for (beginner, expected) in [(founder, VaultError.Code?.none), (eve, .integrity)] {
      for taken in ["phoenix", Team.navigators] {
        let id = try programme(taken)
        let place = try place.copy()
        let forger = try Forger(place)
        try forger.forge { transaction in try begin(id, by: beginner, forger, in: transaction) }
        for compartment in Vault.compartments(of: id) {
          #expect(try verdict(compartment, place) == expected, "\(compartment) by \(beginner.person.name)")
        }
        // Of a programme with records the books do not agree for other reasons, too.
        if taken == "phoenix" { #expect(await verification(place) == expected) }
      }
    }
  }

  @Test func `P6 Two programmes that lean on each other lean on nobody`() async throws {
    let (team, place) = try await Team.copy()
    var secrets: [AccountSecrets] = []
    try await place.withVault { vault in
      for person in [Self.eve, Self.zoe] {
        try await vault.inviteAndEnrol(person, by: team.seat(.administrator, in: vault))
        secrets.append(try vault.secrets(of: person))
      }
    }
    let forger = try Forger(place)
    let (phoenix, anchorage) = (try programme("phoenix"), try programme("anchorage"))
    try forger.forge { transaction in
      let both = [
        Beginner(person: Self.eve, secrets: secrets[0], others: [Self.zoe]),
        Beginner(person: Self.zoe, secrets: secrets[1], others: [Self.eve]),
      ]
      try begin(phoenix, by: both[0], forger, in: transaction)
      try begin(anchorage, by: both[1], forger, in: transaction)
    }
    for id in [phoenix, anchorage] { #expect(try verdict(.section(id, .identity), place) == .integrity) }
    #expect(await verification(place) == .integrity)
  }

  @Test func `P6 Keys that an administrator alone put in a founder's place begin nothing`() async throws {
    for person in [Person.supervisor, .auditor] {
      let (team, place) = try await Team.copy()
      let compartment = person.role == .auditor ? Compartment.audit : .section(try programme("phoenix"), .identity)
      var secrets: AccountSecrets?
      try await place.withVault { vault in
        let administrator = try team.seat(.administrator, in: vault)
        // The last of a role is not replaced.
        let second = Person(name: "second", role: person.role, uid: 4002)
        let words = try await vault.inviteAndEnrol(second, by: administrator)
        let seat = try team.seat(person, in: vault)
        if person.role == .auditor {
          _ = try await vault.grantAudit(name(second.name), fingerprint: words, by: seat.caller)
        } else {
          for id in [Team.navigators, Team.harbour] {
            _ = try await vault.grant(
              name(second.name), in: programme(id), fingerprint: words, expires: nil, by: seat.caller)
          }
        }
        let code = try await vault.replaceAccount(name(person.name), by: administrator.caller).value.code
        try await vault.enrol(person, code: code)
        secrets = try vault.secrets(of: person)
      }
      let old = Beginner(person: person, secrets: try #require(team.secrets[person.name]))
      let new = Beginner(person: person, secrets: try #require(secrets))
      for (beginner, expected) in [(old, VaultError.Code?.none), (new, .integrity)] {
        let place = try place.copy()
        let forger = try Forger(place)
        try forger.forge { transaction in
          if let programme = compartment.programme {
            try begin(programme, by: beginner, forger, in: transaction)
          } else {
            try begin(compartment, epoch: 2, by: beginner, forger, in: transaction)
          }
        }
        #expect(try verdict(compartment, place) == expected, "\(person.name)")
      }
    }
  }

  @Test func `Whom a programme let in begins others, and so on; whom none did is told what to do`() async throws {
    let (team, place) = try await Team.copy()
    // In an order in which each stands before the one that it leans on.
    let ids = try ["boathouse", "anchorage"].map { try programme($0) }
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      var granter = try team.seat(.supervisor, in: vault)
      var known = try programme(Team.harbour)
      for (person, id) in zip([Self.eve, Self.zoe], ids) {
        let words = try await vault.inviteAndEnrol(person, by: administrator)
        let before = try await vault.seat(person)
        do {
          _ = try await vault.addProgramme(id, title: "Begun too early", by: before.caller)
          Issue.record("a supervisor whom no programme knows began one")
        } catch let error as VaultError {
          #expect(error.code == .denied && error.hint?.contains("fingerprint") == true)
        }
        _ = try await vault.grant(
          name(person.name), in: known, fingerprint: words, expires: nil, by: granter.caller)
        granter = try await vault.seat(person)
        _ = try await vault.addProgramme(id, title: "Begun by \(person.name)", by: granter.caller)
        known = id
      }
    }
    #expect(await verification(place) == nil)
    try await place.withVault { vault in
      for (person, id) in zip([Self.eve, Self.zoe], ids) {
        let session = try await vault.seat(person).session
        #expect(session.isMember(of: id))
      }
    }
  }
}
