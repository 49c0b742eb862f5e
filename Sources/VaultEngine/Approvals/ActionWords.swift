import VaultCrypto
import VaultModel
import VaultStore

extension Vault {
  /// What exactly would happen, one line each, in plain words and from verified rows: what an approver decides on. Records
  /// that the one who looks is barred from are not counted.
  func words(
    of action: SensitiveAction, askedBy requester: AccountName, for viewer: Session, in view: borrowing ReadView
  ) throws -> [String] {
    switch action {
    case .reinstate(let name): try reinstatementWords(name, in: view)
    case .export(let programme, let recipient):
      try exportWords(programme, recipient, askedBy: requester, for: viewer, in: view)
    case .disclose(let record, let sections, let recipient, let version):
      try disclosureWords(record, sections, recipient, version, in: view)
    case .erase(let record, let version): try erasureWords(record, version, in: view)
    case .policy(let policy, let hash): try policyWords(policy, replacing: hash, in: view)
    case .pathway(let programme, let pathway, let hash):
      try pathwayWords(of: programme, pathway, replacing: hash, in: view)
    case .breakGlass(let record, let seconds): try emergencyWords(record, seconds, askedBy: requester, in: view)
    case .restoreAccept(let succession): try restorationWords(succession, in: view)
    case .recoveryRecipients(let holders, let number): try shareWords(holders, number, in: view)
    }
  }

  private func emergencyWords(
    _ record: RecordID, _ seconds: UInt64, askedBy requester: AccountName, in view: borrowing ReadView
  ) throws -> [String] {
    guard let head = try recordHead(record, in: view)?.head else { return ["There is no record \(record) any more."] }
    guard let asker = try trust.account(requester, in: view) else { throw VaultError.tampered("An account") }
    let places = try programmes(of: asker, in: view).sorted().map(\.description).joined(separator: ", ")
    let who =
      asker.isUnderFoundingKeys || !places.isEmpty
      ? "\(requester) is \(asker.role.rawValue)\(places.isEmpty ? "" : " in \(places)"); their keys are those that were vouched for."
      : "\(requester) is \(asker.role.rawValue) and in no programme. NOBODY BUT AN ADMINISTRATOR VOUCHES FOR THEIR KEYS NOW: "
        + "whoever holds these keys may be somebody else. Telephone them, at a number that you know, before you approve."
    let kept = head.terms.isRestricted ? ", which is kept to \(head.terms.named.count) named people" : ""
    return [
      who,
      "They may read the record \(record) of \(head.programme)\(kept): every section that their role may read.",
      "It begins with the approval and ends by itself after \(seconds / 60) minutes; nothing can be changed in it.",
      "Every screen that shows the record says BREAK-GLASS meanwhile, and an auditor has to review it.",
    ]
  }

  private func reinstatementWords(_ name: AccountName, in view: borrowing ReadView) throws -> [String] {
    guard let account = try trust.account(name, in: view) else { return ["There is no account \(name) any more."] }
    guard account.state == .suspended else { return ["\(name) is not suspended: nothing would change."] }
    var programmes: Set<ProgrammeID> = []
    for programme in try trust.programmeEntries(in: view).map(\.id) {
      for compartment in Vault.compartments(of: programme) {
        // Under the keys it has: what is left of a membership from before they were replaced opens nothing.
        let member = try trust.manifest(compartment, in: view)?.manifest.member(name)
        if let member, member.keys == account.keys { programmes.insert(programme) }
      }
    }
    let who = "The suspended account \(name) (\(account.role.rawValue), uid \(account.peer))"
    return [
      account.certificate == nil
        ? "\(who) may enrol again: it has no keys yet, and its one-time code counts for the rest of its day."
        : "\(who) may log in again, with the keys it had.",
      programmes.isEmpty
        ? "It is a member of no programme."
        : "It is a member of \(programmes.sorted().map(\.description).joined(separator: ", ")) and can open its records.",
      "What was shared with it by name, by a referral or for an emergency, has ended.",
    ]
  }

  private func exportWords(
    _ programme: ProgrammeID, _ recipient: AgeRecipient, askedBy requester: AccountName, for viewer: Session,
    in view: borrowing ReadView
  ) throws -> [String] {
    guard let entry = try trust.programmeEntries(in: view).first(where: { $0.id == programme }) else {
      return ["There is no programme \(programme)."]
    }
    let hidden = exceptions.hidden(from: requester, in: programme, at: clock.now())
      .union(exceptions.barred(viewer.account))
    let count = directory.all(of: programme).count { !hidden.contains($0.bits) }
    return [
      "Every record of the programme \(programme) (\(entry.title)) leaves the vault in one file, as it is when the file is made: \(count) now.",
      "What is added or changed until then, within \(ApprovalRequest.lifetimeSeconds / 3600) hours, is in it too.",
      "With every section that whoever asked may read; records that are kept to others are not in it.",
      "Whoever holds the key of \(recipient.text) can read the file, copy it and pass it on.",
    ]
  }

  private func disclosureWords(
    _ record: RecordID, _ sections: [Section], _ recipient: AgeRecipient, _ version: UInt64?,
    in view: borrowing ReadView
  ) throws -> [String] {
    guard case .head(let head) = try recordPlace(record, in: view) else { return ["The record \(record) was erased."] }
    guard head.version == version else {
      return ["The record \(record) has changed since this was asked for: nothing would leave."]
    }
    let (there, missing) = (
      sections.filter { head.body(of: $0) != nil }, sections.filter { head.body(of: $0) == nil }
    )
    return [
      "Of the record \(record) in \(head.programme), as version \(head.version) and no other has it, these sections leave the vault in a file: "
        + there.map(\.rawValue).joined(separator: ", ") + ".",
      missing.isEmpty ? nil : "It has no section \(missing.map(\.rawValue).joined(separator: ", ")).",
      "Whoever holds the key of \(recipient.text) can read the file, copy it and pass it on.",
    ].compactMap(\.self)
  }

  private func erasureWords(
    _ record: RecordID, _ version: UInt64?, in view: borrowing ReadView
  ) throws -> [String] {
    guard case .head(let head) = try recordPlace(record, in: view) else { return ["The record \(record) was erased."] }
    guard head.version == version else {
      return ["The record \(record) has changed since this was asked for: nothing would be erased."]
    }
    let sections = Section.allCases.filter { head.body(of: $0) != nil }.map(\.rawValue)
    return [
      "The record \(record) in \(head.programme) is erased for good, with all its \(head.version) versions.",
      "It has the sections \(sections.joined(separator: ", ")); \(head.creator) opened it on \(head.created.text.prefix(10)), \(head.author) changed it last on \(head.changed.text.prefix(10)), \(head.assignment.owner) owns it.",
      "Its id is never used again, and the access log keeps that there was a record of this id. Backups made before hold it until they are gone.",
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
