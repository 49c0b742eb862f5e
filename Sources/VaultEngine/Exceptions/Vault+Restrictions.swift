import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  public struct Restriction: Sendable {
    public let version: UInt64
    public let named: [AccountName]
    /// What was shared before and ended with it: `account:NAME`, `programme:ID`.
    public let ended: [String]
    /// No supervisor is among the named: nobody can lift it alone.
    public let hasNoSupervisor: Bool
  }

  /// Keeps one record to named people: every section is sealed anew, for each of them and the recovery seed instead of
  /// for the programme, and its cards go. What was shared ends.
  public func restrict(
    _ id: RecordID, to names: [AccountName], by caller: Caller
  ) async throws(VaultError) -> Witnessed<Restriction> {
    try await witnessed(.restrictionSet, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      _ = try head(of: id, for: session, &entry)
      let named = Set(names).sorted()
      entry.detail = named.prefix(RecordTerms.namedCountMax).map(\.description).joined(separator: " ")
      var ended: [String] = []
      var hasNoSupervisor = false
      let (index, head) = try await changeTerms(of: id, for: session, &entry) {
        (head, rows, entry) throws(VaultError) in
        try gate.check(session, .restrict, on: head)
        try gate.checkStanding(session, of: head)
        hasNoSupervisor = try !checkNamed(named, of: head)
        ended =
          head.terms.referrals.map(\.receiver.words) + head.terms.emergencies.map { "account:\($0.account)" }
        rows.head.terms.named = named
        rows.head.terms.referrals = []
        rows.head.terms.emergencies = []
        for section in Section.allCases where head.body(of: section) != nil {
          try gate.checkStanding(session, .read, section, of: head)
        }
        try resealAll(into: &rows, from: head, by: session, &entry)
      }
      return Witnessed(
        value: Restriction(
          version: head.version, named: named, ended: ended.sorted(), hasNoSupervisor: hasNoSupervisor),
        entryIndex: index)
    }
  }

  /// Gives the record back to its programme. Needs a supervisor: one of the named, or one to whom they referred it.
  public func unrestrict(_ id: RecordID, by caller: Caller) async throws(VaultError) -> Witnessed<UInt64> {
    try await witnessed(.restrictionLift, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      _ = try head(of: id, for: session, &entry)
      let (index, head) = try await changeTerms(of: id, for: session, &entry) {
        (head, rows, entry) throws(VaultError) in
        try gate.check(session, .restrict, on: head)
        guard head.terms.isRestricted else {
          throw VaultError(.conflict, "The record is not kept to named people.", field: "id")
        }
        try gate.checkLifting(session, of: head, at: clock.now())
        rows.head.terms.named = []
        try resealAll(into: &rows, from: head, by: session, &entry)
      }
      return Witnessed(value: head.version, entryIndex: index)
    }
  }

  private func resealAll(
    into rows: inout RecordRows, from head: RecordHead, by session: Session, _ entry: inout PendingEntry
  ) throws(VaultError) {
    let now = clock.now()
    let sections = Section.allCases.filter { head.body(of: $0) != nil }
    entry.sections = sections.map(\.rawValue).sorted()
    for section in sections {
      try gate.check(session, .read, section, of: head, at: now)
      try reseal(section, into: &rows, from: head, by: session, at: now)
    }
  }

  /// Whether a supervisor is among them.
  private func checkNamed(_ names: [AccountName], of head: RecordHead) throws(VaultError) -> Bool {
    guard !names.isEmpty, names.count <= RecordTerms.namedCountMax else {
      throw VaultError(
        .invalid, "A record is kept to 1 to \(RecordTerms.namedCountMax) people.",
        hint: "For more, make a programme of its own.", field: "accounts")
    }
    let now = clock.now()
    var readers: [Section: Set<AccountName>] = [:]
    for section in Section.allCases {
      readers[section] = Set(try self.readers(of: head.compartment(of: section), at: now).keys)
    }
    var hasSupervisor = false
    var readsAll = false
    for name in names {
      guard let account = try read("An account", { view in try trust.account(name, in: view) }),
        account.state == .active
      else { throw VaultError(.notFound, "There is no account of this name in use.", field: "accounts") }
      guard !head.terms.isBarred(name) else {
        throw VaultError(.conflict, "One of them is barred from the record.", field: "accounts")
      }
      guard readers.values.contains(where: { $0.contains(name) }) else {
        throw VaultError(
          .conflict, "One of them is not a member of the record's programme.",
          hint: "Keep it to members, and refer it to others: vaultsh refer ID --to NAME ….", field: "accounts")
      }
      hasSupervisor = hasSupervisor || account.role == .supervisor
      readsAll = readsAll || readers.values.allSatisfy { $0.contains(name) }
    }
    guard readsAll else {
      throw VaultError(
        .conflict, "None of them may read every section, so something would be closed to everybody.",
        hint: "Name an officer or a supervisor of the programme too.", field: "accounts")
    }
    return hasSupervisor
  }

  // MARK: Who has access

  public struct RecordAccess: Sendable {
    public struct Referral: Sendable {
      public let receiver: String
      public let sections: [Section]
      public let until: Timestamp
      public let referrer: AccountName
      public let made: Timestamp
    }

    public struct Emergency: Sendable {
      public let account: AccountName
      public let until: Timestamp
      public let request: String
      public let granter: AccountName
    }

    public let id: RecordID
    public let programme: ProgrammeID
    public let version: UInt64
    public let named: [AccountName]
    public let referrals: [Referral]
    public let emergencies: [Emergency]
    /// nil for whoever may not bar.
    public let barred: [AccountName]?
    /// Sections that wait for new keys.
    public let stale: [Section]
  }

  /// Who reads a record apart from its programme, and who does not.
  public func access(to id: RecordID, by caller: Caller) async throws(VaultError) -> Witnessed<RecordAccess> {
    try await witnessed(.recordAccess, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      let (head, _) = try head(of: id, for: session, &entry)
      try gate.check(session, .refer, on: head)
      let now = clock.now()
      let terms = head.terms
      let mayRestrict = (try? gate.check(session, .restrict, on: head)) != nil
      if terms.isRestricted, !mayRestrict, !terms.letsIn(session.account, at: now) {
        throw VaultError(.denied, "This record is kept to named people.", hint: "Ask the programme's supervisor.")
      }
      let mayBar = (try? gate.check(session, .bar, on: head)) != nil
      let access = RecordAccess(
        id: head.id, programme: head.programme, version: head.version, named: terms.named.sorted(),
        referrals: terms.referrals(at: now).sorted { $0.receiver < $1.receiver }.map { referral in
          RecordAccess.Referral(
            receiver: referral.receiver.words, sections: Section.allCases.filter(referral.sections.contains),
            until: referral.until, referrer: referral.referrer, made: referral.made)
        },
        emergencies: terms.emergencies(at: now).sorted { $0.account < $1.account }.map {
          RecordAccess.Emergency(account: $0.account, until: $0.until, request: $0.request, granter: $0.granter)
        },
        barred: mayBar ? terms.barred.sorted() : nil, stale: Section.allCases.filter(terms.stale.contains))
      return Witnessed(value: access, entryIndex: try await submit(entry))
    }
  }
}
