public import VaultAPI
public import VaultModel

/// The seam between the transport and the vault: one method an operation, and no HTTP in it.
///
/// The transport has parsed and bounded every parameter; nothing is authorised yet. A method that throws decides the
/// answer by the kind of its `Problem`. `SecretObject` wipes itself when the method lets go of it.
public protocol VaultService: Sendable {
  /// A request was refused that no operation has told the log about: malformed, unauthenticated, nowhere, over a bound.
  /// Called on the transport's own threads: it must return at once.
  func refused(uid: UInt32, kind: ProblemKind)

  func status(_ call: Call) async throws(Problem) -> Answer<StatusAnswer>

  /// Random bytes for a service to sign.
  func openChallenge(_ call: Call, _ request: ChallengeRequest) async throws(Problem) -> Answer<ChallengeAnswer>
  /// - Parameter credentials: `account`, and `passphrase`, `key`, or `challenge` with `signature`.
  func openSession(_ call: Call, credentials: SecretObject) async throws(Problem) -> Answer<SessionAnswer>
  func closeSession(_ call: Call) async throws(Problem) -> Answer<Void>
  /// - Parameter secrets: `current` and `passphrase`; `compromised` where somebody else may have the keys, which is
  ///   refused.
  func changePassphrase(_ call: Call, secrets: SecretObject) async throws(Problem) -> Answer<Void>

  func addAccount(_ call: Call, _ request: AccountRequest) async throws(Problem) -> Answer<InvitationAnswer>
  func listAccounts(_ call: Call) async throws(Problem) -> Answer<AccountsAnswer>
  func suspendAccount(_ call: Call, account: AccountName) async throws(Problem) -> Answer<SuspensionAnswer>
  func replaceAccount(_ call: Call, account: AccountName) async throws(Problem) -> Answer<ReplacementAnswer>
  /// - Parameter secrets: `account`, `code`, and `passphrase` or the flag `newKey`.
  func enrol(_ call: Call, secrets: SecretObject) async throws(Problem) -> Answer<EnrolmentOutcome>

  func addProgramme(_ call: Call, _ request: ProgrammeRequest) async throws(Problem) -> Answer<ProgrammeRow>
  func listProgrammes(_ call: Call) async throws(Problem) -> Answer<ProgrammesAnswer>
  func grant(_ call: Call, programme: ProgrammeID, _ request: GrantRequest) async throws(Problem) -> Answer<GrantAnswer>
  /// - Parameter programme: nil for all.
  func revoke(_ call: Call, programme: ProgrammeID?, account: AccountName) async throws(Problem) -> Answer<GrantAnswer>

  /// Asks for what needs two people. The same again, while it is open, is the same request.
  func makeRequest(_ call: Call, _ wish: ApprovalWish) async throws(Problem) -> Answer<ApprovalRow>
  func listRequests(_ call: Call) async throws(Problem) -> Answer<ApprovalsAnswer>
  /// - Parameter request: as it stood in the path.
  func showRequest(_ call: Call, request: String) async throws(Problem) -> Answer<ApprovalRow>
  func approveRequest(
    _ call: Call, request: String, _ decision: ApprovalDecision
  ) async throws(Problem) -> Answer<ApprovalRow>
  func denyRequest(_ call: Call, request: String, _ denial: ApprovalDenial) async throws(Problem) -> Answer<ApprovalRow>
  /// An age file, to the recipient that was approved.
  func redeemRequest(_ call: Call, request: String) async throws(Problem) -> Answer<[UInt8]>
  func showPolicy(_ call: Call) async throws(Problem) -> Answer<PolicyDocument>
  func showPathway(_ call: Call, programme: String) async throws(Problem) -> Answer<PathwayDocument>
  /// Lets another auditor in.
  func grantAudit(_ call: Call, _ request: GrantRequest) async throws(Problem) -> Answer<GrantAnswer>
  func revokeAudit(_ call: Call, account: AccountName) async throws(Problem) -> Answer<GrantAnswer>
  func reassign(_ call: Call, _ request: ReassignmentRequest) async throws(Problem) -> Answer<ReassignmentAnswer>
  func rekey(_ call: Call, _ request: RekeyRequest) async throws(Problem) -> Answer<RekeyAnswer>
  func rekeyProgress(_ call: Call) async throws(Problem) -> Answer<RekeyAnswer>

  /// - Parameter sections: a JSON object, section names and contents not yet checked.
  /// - Parameter looksForDuplicates: false for imports, which would search the caseload once for each row.
  func createRecord(
    _ call: Call, programme: ProgrammeID, sections: JSONValue, looksForDuplicates: Bool
  ) async throws(Problem) -> Answer<RecordSaved>
  /// - Parameters:
  ///   - sections: empty for safe contact and case summary only.
  ///   - isWhole: every section that the caller may read, instead.
  func readRecord(
    _ call: Call, id: RecordID, sections: [Section], isWhole: Bool
  ) async throws(Problem) -> Answer<RecordDocument>
  /// - Parameters:
  ///   - version: of `If-Match`; nil where that is absent.
  ///   - patch: a JSON object, the merge patch (RFC 7396) of `sections`.
  func editRecord(
    _ call: Call, id: RecordID, version: UInt64?, patch: JSONValue
  ) async throws(Problem) -> Answer<RecordSaved>
  func listRecords(_ call: Call, _ query: RecordQuery) async throws(Problem) -> Answer<RecordsPage>
  func search(_ call: Call, _ request: SearchRequest) async throws(Problem) -> Answer<SearchAnswer>

  /// What a referral would show, and to whom; nothing is changed.
  func previewReferral(_ call: Call, id: RecordID, _ request: ReferralRequest) async throws(Problem) -> Answer<
    ReferralAnswer
  >
  func refer(_ call: Call, id: RecordID, _ request: ReferralRequest) async throws(Problem) -> Answer<ReferralAnswer>
  /// - Parameter receiver: as in a request, or as the answer to one named it.
  func unrefer(_ call: Call, id: RecordID, receiver: String) async throws(Problem) -> Answer<RecordChanged>

  func bar(_ call: Call, id: RecordID, _ request: BarRequest) async throws(Problem) -> Answer<RecordChanged>
  func unbar(_ call: Call, id: RecordID, account: AccountName) async throws(Problem) -> Answer<RecordChanged>
  func listBars(_ call: Call) async throws(Problem) -> Answer<BarsAnswer>
  func restrict(
    _ call: Call, id: RecordID, _ request: RestrictionRequest
  ) async throws(Problem) -> Answer<RestrictionAnswer>
  func unrestrict(_ call: Call, id: RecordID) async throws(Problem) -> Answer<RecordChanged>
  /// Asks to be let into one record for an emergency.
  func breakGlass(_ call: Call, id: RecordID, _ request: EmergencyRequest) async throws(Problem) -> Answer<ApprovalRow>
  /// Emergencies that wait for a review.
  func listEmergencies(_ call: Call) async throws(Problem) -> Answer<EmergenciesAnswer>
  func reviewEmergency(
    _ call: Call, request: String, _ review: EmergencyReviewRequest
  ) async throws(Problem) -> Answer<EmergencyRow>
  /// Who reads a record apart from its programme.
  func recordAccess(_ call: Call, id: RecordID) async throws(Problem) -> Answer<AccessAnswer>

  /// One JSON document: forms, fields, code lists.
  func schema(_ call: Call) async throws(Problem) -> Answer<[UInt8]>

  /// An id for a submission, and the keys to seal it to.
  func openSlot(_ call: Call, programme: ProgrammeID) async throws(Problem) -> Answer<SlotAnswer>
  func submit(
    _ call: Call, programme: ProgrammeID, _ request: SubmissionRequest
  ) async throws(Problem) -> Answer<SubmissionReceipt>
  /// - Parameter programme: nil for all of the caller's.
  func listSubmissions(_ call: Call, programme: String?) async throws(Problem) -> Answer<SubmissionsAnswer>
  func readSubmission(_ call: Call, id: RecordID) async throws(Problem) -> Answer<SubmissionDocument>
  /// - Parameter version: of `If-Match`; nil where that is absent.
  func acceptSubmission(
    _ call: Call, id: RecordID, version: UInt64?, _ request: AcceptanceRequest
  ) async throws(Problem) -> Answer<RecordSaved>
  func rejectSubmission(_ call: Call, id: RecordID, _ request: RejectionRequest) async throws(Problem) -> Answer<Void>

  func auditEntries(_ call: Call, _ query: AuditQuery) async throws(Problem) -> Answer<AuditEntries>
  /// The words beside the entry of this index.
  func revealText(_ call: Call, index: UInt64) async throws(Problem) -> Answer<RevealedText>
  func disclose(_ call: Call, _ request: DisclosureRequest) async throws(Problem) -> Answer<DisclosuresAnswer>
  func signOff(_ call: Call, _ request: SignOffRequest) async throws(Problem) -> Answer<SignOffRow>
  func listSignOffs(_ call: Call) async throws(Problem) -> Answer<SignOffsAnswer>
  /// The signed note of the last checkpoint.
  ///
  /// - Parameter log: number of a log before a restore; nil for the present one.
  func checkpoint(_ call: Call, for use: LogUse, log: UInt64?) async throws(Problem) -> Answer<[UInt8]>
  /// The caller has made sure that `from` ≤ `to`.
  ///
  /// - Parameter log: number of a log before a restore; nil for the present one.
  func consistencyProof(_ call: Call, from: UInt64, to: UInt64, log: UInt64?) async throws(Problem) -> Answer<
    ProofAnswer
  >
  /// The caller has made sure that `index` < `size`.
  func inclusionProof(_ call: Call, index: UInt64, size: UInt64) async throws(Problem) -> Answer<ProofAnswer>
  /// - Parameter path: what follows `tile/` in a path of C2SP tlog-tiles, such as `0/x001/234.p/5` or `entries/000`;
  ///   digits, `x`, `.p`, `entries` and slashes only.
  func tile(_ call: Call, path: String, for use: LogUse, log: UInt64?) async throws(Problem) -> Answer<[UInt8]>

  func restoration(_ call: Call) async throws(Problem) -> Answer<RestorationAnswer>
  func acceptRestore(_ call: Call, _ request: RestoreAcceptanceRequest) async throws(Problem) -> Answer<ApprovalRow>
  /// Every acceptance of this vault's restores, as E("acceptances"; list).
  func acceptances(_ call: Call) async throws(Problem) -> Answer<[UInt8]>

  /// Counters of the vault; the transport adds its own.
  func metrics(_ call: Call) async throws(Problem) -> Answer<[Metric]>
}

/// One counter of `GET /v1/metrics`. Counters are all there is, and none has a label that a person could be behind.
public struct Metric: Sendable, Equatable {
  /// `vault_…_total`: lowercase letters and underscores.
  public let name: String
  public let help: String
  public let value: UInt64

  public init(_ name: String, _ help: String, _ value: UInt64) {
    self.name = name
    self.help = help
    self.value = value
  }
}
