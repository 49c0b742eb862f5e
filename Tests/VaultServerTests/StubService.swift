import Synchronization
import VaultAPI
import VaultModel

@testable import VaultServer

/// A vault that remembers what it was asked and answers with fixed, invented data.
final class StubService: VaultService {
  static let token = SessionToken(bytes: (0..<32).map { UInt8($0 * 7) })!
  static let recordID = RecordID(bits: 0x1234_5678_9ABC)

  let calls = Mutex<[Call]>([])
  let seen = Mutex<[String]>([])
  let refusals = Mutex<[(uid: UInt32, kind: ProblemKind)]>([])
  /// Nanoseconds that a search takes.
  let searchTime: Duration

  init(searchTime: Duration = .zero) { self.searchTime = searchTime }

  func refused(uid: UInt32, kind: ProblemKind) { refusals.withLock { $0.append((uid, kind)) } }

  private func note(_ call: Call, _ parameters: String = "") {
    calls.withLock { $0.append(call) }
    seen.withLock { $0.append("\(call.operation.rawValue)(\(parameters))") }
  }

  private func check(_ call: Call) throws(Problem) {
    guard call.token?.bytes == Self.token.bytes else { throw Problem(.loginNeeded, auditIndex: 7) }
  }

  private func text(_ secrets: SecretObject, _ name: String) -> String { secrets.text(name) ?? "-" }

  func status(_ call: Call) async throws(Problem) -> Answer<StatusAnswer> {
    note(call)
    return Answer(
      StatusAnswer(
        state: .open, vault: "00ff", version: "0.1", logSize: 3, logRoot: "cm9vdA==", storage: "sqlite", isDemo: true,
        logKey: "stub+00000000+AQ==", logReviewed: 2))
  }

  func openChallenge(_ call: Call, _ request: ChallengeRequest) async throws(Problem) -> Answer<ChallengeAnswer> {
    note(call, request.account)
    return Answer(
      ChallengeAnswer(
        challenge: [UInt8](repeating: 9, count: 32), vault: String(repeating: "0f", count: 32),
        expires: "2030-01-01T00:00:00Z"))
  }

  func openSession(_ call: Call, credentials: SecretObject) async throws(Problem) -> Answer<SessionAnswer> {
    if credentials.text("account") == "quiet" {
      var problem = Problem(.loginFailed)
      problem.isWitnessed = true
      throw problem
    }
    note(call, "\(text(credentials, "account")) \(text(credentials, "passphrase")) \(text(credentials, "key"))")
    guard credentials.text("passphrase") != "wrong" else { throw Problem(.loginFailed, auditIndex: 4) }
    return Answer(
      SessionAnswer(
        token: Self.token, account: "amina", role: .officer, programmes: ["navigators"],
        expires: "2030-01-01T00:00:00Z", requestsWaiting: 3), auditIndex: 5)
  }

  func closeSession(_ call: Call) async throws(Problem) -> Answer<Void> {
    note(call)
    try check(call)
    return Answer(())
  }

  func changePassphrase(_ call: Call, secrets: SecretObject) async throws(Problem) -> Answer<Void> {
    note(call, "\(text(secrets, "current")) \(text(secrets, "passphrase")) \(secrets.flag("compromised"))")
    return Answer(())
  }

  func addAccount(_ call: Call, _ request: AccountRequest) async throws(Problem) -> Answer<InvitationAnswer> {
    note(call, "\(request.name) \(request.role) \(request.uid)")
    return Answer(InvitationAnswer(account: request.name, code: "lusab-babad", expires: "2030-01-01T00:00:00Z"))
  }

  func listAccounts(_ call: Call) async throws(Problem) -> Answer<AccountsAnswer> {
    note(call)
    return Answer(AccountsAnswer(accounts: [row("amina", .active), row("bogdan", .invited)]))
  }

  func suspendAccount(_ call: Call, account: AccountName) async throws(Problem) -> Answer<SuspensionAnswer> {
    note(call, "\(account)")
    return Answer(
      SuspensionAnswer(
        account: row(account.description, .suspended), sessionsEnded: 2, rekeyed: ["navigators"], pending: ["harbour"],
        recordsOwned: [Self.recordID.description], unreadable: [Self.recordID.description], readsLast30Days: 17))
  }

  func replaceAccount(_ call: Call, account: AccountName) async throws(Problem) -> Answer<ReplacementAnswer> {
    note(call, "\(account)")
    return Answer(
      ReplacementAnswer(
        account: account.description, code: "lusab-babad", expires: "2030-01-01T00:00:00Z", sessionsEnded: 1,
        pending: ["navigators"]))
  }

  func grantAudit(_ call: Call, _ request: GrantRequest) async throws(Problem) -> Answer<GrantAnswer> {
    note(call, "\(request.account) \(request.fingerprint)")
    return Answer(GrantAnswer(grant: "ab12", account: request.account, programmes: ["audit"]))
  }

  func revokeAudit(_ call: Call, account: AccountName) async throws(Problem) -> Answer<GrantAnswer> {
    note(call, "\(account)")
    return Answer(GrantAnswer(grant: "ab12", account: account.description, programmes: ["audit"]))
  }

  func reassign(_ call: Call, _ request: ReassignmentRequest) async throws(Problem) -> Answer<ReassignmentAnswer> {
    note(call, "\(request.from) \(request.to) \(request.programme ?? "all")")
    return Answer(ReassignmentAnswer(moved: [Self.recordID.description], left: 2, refused: 1))
  }

  func rekey(_ call: Call, _ request: RekeyRequest) async throws(Problem) -> Answer<RekeyAnswer> {
    note(call, "\(request.programme ?? "all") \(request.deep)")
    return try await rekeyProgress(call)
  }

  func rekeyProgress(_ call: Call) async throws(Problem) -> Answer<RekeyAnswer> {
    Answer(
      RekeyAnswer(programmes: [
        RekeyRow(programme: "navigators", left: 3, total: 9, deep: true, waitsForSupervisor: false)
      ]))
  }

  private func row(_ name: String, _ state: AccountRow.State) -> AccountRow {
    AccountRow(
      account: name, role: .officer, uid: .uid(1000), state: state,
      fingerprint: state == .invited ? nil : "six words", programmes: ["navigators"])
  }

  func enrol(_ call: Call, secrets: SecretObject) async throws(Problem) -> Answer<EnrolmentOutcome> {
    note(call, "\(text(secrets, "account")) \(text(secrets, "code")) \(text(secrets, "passphrase"))")
    var key = Array("VAULT-KEY-1QQQ".utf8)
    return Answer(
      EnrolmentOutcome(
        EnrolmentAnswer(account: text(secrets, "account"), fingerprint: "six words"),
        key: secrets.flag("newKey") ? WipedBytes(taking: &key) : nil))
  }

  func addProgramme(_ call: Call, _ request: ProgrammeRequest) async throws(Problem) -> Answer<ProgrammeRow> {
    note(call, "\(request.id) \(request.title)")
    return Answer(ProgrammeRow(programme: request.id, title: request.title))
  }

  func listProgrammes(_ call: Call) async throws(Problem) -> Answer<ProgrammesAnswer> {
    note(call)
    return Answer(ProgrammesAnswer(programmes: [ProgrammeRow(programme: "navigators", title: "Însoțitori")]))
  }

  func grant(
    _ call: Call, programme: ProgrammeID, _ request: GrantRequest
  ) async throws(Problem) -> Answer<GrantAnswer> {
    note(call, "\(programme) \(request.account) \(request.fingerprint) \(request.expires ?? "-")")
    return Answer(
      GrantAnswer(
        grant: "ab12", account: request.account, programmes: [programme.description], expires: request.expires))
  }

  func revoke(
    _ call: Call, programme: ProgrammeID?, account: AccountName
  ) async throws(Problem) -> Answer<GrantAnswer> {
    note(call, "\(programme?.description ?? "all") \(account)")
    return Answer(GrantAnswer(grant: "ab12", account: account.description, programmes: ["navigators"]))
  }

  private var approvalRow: ApprovalRow {
    ApprovalRow(
      request: "0011223344556677", state: .pending, expires: "2030-01-01T00:00:00Z", action: "reinstate",
      words: ["amina may log in again."], digest: "ab12", requester: "bogdan", requested: "2029-12-29T00:00:00Z",
      waitsForYou: true)
  }

  func makeRequest(_ call: Call, _ wish: ApprovalWish) async throws(Problem) -> Answer<ApprovalRow> {
    note(call, "\(wish.action) \(wish.account ?? "-")")
    return Answer(approvalRow)
  }

  func listRequests(_ call: Call) async throws(Problem) -> Answer<ApprovalsAnswer> {
    note(call)
    return Answer(ApprovalsAnswer(requests: [approvalRow]))
  }

  func showRequest(_ call: Call, request: String) async throws(Problem) -> Answer<ApprovalRow> {
    note(call, request)
    return Answer(approvalRow)
  }

  func approveRequest(
    _ call: Call, request: String, _ decision: ApprovalDecision
  ) async throws(Problem) -> Answer<ApprovalRow> {
    note(call, "\(request) \(decision.digest)")
    return Answer(approvalRow)
  }

  func denyRequest(
    _ call: Call, request: String, _ denial: ApprovalDenial
  ) async throws(Problem) -> Answer<ApprovalRow> {
    note(call, "\(request) \(denial.reason)")
    return Answer(approvalRow)
  }

  func redeemRequest(_ call: Call, request: String) async throws(Problem) -> Answer<[UInt8]> {
    note(call, request)
    return Answer(Array("age".utf8))
  }

  func showPolicy(_ call: Call) async throws(Problem) -> Answer<PolicyDocument> {
    note(call)
    return Answer(PolicyDocument(rules: ["erase": .init(twoPeople: true, ask: ["officer"], approve: ["supervisor"])]))
  }

  func showPathway(_ call: Call, programme: String) async throws(Problem) -> Answer<PathwayDocument> {
    note(call, programme)
    return Answer(PathwayDocument(steps: [.init(name: "Safety assessment", withinDays: 2)]))
  }

  func createRecord(
    _ call: Call, programme: ProgrammeID, sections: JSONValue, looksForDuplicates: Bool
  ) async throws(Problem) -> Answer<RecordSaved> {
    try check(call)
    note(call, "\(programme) \(String(decoding: sections.canonicalBytes(), as: UTF8.self))")
    return Answer(
      RecordSaved(
        id: Self.recordID.description, version: 1, incomplete: ["contact.vault_ContactMethods"],
        possibleDuplicates: looksForDuplicates ? ["x"] : []), auditIndex: 11)
  }

  func readRecord(
    _ call: Call, id: RecordID, sections: [Section], isWhole: Bool
  ) async throws(Problem) -> Answer<RecordDocument> {
    try check(call)
    note(
      call,
      "\(id) \(isWhole ? ["all"] : sections.map(\.rawValue)) \(call.purpose?.rawValue ?? "-") \(call.reason ?? "-")")
    guard id == Self.recordID else { throw Problem(.notFound, "No such record.", field: "id", auditIndex: 12) }
    return Answer(
      RecordDocument(
        id: id.description, programme: "navigators", version: 3,
        sections: sections.map { ($0, Array(#"{"vault_Note":"শিরিন"}"#.utf8)) }), auditIndex: 13)
  }

  func previewReferral(
    _ call: Call, id: RecordID, _ request: ReferralRequest
  ) async throws(Problem) -> Answer<ReferralAnswer> {
    note(call, "\(id) \(request.to) \(request.sections.map(\.rawValue)) \(request.until)")
    return Answer(Self.referral(id, request, version: 3), auditIndex: 30)
  }

  func refer(_ call: Call, id: RecordID, _ request: ReferralRequest) async throws(Problem) -> Answer<ReferralAnswer> {
    note(call, "\(id) \(request.to) \(request.sections.map(\.rawValue)) \(request.until)")
    return Answer(Self.referral(id, request, version: 4), auditIndex: 31)
  }

  func unrefer(_ call: Call, id: RecordID, receiver: String) async throws(Problem) -> Answer<RecordChanged> {
    note(call, "\(id) \(receiver)")
    return Answer(RecordChanged(id: id.description, version: 5), auditIndex: 32)
  }

  func bar(_ call: Call, id: RecordID, _ request: BarRequest) async throws(Problem) -> Answer<RecordChanged> {
    note(call, "\(id) \(request.account)")
    return Answer(RecordChanged(id: id.description, version: 6), auditIndex: 33)
  }

  func unbar(_ call: Call, id: RecordID, account: AccountName) async throws(Problem) -> Answer<RecordChanged> {
    note(call, "\(id) \(account)")
    return Answer(RecordChanged(id: id.description, version: 7), auditIndex: 34)
  }

  func listBars(_ call: Call) async throws(Problem) -> Answer<BarsAnswer> {
    note(call)
    return Answer(
      BarsAnswer(bars: [BarRow(record: Self.recordID.description, programme: "navigators", account: "mina")]))
  }

  func restrict(
    _ call: Call, id: RecordID, _ request: RestrictionRequest
  ) async throws(Problem) -> Answer<RestrictionAnswer> {
    note(call, "\(id) \(request.accounts)")
    return Answer(
      RestrictionAnswer(
        id: id.description, version: 8, accounts: request.accounts, ended: ["account:mina"], warnings: ["Nobody."]))
  }

  func unrestrict(_ call: Call, id: RecordID) async throws(Problem) -> Answer<RecordChanged> {
    note(call, "\(id)")
    return Answer(RecordChanged(id: id.description, version: 9))
  }

  func breakGlass(_ call: Call, id: RecordID, _ request: EmergencyRequest) async throws(Problem) -> Answer<ApprovalRow>
  {
    note(call, "\(id) \(request.seconds ?? 0) \(call.reason ?? "-")")
    return Answer(
      ApprovalRow(
        request: "ab12", state: .pending, expires: "2030", action: "break-glass", words: ["Whoever asked …"],
        digest: "00", requester: "mina", requested: "2029"))
  }

  func listEmergencies(_ call: Call) async throws(Problem) -> Answer<EmergenciesAnswer> {
    note(call)
    return Answer(EmergenciesAnswer(emergencies: [Self.emergency]))
  }

  func reviewEmergency(
    _ call: Call, request: String, _ review: EmergencyReviewRequest
  ) async throws(Problem) -> Answer<EmergencyRow> {
    note(call, "\(request) \(review.note)")
    return Answer(Self.emergency)
  }

  static let emergency = EmergencyRow(
    request: "ab12", record: recordID.description, programme: "navigators", account: "mina", by: "amina", made: "2029",
    until: "2030", active: true)

  func recordAccess(_ call: Call, id: RecordID) async throws(Problem) -> Answer<AccessAnswer> {
    note(call, "\(id)")
    return Answer(Self.access)
  }

  static let access = AccessAnswer(
    id: recordID.description, programme: "navigators", version: 9, restrictedTo: ["amina"],
    referrals: [
      .init(to: "programme:harbour", sections: [.legal], until: "2030-01-01T00:00:00.000Z", by: "amina", made: "2029")
    ],
    emergencies: [.init(account: "mina", until: "2030-01-01T00:00:00.000Z", request: "r-1", by: "amina")],
    barred: ["bogdan"], stale: [.health])

  private static func referral(_ id: RecordID, _ request: ReferralRequest, version: UInt64) -> ReferralAnswer {
    ReferralAnswer(
      id: id.description, version: version, to: "programme:harbour", until: "2030-01-01T00:00:00.000Z",
      sees: request.sections, empty: [.legal], seesNot: [.health],
      readers: [.init(account: "mina", role: .officer, sections: request.sections)], found: true, replaces: false)
  }

  func editRecord(
    _ call: Call, id: RecordID, version: UInt64?, patch: JSONValue
  ) async throws(Problem) -> Answer<RecordSaved> {
    try check(call)
    note(call, "\(id) \(version ?? 0) \(String(decoding: patch.canonicalBytes(), as: UTF8.self))")
    guard let version else { throw Problem(.versionNeeded) }
    guard version == 3 else { throw Problem(.stale) }
    return Answer(RecordSaved(id: id.description, version: 4), auditIndex: 14)
  }

  func listRecords(_ call: Call, _ query: RecordQuery) async throws(Problem) -> Answer<RecordsPage> {
    note(call, "\(query.programme ?? "-") \(query.after ?? "-") \(query.limit ?? 0)")
    return Answer(
      RecordsPage(
        records: [RecordRow(id: Self.recordID.description, programme: "navigators", version: 3)], next: "more"))
  }

  func search(_ call: Call, _ request: SearchRequest) async throws(Problem) -> Answer<SearchAnswer> {
    note(call, "\(request.terms) \(request.born ?? "-") \(request.limit ?? 0)")
    if searchTime > .zero { try? await Task.sleep(for: searchTime) }
    // As many as the limit says, for answers of any size.
    let match = SearchMatch(
      id: Self.recordID.description, programme: "navigators", name: "লক্ষ্মী " + String(repeating: "x", count: 900),
      yearOfBirth: 1999, matchedOn: ["name"], contactWarning: nil)
    return Answer(SearchAnswer(matches: Array(repeating: match, count: request.limit ?? 1)), auditIndex: 15)
  }

  func schema(_ call: Call) async throws(Problem) -> Answer<[UInt8]> {
    note(call)
    return Answer(Array(#"{"forms":[]}"#.utf8))
  }

  func openSlot(_ call: Call, programme: ProgrammeID) async throws(Problem) -> Answer<SlotAnswer> {
    note(call, "\(programme)")
    return Answer(
      SlotAnswer(
        id: Self.recordID.description, ticket: [UInt8](repeating: 4, count: 16),
        vault: String(repeating: "0f", count: 32),
        sections: [SlotAnswer.Part(section: .contact, epoch: 2, key: [9] + [UInt8](repeating: 0, count: 31))]))
  }

  func submit(
    _ call: Call, programme: ProgrammeID, _ request: SubmissionRequest
  ) async throws(Problem) -> Answer<SubmissionReceipt> {
    note(call, "\(programme) \(request.id) \(request.sections.map { "\($0.sealed.section) \($0.sealed.epoch)" })")
    return Answer(SubmissionReceipt(id: request.id, received: "2030-01-01T00:00:00Z"), auditIndex: 21)
  }

  private var submission: SubmissionRow {
    SubmissionRow(
      id: Self.recordID.description, programme: "navigators", service: "intake", received: "2030-01-01T00:00:00Z",
      sections: ["contact"], byteCount: 900)
  }

  func listSubmissions(_ call: Call, programme: String?) async throws(Problem) -> Answer<SubmissionsAnswer> {
    note(call, programme ?? "-")
    return Answer(SubmissionsAnswer(submissions: [submission], waiting: 3))
  }

  func readSubmission(_ call: Call, id: RecordID) async throws(Problem) -> Answer<SubmissionDocument> {
    note(call, "\(id)")
    return Answer(
      SubmissionDocument(
        row: submission, sections: [(.contact, Array(#"{"vault_Note":"শিরিন"}"#.utf8))],
        faults: [FaultRow(field: "contact.vault_Note", detail: "no such field")], possibleDuplicates: ["x"]),
      auditIndex: 22)
  }

  func acceptSubmission(
    _ call: Call, id: RecordID, version: UInt64?, _ request: AcceptanceRequest
  ) async throws(Problem) -> Answer<RecordSaved> {
    note(call, "\(id) \(request.into ?? "-") \(version ?? 0) \(request.corrections != nil)")
    return Answer(RecordSaved(id: request.into ?? id.description, version: 1 + (version ?? 0)), auditIndex: 23)
  }

  func rejectSubmission(
    _ call: Call, id: RecordID, _ request: RejectionRequest
  ) async throws(Problem) -> Answer<Void> {
    note(call, "\(id) \(request.reason)")
    return Answer((), auditIndex: 24)
  }

  func auditEntries(_ call: Call, _ query: AuditQuery) async throws(Problem) -> Answer<AuditEntries> {
    note(call, query.items.map { $0.value ?? "-" }.joined(separator: " "))
    return Answer(
      AuditEntries(
        entries: [
          AuditEntry(
            index: 2, time: "2030-01-01T00:00:00Z", account: nil, uid: 1000, action: "read", record: nil,
            sections: ["identity"], purpose: "casework", outcome: .denied, results: [], programme: "navigators",
            detail: "denied", assignment: .unassigned, count: 3, text: .masked)
        ], next: 2, scanned: 3, size: 9))
  }

  func revealText(_ call: Call, index: UInt64) async throws(Problem) -> Answer<RevealedText> {
    note(call, "\(index)")
    return Answer(RevealedText(index: index, text: "শিরিন"), auditIndex: 16)
  }

  func disclose(_ call: Call, _ request: DisclosureRequest) async throws(Problem) -> Answer<DisclosuresAnswer> {
    note(call, "\(request.indexes)")
    let disclosures = request.indexes.map { index in
      AuditDisclosure(
        index: index, key: "a2V5",
        entry: AuditEntry(
          index: index, time: "2030-01-01T00:00:00Z", account: "amina", uid: 1000, action: "record.read", record: nil,
          sections: [], purpose: nil, outcome: .allowed, results: []))
    }
    return Answer(DisclosuresAnswer(disclosures: disclosures), auditIndex: 17)
  }

  func signOff(_ call: Call, _ request: SignOffRequest) async throws(Problem) -> Answer<SignOffRow> {
    note(call, "\(request.upto.map { String($0) } ?? "-") \(request.note)")
    return Answer(signOff(size: (request.upto ?? 8) + 1, remark: request.note), auditIndex: 18)
  }

  func listSignOffs(_ call: Call) async throws(Problem) -> Answer<SignOffsAnswer> {
    note(call)
    return Answer(SignOffsAnswer(signoffs: [signOff(size: 4, remark: nil)], size: 9))
  }

  private func signOff(size: UInt64, remark: String?) -> SignOffRow {
    SignOffRow(
      size: size, root: "cm9vdA==", account: "kavita", time: "2030-01-01T00:00:00Z", remark: remark,
      note: "vault\n\(size)\ncm9vdA==\n\n\u{2014} vault AAAA\n", key: "kavita+00000000+BA==")
  }

  func checkpoint(_ call: Call, for use: LogUse, log: UInt64?) async throws(Problem) -> Answer<[UInt8]> {
    note(call, [use.rawValue, log.map { "log \($0)" }].compactMap(\.self).joined(separator: " "))
    return Answer(Array("vault\n3\ncm9vdA==\n".utf8))
  }

  static let restored = RestorationAnswer(
    digest: "00ff", number: 2, time: "2030-01-01T00:00:00Z",
    kept: .init(log: "survivor-vault/00ff/1", size: 7, root: "cm9vdA=="),
    newest: .init(log: "survivor-vault/00ff/1", size: 9, root: "cm9vdA=="), backup: "00ff", hasJournal: true,
    hasGap: false, journalLog: 1, journalSize: 8, suspended: 1, revoked: 2, erased: 0, recovered: 1,
    excluded: ["amina navigators"], signed: ["kavita"], isAccepted: false)

  func restoration(_ call: Call) async throws(Problem) -> Answer<RestorationAnswer> {
    note(call)
    try check(call)
    return Answer(Self.restored, auditIndex: 3)
  }

  func acceptRestore(_ call: Call, _ request: RestoreAcceptanceRequest) async throws(Problem) -> Answer<ApprovalRow> {
    note(call, request.digest)
    try check(call)
    return Answer(approvalRow, auditIndex: 4)
  }

  func acceptances(_ call: Call) async throws(Problem) -> Answer<[UInt8]> {
    note(call)
    return Answer([1, 2, 3])
  }

  func consistencyProof(
    _ call: Call, from: UInt64, to: UInt64, log: UInt64?
  ) async throws(Problem) -> Answer<ProofAnswer> {
    note(call, "\(from) \(to)")
    return Answer(ProofAnswer(from: from, to: to, hashes: ["aGFzaA=="]))
  }

  func inclusionProof(_ call: Call, index: UInt64, size: UInt64) async throws(Problem) -> Answer<ProofAnswer> {
    note(call, "\(index) \(size)")
    return Answer(ProofAnswer(from: index, to: size, hashes: []))
  }

  func tile(_ call: Call, path: String, for use: LogUse, log: UInt64?) async throws(Problem) -> Answer<[UInt8]> {
    note(call, ["\(path) \(use.rawValue)", log.map { "log \($0)" }].compactMap(\.self).joined(separator: " "))
    return Answer([0, 1, 2, 255])
  }

  func metrics(_ call: Call) async throws(Problem) -> Answer<[Metric]> {
    note(call)
    return Answer([Metric("vault_reads_total", "Records read.", 9)])
  }
}
