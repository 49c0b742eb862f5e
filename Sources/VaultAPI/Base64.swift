/// Base 64 with padding (RFC 4648 §4) in its one spelling: how bytes stand in JSON. For what is no secret: it takes as
/// long as the bytes say.
public enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  /// Place of each character in the alphabet; 64 for what is not in it.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var start = 0
    while start < bytes.count {
      let rest = min(3, bytes.count - start)
      var group: UInt32 = 0
      for offset in 0..<3 { group = group << 8 | (offset < rest ? UInt32(bytes[start + offset]) : 0) }
      for position in 0..<4 {
        text.append(position > rest ? padding : alphabet[Int(group >> UInt32(18 - 6 * position) & 63)])
      }
      start += 3
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// nil for anything that `encode` would not write.
  public static func decode(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 4) else { return nil }
    let padded = characters.suffix(2).reversed().prefix { $0 == padding }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 4 * 3)
    var window: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in characters.dropLast(padded) {
      let value = values[Int(character)]
      guard value < 64 else { return nil }
      window = window << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: window >> bitCount))
      }
    }
    // Spare bits must be zero, or bytes would have several spellings.
    guard window & ((1 << bitCount) - 1) == 0, bitCount < 6 else { return nil }
    return bytes
  }
}
