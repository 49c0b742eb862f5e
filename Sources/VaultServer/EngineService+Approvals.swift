public import VaultAPI
import VaultCrypto
import VaultEngine
import VaultModel

// What needs two people: asking, looking, deciding.
extension EngineService {
  public func makeRequest(_ call: Call, _ wish: ApprovalWish) async throws(Problem) -> Answer<ApprovalRow> {
    guard let kind = SensitiveAction.Kind(rawValue: wish.action) else {
      let names = SensitiveAction.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(.invalid, "This is not an action that needs two people: \(names).", field: "action")
    }
    let members: [(name: String, isThere: Bool)] = [
      ("account", wish.account != nil), ("policy", wish.policy != nil), ("pathway", wish.pathway != nil),
      ("programme", wish.programme != nil), ("record", wish.record != nil), ("sections", !wish.sections.isEmpty),
      ("recipient", wish.recipient != nil),
      ("threshold", wish.threshold != nil), ("recipients", !wish.recipients.isEmpty),
    ]
    let needed: Set<String> =
      switch kind {
      case .reinstate: ["account"]
      case .policy: ["policy"]
      case .pathway: ["programme", "pathway"]
      case .export: ["programme", "recipient"]
      case .disclose: ["record", "sections", "recipient"]
      case .erase: ["record"]
      case .recoveryRecipients: ["threshold", "recipients"]
      case .breakGlass:
        throw Problem(
          .invalid, "This is asked for at the record.", hint: "POST /v1/records/{id}/break-glass.", field: "action")
      case .restoreAccept:
        throw Problem(
          .invalid, "This is asked for by accepting the restore.", hint: "POST /v1/restoration/acceptances.",
          field: "action")
      }
    for (name, isThere) in members where isThere != needed.contains(name) {
      throw isThere
        ? Problem(.invalid, "This action is not about that.", field: name) : WireError(.missing, field: name).problem
    }
    let made: Witnessed<Vault.RequestSummary>
    if let policy = wish.policy {
      let policy = try ApprovalPolicy(policy)
      made = try await problems { () async throws(VaultError) in try await vault.requestPolicy(policy, by: call.caller)
      }
    } else if let pathway = wish.pathway {
      let pathway = try Pathway(pathway)
      let programme = try programmeID(wish.programme ?? "")
      made = try await problems { () async throws(VaultError) in
        try await vault.requestPathway(pathway, of: programme, by: call.caller)
      }
    } else if kind == .recoveryRecipients {
      let recipients = try wish.recipients.map { text throws(Problem) in
        try EngineService.recipient(text, field: "recipients")
      }
      made = try await problems { () async throws(VaultError) in
        let holders = try ShareHolders(threshold: Int(clamping: wish.threshold ?? 0), sealedTo: recipients)
        return try await vault.requestRecoveryRecipients(holders, by: call.caller)
      }
    } else {
      let action = try EngineService.action(kind, wish)
      made = try await problems { () async throws(VaultError) in try await vault.request(action, by: call.caller) }
    }
    return Answer(ApprovalRow(made.value), auditIndex: made.entryIndex)
  }

  private static func action(_ kind: SensitiveAction.Kind, _ wish: ApprovalWish) throws(Problem) -> SensitiveAction {
    switch kind {
    case .export: .export(try programmeID(wish.programme ?? ""), recipient: try recipient(wish.recipient ?? ""))
    case .disclose:
      .disclose(
        try record(wish.record ?? ""), try wish.sections.map(section), recipient: try recipient(wish.recipient ?? ""))
    case .erase: .erase(try record(wish.record ?? ""))
    default: .reinstate(try accountName(wish.account ?? "", field: "account"))
    }
  }

  private static func record(_ text: String) throws(Problem) -> RecordID {
    guard let id = try? RecordID(typed: text) else {
      throw Problem(.invalid, "This is not a record's id.", field: "record")
    }
    return id
  }

  private static func section(_ text: String) throws(Problem) -> Section {
    guard let section = Section(rawValue: text) else {
      let names = Section.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(.invalid, "Sections are \(names).", field: "sections")
    }
    return section
  }

  private static func recipient(_ text: String, field: String = "recipient") throws(Problem) -> AgeRecipient {
    do { return try AgeRecipient(text) } catch {
      throw Problem(
        .invalid, "A recipient is an X25519 key of age, age1… with 62 characters.",
        hint: "`age-keygen` prints one; hybrid and plugin recipients are not taken.", field: field)
    }
  }

  public func redeemRequest(_ call: Call, request: String) async throws(Problem) -> Answer<[UInt8]> {
    let id = try requestID(request)
    let done = try await problems { () async throws(VaultError) in try await vault.redeem(id, by: call.caller) }
    return Answer(done.value.bytes, auditIndex: done.entryIndex)
  }

  public func listRequests(_ call: Call) async throws(Problem) -> Answer<ApprovalsAnswer> {
    let listed = try await problems { () async throws(VaultError) in try await vault.requests(by: call.caller) }
    return Answer(ApprovalsAnswer(requests: listed.value.map { ApprovalRow($0) }), auditIndex: listed.entryIndex)
  }

  public func showRequest(_ call: Call, request: String) async throws(Problem) -> Answer<ApprovalRow> {
    let id = try requestID(request)
    let shown = try await problems { () async throws(VaultError) in try await vault.showRequest(id, by: call.caller) }
    return Answer(ApprovalRow(shown.value), auditIndex: shown.entryIndex)
  }

  public func approveRequest(
    _ call: Call, request: String, _ decision: ApprovalDecision
  ) async throws(Problem) -> Answer<ApprovalRow> {
    let id = try requestID(request)
    let done = try await problems { () async throws(VaultError) in
      try await vault.approve(id, digest: decision.digest, by: call.caller)
    }
    return Answer(ApprovalRow(done.value), auditIndex: done.entryIndex)
  }

  public func denyRequest(
    _ call: Call, request: String, _ denial: ApprovalDenial
  ) async throws(Problem) -> Answer<ApprovalRow> {
    let id = try requestID(request)
    let done = try await problems { () async throws(VaultError) in
      try await vault.deny(id, reason: denial.reason, by: call.caller)
    }
    return Answer(ApprovalRow(done.value), auditIndex: done.entryIndex)
  }

  public func showPolicy(_ call: Call) async throws(Problem) -> Answer<PolicyDocument> {
    let shown = try await problems { () async throws(VaultError) in try await vault.approvalPolicy(by: call.caller) }
    return Answer(PolicyDocument(shown.value), auditIndex: shown.entryIndex)
  }

  public func showPathway(_ call: Call, programme: String) async throws(Problem) -> Answer<PathwayDocument> {
    let programme = try programmeID(programme)
    let shown = try await problems { () async throws(VaultError) in
      try await vault.pathway(of: programme, by: call.caller)
    }
    return Answer(PathwayDocument(shown.value), auditIndex: shown.entryIndex)
  }

  private func requestID(_ text: String) throws(Problem) -> RequestID {
    guard let id = RequestID(text) else {
      throw Problem(.notFound, "A request's id is 16 digits and letters from a to f.", field: "request")
    }
    return id
  }
}

extension ApprovalRow {
  init(_ summary: Vault.RequestSummary) {
    let state: State =
      switch summary.state {
      case .pending: .pending
      case .approved: .approved
      case .denied: .denied
      case .used: .used
      case .expired: .expired
      case .void: .void
      }
    self.init(
      request: summary.id.description, state: state, expires: summary.expires.text, action: summary.kind.rawValue,
      words: summary.words, digest: summary.digest, requester: summary.requester.description,
      requested: summary.requested.text, programme: summary.programme?.description,
      record: summary.record?.description, approver: summary.approver?.description, decided: summary.decided?.text,
      waitsForYou: summary.waitsForCaller)
  }
}

extension ApprovalPolicy {
  fileprivate init(_ document: PolicyDocument) throws(Problem) {
    var rules: [SensitiveAction.Kind: Rule] = [:]
    for (name, rule) in document.rules {
      guard let kind = SensitiveAction.Kind(rawValue: name) else {
        let names = SensitiveAction.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(.invalid, "There is a rule for no action that needs two people: \(names).", field: "rules")
      }
      rules[kind] = Rule(
        needsTwoPeople: rule.twoPeople, askers: try Self.roles(rule.ask, "\(name).ask"),
        approvers: try Self.roles(rule.approve, "\(name).approve"))
    }
    self.init(stating: rules)
  }

  private static func roles(_ names: [String], _ field: String) throws(Problem) -> Set<Role> {
    var roles: Set<Role> = []
    for name in names {
      guard let role = Role(rawValue: name) else {
        let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(.invalid, "There is something that is no role: \(known).", field: "rules.\(field)")
      }
      roles.insert(role)
    }
    return roles
  }
}

extension PolicyDocument {
  fileprivate init(_ policy: ApprovalPolicy) {
    var rules: [String: Rule] = [:]
    for kind in SensitiveAction.Kind.allCases {
      let rule = policy.rule(for: kind)
      rules[kind.rawValue] = Rule(
        twoPeople: rule.needsTwoPeople, ask: rule.askers.map(\.rawValue).sorted(),
        approve: rule.approvers.map(\.rawValue).sorted())
    }
    self.init(rules: rules)
  }
}

extension Pathway {
  fileprivate init(_ document: PathwayDocument) throws(Problem) {
    do {
      try self.init(steps: document.steps.map { Step(name: $0.name, withinDays: $0.withinDays) })
    } catch {
      throw Problem(.invalid, "This is no pathway: \(error).", field: "pathway/\(error.field)")
    }
  }
}

extension PathwayDocument {
  fileprivate init(_ pathway: Pathway) {
    self.init(steps: pathway.steps.map { Step(name: $0.name, withinDays: $0.withinDays) })
  }
}
