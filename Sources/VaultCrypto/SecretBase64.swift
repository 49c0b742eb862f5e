/// Base64 (RFC 4648 §4) of exactly 32 secret bytes, by arithmetic: neither table look-ups nor strings.
enum SecretBase64 {
  /// 44 characters into `target`.
  static func encode(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
    precondition(bytes.count == 32 && target.count >= 44)
    var output = 0
    for start in stride(from: 0, to: 32, by: 3) {
      let rest = min(3, 32 - start)
      var group: UInt32 = 0
      for offset in 0..<3 { group = group << 8 | (offset < rest ? UInt32(unsafe bytes[start + offset]) : 0) }
      for position in 0..<4 {
        let isPadding = position > rest
        unsafe target[output] =
          isPadding ? UInt8(ascii: "=") : character(Int32(group >> UInt32(18 - 6 * position) & 63))
        output += 1
      }
    }
  }

  /// nil unless 44 canonical characters follow from `start` to the end.
  static func decodeKey(_ line: [UInt8], from start: Int) -> SymmetricKey? {
    guard line.count - start == 44, line[line.count - 1] == UInt8(ascii: "=") else { return nil }
    var bad: Int32 = 0
    let secret = SecretBytes(count: 32) { target in
      var group: UInt32 = 0
      var output = 0
      for index in 0..<43 {
        let value = value(line[start + index])
        bad |= value >> 8
        group = group << 6 | UInt32(value & 63)
        if index % 4 == 3 {
          for shift in [16, 8, 0] as [UInt32] {
            unsafe target[output] = UInt8(truncatingIfNeeded: group >> shift)
            output += 1
          }
          group = 0
        }
      }
      // The last three characters carry 16 bits and two spare ones, which must be zero.
      bad |= Int32(group & 3)
      unsafe target[30] = UInt8(truncatingIfNeeded: group >> 10)
      unsafe target[31] = UInt8(truncatingIfNeeded: group >> 2)
    }
    return bad == 0 ? SymmetricKey(secret) : nil
  }

  private static func character(_ value: Int32) -> UInt8 {
    // Adds the distance between alphabet runs once `value` has passed the end of each.
    var code = value + 65
    code += ((25 - value) >> 8) & 6
    code -= ((51 - value) >> 8) & 75
    code -= ((61 - value) >> 8) & 15
    code += ((62 - value) >> 8) & 3
    return UInt8(truncatingIfNeeded: code)
  }

  /// 0…63, or a number ≥ 256 for what is no character of base64.
  private static func value(_ byte: UInt8) -> Int32 {
    let code = Int32(byte)
    var value: Int32 = 256
    func pick(_ low: Int32, _ high: Int32, _ offset: Int32) {
      // All ones where low ≤ code ≤ high.
      let inside = ~(((code - low) | (high - code)) >> 31)
      value = (value & ~inside) | ((code + offset) & inside)
    }
    pick(65, 90, -65)
    pick(97, 122, -71)
    pick(48, 57, 4)
    pick(43, 43, 19)
    pick(47, 47, 16)
    return value
  }
}
