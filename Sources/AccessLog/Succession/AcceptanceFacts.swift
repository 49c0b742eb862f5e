import VaultCrypto

// Of each document what an acceptance rests on (docs/format.md); the daemon's own decoders check more.

struct GenesisFacts {
  struct Founder {
    let role: String
    let codeHash: [UInt8]
  }

  let logKey: VerifyingKey
  /// Of the first recovery seed; nil without escrow.
  let recovery: VerifyingKey?
  let founders: [String: Founder]

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "genesis")
    _ = try decoder.integer()
    _ = try decoder.field(exactly: 32)
    _ = try decoder.integer()
    logKey = try VerifyingKey(decoder.field(exactly: 32))
    _ = try decoder.field(exactly: 32)
    _ = try decoder.field(limit: 32)
    let recovery = try decoder.field(limit: 32)
    self.recovery = recovery.isEmpty ? nil : try VerifyingKey(recovery)
    var founders: [String: Founder] = [:]
    for _ in 0..<(try decoder.count(limit: 3)) {
      var item = try CanonicalDecoder(decoder.field(limit: 512), purpose: "founder")
      let name = try item.text(limit: 64)
      founders[name] = Founder(role: try item.text(limit: 32), codeHash: try item.field(exactly: 32))
      try item.finish()
    }
    try decoder.finish()
    self.founders = founders
  }
}

struct CertificateFacts {
  let vault: [UInt8]
  let name: String
  let role: String
  let peer: String
  let codeKey: VerifyingKey
  let verifying: VerifyingKey
  let sealing: [UInt8]
  let authority: [UInt8]
  let enrolled: UInt64

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "certificate")
    vault = try decoder.field(exactly: 32)
    name = try decoder.text(limit: 64)
    role = try decoder.text(limit: 32)
    peer = try decoder.text(limit: 16)
    codeKey = try VerifyingKey(decoder.field(exactly: 32))
    verifying = try VerifyingKey(decoder.field(exactly: 32))
    sealing = try decoder.field(exactly: 32)
    authority = try decoder.field(exactly: 32)
    enrolled = try decoder.integer()
    try decoder.finish()
  }
}

struct InvitationFacts {
  let vault: [UInt8]
  let name: String
  let role: String
  let peer: String
  let codeHash: [UInt8]
  let expires: UInt64
  let inviter: String

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "invitation")
    vault = try decoder.field(exactly: 32)
    name = try decoder.text(limit: 64)
    role = try decoder.text(limit: 32)
    peer = try decoder.text(limit: 16)
    codeHash = try decoder.field(exactly: 32)
    _ = try decoder.integer()
    expires = try decoder.integer()
    inviter = try decoder.text(limit: 64)
    try decoder.finish()
  }
}

struct ManifestFacts {
  struct Member {
    let verifying: [UInt8]
    let sealing: [UInt8]
  }

  private static let memberCountMax = 1000

  let vault: [UInt8]
  let compartment: String
  let signer: String
  let members: [String: Member]

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "manifest")
    vault = try decoder.field(exactly: 32)
    compartment = try decoder.text(limit: 128)
    _ = try decoder.integer()
    _ = try decoder.integer()
    _ = try decoder.field(exactly: 32)
    _ = try decoder.field(exactly: 32)
    signer = try decoder.text(limit: 64)
    _ = try decoder.integer()
    var members: [String: Member] = [:]
    for _ in 0..<(try decoder.count(limit: Self.memberCountMax)) {
      var item = try CanonicalDecoder(decoder.field(limit: 1024), purpose: "member")
      let name = try item.text(limit: 64)
      members[name] = Member(verifying: try item.field(exactly: 32), sealing: try item.field(exactly: 32))
    }
    try decoder.finish()
    self.members = members
  }
}

struct RecoveryFacts {
  private static let invitedCountMax = 3
  private static let manifestCountMax = 18_000

  let vault: [UInt8]
  let number: UInt64
  let previous: [UInt8]
  /// Of the seed that comes after it.
  let verifying: VerifyingKey
  let invited: [(name: String, invitation: [UInt8])]

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "recovery")
    vault = try decoder.field(exactly: 32)
    number = try decoder.integer()
    previous = try decoder.field(exactly: 32)
    _ = try decoder.integer()
    _ = try decoder.integer()
    _ = try decoder.field(exactly: 32)
    verifying = try VerifyingKey(decoder.field(exactly: 32))
    var invited: [(name: String, invitation: [UInt8])] = []
    for _ in 0..<(try decoder.count(limit: Self.invitedCountMax)) {
      var item = try CanonicalDecoder(decoder.field(limit: 256), purpose: "recovered-account")
      invited.append((name: try item.text(limit: 64), invitation: try item.field(exactly: 32)))
      try item.finish()
    }
    for _ in 0..<(try decoder.count(limit: Self.manifestCountMax)) { _ = try decoder.field(exactly: 32) }
    try decoder.finish()
    self.invited = invited
  }
}
