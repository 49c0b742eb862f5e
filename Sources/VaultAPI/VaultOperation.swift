/// Every operation of the socket: the one list that the router, the client and the OpenAPI document are held to.
///
/// The raw value is the `operationId` of the OpenAPI document.
public enum VaultOperation: String, Sendable, CaseIterable {
  case status, openChallenge, openSession, closeSession, changePassphrase
  case addAccount, listAccounts, suspendAccount, replaceAccount, enrol
  case addProgramme, listProgrammes, grant, revoke, revokeAll, grantAudit, revokeAudit
  case reassign, rekey, rekeyProgress
  case makeRequest, listRequests, showRequest, approveRequest, denyRequest, redeemRequest, showPolicy, showPathway
  case createRecord, readRecord, editRecord, listRecords, search, schema
  case previewReferral, refer, unrefer, bar, unbar, listBars, restrict, unrestrict, recordAccess
  case openSlot, submit, listSubmissions, readSubmission, acceptSubmission, rejectSubmission
  case breakGlass, listEmergencies, reviewEmergency
  case auditEntries, revealText, disclose, signOff, listSignOffs
  case checkpoint, consistencyProof, inclusionProof, tile
  case restoration, acceptRestore, acceptances
  case openapi, metrics

  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  public struct Route: Sendable {
    public let method: Method
    /// `{name}` stands for one path segment, `{name...}` at the end for all that remain.
    public let template: String
  }

  public var route: Route {
    switch self {
    case .status: Route(method: .get, template: "/v1/status")
    case .openChallenge: Route(method: .post, template: "/v1/sessions/challenge")
    case .openSession: Route(method: .post, template: "/v1/sessions")
    case .closeSession: Route(method: .delete, template: "/v1/sessions/current")
    case .changePassphrase: Route(method: .post, template: "/v1/sessions/current/passphrase")
    case .addAccount: Route(method: .post, template: "/v1/accounts")
    case .listAccounts: Route(method: .get, template: "/v1/accounts")
    case .suspendAccount: Route(method: .post, template: "/v1/accounts/{account}/suspension")
    case .replaceAccount: Route(method: .post, template: "/v1/accounts/{account}/replacement")
    case .enrol: Route(method: .post, template: "/v1/enrolments")
    case .addProgramme: Route(method: .post, template: "/v1/programmes")
    case .listProgrammes: Route(method: .get, template: "/v1/programmes")
    case .grant: Route(method: .post, template: "/v1/programmes/{programme}/grants")
    case .revoke: Route(method: .delete, template: "/v1/programmes/{programme}/grants/{account}")
    case .revokeAll: Route(method: .delete, template: "/v1/grants/{account}")
    case .makeRequest: Route(method: .post, template: "/v1/requests")
    case .listRequests: Route(method: .get, template: "/v1/requests")
    case .showRequest: Route(method: .get, template: "/v1/requests/{request}")
    case .approveRequest: Route(method: .post, template: "/v1/requests/{request}/approval")
    case .denyRequest: Route(method: .post, template: "/v1/requests/{request}/denial")
    case .redeemRequest: Route(method: .post, template: "/v1/requests/{request}/redemption")
    case .showPolicy: Route(method: .get, template: "/v1/policy")
    case .showPathway: Route(method: .get, template: "/v1/programmes/{programme}/pathway")
    case .grantAudit: Route(method: .post, template: "/v1/audit/grants")
    case .revokeAudit: Route(method: .delete, template: "/v1/audit/grants/{account}")
    case .reassign: Route(method: .post, template: "/v1/reassignments")
    case .rekey: Route(method: .post, template: "/v1/rekey")
    case .rekeyProgress: Route(method: .get, template: "/v1/rekey")
    case .createRecord: Route(method: .post, template: "/v1/programmes/{programme}/records")
    case .readRecord: Route(method: .get, template: "/v1/records/{id}")
    case .editRecord: Route(method: .patch, template: "/v1/records/{id}")
    case .listRecords: Route(method: .get, template: "/v1/records")
    case .previewReferral: Route(method: .post, template: "/v1/records/{id}/referrals/preview")
    case .refer: Route(method: .post, template: "/v1/records/{id}/referrals")
    case .unrefer: Route(method: .delete, template: "/v1/records/{id}/referrals/{to}")
    case .bar: Route(method: .post, template: "/v1/records/{id}/bars")
    case .unbar: Route(method: .delete, template: "/v1/records/{id}/bars/{account}")
    case .listBars: Route(method: .get, template: "/v1/bars")
    case .restrict: Route(method: .post, template: "/v1/records/{id}/restriction")
    case .unrestrict: Route(method: .delete, template: "/v1/records/{id}/restriction")
    case .recordAccess: Route(method: .get, template: "/v1/records/{id}/access")
    case .breakGlass: Route(method: .post, template: "/v1/records/{id}/break-glass")
    case .listEmergencies: Route(method: .get, template: "/v1/break-glass")
    case .reviewEmergency: Route(method: .post, template: "/v1/break-glass/{request}/review")
    case .search: Route(method: .post, template: "/v1/search")
    case .schema: Route(method: .get, template: "/v1/schema")
    case .openSlot: Route(method: .post, template: "/v1/programmes/{programme}/submissions/slot")
    case .submit: Route(method: .post, template: "/v1/programmes/{programme}/submissions")
    case .listSubmissions: Route(method: .get, template: "/v1/submissions")
    case .readSubmission: Route(method: .get, template: "/v1/submissions/{id}")
    case .acceptSubmission: Route(method: .post, template: "/v1/submissions/{id}/acceptance")
    case .rejectSubmission: Route(method: .post, template: "/v1/submissions/{id}/rejection")
    case .auditEntries: Route(method: .get, template: "/v1/audit/entries")
    case .revealText: Route(method: .post, template: "/v1/audit/entries/{index}/reveal")
    case .disclose: Route(method: .post, template: "/v1/audit/disclosures")
    case .signOff: Route(method: .post, template: "/v1/audit/signoffs")
    case .listSignOffs: Route(method: .get, template: "/v1/audit/signoffs")
    case .checkpoint: Route(method: .get, template: "/v1/audit/checkpoint")
    case .consistencyProof: Route(method: .get, template: "/v1/audit/proof/consistency")
    case .inclusionProof: Route(method: .get, template: "/v1/audit/proof/inclusion")
    case .tile: Route(method: .get, template: "/v1/audit/tile/{path...}")
    case .restoration: Route(method: .get, template: "/v1/restoration")
    case .acceptRestore: Route(method: .post, template: "/v1/restoration/acceptances")
    case .acceptances: Route(method: .get, template: "/v1/audit/acceptances")
    case .openapi: Route(method: .get, template: "/v1/openapi.json")
    case .metrics: Route(method: .get, template: "/v1/metrics")
    }
  }

  /// True where no `Authorization` is asked for.
  public var isOpen: Bool {
    switch self {
    case .status, .openChallenge, .openSession, .enrol, .schema, .openapi, .acceptances: true
    default: false
    }
  }

  /// The media type of the request body, where there is one.
  public var requestType: String? {
    switch self {
    case .editRecord: MediaType.mergePatch
    case .openChallenge, .submit, .acceptSubmission, .rejectSubmission: MediaType.json
    case .openSession, .changePassphrase, .addAccount, .suspendAccount, .replaceAccount, .enrol, .addProgramme, .grant,
      .grantAudit, .reassign, .rekey, .createRecord, .search, .disclose, .signOff, .previewReferral, .refer, .bar,
      .restrict, .makeRequest, .approveRequest, .denyRequest, .acceptRestore, .breakGlass, .reviewEmergency:
      MediaType.json
    default: nil
    }
  }

  /// The path with its placeholders filled in, percent-encoded.
  /// - Parameter values: one for each placeholder, in order.
  public func path(_ values: String...) -> String {
    var rest = values[...]
    let segments = route.template.split(separator: "/").map { segment -> String in
      guard segment.hasPrefix("{") else { return String(segment) }
      guard let value = rest.popFirst() else { preconditionFailure("a value is missing for \(segment)") }
      return PercentEncoding.encode(value, keepingSlashes: segment.hasSuffix("...}"))
    }
    return "/" + segments.joined(separator: "/")
  }
}
