public import VaultCrypto
public import VaultModel

/// What cannot be undone, or not by whoever did it: one person asks for it, another approves it (P7).
///
/// The canonical encoding is what both sign, so a case names all that matters of what will happen
/// (docs/format.md, "Request and approval").
public enum SensitiveAction: Equatable, Sendable {
  /// Every kind that the vault knows; a policy speaks of all of them.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case reinstate, export, disclose, erase
    case breakGlass = "break-glass"
    case policy, pathway
    case recoveryRecipients = "recovery-recipients"
    case restoreAccept = "restore-accept"
  }

  /// A suspended account may log in again.
  case reinstate(AccountName)
  /// All records of a programme leave, in one age file for this recipient.
  case export(ProgrammeID, recipient: AgeRecipient)
  /// These sections of a record leave, in one age file for this recipient, as one version of it has them: whoever approves
  /// saw no other. nil only while it is asked for: the version that the record is at then.
  case disclose(RecordID, [Section], recipient: AgeRecipient, version: UInt64? = nil)
  /// A record is taken out of the live store, as it was at one version; nil only while it is asked for, likewise.
  case erase(RecordID, version: UInt64? = nil)
  /// Another policy about approvals in the place of the one with this hash.
  case policy(ApprovalPolicy, replacing: [UInt8])
  /// Another pathway of a programme in the place of the one with this hash.
  case pathway(ProgrammeID, Pathway, replacing: [UInt8])
  /// Whoever asks reads one record, for so many seconds from the approval.
  case breakGlass(RecordID, seconds: UInt64)
  /// The backup that was restored is the vault from now on: H(succession), which both sign besides.
  case restoreAccept([UInt8])
  /// The recovery shares are made anew for exactly these holders, as the recovery of this number.
  case recoveryRecipients(ShareHolders, number: UInt64)

  /// The longest is a pathway: 24 steps of the longest name.
  static let byteCountMax = 8192
  /// An X25519 recipient has 62 characters.
  private static let recipientByteCountMax = 128

  /// The one record that it is about.
  var record: RecordID? {
    switch self {
    case .disclose(let record, _, _, _), .erase(let record, _), .breakGlass(let record, _): record
    case .reinstate, .export, .policy, .pathway, .restoreAccept, .recoveryRecipients: nil
    }
  }

  /// What was looked at when it was asked for; another version is another action.
  var version: UInt64? {
    switch self {
    case .disclose(_, _, _, let version), .erase(_, let version): version
    case .reinstate, .export, .policy, .pathway, .breakGlass, .restoreAccept, .recoveryRecipients: nil
    }
  }

  public var kind: Kind {
    switch self {
    case .reinstate: .reinstate
    case .export: .export
    case .disclose: .disclose
    case .erase: .erase
    case .policy: .policy
    case .pathway: .pathway
    case .breakGlass: .breakGlass
    case .restoreAccept: .restoreAccept
    case .recoveryRecipients: .recoveryRecipients
    }
  }

  /// True where the approval itself carries it out, in the same transaction; otherwise the approval is a permit that
  /// the one who asked redeems, once; where it is about recovery shares, those who bring the old ones.
  var runsAtApproval: Bool {
    switch self {
    case .reinstate, .erase, .policy, .pathway, .breakGlass, .restoreAccept: true
    case .export, .disclose, .recoveryRecipients: false
    }
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding(kind.purpose)
    switch self {
    case .reinstate(let account): encoding.append(account.description)
    case .export(let programme, let recipient):
      encoding.append(programme.description)
      encoding.append(recipient.text)
    case .disclose(let record, let sections, let recipient, let version):
      encoding.append(record.bytes)
      encoding.append(version ?? 0)
      encoding.append(list: Set(sections).map(\.rawValue).sorted().map { Array($0.utf8) })
      encoding.append(recipient.text)
    case .erase(let record, let version):
      encoding.append(record.bytes)
      encoding.append(version ?? 0)
    case .policy(let policy, let hash):
      encoding.append(policy.bytes)
      encoding.append(hash)
    case .pathway(let programme, let pathway, let hash):
      encoding.append(programme.description)
      encoding.append(pathway.bytes)
      encoding.append(hash)
    case .breakGlass(let record, let seconds):
      encoding.append(record.bytes)
      encoding.append(seconds)
    case .restoreAccept(let succession): encoding.append(succession)
    case .recoveryRecipients(let holders, let number):
      encoding.append(number)
      encoding.append(UInt64(holders.threshold))
      encoding.append(list: holders.recipients.map { Array($0.utf8) })
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
    case .export:
      let programme = try ProgrammeID(decoder.text(limit: 64))
      self = .export(programme, recipient: try AgeRecipient(decoder.text(limit: SensitiveAction.recipientByteCountMax)))
    case .disclose:
      let record = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
      let version = try decoder.integer()
      guard version > 0 else { throw CryptoError(.malformed, "a disclosure of no version") }
      let sections = try (0..<decoder.count(limit: Section.allCases.count)).map { _ in
        try Section(decoding: decoder.text(limit: 32))
      }
      guard !sections.isEmpty else { throw CryptoError(.malformed, "a disclosure of nothing") }
      let recipient = try AgeRecipient(decoder.text(limit: SensitiveAction.recipientByteCountMax))
      self = .disclose(record, sections, recipient: recipient, version: version)
    case .erase:
      let record = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
      let version = try decoder.integer()
      guard version > 0 else { throw CryptoError(.malformed, "an erasure of no version") }
      self = .erase(record, version: version)
    case .policy:
      let policy = try ApprovalPolicy(decoding: decoder.field(limit: ApprovalPolicy.byteCountMax))
      self = .policy(policy, replacing: try decoder.field(exactly: SHA256.byteCount))
    case .pathway:
      let programme = try ProgrammeID(decoder.text(limit: 64))
      let pathway = try Pathway(decoding: decoder.field(limit: Pathway.byteCountMax))
      self = .pathway(programme, pathway, replacing: try decoder.field(exactly: SHA256.byteCount))
    case .breakGlass:
      let record = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
      self = .breakGlass(record, seconds: try decoder.integer())
    case .restoreAccept: self = .restoreAccept(try decoder.field(exactly: SHA256.byteCount))
    case .recoveryRecipients:
      let number = try decoder.integer()
      let threshold = try decoder.integer()
      let recipients = try (0..<decoder.count(limit: ShareHolders.countMax)).map { _ in
        try AgeRecipient(decoder.text(limit: SensitiveAction.recipientByteCountMax))
      }
      self = .recoveryRecipients(
        try ShareHolders(threshold: Int(clamping: threshold), sealedTo: recipients), number: number)
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
