/// Big-endian fields of a card, read in place: nothing is copied before it is needed. Every read is bounded and throws
/// `malformedCard` instead of running past the end.
enum CardBytes {
  static func byte(_ bytes: Span<UInt8>, at place: inout Int) throws(SearchError) -> UInt8 {
    guard place < bytes.count else { throw SearchError(.malformedCard) }
    defer { place += 1 }
    return bytes[place]
  }

  static func short(_ bytes: Span<UInt8>, at place: inout Int) throws(SearchError) -> UInt16 {
    let high = try byte(bytes, at: &place)
    return try UInt16(high) << 8 | UInt16(byte(bytes, at: &place))
  }

  /// The range of the next `count` bytes, which are passed over.
  static func range(_ bytes: Span<UInt8>, at place: inout Int, count: Int) throws(SearchError) -> Range<Int> {
    guard count <= bytes.count - place else { throw SearchError(.malformedCard) }
    defer { place += count }
    return place..<place + count
  }

  /// The range of well-formed UTF-8 of at most `byteCountMax` bytes after its u16 length.
  static func text(
    _ bytes: Span<UInt8>, at place: inout Int, byteCountMax: Int
  ) throws(SearchError) -> Range<Int> {
    let count = Int(try short(bytes, at: &place))
    guard count <= byteCountMax else { throw SearchError(.malformedCard) }
    let range = try range(bytes, at: &place, count: count)
    guard (try? UTF8Span(validating: bytes.extracting(range))) != nil else { throw SearchError(.malformedCard) }
    return range
  }

  static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for place in range { copy.append(bytes[place]) }
    return copy
  }

  static func string(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    String(decoding: copy(bytes, range), as: UTF8.self)
  }

  static func append(short value: Int, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  static func append(text: String, to bytes: inout [UInt8]) {
    append(short: text.utf8.count, to: &bytes)
    bytes += text.utf8
  }
}
