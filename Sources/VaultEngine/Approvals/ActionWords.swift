import VaultModel
import VaultStore

extension Vault {
  /// What exactly would happen, one line each, in plain words and from verified rows: what an approver decides on.
  func words(of action: SensitiveAction, in view: borrowing ReadView) throws -> [String] {
    switch action {
    case .reinstate(let name): try reinstatementWords(name, in: view)
    case .policy(let policy, let hash): try policyWords(policy, replacing: hash, in: view)
    }
  }

  private func reinstatementWords(_ name: AccountName, in view: borrowing ReadView) throws -> [String] {
    guard let account = try trust.account(name, in: view) else { return ["There is no account \(name) any more."] }
    guard account.state == .suspended else { return ["\(name) is not suspended: nothing would change."] }
    var programmes: Set<ProgrammeID> = []
    for programme in try programmeEntries(in: view).map(\.id) {
      for compartment in Vault.compartments(of: programme)
      where try trust.manifest(compartment, in: view)?.manifest.member(name) != nil { programmes.insert(programme) }
    }
    return [
      "The suspended account \(name) (\(account.role.rawValue), uid \(account.peer)) may log in again, with the keys it had.",
      programmes.isEmpty
        ? "It is a member of no programme."
        : "It is a member of \(programmes.sorted().map(\.description).joined(separator: ", ")) and can open its records.",
    ]
  }

  private func policyWords(
    _ policy: ApprovalPolicy, replacing hash: [UInt8], in view: borrowing ReadView
  ) throws -> [String] {
    let present = try self.policy(in: view)
    guard present.hash == hash else {
      return ["It was to replace a policy that no longer holds: nothing would change."]
    }
    let changed = SensitiveAction.Kind.allCases.filter { present.rule(for: $0) != policy.rule(for: $0) }
    guard !changed.isEmpty else { return ["The policy about approvals stays as it is."] }
    return changed.map { kind in
      let (before, after) = (present.rule(for: kind), policy.rule(for: kind))
      var parts: [String] = []
      if before.askers != after.askers {
        parts.append(
          "\(ApprovalPolicy.words(after.askers)) may ask (before: \(ApprovalPolicy.words(before.askers)))")
      }
      if before.approvers != after.approvers {
        parts.append(
          "\(ApprovalPolicy.words(after.approvers)) may approve (before: \(ApprovalPolicy.words(before.approvers)))")
      }
      if before.needsTwoPeople != after.needsTwoPeople {
        parts.append(after.needsTwoPeople ? "two people are needed" : "one person is enough")
      }
      return "Policy for \(kind.rawValue): \(parts.joined(separator: "; "))."
    }
  }
}
