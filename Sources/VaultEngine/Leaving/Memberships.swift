import VaultModel
import VaultStore

/// Where one account is a member, as the manifests say now.
struct Memberships: Sendable {
  struct Standing: Sendable {
    let manifest: VerifiedManifest
    let head: Trust.Head
    let member: Manifest.Member
  }

  let account: VerifiedAccount
  /// By compartment; expired memberships count: their keys are held all the same.
  private(set) var standings: [Compartment: Standing] = [:]

  init(of account: VerifiedAccount, programmes: [ProgrammeID], trust: Trust, in view: borrowing ReadView) throws {
    self.account = account
    let compartments = programmes.flatMap { Vault.compartments(of: $0) } + [.audit]
    for compartment in compartments {
      guard let manifest = try trust.manifest(compartment, in: view),
        let member = manifest.manifest.member(account.name), let head = try trust.manifestHead(compartment, in: view)
      else { continue }
      standings[compartment] = Standing(manifest: manifest, head: head, member: member)
    }
  }

  /// Ascending.
  var programmes: [ProgrammeID] { Set(standings.keys.compactMap(\.programme)).sorted() }
  var isAuditor: Bool { standings[.audit] != nil }

  func compartments(of programme: ProgrammeID) -> [Compartment] {
    Vault.compartments(of: programme).filter { standings[$0] != nil }
  }
}

extension Vault {
  func memberships(of name: AccountName) throws(VaultError) -> Memberships? {
    try read("A membership") { view in
      guard let account = try trust.account(name, in: view) else { return nil }
      return try Memberships(
        of: account, programmes: trust.programmeEntries(in: view).map(\.id), trust: trust, in: view)
    }
  }

  /// Nobody leaves a programme without a supervisor, or the log without an auditor: no one could let anybody in, or
  /// review, ever after.
  ///
  /// - Parameter programme: the one that is left; nil: all.
  func demandSuccessors(of leaving: Memberships, leavingOnly programme: ProgrammeID? = nil) throws(VaultError) {
    try read("A membership") { view in
      if leaving.account.role == .supervisor {
        for left in programme.map({ [$0] }) ?? leaving.programmes {
          for compartment in leaving.compartments(of: left)
          where try !hasSuccessor(of: leaving, in: compartment, .supervisor, view) {
            throw VaultError(
              .conflict, "This is the last supervisor of the programme \(left): nobody could let anyone in after them.",
              hint: "Grant the programme to another supervisor first: vaultsh grant NAME --programme \(left) "
                + "--fingerprint WORDS. Where none is left, the recovery shares make one: vaultd recover.",
              field: "account")
          }
        }
      }
      if leaving.isAuditor, programme == nil, try !hasSuccessor(of: leaving, in: .audit, .auditor, view) {
        throw VaultError(
          .conflict, "This is the last auditor: nobody could read or sign off the access log after them.",
          hint: "Let another auditor in first: vaultsh grant NAME --audit --fingerprint WORDS.", field: "account")
      }
    }
  }

  /// Whether somebody else of this role holds the compartment's newest key and may log in.
  private func hasSuccessor(
    of leaving: Memberships, in compartment: Compartment, _ role: Role, _ view: borrowing ReadView
  ) throws -> Bool {
    guard let standing = leaving.standings[compartment] else { return true }
    let now = clock.now()
    for member in standing.manifest.manifest.members where member.grantHash != nil && member.isCurrent(at: now) {
      guard let name = member.accountName, name != leaving.account.name,
        let account = try trust.account(name, in: view)
      else { continue }
      if account.role == role, account.state == .active, account.keys == member.keys { return true }
    }
    return false
  }
}
