/// Integers of the log's binary formats: all of them big-endian.
extension [UInt8] {
  mutating func appendBigEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
    unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
  }
}

extension Collection<UInt8> {
  /// Up to eight bytes as one number.
  var bigEndianInteger: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
}
