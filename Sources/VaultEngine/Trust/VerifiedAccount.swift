import VaultCrypto
import VaultModel

/// An account whose chain to the genesis was checked. Only `Trust` makes one.
struct VerifiedAccount: Sendable {
  let name: AccountName
  let role: Role
  let peer: BoundPeer
  let state: AccountRow.State
  /// nil until enrolment.
  let certificate: Certificate?
  let lock: AccountLock?
  let codeHash: [UInt8]
  let invitation: Invitation?

  var keys: MemberKeys? {
    certificate.map { MemberKeys(verifying: $0.verifyingKey, sealing: $0.sealingKey) }
  }

  fileprivate init(
    row: AccountRow, name: AccountName, genesis: Genesis, authority: InvitationAuthority?
  ) throws {
    state = row.state
    self.name = name
    let vault = genesis.vaultID
    if let signed = row.invitation {
      let invitation = try Invitation(decoding: signed.document)
      guard invitation.vault == vault, invitation.name == name, genesis.founder(name) == nil else {
        throw VaultError.tampered("An invitation")
      }
      let inviter: VerifyingKey
      switch (invitation.inviter, authority) {
      case (.account, .administrator(let account)?):
        // `--uid any` is a shortcut of vaults that say so in their genesis, and of no other.
        guard invitation.peer != .any || genesis.isDemo || genesis.isInsecure, account.role == .administrator,
          let keys = account.keys
        else { throw VaultError.tampered("An invitation") }
        inviter = keys.verifying
      case (.recovery, .recovery(let hash, let signer)?):
        // Nobody knew the uid: it is fixed at the enrolment, as a founder's.
        guard invitation.peer == .any, invitation.hash == hash else { throw VaultError.tampered("An invitation") }
        inviter = signer
      default: throw VaultError.tampered("An invitation")
      }
      try inviter.verify(signed.signature, over: Invitation.signedBytes(hash: invitation.hash))
      self.invitation = invitation
      role = invitation.role
      codeHash = invitation.codeHash
    } else {
      guard let founder = genesis.founder(name) else { throw VaultError.tampered("An account") }
      invitation = nil
      role = founder.role
      codeHash = founder.codeHash
    }
    guard let bytes = row.certificate else {
      guard row.state != .active else { throw VaultError.tampered("An account") }
      certificate = nil
      lock = nil
      peer = invitation?.peer ?? .any
      return
    }
    let certificate = try Certificate(decoding: bytes)
    guard certificate.vault == vault, certificate.name == name, certificate.role == role,
      certificate.authority == invitation?.hash ?? vault, OneTimeCode.hash(of: certificate.codeKey) == codeHash
    else { throw VaultError.tampered("An account certificate") }
    if let invitation, certificate.enrolled >= invitation.expires {
      throw VaultError.tampered("An account certificate")
    }
    if let invitation, invitation.inviter != .recovery {
      guard certificate.peer == invitation.peer else { throw VaultError.tampered("An account certificate") }
    } else {
      guard certificate.peer != .any || genesis.isDemo || genesis.isInsecure else {
        throw VaultError.tampered("An account certificate")
      }
    }
    let signedBytes = Certificate.signedBytes(hash: certificate.hash)
    try certificate.codeKey.verify(row.codeSignature, over: signedBytes)
    try certificate.verifyingKey.verify(row.ownSignature, over: signedBytes)
    self.certificate = certificate
    peer = certificate.peer
    lock = try AccountLock(decoding: row.lock)
  }
}

/// A manifest whose chain to the genesis was checked, with every manifest before it that began an epoch.
struct VerifiedManifest: Sendable {
  let manifest: Manifest
  let hash: [UInt8]
  /// Public key of each epoch so far.
  let publicKeys: [UInt64: SealingKey]
  /// Who was ever named a member with the right to grant, by epoch: signers of grants are looked up here.
  let signers: Set<MemberName>
  /// Who was ever named a member with the right to write: authors of what was sealed to the public key.
  let writers: Set<AccountName>
  /// Who let each present member in, or gave them new terms, having compared their fingerprint; nobody for themselves. A
  /// new epoch seals the keys anew to whoever stays, and vouches for nobody.
  let vouchers: [AccountName: Set<AccountName>]
  /// Who was ever named a member with the right to submit: authors of what waits to be reviewed, and of nothing else.
  let submitters: Set<AccountName>

  fileprivate init(manifest: Manifest, hash: [UInt8], publicKeys: [UInt64: SealingKey], after previous: Self?) {
    self.manifest = manifest
    self.hash = hash
    self.publicKeys = publicKeys
    signers = (previous?.signers ?? []).union([manifest.signer])
    func members(who verb: Verb) -> [AccountName] {
      manifest.members.filter { $0.verbs.contains(verb) }.compactMap(\.accountName)
    }
    writers = (previous?.writers ?? []).union(members(who: .write))
    submitters = (previous?.submitters ?? []).union(members(who: .submit))
    var vouchers: [AccountName: Set<AccountName>] = [:]
    for member in manifest.members {
      guard let name = member.accountName else { continue }
      vouchers[name] = previous?.vouchers[name] ?? []
      let before = previous?.manifest.member(name)
      let isVouchedFor =
        before == nil || (before != member && previous?.manifest.epoch == manifest.epoch)
      // A recovery compared nothing: it names people as the genesis does.
      if isVouchedFor, let signer = manifest.signer.accountName, name != signer {
        vouchers[name, default: []].insert(signer)
      }
    }
    self.vouchers = vouchers
  }
}

/// Who stands behind an invitation.
enum InvitationAuthority: Sendable {
  case administrator(VerifiedAccount)
  /// A recovery, which named the invitation by its hash.
  case recovery(hash: [UInt8], signer: VerifyingKey)
}

extension Trust {
  /// A member is named by the keys of their certificate; by those of their one-time code in what a recovery signed
  /// before they had enrolled.
  static func isNamed(_ member: Manifest.Member, rightly account: VerifiedAccount, by signer: MemberName) -> Bool {
    member.keys == account.keys
      || signer == .recovery && OneTimeCode.hash(of: member.keys.verifying) == account.codeHash
  }

  static func verify(
    _ row: AccountRow, name: AccountName, genesis: Genesis, authority: InvitationAuthority?
  ) throws -> VerifiedAccount {
    try VerifiedAccount(row: row, name: name, genesis: genesis, authority: authority)
  }

  /// Checks one link: `previous` is nil for serial 1.
  static func verify(
    _ signed: SignedDocument, compartment: Compartment, after previous: VerifiedManifest?, genesis: Genesis,
    recoveries: RecoveryChain, account: (AccountName) throws -> VerifiedAccount
  ) throws -> VerifiedManifest {
    let manifest = try Manifest(decoding: signed.document)
    let hash = manifest.hash
    guard manifest.vault == genesis.vaultID, manifest.compartment == compartment,
      manifest.serial == (previous?.manifest.serial ?? 0) + 1, manifest.previous == previous?.hash
    else { throw VaultError.tampered("A manifest") }
    let standing = previous?.manifest.member(manifest.signer)
    let signer: VerifyingKey
    let isStanding: Bool
    switch manifest.signer {
    case .account(let name):
      let account = try account(name)
      let signingRole: Role = compartment == .audit ? .auditor : .supervisor
      guard account.role == signingRole, let keys = account.keys else { throw VaultError.tampered("A manifest") }
      signer = keys.verifying
      // A recovery knew the one-time code only; the certificate ties the keys to it.
      isStanding =
        standing?.keys == keys
        || previous?.manifest.signer == .recovery && standing?.keys.verifying == account.certificate?.codeKey
    case .recovery:
      guard let link = recoveries.link(signing: hash), manifest.epoch == previous.map({ $0.manifest.epoch + 1 }),
        manifest.member(.recovery)?.keys == link.act.keys
      else { throw VaultError.tampered("A manifest") }
      signer = link.signer.verifying
      isStanding = standing?.keys == link.signer
    }
    try signer.verify(signed.signature, over: Manifest.signedBytes(hash: hash))

    var publicKeys = previous?.publicKeys ?? [:]
    if let previous {
      guard isStanding else { throw VaultError.tampered("A manifest") }
      let isSameEpoch = manifest.epoch == previous.manifest.epoch && manifest.publicKey == previous.manifest.publicKey
      let isNextEpoch =
        manifest.epoch == previous.manifest.epoch + 1 && manifest.publicKey != previous.manifest.publicKey
      guard isSameEpoch || isNextEpoch else { throw VaultError.tampered("A manifest") }
    } else if compartment == .audit {
      // Epoch 1 of `audit` is the key in the genesis; its first manifest begins the second.
      guard manifest.epoch == 2, case .account(let name) = manifest.signer, genesis.founder(name)?.role == .auditor
      else {
        throw VaultError.tampered("A manifest")
      }
      publicKeys[1] = genesis.auditKey
    } else {
      guard manifest.epoch == 1 else { throw VaultError.tampered("A manifest") }
    }
    publicKeys[manifest.epoch] = manifest.publicKey
    for member in manifest.members {
      switch member.name {
      case .account(let name):
        guard Trust.isNamed(member, rightly: try account(name), by: manifest.signer) else {
          throw VaultError.tampered("A member of a manifest")
        }
      case .recovery:
        // One seed after another: only a recovery exchanges it. Which is the newest, the head of the chain must name.
        let isRight =
          switch (manifest.signer, previous?.manifest.member(.recovery)) {
          case (.account, let before?): member.keys == before.keys
          default: recoveries.names(member.keys)
          }
        guard isRight else { throw VaultError.tampered("A member of a manifest") }
      }
    }
    return VerifiedManifest(manifest: manifest, hash: hash, publicKeys: publicKeys, after: previous)
  }
}
