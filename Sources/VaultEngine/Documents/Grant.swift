import VaultCrypto
import VaultModel

/// Who holds a compartment: an account, or the recovery seed.
enum MemberName: Hashable, Sendable, CustomStringConvertible {
  case account(AccountName)
  case recovery

  private static let recoveryText = "-recovery"

  var description: String {
    switch self {
    case .account(let name): name.description
    case .recovery: MemberName.recoveryText
    }
  }

  init(decoding text: String) throws(IdentifierError) {
    self = text == MemberName.recoveryText ? .recovery : .account(try AccountName(text))
  }
}

/// The public keys a compartment secret is sealed to.
struct MemberKeys: Hashable, Sendable {
  let verifying: VerifyingKey
  let sealing: SealingKey
}

/// A compartment secret of one epoch, sealed to one member and signed by whoever granted it
/// (docs/format.md, "Grant").
struct Grant: Sendable {
  static let sealedByteCount = HPKE.overheadByteCount + 32

  let vault: [UInt8]
  let compartment: Compartment
  let epoch: UInt64
  let member: MemberName
  let keys: MemberKeys
  let granter: MemberName
  let granted: Timestamp
  let sealed: [UInt8]
  let bytes: [UInt8]

  init(
    sealing secret: OpeningKey, vault: [UInt8], compartment: Compartment, epoch: UInt64, member: MemberName,
    keys: MemberKeys,
    granter: MemberName, granted: Timestamp
  ) throws(CryptoError) {
    let info = Grant.sealInfo(vault: vault, compartment: compartment, epoch: epoch, member: member, keys: keys)
    self.vault = vault
    self.compartment = compartment
    self.epoch = epoch
    self.member = member
    self.keys = keys
    self.granter = granter
    self.granted = granted
    sealed = try HPKE.seal(secret.secretKey, to: keys.sealing, info: info, associatedData: [])
    var encoding = CanonicalEncoding("grant")
    encoding.append(vault)
    encoding.append(compartment.description)
    encoding.append(epoch)
    encoding.append(member.description)
    encoding.append(keys.verifying.bytes)
    encoding.append(keys.sealing.bytes)
    encoding.append(granter.description)
    encoding.append(granted.milliseconds)
    encoding.append(sealed)
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "grant")
    vault = try decoder.field(exactly: 32)
    compartment = try Compartment(decoder.text(limit: 128))
    epoch = try decoder.integer()
    member = try MemberName(decoding: decoder.text(limit: 64))
    keys = MemberKeys(
      verifying: try VerifyingKey(decoder.field(exactly: 32)), sealing: try SealingKey(decoder.field(exactly: 32)))
    granter = try MemberName(decoding: decoder.text(limit: 64))
    granted = Timestamp(milliseconds: try decoder.integer())
    sealed = try decoder.field(exactly: Grant.sealedByteCount)
    try decoder.finish()
    self.bytes = bytes
  }

  var hash: [UInt8] { SHA256.hash(bytes) }

  static func signedBytes(hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("grant-signature")
    encoding.append(hash)
    return encoding.bytes
  }

  /// `notAuthentic` for another member's key. The caller compares the result with the manifest's public key.
  func open(with key: OpeningKey) throws(CryptoError) -> OpeningKey {
    let info = Grant.sealInfo(vault: vault, compartment: compartment, epoch: epoch, member: member, keys: keys)
    return OpeningKey(secret: try HPKE.open(sealed, with: key, info: info, associatedData: []))
  }

  private static func sealInfo(
    vault: [UInt8], compartment: Compartment, epoch: UInt64, member: MemberName, keys: MemberKeys
  ) -> [UInt8] {
    var encoding = CanonicalEncoding("grant-seal")
    encoding.append(vault)
    encoding.append(compartment.description)
    encoding.append(epoch)
    encoding.append(member.description)
    encoding.append(keys.verifying.bytes)
    encoding.append(keys.sealing.bytes)
    return encoding.bytes
  }
}
