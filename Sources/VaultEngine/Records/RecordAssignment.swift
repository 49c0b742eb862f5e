import AccessLog
import VaultModel

/// Whose a record is: what `case.vault_Owner` and `case.vault_Team` say where they name accounts. Kept in the record's
/// head, so that the entry of a read can tell how the reader stood to the record without opening the case for it.
struct RecordAssignment: Equatable, Sendable {
  /// Accounts that a team is kept to; more of them would be a programme of its own.
  static let teamCountMax = 16
  static let ownerField = "vault_Owner"
  private static let teamField = "vault_Team"

  let owner: AccountName
  /// Ascending, without the owner.
  let team: [AccountName]

  init(owner: AccountName, team: [AccountName]) {
    self.owner = owner
    self.team = team
  }

  /// - Parameter creator: owns the record for as long as the case names no account.
  init(case values: [String: JSONValue], creator: AccountName) {
    let owner = RecordAssignment.accounts(values[Self.ownerField]).first ?? creator
    let team = Set(RecordAssignment.accounts(values[Self.teamField])).subtracting([owner]).sorted()
    self.init(owner: owner, team: Array(team.prefix(Self.teamCountMax)))
  }

  func standing(of account: AccountName) -> LogEntry.Assignment {
    if account == owner { return .owner }
    return team.contains(account) ? .team : .none
  }

  /// The words of a text that are account names as they stand.
  private static func accounts(_ value: JSONValue?) -> [AccountName] {
    guard let text = value?.stringValue else { return [] }
    return text.split { $0 == "," || $0 == ";" || $0.isWhitespace }.compactMap { try? AccountName(String($0)) }
  }
}
