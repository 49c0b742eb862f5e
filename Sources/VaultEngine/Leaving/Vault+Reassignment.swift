import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  public struct Reassigned: Sendable {
    public let moved: [RecordID]
    /// Records that the first account is still in charge of.
    public let left: Int
    /// Of these, records that could not be changed in the caller's session.
    public let refused: Int
  }

  /// Records of one call: a second's work at the worst. Whoever wants all asks again.
  public static let reassignedMax = 25

  /// Puts the second account in charge of records of the first, some at a time. Each is an edit of its case with an
  /// entry of its own; one that stopped half-way goes on from where it was, because what is done is no longer the
  /// first one's.
  public func reassign(
    from leaver: AccountName, to successor: AccountName, in programme: ProgrammeID?, by caller: Caller
  ) async throws(VaultError) -> Witnessed<Reassigned> {
    try await witnessed(.recordReassign, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme?.description
      if let programme {
        try gate.check(session, .reassign, in: programme)
      } else {
        try gate.check(session, .reassign)
      }
      guard leaver != successor else {
        throw VaultError(.invalid, "Both are the same account.", field: "to")
      }
      guard try read("An account", { view in try trust.account(leaver, in: view) }) != nil else {
        throw VaultError(
          .notFound, "There is no account of this name.", hint: "Look at who is there: vaultsh account list.",
          field: "from")
      }
      guard let joining = try memberships(of: successor), joining.account.state == .active else {
        throw VaultError(
          .notFound, "There is no active account of this name, and nobody else can take records over.",
          hint: "Look at who is there: vaultsh account list.", field: "to")
      }
      entry.detail = "\(leaver) \(successor)"
      var owned: [RecordID] = []
      for programme in programme.map({ [$0] }) ?? session.programmes {
        let found = try await recordsOwned(by: leaver, in: [programme], for: session)
        guard !found.isEmpty else { continue }
        let member = joining.standings[.section(programme, .case)]?.member
        guard let member, member.keys == joining.account.keys, member.isCurrent(at: clock.now()),
          member.verbs.isSuperset(of: [.read, .write])
        else {
          throw VaultError(
            .conflict,
            "This account does not write in the programme \(programme), so it cannot take records over there.",
            hint: "Let it in first: vaultsh grant NAME --programme \(programme) --fingerprint WORDS.", field: "to")
        }
        owned += found
      }
      var moved: [RecordID] = []
      var refused = 0
      let patch = JSONValue.object([
        Section.case.rawValue: .object([RecordAssignment.ownerField: .string(successor.description)])
      ])
      for id in owned where moved.count < Vault.reassignedMax {
        guard let head = try recordHead(id)?.head else { continue }
        // It would be in the charge of somebody for whom it is not there.
        guard !head.terms.isBarred(successor) else {
          refused += 1
          continue
        }
        do throws(VaultError) {
          var caller = caller
          caller.idempotencyKey = nil
          _ = try await editRecord(id, patch: patch, ifVersion: head.version, by: caller)
          moved.append(id)
        } catch {
          switch error.code {
          // Somebody is at it this moment: the next call finds it.
          case .stale, .conflict: continue
          case .denied, .invalid, .notFound: refused += 1
          default: throw error
          }
        }
      }
      entry.results = moved.map(\.description)
      entry.count = UInt64(moved.count)
      return Witnessed(
        value: Reassigned(moved: moved, left: owned.count - moved.count, refused: refused),
        entryIndex: try await submit(entry))
    }
  }
}
