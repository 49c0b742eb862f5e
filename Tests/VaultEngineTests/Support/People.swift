import VaultCrypto
import VaultModel

@testable import VaultEngine

/// Somebody with an account; invented.
struct Person: Sendable {
  let name: String
  let role: Role
  let uid: UInt32
  var passphrase: String { "\(name) keeps it in mind" }

  func caller(token: [UInt8]? = nil, purpose: Purpose? = .casework, reason: String? = nil, key: String? = nil) -> Caller
  {
    Caller(uid: uid, token: token, purpose: purpose, reason: reason, idempotencyKey: key)
  }
}

extension Person {
  static let administrator = Person(name: "daria", role: .administrator, uid: 1001)
  static let supervisor = Person(name: "sumitra", role: .supervisor, uid: 1002)
  static let auditor = Person(name: "andrei", role: .auditor, uid: 1003)
  /// Granted `navigators`.
  static let officer = Person(name: "rahela", role: .officer, uid: 1004)
  /// Granted nothing.
  static let stranger = Person(name: "tomas", role: .officer, uid: 1005)
  static let liaison = Person(name: "inspector-roy", role: .liaison, uid: 1006)
  static let analyst = Person(name: "nadia", role: .analyst, uid: 1007)
  static let service = Person(name: "intake-desk", role: .service, uid: 1008)
  /// Granted `harbour`.
  static let neighbour = Person(name: "mina", role: .officer, uid: 1009)

  static let founders = [administrator, supervisor, auditor]
  static let invited = [officer, stranger, liaison, analyst, service, neighbour]
  static let all = founders + invited
}

/// An open session and whose it is.
struct Seat: Sendable {
  let vault: Vault
  let person: Person
  let token: [UInt8]

  var caller: Caller { person.caller(token: token) }

  func caller(purpose: Purpose? = .casework, reason: String? = nil, key: String? = nil) -> Caller {
    person.caller(token: token, purpose: purpose, reason: reason, key: key)
  }

  var session: Session {
    get throws { try vault.sessions.session(token, uid: person.uid, bootNow: vault.clock.bootNanoseconds()) }
  }
}

extension Vault {
  func seat(_ person: Person, passphrase: String? = nil) async throws -> Seat {
    let opened = try await login(
      person.name, .passphrase(secret(passphrase ?? person.passphrase)), by: person.caller())
    return Seat(vault: self, person: person, token: opened.token)
  }

  /// Enrols with a passphrase; the fingerprint's words.
  @discardableResult
  func enrol(_ person: Person, code: OneTimeCode) async throws -> String {
    try await enrol(person.name, code: code.text, passphrase: secret(person.passphrase), by: person.caller())
      .fingerprint.words
  }

  @discardableResult
  func inviteAndEnrol(_ person: Person, by administrator: Seat) async throws -> String {
    let invited = try await invite(
      AccountName(person.name), role: person.role, peer: .uid(person.uid), by: administrator.caller)
    return try await enrol(person, code: invited.value.code)
  }
}

extension VaultPlace {
  /// Founds a vault and enrols its three founders.
  static func founded(isDemo: Bool = true, isInsecure: Bool = false) async throws -> VaultPlace {
    let place = try VaultPlace()
    let codes = try place.found(isDemo: isDemo, isInsecure: isInsecure)
    try await place.withVault { vault in
      try await vault.enrol(.administrator, code: codes.administrator)
      try await vault.enrol(.supervisor, code: codes.supervisor)
      try await vault.enrol(.auditor, code: codes.auditor)
    }
    return place
  }

  func found(isDemo: Bool = true, isInsecure: Bool = false) throws -> Founding.Codes {
    var founding = Founding(
      administrator: try name(Person.administrator.name), supervisor: try name(Person.supervisor.name),
      auditor: try name(Person.auditor.name))
    founding.isDemo = isDemo
    founding.isInsecure = isInsecure
    founding.clock = clock.vaultClock
    return try founding.found(in: directory, root: root).codes
  }
}

extension MemberKeys {
  init(of secrets: AccountSecrets) {
    self.init(verifying: secrets.signing.verifyingKey, sealing: secrets.opening.sealingKey)
  }
}
