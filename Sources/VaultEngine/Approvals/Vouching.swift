import VaultModel
import VaultStore

// For whom somebody other than an administrator vouches. An administrator makes accounts, and replaces their keys, alone:
// what such keys sign is the word of an administrator until the founding, a recovery or somebody who compared their
// fingerprint has named them.
extension Vault {
  /// Programmes in which an account, under the keys that it has now, is a member whose time has not run out.
  func programmes(of account: VerifiedAccount, in view: borrowing ReadView) throws -> Set<ProgrammeID> {
    try programmes(of: account, among: trust.programmeEntries(in: view).map(\.id), in: view)
  }

  /// The same about one programme: no other's manifests are read.
  func isMember(
    _ account: VerifiedAccount, of programme: ProgrammeID, in view: borrowing ReadView
  ) throws -> Bool {
    try !programmes(of: account, among: [programme], in: view).isEmpty
  }

  private func programmes(
    of account: VerifiedAccount, among all: [ProgrammeID], in view: borrowing ReadView
  ) throws -> Set<ProgrammeID> {
    let now = clock.now()
    let memberships = try Memberships(of: account, programmes: all, trust: trust, in: view)
    return Set(
      memberships.standings.filter {
        $0.value.member.isCurrent(at: now) && account.isNamedNow(by: $0.value.member.keys)
      }
      .compactMap(\.key.programme))
  }

  /// Whether anybody but an administrator has named an account's keys as they are now: the founding or a recovery, or
  /// whoever let it into a programme.
  func isVouchedFor(_ account: VerifiedAccount, in view: borrowing ReadView) throws -> Bool {
    try account.isUnderFoundingKeys || !programmes(of: account, in: view).isEmpty
  }

  /// An auditor decides, looks and reviews by the key of the access log, which another auditor has given them; a role by
  /// itself is what an administrator wrote into an invitation.
  func demandLogKey(_ session: Session) throws(VaultError) {
    guard !gate.isOn || session.held(.audit) != nil else {
      throw VaultError(
        .denied, "This account does not hold the key of the access log.",
        hint: "Another auditor lets it in: vaultsh grant NAME --audit --fingerprint WORDS.")
    }
  }
}
