import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// What a record's terms say lies in a row that nobody signs, and every edit is sealed for whoever they let in. So whoever
/// holds the root key writes themselves in and waits; and an administrator puts their own keys in somebody's place.
@Suite struct TermsEvidenceTests {
  private let tomas: AccountName

  init() throws { tomas = try name(Person.stranger.name) }

  /// An officer writes one section, as on any day.
  private func edit(_ record: RecordID, _ team: Team, in vault: Vault) async throws -> RecordHead {
    let officer = try team.seat(.officer, in: vault)
    let version = try #require(try vault.recordHead(record)?.head.version)
    _ = try await vault.editRecord(
      record, patch: json(#"{"identity":{"prs_FirstName":"Written later"}}"#), ifVersion: version, by: officer.caller)
    return try #require(try vault.recordHead(record)?.head)
  }

  private func isSealed(_ head: RecordHead, for person: Person) throws -> Bool {
    let name = try name(person.name)
    return head.parts.contains { $0.section == .identity && $0.recipient == .person(name) }
  }

  // MARK: With the root key

  private struct Forgery {
    let name: String
    let isGenuine: Bool
    let terms: (Forger, borrowing WriteTransaction, Team, RecordID) throws -> RecordTerms
  }

  private func referral(
    _ forger: Forger, _ transaction: borrowing WriteTransaction, _ team: Team, about record: RecordID,
    referrer: Person, signer: Person
  ) throws -> RecordTerms.Referral {
    RecordTerms.Referral(
      receiver: .account(tomas), keys: try forger.memberKeys(of: .stranger, in: transaction),
      sections: [.identity], until: Timestamp(milliseconds: .max / 2), referrer: try name(referrer.name),
      made: Timestamp(milliseconds: 1)
    ).signed(about: record, of: forger.keys.vault, by: try #require(team.secrets[signer.name]).signing)
  }

  @Test func `P2 Whoever is written into a record's terms gets nothing of what is written next`() async throws {
    func one(_ made: RecordTerms.Referral) -> RecordTerms {
      var terms = RecordTerms()
      terms.referrals = [made]
      return terms
    }
    let forgeries = [
      Forgery(name: "a member's", isGenuine: true) { forger, transaction, team, record in
        one(try referral(forger, transaction, team, about: record, referrer: .officer, signer: .officer))
      },
      Forgery(name: "in a member's name", isGenuine: false) { forger, transaction, team, record in
        one(try referral(forger, transaction, team, about: record, referrer: .officer, signer: .administrator))
      },
      Forgery(name: "an outsider's", isGenuine: false) { forger, transaction, team, record in
        one(try referral(forger, transaction, team, about: record, referrer: .neighbour, signer: .neighbour))
      },
      Forgery(name: "of another record", isGenuine: false) { forger, transaction, team, _ in
        one(
          try referral(forger, transaction, team, about: team.records[1], referrer: .officer, signer: .officer))
      },
      Forgery(name: "wider than it was", isGenuine: false) { forger, transaction, team, record in
        var terms = one(
          try referral(forger, transaction, team, about: record, referrer: .officer, signer: .officer))
        terms.referrals = terms.referrals.map {
          RecordTerms.Referral(
            receiver: $0.receiver, keys: $0.keys, sections: [.identity, .health], until: $0.until,
            referrer: $0.referrer, made: $0.made, signature: $0.signature)
        }
        return terms
      },
      Forgery(name: "an emergency that nobody asked for", isGenuine: false) { _, _, _, _ in
        var terms = RecordTerms()
        terms.emergencies = [
          RecordTerms.Emergency(
            account: tomas, until: Timestamp(milliseconds: .max / 2), request: RequestID.random().description,
            granter: try name(Person.supervisor.name), made: Timestamp(milliseconds: 1))
        ]
        return terms
      },
    ]
    for forgery in forgeries {
      let (team, place) = try await Team.copy()
      let record = team.records[0]
      let forger = try Forger(place)
      try forger.forge { transaction in
        let terms = try forgery.terms(forger, transaction, team, record)
        try forger.editHead(record, in: transaction) { $0.terms = terms }
      }
      let verdict = await refusal { try Vault.verify(directory: place.directory, root: place.root) }
      #expect(verdict == (forgery.isGenuine ? nil : .integrity), "\(forgery.name)")
      try await place.withVault { vault in
        if forgery.isGenuine {
          let head = try await edit(record, team, in: vault)
          #expect(try isSealed(head, for: .stranger), "or this proves nothing")
        } else {
          #expect(await refusal { try await edit(record, team, in: vault) } == .integrity, "\(forgery.name)")
        }
      }
    }
  }

  @Test func `P2 P7 An emergency is believed for its own record and time, and of a member's approval only`()
    async throws
  {
    let (team, place) = try await Team.copy()
    var made: RecordTerms.Emergency?
    try await place.withVault { vault in
      let neighbour = try team.seat(.neighbour, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      let asked = try await vault.breakGlass(
        team.records[1], seconds: 600, by: neighbour.caller(reason: "She is in danger")
      ).value
      _ = try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller)
      made = try vault.recordHead(team.records[1])?.head.terms.emergencies.first
    }
    let genuine = try #require(made)
    for (name, record, until, granter, isGenuine) in [
      ("as it was", 1, genuine.until, Person.supervisor, true),
      ("of another record", 0, genuine.until, .supervisor, false),
      ("longer", 1, genuine.until.adding(seconds: 1), .supervisor, false),
      ("let in by somebody else", 1, genuine.until, .officer, false),
    ] {
      let place = try place.copy()
      let forger = try Forger(place)
      let target = team.records[record]
      try forger.forge { transaction in
        let granter = try AccountName(granter.name)
        try forger.editHead(target, in: transaction) { head in
          head.terms.emergencies = [
            RecordTerms.Emergency(
              account: genuine.account, until: until, request: genuine.request, granter: granter, made: genuine.made)
          ]
        }
      }
      #expect(
        await refusal { try Vault.verify(directory: place.directory, root: place.root) }
          == (isGenuine ? nil : .integrity), "\(name)")
      try await place.withVault { vault in
        let refused = await refusal { try await edit(target, team, in: vault) }
        #expect(refused == (isGenuine ? nil : .integrity), "\(name)")
      }
    }
  }

  // MARK: With an administrator's replacement

  @Test(arguments: ["referral", "emergency", "restriction"])
  func `P2 P7 Keys that an administrator puts in the place of somebody who was let in get nothing`(
    by way: String
  ) async throws {
    let (team, place) = try await Team.copy()
    let record = team.records[0]
    let person = way == "restriction" ? Person.officer : way == "emergency" ? .neighbour : .stranger
    var terms = RecordTerms()
    try await place.withVault { vault in
      let administrator = try team.seat(.administrator, in: vault)
      let supervisor = try team.seat(.supervisor, in: vault)
      switch way {
      case "referral":
        _ = try await vault.refer(
          record, to: person.name, sections: [.identity], until: place.clock.now.adding(seconds: 86400),
          by: supervisor.caller)
      case "emergency":
        let asked = try await vault.breakGlass(
          record, seconds: nil, by: try team.seat(person, in: vault).caller(reason: "She is in danger")
        ).value
        _ = try await vault.approve(asked.id, digest: asked.digest, by: supervisor.caller)
      default:
        _ = try await vault.restrict(
          record, to: [name(person.name), name(Person.supervisor.name)], by: supervisor.caller)
      }
      terms = try #require(try vault.recordHead(record)?.head.terms)
      // The administrator alone: their own keys in the person's name.
      let code = try await vault.replaceAccount(name(person.name), by: administrator.caller).value.code
      try await vault.enrol(person, code: code)
      let taken = try vault.seat(person, secrets: vault.secrets(of: person))
      if way != "restriction" {
        #expect(try vault.recordHead(record)?.head.terms.isEmpty == false, "what they held waits to be sealed anew")
        #expect(try vault.recordHead(record)?.head.terms.letsIn(name(person.name), at: place.clock.now) == false)
        let listed = try await vault.records(in: nil, after: nil, limit: 10, by: taken.caller).value.records
        #expect(listed.isEmpty)
      }
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.identity], by: taken.caller) } == .denied)
    }
    // Whoever did that holds the root key as well, and puts the terms back as they were signed.
    let forger = try Forger(place)
    try forger.forge { transaction in try forger.editHead(record, in: transaction) { $0.terms = terms } }
    try await place.withVault { vault in
      let supervisor = try team.seat(.supervisor, in: vault)
      let version = try #require(try vault.recordHead(record)?.head.version)
      _ = try await vault.editRecord(
        record, patch: json(#"{"identity":{"prs_FirstName":"Written later"}}"#), ifVersion: version,
        by: supervisor.caller)
      let head = try #require(try vault.recordHead(record)?.head)
      #expect(try !isSealed(head, for: person))
      let taken = try vault.seat(person, secrets: vault.secrets(of: person))
      #expect(
        await refusal { try await vault.readRecord(record, sections: [.identity], by: taken.caller) } == .denied)
      // One record that does not open hides no other.
      #expect(
        await refusal {
          try await vault.search("shirin", programme: nil, born: nil, limit: nil, by: taken.caller)
        } == nil)
    }
  }
}
