/// Bounds on everything this module reads. Each is checked before the bytes are parsed.
public enum LogBound {
  /// Leaves in one log: far beyond what fits on a disk, and small enough that no sum of two sizes overflows.
  public static let treeSizeMax: UInt64 = 1 << 62
  /// Hashes in one inclusion or consistency proof: one a level, and one to spare.
  public static let proofHashCountMax = 64
  /// Bytes of one leaf: the length prefix of an entry bundle has 16 bits (C2SP tlog-tiles).
  public static let leafByteCountMax = 65_535
  /// Leaves are padded to multiples of this, so that their sizes tell little.
  public static let leafByteCountUnit = 512
  /// Bytes of one encoded entry: with the leaf's header and envelope it stays under `leafByteCountMax`.
  public static let entryByteCountMax = 60_000
  /// Bytes of a signed note: 16 signatures must be accepted (C2SP signed-note), of up to 5 KiB each before base64.
  public static let noteByteCountMax = 128 << 10
  /// Signature lines that are looked at in one note: a log, its auditors and some witnesses.
  public static let noteSignatureCountMax = 64
  /// Bytes of a key name, which is also a checkpoint's origin.
  public static let nameByteCountMax = 255
  /// Opaque lines after a checkpoint's root; nobody is expected to write any.
  public static let extensionLineCountMax = 16
  /// Bytes of a proof file: a note, a proof, and some extra data.
  public static let proofFileByteCountMax = 256 << 10
}
