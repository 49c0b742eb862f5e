import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// An auditor lets another one in: the keys of all epochs of the log, sealed to keys whose fingerprint was compared.
  public func grantAudit(
    _ name: AccountName, fingerprint: String, by caller: Caller
  ) async throws(VaultError) -> Witnessed<GrantSummary> {
    try await witnessed(.memberGrant, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .admitAuditor)
      guard let secrets = session.secrets, let held = session.held(.audit) else {
        throw VaultError(.denied, "This account does not hold the key of the access log.")
      }
      try await removeLeavers(for: session)
      guard let account = try read("An account", { view in try trust.account(name, in: view) }),
        let certificate = account.certificate, account.state == .active
      else {
        throw VaultError(
          .notFound, "There is no enrolled account of this name.",
          hint: "The administrator adds it with --role auditor, its person enrols, then you grant.", field: "account")
      }
      guard account.role == .auditor else {
        throw VaultError(
          .invalid, "The role \(account.role.rawValue) does not read the log.",
          hint: "The log is opened to accounts of the role auditor only.", field: "account")
      }
      try await demand(fingerprint, of: certificate)
      var change = MembershipChange(
        compartment: .audit, trust: trust, signer: session.account, signing: secrets.signing, now: clock.now())
      let (manifest, head) = try currentManifest(.audit)
      try onStored("A membership") {
        try change.add(
          MembershipChange.Newcomer(
            name: .account(name),
            keys: MemberKeys(verifying: certificate.verifyingKey, sealing: certificate.sealingKey),
            verbs: Vault.auditorVerbs, expires: nil, holdsKey: true),
          to: manifest, head: head, held: session.held(.audit)?.keys ?? held.keys)
      }
      entry.detail = "\(name) audit"
      entry.heads = change.heads
      let index = try await submit(entry, changes: change.changes)
      return Witnessed(
        value: GrantSummary(
          grant: hexadecimal(change.grantHash ?? []), account: name, programmes: [], isAudit: true, expires: nil),
        entryIndex: index)
    }
  }

  /// Takes an auditor out: their sessions end, and from this very entry on the log is sealed to a new epoch.
  public func revokeAudit(_ name: AccountName, by caller: Caller) async throws(VaultError) -> Witnessed<GrantSummary> {
    try await witnessed(.memberRevoke, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .admitAuditor)
      guard name != session.account else {
        throw VaultError(
          .conflict, "Nobody can take themselves out: the log would have nobody to read it.",
          hint: "Let another auditor in first, who can then take you out: vaultsh grant NAME --audit.")
      }
      guard let leaving = try memberships(of: name), let standing = leaving.standings[.audit] else {
        throw VaultError(.notFound, "This account is no auditor of the log.", field: "account")
      }
      let successors = try demandSuccessors(of: leaving)
      entry.detail = "\(name) audit"
      entry.ends = EndedSessions(of: name)
      let change = try renewal(
        of: standing.manifest, head: standing.head, without: [.account(name)], by: session)
      entry.heads = change.heads
      var changes = change.changes
      changes.add(held: successors)
      let index = try await submit(entry, changes: changes)
      return Witnessed(
        value: GrantSummary(
          grant: hexadecimal(standing.member.grantHash ?? []), account: name, programmes: [], isAudit: true,
          expires: nil),
        entryIndex: index)
    }
  }

  /// That the person at the other end of the telephone was shown this.
  func demand(_ fingerprint: String, of certificate: Certificate) async throws(VaultError) {
    guard Fingerprint.isWhole(fingerprint) else {
      throw VaultError(
        .conflict, "A fingerprint is six words, or 64 hexadecimal digits.",
        hint: "Type all six, in their order, with a space between them.", field: "fingerprint")
    }
    guard try await self.fingerprint(of: certificate).matches(fingerprint) else {
      throw VaultError(
        .conflict, "The fingerprint is not the one that this account enrolled with.",
        hint: "Ask the person for the six words they were shown, by voice. If they differ, somebody else may have "
          + "enrolled.", field: "fingerprint")
    }
  }
}
