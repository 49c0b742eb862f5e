import VaultCrypto

/// What the access log is told of a backup (docs/format.md, "Backup").
public struct BackupNotice: Sendable, Equatable {
  public enum Kind: UInt64, Sendable {
    /// A copy is about to leave.
    case begin = 1
    /// The copy is whole and where it was to go.
    case end = 2
    /// A backup was opened and found good.
    case drill = 3
  }

  public let kind: Kind
  /// Id of the vault that a drill found in the backup, hexadecimal; empty otherwise: a copy is made of what is there.
  let vault: String
  /// SHA-256: of the recipients, sorted, one a line (`begin`); of the age file (`end`, `drill`).
  let digest: [UInt8]
  /// Recipients (`begin`), or bytes of the age file.
  let count: UInt64

  public static func begin(_ recipients: [AgeRecipient]) -> BackupNotice {
    let lines = recipients.map(\.text).sorted().map { $0 + "\n" }.joined()
    return BackupNotice(
      kind: .begin, vault: "", digest: SHA256.hash(Array(lines.utf8)), count: UInt64(recipients.count))
  }

  public static func end(_ file: BackupFile) -> BackupNotice {
    BackupNotice(kind: .end, vault: "", digest: file.digest, count: file.byteCount)
  }

  public static func drill(_ file: BackupFile, vaultID: String) -> BackupNotice {
    BackupNotice(kind: .drill, vault: vaultID, digest: file.digest, count: file.byteCount)
  }

  init(kind: Kind, vault: String, digest: [UInt8], count: UInt64) {
    self.kind = kind
    self.vault = vault
    self.digest = digest
    self.count = count
  }

  init(decoding bytes: [UInt8]) throws(CryptoError) {
    var decoder = try CanonicalDecoder(bytes, purpose: "backup-notice")
    guard let kind = Kind(rawValue: try decoder.integer()) else {
      throw CryptoError(.malformed, "notice of a kind that is not known")
    }
    self.kind = kind
    vault = try decoder.text(limit: 2 * SHA256.byteCount)
    digest = try decoder.field(exactly: SHA256.byteCount)
    count = try decoder.integer()
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("backup-notice")
    encoding.append(kind.rawValue)
    encoding.append(vault)
    encoding.append(digest)
    encoding.append(count)
    return encoding.bytes
  }

  var action: Action {
    switch kind {
    case .begin: .backupBegin
    case .end: .backupEnd
    case .drill: .backupDrill
    }
  }

  /// What the entry says: enough to know the file again, and the recipients.
  var detail: String {
    switch kind {
    case .begin: "\(count) recipients, sha256 \(hexadecimal(digest))"
    case .end, .drill: "\(count) bytes, sha256 \(hexadecimal(digest))"
    }
  }
}

/// One backup as a file: what tells it from every other.
public struct BackupFile: Sendable, Equatable {
  public let byteCount: UInt64
  /// SHA-256 of the age file.
  public let digest: [UInt8]

  public var digestText: String { hexadecimal(digest) }
}

/// Row `meta/backup`: the last backup that was finished and the last that was proved good.
struct BackupState: Sendable, Equatable {
  static let rowKey = Array("backup".utf8)

  /// nil before the first.
  var last: Timestamp?
  var drill: Timestamp?
  /// Of the age files; empty before the first.
  var lastDigest: [UInt8] = []
  var drillDigest: [UInt8] = []

  init() {}

  init(decoding bytes: [UInt8]) throws(CryptoError) {
    var decoder = try CanonicalDecoder(bytes, purpose: "backup-state")
    last = BackupState.time(try decoder.integer())
    lastDigest = try decoder.field(limit: SHA256.byteCount)
    drill = BackupState.time(try decoder.integer())
    drillDigest = try decoder.field(limit: SHA256.byteCount)
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("backup-state")
    encoding.append(last?.milliseconds ?? 0)
    encoding.append(lastDigest)
    encoding.append(drill?.milliseconds ?? 0)
    encoding.append(drillDigest)
    return encoding.bytes
  }

  private static func time(_ milliseconds: UInt64) -> Timestamp? {
    milliseconds == 0 ? nil : Timestamp(milliseconds: milliseconds)
  }
}
