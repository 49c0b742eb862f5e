public import VaultCrypto
public import VaultModel

/// What a recovery is to bring about.
public struct RecoveryPlan: Sendable {
  public enum Access: Sendable {
    /// New accounts. Without an administrator the present ones stay; everybody else is suspended and a member of nothing.
    /// A name that is nil is made up: `supervisor-2`, and so on.
    case rebuild(supervisor: AccountName?, auditor: AccountName?, administrator: AccountName?)
    /// Everybody stays; only the seed and its shares are exchanged, for the holders in this request, which two people
    /// agreed on.
    case reissue(RequestID)
  }

  public var access: Access
  /// Whom the new shares are for; nil: for those who were named when shares were last issued. A request says it itself.
  public var holders: ShareHolders?

  public init(_ access: Access, holders: ShareHolders? = nil) {
    self.access = access
    self.holders = holders
  }
}

/// What must be in people's hands before the vault changes: from then on nothing else opens it.
public struct RecoveryIssue: Sendable {
  public struct Person: Sendable {
    public let name: AccountName
    public let role: Role
    /// Good for a week, once.
    public let code: OneTimeCode
  }

  /// From 1: how many recoveries this vault has then had.
  public let number: UInt64
  /// Split it among `holders`.
  public let seed: RecoverySeed
  public let holders: ShareHolders
  public let people: [Person]
}

/// How a recovery ended.
public struct Recovered: Sendable {
  public let vaultID: String
  public let entryIndex: UInt64
  public let programmes: Int
  /// Accounts that the recovery suspended.
  public let suspended: [AccountName]
  /// Records that were kept to named people and are their programme's again: the new supervisor's alone, until they grant
  /// somebody.
  public let lifted: [RecordID]
  /// Records that were kept to named people and stay closed: the shares had been made anew, and none of those people was
  /// there after that to seal them for the new ones.
  public let closed: [RecordID]
  /// Records that are kept to named people, where only the shares were made anew: sealed for them as soon as one of those
  /// people has a session open, and for the old ones until then.
  public let waiting: [RecordID]
  /// Compartment epochs whose secret the recovery seed did not hold: what was sealed under them stays closed.
  public let missingEpochCount: Int
}
