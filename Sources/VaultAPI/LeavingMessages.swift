public import VaultModel

/// Answer of `POST /v1/accounts/{account}/suspension`: the account, what its suspension did, and what it left.
public struct SuspensionAnswer: WireMessage, Equatable {
  /// As in the list of accounts.
  public var account: AccountRow
  public var sessionsEnded: UInt64
  /// Programmes whose keys changed at once.
  public var rekeyed: [String]
  /// Programmes, or `audit`, whose keys change as soon as somebody who holds them has a session open.
  public var pending: [String]
  /// Ids of the records that the account is in charge of and the suspender may know of.
  public var recordsOwned: [String]
  public var readsLast30Days: UInt64

  public init(
    account: AccountRow, sessionsEnded: UInt64, rekeyed: [String], pending: [String], recordsOwned: [String],
    readsLast30Days: UInt64
  ) {
    self.account = account
    self.sessionsEnded = sessionsEnded
    self.rekeyed = rekeyed
    self.pending = pending
    self.recordsOwned = recordsOwned
    self.readsLast30Days = readsLast30Days
  }

  public init(json: JSONValue) throws(WireError) {
    account = try AccountRow(json: json)
    let fields = try WireFields(json)
    sessionsEnded = try fields.size("sessionsEnded")
    rekeyed = try fields.texts("rekeyed")
    pending = try fields.texts("pending")
    recordsOwned = try fields.texts("recordsOwned", countMax: WireLimit.ownedCountMax)
    readsLast30Days = try fields.size("readsLast30Days")
  }

  public func write(into json: inout JSONText) {
    json.object { (json: inout JSONText) in
      account.writeMembers(into: &json)
      json.member("sessionsEnded", sessionsEnded)
      json.member("rekeyed", rekeyed)
      json.member("pending", pending)
      json.member("recordsOwned", recordsOwned)
      json.member("readsLast30Days", readsLast30Days)
    }
  }
}
