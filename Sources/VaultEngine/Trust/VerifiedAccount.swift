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
    row: AccountRow, name: AccountName, genesis: Genesis, inviter: (AccountName) throws -> VerifiedAccount
  ) throws {
    state = row.state
    self.name = name
    let vault = genesis.vaultID
    if let signed = row.invitation {
      let invitation = try Invitation(decoding: signed.document)
      guard invitation.vault == vault, invitation.name == name, genesis.founder(name) == nil else {
        throw VaultError.tampered("An invitation")
      }
      // `--uid any` is a shortcut of vaults that say so in their genesis, and of no other.
      guard invitation.peer != .any || genesis.isDemo || genesis.isInsecure else {
        throw VaultError.tampered("An invitation")
      }
      let inviter = try inviter(invitation.inviter)
      guard inviter.role == .administrator, let keys = inviter.keys else { throw VaultError.tampered("An invitation") }
      try keys.verifying.verify(signed.signature, over: Invitation.signedBytes(hash: invitation.hash))
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
    if let invitation {
      guard certificate.peer == invitation.peer, certificate.enrolled < invitation.expires else {
        throw VaultError.tampered("An account certificate")
      }
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
  let signers: Set<AccountName>
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
      if isVouchedFor, name != manifest.signer { vouchers[name, default: []].insert(manifest.signer) }
    }
    self.vouchers = vouchers
  }
}

extension Trust {
  static func verify(
    _ row: AccountRow, name: AccountName, genesis: Genesis, inviter: (AccountName) throws -> VerifiedAccount
  ) throws -> VerifiedAccount {
    try VerifiedAccount(row: row, name: name, genesis: genesis, inviter: inviter)
  }

  /// Checks one link: `previous` is nil for serial 1.
  static func verify(
    _ signed: SignedDocument, compartment: Compartment, after previous: VerifiedManifest?, genesis: Genesis,
    account: (AccountName) throws -> VerifiedAccount
  ) throws -> VerifiedManifest {
    let manifest = try Manifest(decoding: signed.document)
    let hash = manifest.hash
    guard manifest.vault == genesis.vaultID, manifest.compartment == compartment,
      manifest.serial == (previous?.manifest.serial ?? 0) + 1, manifest.previous == previous?.hash
    else { throw VaultError.tampered("A manifest") }
    let signer = try account(manifest.signer)
    let signingRole: Role = compartment == .audit ? .auditor : .supervisor
    guard signer.role == signingRole, let signerKeys = signer.keys else { throw VaultError.tampered("A manifest") }
    try signerKeys.verifying.verify(signed.signature, over: Manifest.signedBytes(hash: hash))

    var publicKeys = previous?.publicKeys ?? [:]
    if let previous {
      guard let standing = previous.manifest.member(manifest.signer), standing.keys == signerKeys else {
        throw VaultError.tampered("A manifest")
      }
      let isSameEpoch = manifest.epoch == previous.manifest.epoch && manifest.publicKey == previous.manifest.publicKey
      let isNextEpoch =
        manifest.epoch == previous.manifest.epoch + 1 && manifest.publicKey != previous.manifest.publicKey
      guard isSameEpoch || isNextEpoch else { throw VaultError.tampered("A manifest") }
    } else if compartment == .audit {
      // Epoch 1 of `audit` is the key in the genesis; its first manifest begins the second.
      guard manifest.epoch == 2, genesis.founder(manifest.signer)?.role == .auditor else {
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
        guard try account(name).keys == member.keys else { throw VaultError.tampered("A member of a manifest") }
      case .recovery:
        guard let recovery = genesis.recovery,
          member.keys == MemberKeys(verifying: recovery.verifyingKey, sealing: recovery.sealingKey)
        else { throw VaultError.tampered("A member of a manifest") }
      }
    }
    return VerifiedManifest(manifest: manifest, hash: hash, publicKeys: publicKeys, after: previous)
  }
}
