import AccessLog
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// A small vault with escrow: three founders, an officer and a service in one programme, records, a member who left.
/// Tests work on copies.
struct Household: Sendable {
  let place: VaultPlace
  let seed: RecoverySeed
  /// The last came from the service and was accepted.
  let records: [RecordID]
  /// Of the service; nobody has looked at it yet.
  let submission: RecordID
  /// Unlocked account keys, as their holders would still have them after a recovery.
  let secrets: [String: AccountSecrets]

  static let shelter = "shelter"
  static let successor = Person(name: "lata", role: .supervisor, uid: 1102)
  static let inspector = Person(name: "ioana", role: .auditor, uid: 1103)
  static let warden = Person(name: "farid", role: .administrator, uid: 1101)
  static let old: [Person] = [.administrator, .supervisor, .auditor, .officer, .service]

  private static let making = Task { try await Household.make() }

  static func copy() async throws -> (household: Household, place: VaultPlace) {
    let household = try await making.value
    return (household, try household.place.copy())
  }

  private static func make() async throws -> Household {
    let place = try VaultPlace()
    let seed = RecoverySeed.random()
    var founding = Founding(
      administrator: try name(Person.administrator.name), supervisor: try name(Person.supervisor.name),
      auditor: try name(Person.auditor.name))
    founding.isDemo = true
    founding.clock = place.clock.vaultClock
    founding.recovery = (seed, try ShareHolders(threshold: 2, count: 3, recipients: []))
    let codes = try founding.found(in: place.directory, root: place.root).codes
    let vault = try await place.open()
    for (person, code) in zip(Person.founders, [codes.administrator, codes.supervisor, codes.auditor]) {
      try await vault.enrol(person, code: code)
    }
    let administrator = try await vault.seat(.administrator)
    let supervisor = try await vault.seat(.supervisor)
    _ = try await vault.addProgramme(programme(shelter), title: "শেল্টার", by: supervisor.caller)
    for person in [Person.officer, .service, .neighbour] {
      let words = try await vault.inviteAndEnrol(person, by: administrator)
      _ = try await vault.grant(
        name(person.name), in: programme(shelter), fingerprint: words, expires: nil, by: supervisor.caller)
    }
    let officer = try await vault.seat(.officer)
    var records = [
      try await vault.createRecord(in: programme(shelter), json(Caseload.shirin), by: officer.caller).value.id
    ]
    // A second epoch, as after somebody left.
    _ = try await vault.revoke(name(Person.neighbour.name), in: programme(shelter), by: supervisor.caller)
    records.append(
      try await vault.createRecord(in: programme(shelter), json(Caseload.lakshmi), by: officer.caller).value.id)
    let service = try await vault.seat(.service)
    let submitted = try await vault.createRecord(in: programme(shelter), json(Caseload.divya), by: service.caller)
    records.append(try await vault.acceptSubmission(submitted.value.id, by: officer.caller).value.id)
    let waiting = try await vault.createRecord(in: programme(shelter), json(Caseload.divya), by: service.caller)
    var secrets: [String: AccountSecrets] = [:]
    for person in old {
      let account = try vault.read("An account") { view in try vault.trust.account(AccountName(person.name), in: view) }
      guard let lock = account?.lock, let certificate = account?.certificate else { continue }
      secrets[person.name] = try lock.open(with: lock.stretch(secret(person.passphrase)), certificate: certificate)
    }
    await vault.close()
    return Household(place: place, seed: seed, records: records, submission: waiting.value.id, secrets: secrets)
  }
}

/// A vault after its recovery, and what the people in the room hold.
struct Aftermath: Sendable {
  let place: VaultPlace
  let root: RootKey
  let seed: RecoverySeed
  let codes: [String: OneTimeCode]
  let recovered: Recovered

  func open() async throws -> Vault { try await place.open(root: root) }

  /// Opens with both new people enrolled.
  func staffed() async throws -> Vault {
    let vault = try await open()
    for person in [Household.successor, Household.inspector] {
      if let code = codes[person.name] { try await vault.enrol(person, code: code) }
    }
    return vault
  }
}

extension VaultPlace {
  /// The supervisor asks that these hold the recovery shares, and the auditor, who stands in for a second one, approves.
  func agreeOnShares(threshold: Int = 2, _ recipients: [AgeRecipient]) async throws -> RequestID {
    try await withVault { vault in
      let asked = try await vault.requestRecoveryRecipients(
        ShareHolders(threshold: threshold, sealedTo: recipients), by: vault.seat(.supervisor).caller
      ).value
      return try await vault.approve(asked.id, digest: asked.digest, by: vault.seat(.auditor).caller).value.id
    }
  }

  /// A recovery as `vaultd recover` runs it; the root key is taken for lost unless it is given.
  func recover(
    with seed: RecoverySeed, _ access: RecoveryPlan.Access? = nil, root: RootKey? = nil, renewsRoot: Bool = true,
    beforeCommit: (@Sendable () throws -> Void)? = nil, prepare: (RecoveryIssue) throws -> Void = { _ in }
  ) async throws -> Aftermath {
    var options = Vault.Options()
    options.clock = clock.vaultClock
    options.beforeCommit = beforeCommit
    options.adjustStore = { $0.reserveByteCount = 0 }
    let newRoot = renewsRoot ? RootKey.random() : nil
    var issued: RecoveryIssue?
    let access =
      try access
      ?? .rebuild(
        supervisor: name(Household.successor.name), auditor: name(Household.inspector.name), administrator: nil)
    let recovered = try await Vault.recover(
      directory: directory, seed: seed,
      plan: RecoveryPlan(access, holders: ShareHolders(threshold: 2, count: 3, recipients: [])), root: root,
      newRoot: newRoot, options: options
    ) { issue in
      try prepare(issue)
      issued = issue
    }
    guard let issued, let key = newRoot ?? root else { throw VaultError(.failed, "Nothing was issued.") }
    let codes = Dictionary(uniqueKeysWithValues: issued.people.map { ($0.name.description, $0.code) })
    return Aftermath(place: self, root: key, seed: issued.seed, codes: codes, recovered: recovered)
  }
}
