import VaultCrypto
import VaultModel

/// The document a vault begins with; its hash is the vault's id (docs/format.md, "Genesis").
struct Genesis: Sendable {
  struct Founder: Sendable, Equatable {
    let name: AccountName
    let role: Role
    let codeHash: [UInt8]
  }

  struct Recovery: Sendable, Equatable {
    let sealingKey: SealingKey
    let verifyingKey: VerifyingKey
  }

  static let founderRoles: Set<Role> = [.administrator, .supervisor, .auditor]
  private static let demoFlag: UInt64 = 1
  private static let insecureFlag: UInt64 = 2

  let created: Timestamp
  let isDemo: Bool
  /// Founded with `--insecure-founding`.
  let isInsecure: Bool
  let logKey: VerifyingKey
  /// Public key of the audit compartment's first epoch, which the founding period is logged to.
  let auditKey: SealingKey
  let recovery: Recovery?
  let founders: [Founder]
  let bytes: [UInt8]

  var vaultID: [UInt8] { SHA256.hash(bytes) }

  init(
    created: Timestamp, isDemo: Bool, isInsecure: Bool, logKey: VerifyingKey, auditKey: SealingKey, recovery: Recovery?,
    founders: [Founder]
  ) {
    self.created = created
    self.isDemo = isDemo
    self.isInsecure = isInsecure
    self.logKey = logKey
    self.auditKey = auditKey
    self.recovery = recovery
    self.founders = founders
    var encoding = CanonicalEncoding("genesis")
    encoding.append(created.milliseconds)
    encoding.append(randomBytes(32))
    encoding.append((isDemo ? Genesis.demoFlag : 0) | (isInsecure ? Genesis.insecureFlag : 0))
    encoding.append(logKey.bytes)
    encoding.append(auditKey.bytes)
    encoding.append(recovery?.sealingKey.bytes ?? [])
    encoding.append(recovery?.verifyingKey.bytes ?? [])
    encoding.append(
      list: founders.map { founder in
        var item = CanonicalEncoding("founder")
        item.append(founder.name.description)
        item.append(founder.role.rawValue)
        item.append(founder.codeHash)
        return item.bytes
      })
    bytes = encoding.bytes
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "genesis")
    created = Timestamp(milliseconds: try decoder.integer())
    _ = try decoder.field(exactly: 32)
    let flags = try decoder.integer()
    guard flags & ~(Genesis.demoFlag | Genesis.insecureFlag) == 0 else {
      throw CryptoError(.unsupported, "unknown flag in the genesis")
    }
    isDemo = flags & Genesis.demoFlag != 0
    isInsecure = flags & Genesis.insecureFlag != 0
    logKey = try VerifyingKey(decoder.field(exactly: 32))
    auditKey = try SealingKey(decoder.field(exactly: 32))
    let sealing = try decoder.field(limit: 32)
    let verifying = try decoder.field(limit: 32)
    recovery =
      sealing.isEmpty && verifying.isEmpty
      ? nil : Recovery(sealingKey: try SealingKey(sealing), verifyingKey: try VerifyingKey(verifying))
    var founders: [Founder] = []
    for _ in 0..<(try decoder.count(limit: 3)) {
      var item = try CanonicalDecoder(decoder.field(limit: 512), purpose: "founder")
      let name = try AccountName(item.text(limit: 64))
      guard let role = Role(rawValue: try item.text(limit: 32)) else { throw CryptoError(.malformed, "unknown role") }
      founders.append(Founder(name: name, role: role, codeHash: try item.field(exactly: 32)))
      try item.finish()
    }
    try decoder.finish()
    guard Set(founders.map(\.role)) == Genesis.founderRoles, founders.count == 3, Set(founders.map(\.name)).count == 3
    else {
      throw CryptoError(.malformed, "a vault has one founder of each founding role")
    }
    self.founders = founders
    self.bytes = bytes
  }

  func founder(_ name: AccountName) -> Founder? { founders.first { $0.name == name } }
}

extension OneTimeCode {
  /// What genesis and invitation say of a code: H(E("code"; its verifying key)).
  static func hash(of verifyingKey: VerifyingKey) -> [UInt8] {
    var encoding = CanonicalEncoding("code")
    encoding.append(verifyingKey.bytes)
    return SHA256.hash(encoding.bytes)
  }
}
