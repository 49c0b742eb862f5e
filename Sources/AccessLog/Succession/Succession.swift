public import VaultCrypto

/// What a restore says of itself: which log ends, where, and which one follows it (docs/format.md, "Succession").
///
/// Two people sign it; the first entry of the new log says the same.
public struct Succession: Hashable, Sendable {
  public static let byteCountMax = 16 << 10
  /// Incarnations of one log: nobody restores that often.
  public static let numberMax: UInt64 = 10_000

  /// What was carried forward from the off-host journal, and how sure that is.
  public struct Replay: Hashable, Sendable {
    public var hasJournal = false
    /// There is a stretch of which the journal knows nothing, or its last line was not finished.
    public var hasGap = false
    /// Which log the journal's newest line knows, and its size then.
    public var reachNumber: UInt64 = 0
    public var reachSize: UInt64 = 0
    public var suspended: UInt64 = 0
    public var revoked: UInt64 = 0
    public var erased: UInt64 = 0
    /// How often recovery shares were used since the backup, as far as the journal tells: new people, keys and shares
    /// cannot be carried forward without those who hold them.
    public var recovered: UInt64 = 0

    public init() {}

    /// What that means, for whoever restores, accepts or follows; nil where there was no recovery.
    public var recoveredWords: String? {
      guard recovered > 0 else { return nil }
      let often = recovered == 1 ? "once" : "\(recovered) times"
      return "Since the backup recovery shares were used \(often), and that is UNDONE: whoever was shut out then is in "
        + "again, and the shares from before count again, not the newer ones."
    }
  }

  public let vaultID: [UInt8]
  /// Of the new log: one more than that of the old one.
  public let number: UInt64
  /// Milliseconds since 1970.
  public let time: UInt64
  /// The signed note that the backup ended with: the old log, as far as it is kept.
  public let kept: [UInt8]
  /// The newest signed note that is known of the old log, from the anchor or the journal; empty where none is newer.
  public let newest: [UInt8]
  /// SHA-256 of the backup file.
  public let backup: [UInt8]
  public let replay: Replay
  public let bytes: [UInt8]

  public init(
    vaultID: [UInt8], number: UInt64, time: UInt64, kept: [UInt8], newest: [UInt8], backup: [UInt8], replay: Replay
  ) {
    self.vaultID = vaultID
    self.number = number
    self.time = time
    self.kept = kept
    self.newest = newest
    self.backup = backup
    self.replay = replay
    var encoding = CanonicalEncoding("succession")
    encoding.append(vaultID)
    encoding.append(number)
    encoding.append(time)
    encoding.append(kept)
    encoding.append(newest)
    encoding.append(backup)
    for value in [
      replay.hasJournal ? 1 : 0, replay.hasGap ? 1 : 0, replay.reachNumber, replay.reachSize, replay.suspended,
      replay.revoked, replay.erased,
    ] { encoding.append(value) }
    if replay.recovered > 0 { encoding.append(replay.recovered) }
    bytes = encoding.bytes
  }

  public init(decoding bytes: [UInt8]) throws(CryptoError) {
    guard bytes.count <= Succession.byteCountMax else { throw CryptoError(.malformed, "succession is too long") }
    var decoder = try CanonicalDecoder(bytes, purpose: "succession")
    vaultID = try decoder.field(exactly: LogContext.vaultIDByteCount)
    number = try decoder.integer()
    time = try decoder.integer()
    kept = try decoder.field(limit: 4096)
    newest = try decoder.field(limit: 4096)
    backup = try decoder.field(exactly: SHA256.byteCount)
    var replay = Replay()
    replay.hasJournal = try decoder.integer() == 1
    replay.hasGap = try decoder.integer() == 1
    replay.reachNumber = try decoder.integer()
    replay.reachSize = try decoder.integer()
    replay.suspended = try decoder.integer()
    replay.revoked = try decoder.integer()
    replay.erased = try decoder.integer()
    if !decoder.isAtEnd {
      replay.recovered = try decoder.integer()
      guard replay.recovered > 0 else { throw CryptoError(.malformed, "a count of none is left out") }
    }
    self.replay = replay
    try decoder.finish()
    guard (2...Succession.numberMax).contains(number) else {
      throw CryptoError(.malformed, "succession of an impossible log")
    }
    self.bytes = bytes
  }

  public var hash: [UInt8] { SHA256.hash(bytes) }

  /// What one person signs: the document, and in which role.
  public static func signedBytes(hash: [UInt8], name: String, role: String) -> [UInt8] {
    var encoding = CanonicalEncoding("succession-signature")
    encoding.append(hash)
    encoding.append(name)
    encoding.append(role)
    return encoding.bytes
  }

  /// `survivor-vault/HEX/N`: HEX are the first 16 digits of the vault's id.
  public static func origin(vaultID: [UInt8], number: UInt64) throws(LogError) -> NoteName {
    let digits = Array("0123456789abcdef".utf8)
    let hex = vaultID.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return try NoteName("survivor-vault/\(String(decoding: hex, as: UTF8.self))/\(number)")
  }
}
