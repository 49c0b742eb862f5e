import VaultCrypto
import VaultModel

@testable import VaultEngine

/// A vault in the middle of its life: everybody of `Person.all` enrolled, two programmes with grants, records in several
/// scripts, edits, searches, refusals and a log of all that. Made once; tests work on copies.
struct Team: Sendable {
  let place: VaultPlace
  let fingerprints: [String: String]
  /// Unlocked account keys, so that a test need not stretch a passphrase for every session.
  let secrets: [String: AccountSecrets]
  let codes: [String: OneTimeCode]
  /// In `navigators`, as they were made; the first has two versions, the last came from the service and was accepted.
  let records: [RecordID]
  /// Of the service; nobody has looked at it yet.
  let submission: RecordID
  /// In `harbour`.
  let neighbourRecord: RecordID

  static let navigators = "navigators"
  static let harbour = "harbour"

  private static let making = Task { try await Team.make() }

  /// The one template. Copy its place before opening it.
  static var template: Team { get async throws { try await making.value } }

  /// A copy of the template's directory, to open or to tamper with.
  static func copy() async throws -> (team: Team, place: VaultPlace) {
    let team = try await template
    return (team, try team.place.copy())
  }

  private static func make() async throws -> Team {
    let place = try VaultPlace()
    var codes: [String: OneTimeCode] = [:]
    var fingerprints: [String: String] = [:]
    let founding = try place.found()
    codes[Person.administrator.name] = founding.administrator
    codes[Person.supervisor.name] = founding.supervisor
    codes[Person.auditor.name] = founding.auditor
    let vault = try await place.open()
    for person in Person.founders {
      guard let code = codes[person.name] else { continue }
      fingerprints[person.name] = try await vault.enrol(person, code: code)
    }
    let administrator = try await vault.seat(.administrator)
    for person in Person.invited {
      let code = try await vault.invite(
        name(person.name), role: person.role, peer: .uid(person.uid), by: administrator.caller
      ).value.code
      codes[person.name] = code
      fingerprints[person.name] = try await vault.enrol(person, code: code)
    }
    let supervisor = try await vault.seat(.supervisor)
    let navigators = try programme(navigators)
    let harbour = try programme(harbour)
    _ = try await vault.addProgramme(navigators, title: "Victim Navigators", by: supervisor.caller)
    _ = try await vault.addProgramme(harbour, title: "Harbour house", by: supervisor.caller)
    for person in [Person.officer, .liaison, .analyst, .service] {
      _ = try await vault.grant(
        name(person.name), in: navigators, fingerprint: fingerprints[person.name] ?? "", expires: nil,
        by: supervisor.caller)
    }
    _ = try await vault.grant(
      name(Person.neighbour.name), in: harbour, fingerprint: fingerprints[Person.neighbour.name] ?? "", expires: nil,
      by: supervisor.caller)

    let officer = try await vault.seat(.officer)
    var records: [RecordID] = []
    for (index, text) in [Caseload.shirin, Caseload.lakshmi, Caseload.stefanescu].enumerated() {
      records.append(
        try await vault.createRecord(in: navigators, json(text), by: officer.caller(key: "first-\(index)")).value.id)
    }
    let service = try await vault.seat(.service)
    let submitted = try await vault.createRecord(in: navigators, json(Caseload.divya), by: service.caller).value.id
    records.append(try await vault.acceptSubmission(submitted, by: officer.caller).value.id)
    let waiting = try await vault.createRecord(in: navigators, json(Caseload.divya), by: service.caller).value.id
    let neighbour = try await vault.seat(.neighbour)
    let other = try await vault.createRecord(in: harbour, json(Caseload.stefanescu), by: neighbour.caller).value.id
    let newName =
      #"{"identity":{"prs_FirstName":"Shirin"},"contact":{"prs_MailingCity":"Dhaka"},"legal":{"vault_CourtReference":"N-12"}}"#
    _ = try await vault.editRecord(records[0], patch: json(newName), ifVersion: 1, by: officer.caller)
    for terms in ["shirin", "লক্ষ্মী", "stefanescu"] {
      _ = try await vault.search(terms, programme: nil, born: nil, limit: nil, by: officer.caller)
    }
    _ = try await vault.readRecord(
      records[0], sections: [.identity], by: officer.caller(purpose: .emergency, reason: "Her brother rang twice"))
    let stranger = try await vault.seat(.stranger)
    _ = await refusal { try await vault.readRecord(records[0], sections: [], by: stranger.caller) }

    var secrets: [String: AccountSecrets] = [:]
    for person in Person.all { secrets[person.name] = try vault.secrets(of: person) }
    await vault.close()
    return Team(
      place: place, fingerprints: fingerprints, secrets: secrets, codes: codes, records: records,
      submission: waiting, neighbourRecord: other)
  }

  /// A session as a login leaves it, without the stretching and without an entry.
  func seat(_ person: Person, in vault: Vault) throws -> Seat {
    guard let secrets = secrets[person.name] else { throw VaultError(.notFound, "No keys of this person.") }
    return try vault.seat(person, secrets: secrets)
  }
}

extension Vault {
  /// Unlocked with the passphrase that the person enrolled with.
  func secrets(of person: Person) throws -> AccountSecrets {
    let account = try read("An account") { view in try trust.account(AccountName(person.name), in: view) }
    guard let lock = account?.lock, let certificate = account?.certificate else {
      throw VaultError(.notFound, "No keys of this person.")
    }
    return try lock.open(with: lock.stretch(secret(person.passphrase)), certificate: certificate)
  }

  func seat(_ person: Person, secrets: AccountSecrets) throws -> Seat {
    let account = try read("An account") { view in try trust.account(AccountName(person.name), in: view) }
    guard let account, let certificate = account.certificate else { throw VaultError.tampered("An account") }
    let session = Session(
      account: account, certificate: certificate, uid: person.uid, secrets: secrets, opened: clock.now(),
      bootNow: clock.bootNanoseconds())
    session.load(try memberships(of: session).0, generation: 0)
    return Seat(vault: self, person: person, token: try sessions.add(session, bootNow: clock.bootNanoseconds()))
  }
}
