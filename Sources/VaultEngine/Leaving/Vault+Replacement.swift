public import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  public struct Replacement: Sendable {
    public let code: OneTimeCode
    public let expires: Timestamp
    public let sessionsEnded: Int
    /// Programmes, or `audit`, whose keys change as soon as somebody who holds them has a session open.
    public let pending: [String]
  }

  /// New keys for a person who lost theirs, or whose keys somebody else may have: a new one-time code for the same name,
  /// role and uid. Their sessions end; what they held is void, and two people let them in again: this code, and a
  /// supervisor's grant that compares the new fingerprint. What they signed before stays verifiable.
  public func replaceAccount(
    _ name: AccountName, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Replacement> {
    try await witnessed(.accountReplace, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .invite)
      guard let known = try read("An account", { view in try trust.accountWithVersion(name, in: view) }),
        let memberships = try memberships(of: name)
      else {
        throw VaultError(
          .notFound, "There is no account of this name.", hint: "Look at who is there: vaultsh account list.",
          field: "account")
      }
      entry.detail = name.description
      try demandReplaceable(known.account)
      let successors = known.account.state == .active ? try demandSuccessors(of: memberships) : []
      try demandOtherHolders(
        than: name, in: nil, for: session,
        otherwise: "If somebody else may have the keys, suspend the account: vaultsh account suspend NAME. If they are "
          + "lost, suspend it, and two people reinstate it: then they can be replaced.")
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      let code = OneTimeCode.random()
      let invitation = Invitation(
        vault: keys.vault, name: name, role: known.account.role, peer: known.account.peer,
        codeHash: OneTimeCode.hash(of: code.signingKey.verifyingKey), issued: clock.now(),
        inviter: .account(session.account))
      let signed = SignedDocument(document: invitation.bytes, signature: invitation.signature(by: secrets.signing))
      let ends = EndedSessions(of: name)
      entry.ends = ends
      // What they asked for or approved ends with their keys.
      let ending = try read("A request") { view in try endingRequests(signedBy: name, in: view) }
      entry.also = ending.entries
      var changes = [accountChange(known.row.replaced(by: signed), of: name, after: known.version)] + ending.changes
      changes.add(held: successors)
      let index = try await submit(entry, changes: changes)
      backlog.membersLeft()
      await endAccess(of: name, why: "new keys", by: session)
      let pending =
        memberships.programmes.map(\.description) + (memberships.isAuditor ? [Compartment.audit.description] : [])
      return Witnessed(
        value: Replacement(code: code, expires: invitation.expires, sessionsEnded: ends.count, pending: pending),
        entryIndex: index)
    }
  }

  private func demandReplaceable(_ account: VerifiedAccount) throws(VaultError) {
    switch account.state {
    case .active: break
    // A code that was lost, or has expired, is issued anew.
    case .invited where !account.earlier.isEmpty: break
    case .invited:
      throw VaultError(
        .conflict, "This account has not enrolled yet.", hint: "Invite it anew: vaultsh account add.", field: "account")
    case .suspended:
      throw VaultError(
        .conflict, "This account is suspended, which one person alone cannot undo.",
        hint: "Have it reinstated by two people first.", field: "account")
    }
    // Invitations stand on the keys of whoever gave them: those are not replaced, but followed by another account.
    guard account.role != .administrator else {
      throw VaultError(
        .conflict, "An administrator's keys are not replaced.",
        hint: "Add a second account for the person, then suspend this one.", field: "account")
    }
    guard account.earlier.count < AccountRow.predecessorCountMax else {
      throw VaultError(
        .conflict, "The keys of this account were replaced too often.", hint: "Add another account for the person.",
        field: "account")
    }
  }
}
