/// What an account is for; the rows of `RoleTable`.
public enum Role: String, CaseIterable, Hashable, Sendable, Codable {
  /// Protection officer: opens, writes and searches the records of their programmes.
  case officer
  /// Safeguarding lead: the same, and decides who else may.
  case supervisor
  /// Police liaison: the identity and legal sections of shared cases.
  case liaison
  /// Reads, verifies and signs off the access log; no record.
  case auditor
  /// Runs the host and enrols accounts; no record, no log.
  case administrator
  /// Counts and trends; nobody's identity.
  case analyst
  /// Another program, which hands records in and reads nothing back.
  case service
}

/// What an account asks to do; the columns of `RoleTable`.
public enum Verb: String, CaseIterable, Hashable, Sendable, Codable {
  case read, write
  /// Hand in what one cannot read back.
  case submit

  /// Open a record.
  case create
  case list, search
  /// Look at what services have handed in, and accept or reject it.
  case review
  /// Ask for statistics.
  case count
  /// Share one record with a person or a programme that has no access to it.
  case refer
  /// Keep one person from one record.
  case bar
  /// Keep one record to named people.
  case restrict

  /// Add an account.
  case invite
  case suspend, listAccounts
  case addProgramme, listProgrammes
  case grant, revoke
  /// Ask for what needs two people; the vault's policy says for what.
  case request
  /// Put somebody else in charge of records.
  case reassign
  /// Give the second signature where two people are needed.
  case approve
  case readLog, verifyLog, signOffLog, exportLog
  /// Sign that an older backup is the vault now.
  case acceptRestore
  /// Let another auditor in, or take one out.
  case admitAuditor

  /// What the verb is asked about.
  public enum Scope: Hashable, Sendable {
    /// One section of one record.
    case section
    /// The records of one programme.
    case programme
    case vault
  }

  public var scope: Scope {
    switch self {
    case .read, .write, .submit: .section
    case .create, .list, .search, .review, .count, .refer, .bar, .restrict: .programme
    case .invite, .suspend, .listAccounts, .addProgramme, .listProgrammes, .grant, .revoke, .reassign, .request,
      .approve, .readLog, .verifyLog, .signOffLog, .exportLog, .acceptRestore, .admitAuditor:
      .vault
    }
  }
}
