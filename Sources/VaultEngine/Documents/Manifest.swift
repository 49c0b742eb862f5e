import VaultCrypto
import VaultModel

/// Who belongs to a compartment in one epoch, signed, and chained to the manifest before it
/// (docs/format.md, "Manifest").
struct Manifest: Sendable {
  struct Member: Hashable, Sendable {
    let name: MemberName
    let keys: MemberKeys
    let verbs: Set<Verb>
    /// nil: without end.
    let expires: Timestamp?
    /// Hash of the member's grant of this epoch; nil where the member holds no key (a service that only submits).
    let grantHash: [UInt8]?

    func isCurrent(at now: Timestamp) -> Bool { expires.map { now < $0 } ?? true }
  }

  /// More people than any one programme has; a forged list cannot make the daemon work for long, and the new epoch of
  /// all nine compartments fits into one submission when somebody leaves.
  static let memberCountMax = 250
  private static let noHash = [UInt8](repeating: 0, count: 32)

  let vault: [UInt8]
  let compartment: Compartment
  let epoch: UInt64
  let serial: UInt64
  let publicKey: SealingKey
  let previous: [UInt8]?
  let signer: MemberName
  let signed: Timestamp
  let members: [Member]
  let bytes: [UInt8]

  init(
    vault: [UInt8], compartment: Compartment, epoch: UInt64, serial: UInt64, publicKey: SealingKey, previous: [UInt8]?,
    signer: MemberName, signed: Timestamp, members: [Member]
  ) {
    self.vault = vault
    self.compartment = compartment
    self.epoch = epoch
    self.serial = serial
    self.publicKey = publicKey
    self.previous = previous
    self.signer = signer
    self.signed = signed
    self.members = members
    var encoding = CanonicalEncoding("manifest")
    encoding.append(vault)
    encoding.append(compartment.description)
    encoding.append(epoch)
    encoding.append(serial)
    encoding.append(publicKey.bytes)
    encoding.append(previous ?? Manifest.noHash)
    encoding.append(signer.description)
    encoding.append(signed.milliseconds)
    encoding.append(
      list: members.map { member in
        var item = CanonicalEncoding("member")
        item.append(member.name.description)
        item.append(member.keys.verifying.bytes)
        item.append(member.keys.sealing.bytes)
        item.append(list: member.verbs.map(\.rawValue).sorted().map { Array($0.utf8) })
        item.append(member.expires?.milliseconds ?? 0)
        item.append(member.grantHash ?? Manifest.noHash)
        return item.bytes
      })
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "manifest")
    vault = try decoder.field(exactly: 32)
    compartment = try Compartment(decoder.text(limit: 128))
    epoch = try decoder.integer()
    serial = try decoder.integer()
    publicKey = try SealingKey(decoder.field(exactly: 32))
    let previous = try decoder.field(exactly: 32)
    self.previous = previous == Manifest.noHash ? nil : previous
    signer = try MemberName(decoding: decoder.text(limit: 64))
    signed = Timestamp(milliseconds: try decoder.integer())
    var members: [Member] = []
    for _ in 0..<(try decoder.count(limit: Manifest.memberCountMax)) {
      members.append(try Member(decoding: decoder.field(limit: 1024)))
    }
    try decoder.finish()
    guard Set(members.map(\.name)).count == members.count else {
      throw CryptoError(.malformed, "a member is named twice")
    }
    self.members = members
    self.bytes = bytes
  }

  var hash: [UInt8] { SHA256.hash(bytes) }

  func member(_ name: AccountName) -> Member? { member(.account(name)) }

  func member(_ name: MemberName) -> Member? { members.first { $0.name == name } }

  static func signedBytes(hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("manifest-signature")
    encoding.append(hash)
    return encoding.bytes
  }
}

extension Manifest.Member {
  fileprivate init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "member")
    name = try MemberName(decoding: decoder.text(limit: 64))
    keys = MemberKeys(
      verifying: try VerifyingKey(decoder.field(exactly: 32)), sealing: try SealingKey(decoder.field(exactly: 32)))
    var verbs: Set<Verb> = []
    for _ in 0..<(try decoder.count(limit: Verb.allCases.count)) {
      guard let verb = Verb(rawValue: try decoder.text(limit: 32)) else {
        throw CryptoError(.malformed, "unknown verb")
      }
      verbs.insert(verb)
    }
    self.verbs = verbs
    let expires = try decoder.integer()
    self.expires = expires == 0 ? nil : Timestamp(milliseconds: expires)
    let hash = try decoder.field(exactly: 32)
    grantHash = hash.allSatisfy { $0 == 0 } ? nil : hash
    try decoder.finish()
  }
}
