public import AccessLog
import Synchronization
import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  /// What the two who accept a restore are shown before they sign.
  public struct RestorationSummary: Sendable {
    public let succession: Succession
    /// Checkpoints of the log before: as far as it is kept, and the newest that was known.
    public let kept: Checkpoint
    public let newest: Checkpoint?
    /// Who has signed.
    public let signed: [String]
    public let isAccepted: Bool
    /// People who are kept out until their programmes have new keys.
    public let excluded: [(account: AccountName, programmes: [ProgrammeID])]
  }

  /// Nobody's records are served before two people have accepted the restore.
  var isRestored: Bool { !acceptedRestore.withLock(\.self) }

  /// What may happen before: what the acceptance needs, and what only takes access away or looks at the log.
  static let actionsBeforeAcceptance: Set<Action> = [
    .sessionOpen, .sessionClose, .restoreShow, .restoreAccept, .approvalList, .approvalRead, .approvalGive,
    .approvalDeny,
    .accountList, .accountSuspend, .memberRevoke, .logRead,
    .logVerify, .logExport, .logReveal, .logProve, .programmeList,
  ]

  func demandAccepted(_ action: Action) throws(VaultError) {
    guard isRestored, !Vault.actionsBeforeAcceptance.contains(action) else { return }
    throw Vault.notAccepted
  }

  static let notAccepted = VaultError(
    .restored, "This vault was restored from a backup, and two people have not accepted that yet.",
    hint: "A supervisor and an auditor run: vaultsh restore accept.")

  /// The restoration that opened the present log.
  private func currentRestoration() throws(VaultError) -> (restoration: Restoration, version: UInt64) {
    let found = try read("A restoration") { view in try Restoration.all(in: view, keys: keys).last }
    guard let found, found.restoration.succession.number == ledger.number else {
      throw VaultError(
        .notFound, "This vault was not restored from a backup.", hint: "There is nothing to accept; see vaultsh status."
      )
    }
    return found
  }

  private func summary(_ restoration: Restoration) throws(VaultError) -> RestorationSummary {
    try onStored("A restoration") {
      let (excluded, first) = try store.read { view in
        (
          try Exclusions.read(in: view, keys: keys).exclusions,
          try openAcceptance(of: restoration.succession.hash, in: view)?.request.requester
        )
      }
      return RestorationSummary(
        succession: restoration.succession, kept: try UnverifiedCheckpoint(encoded: restoration.succession.kept).claim,
        newest: restoration.succession.newest.isEmpty
          ? nil : try UnverifiedCheckpoint(encoded: restoration.succession.newest).claim,
        signed: restoration.signatures.map(\.name).filter { restoration.isAccepted || $0 == first?.description },
        isAccepted: restoration.isAccepted,
        excluded: excluded.programmes.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) })
    }
  }

  public func restoration(by caller: Caller) async throws(VaultError) -> Witnessed<RestorationSummary> {
    try await witnessed(.restoreShow, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .acceptRestore)
      let summary = try summary(try currentRestoration().restoration)
      return Witnessed(value: summary, entryIndex: try await submit(entry))
    }
  }

  /// Signs for exactly the succession of this hash. A supervisor and an auditor, one after the other in any order: the
  /// first opens a request, the second approves it, whichever way they come to it. With the second the vault is open, and
  /// clients can follow it.
  public func acceptRestore(
    _ hash: [UInt8], by caller: Caller
  ) async throws(VaultError) -> Witnessed<RequestSummary> {
    try await witnessed(.restoreAccept, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      try gate.check(session, .acceptRestore)
      var (restoration, version) = try currentRestoration()
      guard restoration.succession.hash == hash else { throw Vault.otherRestore }
      guard !restoration.isAccepted else { throw VaultError(.conflict, "This restore has been accepted already.") }
      if let first = try read("A request", { view in try openAcceptance(of: hash, in: view) }) {
        entry.approval = first.id.description
        guard first.request.requester != session.account else {
          throw VaultError(.conflict, "You have accepted it; somebody else has to as well.", hint: Vault.whoAccepts)
        }
        entry.action = .approvalGive
        return try await approve(decidable(first.id, for: session, &entry), in: session, &entry)
      }
      try read("A request") { view in
        try demandAsker(session.account, of: .restoreAccept, about: ActionSubject(), in: view)
      }
      guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
      // One that was withdrawn, or has expired, or whose signer was suspended, counts no more.
      restoration.signatures = []
      try sign(&restoration, in: session)
      let request = ApprovalRequest(
        vault: keys.vault, id: .random(), action: .restoreAccept(hash), requester: session.account,
        requested: ledger.now)
      entry.approval = request.id.description
      entry.detail = Vault.detail(restoration)
      var asking = PendingEntry(.approvalRequest)
      asking.account = session.account.description
      asking.uid = caller.uid
      asking.approval = request.id.description
      asking.detail = SensitiveAction.Kind.restoreAccept.rawValue
      entry.also = [asking]
      let index = try await submit(
        entry,
        changes: [
          restoration.change(version: version + 1, expect: .version(version), keys),
          register.change(opening: request, signing: secrets.signing),
        ] + holding([session.account]))
      requestWatch.lookAgain()
      return Witnessed(value: try summary(of: request.id, for: session), entryIndex: index)
    }
  }

  /// The request of whoever accepted first. Their signature counts as long as it is open.
  private func openAcceptance(of hash: [UInt8], in view: borrowing ReadView) throws -> VerifiedRequest? {
    let now = ledger.now
    return try register.open(in: view).last {
      $0.action == .restoreAccept(hash) && $0.state == .pending && now < $0.request.expires
    }
  }

  private func sign(_ restoration: inout Restoration, in session: Session) throws(VaultError) {
    guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
    let name = session.account.description
    restoration.signatures.append(
      UnverifiedAcceptance.Signature(
        name: name,
        signature: secrets.signing.sign(
          Succession.signedBytes(hash: restoration.succession.hash, name: name, role: session.role.rawValue))))
  }

  private static func detail(_ restoration: Restoration) -> String {
    "log \(restoration.succession.number), \(restoration.signatures.count) of 2"
  }

  /// The second signature, and the document that every client will follow.
  func acceptanceEffect(of request: VerifiedRequest, by session: Session) throws(VaultError) -> ApprovedEffect {
    try gate.check(session, .acceptRestore)
    var (restoration, version) = try currentRestoration()
    guard request.action == .restoreAccept(restoration.succession.hash), !restoration.isAccepted else {
      throw Vault.otherRestore
    }
    guard restoration.signatures.map(\.name) == [request.request.requester.description] else {
      throw .tampered("A restoration")
    }
    try sign(&restoration, in: session)
    let people = try people(behind: restoration.signatures.map(\.name))
    let acceptance = UnverifiedAcceptance(
      genesis: genesis.bytes, succession: restoration.succession.bytes, signatures: restoration.signatures,
      people: people, recoveries: try recoveries(behind: people))
    // As every client will.
    do { _ = try acceptance.verified(vaultID: keys.vault) } catch {
      throw VaultError(
        .failed, "The signatures of these two do not lead to the founding of the vault.",
        hint: "Accept it with accounts that founders, or people whom a recovery named, have invited and granted.")
    }
    restoration.acceptance = acceptance.bytes
    var entry = PendingEntry(.restoreAccept)
    entry.account = session.account.description
    entry.uid = session.uid
    entry.detail = Vault.detail(restoration)
    let change = restoration.change(version: version + 1, expect: .version(version), keys)
    return ApprovedEffect(changes: [change], entry: entry) { self.acceptedRestore.withLock { $0 = true } }
  }

  /// Takes back what the first has signed, where that is about the restore that waits.
  func withdrawal(of hash: [UInt8]) throws(VaultError) -> [RowChange] {
    var (restoration, version) = try currentRestoration()
    guard restoration.succession.hash == hash, !restoration.isAccepted else { return [] }
    restoration.signatures = []
    return [restoration.change(version: version + 1, expect: .version(version), keys)]
  }

  static let otherRestore = VaultError(
    .conflict, "This is not the restore that waits to be accepted.", hint: "Look again: vaultsh restore show.",
    field: "digest")

  static let whoAccepts = "A supervisor and an auditor accept a restore, two different people."

  /// The acceptances of this vault, oldest first, for clients that remember an earlier log. For anybody who reaches the
  /// socket: a passphrase goes out only after it was verified.
  public func acceptances() throws(VaultError) -> [[UInt8]] {
    try read("A restoration") { view in
      try Restoration.all(in: view, keys: keys).map(\.restoration).filter(\.isAccepted).map(\.acceptance)
    }
  }

  // MARK: Who stands behind a signature

  /// These people and everybody through whom their signatures lead to the genesis, under each of their keys: what somebody
  /// signed for others stands under the keys of then.
  func people(behind names: [String]) throws(VaultError) -> [AcceptancePerson] {
    try read("An account") { view in
      var found: [String: [AcceptancePerson]] = [:]
      var waiting = try names.map { try AccountName($0) }
      while let name = waiting.popLast() {
        guard found[name.description] == nil else { continue }
        guard let known = try trust.accountWithVersion(name, in: view) else { throw VaultError.tampered("An account") }
        var people: [AcceptancePerson] = []
        for (predecessor, certificate) in zip(known.row.generations, known.account.certificates) {
          var person = AcceptancePerson(
            name: name.description, certificate: predecessor.certificate, codeSignature: predecessor.codeSignature,
            ownSignature: predecessor.ownSignature)
          if let invitation = predecessor.invitation {
            person.invitation = invitation.document
            person.invitationSignature = invitation.signature
            // Whom a recovery named leads to no account, but to its document.
            if let inviter = try Invitation(decoding: invitation.document).inviter.accountName {
              waiting.append(inviter)
              let keys = MemberKeys(of: certificate)
              if let manifest = try firstManifest(naming: name, known.account.role, by: keys, in: view) {
                person.manifest = manifest.document
                person.manifestSignature = manifest.signature
                if let signer = try Manifest(decoding: manifest.document).signer.accountName { waiting.append(signer) }
              }
            }
          }
          people.append(person)
        }
        found[name.description] = people
      }
      return found.sorted { $0.key < $1.key }.flatMap(\.value)
    }
  }

  /// Every recovery of this vault, where one of them named somebody of these people.
  func recoveries(behind people: [AcceptancePerson]) throws(VaultError) -> [UnverifiedAcceptance.Recovery] {
    try read("A recovery") { view in
      let isNeeded = try people.contains { person in
        try !person.invitation.isEmpty && Invitation(decoding: person.invitation).inviter == .recovery
      }
      guard isNeeded else { return [] }
      return try trust.signedRecoveries(in: view).map {
        UnverifiedAcceptance.Recovery(document: $0.document, signature: $0.signature)
      }
    }
  }

  /// The first manifest in which somebody else of their role named this account by these keys.
  private func firstManifest(
    naming name: AccountName, _ role: Role, by keys: MemberKeys, in view: borrowing ReadView
  ) throws -> SignedDocument? {
    let compartments: [Compartment] =
      switch role {
      case .auditor: [.audit]
      case .supervisor: try trust.programmeEntries(in: view).map { .section($0.id, .identity) }
      default: []
      }
    for compartment in compartments {
      guard let head = try trust.manifestHead(compartment, in: view) else { continue }
      for serial in stride(from: UInt64(1), through: head.serial, by: 1) {
        let signed = try trust.signedManifest(compartment, serial: serial, in: view)
        let manifest = try Manifest(decoding: signed.document)
        guard let signer = manifest.signer.accountName, signer != name else { continue }
        if manifest.member(name)?.keys == keys { return signed }
      }
    }
    return nil
  }
}
