import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  public struct ProgrammeSummary: Sendable {
    public let id: ProgrammeID
    public let title: String
  }

  /// A new programme, with its eight compartments; the supervisor who adds it is their first member.
  public func addProgramme(
    _ id: ProgrammeID, title: String, by caller: Caller
  ) async throws(VaultError) -> Witnessed<ProgrammeSummary> {
    try await witnessed(.programmeAdd, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = id.description
      try gate.check(session, .addProgramme)
      try demandFounded()
      guard !title.isEmpty, title.utf8.count <= ProgrammeEntry.titleByteCountMax else {
        throw VaultError(
          .invalid, "A title has 1 to \(ProgrammeEntry.titleByteCountMax) bytes.", field: "title")
      }
      try demandBeginner(session, of: id)
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      let now = clock.now()
      let programme = ProgrammeEntry(id: id, title: title, created: now, creator: session.account)
      let key = keys.rowKey(.programme, Array(id.description.utf8))
      var changes: [RowChange] = [
        .put(
          .programme, key, version: 1,
          body: keys.sealMetadata(programme.bytes, table: .programme, key: key, version: 1),
          expect: .absent)
      ]
      let recovery = MembershipChange.recovery(try read("A recovery") { view in try trust.recoveries(in: view) })
      for compartment in Vault.compartments(of: id) {
        var change = MembershipChange(
          compartment: compartment, trust: trust, signer: session.account, signing: secrets.signing, now: now)
        try onStored("A membership") {
          try change.begin(
            epoch: 1, secret: .random(),
            members: [
              MembershipChange.Newcomer(
                name: .account(session.account), keys: session.memberKeys,
                verbs: Vault.verbs(of: .supervisor, in: compartment),
                expires: nil, holdsKey: true)
            ] + recovery)
        }
        changes += change.changes
        entry.heads += change.heads
      }
      let index: UInt64
      do throws(VaultError) {
        index = try await submit(entry, changes: changes)
      } catch {
        guard error.code == .conflict else { throw error }
        throw VaultError(.conflict, "There is a programme of this id already.", field: "id")
      }
      return Witnessed(value: ProgrammeSummary(id: id, title: title), entryIndex: index)
    }
  }

  /// The caller's own programmes; administrators and auditors see all, because they run and review all.
  public func programmes(by caller: Caller) async throws(VaultError) -> Witnessed<[ProgrammeSummary]> {
    try await witnessed(.programmeList, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .listProgrammes)
      let seesAll = session.role == .administrator || session.role == .auditor
      let programmes = try read("A programme") { view in
        try trust.programmeEntries(in: view).filter { seesAll || session.isMember(of: $0.id) }
      }
      return Witnessed(
        value: programmes.map { ProgrammeSummary(id: $0.id, title: $0.title) }, entryIndex: try await submit(entry))
    }
  }

  public struct GrantSummary: Sendable {
    /// H(grant), in hexadecimal.
    public let grant: String
    public let account: AccountName
    public let programmes: [ProgrammeID]
    /// It is about the access log.
    public var isAudit = false
    public let expires: Timestamp?
    /// nil for people: their role says it.
    public var may: ServiceTerms?
  }

  /// The supervisor's half of a membership: the programme's keys that the account's role may have, sealed to keys whose
  /// fingerprint the supervisor has compared.
  ///
  /// - Parameter terms: what a service may; nil for `submit` alone. `invalid` for any other role.
  public func grant(
    _ name: AccountName, in programme: ProgrammeID, fingerprint: String, expires: Timestamp?,
    may terms: ServiceTerms? = nil, by caller: Caller
  ) async throws(VaultError) -> Witnessed<GrantSummary> {
    try await witnessed(.memberGrant, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme.description
      try gate.check(session, .grant, in: programme)
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      let now = clock.now()
      if let expires, expires <= now {
        throw VaultError(.invalid, "The end of the grant lies in the past.", field: "expires")
      }
      guard let account = try read("An account", { view in try trust.account(name, in: view) }),
        let certificate = account.certificate, account.state == .active
      else {
        throw VaultError(
          .notFound, "There is no enrolled account of this name.",
          hint: "The administrator adds it, its person enrols, then you grant.", field: "account")
      }
      guard name != session.account else {
        throw VaultError(
          .conflict, "Nobody changes their own grant.", hint: "Ask another supervisor of the programme.",
          field: "account")
      }
      try await demand(fingerprint, of: certificate)
      try demandNotExcluded(name, programme)
      var held: [RowChange] = []
      if expires != nil, let memberships = try memberships(of: name) {
        held = try demandSuccessors(of: memberships, leavingOnly: programme)
      }
      // Whoever was replaced is let in under new keys of the programme, never beside the old ones.
      try await removeLeavers(for: session)
      let may = try Vault.terms(terms, of: account.role)
      let planned = Vault.plannedMemberships(of: account.role, may, in: programme)
      guard !planned.isEmpty else {
        throw VaultError(
          .invalid, "The role \(account.role.rawValue) holds no programme.",
          hint: "Only roles that work with records do.",
          field: "account")
      }
      var changes: [RowChange] = []
      var hash: [UInt8] = []
      for compartment in Vault.compartments(of: programme) {
        let (manifest, head) = try currentManifest(compartment)
        let membership = planned[compartment]
        if may != nil, let member = manifest.manifest.member(name) {
          try Vault.demandNothingIsTaken(from: member, by: membership)
        }
        guard let membership else { continue }
        var change = MembershipChange(
          compartment: compartment, trust: trust, signer: session.account, signing: secrets.signing, now: now)
        try onStored("A membership") {
          try change.add(
            MembershipChange.Newcomer(
              name: .account(name),
              keys: MemberKeys(verifying: certificate.verifyingKey, sealing: certificate.sealingKey),
              verbs: membership.verbs, expires: expires, holdsKey: membership.holdsKey),
            to: manifest, head: head, held: session.held(compartment)?.keys ?? [:])
        }
        changes += change.changes
        entry.heads += change.heads
        hash = change.grantHash ?? change.heads.last?.hash ?? []
      }
      changes.add(held: held)
      entry.detail = ([name.description] + (may?.words ?? [])).joined(separator: " ")
      let index = try await submit(entry, changes: changes)
      // A record may be kept to them that was written while they were away.
      backlog.membersLeft()
      return Witnessed(
        value: GrantSummary(
          grant: hexadecimal(hash), account: name, programmes: [programme], expires: expires, may: may),
        entryIndex: index)
    }
  }

  /// Ends a membership: new epochs for all its compartments and dead sessions, in one transaction (P8).
  public func revoke(
    _ name: AccountName, in programme: ProgrammeID?, by caller: Caller
  ) async throws(VaultError) -> Witnessed<GrantSummary> {
    try await witnessed(.memberRevoke, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme?.description
      if let programme {
        try gate.check(session, .revoke, in: programme)
      } else {
        try gate.check(session, .revoke)
      }
      guard name != session.account else {
        throw VaultError(
          .conflict, "Nobody can revoke their own grants.", hint: "Ask another supervisor of the programme.")
      }
      var changes: [RowChange] = []
      var hash: [UInt8] = []
      var left: [ProgrammeID] = []
      let memberships = try memberships(of: name)
      for programme in programme.map({ [$0] }) ?? session.programmes {
        var isMember = false
        for compartment in Vault.compartments(of: programme) {
          let (manifest, head) = try currentManifest(compartment)
          guard let member = manifest.manifest.member(name) else { continue }
          isMember = true
          hash = member.grantHash ?? hash
          let change = try renewal(of: manifest, head: head, without: [.account(name)], by: session)
          changes += change.changes
          entry.heads += change.heads
        }
        guard isMember else { continue }
        left.append(programme)
        if let memberships { changes.add(held: try demandSuccessors(of: memberships, leavingOnly: programme)) }
      }
      guard !left.isEmpty else { throw VaultError(.notFound, "This account has no grant there.", field: "account") }
      try demandOtherHolders(
        than: name, in: left, for: session,
        otherwise: "If they have to be out at once, suspend them: vaultsh account suspend NAME.")
      changes += try liftExclusions(of: name, in: left)
      // What they asked for or approved there ends with the membership.
      let ending = try read("A request") { view in
        try endingRequests(
          signedByAnyOf: [name], about: { subject in subject.programme.map(left.contains) == true }, in: view)
      }
      entry.also = ending.entries
      changes += ending.changes
      entry.detail = name.description
      entry.ends = EndedSessions(of: name)
      let index = try await submit(entry, changes: changes)
      return Witnessed(
        value: GrantSummary(grant: hexadecimal(hash), account: name, programmes: left, expires: nil), entryIndex: index)
    }
  }

  /// New keys come first, or the revocation that a restore undid would never have happened.
  private func demandNotExcluded(_ name: AccountName, _ programme: ProgrammeID) throws(VaultError) {
    let exclusions = try read("A membership") { view in try Exclusions.read(in: view, keys: keys).exclusions }
    guard !exclusions.contains(name, programme) else {
      throw VaultError(
        .conflict,
        "This membership had been revoked before the vault was restored, and the keys are still the old ones.",
        hint: "Revoke it again first, which makes new keys: vaultsh revoke NAME. Then grant it.", field: "account")
    }
  }

  /// New keys keep them out from now on.
  private func liftExclusions(of name: AccountName, in programmes: [ProgrammeID]) throws(VaultError) -> [RowChange] {
    var (exclusions, version) = try read("A membership") { view in try Exclusions.read(in: view, keys: keys) }
    guard let version, programmes.contains(where: { exclusions.contains(name, $0) }) else { return [] }
    for programme in programmes { exclusions.remove(name, programme) }
    return exclusions.change(from: version, keys)
  }

  func demandFounded() throws(VaultError) {
    guard try isFounded() else {
      throw VaultError(
        .founding, "The vault is still being founded, or was recovered and waits for its new people.",
        hint: "Supervisor and auditor have to enrol first, each with their one-time code.")
    }
  }

  /// Or nobody would believe the manifests that the caller is going to sign.
  private func demandBeginner(_ session: Session, of programme: ProgrammeID) throws(VaultError) {
    let isOne = try read("A programme") { view in
      guard let account = try trust.account(session.account, in: view) else { return false }
      if Beginners.founding.include(account, under: session.memberKeys) { return true }
      return try trust.beginners(besides: programme, in: view).include(account, under: session.memberKeys)
    }
    guard isOne else {
      throw VaultError(
        .denied, "Only an administrator vouches for these keys so far; programmes begin with people whom others know.",
        hint: "Have a supervisor of another programme compare your fingerprint and grant you that programme first.")
    }
  }

  func currentManifest(_ compartment: Compartment) throws(VaultError) -> (VerifiedManifest, Trust.Head) {
    let found = try read("A manifest") { view in
      (try trust.manifest(compartment, in: view), try trust.manifestHead(compartment, in: view))
    }
    guard let manifest = found.0, let head = found.1 else {
      throw VaultError(.notFound, "There is no such programme.", field: "programme")
    }
    return (manifest, head)
  }

  static let auditorVerbs: Set<Verb> = [.readLog, .verifyLog, .signOffLog, .exportLog]

  /// What the role table lets this role do in one compartment.
  static func verbs(of role: Role, in compartment: Compartment) -> Set<Verb> {
    switch compartment {
    case .section(_, let section):
      Set([Verb.read, .write, .submit].filter { RoleTable.standard.allows(role, $0, in: section) })
    case .statistics: RoleTable.standard.allows(role, .count) ? [.count] : []
    case .audit: []
    }
  }

  /// The compartments that a grant makes somebody a member of, with what they may there: those whose keys the role holds;
  /// for a service what its terms say.
  static func plannedMemberships(
    of role: Role, _ terms: ServiceTerms?, in programme: ProgrammeID
  ) -> [Compartment: (verbs: Set<Verb>, holdsKey: Bool)] {
    let held = RoleTable.standard.compartments(of: role, in: programme)
    var planned: [Compartment: (verbs: Set<Verb>, holdsKey: Bool)] = [:]
    for compartment in Vault.compartments(of: programme) {
      if let terms {
        planned[compartment] = terms.membership(in: compartment)
      } else if held.contains(compartment) {
        planned[compartment] = (Vault.verbs(of: role, in: compartment), true)
      }
    }
    return planned
  }

  /// A service's terms; for people there are none to state.
  private static func terms(_ stated: ServiceTerms?, of role: Role) throws(VaultError) -> ServiceTerms? {
    if role == .service { return stated ?? .submitOnly }
    guard stated == nil else {
      throw VaultError(
        .invalid, "What a \(role.rawValue) may follows from the role; only a service's grant says it.",
        hint: "Leave --may out, or have the account added with the role service.", field: "may")
    }
    return nil
  }

  /// Keys that were handed over cannot be taken back by a narrower grant: only a new epoch does that.
  private static func demandNothingIsTaken(
    from member: Manifest.Member, by membership: (verbs: Set<Verb>, holdsKey: Bool)?
  ) throws(VaultError) {
    let keepsVerbs = member.verbs.isSubset(of: membership?.verbs ?? [])
    guard keepsVerbs, member.grantHash == nil || membership?.holdsKey == true else {
      throw VaultError(
        .conflict, "The service may do more there now than this grant says, and may hold keys for it.",
        hint: "Revoke first, which changes the keys; then grant what it is to have.", field: "may")
    }
  }
}
