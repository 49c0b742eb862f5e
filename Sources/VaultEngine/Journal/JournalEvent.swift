import VaultCrypto
import VaultModel

/// What a restore of an older backup must not undo: one line of the off-host journal (docs/format.md, "Journal").
struct JournalEvent: Sendable, Equatable {
  enum Kind: UInt64, Sendable {
    /// How far the log had come, by its signed checkpoint: at a start, a stop, and once an hour of work.
    case mark = 1
    case suspend = 2
    case reinstate = 3
    case revoke = 4
    case erase = 5
    /// From the line before to here the journal was not kept.
    case gap = 6
    /// An account's keys were replaced, or locked under another passphrase.
    case account = 7
    /// Who is kept from a record, whom it is kept to, and who was let in besides.
    case terms = 8
    /// Recovery shares were used: access was rebuilt, or the shares were made anew.
    case recover = 9

    /// Whether a line holds what the row of its account or record held with the event.
    var holdsState: Bool { self == .account || self == .terms }
  }

  static let programmeCountMax = 4096
  private static let checkpointByteCountMax = 4096
  /// An account that was replaced as often as it can be is smaller.
  static let stateByteCountMax = 1 << 17

  var kind: Kind
  /// Which of the vault's logs, and how many entries it had with the one that this is about.
  var incarnation: UInt64
  var logSize: UInt64
  var time: Timestamp
  /// nil for what is about no account.
  var account: AccountName?
  /// The programmes that the account was removed from, ascending.
  var programmes: [ProgrammeID] = []
  /// The record that was erased, or whose terms these are.
  var record: RecordID?
  /// The signed note of a mark.
  var checkpoint: [UInt8] = []
  /// The account's row or the record's terms as the event left them, so that a restore need not follow what led there.
  var state: [UInt8] = []

  init(_ kind: Kind, incarnation: UInt64, logSize: UInt64, time: Timestamp) {
    self.kind = kind
    self.incarnation = incarnation
    self.logSize = logSize
    self.time = time
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "journal-event")
    guard let kind = Kind(rawValue: try decoder.integer()) else {
      throw CryptoError(.malformed, "journal line of a kind that is not known")
    }
    self.kind = kind
    incarnation = try decoder.integer()
    logSize = try decoder.integer()
    time = Timestamp(milliseconds: try decoder.integer())
    let account = try decoder.text(limit: 64)
    self.account = account.isEmpty ? nil : try AccountName(account)
    for _ in 0..<(try decoder.count(limit: JournalEvent.programmeCountMax)) {
      programmes.append(try ProgrammeID(decoder.text(limit: 64)))
    }
    let record = try decoder.field(limit: RecordID.byteCount)
    self.record = record.isEmpty ? nil : try RecordID(bytes: record)
    checkpoint = try decoder.field(limit: JournalEvent.checkpointByteCountMax)
    if kind.holdsState { state = try decoder.field(limit: JournalEvent.stateByteCountMax) }
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("journal-event")
    encoding.append(kind.rawValue)
    encoding.append(incarnation)
    encoding.append(logSize)
    encoding.append(time.milliseconds)
    encoding.append(account?.description ?? "")
    encoding.append(list: programmes.map { Array($0.description.utf8) })
    encoding.append(record?.bytes ?? [])
    encoding.append(checkpoint)
    if kind.holdsState { encoding.append(state) }
    return encoding.bytes
  }
}

extension JournalEvent {
  /// What a committed entry means for a later restore; nil for the most of them. By its action, so that no use case can
  /// forget it: `detail` begins with the account's name, `heads` name the compartments whose members changed. `state` is
  /// for the ledger to add.
  init?(_ entry: PendingEntry, incarnation: UInt64, logSize: UInt64, time: Timestamp) {
    guard let kind = JournalEvent.kind(of: entry) else { return nil }
    self.init(kind, incarnation: incarnation, logSize: logSize, time: time)
    switch kind {
    case .erase, .terms:
      guard let id = entry.record.flatMap({ try? RecordID(canonical: $0) }) else { return nil }
      record = id
    case .recover: break
    default:
      let isTheirOwn = kind == .account && entry.action != .accountReplace
      let text = isTheirOwn ? entry.account : entry.detail?.split(separator: " ").first.map(String.init)
      guard let name = text.flatMap({ try? AccountName($0) }) else { return nil }
      account = name
      programmes = Set(entry.heads.compactMap(\.compartment.programme)).sorted()
    }
  }

  static func isAbout(_ entry: PendingEntry) -> Bool { kind(of: entry) != nil || entry.also.contains(where: isAbout) }

  private static func kind(of entry: PendingEntry) -> Kind? {
    guard entry.outcome == .allowed else { return nil }
    return switch entry.action {
    case .accountSuspend: .suspend
    case .accountReinstate: .reinstate
    case .memberRevoke: .revoke
    case .recordErase: .erase
    case .vaultRecover: .recover
    case .accountReplace, .accountEnrol, .passphraseChange: .account
    // A referral may show less than one before it. What ends by its time ends in an older backup, too.
    case .barSet, .barLift, .restrictionSet, .restrictionLift, .referralMake: .terms
    case .referralEnd where entry.account != nil, .emergencyEnd where entry.account != nil: .terms
    default: nil
    }
  }
}
