/// What one entry of the access log says (DESIGN §6): who did what, to which record, why, and how it ended. Pseudonymous
/// ids only, never a name out of a record, so that erasing a survivor needs no rewriting.
public struct LogEntry: Hashable, Sendable {
  public enum Outcome: String, Sendable, CaseIterable {
    case allowed, denied, failed
  }

  /// How the account stood to the record when it acted.
  public enum Assignment: String, Sendable, CaseIterable {
    /// The record was theirs.
    case owner
    /// They were named as covering for its owner.
    case team
    /// Their keys opened it, but nobody had put them in charge of it.
    case none
  }

  /// A pair that this version does not know, kept so that encoding again gives the same bytes.
  public struct Pair: Hashable, Sendable {
    public let key: String
    public let value: [UInt8]

    public init(key: String, value: [UInt8]) {
      self.key = key
      self.value = value
    }
  }

  /// Milliseconds since 1970-01-01T00:00Z. Never less than that of the entry before; order is by index alone.
  public var time: Int64
  /// Name of the account; nil where there was none, or none that is known (people type passphrases there).
  public var account: String?
  /// User id of the peer on the socket.
  public var uid: UInt32?
  /// Dotted lower-case words: `record.read`, `session.open`.
  public var action: String
  /// Pseudonymous id of the record.
  public var record: String?
  public var programme: String?
  public var sections: [String] = []
  public var purpose: String?
  public var outcome: Outcome
  /// nil where the entry is about no record, or about more than one.
  public var assignment: Assignment?
  /// Id of the approval on which this rests.
  public var approval: String?
  /// SHA-256 over the metadata rows that this changed.
  public var changes: [UInt8]?
  /// Ids of the records that a search answered with, in its order.
  public var results: [String] = []
  /// SHA-256 of the ciphertext of a reason or a search term, which stands beside the log.
  public var freeText: [UInt8]?
  /// A short code that says more about the outcome: `wrong-uid`, `expired`.
  public var detail: String?
  /// How many equal events this entry stands for.
  public var count: UInt64?
  /// Ascending by key.
  public var unknown: [Pair] = []

  public init(time: Int64, action: String, outcome: Outcome) {
    self.time = time
    self.action = action
    self.outcome = outcome
  }
}

extension LogEntry {
  /// Last millisecond of the year 9999: later times cannot be written in RFC 3339.
  public static let timeMax: Int64 = 253_402_300_799_999
  /// Bytes of a key or an action.
  public static let wordByteCountMax = 64
  /// Bytes of an id, a name or a code.
  public static let textByteCountMax = 256
  /// Bytes of `changes` and `freeText`: a SHA-256 hash.
  public static let digestByteCount = 32
  /// There are seven sections of a record, and statistics.
  public static let sectionCountMax = 16
  /// A search that finds more is cut there, and says in `count` how many it found.
  public static let resultCountMax = 1_000
  /// Pairs of a later version that are kept.
  public static let unknownCountMax = 64
  public static let unknownByteCountMax = 4_096

  /// Names of the pairs, in the order in which they are written: ascending by bytes.
  enum Key: String, CaseIterable {
    case account, action, approval, assignment, changes, count, detail, freeText, outcome, programme, purpose, record
    case result, section, time, uid

    /// The only keys that may stand more than once.
    var isList: Bool { self == .result || self == .section }
  }

  static let pairCountMax = Key.allCases.count + resultCountMax + sectionCountMax + unknownCountMax

  /// Lower-case words of letters, digits and hyphens, joined by dots.
  static func isAction(_ text: String) -> Bool {
    guard (1...wordByteCountMax).contains(text.utf8.count) else { return false }
    var previous = UInt8(ascii: ".")
    for byte in text.utf8 {
      let isDot = byte == UInt8(ascii: ".")
      guard isDot ? previous != UInt8(ascii: ".") : isLowerCase(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
      else { return false }
      previous = byte
    }
    return previous != UInt8(ascii: ".")
  }

  /// A key of a later version: letters of either case, digits, hyphens and dots.
  static func isKey(_ key: some Collection<UInt8>) -> Bool {
    (1...wordByteCountMax).contains(key.count)
      && key.allSatisfy {
        isLowerCase($0) || isDigit($0) || isLowerCase($0 | 0x20) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
      }
  }

  private static func isLowerCase(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
