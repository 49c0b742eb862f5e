import VaultCrypto
import VaultModel

/// What an account is: its keys, proven by the one-time code and by the keys themselves
/// (docs/format.md, "Account certificate").
struct Certificate: Sendable {
  let vault: [UInt8]
  let name: AccountName
  let role: Role
  let peer: BoundPeer
  let codeKey: VerifyingKey
  let verifyingKey: VerifyingKey
  let sealingKey: SealingKey
  /// H(invitation), or the vault's id for a founder.
  let authority: [UInt8]
  let enrolled: Timestamp
  let bytes: [UInt8]

  init(
    vault: [UInt8], name: AccountName, role: Role, peer: BoundPeer, codeKey: VerifyingKey, verifyingKey: VerifyingKey,
    sealingKey: SealingKey, authority: [UInt8], enrolled: Timestamp
  ) {
    self.vault = vault
    self.name = name
    self.role = role
    self.peer = peer
    self.codeKey = codeKey
    self.verifyingKey = verifyingKey
    self.sealingKey = sealingKey
    self.authority = authority
    self.enrolled = enrolled
    var encoding = CanonicalEncoding("certificate")
    encoding.append(vault)
    encoding.append(name.description)
    encoding.append(role.rawValue)
    encoding.append(peer.description)
    encoding.append(codeKey.bytes)
    encoding.append(verifyingKey.bytes)
    encoding.append(sealingKey.bytes)
    encoding.append(authority)
    encoding.append(enrolled.milliseconds)
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "certificate")
    vault = try decoder.field(exactly: 32)
    name = try AccountName(decoder.text(limit: 64))
    guard let role = Role(rawValue: try decoder.text(limit: 32)) else { throw CryptoError(.malformed, "unknown role") }
    self.role = role
    peer = try BoundPeer(decoding: decoder.text(limit: 16))
    codeKey = try VerifyingKey(decoder.field(exactly: 32))
    verifyingKey = try VerifyingKey(decoder.field(exactly: 32))
    sealingKey = try SealingKey(decoder.field(exactly: 32))
    authority = try decoder.field(exactly: 32)
    enrolled = Timestamp(milliseconds: try decoder.integer())
    try decoder.finish()
    self.bytes = bytes
  }

  var hash: [UInt8] { SHA256.hash(bytes) }

  /// Both signatures, the code's and the account's own, are over these bytes.
  static func signedBytes(hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("certificate-signature")
    encoding.append(hash)
    return encoding.bytes
  }
}
