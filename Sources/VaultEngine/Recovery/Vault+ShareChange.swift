import VaultCrypto
import VaultModel
import VaultStore

// Recovery shares for other holders, while everybody stays: two people agree on it in the vault, and those who bring the
// shares that count carry it out, offline.
extension Vault {
  /// How many recoveries there will have been after the next.
  func nextRecovery(in view: borrowing ReadView) throws -> UInt64 {
    UInt64(try trust.recoveries(in: view).links.count) + 1
  }

  static let sharesChanged = VaultError(
    .conflict, "The recovery shares have been made anew since this was asked for.",
    hint: "Ask for it again: vaultsh recovery recipients.", field: "request")

  /// The request that a change of holders rests on: approved, by two who are still here, neither used nor run out, and
  /// about the shares that count now.
  func approvedShareChange(
    _ id: RequestID
  ) throws(VaultError) -> (request: VerifiedRequest, holders: ShareHolders, changes: [RowChange]) {
    let request = try read("A request") { view in try register.verified(id, in: view) }
    guard let request else {
      throw VaultError(.notFound, "There is no request of this id in this vault.", field: "request")
    }
    guard case .recoveryRecipients(let holders, let number) = request.action else {
      throw VaultError(
        .invalid, "The request is about something else: \(request.action.kind.rawValue).",
        hint: "A supervisor asks: vaultsh recovery recipients --threshold K --share-recipient age1….", field: "request")
    }
    guard request.state == .approved, let approver = request.approval?.approver else {
      throw Vault.alreadyDecided(request.state)
    }
    try demandUnexpired(request)
    guard try read("A recovery", { view in try nextRecovery(in: view) }) == number else { throw Vault.sharesChanged }
    let held = try holding([request.request.requester, approver])
    return (request, holders, register.changes(closing: request, as: .used) + held)
  }

  /// Who holds shares now and who would, in the words of an approver.
  func shareWords(_ holders: ShareHolders, _ number: UInt64, in view: borrowing ReadView) throws -> [String] {
    guard try number == nextRecovery(in: view) else {
      return ["The recovery shares have been made anew since: nothing would change."]
    }
    let present = try view.row(.meta, ShareHolders.rowKey).map {
      try ShareHolders(decoding: keys.openMetadata($0, table: .meta))
    }
    let (before, after) = (Set(present?.recipients ?? []), holders.recipients)
    var words = [
      "The vault's recovery shares are made anew: \(holders.count), any \(holders.threshold) of which open everything in it."
    ]
    words += after.map { before.contains($0) ? "Holds a share, as before: \($0)" : "Holds a share from then on: \($0)" }
    words += before.subtracting(after).sorted().map { "Holds none from then on: \($0)" }
    if before.isEmpty, let present {
      words.append("The present \(present.count) were handed out as words, and nobody is named for them.")
    }
    words.append(
      "The present shares are void then, but for backups made before. It happens on the host, with "
        + "\(present.map { "\($0.threshold)" } ?? "enough") of the present shares: vaultd recover --reissue.")
    return words
  }
}
