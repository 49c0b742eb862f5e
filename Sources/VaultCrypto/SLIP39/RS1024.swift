/// The checksum of a share: a Reed–Solomon code over GF(1024) of three words, which finds any three wrong words (SLIP-39,
/// "Checksum").
enum RS1024 {
  static let wordCount = 3
  private static let generator: [UInt32] = [
    0x00e0_e040, 0x01c1_c080, 0x0383_8100, 0x0707_0200, 0x0e0e_0009, 0x1c0c_2412, 0x3808_6c24, 0x3090_fc48, 0x21b1_f890,
    0x03f3_f120,
  ]

  /// The remainder after the customization string, in which the words follow one by one. 1 for a whole valid share.
  struct Remainder {
    private(set) var value: UInt32 = 1

    init(customization: StaticString) {
      for byte in "\(customization)".utf8 { append(UInt16(byte)) }
    }

    mutating func append(_ word: UInt16) {
      let top = value >> 20
      value = (value & 0xf_ffff) << 10 ^ UInt32(word)
      // Masks instead of branches: the words carry the share.
      for (bit, term) in generator.enumerated() { value ^= term & (0 &- (top >> UInt32(bit) & 1)) }
    }

    /// The words that make a share with this remainder valid.
    func checksum() -> [UInt16] {
      var padded = self
      for _ in 0..<wordCount { padded.append(0) }
      let bits = padded.value ^ 1
      return [UInt16(bits >> 20 & 1023), UInt16(bits >> 10 & 1023), UInt16(bits & 1023)]
    }
  }
}
