import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// What a referral would show, and to whom, before it is made; and what one shows that was made.
  public struct ReferralView: Sendable {
    public struct Reader: Sendable {
      public let account: AccountName
      public let role: Role
      public let sections: [Section]
    }

    public let id: RecordID
    /// `account:NAME` or `programme:ID`.
    public let receiver: String
    public let until: Timestamp
    /// Sections that the other side will see, and those of them that nothing is written in yet.
    public let sees: [Section]
    public let empty: [Section]
    public let seesNot: [Section]
    /// Everybody who will be able to read something, by account.
    public let readers: [Reader]
    /// Whether the other side finds the record by name: only with the section `identity`.
    public let isFound: Bool
    /// Whether it takes the place of a referral to the same receiver.
    public let replaces: Bool
    public let version: UInt64
  }

  /// A referral is looked at again once a year at the latest.
  public static let referralSecondsMax: UInt64 = 366 * 24 * 3600

  /// What a referral would show; nothing is changed.
  public func previewReferral(
    of id: RecordID, to receiver: String, sections: [Section], until: Timestamp, by caller: Caller
  ) async throws(VaultError) -> Witnessed<ReferralView> {
    try await witnessed(.referralPreview, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.sections = sections.map(\.rawValue)
      let (head, _) = try head(of: id, for: session, &entry)
      let referral = try checkedReferral(of: head, to: receiver, sections, until, by: session, &entry)
      let view = try view(of: referral, in: head)
      return Witnessed(value: view, entryIndex: try await submit(entry))
    }
  }

  /// Shares sections of one record with a person, or with the members of another programme as far as their roles go: a
  /// wrap more for each. The other side reads, and writes nothing.
  public func refer(
    _ id: RecordID, to receiver: String, sections: [Section], until: Timestamp, by caller: Caller
  ) async throws(VaultError) -> Witnessed<ReferralView> {
    try await witnessed(.referralMake, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.sections = sections.map(\.rawValue)
      _ = try head(of: id, for: session, &entry)
      var made: ReferralView?
      let (index, head) = try await changeTerms(of: id, for: session, &entry) {
        (head, rows, entry) throws(VaultError) in
        let referral = try checkedReferral(of: head, to: receiver, sections, until, by: session, &entry)
        try ReferralConsent.demand(referral.sections, of: head, for: referral.receiver)
        made = try view(of: referral, in: head)
        try share(referral, of: head, into: &rows, by: session)
      }
      guard let made else { throw VaultError(.failed, "The referral was not made.") }
      return Witnessed(value: made.at(version: head.version), entryIndex: index)
    }
  }

  /// Ends a referral now: its wraps go, and what it showed is sealed anew under keys that the other side never had.
  public func unrefer(
    _ id: RecordID, from receiver: String, by caller: Caller
  ) async throws(VaultError) -> Witnessed<UInt64> {
    try await witnessed(.referralEnd, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      _ = try head(of: id, for: session, &entry)
      let (index, head) = try await changeTerms(of: id, for: session, &entry) {
        (head, rows, entry) throws(VaultError) in
        try gate.check(session, .refer, on: head)
        try gate.checkStanding(session, of: head)
        let receiver = try standing(receiver, in: head)
        entry.detail = receiver.words
        rows.head.terms.referrals.removeAll { $0.receiver == receiver }
        try endAccess(into: &rows, from: head, by: session, &entry)
      }
      return Witnessed(value: head.version, entryIndex: index)
    }
  }

  // MARK: Parts

  private func checkedReferral(
    of head: RecordHead, to text: String, _ sections: [Section], _ until: Timestamp, by session: Session,
    _ entry: inout PendingEntry
  ) throws(VaultError) -> RecordTerms.Referral {
    try gate.check(session, .refer, on: head)
    try gate.checkStanding(session, of: head)
    guard !sections.isEmpty else {
      throw VaultError(
        .invalid, "A referral names the sections that it shares.",
        hint: "Sections are \(Section.allCases.map(\.rawValue).joined(separator: ", ")).", field: "sections")
    }
    let now = clock.now()
    guard now < until, until <= now.adding(seconds: Vault.referralSecondsMax) else {
      throw VaultError(
        .invalid, "A referral ends at a time to come, within \(Vault.referralSecondsMax / 86400) days.",
        hint: "Refer again when it is still needed then.", field: "until")
    }
    for section in sections { try gate.checkStanding(session, .read, section, of: head) }
    let receiver = try receiver(text)
    entry.detail = "\(receiver.words) until \(until.text)"
    let keys = try checkReceiver(receiver, of: head, Set(sections), at: now)
    let (signing, referrer) = try signer(session)
    return RecordTerms.Referral(
      receiver: receiver, keys: keys, sections: Set(sections), until: until, referrer: referrer, made: now
    ).signed(about: head.id, of: self.keys.vault, by: signing)
  }

  /// A bare name is the programme or the account that has it; where both have, the caller says which.
  private func receiver(_ text: String) throws(VaultError) -> RecordTerms.Receiver {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts.last ?? ""
    let kind = parts.count == 2 ? parts[0] : nil
    let (programme, account) = try read("An account") { view -> (ProgrammeID?, AccountName?) in
      let programme = try (try? ProgrammeID(name)).flatMap { id in
        try view.row(.programme, keys.rowKey(.programme, Array(id.description.utf8))) == nil ? nil : id
      }
      let account = try (try? AccountName(name)).flatMap { try trust.account($0, in: view)?.name }
      return (programme, account)
    }
    switch (kind, programme, account) {
    case (nil, let id?, nil), ("programme", let id?, _): return .programme(id)
    case (nil, nil, let name?), ("account", _, let name?): return .account(name)
    case (nil, _?, _?):
      throw VaultError(
        .conflict, "A programme and an account have this name.", hint: "Write programme:NAME or account:NAME.",
        field: "to")
    default:
      throw VaultError(
        .notFound, "There is neither a programme nor an account of this name.",
        hint: "A record is referred to an account, or to all of a programme.", field: "to")
    }
  }

  /// - Returns: an account's keys.
  private func checkReceiver(
    _ receiver: RecordTerms.Receiver, of head: RecordHead, _ sections: Set<Section>, at now: Timestamp
  ) throws(VaultError) -> MemberKeys? {
    let others = head.terms.referrals.count { $0.receiver != receiver }
    guard others < RecordTerms.referralCountMax else {
      throw VaultError(
        .conflict, "The record is referred to \(others) receivers already.",
        hint: "End one, or give the receivers a programme of their own.", field: "to")
    }
    switch receiver {
    case .programme(let id):
      guard id != head.programme else {
        throw VaultError(.conflict, "The record belongs to this programme.", field: "to")
      }
      return nil
    case .account(let name):
      guard let account = try read("An account", { view in try trust.account(name, in: view) }),
        account.state == .active, let keys = account.keys
      else { throw VaultError(.conflict, "This account is not in use.", field: "to") }
      guard !head.terms.isBarred(name) else {
        throw VaultError(.conflict, "This account is barred from the record.", field: "to")
      }
      let closed = sections.filter { !RoleTable.standard.allows(account.role, .read, in: $0) }
      guard closed.isEmpty else {
        throw VaultError(
          .denied,
          "The role \(account.role.rawValue) may not read: \(closed.map(\.rawValue).sorted().joined(separator: ", ")).",
          hint: "What a role may not read, nobody can refer to it.", field: "sections")
      }
      var isMember = true
      for section in sections where isMember {
        isMember = try readers(of: head.compartment(of: section), at: now)[name] == keys
      }
      guard !isMember || head.terms.isRestricted else {
        throw VaultError(.conflict, "This account reads the record as a member of its programme.", field: "to")
      }
      guard !head.terms.named.contains(name) else {
        throw VaultError(.conflict, "The record is kept to this account already.", field: "to")
      }
      return keys
    }
  }

  /// The receiver of a referral that there is.
  private func standing(_ text: String, in head: RecordHead) throws(VaultError) -> RecordTerms.Receiver {
    let found = head.terms.referrals.map(\.receiver).filter { receiver in
      receiver.words == text || receiver.words.split(separator: ":").last.map(String.init) == text
    }
    guard let first = found.first else {
      throw VaultError(.notFound, "The record is not referred to anybody of this name.", field: "to")
    }
    guard found.count == 1 else {
      throw VaultError(
        .conflict, "It is referred to a programme and an account of this name.",
        hint: "Write programme:NAME or account:NAME.", field: "to")
    }
    return first
  }

  private func share(
    _ referral: RecordTerms.Referral, of head: RecordHead, into rows: inout RecordRows, by session: Session
  ) throws(VaultError) {
    let replaced = head.terms.referrals.first { $0.receiver == referral.receiver }
    rows.head.terms.referrals.removeAll { $0.receiver == referral.receiver }
    rows.head.terms.referrals.append(referral)
    // What an earlier referral to the same receiver showed and this one does not is closed as by its end.
    if let replaced, !replaced.sections.isSubset(of: referral.sections) {
      let now = clock.now()
      for section in rows.dropUncalled() { try reseal(section, into: &rows, from: head, by: session, at: now) }
    }
    for section in referral.sections where head.body(of: section) != nil {
      rows.rest(on: section, heldBy: session)
      guard let wrap = try wrap(of: section, for: referral, of: head, by: session) else { continue }
      try withKey(of: section, of: head, for: session) { key in try rows.share(section, with: wrap, key: key) }
    }
  }

  private func view(of referral: RecordTerms.Referral, in head: RecordHead) throws(VaultError) -> ReferralView {
    let now = clock.now()
    let sees = Section.allCases.filter { referral.sections.contains($0) }
    return ReferralView(
      id: head.id, receiver: referral.receiver.words, until: referral.until, sees: sees,
      empty: sees.filter { head.body(of: $0) == nil },
      seesNot: Section.allCases.filter { !referral.sections.contains($0) },
      readers: try readers(through: referral, of: head, at: now), isFound: referral.sections.contains(.identity),
      replaces: head.terms.referrals.contains { $0.receiver == referral.receiver }, version: head.version)
  }

  private func readers(
    through referral: RecordTerms.Referral, of head: RecordHead, at now: Timestamp
  ) throws(VaultError) -> [ReferralView.Reader] {
    var sections: [AccountName: Set<Section>] = [:]
    switch referral.receiver {
    case .account(let name): sections[name] = referral.sections
    case .programme(let id):
      for section in referral.sections {
        for name in try readers(of: .section(id, section), at: now).keys { sections[name, default: []].insert(section) }
      }
    }
    return try read("An account") { view in
      try sections.keys.sorted().compactMap { name in
        guard !head.terms.isBarred(name), let account = try trust.account(name, in: view), account.state == .active
        else { return nil }
        return ReferralView.Reader(
          account: name, role: account.role, sections: Section.allCases.filter { sections[name]?.contains($0) == true })
      }
    }
  }
}

extension Vault.ReferralView {
  fileprivate func at(version: UInt64) -> Self {
    Self(
      id: id, receiver: receiver, until: until, sees: sees, empty: empty, seesNot: seesNot, readers: readers,
      isFound: isFound, replaces: replaces, version: version)
  }
}
