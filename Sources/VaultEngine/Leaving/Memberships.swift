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
  /// - Parameter programme: the one that is left; nil: all, and the log.
  /// - Returns: rows to be held as they are, so that of two who leave at the same moment one stays.
  func demandSuccessors(
    of leaving: Memberships, leavingOnly programme: ProgrammeID? = nil
  ) throws(VaultError) -> [RowChange] {
    try read("A membership") { view in
      var held: [RowChange] = []
      if leaving.account.role == .supervisor {
        for programme in programme.map({ [$0] }) ?? leaving.programmes {
          // Whoever is there for a time only is nobody's successor, and needs none.
          let standing = leaving.compartments(of: programme).filter { leaving.standings[$0]?.member.expires == nil }
          for compartment in standing {
            guard let successor = try successor(of: leaving, in: compartment, .supervisor, view) else {
              throw VaultError(
                .conflict,
                "This is the last supervisor of the programme \(programme): nobody could let anyone in after them.",
                hint: "Grant the programme to another supervisor first, without an end: vaultsh grant NAME "
                  + "--programme \(programme) --fingerprint WORDS. Where none is left, the recovery shares make one: "
                  + "vaultd recover.",
                field: "account")
            }
            held.add(held: [try holding(successor, in: view)])
          }
          // Whoever is taken out of a programme is taken out of every compartment of it.
          if let first = standing.first { held.add(held: [try holding(first, in: view)]) }
        }
      }
      if leaving.isAuditor, programme == nil {
        guard let successor = try successor(of: leaving, in: .audit, .auditor, view) else {
          throw VaultError(
            .conflict, "This is the last auditor: nobody could read or sign off the access log after them.",
            hint: "Let another auditor in first: vaultsh grant NAME --audit --fingerprint WORDS.", field: "account")
        }
        held.add(held: [try holding(successor, in: view), try holding(.audit, in: view)])
      }
      return held
    }
  }

  /// Somebody else of this role who holds the compartment's newest key, for good, and may log in.
  private func successor(
    of leaving: Memberships, in compartment: Compartment, _ role: Role, _ view: borrowing ReadView
  ) throws -> AccountName? {
    guard let standing = leaving.standings[compartment] else { return nil }
    for member in standing.manifest.manifest.members where member.grantHash != nil && member.expires == nil {
      guard let name = member.accountName, name != leaving.account.name,
        let account = try trust.account(name, in: view)
      else { continue }
      if account.role == role, account.state == .active, account.keys == member.keys { return name }
    }
    return nil
  }

  /// The newest manifest of a compartment as it is, so that a change of its members at the same moment makes one of the
  /// two fail.
  private func holding(_ compartment: Compartment, in view: borrowing ReadView) throws -> RowChange {
    try holding(.manifest, trust.headKey(compartment), "A manifest", in: view)
  }
}

extension [RowChange] {
  /// A row that is changed besides is held by that change: it expects the same version.
  mutating func add(held rows: [RowChange]) {
    for row in rows where !contains(where: { $0.table == row.table && $0.key == row.key }) { append(row) }
  }
}
