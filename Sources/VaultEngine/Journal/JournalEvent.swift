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
  }

  static let programmeCountMax = 4096
  private static let checkpointByteCountMax = 4096

  var kind: Kind
  /// Which of the vault's logs, and how many entries it had with the one that this is about.
  var incarnation: UInt64
  var logSize: UInt64
  var time: Timestamp
  /// nil for what is about no account.
  var account: AccountName?
  /// The programmes that the account was removed from, ascending.
  var programmes: [ProgrammeID] = []
  /// The record that was erased.
  var record: RecordID?
  /// The signed note of a mark.
  var checkpoint: [UInt8] = []

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
    return encoding.bytes
  }
}

extension JournalEvent {
  /// What a committed entry means for a later restore; nil for the most of them. By its action, so that no use case can
  /// forget it: `detail` begins with the account's name, `heads` name the compartments whose members changed.
  init?(_ entry: PendingEntry, incarnation: UInt64, logSize: UInt64, time: Timestamp) {
    guard entry.outcome == .allowed, let kind = JournalEvent.kind(of: entry.action) else { return nil }
    self.init(kind, incarnation: incarnation, logSize: logSize, time: time)
    switch kind {
    case .erase:
      guard let id = entry.record.flatMap({ try? RecordID(canonical: $0) }) else { return nil }
      record = id
    default:
      guard let name = entry.detail?.split(separator: " ").first.flatMap({ try? AccountName(String($0)) }) else {
        return nil
      }
      account = name
      programmes = Set(entry.heads.compactMap(\.compartment.programme)).sorted()
    }
  }

  static func isAbout(_ entry: PendingEntry) -> Bool {
    ([entry] + entry.also).contains { kind(of: $0.action) != nil }
  }

  private static func kind(of action: Action) -> Kind? {
    switch action {
    case .accountSuspend: .suspend
    case .accountReinstate: .reinstate
    case .memberRevoke: .revoke
    case .recordErase: .erase
    default: nil
    }
  }
}
