public import VaultAPI
import VaultCrypto
public import VaultEngine
public import VaultModel

/// The vault behind the socket: each method hands its parameters to the engine and words its answer. No policy here.
public struct EngineService: VaultService {
  let vault: Vault
  private let schemaDocument: [UInt8]

  public init(_ vault: Vault) {
    self.vault = vault
    schemaDocument = vault.forms.schemaJSON()
  }

  public func refused(uid: UInt32, kind: ProblemKind) {
    let isDenial = [401, 403, 429].contains(kind.row.status)
    vault.refused(uid: uid, kind: kind.rawValue, isDenial: isDenial)
  }

  public func status(_ call: Call) async throws(Problem) -> Answer<StatusAnswer> {
    let status = try await problems { () throws(VaultError) in try vault.status() }
    var answer = StatusAnswer(
      state: status.isRestored ? .restored : status.isFounded ? .open : .founding, vault: status.vaultID,
      version: SoftwareVersion.current,
      logSize: status.logSize, logRoot: status.logRoot, storage: "sqlite", isDemo: status.isDemo,
      logKey: status.logKey, logReviewed: status.logReviewed, lastBackup: status.lastBackup,
      lastDrill: status.lastDrill, hasEscrow: status.hasEscrow, lastRecovery: status.lastRecovery,
      space: StatusAnswer.Space(status.health.space), anchor: StatusAnswer.Anchor(status.health.anchor),
      journal: StatusAnswer.Journal(status.health.journal), rekeyLeft: UInt64(status.rekeyLeft))
    answer.emergenciesActive = UInt64(status.emergencies.active)
    answer.emergenciesToReview = UInt64(status.emergencies.toReview)
    return Answer(answer)
  }

  // MARK: Sessions

  public func openChallenge(
    _ call: Call, _ request: ChallengeRequest
  ) async throws(Problem) -> Answer<ChallengeAnswer> {
    let challenge = try await problems { () throws(VaultError) in
      try vault.challenge(for: request.account, by: call.caller)
    }
    return Answer(
      ChallengeAnswer(challenge: challenge.bytes, vault: challenge.vaultID, expires: challenge.expires.text))
  }

  public func openSession(_ call: Call, credentials: SecretObject) async throws(Problem) -> Answer<SessionAnswer> {
    let account = credentials.text("account") ?? ""
    let opened: Vault.Opened
    if credentials.contains("challenge") {
      let challenge = try EngineService.bytes(credentials, "challenge")
      let signature = try EngineService.bytes(credentials, "signature")
      opened = try await problems { () async throws(VaultError) in
        try await vault.login(account, challenge: challenge, signature: signature, by: call.caller)
      }
    } else {
      guard let credential = EngineService.credential(credentials) else {
        throw Problem(.invalid, "A login has an account and either a passphrase or a key.", field: "passphrase")
      }
      opened = try await problems { () async throws(VaultError) in
        try await vault.login(account, credential.take(), by: call.caller)
      }
    }
    guard let token = SessionToken(bytes: opened.token) else { throw Problem(.failed) }
    return Answer(
      SessionAnswer(
        token: token, account: opened.account.description, role: opened.role,
        programmes: opened.programmes.map(\.description), expires: opened.expires.text,
        requestsWaiting: UInt64(opened.requestsWaiting)),
      auditIndex: opened.entryIndex)
  }

  public func closeSession(_ call: Call) async throws(Problem) -> Answer<Void> {
    let done = try await problems { () async throws(VaultError) in try await vault.logout(by: call.caller) }
    return Answer((), auditIndex: done.entryIndex)
  }

  public func changePassphrase(_ call: Call, secrets: SecretObject) async throws(Problem) -> Answer<Void> {
    guard let current = SecretBox(secrets, "current"), let new = SecretBox(secrets, "passphrase") else {
      throw Problem(.invalid, "The passphrase that holds and the one to come are both needed.", field: "passphrase")
    }
    let done = try await problems { () async throws(VaultError) in
      try await vault.changePassphrase(
        current: current.take(), new: new.take(), isCompromised: secrets.flag("compromised"), by: call.caller)
    }
    return Answer((), auditIndex: done.entryIndex)
  }

  // MARK: Accounts

  public func addAccount(_ call: Call, _ request: AccountRequest) async throws(Problem) -> Answer<InvitationAnswer> {
    let name = try accountName(request.name, field: "name")
    let invited = try await problems { () async throws(VaultError) in
      try await vault.invite(name, role: request.role, peer: BoundPeer(request.uid), by: call.caller)
    }
    // The code is for the one who asked and leaves once; the answer is wiped with the connection's buffer.
    let code = invited.value.code.text.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
    return Answer(
      InvitationAnswer(account: request.name, code: code, expires: invited.value.expires.text),
      auditIndex: invited.entryIndex)
  }

  public func listAccounts(_ call: Call) async throws(Problem) -> Answer<AccountsAnswer> {
    let listed = try await problems { () async throws(VaultError) in try await vault.accounts(by: call.caller) }
    return Answer(
      AccountsAnswer(accounts: listed.value.map { AccountRow($0.account, programmes: $0.programmes) }),
      auditIndex: listed.entryIndex)
  }

  public func enrol(_ call: Call, secrets: SecretObject) async throws(Problem) -> Answer<EnrolmentOutcome> {
    let name = secrets.text("account") ?? ""
    guard let code = SecretBox(secrets, "code") else {
      throw Problem(
        .invalid, "An enrolment has an account, its one-time code, and a passphrase or newKey.", field: "code")
    }
    let passphrase = SecretBox(secrets, "passphrase")
    guard (passphrase != nil) != secrets.flag("newKey") else {
      throw Problem(.invalid, "An enrolment has either a passphrase or newKey.", field: "passphrase")
    }
    let enrolled = try await problems { () async throws(VaultError) in
      try await vault.enrol(name, code: code.take(), passphrase: passphrase?.take(), by: call.caller)
    }
    let key = enrolled.keyFile.map { key in
      Vault.keyFile(of: key).withBytes { bytes in
        var copy = unsafe [UInt8](bytes)
        return WipedBytes(taking: &copy)
      }
    }
    return Answer(
      EnrolmentOutcome(EnrolmentAnswer(account: name, fingerprint: enrolled.fingerprint.words), key: key),
      auditIndex: enrolled.entryIndex)
  }

  // MARK: Programmes

  public func addProgramme(_ call: Call, _ request: ProgrammeRequest) async throws(Problem) -> Answer<ProgrammeRow> {
    guard let id = try? ProgrammeID(request.id) else {
      throw Problem(
        .invalid, "A programme's id is 1 to 64 lowercase letters, digits, `-` and `.`, letter first.", field: "id")
    }
    let added = try await problems { () async throws(VaultError) in
      try await vault.addProgramme(id, title: request.title, by: call.caller)
    }
    return Answer(ProgrammeRow(programme: id.description, title: added.value.title), auditIndex: added.entryIndex)
  }

  public func listProgrammes(_ call: Call) async throws(Problem) -> Answer<ProgrammesAnswer> {
    let listed = try await problems { () async throws(VaultError) in try await vault.programmes(by: call.caller) }
    return Answer(
      ProgrammesAnswer(programmes: listed.value.map { ProgrammeRow(programme: $0.id.description, title: $0.title) }),
      auditIndex: listed.entryIndex)
  }

  public func grant(
    _ call: Call, programme: ProgrammeID, _ request: GrantRequest
  ) async throws(Problem) -> Answer<GrantAnswer> {
    let account = try accountName(request.account, field: "account")
    let expires = try request.expires.map { text throws(Problem) in try timestamp(text, field: "expires") }
    let terms = request.may.isEmpty ? nil : ServiceTerms(words: request.may)
    guard request.may.isEmpty || terms != nil else {
      throw Problem(
        .invalid, "A service may `submit`, `count` and `read:SECTION`.",
        hint: "Sections are \(Section.allCases.map(\.rawValue).joined(separator: ", ")).", field: "may")
    }
    let granted = try await problems { () async throws(VaultError) in
      try await vault.grant(
        account, in: programme, fingerprint: request.fingerprint, expires: expires, may: terms, by: call.caller)
    }
    return Answer(GrantAnswer(granted.value), auditIndex: granted.entryIndex)
  }

  public func revoke(
    _ call: Call, programme: ProgrammeID?, account: AccountName
  ) async throws(Problem) -> Answer<GrantAnswer> {
    let revoked = try await problems { () async throws(VaultError) in
      try await vault.revoke(account, in: programme, by: call.caller)
    }
    return Answer(GrantAnswer(revoked.value), auditIndex: revoked.entryIndex)
  }

  // MARK: Records

  public func createRecord(
    _ call: Call, programme: ProgrammeID, sections: JSONValue, looksForDuplicates: Bool
  ) async throws(Problem) -> Answer<RecordSaved> {
    let saved = try await problems { () async throws(VaultError) in
      try await vault.createRecord(in: programme, sections, looksForDuplicates: looksForDuplicates, by: call.caller)
    }
    return Answer(RecordSaved(saved.value), auditIndex: saved.entryIndex)
  }

  public func readRecord(
    _ call: Call, id: RecordID, sections: [Section], isWhole: Bool
  ) async throws(Problem) -> Answer<RecordDocument> {
    let opened = try await problems { () async throws(VaultError) in
      try await vault.readRecord(id, sections: sections, isWhole: isWhole, by: call.caller)
    }
    let record = opened.value
    return Answer(
      RecordDocument(
        id: record.id.description, programme: record.programme.description, version: record.version,
        sections: record.sections, flags: record.flags, until: record.until?.text),
      auditIndex: opened.entryIndex)
  }

  public func editRecord(
    _ call: Call, id: RecordID, version: UInt64?, patch: JSONValue
  ) async throws(Problem) -> Answer<RecordSaved> {
    let saved = try await problems { () async throws(VaultError) in
      try await vault.editRecord(id, patch: patch, ifVersion: version, by: call.caller)
    }
    return Answer(RecordSaved(saved.value), auditIndex: saved.entryIndex)
  }

  public func listRecords(_ call: Call, _ query: RecordQuery) async throws(Problem) -> Answer<RecordsPage> {
    let programme = try query.programme.map { text throws(Problem) in try programmeID(text) }
    let page = try await problems { () async throws(VaultError) in
      try await vault.records(
        in: programme, after: query.after, limit: query.limit ?? EngineService.pageDefault, by: call.caller)
    }
    return Answer(
      RecordsPage(
        records: page.value.records.map {
          RecordRow(
            id: $0.id.description, programme: $0.programme.description, version: $0.version, flags: $0.flags)
        }, next: page.value.next), auditIndex: page.entryIndex)
  }

  public func search(_ call: Call, _ request: SearchRequest) async throws(Problem) -> Answer<SearchAnswer> {
    let programme = try request.programme.map { text throws(Problem) in try programmeID(text) }
    let born = try request.born.map { text throws(Problem) in try years(text) }
    let found = try await problems { () async throws(VaultError) in
      try await vault.search(request.terms, programme: programme, born: born, limit: request.limit, by: call.caller)
    }
    return Answer(
      SearchAnswer(
        matches: found.value.map {
          SearchMatch(
            id: $0.id.description, programme: $0.programme.description, name: $0.name, yearOfBirth: $0.yearOfBirth,
            matchedOn: $0.matchedOn, contactWarning: $0.contactWarning, flags: $0.flags)
        }), auditIndex: found.entryIndex)
  }

  public func schema(_ call: Call) async throws(Problem) -> Answer<[UInt8]> { Answer(schemaDocument) }

  public func metrics(_ call: Call) async throws(Problem) -> Answer<[Metric]> {
    let status = try await problems { () throws(VaultError) in try vault.status() }
    return Answer([Metric("vault_log_entries_total", "Entries in the access log.", status.logSize)])
  }

  // MARK: Parameters

  /// Rows of a page where the caller names no number.
  private static let pageDefault = 100

  /// Base64 of what is no secret; a text of another shape is a value that is not valid.
  private static func bytes(_ object: SecretObject, _ name: String) throws(Problem) -> [UInt8] {
    guard let bytes = object.text(name).flatMap({ Base64.decode($0) }) else {
      throw Problem(.invalid, "This has to be base64.", field: name)
    }
    return bytes
  }

  private static func credential(_ secrets: SecretObject) -> CredentialBox? {
    switch (SecretBox(secrets, "passphrase"), SecretBox(secrets, "key")) {
    case (let passphrase?, nil): CredentialBox(.passphrase(passphrase.take()))
    case (nil, let key?): CredentialBox(.key(key.take()))
    default: nil
    }
  }
}
