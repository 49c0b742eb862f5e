/// The bearer token of a session: 256 random bits, written as 43 characters of base64url without padding (RFC 4648 §5).
public struct SessionToken: Sendable, CustomStringConvertible, CustomReflectable {
  public static let byteCount = 32
  public static let textByteCount = 43

  /// The 32 bytes. The daemon keeps only their hash.
  public let bytes: [UInt8]

  /// Nil unless there are exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads the canonical spelling and nothing else.
  public init?(text: [UInt8]) {
    guard text.count == Self.textByteCount else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    var window: UInt32 = 0
    var windowBitCount = 0
    for character in text {
      guard let value = Self.value(of: character) else { return nil }
      window = window << 6 | UInt32(value)
      windowBitCount += 6
      if windowBitCount >= 8 {
        windowBitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: window >> UInt32(windowBitCount)))
      }
    }
    // 43 × 6 = 258: the two bits left over must be zero, or a token would have several spellings.
    guard window & 3 == 0 else { return nil }
    self.bytes = bytes
  }

  /// The 43 ASCII characters.
  public var text: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(Self.textByteCount)
    var window: UInt32 = 0
    var windowBitCount = 0
    for byte in bytes {
      window = window << 8 | UInt32(byte)
      windowBitCount += 8
      while windowBitCount >= 6 {
        windowBitCount -= 6
        text.append(Self.alphabet[Int(window >> UInt32(windowBitCount) & 63)])
      }
    }
    text.append(Self.alphabet[Int(window << 2 & 63)])
    return text
  }

  public var description: String { "session token" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
