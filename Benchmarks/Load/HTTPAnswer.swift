/// Just enough of HTTP/1.1 to know where an answer ends.
enum HTTPAnswer {
  /// Bytes of the answer at the start of `bytes`, head and body; nil while the head is not whole.
  static func byteCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let end = unsafe headEnd(bytes) else { return nil }
    guard unsafe bytes[9] == UInt8(ascii: "2") else {
      VaultBench.fail("an answer is no success:\n\(unsafe String(decoding: bytes.prefix(600), as: UTF8.self))")
    }
    return unsafe end + (number(after: "content-length:", in: bytes, before: end) ?? 0)
  }

  static func body(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let end = unsafe headEnd(bytes) else { return unsafe UnsafeRawBufferPointer(rebasing: bytes[..<0]) }
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[end...])
  }

  private static func headEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 16 else { return nil }
    var index = 3
    while index < bytes.count {
      // Most bytes are no line feed.
      if unsafe bytes[index] == 0x0A, unsafe bytes[index - 2] == 0x0A, unsafe bytes[index - 3] == 0x0D {
        return index + 1
      }
      index += 1
    }
    return nil
  }

  private static func number(after name: StaticString, in bytes: UnsafeRawBufferPointer, before end: Int) -> Int? {
    let count = name.utf8CodeUnitCount
    var start = 0
    while start + count < end {
      var matched = 0
      while matched < count, unsafe bytes[start + matched] | 0x20 == name.utf8Start[matched] | 0x20 { matched += 1 }
      if matched == count {
        var value = 0
        for index in start + count..<end {
          let byte = unsafe bytes[index]
          if byte == UInt8(ascii: " ") { continue }
          guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return value }
          value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
      }
      start += 1
    }
    return nil
  }
}
