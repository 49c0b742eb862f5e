import VaultCrypto
import VaultModel

/// What a recovery did, signed by the recovery key that the shares gave: the keys that come after it, whom it invited and
/// which manifests it signed (docs/format.md, "Recovery").
struct RecoveryAct: Sendable {
  enum Kind: UInt64, Sendable {
    /// Access was rebuilt for new people; everybody else is out.
    case rebuilt = 1
    /// New shares for other holders; everybody stays.
    case reissued = 2
  }

  struct Invited: Sendable, Hashable {
    let name: AccountName
    /// H(invitation).
    let invitation: [UInt8]
  }

  /// A ceremony that needs several people; more than these never happened, and each is read at every opening.
  static let countMax = 1000
  static let invitedCountMax = 3
  /// Nine compartments for each of two thousand programmes.
  private static let manifestCountMax = 18_000
  static let keyPrefix = Array("recovery/".utf8)
  private static let noHash = [UInt8](repeating: 0, count: 32)

  let vault: [UInt8]
  /// From 1.
  let number: UInt64
  /// H(the recovery before); nil for the first.
  let previous: [UInt8]?
  let kind: Kind
  let performed: Timestamp
  /// Of the new seed.
  let keys: MemberKeys
  let invited: [Invited]
  /// H of each manifest that this recovery signed, ascending.
  let manifests: [[UInt8]]
  let bytes: [UInt8]

  init(
    vault: [UInt8], number: UInt64, previous: [UInt8]?, kind: Kind, performed: Timestamp, keys: MemberKeys,
    invited: [Invited], manifests: [[UInt8]]
  ) {
    self.vault = vault
    self.number = number
    self.previous = previous
    self.kind = kind
    self.performed = performed
    self.keys = keys
    self.invited = invited
    self.manifests = manifests.sorted { $0.lexicographicallyPrecedes($1) }
    var encoding = CanonicalEncoding("recovery")
    encoding.append(vault)
    encoding.append(number)
    encoding.append(previous ?? RecoveryAct.noHash)
    encoding.append(kind.rawValue)
    encoding.append(performed.milliseconds)
    encoding.append(keys.sealing.bytes)
    encoding.append(keys.verifying.bytes)
    encoding.append(
      list: invited.map { person in
        var item = CanonicalEncoding("recovered-account")
        item.append(person.name.description)
        item.append(person.invitation)
        return item.bytes
      })
    encoding.append(list: self.manifests)
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "recovery")
    vault = try decoder.field(exactly: 32)
    number = try decoder.integer()
    let previous = try decoder.field(exactly: 32)
    self.previous = previous == RecoveryAct.noHash ? nil : previous
    guard let kind = Kind(rawValue: try decoder.integer()) else {
      throw CryptoError(.malformed, "unknown kind of recovery")
    }
    self.kind = kind
    performed = Timestamp(milliseconds: try decoder.integer())
    let sealing = try SealingKey(decoder.field(exactly: 32))
    keys = MemberKeys(verifying: try VerifyingKey(decoder.field(exactly: 32)), sealing: sealing)
    var invited: [Invited] = []
    for _ in 0..<(try decoder.count(limit: RecoveryAct.invitedCountMax)) {
      var item = try CanonicalDecoder(decoder.field(limit: 256), purpose: "recovered-account")
      invited.append(
        Invited(name: try AccountName(item.text(limit: 64)), invitation: try item.field(exactly: 32)))
      try item.finish()
    }
    var manifests: [[UInt8]] = []
    for _ in 0..<(try decoder.count(limit: RecoveryAct.manifestCountMax)) {
      let hash = try decoder.field(exactly: 32)
      guard manifests.last.map({ $0.lexicographicallyPrecedes(hash) }) ?? true else {
        throw CryptoError(.malformed, "hashes of manifests are not in order")
      }
      manifests.append(hash)
    }
    try decoder.finish()
    guard Set(invited.map(\.name)).count == invited.count else {
      throw CryptoError(.malformed, "an account is invited twice")
    }
    self.invited = invited
    self.manifests = manifests
    self.bytes = bytes
  }

  var hash: [UInt8] { SHA256.hash(bytes) }

  /// Of the row: its number, so that nobody needs a key to count them. The row's version is the time.
  static func key(_ number: UInt64) -> [UInt8] {
    keyPrefix + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
  }

  static func signedBytes(hash: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("recovery-signature")
    encoding.append(hash)
    return encoding.bytes
  }
}
