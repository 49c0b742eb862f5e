import VaultAPI
import VaultModel

/// From a request to a reply: finds the operation, reads its parameters, asks the service. No policy here.
struct Dispatcher<Service: VaultService>: Sendable {
  let service: Service
  let counters: TransportCounters
  private let routes: RouteTable

  init(service: Service, counters: TransportCounters) {
    self.service = service
    self.counters = counters
    routes = .standard
  }

  func match(_ request: IncomingRequest) -> RouteTable.Match {
    routes.match(method: request.method, path: request.path)
  }

  /// Never throws: whatever goes wrong is a problem document.
  func reply(to request: IncomingRequest, _ match: RouteTable.Match, uid: UInt32) async -> Reply {
    do throws(Problem) {
      switch match {
      case .found(let operation, let values):
        let call = try request.call(operation, uid: uid)
        try request.checkBody(of: operation)
        return try await perform(call, values, request)
      case .otherMethods(let methods):
        let allowed = methods.joined(separator: ", ")
        return problem(Problem(.methodNotAllowed, "This address takes \(allowed)."), uid).with(
          HeaderName.allow, allowed)
      case .nothing:
        return problem(Problem(.noRoute), uid)
      }
    } catch {
      return problem(error, uid)
    }
  }

  private func problem(_ problem: Problem, _ uid: UInt32) -> Reply {
    counters.problems.add()
    if !problem.isWitnessed { service.refused(uid: uid, kind: problem.kind) }
    if problem.status >= 500 { counters.serverErrors.add() }
    return Reply(problem)
  }

  private func perform(_ call: Call, _ values: [String], _ request: IncomingRequest) async throws(Problem) -> Reply {
    switch call.operation {
    case .createRecord, .listRecords, .listSubmissions, .auditEntries, .readRecord, .consistencyProof, .inclusionProof,
      .checkpoint,
      .tile:
      break
    default: _ = try QueryString(request.query, allowing: [])
    }
    switch call.operation {
    case .status: return Reply(200, try await service.status(call))
    case .openChallenge:
      return Reply(201, try await service.openChallenge(call, request.message(ChallengeRequest.self)))
    case .openSession, .closeSession, .changePassphrase, .enrol: return try await session(call, request)
    case .addAccount, .listAccounts, .addProgramme, .listProgrammes, .grant, .revoke, .revokeAll:
      return try await membership(call, values, request)
    case .makeRequest, .listRequests, .showRequest, .approveRequest, .denyRequest, .redeemRequest,
      .showPolicy, .showPathway:
      return try await approvals(call, values, request)
    case .suspendAccount, .replaceAccount, .grantAudit, .revokeAudit, .reassign, .rekey, .rekeyProgress:
      return try await leaving(call, values, request)
    case .createRecord, .readRecord, .editRecord, .listRecords, .search: return try await records(call, values, request)
    case .previewReferral, .refer, .unrefer, .bar, .unbar, .restrict, .unrestrict, .recordAccess, .breakGlass:
      return try await exceptions(call, values, request)
    case .listEmergencies: return Reply(200, try await service.listEmergencies(call))
    case .reviewEmergency:
      return Reply(
        200,
        try await service.reviewEmergency(call, request: values[0], request.message(EmergencyReviewRequest.self)))
    case .listBars: return Reply(200, try await service.listBars(call))
    case .openSlot, .submit, .listSubmissions, .readSubmission, .acceptSubmission, .rejectSubmission:
      return try await submissions(call, values, request)
    case .auditEntries, .revealText, .disclose, .signOff, .listSignOffs:
      return try await audit(call, values, request)
    case .checkpoint, .consistencyProof, .inclusionProof, .tile: return try await proofs(call, values, request)
    case .restoration: return Reply(200, try await service.restoration(call))
    case .acceptRestore:
      return Reply(200, try await service.acceptRestore(call, request.message(RestoreAcceptanceRequest.self)))
    case .acceptances: return Reply(200, MediaType.octets, try await service.acceptances(call).body)
    case .schema: return Reply(200, MediaType.json, try await service.schema(call).body)
    case .openapi: return Reply(200, MediaType.json, Array(OpenAPIDocument.text.utf8))
    case .metrics:
      let answer = try await service.metrics(call)
      return Reply(
        200, MediaType.metrics, MetricsText.bytes(counters.metrics + answer.body), auditIndex: answer.auditIndex)
    }
  }

  private func session(_ call: Call, _ request: IncomingRequest) async throws(Problem) -> Reply {
    switch call.operation {
    case .openSession:
      let credentials = try request.secrets(["account", "passphrase", "key", "challenge", "signature"])
      guard credentials.contains("account") else { throw WireError(.missing, field: "account").problem }
      guard ["passphrase", "key", "challenge"].filter(credentials.contains).count == 1 else {
        throw Problem(
          .invalid, "One of passphrase, key and challenge has to be there, and no other.", field: "passphrase")
      }
      guard credentials.contains("challenge") == credentials.contains("signature") else {
        throw Problem(.invalid, "A challenge and its signature come together.", field: "signature")
      }
      return Reply(201, try await service.openSession(call, credentials: credentials))
    case .enrol:
      let secrets = try request.secrets(["account", "code", "passphrase", "newKey"])
      for name in ["account", "code"] where !secrets.contains(name) { throw WireError(.missing, field: name).problem }
      guard secrets.contains("passphrase") != secrets.flag("newKey") else {
        throw Problem(.invalid, "Either passphrase or newKey has to be there, and not both.", field: "passphrase")
      }
      return Self.enrolment(try await service.enrol(call, secrets: secrets))
    case .changePassphrase:
      let secrets = try request.secrets(["current", "passphrase", "compromised"])
      for name in ["current", "passphrase"] where !secrets.contains(name) {
        throw WireError(.missing, field: name).problem
      }
      return Reply(try await service.changePassphrase(call, secrets: secrets))
    default: return Reply(try await service.closeSession(call))
    }
  }

  /// The new key is copied into the document once, in a buffer that does not grow, and wiped with it after sending.
  private static func enrolment(_ answer: Answer<EnrolmentOutcome>) -> Reply {
    let outcome = answer.body
    var json = JSONText(capacity: 2048 + (outcome.key?.count ?? 0))
    json.object { (json: inout JSONText) in
      json.member("account", outcome.answer.account)
      json.member("fingerprint", outcome.answer.fingerprint)
      if let key = outcome.key {
        json.name("key")
        key.withBytes { bytes in json.string(utf8: bytes) }
      }
    }
    return Reply(201, MediaType.json, json.bytes, auditIndex: answer.auditIndex)
  }

  private func membership(
    _ call: Call, _ values: [String], _ request: IncomingRequest
  ) async throws(Problem) -> Reply {
    switch call.operation {
    case .addAccount: return Reply(201, try await service.addAccount(call, request.message(AccountRequest.self)))
    case .listAccounts: return Reply(200, try await service.listAccounts(call))
    case .addProgramme: return Reply(201, try await service.addProgramme(call, request.message(ProgrammeRequest.self)))
    case .listProgrammes: return Reply(200, try await service.listProgrammes(call))
    case .grant:
      let answer = try await service.grant(
        call, programme: programme(values[0]), request.message(GrantRequest.self))
      return Reply(201, answer)
    case .revoke:
      return Reply(
        200, try await service.revoke(call, programme: programme(values[0]), account: account(values[1])))
    default: return Reply(200, try await service.revoke(call, programme: nil, account: account(values[0])))
    }
  }

  private func approvals(_ call: Call, _ values: [String], _ request: IncomingRequest) async throws(Problem) -> Reply {
    switch call.operation {
    case .makeRequest:
      let answer = try await service.makeRequest(call, request.message(ApprovalWish.self))
      return Reply(202, answer).with(HeaderName.location, VaultOperation.showRequest.path(answer.body.request))
    case .listRequests: return Reply(200, try await service.listRequests(call))
    case .showRequest: return Reply(200, try await service.showRequest(call, request: values[0]))
    case .approveRequest:
      return Reply(
        200,
        try await service.approveRequest(call, request: values[0], request.message(ApprovalDecision.self)))
    case .denyRequest:
      return Reply(
        200, try await service.denyRequest(call, request: values[0], request.message(ApprovalDenial.self)))
    case .redeemRequest:
      let answer = try await service.redeemRequest(call, request: values[0])
      return Reply(200, MediaType.octets, answer.body, auditIndex: answer.auditIndex)
    case .showPathway: return Reply(200, try await service.showPathway(call, programme: values[0]))
    default: return Reply(200, try await service.showPolicy(call))
    }
  }

  private func leaving(_ call: Call, _ values: [String], _ request: IncomingRequest) async throws(Problem) -> Reply {
    switch call.operation {
    case .suspendAccount: return Reply(200, try await service.suspendAccount(call, account: account(values[0])))
    case .replaceAccount: return Reply(201, try await service.replaceAccount(call, account: account(values[0])))
    case .grantAudit: return Reply(201, try await service.grantAudit(call, request.message(GrantRequest.self)))
    case .revokeAudit: return Reply(200, try await service.revokeAudit(call, account: account(values[0])))
    case .reassign: return Reply(200, try await service.reassign(call, request.message(ReassignmentRequest.self)))
    case .rekey: return Reply(200, try await service.rekey(call, request.message(RekeyRequest.self)))
    default: return Reply(200, try await service.rekeyProgress(call))
    }
  }

  private func records(_ call: Call, _ values: [String], _ request: IncomingRequest) async throws(Problem) -> Reply {
    switch call.operation {
    case .createRecord:
      let query = try QueryString(request.query, allowing: ["duplicates"])
      let looksForDuplicates = try query.text("duplicates").map { word throws(Problem) in
        guard word == "skip" else { throw Problem(.invalid, "The only value is skip.", field: "duplicates") }
        return false
      }
      let answer = try await service.createRecord(
        call, programme: programme(values[0]), sections: Self.sections(of: request.json(), mayBeBare: false),
        looksForDuplicates: looksForDuplicates ?? true)
      return Reply(201, answer).with(version: answer.body.version)
        .with(HeaderName.location, VaultOperation.readRecord.path(answer.body.id))
    case .readRecord:
      let query = try QueryString(request.query, allowing: ["sections"])
      let (sections, isWhole) = try Self.sections(in: query)
      var answer = try await service.readRecord(call, id: record(values[0]), sections: sections, isWhole: isWhole)
      // The reply has the one copy that goes on, and is wiped when it was sent.
      defer { answer.body.wipe() }
      return Reply(200, MediaType.json, answer.body.bytes, auditIndex: answer.auditIndex)
        .with(version: answer.body.version)
    case .editRecord:
      let answer = try await service.editRecord(
        call, id: record(values[0]), version: request.version(),
        patch: Self.sections(of: request.json(), mayBeBare: true))
      return Reply(200, answer).with(version: answer.body.version)
    case .listRecords:
      let query = try QueryString(request.query, allowing: ["programme", "after", "limit"])
      let parsed = try RecordQuery(
        programme: query.text("programme"), after: query.text("after"), limit: query.limit())
      return Reply(200, try await service.listRecords(call, parsed))
    default: return Reply(200, try await service.search(call, request.message(SearchRequest.self)))
    }
  }

  private func exceptions(
    _ call: Call, _ values: [String], _ request: IncomingRequest
  ) async throws(Problem) -> Reply {
    let id = try record(values[0])
    switch call.operation {
    case .previewReferral:
      return Reply(200, try await service.previewReferral(call, id: id, request.message(ReferralRequest.self)))
    case .refer:
      let answer = try await service.refer(call, id: id, request.message(ReferralRequest.self))
      return Reply(201, answer).with(version: answer.body.version)
    case .bar: return changed(try await service.bar(call, id: id, request.message(BarRequest.self)))
    case .unbar: return changed(try await service.unbar(call, id: id, account: account(values[1])))
    case .restrict:
      let answer = try await service.restrict(call, id: id, request.message(RestrictionRequest.self))
      return Reply(200, answer).with(version: answer.body.version)
    case .breakGlass:
      return Reply(201, try await service.breakGlass(call, id: id, request.message(EmergencyRequest.self)))
    case .unrestrict: return changed(try await service.unrestrict(call, id: id))
    case .recordAccess:
      let answer = try await service.recordAccess(call, id: id)
      return Reply(200, answer).with(version: answer.body.version)
    default: return changed(try await service.unrefer(call, id: id, receiver: values[1]))
    }
  }

  private func changed(_ answer: Answer<RecordChanged>) -> Reply {
    Reply(200, answer).with(version: answer.body.version)
  }

  private func submissions(
    _ call: Call, _ values: [String], _ request: IncomingRequest
  ) async throws(Problem) -> Reply {
    switch call.operation {
    case .openSlot: return Reply(201, try await service.openSlot(call, programme: programme(values[0])))
    case .submit:
      return Reply(
        201,
        try await service.submit(call, programme: programme(values[0]), request.message(SubmissionRequest.self)))
    case .listSubmissions:
      let query = try QueryString(request.query, allowing: ["programme"])
      return Reply(200, try await service.listSubmissions(call, programme: query.text("programme")))
    case .readSubmission:
      let answer = try await service.readSubmission(call, id: record(values[0]))
      return Reply(200, MediaType.json, answer.body.bytes, auditIndex: answer.auditIndex)
    case .acceptSubmission:
      let asked = try request.message(AcceptanceRequest.self)
      let answer = try await service.acceptSubmission(
        call, id: record(values[0]), version: request.version(), asked)
      return Reply(asked.into == nil ? 201 : 200, answer).with(version: answer.body.version)
        .with(HeaderName.location, VaultOperation.readRecord.path(answer.body.id))
    default:
      return Reply(
        try await service.rejectSubmission(call, id: record(values[0]), request.message(RejectionRequest.self)))
    }
  }

  private func audit(_ call: Call, _ values: [String], _ request: IncomingRequest) async throws(Problem) -> Reply {
    switch call.operation {
    case .auditEntries: return Reply(200, try await service.auditEntries(call, Self.auditQuery(request.query)))
    case .revealText: return Reply(200, try await service.revealText(call, index: Self.index(values[0])))
    case .disclose: return Reply(200, try await service.disclose(call, request.message(DisclosureRequest.self)))
    case .signOff: return Reply(201, try await service.signOff(call, request.message(SignOffRequest.self)))
    default: return Reply(200, try await service.listSignOffs(call))
    }
  }

  private func proofs(_ call: Call, _ values: [String], _ request: IncomingRequest) async throws(Problem) -> Reply {
    switch call.operation {
    case .checkpoint:
      let query = try QueryString(request.query, allowing: ["for", "log"])
      let answer = try await service.checkpoint(call, for: Self.use(in: query), log: query.size("log"))
      return Reply(200, MediaType.note, answer.body, auditIndex: answer.auditIndex)
    case .consistencyProof:
      let query = try QueryString(request.query, allowing: ["from", "to", "log"])
      let (from, to) = (try query.requiredSize("from"), try query.requiredSize("to"))
      guard from <= to else { throw Problem(.invalid, "from may not be larger than to.", field: "from") }
      return Reply(200, try await service.consistencyProof(call, from: from, to: to, log: query.size("log")))
    case .inclusionProof:
      let query = try QueryString(request.query, allowing: ["index", "size"])
      let (index, size) = (try query.requiredSize("index"), try query.requiredSize("size"))
      guard index < size else { throw Problem(.invalid, "index has to be smaller than size.", field: "index") }
      return Reply(200, try await service.inclusionProof(call, index: index, size: size))
    default:
      let query = try QueryString(request.query, allowing: ["for", "log"])
      let answer = try await service.tile(
        call, path: Self.tilePath(values[0]), for: Self.use(in: query), log: query.size("log"))
      return Reply(200, MediaType.octets, answer.body, auditIndex: answer.auditIndex)
    }
  }
}

extension Dispatcher {
  /// What stands in a path is an address: if it cannot be an id, there is nothing there.
  private func record(_ text: String) throws(Problem) -> RecordID {
    do { return try RecordID(canonical: text) } catch { throw Self.notThere(error, "id") }
  }

  private func programme(_ text: String) throws(Problem) -> ProgrammeID {
    do { return try ProgrammeID(text) } catch { throw Self.notThere(error, "programme") }
  }

  private func account(_ text: String) throws(Problem) -> AccountName {
    do { return try AccountName(text) } catch { throw Self.notThere(error, "account") }
  }

  private static func notThere(_ error: IdentifierError, _ field: String) -> Problem {
    Problem(.notFound, "There is none of that name: \(error.description).", field: field)
  }

  /// The sections of `{"sections": {…}}`. A merge patch may also be the sections themselves: none is called `sections`.
  private static func sections(of json: JSONValue, mayBeBare: Bool) throws(Problem) -> JSONValue {
    guard case .object(let members) = json else { throw WireError(.notAnObject).problem }
    guard let sections = members["sections"] else {
      guard mayBeBare else { throw WireError(.missing, field: "sections").problem }
      return json
    }
    guard members.count == 1 else { throw WireError(.unknownMember).problem }
    guard case .object = sections else { throw WireError(.notAnObject, field: "sections").problem }
    return sections
  }

  private static func sections(in query: QueryString) throws(Problem) -> (sections: [Section], isWhole: Bool) {
    guard let text = try query.text("sections") else { return ([], false) }
    guard text != "all" else { return ([], true) }
    var sections: [Section] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let section = Section(rawValue: String(name)) else {
        let names = Section.allCases.map(\.rawValue).joined(separator: ",")
        throw Problem(
          .invalid, "Sections are named with commas between them: \(names); or all.", field: "sections")
      }
      if !sections.contains(section) { sections.append(section) }
    }
    return (sections, false)
  }

  private static func auditQuery(_ text: Substring) throws(Problem) -> AuditQuery {
    let query = try QueryString(
      text,
      allowing: [
        "record", "account", "programme", "action", "outcome", "purpose", "since", "until", "unassigned", "offHours",
        "timeZone", "after", "limit",
      ])
    return try AuditQuery(
      record: query.text("record"), account: query.text("account"), action: query.text("action"),
      since: query.text("since"), until: query.text("until"), after: query.size("after"), limit: query.limit(),
      programme: query.text("programme"), outcome: query.code("outcome", Outcome.self), purpose: query.text("purpose"),
      unassigned: query.flag("unassigned"), offHours: query.flag("offHours"), timeZone: query.text("timeZone"))
  }

  private static func use(in query: QueryString) throws(Problem) -> LogUse {
    try query.code("for", LogUse.self) ?? .verify
  }

  /// A number in a path, as JSON has them: if it cannot be an index, there is nothing there.
  private static func index(_ text: String) throws(Problem) -> UInt64 {
    guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let index = Int64(text) else {
      throw Problem(
        .notFound, "There is no entry of that index.", hint: "vaultsh log lists entries with their indexes.",
        field: "index")
    }
    return UInt64(index)
  }

  /// Letters that occur in C2SP tile paths, and nothing that could climb out of a directory.
  private static func tilePath(_ path: String) throws(Problem) -> String {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    let isTile = segments.allSatisfy { segment in
      guard segment != "entries" else { return true }
      var digits = segment
      if digits.hasPrefix("x") { digits = digits.dropFirst() }
      if digits.hasSuffix(".p") { digits = digits.dropLast(2) }
      return (1...3).contains(digits.utf8.count)
        && digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    }
    guard isTile, (2...12).contains(segments.count) else {
      throw Problem(
        .notFound, "This is no tile's path.", hint: "Paths are those of C2SP tlog-tiles, such as tile/0/000.p/17.",
        field: "path")
    }
    return path
  }
}
