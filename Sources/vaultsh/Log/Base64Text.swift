import AccessLog

/// Base 64 with padding (RFC 4648 §4), as hashes and single-entry keys stand in JSON and in the files of a bundle.
enum Base64Text {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(UInt32(0)) { $0 << 8 | (start + $1 < bytes.count ? UInt32(bytes[start + $1]) : 0) }
      for position in 0..<4 {
        text.append(position <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * position) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// One spelling only: `malformed` for anything that `encode` would not write.
  static func decode(_ text: String) throws(LogError) -> [UInt8] {
    let fault = LogError(.malformed, "not base 64 in its one spelling")
    var bytes: [UInt8] = []
    var window: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in text.utf8 where character != UInt8(ascii: "=") {
      guard let value = alphabet.firstIndex(of: character) else { throw fault }
      window = window << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: window >> bitCount))
      }
    }
    guard encode(bytes).utf8.elementsEqual(text.utf8) else { throw fault }
    return bytes
  }
}

/// Lower-case hexadecimal digits, two a byte: ids of vaults, digests.
enum HexText {
  static func encode(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// `malformed` for anything that `encode` would not write.
  static func decode(_ text: String) throws(LogError) -> [UInt8] {
    let fault = LogError(.malformed, "not hexadecimal in its one spelling")
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let high = rest.popFirst() {
      guard let low = rest.popFirst(), let byte = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) else {
        throw fault
      }
      bytes.append(byte)
    }
    guard encode(bytes).utf8.elementsEqual(text.utf8) else { throw fault }
    return bytes
  }
}
