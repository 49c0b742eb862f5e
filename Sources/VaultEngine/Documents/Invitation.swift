import VaultCrypto
import VaultModel

/// Which uid an account may come from.
public enum BoundPeer: Hashable, Sendable, CustomStringConvertible {
  /// Only in demo and insecurely founded vaults.
  case any
  case uid(UInt32)

  public var description: String {
    switch self {
    case .any: "any"
    case .uid(let uid): String(uid)
    }
  }

  init(decoding text: String) throws(CryptoError) {
    if text == "any" {
      self = .any
    } else if let uid = UInt32(text), String(uid) == text {
      self = .uid(uid)
    } else {
      throw CryptoError(.malformed, "uid is not a number")
    }
  }

  public func admits(_ uid: UInt32) -> Bool {
    switch self {
    case .any: true
    case .uid(let bound): bound == uid
    }
  }
}

/// The administrator's half of a membership (docs/format.md, "Invitation").
struct Invitation: Sendable {
  /// One working day and a night: codes are handed over in person.
  static let lifetimeSeconds: UInt64 = 24 * 3600
  /// A week: another code takes another gathering of share holders.
  static let recoveryLifetimeSeconds: UInt64 = 7 * 24 * 3600

  let vault: [UInt8]
  let name: AccountName
  let role: Role
  let peer: BoundPeer
  let codeHash: [UInt8]
  let issued: Timestamp
  let expires: Timestamp
  /// An administrator, or the recovery seed.
  let inviter: MemberName
  let bytes: [UInt8]

  init(
    vault: [UInt8], name: AccountName, role: Role, peer: BoundPeer, codeHash: [UInt8], issued: Timestamp,
    inviter: MemberName
  ) {
    self.vault = vault
    self.name = name
    self.role = role
    self.peer = peer
    self.codeHash = codeHash
    self.issued = issued
    self.expires = issued.adding(
      seconds: inviter == .recovery ? Invitation.recoveryLifetimeSeconds : Invitation.lifetimeSeconds)
    self.inviter = inviter
    var encoding = CanonicalEncoding("invitation")
    encoding.append(vault)
    encoding.append(name.description)
    encoding.append(role.rawValue)
    encoding.append(peer.description)
    encoding.append(codeHash)
    encoding.append(issued.milliseconds)
    encoding.append(expires.milliseconds)
    encoding.append(inviter.description)
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "invitation")
    vault = try decoder.field(exactly: 32)
    name = try AccountName(decoder.text(limit: 64))
    guard let role = Role(rawValue: try decoder.text(limit: 32)) else { throw CryptoError(.malformed, "unknown role") }
    self.role = role
    peer = try BoundPeer(decoding: decoder.text(limit: 16))
    codeHash = try decoder.field(exactly: 32)
    issued = Timestamp(milliseconds: try decoder.integer())
    expires = Timestamp(milliseconds: try decoder.integer())
    inviter = try MemberName(decoding: decoder.text(limit: 64))
    try decoder.finish()
    self.bytes = bytes
  }

  var hash: [UInt8] { SHA256.hash(bytes) }

  static func signedBytes(hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("invitation-signature")
    encoding.append(hash)
    return encoding.bytes
  }

  func signature(by key: SigningKey) -> [UInt8] { key.sign(Invitation.signedBytes(hash: hash)) }
}
