import VaultCrypto
public import VaultModel

/// What cannot be undone, or not by whoever did it: one person asks for it, another approves it (P7).
///
/// The canonical encoding is what both sign, so a case names all that matters of what will happen
/// (docs/format.md, "Request and approval").
public enum SensitiveAction: Equatable, Sendable {
  /// Every kind that the vault knows. A policy speaks of all of them, also of those that nothing asks for yet.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case reinstate, export, disclose, erase
    case breakGlass = "break-glass"
    case policy, pathway
    case recoveryRecipients = "recovery-recipients"
    case restoreAccept = "restore-accept"
  }

  /// A suspended account may log in again.
  case reinstate(AccountName)
  /// Another policy about approvals in the place of the one with this hash.
  case policy(ApprovalPolicy, replacing: [UInt8])

  /// A policy that states every rule takes a third of it.
  static let byteCountMax = 8192

  public var kind: Kind {
    switch self {
    case .reinstate: .reinstate
    case .policy: .policy
    }
  }

  /// True where the approval itself carries it out, in the same transaction; otherwise the approval is a permit that
  /// the one who asked redeems, once.
  var runsAtApproval: Bool {
    switch self {
    case .reinstate, .policy: true
    }
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding(kind.purpose)
    switch self {
    case .reinstate(let account): encoding.append(account.description)
    case .policy(let policy, let hash):
      encoding.append(policy.bytes)
      encoding.append(hash)
    }
    return encoding.bytes
  }

  /// `malformed` for anything that `bytes` would not give.
  init(decoding bytes: [UInt8]) throws {
    guard bytes.count <= SensitiveAction.byteCountMax,
      let kind = Kind.allCases.first(where: { bytes.starts(with: CanonicalEncoding($0.purpose).bytes) })
    else { throw CryptoError(.malformed, "not an action") }
    var decoder = try CanonicalDecoder(bytes, purpose: kind.purpose)
    switch kind {
    case .reinstate: self = .reinstate(try AccountName(decoder.text(limit: 64)))
    case .policy:
      let policy = try ApprovalPolicy(decoding: decoder.field(limit: ApprovalPolicy.byteCountMax))
      self = .policy(policy, replacing: try decoder.field(exactly: SHA256.byteCount))
    case .export, .disclose, .erase, .breakGlass, .pathway, .recoveryRecipients, .restoreAccept:
      throw CryptoError(.unsupported, "this version cannot do that")
    }
    try decoder.finish()
    guard self.bytes == bytes else { throw CryptoError(.malformed, "another spelling of an action") }
  }

  /// What an approver sends back: that this is the action they were shown.
  var digest: [UInt8] { SHA256.hash(bytes) }
}

extension SensitiveAction.Kind {
  fileprivate var purpose: StaticString {
    switch self {
    case .reinstate: "action-reinstate"
    case .export: "action-export"
    case .disclose: "action-disclose"
    case .erase: "action-erase"
    case .breakGlass: "action-break-glass"
    case .policy: "action-policy"
    case .pathway: "action-pathway"
    case .recoveryRecipients: "action-recovery-recipients"
    case .restoreAccept: "action-restore-accept"
    }
  }

  /// Break-glass is asked for by those who are not in the record's programme: it is what they lack.
  var asksFromOutside: Bool { self == .breakGlass }
}
