/// Integers of the log's binary formats: all of them big-endian.
extension [UInt8] {
  mutating func appendBigEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
    for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> Value(shift)))
    }
  }
}

extension Collection<UInt8> {
  /// Up to eight bytes as one number.
  var bigEndianInteger: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
}
