public import VaultModel
import VaultStore

extension Vault {
  public struct Bar: Sendable {
    public let record: RecordID
    public let programme: ProgrammeID
    public let account: AccountName
  }

  /// Keeps one account from one record: it is not there for them, in no list, no search and no count. Whatever was shared
  /// with them by name ends. It is the daemon's check: who holds the programme's keys keeps them (SECURITY.md).
  ///
  /// - Returns: the record's version.
  public func bar(
    _ name: AccountName, from id: RecordID, by caller: Caller
  ) async throws(VaultError) -> Witnessed<UInt64> {
    try await witnessed(.barSet, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      _ = try head(of: id, for: session, &entry)
      let (index, head) = try await changeTerms(of: id, for: session, &entry) {
        (head, rows, entry) throws(VaultError) in
        try gate.check(session, .bar, on: head)
        entry.detail = name.description
        try checkBar(name, from: head)
        rows.head.terms.barred.append(name)
        rows.head.terms.referrals.removeAll { $0.receiver == .account(name) }
        rows.head.terms.emergencies.removeAll { $0.account == name }
        try endAccess(into: &rows, from: head, by: session, &entry)
        // What they asked for or approved about it ends, too.
        let ending = try read("A request") { view in
          try endingRequests(signedByAnyOf: [name], about: { $0.record == id }, in: view)
        }
        rows.add(ending.changes)
        entry.also = ending.entries
      }
      return Witnessed(value: head.version, entryIndex: index)
    }
  }

  private func checkBar(_ name: AccountName, from head: RecordHead) throws(VaultError) {
    guard let account = try read("An account", { view in try trust.account(name, in: view) }) else {
      throw VaultError(.notFound, "There is no account of this name.", field: "account")
    }
    // A service reads what its grant says, and that may come later.
    let mayRead =
      account.role == .service || Section.allCases.contains { RoleTable.standard.allows(account.role, .read, in: $0) }
    guard mayRead else {
      throw VaultError(
        .invalid, "The role \(account.role.rawValue) reads no record, so there is nothing to bar it from.",
        field: "account")
    }
    let terms = head.terms
    guard !terms.isBarred(name) else {
      throw VaultError(.conflict, "This account is barred from the record already.", field: "account")
    }
    guard !terms.named.contains(name) else {
      throw VaultError(
        .conflict, "The record is kept to this account among others.",
        hint: "Keep it to the others first: vaultsh restrict ID --to NAME….", field: "account")
    }
    guard terms.barred.count < RecordTerms.barredCountMax else {
      throw VaultError(
        .conflict, "\(terms.barred.count) accounts are barred from this record.",
        hint: "Keep it to named people instead: vaultsh restrict ID --to NAME….", field: "account")
    }
  }

  public func unbar(
    _ name: AccountName, from id: RecordID, by caller: Caller
  ) async throws(VaultError) -> Witnessed<UInt64> {
    try await witnessed(.barLift, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      _ = try head(of: id, for: session, &entry)
      let (index, head) = try await changeTerms(of: id, for: session, &entry) {
        (head, rows, entry) throws(VaultError) in
        try gate.check(session, .bar, on: head)
        entry.detail = name.description
        guard head.terms.isBarred(name) else {
          throw VaultError(.notFound, "This account is not barred from the record.", field: "account")
        }
        rows.head.terms.barred.removeAll { $0 == name }
      }
      return Witnessed(value: head.version, entryIndex: index)
    }
  }

  /// Who is barred from what, in the caller's programmes. Of a record that they are barred from themselves, nothing.
  public func bars(by caller: Caller) async throws(VaultError) -> Witnessed<[Bar]> {
    try await witnessed(.barList, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .bar)
      let hidden = exceptions.barred(session.account)
      let ids = exceptions.all(of: Set(session.programmes)).filter { !hidden.contains($0.bits) }
      let heads = try read("A record") { view in try ids.compactMap { try recordHead($0, in: view)?.head } }
      let bars = heads.flatMap { head in
        head.terms.barred.sorted().map { Bar(record: head.id, programme: head.programme, account: $0) }
      }
      return Witnessed(value: bars, entryIndex: try await submit(entry))
    }
  }
}
