import VaultCrypto
import VaultModel
import VaultStore

/// The rows that change who belongs to one compartment: a new manifest, the grants it names, the head.
struct MembershipChange {
  /// A member as the new manifest will name them.
  struct Newcomer: Sendable {
    let name: MemberName
    let keys: MemberKeys
    let verbs: Set<Verb>
    let expires: Timestamp?
    /// False for a service that only submits: it is a member without the key.
    let holdsKey: Bool
  }

  let compartment: Compartment
  private let trust: Trust
  private let signer: MemberName
  private let signing: SigningKey
  private let now: Timestamp
  private(set) var changes: [RowChange] = []
  private(set) var heads: [PendingEntry.HeadChange] = []
  /// Hash of the newest grant that was made.
  private(set) var grantHash: [UInt8]?
  /// Secret of the epoch that a recovery began.
  private(set) var newest: OpeningKey?

  init(compartment: Compartment, trust: Trust, signer: AccountName, signing: SigningKey, now: Timestamp) {
    self.init(compartment: compartment, trust: trust, signedBy: .account(signer), signing: signing, now: now)
  }

  init(compartment: Compartment, trust: Trust, signedBy signer: MemberName, signing: SigningKey, now: Timestamp) {
    self.compartment = compartment
    self.trust = trust
    self.signer = signer
    self.signing = signing
    self.now = now
  }

  /// The recovery seed belongs to every compartment of a vault with escrow.
  static func recovery(_ chain: RecoveryChain) -> [Newcomer] { chain.newest.map { [recovery($0)] } ?? [] }

  static func recovery(_ keys: MemberKeys) -> Newcomer {
    Newcomer(name: .recovery, keys: keys, verbs: [], expires: nil, holdsKey: true)
  }

  /// The first manifest; `earlier` are secrets of epochs before it that its members are to have.
  mutating func begin(
    epoch: UInt64, secret: OpeningKey, earlier: [UInt64: OpeningKey] = [:], members: [Newcomer]
  ) throws {
    for (epoch, secret) in earlier {
      for member in members where member.holdsKey { _ = try grant(secret, epoch: epoch, to: member, expect: .absent) }
    }
    let named = try members.map { member in
      Manifest.Member(
        name: member.name, keys: member.keys, verbs: member.verbs, expires: member.expires,
        grantHash: member.holdsKey ? try grant(secret, epoch: epoch, to: member, expect: .absent) : nil)
    }
    publish(
      Manifest(
        vault: trust.keys.vault, compartment: compartment, epoch: epoch, serial: 1, publicKey: secret.sealingKey,
        previous: nil,
        signer: signer, signed: now, members: named), headVersion: nil)
  }

  /// The same epoch with one member more, or with new terms for one; `held` are the secrets of all epochs that the
  /// signer has.
  mutating func add(
    _ member: Newcomer, to current: VerifiedManifest, head: Trust.Head, held: [UInt64: CompartmentKey]
  ) throws {
    var hash: [UInt8]?
    if member.holdsKey {
      for (epoch, key) in held {
        let made = try grant(key.opening, epoch: epoch, to: member, expect: .any)
        if epoch == current.manifest.epoch { hash = made }
      }
      guard hash != nil else { throw VaultError(.denied, "This account does not hold the newest key itself.") }
    }
    let named = Manifest.Member(
      name: member.name, keys: member.keys, verbs: member.verbs, expires: member.expires, grantHash: hash)
    let others = current.manifest.members.filter { $0.name != member.name }
    guard others.count < Manifest.memberCountMax else {
      throw VaultError(.conflict, "The programme has too many members.")
    }
    publish(
      Manifest(
        vault: trust.keys.vault, compartment: compartment, epoch: current.manifest.epoch,
        serial: current.manifest.serial + 1,
        publicKey: current.manifest.publicKey, previous: current.hash, signer: signer, signed: now,
        members: others + [named]),
      headVersion: head.version)
  }

  /// A new epoch without some members, or without any change of them: what is written from now on is closed to every key
  /// that was held before (P8).
  mutating func renew(
    without leavers: Set<MemberName>, from current: VerifiedManifest, head: Trust.Head
  ) throws {
    let secret = OpeningKey.random()
    let epoch = current.manifest.epoch + 1
    let staying = try current.manifest.members.filter { !leavers.contains($0.name) }.map { member in
      let holdsKey = member.grantHash != nil
      let newcomer = Newcomer(
        name: member.name, keys: member.keys, verbs: member.verbs, expires: member.expires, holdsKey: holdsKey)
      return Manifest.Member(
        name: member.name, keys: member.keys, verbs: member.verbs, expires: member.expires,
        grantHash: holdsKey ? try grant(secret, epoch: epoch, to: newcomer, expect: .absent) : nil)
    }
    for leaver in leavers {
      for epoch in current.publicKeys.keys {
        changes.append(.delete(.grant, trust.grantKey(compartment, epoch: epoch, member: leaver), expect: .any))
      }
    }
    publish(
      Manifest(
        vault: trust.keys.vault, compartment: compartment, epoch: epoch, serial: current.manifest.serial + 1,
        publicKey: secret.sealingKey, previous: current.hash, signer: signer, signed: now, members: staying),
      headVersion: head.version)
  }

  /// A new epoch for other members, signed by the recovery seed: whoever is not named holds no key of it, and loses the
  /// grants that they had. `heirs` are given the `held` secrets of the epochs before as well.
  mutating func recover(
    members: [Newcomer], heirs: Set<MemberName>, from current: VerifiedManifest, head: Trust.Head,
    held: [UInt64: CompartmentKey]
  ) throws {
    let staying = Set(members.map(\.name))
    for member in current.manifest.members where !staying.contains(member.name) {
      for epoch in current.publicKeys.keys {
        changes.append(.delete(.grant, trust.grantKey(compartment, epoch: epoch, member: member.name), expect: .any))
      }
    }
    for member in members where heirs.contains(member.name) {
      for (epoch, key) in held { _ = try grant(key.opening, epoch: epoch, to: member, expect: .any) }
    }
    let secret = OpeningKey.random()
    let epoch = current.manifest.epoch + 1
    let named = try members.map { member in
      Manifest.Member(
        name: member.name, keys: member.keys, verbs: member.verbs, expires: member.expires,
        grantHash: member.holdsKey ? try grant(secret, epoch: epoch, to: member, expect: .absent) : nil)
    }
    newest = secret
    publish(
      Manifest(
        vault: trust.keys.vault, compartment: compartment, epoch: epoch, serial: current.manifest.serial + 1,
        publicKey: secret.sealingKey, previous: current.hash, signer: signer, signed: now, members: named),
      headVersion: head.version)
  }

  private mutating func grant(
    _ secret: OpeningKey, epoch: UInt64, to member: Newcomer, expect: RowExpectation
  ) throws -> [UInt8] {
    let grant = try Grant(
      sealing: secret, vault: trust.keys.vault, compartment: compartment, epoch: epoch, member: member.name,
      keys: member.keys,
      granter: signer, granted: now)
    let signed = SignedDocument(
      document: grant.bytes, signature: signing.sign(Grant.signedBytes(hash: grant.hash)))
    let key = trust.grantKey(compartment, epoch: epoch, member: member.name)
    // Versions of grants: the time they were made, so that a renewed one is a newer row.
    let version = max(1, now.milliseconds)
    changes.append(
      .put(
        .grant, key, version: version,
        body: trust.keys.sealMetadata(signed.encoded(as: "signed-grant"), table: .grant, key: key, version: version),
        expect: expect))
    grantHash = grant.hash
    return grant.hash
  }

  private mutating func publish(_ manifest: Manifest, headVersion: UInt64?) {
    let hash = manifest.hash
    let signed = SignedDocument(document: manifest.bytes, signature: signing.sign(Manifest.signedBytes(hash: hash)))
    let key = trust.manifestKey(compartment, serial: manifest.serial)
    changes.append(
      .put(
        .manifest, key, version: 1,
        body: trust.keys.sealMetadata(signed.encoded(as: "signed-manifest"), table: .manifest, key: key, version: 1),
        expect: .absent))
    let headKey = trust.headKey(compartment)
    let version = (headVersion ?? 0) + 1
    var head = CanonicalEncoding("head")
    head.append(manifest.serial)
    head.append(hash)
    changes.append(
      .put(
        .manifest, headKey, version: version,
        body: trust.keys.sealMetadata(head.bytes, table: .manifest, key: headKey, version: version),
        expect: headVersion.map { .version($0) } ?? .absent))
    heads.append(
      PendingEntry.HeadChange(
        compartment: compartment, hash: hash, epoch: manifest.epoch, publicKey: manifest.publicKey))
  }
}
