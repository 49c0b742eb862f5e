/// Bech32 (BIP 173) of exactly 32 bytes, as age writes its keys. Without tables that are indexed by a secret: the same code
/// reads and writes secret keys.
enum Bech32 {
  static let byteCount = 32
  // 256 bits in fives, and six characters of checksum.
  private static let dataCharacterCount = 52
  private static let checksumCharacterCount = 6
  private static let symbols = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

  /// The text under the prefix, in the case of the prefix.
  static func encode(_ bytes: UnsafeRawBufferPointer, prefix: String) -> SecretBytes {
    precondition(bytes.count == byteCount)
    let head = Array(prefix.utf8) + [UInt8(ascii: "1")]
    let isUpper = prefix == prefix.uppercased()
    return SecretBytes(count: head.count + dataCharacterCount + checksumCharacterCount) { target in
      for (index, byte) in head.enumerated() { unsafe target[index] = byte }
      var checksum = Checksum(prefix: prefix)
      for position in 0..<dataCharacterCount {
        var value: UInt8 = 0
        for bit in 5 * position..<5 * position + 5 {
          value = unsafe value << 1 | (bit < 8 * byteCount ? bytes[bit / 8] >> UInt8(7 - bit % 8) & 1 : 0)
        }
        checksum.append(value)
        unsafe target[head.count + position] = symbol(of: value, isUpper: isUpper)
      }
      for _ in 0..<checksumCharacterCount { checksum.append(0) }
      for position in 0..<checksumCharacterCount {
        let value = UInt8((checksum.value ^ 1) >> UInt32(5 * (5 - position)) & 31)
        unsafe target[head.count + dataCharacterCount + position] = symbol(of: value, isUpper: isUpper)
      }
    }
  }

  /// The 32 bytes of a text under exactly this prefix, in exactly its case.
  static func decode(_ text: UnsafeRawBufferPointer, prefix: String) throws(AgeError) -> SecretBytes {
    let head = Array(prefix.utf8) + [UInt8(ascii: "1")]
    guard text.count == head.count + dataCharacterCount + checksumCharacterCount, unsafe text.starts(with: head) else {
      throw AgeError(.malformedKey, "key has another prefix or length")
    }
    let isUpper = prefix == prefix.uppercased()
    return try SecretBytes(count: byteCount) { target throws(AgeError) in
      var checksum = Checksum(prefix: prefix)
      var fault: UInt8 = 0
      for position in 0..<dataCharacterCount + checksumCharacterCount {
        let value = unsafe value(of: text[head.count + position], isUpper: isUpper)
        fault |= value & 0x80
        checksum.append(value & 31)
        guard position < dataCharacterCount else { continue }
        for bit in 0..<5 {
          let place = 5 * position + bit
          let one = value >> UInt8(4 - bit) & 1
          if place < 8 * byteCount {
            unsafe target[place / 8] |= one << UInt8(7 - place % 8)
          } else {
            // Spare bits must be zero, or one key would have several spellings.
            fault |= one
          }
        }
      }
      guard fault == 0, checksum.value == 1 else {
        throw AgeError(.malformedKey, "key was mistyped: a character or the checksum is wrong")
      }
    }
  }

  private struct Checksum {
    private(set) var value: UInt32 = 1

    // The checksum covers the lower-case prefix, whatever case the text has.
    init(prefix: String) {
      let lower = Array(prefix.lowercased().utf8)
      for byte in lower { append(byte >> 5) }
      append(0)
      for byte in lower { append(byte & 31) }
    }

    mutating func append(_ symbol: UInt8) {
      let top = value >> 25
      value = (value & 0x1ff_ffff) << 5 ^ UInt32(symbol)
      let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
      for (bit, term) in generator.enumerated() { value ^= term & (0 &- (top >> UInt32(bit) & 1)) }
    }
  }

  private static func symbol(of value: UInt8, isUpper: Bool) -> UInt8 {
    var found: UInt8 = 0
    for (candidate, symbol) in symbols.enumerated() { found |= cased(symbol, isUpper) & mask(UInt8(candidate), value) }
    return found
  }

  // Bit 7 is set where the character has no value.
  private static func value(of character: UInt8, isUpper: Bool) -> UInt8 {
    var found: UInt8 = 0x80
    for (candidate, symbol) in symbols.enumerated() {
      let hit = mask(cased(symbol, isUpper), character)
      found = found & ~hit | UInt8(candidate) & hit
    }
    return found
  }

  // The symbols are public; only which one is meant is secret.
  private static func cased(_ symbol: UInt8, _ isUpper: Bool) -> UInt8 {
    isUpper && symbol >= UInt8(ascii: "a") ? symbol - 0x20 : symbol
  }

  private static func mask(_ left: UInt8, _ right: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (UInt16(left ^ right) &- 1) >> 8)
  }
}
