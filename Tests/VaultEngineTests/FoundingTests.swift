import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// From an empty directory to a team: codes, enrolment, invitations and the uids they are for.
@Suite struct FoundingTests {
  @Test func `A directory takes one vault, and opens with its own root key only`() async throws {
    let place = try VaultPlace()
    #expect(await refusal { try await place.open() } == .notAVault)
    _ = try place.found()
    #expect(await refusal { try place.found() } == .conflict)
    #expect(await refusal { try await place.open(root: .random()) } == .integrity)
    #expect(await refusal { try await place.open(allowsDemo: false) } == .failed)
    let vault = try await place.open()
    #expect(await refusal { try await place.open() } == .inUse)
    #expect(try vault.status().isDemo && !vault.status().isFounded)
    await vault.close()
    let same = try name("same")
    let twice = Founding(administrator: same, supervisor: same, auditor: try name("other"))
    #expect(await refusal { try twice.found(in: VaultPlace().directory, root: .random()) } == .invalid)
  }

  @Test func `Until all three founders have enrolled nothing but enrolment happens`() async throws {
    let place = try VaultPlace()
    let codes = try place.found()
    try await place.withVault { vault in
      try await vault.enrol(.supervisor, code: codes.supervisor)
      let supervisor = try await vault.seat(.supervisor)
      #expect(
        await refusal { try await vault.addProgramme(programme("early"), title: "Early", by: supervisor.caller) }
          == .founding)
      try await vault.enrol(.administrator, code: codes.administrator)
      #expect(try !vault.status().isFounded)
    }
    // Over a restart, and the auditor last: what was logged before them is theirs to read.
    try await place.withVault { vault in
      try await vault.enrol(.auditor, code: codes.auditor)
      #expect(try vault.status().isFounded)
      let supervisor = try await vault.seat(.supervisor)
      _ = try await vault.addProgramme(programme("now"), title: "Now", by: supervisor.caller)
      let auditor = try await vault.seat(.auditor)
      let entries = try await vault.auditEntries(.init(), by: auditor.caller).value.entries
      #expect(entries.first?.entry.action == "daemon.start")
      let enrolled = entries.filter { $0.entry.action == "account.enrol" }
      #expect(enrolled.map(\.entry.account) == [Person.supervisor, .administrator, .auditor].map(\.name))
      #expect(entries.map(\.index) == Array(0..<UInt64(entries.count)))
      let remains = try vault.store.read { view in try view.row(.meta, OpenedStore.foundingKey) }
      #expect(remains == nil, "the code of the auditor opens nothing any more")
    }
  }

  @Test func `A code enrols its own account, once and in time`() async throws {
    let place = try await VaultPlace.founded()
    try await place.withVault { vault in
      let administrator = try await vault.seat(.administrator)
      func invite(_ person: Person) async throws -> OneTimeCode {
        try await vault.invite(
          name(person.name), role: person.role, peer: .uid(person.uid), by: administrator.caller
        ).value.code
      }
      let first = try await invite(.officer)
      let other = try await invite(.stranger)
      func enrol(_ person: Person, _ code: OneTimeCode, uid: UInt32? = nil) async -> VaultError.Code? {
        await refusal {
          try await vault.enrol(
            person.name, code: code.text, passphrase: secret(person.passphrase), by: Caller(uid: uid ?? person.uid))
        }
      }
      #expect(await enrol(.officer, other) == .loginFailed)
      #expect(await enrol(.officer, first, uid: 4711) == .denied)
      #expect(await enrol(.neighbour, first) == .loginFailed)
      let renewed = try await invite(.officer)
      #expect(await enrol(.officer, first) == .loginFailed, "a renewed invitation ends the old code")
      #expect(await enrol(.officer, renewed) == nil)
      #expect(await enrol(.officer, renewed) == .loginFailed)
      #expect(await refusal { try await invite(.officer) } == .conflict)
      place.clock.advance(seconds: 24 * 3600 + 1)
      #expect(await enrol(.stranger, other) == .loginFailed)
    }
    try await place.withVault { vault in
      #expect(await refusal { try await vault.seat(.stranger) } == .loginFailed)
      _ = try await vault.seat(.officer)
    }
  }

  @Test func `A real vault binds founders to the uid they enrol from, and knows no account for any uid`() async throws {
    let place = try VaultPlace()
    let codes = try place.found(isDemo: false)
    let vault = try await place.open(allowsDemo: false)
    var keys: [String: SecretBytesBox] = [:]
    for (person, code) in [
      (Person.administrator, codes.administrator), (.supervisor, codes.supervisor), (.auditor, codes.auditor),
    ] {
      let short = await refusal {
        try await vault.enrol(person.name, code: code.text, passphrase: secret("short"), by: person.caller())
      }
      #expect(short == .invalid)
      let enrolled = try await vault.enrol(person.name, code: code.text, passphrase: nil, by: person.caller())
      keys[person.name] = SecretBytesBox(try #require(enrolled.keyFile))
    }
    func login(_ person: Person, uid: UInt32, with holder: Person? = nil) async -> VaultError.Code? {
      await refusal {
        try await vault.login(
          person.name, .key(#require(keys[(holder ?? person).name]).file), by: Caller(uid: uid))
      }
    }
    #expect(await login(.administrator, uid: Person.administrator.uid) == nil)
    #expect(await login(.administrator, uid: Person.supervisor.uid) == .denied)
    #expect(await login(.administrator, uid: 0) == .denied, "root is somebody else, too")
    #expect(await login(.administrator, uid: Person.administrator.uid, with: .auditor) == .loginFailed)
    let opened = try await vault.login(
      Person.administrator.name, .key(#require(keys[Person.administrator.name]).file),
      by: Person.administrator.caller())
    let caller = Person.administrator.caller(token: opened.token)
    #expect(await refusal { try await vault.invite(name("guest"), role: .officer, peer: .any, by: caller) } == .invalid)
    let code = try await vault.invite(name("guest"), role: .officer, peer: .uid(77), by: caller).value.code
    #expect(
      await refusal { try await vault.enrol("guest", code: code.text, passphrase: nil, by: Caller(uid: 78)) }
        == .denied)
    await vault.close()
  }

  @Test func `The recovery seed is a member of every compartment of a vault with escrow`() async throws {
    let place = try VaultPlace()
    let seed = RecoverySeed.random()
    var founding = Founding(
      administrator: try name(Person.administrator.name), supervisor: try name(Person.supervisor.name),
      auditor: try name(Person.auditor.name))
    founding.isDemo = true
    founding.recovery = (seed, try ShareHolders(threshold: 2, count: 3, recipients: []))
    founding.clock = place.clock.vaultClock
    let codes = try founding.found(in: place.directory, root: place.root).codes
    let navigators = try programme("navigators")
    try await place.withVault { vault in
      try await vault.enrol(.administrator, code: codes.administrator)
      try await vault.enrol(.supervisor, code: codes.supervisor)
      try await vault.enrol(.auditor, code: codes.auditor)
      let supervisor = try await vault.seat(.supervisor)
      _ = try await vault.addProgramme(navigators, title: "Navigators", by: supervisor.caller)
      try vault.store.read { view in
        for compartment in Vault.compartments(of: navigators) + [.audit] {
          let manifest = try #require(try vault.trust.manifest(compartment, in: view))
          for epoch in manifest.publicKeys.keys {
            let key = try vault.trust.open(
              compartment, epoch: epoch, for: .recovery, keys: seed.memberKeys, opening: seed.opening, under: manifest,
              in: view)
            #expect(key?.opening.sealingKey == manifest.publicKeys[epoch], "\(compartment) \(epoch)")
          }
        }
      }
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).programmes == 1)
  }
}

/// A key file's key for as long as a test needs it.
private final class SecretBytesBox: Sendable {
  private let key: SymmetricKey

  init(_ key: SymmetricKey) { self.key = key }

  var file: SecretBytes { Vault.keyFile(of: key) }
}
