import VaultCrypto

/// One of the people behind an acceptance under one of their keys, with every signature that stands between them and the
/// genesis. Somebody whose keys were replaced is there once for each.
public struct AcceptancePerson: Hashable, Sendable {
  public var name: String
  /// Empty for a founder's first keys, as is its signature.
  public var invitation: [UInt8]
  public var invitationSignature: [UInt8]
  public var certificate: [UInt8]
  public var codeSignature: [UInt8]
  public var ownSignature: [UInt8]
  /// A manifest that somebody of the same role signed and that names this person: an administrator alone makes no
  /// supervisor and no auditor. Empty for founders, and for administrators.
  public var manifest: [UInt8]
  public var manifestSignature: [UInt8]

  public init(
    name: String, invitation: [UInt8] = [], invitationSignature: [UInt8] = [], certificate: [UInt8],
    codeSignature: [UInt8], ownSignature: [UInt8], manifest: [UInt8] = [], manifestSignature: [UInt8] = []
  ) {
    self.name = name
    self.invitation = invitation
    self.invitationSignature = invitationSignature
    self.certificate = certificate
    self.codeSignature = codeSignature
    self.ownSignature = ownSignature
    self.manifest = manifest
    self.manifestSignature = manifestSignature
  }
}

/// A succession with the signatures of those who accepted it, and what proves who they are. As it came: nothing of it is
/// believed yet.
public struct UnverifiedAcceptance: Hashable, Sendable {
  public static let byteCountMax = 8 << 20
  static let personCountMax = 256
  static let manifestByteCountMax = 1 << 20
  static let recoveryCountMax = 1000

  public struct Signature: Hashable, Sendable {
    public var name: String
    public var signature: [UInt8]

    public init(name: String, signature: [UInt8]) {
      self.name = name
      self.signature = signature
    }
  }

  /// What a recovery left behind, signed by the seed that performed it.
  public struct Recovery: Hashable, Sendable {
    public var document: [UInt8]
    public var signature: [UInt8]

    public init(document: [UInt8], signature: [UInt8]) {
      self.document = document
      self.signature = signature
    }
  }

  public let genesis: [UInt8]
  public let succession: [UInt8]
  public let signatures: [Signature]
  public let people: [AcceptancePerson]
  /// The vault's recoveries from the first on, where one of them named somebody of these people; else empty.
  public let recoveries: [Recovery]

  public init(
    genesis: [UInt8], succession: [UInt8], signatures: [Signature], people: [AcceptancePerson],
    recoveries: [Recovery] = []
  ) {
    self.genesis = genesis
    self.succession = succession
    self.signatures = signatures
    self.people = people
    self.recoveries = recoveries
  }

  public init(decoding bytes: [UInt8]) throws(LogError) {
    do {
      guard bytes.count <= UnverifiedAcceptance.byteCountMax else {
        throw CryptoError(.malformed, "acceptance is too long")
      }
      var decoder = try CanonicalDecoder(bytes, purpose: "acceptance")
      genesis = try decoder.field(limit: 4096)
      succession = try decoder.field(limit: Succession.byteCountMax)
      var signatures: [Signature] = []
      for _ in 0..<(try decoder.count(limit: 2)) {
        var item = try CanonicalDecoder(decoder.field(limit: 512), purpose: "acceptance-signature")
        signatures.append(Signature(name: try item.text(limit: 64), signature: try item.field(exactly: 64)))
        try item.finish()
      }
      self.signatures = signatures
      var people: [AcceptancePerson] = []
      for _ in 0..<(try decoder.count(limit: UnverifiedAcceptance.personCountMax)) {
        var item = try CanonicalDecoder(
          decoder.field(limit: 2 * UnverifiedAcceptance.manifestByteCountMax), purpose: "acceptance-person")
        people.append(
          AcceptancePerson(
            name: try item.text(limit: 64), invitation: try item.field(limit: 4096),
            invitationSignature: try item.field(limit: 64), certificate: try item.field(limit: 4096),
            codeSignature: try item.field(exactly: 64), ownSignature: try item.field(exactly: 64),
            manifest: try item.field(limit: UnverifiedAcceptance.manifestByteCountMax),
            manifestSignature: try item.field(limit: 64)))
        try item.finish()
      }
      self.people = people
      var recoveries: [Recovery] = []
      if !decoder.isAtEnd {
        for _ in 0..<(try decoder.count(limit: UnverifiedAcceptance.recoveryCountMax)) {
          var item = try CanonicalDecoder(
            decoder.field(limit: UnverifiedAcceptance.manifestByteCountMax), purpose: "signed-recovery")
          recoveries.append(
            Recovery(
              document: try item.field(limit: UnverifiedAcceptance.manifestByteCountMax),
              signature: try item.field(exactly: 64)))
          try item.finish()
        }
        guard !recoveries.isEmpty else { throw CryptoError(.malformed, "an empty list is left out") }
      }
      self.recoveries = recoveries
      try decoder.finish()
    } catch { throw LogError(.malformed, "acceptance is not in its form") }
  }

  public var bytes: [UInt8] {
    var encoding = CanonicalEncoding("acceptance")
    encoding.append(genesis)
    encoding.append(succession)
    encoding.append(
      list: signatures.map { signature in
        var item = CanonicalEncoding("acceptance-signature")
        item.append(signature.name)
        item.append(signature.signature)
        return item.bytes
      })
    encoding.append(
      list: people.map { person in
        var item = CanonicalEncoding("acceptance-person")
        item.append(person.name)
        for field in [
          person.invitation, person.invitationSignature, person.certificate, person.codeSignature, person.ownSignature,
          person.manifest, person.manifestSignature,
        ] { item.append(field) }
        return item.bytes
      })
    if !recoveries.isEmpty {
      encoding.append(
        list: recoveries.map { recovery in
          var item = CanonicalEncoding("signed-recovery")
          item.append(recovery.document)
          item.append(recovery.signature)
          return item.bytes
        })
    }
    return encoding.bytes
  }

  /// What two people accepted, if a supervisor and an auditor of this very vault signed it.
  ///
  /// - Parameter vaultID: as the client has pinned it; everything is chained to the genesis that has this hash.
  /// - Throws: `notAuthentic`, `malformed`.
  public func verified(vaultID: [UInt8]) throws(LogError) -> VerifiedAcceptance {
    do { return try AcceptanceCheck(self, vaultID: vaultID).run() } catch let error as LogError { throw error } catch {
      throw LogError(.notAuthentic, "acceptance does not verify")
    }
  }
}

/// An acceptance whose two signatures lead to the genesis of the pinned vault.
public struct VerifiedAcceptance: Hashable, Sendable {
  public struct Accepter: Hashable, Sendable {
    public let name: String
    public let role: String
  }

  public let succession: Succession
  /// The log that follows, and its key: the same key under the next name.
  public let log: NoteKey
  /// The log before, as far as it is kept.
  public let kept: VerifiedCheckpoint
  /// The newest that was known of it; nil where nothing newer was known than what is kept.
  public let newest: VerifiedCheckpoint?
  public let accepters: [Accepter]

  fileprivate init(
    succession: Succession, log: NoteKey, kept: VerifiedCheckpoint, newest: VerifiedCheckpoint?, accepters: [Accepter]
  ) {
    self.succession = succession
    self.log = log
    self.kept = kept
    self.newest = newest
    self.accepters = accepters
  }
}

/// Follows every signature to the genesis.
private struct AcceptanceCheck {
  private static let roles: Set<String> = ["supervisor", "auditor"]
  private static let depthMax = 16
  private static let recoveryName = "-recovery"

  private let acceptance: UnverifiedAcceptance
  private let vaultID: [UInt8]
  private let genesis: GenesisFacts
  private let people: [String: [AcceptancePerson]]
  /// Whom recoveries named: H(invitation), and the key that signed it.
  private let recovered: [String: (invitation: [UInt8], signer: VerifyingKey)]

  private static func refusal(_ reason: StaticString) -> LogError { LogError(.notAuthentic, reason) }

  init(_ acceptance: UnverifiedAcceptance, vaultID: [UInt8]) throws {
    guard SHA256.hash(acceptance.genesis) == vaultID else { throw Self.refusal("acceptance is of another vault") }
    self.acceptance = acceptance
    self.vaultID = vaultID
    genesis = try GenesisFacts(decoding: acceptance.genesis)
    people = Dictionary(grouping: acceptance.people, by: \.name)
    guard Set(acceptance.people.map(\.certificate)).count == acceptance.people.count else {
      throw Self.refusal("somebody is named twice")
    }
    recovered = try Self.recovered(by: acceptance.recoveries, genesis: genesis, vaultID: vaultID)
  }

  /// Each recovery is signed by the key that the one before named, the first by the genesis'.
  private static func recovered(
    by recoveries: [UnverifiedAcceptance.Recovery], genesis: GenesisFacts, vaultID: [UInt8]
  ) throws -> [String: (invitation: [UInt8], signer: VerifyingKey)] {
    var named: [String: (invitation: [UInt8], signer: VerifyingKey)] = [:]
    var next = genesis.recovery
    var previous = [UInt8](repeating: 0, count: SHA256.byteCount)
    for (index, recovery) in recoveries.enumerated() {
      let facts = try RecoveryFacts(decoding: recovery.document)
      guard let signer = next, facts.vault == vaultID, facts.number == UInt64(index) + 1, facts.previous == previous
      else { throw refusal("a recovery does not follow the one before it") }
      previous = SHA256.hash(recovery.document)
      var signed = CanonicalEncoding("recovery-signature")
      signed.append(previous)
      try signer.verify(recovery.signature, over: signed.bytes)
      // A name gets its authority once.
      for (name, invitation) in facts.invited where named[name] == nil { named[name] = (invitation, signer) }
      next = facts.verifying
    }
    return named
  }

  func run() throws -> VerifiedAcceptance {
    let succession = try Succession(decoding: acceptance.succession)
    guard succession.vaultID == vaultID else { throw Self.refusal("succession is of another vault") }
    guard acceptance.signatures.count == 2, Set(acceptance.signatures.map(\.name)).count == 2 else {
      throw Self.refusal("a restore is accepted by two people")
    }
    var accepters: [VerifiedAcceptance.Accepter] = []
    for signature in acceptance.signatures {
      let role = try signer(signature.name, of: signature.signature, depth: 0) { role in
        Succession.signedBytes(hash: succession.hash, name: signature.name, role: role)
      }
      guard Self.roles.contains(role) else { throw Self.refusal("somebody signed who may not accept a restore") }
      accepters.append(VerifiedAcceptance.Accepter(name: signature.name, role: role))
    }
    guard Set(accepters.map(\.role)) == Self.roles else {
      throw Self.refusal("a supervisor and an auditor accept a restore")
    }
    let log = NoteKey(
      name: try Succession.origin(vaultID: vaultID, number: succession.number), algorithm: .ed25519,
      key: genesis.logKey)
    return VerifiedAcceptance(
      succession: succession, log: log,
      kept: try older(succession.kept, before: succession.number),
      newest: succession.newest.isEmpty ? nil : try older(succession.newest, before: succession.number),
      accepters: accepters)
  }

  /// A checkpoint of one of this vault's logs before this one.
  private func older(_ note: [UInt8], before number: UInt64) throws -> VerifiedCheckpoint {
    let unverified = try UnverifiedCheckpoint(encoded: note)
    let name = unverified.claim.origin
    guard let digits = name.text.split(separator: "/").last, let older = UInt64(digits), (1..<number).contains(older),
      try Succession.origin(vaultID: vaultID, number: older) == name
    else { throw Self.refusal("succession of a log that is not of this vault") }
    return try unverified.verified(by: NoteKey(name: name, algorithm: .ed25519, key: genesis.logKey))
  }

  /// The role of somebody who made a signature with one of their keys, if everything behind that key holds.
  private func signer(
    _ name: String, of signature: [UInt8], depth: Int, over bytes: (_ role: String) -> [UInt8]
  ) throws -> String {
    for person in people[name] ?? [] {
      let certificate = try CertificateFacts(decoding: person.certificate)
      guard (try? certificate.verifying.verify(signature, over: bytes(certificate.role))) != nil else { continue }
      try check(person, certificate, depth: depth)
      return certificate.role
    }
    throw Self.refusal("a signature leads nowhere")
  }

  /// From the genesis, or invited by an administrator and named by one of their own role.
  private func check(_ person: AcceptancePerson, _ certificate: CertificateFacts, depth: Int) throws {
    guard depth < Self.depthMax else { throw Self.refusal("a signature leads nowhere") }
    guard certificate.vault == vaultID, certificate.name == person.name else {
      throw Self.refusal("a certificate is somebody else's")
    }
    let founder = genesis.founders[person.name]
    guard founder == nil || founder?.role == certificate.role else {
      throw Self.refusal("a certificate is not the founder's")
    }
    let codeHash: [UInt8]
    if let founder, certificate.authority == vaultID {
      codeHash = founder.codeHash
    } else {
      // Also a founder whose keys were replaced: an administrator and one of their own role stand behind the new ones.
      codeHash = try invited(person, certificate, depth: depth)
    }
    var code = CanonicalEncoding("code")
    code.append(certificate.codeKey.bytes)
    guard SHA256.hash(code.bytes) == codeHash else { throw Self.refusal("a certificate was made with another code") }
    var signed = CanonicalEncoding("certificate-signature")
    signed.append(SHA256.hash(person.certificate))
    try certificate.codeKey.verify(person.codeSignature, over: signed.bytes)
    try certificate.verifying.verify(person.ownSignature, over: signed.bytes)
  }

  /// The hash of the code that the invitation names.
  private func invited(_ person: AcceptancePerson, _ certificate: CertificateFacts, depth: Int) throws -> [UInt8] {
    let invitation = try InvitationFacts(decoding: person.invitation)
    let hash = SHA256.hash(person.invitation)
    guard invitation.vault == vaultID, invitation.name == person.name, invitation.role == certificate.role,
      certificate.authority == hash, certificate.enrolled < invitation.expires
    else { throw Self.refusal("a certificate does not fit its invitation") }
    var signed = CanonicalEncoding("invitation-signature")
    signed.append(hash)
    if invitation.inviter == Self.recoveryName {
      // As many people as it takes shares stand behind it: nobody else vouches for them.
      guard let recovered = recovered[person.name], recovered.invitation == hash else {
        throw Self.refusal("no recovery named somebody who signed")
      }
      try recovered.signer.verify(person.invitationSignature, over: signed.bytes)
      return invitation.codeHash
    }
    guard invitation.peer == certificate.peer else {
      throw Self.refusal("a certificate does not fit its invitation")
    }
    let inviter = try signer(invitation.inviter, of: person.invitationSignature, depth: depth + 1) { _ in signed.bytes }
    guard inviter == "administrator" else { throw Self.refusal("somebody invited who may not") }
    guard certificate.role != "administrator" else { return invitation.codeHash }
    let manifest = try ManifestFacts(decoding: person.manifest)
    guard manifest.vault == vaultID, manifest.signer != person.name,
      (manifest.compartment == "audit") == (certificate.role == "auditor"),
      let member = manifest.members[person.name], member.verifying == certificate.verifying.bytes,
      member.sealing == certificate.sealing
    else { throw Self.refusal("nobody of their own role vouches for somebody who signed") }
    var manifestSigned = CanonicalEncoding("manifest-signature")
    manifestSigned.append(SHA256.hash(person.manifest))
    let role = try signer(manifest.signer, of: person.manifestSignature, depth: depth + 1) { _ in manifestSigned.bytes }
    guard role == certificate.role else { throw Self.refusal("a manifest was signed by somebody who may not") }
    return invitation.codeHash
  }
}
