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

  /// What it was before its keys were replaced, oldest first: good for what was signed then, and for nothing new.
  let earlier: [Certificate]

  /// Whether the genesis or a recovery named the person, and no administrator did.
  private let isNamedByFounding: Bool

  /// Those that whoever founded or recovered the vault gave the person a one-time code for; nil where an administrator
  /// invited them, and until enrolment. Keys that replaced them are an administrator's word alone.
  var foundingKeys: MemberKeys? { isNamedByFounding ? knownKeys.first : nil }

  var isUnderFoundingKeys: Bool { keys != nil && keys == foundingKeys }

  /// As they are now; nil until enrolment.
  var keys: MemberKeys? { certificate.map { MemberKeys(of: $0) } }

  /// Also while it waits to enrol anew.
  var hasEnrolled: Bool { state != .invited || !earlier.isEmpty }

  /// Named by the genesis or a recovery and not here yet: the vault is not founded without them.
  var hasNeverCome: Bool { isNamedByFounding && certificates.isEmpty }

  /// Of every keys it had, oldest first.
  var certificates: [Certificate] { earlier + (certificate.map { [$0] } ?? []) }

  /// Now or ever.
  var knownKeys: [MemberKeys] { certificates.map { MemberKeys(of: $0) } }

  func knows(_ keys: MemberKeys) -> Bool { knownKeys.contains(keys) }

  /// Whether a manifest that names these keys means the account as it is now, and not as it was before a replacement. A
  /// recovery names who has not enrolled yet by the key of the one-time code.
  func isNamedNow(by keys: MemberKeys) -> Bool {
    self.keys == keys || OneTimeCode.hash(of: keys.verifying) == codeHash
  }

  /// What to verify signatures with of whoever was a member under these keys. An account has others too: an administrator
  /// alone can replace its keys, and those belong to nobody's membership until somebody grants it.
  func verifyingKeys(namedBy named: Set<MemberKeys>) -> [VerifyingKey] {
    named.compactMap { keys in
      knows(keys) ? keys.verifying : certificate(enrolledWith: keys.verifying)?.verifyingKey
    }
  }

  /// The one that this one-time code's key has signed, now or before.
  func certificate(enrolledWith codeKey: VerifyingKey) -> Certificate? {
    certificates.first { $0.codeKey == codeKey }
  }

  /// Those of now or of before that made a signature.
  func signer(of signature: [UInt8], over bytes: [UInt8]) throws(VaultError) -> MemberKeys {
    for keys in knownKeys where (try? keys.verifying.verify(signature, over: bytes)) != nil { return keys }
    throw .tampered("A signature")
  }

  /// Under the keys of now or of before.
  func verify(_ signature: [UInt8], over bytes: [UInt8]) throws(VaultError) {
    _ = try signer(of: signature, over: bytes)
  }

  fileprivate init(
    row: AccountRow, name: AccountName, genesis: Genesis, authority: (Invitation) throws -> InvitationAuthority?
  ) throws {
    state = row.state
    self.name = name
    var earlier: [Certificate] = []
    var role: Role?
    for predecessor in row.earlier {
      let vouched = try Vouched(
        predecessor.invitation, name: name, genesis: genesis, isFirst: earlier.isEmpty, authority: authority)
      guard role == nil || role == vouched.role else { throw VaultError.tampered("An account") }
      role = vouched.role
      earlier.append(
        try vouched.certificate(
          predecessor.certificate, codeSignature: predecessor.codeSignature, ownSignature: predecessor.ownSignature))
    }
    self.earlier = earlier
    let first = row.earlier.isEmpty ? row.invitation : row.earlier[0].invitation
    isNamedByFounding = try first.map { try Invitation(decoding: $0.document).inviter == .recovery } ?? true
    let vouched = try Vouched(
      row.invitation, name: name, genesis: genesis, isFirst: earlier.isEmpty, authority: authority)
    guard role == nil || role == vouched.role else { throw VaultError.tampered("An account") }
    self.role = vouched.role
    invitation = vouched.invitation
    codeHash = vouched.codeHash
    guard let bytes = row.certificate else {
      guard row.state != .active else { throw VaultError.tampered("An account") }
      certificate = nil
      lock = nil
      peer = invitation?.peer ?? .any
      return
    }
    let certificate = try vouched.certificate(
      bytes, codeSignature: row.codeSignature, ownSignature: row.ownSignature)
    self.certificate = certificate
    peer = certificate.peer
    lock = try AccountLock(decoding: row.lock)
  }
}

extension MemberKeys {
  init(of certificate: Certificate) {
    self.init(verifying: certificate.verifyingKey, sealing: certificate.sealingKey)
  }
}

/// Who vouches for an account, or for one of its replacements: the genesis, a recovery or an administrator.
private struct Vouched {
  let name: AccountName
  let genesis: Genesis
  let invitation: Invitation?
  let role: Role
  let codeHash: [UInt8]

  /// - Parameter isFirst: nothing was before it; a founder's first authority is the genesis and no invitation.
  init(
    _ signed: SignedDocument?, name: AccountName, genesis: Genesis, isFirst: Bool,
    authority: (Invitation) throws -> InvitationAuthority?
  ) throws {
    self.name = name
    self.genesis = genesis
    if let signed {
      let invitation = try Invitation(decoding: signed.document)
      guard invitation.vault == genesis.vaultID, invitation.name == name,
        !isFirst || genesis.founder(name) == nil
      else { throw VaultError.tampered("An invitation") }
      let inviter: VerifyingKey
      switch (invitation.inviter, try authority(invitation)) {
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
      guard isFirst, let founder = genesis.founder(name) else { throw VaultError.tampered("An account") }
      invitation = nil
      role = founder.role
      codeHash = founder.codeHash
    }
  }

  func certificate(_ bytes: [UInt8], codeSignature: [UInt8], ownSignature: [UInt8]) throws -> Certificate {
    let vault = genesis.vaultID
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
    try certificate.codeKey.verify(codeSignature, over: signedBytes)
    try certificate.verifyingKey.verify(ownSignature, over: signedBytes)
    return certificate
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
  /// Who was ever named a member with the right to write, by the keys that they were named with: authors of what was sealed
  /// to the public key.
  let writers: [AccountName: Set<MemberKeys>]
  /// Who let each present member in, or gave them new terms, having compared their fingerprint; nobody for themselves. A
  /// new epoch seals the keys anew to whoever stays, and vouches for nobody.
  let vouchers: [AccountName: Set<AccountName>]
  /// Likewise with the right to submit: authors of what waits to be reviewed, and of nothing else.
  let submitters: [AccountName: Set<MemberKeys>]
  /// Likewise with any right: those of `audit` are the auditors.
  let members: [AccountName: Set<MemberKeys>]

  fileprivate init(manifest: Manifest, hash: [UInt8], publicKeys: [UInt64: SealingKey], after previous: Self?) {
    self.manifest = manifest
    self.hash = hash
    self.publicKeys = publicKeys
    signers = (previous?.signers ?? []).union([manifest.signer])
    func adding(
      _ isOne: (Manifest.Member) -> Bool, to before: [AccountName: Set<MemberKeys>]?
    ) -> [AccountName: Set<MemberKeys>] {
      var all = before ?? [:]
      for member in manifest.members where isOne(member) {
        if let name = member.accountName { all[name, default: []].insert(member.keys) }
      }
      return all
    }
    writers = adding({ $0.verbs.contains(.write) }, to: previous?.writers)
    submitters = adding({ $0.verbs.contains(.submit) }, to: previous?.submitters)
    members = adding({ _ in true }, to: previous?.members)
    var vouchers: [AccountName: Set<AccountName>] = [:]
    for member in manifest.members {
      guard let name = member.accountName else { continue }
      let before = previous?.manifest.member(name)
      // Other keys may be another person.
      vouchers[name] = before?.keys == member.keys ? previous?.vouchers[name] ?? [] : []
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
  /// A member is named by the keys of their certificate or of one that it replaced; by those of their one-time code in what
  /// a recovery signed before they had enrolled.
  static func isNamed(_ member: Manifest.Member, rightly account: VerifiedAccount, by signer: MemberName) -> Bool {
    account.knows(member.keys)
      || signer == .recovery
        && (OneTimeCode.hash(of: member.keys.verifying) == account.codeHash
          || account.certificate(enrolledWith: member.keys.verifying) != nil)
  }

  static func verify(
    _ row: AccountRow, name: AccountName, genesis: Genesis, authority: (Invitation) throws -> InvitationAuthority?
  ) throws -> VerifiedAccount {
    try VerifiedAccount(row: row, name: name, genesis: genesis, authority: authority)
  }

  /// Checks one link: `previous` is nil for serial 1, which `beginners` may sign and whoever holds founding keys.
  static func verify(
    _ signed: SignedDocument, compartment: Compartment, after previous: VerifiedManifest?, genesis: Genesis,
    recoveries: RecoveryChain, beginners: Beginners, account: (AccountName) throws -> VerifiedAccount
  ) throws -> VerifiedManifest {
    let manifest = try Manifest(decoding: signed.document)
    let hash = manifest.hash
    guard manifest.vault == genesis.vaultID, manifest.compartment == compartment,
      manifest.serial == (previous?.manifest.serial ?? 0) + 1, manifest.previous == previous?.hash
    else { throw VaultError.tampered("A manifest") }
    var signer: VerifyingKey?
    switch manifest.signer {
    case .account(let name):
      let account = try account(name)
      let signingRole: Role = compartment == .audit ? .auditor : .supervisor
      guard account.role == signingRole else { throw VaultError.tampered("A manifest") }
      if let previous {
        // Under the keys by which the manifest before it names them: old keys of a replaced account end with the epoch.
        signer = previous.manifest.member(manifest.signer).flatMap { standing in
          if account.knows(standing.keys) { return standing.keys.verifying }
          // A recovery knew the one-time code only; the certificate ties the keys to it.
          guard previous.manifest.signer == .recovery else { return nil }
          return account.certificate(enrolledWith: standing.keys.verifying)?.verifyingKey
        }
      } else {
        let keys = try account.signer(of: signed.signature, over: Manifest.signedBytes(hash: hash))
        signer = beginners.include(account, under: keys) ? keys.verifying : nil
      }
    case .recovery:
      guard let link = recoveries.link(signing: hash), manifest.epoch == previous.map({ $0.manifest.epoch + 1 }),
        manifest.member(.recovery)?.keys == link.act.keys,
        previous?.manifest.member(.recovery)?.keys == link.signer
      else { throw VaultError.tampered("A manifest") }
      signer = link.signer.verifying
    }
    guard let signer else { throw VaultError.tampered("A manifest") }
    try signer.verify(signed.signature, over: Manifest.signedBytes(hash: hash))

    var publicKeys = previous?.publicKeys ?? [:]
    if let previous {
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
