import Synchronization
import VaultCrypto
import VaultModel
import VaultStore

/// The chain from the genesis to every account, manifest and grant.
///
/// Rows are read and hashed at every use; the signatures over one and the same bytes are checked once and remembered by
/// that hash, so that a substituted row is noticed the next time anybody leans on it.
final class Trust: Sendable {
  /// Invitations chain to a founder through administrators; a longer chain is somebody's loop.
  private static let inviterDepthMax = 16
  /// Serials of one compartment are walked back to the first; more members than this never joined and left one team.
  private static let manifestChainMax: UInt64 = 100_000

  let genesis: Genesis
  let keys: StoreKeys
  private let remembered = Mutex(Remembered())

  private struct Remembered {
    var accounts: [AccountName: (hash: [UInt8], account: VerifiedAccount)] = [:]
    var manifests: [Compartment: VerifiedManifest] = [:]
    var recoveries: (hash: [UInt8], chain: RecoveryChain)?
  }

  init(genesis: Genesis, keys: StoreKeys) {
    self.genesis = genesis
    self.keys = keys
  }

  // MARK: Accounts

  /// nil where there is no such account.
  func account(_ name: AccountName, in view: borrowing ReadView) throws(VaultError) -> VerifiedAccount? {
    try account(name, in: view, depth: 0)?.account
  }

  /// With the version of its row, for whoever is going to change it.
  func accountWithVersion(
    _ name: AccountName, in view: borrowing ReadView
  ) throws(VaultError) -> (account: VerifiedAccount, row: AccountRow, version: UInt64)? {
    try account(name, in: view, depth: 0)
  }

  private func account(
    _ name: AccountName, in view: borrowing ReadView, depth: Int
  ) throws(VaultError) -> (account: VerifiedAccount, row: AccountRow, version: UInt64)? {
    guard depth < Trust.inviterDepthMax else { throw .tampered("A chain of invitations") }
    let key = accountKey(name)
    guard let stored = try onStored("An account", { try view.row(.account, key) }) else { return nil }
    let row = try onStored("An account") { try AccountRow(decoding: keys.openMetadata(stored, table: .account)) }
    let hash = SHA256.hash(stored.body)
    let authorities = try authorities(of: row, name, in: view, depth: depth)
    let known = remembered.withLock { $0.accounts[name] }.flatMap { $0.hash == hash ? $0.account : nil }
    if let known { return (known, row, stored.version) }
    let account = try onStored("An account") {
      try Trust.verify(row, name: name, genesis: genesis) { authorities[$0.hash] }
    }
    remembered.withLock { $0.accounts[name] = (hash, account) }
    return (account, row, stored.version)
  }

  /// Whether a row could stand in the place of this account's: those who stand behind it are known here.
  func vouches(for row: AccountRow, of name: AccountName, in view: borrowing ReadView) throws(VaultError) -> Bool {
    do throws(VaultError) {
      let authorities = try authorities(of: row, name, in: view, depth: 0)
      _ = try onStored("An account") { try Trust.verify(row, name: name, genesis: genesis) { authorities[$0.hash] } }
      return true
    } catch {
      guard error.code == .integrity else { throw error }
      return false
    }
  }

  /// Through those who stand behind it every time: theirs may have been substituted since.
  private func authorities(
    of row: AccountRow, _ name: AccountName, in view: borrowing ReadView, depth: Int
  ) throws(VaultError) -> [[UInt8]: InvitationAuthority] {
    var authorities: [[UInt8]: InvitationAuthority] = [:]
    for (position, signed) in (row.earlier.map(\.invitation) + [row.invitation]).enumerated() {
      guard let signed else { continue }
      let invitation = try onStored("An invitation") { try Invitation(decoding: signed.document) }
      let found = try authority(of: invitation, for: name, isFirst: position == 0, in: view, depth: depth)
      guard let found else { throw .tampered("An invitation") }
      authorities[invitation.hash] = found
    }
    return authorities
  }

  /// nil where nobody stands behind it.
  private func authority(
    of invitation: Invitation, for name: AccountName, isFirst: Bool, in view: borrowing ReadView, depth: Int
  ) throws(VaultError) -> InvitationAuthority? {
    // Who replaces keys later is an administrator, whoever named the person first.
    let recovered = isFirst ? try recoveries(in: view).invitation(of: name) : nil
    switch (invitation.inviter, recovered) {
    case (.account(let inviter), nil):
      return try account(inviter, in: view, depth: depth + 1).map { .administrator($0.account) }
    case (.recovery, let recovered?) where recovered.hash == invitation.hash:
      return .recovery(hash: recovered.hash, signer: recovered.signer)
    // Whom a recovery named nobody else invites.
    default: return nil
    }
  }

  // MARK: Recoveries

  /// Every recovery of this vault; verified again when a row of one has changed.
  func recoveries(in view: borrowing ReadView) throws(VaultError) -> RecoveryChain {
    try onStored("A recovery") {
      let rows = try view.rows(.meta, prefix: RecoveryAct.keyPrefix, limit: RecoveryAct.countMax + 1)
      let hash = SHA256.hash(rows.flatMap { SHA256.hash($0.body) })
      if let known = remembered.withLock({ $0.recoveries }), known.hash == hash { return known.chain }
      let chain = try RecoveryChain.verify(signedRecoveries(rows), genesis: genesis)
      remembered.withLock { $0.recoveries = (hash, chain) }
      return chain
    }
  }

  /// The same as they were signed, for whoever verifies them without the vault.
  func signedRecoveries(in view: borrowing ReadView) throws(VaultError) -> [SignedDocument] {
    try onStored("A recovery") {
      try signedRecoveries(view.rows(.meta, prefix: RecoveryAct.keyPrefix, limit: RecoveryAct.countMax + 1))
    }
  }

  private func signedRecoveries(_ rows: [StoredRow]) throws -> [SignedDocument] {
    guard rows.count <= RecoveryAct.countMax else { throw VaultError.tampered("A recovery") }
    return try rows.enumerated().map { index, row in
      guard row.key == RecoveryAct.key(UInt64(index) + 1) else { throw VaultError.tampered("A recovery") }
      return try SignedDocument(decoding: keys.openMetadata(row, table: .meta), as: "signed-recovery")
    }
  }

  /// Whether everybody whom the genesis and the last recovery named has enrolled: before that nobody can be held to
  /// account.
  func isFounded(in view: borrowing ReadView) throws(VaultError) -> Bool {
    let recovered = try recoveries(in: view).links.last { !$0.act.invited.isEmpty }?.act.invited.map(\.name) ?? []
    for name in genesis.founders.map(\.name) + recovered
    where try account(name, in: view)?.hasEnrolled != true { return false }
    return true
  }

  func accountKey(_ name: AccountName) -> [UInt8] { keys.rowKey(.account, Array(name.description.utf8)) }

  // MARK: Manifests

  /// The newest manifest of a compartment; nil before the first.
  ///
  /// - Parameter beginners: who may have begun the compartment; nil to find out.
  func manifest(
    _ compartment: Compartment, beginners: Beginners? = nil, in view: borrowing ReadView
  ) throws(VaultError) -> VerifiedManifest? {
    guard let head = try manifestHead(compartment, in: view) else { return nil }
    return try manifest(compartment, head: head, beginners: beginners, in: view)
  }

  struct Head: Sendable {
    let serial: UInt64
    let hash: [UInt8]
    /// Version of the head's own row.
    let version: UInt64
  }

  func manifestHead(_ compartment: Compartment, in view: borrowing ReadView) throws(VaultError) -> Head? {
    let key = headKey(compartment)
    return try onStored("A manifest") {
      guard let row = try view.row(.manifest, key) else { return nil }
      var decoder = try CanonicalDecoder(keys.openMetadata(row, table: .manifest), purpose: "head")
      let head = Head(serial: try decoder.integer(), hash: try decoder.field(exactly: 32), version: row.version)
      try decoder.finish()
      return head
    }
  }

  private func manifest(
    _ compartment: Compartment, head: Head, beginners: Beginners?, in view: borrowing ReadView
  ) throws(VaultError) -> VerifiedManifest {
    guard (1...Trust.manifestChainMax).contains(head.serial) else { throw .tampered("A manifest") }
    let known = remembered.withLock { $0.manifests[compartment] }
    var current: VerifiedManifest?
    var serial: UInt64 = 1
    if let known, known.manifest.serial <= head.serial {
      // Its members' certificates are read again below: a remembered manifest vouches for its own bytes only.
      current = known
      serial = known.manifest.serial
      let signed = try signedManifest(compartment, serial: serial, in: view)
      guard SHA256.hash(signed.document) == known.hash else { throw .tampered("A manifest") }
      try checkMembers(of: known, in: view)
      serial += 1
    }
    while serial <= head.serial {
      let signed = try signedManifest(compartment, serial: serial, in: view)
      current = try verifyLink(signed, compartment, after: current, beginners: beginners, in: view)
      serial += 1
    }
    guard let current, current.hash == head.hash else { throw .tampered("A manifest") }
    // The seed whose shares count holds every compartment, and no earlier one does.
    guard current.manifest.member(.recovery)?.keys == (try recoveries(in: view).newest) else {
      throw .tampered("A member of a manifest")
    }
    remembered.withLock { $0.manifests[compartment] = current }
    return current
  }

  private func verifyLink(
    _ signed: SignedDocument, _ compartment: Compartment, after previous: VerifiedManifest?, beginners: Beginners?,
    in view: borrowing ReadView
  ) throws(VaultError) -> VerifiedManifest {
    // Everyone the manifest names, read first: a view cannot be kept by a closure that escapes typed throws.
    let manifest = try onStored("A manifest") { try Manifest(decoding: signed.document) }
    var accounts: [AccountName: VerifiedAccount] = [:]
    for name in (manifest.members.map(\.name) + [manifest.signer]).compactMap(\.accountName) {
      accounts[name] = try account(name, in: view)
    }
    let recoveries = try recoveries(in: view)
    var first = beginners ?? .founding
    if beginners == nil, previous == nil, let programme = compartment.programme,
      let account = manifest.signer.accountName.flatMap({ accounts[$0] }),
      try !first.include(
        account, under: account.signer(of: signed.signature, over: Manifest.signedBytes(hash: manifest.hash)))
    {
      first = try self.beginners(besides: programme, in: view)
    }
    return try onStored("A manifest") {
      try Trust.verify(
        signed, compartment: compartment, after: previous, genesis: genesis, recoveries: recoveries,
        beginners: first
      ) { name in
        guard let account = accounts[name] else { throw VaultError.tampered("A member of a manifest") }
        return account
      }
    }
  }

  private func checkMembers(of known: VerifiedManifest, in view: borrowing ReadView) throws(VaultError) {
    for member in known.manifest.members {
      guard let name = member.accountName else { continue }
      guard let account = try account(name, in: view),
        Trust.isNamed(member, rightly: account, by: known.manifest.signer)
      else { throw .tampered("A member of a manifest") }
    }
  }

  func signedManifest(
    _ compartment: Compartment, serial: UInt64, in view: borrowing ReadView
  ) throws(VaultError) -> SignedDocument {
    let key = manifestKey(compartment, serial: serial)
    return try onStored("A manifest") {
      guard let row = try view.row(.manifest, key) else { throw VaultError.tampered("A manifest") }
      return try SignedDocument(decoding: keys.openMetadata(row, table: .manifest), as: "signed-manifest")
    }
  }

  func headKey(_ compartment: Compartment) -> [UInt8] {
    keys.rowKey(.manifest, Array(compartment.description.utf8), Array("head".utf8))
  }

  func manifestKey(_ compartment: Compartment, serial: UInt64) -> [UInt8] {
    keys.rowKey(.manifest, Array(compartment.description.utf8), StoreKey.index(serial))
  }

  // MARK: Grants

  func grantKey(_ compartment: Compartment, epoch: UInt64, member: MemberName) -> [UInt8] {
    keys.rowKey(.grant, Array(compartment.description.utf8), StoreKey.index(epoch), Array(member.description.utf8))
  }

  /// The compartment's secret of one epoch, opened with the member's account key; nil where there is no grant.
  ///
  /// Checked: the granter's signature, that the granter ever signed a manifest of this compartment, that it names this
  /// member's own keys, that the manifest names this grant (for the newest epoch), and that the secret belongs to the
  /// public key of the epoch.
  func open(
    _ compartment: Compartment, epoch: UInt64, for member: MemberName, keys memberKeys: MemberKeys, opening: OpeningKey,
    under manifest: VerifiedManifest, in view: borrowing ReadView
  ) throws(VaultError) -> CompartmentKey? {
    let key = grantKey(compartment, epoch: epoch, member: member)
    guard let row = try onStored("A grant", { try view.row(.grant, key) }) else { return nil }
    let signed = try onStored("A grant") {
      try SignedDocument(decoding: keys.openMetadata(row, table: .grant), as: "signed-grant")
    }
    let grant = try onStored("A grant") { try Grant(decoding: signed.document) }
    guard grant.compartment == compartment, grant.epoch == epoch, grant.member == member, grant.keys == memberKeys
    else { throw .tampered("A grant") }
    try verify(grant, signature: signed.signature, under: manifest, in: view)
    return try onStored("A grant") {
      let secret = try grant.open(with: opening)
      guard secret.sealingKey == manifest.publicKeys[epoch] else { throw VaultError.tampered("A grant") }
      return CompartmentKey(secret, compartment: compartment, epoch: epoch, store: keys)
    }
  }

  /// All that can be said of a grant without opening it: its signature, that the granter ever signed a manifest of this
  /// compartment, that the epoch is one of it, and that the manifest names this very grant (for the newest epoch).
  func verify(
    _ grant: Grant, signature: [UInt8], under manifest: VerifiedManifest, in view: borrowing ReadView
  ) throws(VaultError) {
    guard grant.vault == keys.vault, grant.compartment == manifest.manifest.compartment,
      manifest.publicKeys[grant.epoch] != nil, manifest.signers.contains(grant.granter)
    else { throw .tampered("A grant") }
    let granters: [VerifyingKey] =
      switch grant.granter {
      // Under the keys of now or of before they were replaced.
      case .account(let name): try account(name, in: view)?.knownKeys.map(\.verifying) ?? []
      // One of few: a ceremony each.
      case .recovery: try recoveries(in: view).links.map(\.signer.verifying)
      }
    if grant.epoch == manifest.manifest.epoch {
      guard manifest.manifest.members.first(where: { $0.name == grant.member })?.grantHash == grant.hash else {
        throw .tampered("A grant")
      }
    }
    let signed = Grant.signedBytes(hash: grant.hash)
    guard granters.contains(where: { (try? $0.verify(signature, over: signed)) != nil }) else {
      throw .tampered("A grant")
    }
  }
}

extension Trust {
  /// Sorted by id. A row says no more than that there is such a programme: its manifests say whose it is.
  func programmeEntries(in view: borrowing ReadView) throws -> [ProgrammeEntry] {
    var entries: [ProgrammeEntry] = []
    try view.forEach(.programme) { row in
      entries.append(try ProgrammeEntry(decoding: keys.openMetadata(row, table: .programme)))
    }
    return entries.sorted { $0.id < $1.id }
  }

  /// What to verify the signatures with of somebody whom manifests named in this part: `members` are of `writers`, of
  /// `submitters` or of all that a verified manifest lists. Nothing of an account that they do not name.
  func verifyingKeys(
    of name: AccountName, among members: [AccountName: Set<MemberKeys>]?, in view: borrowing ReadView
  ) throws(VaultError) -> [VerifyingKey] {
    guard let named = members?[name], let account = try account(name, in: view) else { throw .tampered("An author") }
    return account.verifyingKeys(namedBy: named)
  }
}

extension MemberName {
  /// nil for the recovery seed.
  var accountName: AccountName? {
    switch self {
    case .account(let name): name
    case .recovery: nil
    }
  }
}

extension Manifest.Member {
  var accountName: AccountName? { name.accountName }
}
