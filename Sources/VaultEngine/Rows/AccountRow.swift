import VaultCrypto
import VaultModel

/// What the vault keeps of an account, from invitation to suspension.
struct AccountRow: Sendable {
  enum State: UInt64, Sendable {
    case invited = 1
    case active = 2
    case suspended = 3
  }

  /// What the account was before its keys were replaced: what it signed then stays verifiable.
  struct Predecessor: Sendable {
    /// nil for a founder.
    let invitation: SignedDocument?
    let certificate: [UInt8]
    let codeSignature: [UInt8]
    let ownSignature: [UInt8]
  }

  /// Nobody loses a passphrase as often as that.
  static let predecessorCountMax = 16
  private static let documentByteCountMax = 4096

  var state: State
  /// nil for a founder, whose authority is the genesis.
  var invitation: SignedDocument?
  /// nil until enrolment, as are the three that follow.
  var certificate: [UInt8]?
  var codeSignature: [UInt8]
  var ownSignature: [UInt8]
  var lock: [UInt8]
  /// Oldest first.
  var earlier: [Predecessor] = []

  static func invited(_ invitation: SignedDocument?) -> AccountRow {
    AccountRow(state: .invited, invitation: invitation, certificate: nil, codeSignature: [], ownSignature: [], lock: [])
  }

  private init(
    state: State, invitation: SignedDocument?, certificate: [UInt8]?, codeSignature: [UInt8], ownSignature: [UInt8],
    lock: [UInt8]
  ) {
    self.state = state
    self.invitation = invitation
    self.certificate = certificate
    self.codeSignature = codeSignature
    self.ownSignature = ownSignature
    self.lock = lock
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "account")
    guard let state = State(rawValue: try decoder.integer()) else {
      throw CryptoError(.malformed, "unknown account state")
    }
    self.state = state
    let invitation = try decoder.field(limit: AccountRow.documentByteCountMax)
    let signature = try decoder.field(limit: VerifyingKey.signatureByteCount)
    self.invitation = invitation.isEmpty ? nil : SignedDocument(document: invitation, signature: signature)
    let certificate = try decoder.field(limit: AccountRow.documentByteCountMax)
    self.certificate = certificate.isEmpty ? nil : certificate
    codeSignature = try decoder.field(limit: VerifyingKey.signatureByteCount)
    ownSignature = try decoder.field(limit: VerifyingKey.signatureByteCount)
    lock = try decoder.field(limit: AccountRow.documentByteCountMax)
    // Absent where nothing was ever replaced.
    if !decoder.isAtEnd {
      for _ in 0..<(try decoder.count(limit: AccountRow.predecessorCountMax)) {
        earlier.append(
          try Predecessor(decoding: decoder.field(limit: 4 * AccountRow.documentByteCountMax)))
      }
      guard !earlier.isEmpty else { throw CryptoError(.malformed, "an empty list is left out") }
    }
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("account")
    encoding.append(state.rawValue)
    encoding.append(invitation?.document ?? [])
    encoding.append(invitation?.signature ?? [])
    encoding.append(certificate ?? [])
    encoding.append(codeSignature)
    encoding.append(ownSignature)
    encoding.append(lock)
    if !earlier.isEmpty { encoding.append(list: earlier.map(\.bytes)) }
    return encoding.bytes
  }

  /// All keys that the account had, oldest first, those of now last if it has any.
  var generations: [Predecessor] {
    guard let certificate else { return earlier }
    return earlier + [
      Predecessor(
        invitation: invitation, certificate: certificate, codeSignature: codeSignature, ownSignature: ownSignature)
    ]
  }

  /// The same person before they enrol anew: what they were is kept, what they locked is not.
  func replaced(by invitation: SignedDocument) -> AccountRow {
    var next = AccountRow.invited(invitation)
    next.earlier = generations
    return next
  }
}

extension AccountRow.Predecessor {
  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "predecessor")
    let invitation = try decoder.field(limit: 4096)
    let signature = try decoder.field(limit: VerifyingKey.signatureByteCount)
    self.invitation = invitation.isEmpty ? nil : SignedDocument(document: invitation, signature: signature)
    certificate = try decoder.field(limit: 4096)
    codeSignature = try decoder.field(exactly: VerifyingKey.signatureByteCount)
    ownSignature = try decoder.field(exactly: VerifyingKey.signatureByteCount)
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("predecessor")
    encoding.append(invitation?.document ?? [])
    encoding.append(invitation?.signature ?? [])
    encoding.append(certificate)
    encoding.append(codeSignature)
    encoding.append(ownSignature)
    return encoding.bytes
  }
}
