/// Base 64 of RFC 4648 §4 with padding, one spelling only: no white space, no missing padding, no stray bits.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")
  private static let foreign: UInt8 = 0xff

  private static let values: [UInt8] = {
    var values = [UInt8](repeating: foreign, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group: UInt32 = 0
      for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
      for position in 0..<4 {
        let value = Int(group >> UInt32(18 - 6 * position) & 63)
        text.append(position <= count ? alphabet[value] : padding)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// `malformed` for anything that `encode` would not have written.
  static func decode(_ text: some StringProtocol) throws(LogError) -> [UInt8] {
    let letters = Array(text.utf8)
    guard letters.count.isMultiple(of: 4) else { throw LogError(.malformed, "base64 has an impossible length") }
    let padded = letters.suffix(2).reversed().prefix { $0 == padding }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(letters.count / 4 * 3)
    var group: UInt32 = 0
    for (position, letter) in letters.dropLast(padded).enumerated() {
      let value = values[Int(letter)]
      guard value != foreign else { throw LogError(.malformed, "base64 has a letter outside its alphabet") }
      group = group << 6 | UInt32(value)
      guard position % 4 == 3 else { continue }
      for shift: UInt32 in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: group >> shift)) }
      group = 0
    }
    switch padded {
    case 1:
      guard group & 3 == 0 else { throw LogError(.malformed, "base64 has stray bits") }
      bytes.append(UInt8(truncatingIfNeeded: group >> 10))
      bytes.append(UInt8(truncatingIfNeeded: group >> 2))
    case 2:
      guard group & 15 == 0 else { throw LogError(.malformed, "base64 has stray bits") }
      bytes.append(UInt8(truncatingIfNeeded: group >> 4))
    default: break
    }
    return bytes
  }
}
