/// The field of 256 elements modulo x⁸ + x⁴ + x³ + x + 1 (SLIP-39, "Shamir's secret sharing"). Without tables and without
/// branches on its operands, because they are bytes of a secret.
enum GF256 {
  static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var (shifted, bits, product) = (left, right, 0 as UInt8)
    for _ in 0..<8 {
      product ^= shifted & (0 &- (bits & 1))
      let carry = 0 &- (shifted >> 7)
      shifted = shifted << 1 ^ carry & 0x1b
      bits >>= 1
    }
    return product
  }

  /// x^254, which is 1/x; of 0 it is 0.
  static func inverse(_ value: UInt8) -> UInt8 {
    var (power, result) = (value, 1 as UInt8)
    for _ in 1..<8 {
      power = multiply(power, power)
      result = multiply(result, power)
    }
    return result
  }
}
