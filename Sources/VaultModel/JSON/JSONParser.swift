extension JSONValue {
  /// Reads one JSON document (RFC 8259) under `limits`. Duplicate keys, lone surrogates, a byte order mark and
  /// anything after the document are refused.
  public static func parse(_ bytes: Span<UInt8>, limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.byteCountMax else { throw JSONError(.tooLarge, at: limits.byteCountMax) }
    var parser = JSONParser(limits: limits)
    return try parser.document(bytes)
  }

  public static func parse(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
    try parse(bytes.span, limits: limits)
  }

  /// Copies `bytes` into an array first, unless there are too many.
  public static func parse(
    bytes: some Collection<UInt8>, limits: JSONLimits = .standard
  ) throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.byteCountMax else { throw JSONError(.tooLarge, at: limits.byteCountMax) }
    return try parse(Array(bytes), limits: limits)
  }

  /// Reads plaintext where it lies, so that no copy of the whole leaves guarded memory.
  public static func parse(_ bytes: RawSpan, limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
    try unsafe bytes.withUnsafeBytes { (raw) throws(JSONError) in
      // Any memory may be viewed as bytes, and the span does not outlive the closure.
      try unsafe parse(raw.assumingMemoryBound(to: UInt8.self).span, limits: limits)
    }
  }
}

/// A cursor over the document's bytes; the span is passed along because a stored one could not be mutated through.
struct JSONParser {
  let limits: JSONLimits
  private var at = 0
  private var memberCount = 0

  /// Digits beyond this say nothing a Double could keep.
  private static let numberByteCountMax = 64

  init(limits: JSONLimits) { self.limits = limits }

  mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    skipSpace(bytes)
    let value = try value(bytes, depth: 0)
    skipSpace(bytes)
    guard at == bytes.count else { throw JSONError(.trailingBytes, at: at) }
    return value
  }

  private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
    guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
    switch bytes[at] {
    case UInt8(ascii: "\""): return .string(try string(bytes))
    case UInt8(ascii: "{"): return try object(bytes, depth: depth + 1)
    case UInt8(ascii: "["): return try array(bytes, depth: depth + 1)
    case UInt8(ascii: "t"): return try word("true", .bool(true), bytes)
    case UInt8(ascii: "f"): return try word("false", .bool(false), bytes)
    case UInt8(ascii: "n"): return try word("null", .null, bytes)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes)
    default: throw JSONError(.unexpectedByte, at: at)
    }
  }

  private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var members: [String: JSONValue] = [:]
    skipSpace(bytes)
    if take(UInt8(ascii: "}"), bytes) { return .object(members) }
    while true {
      let keyOffset = at
      guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
      guard bytes[at] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: at) }
      let key = try string(bytes)
      skipSpace(bytes)
      try expect(UInt8(ascii: ":"), bytes)
      skipSpace(bytes)
      try countMember()
      let member = try value(bytes, depth: depth)
      // Keys that differ only in Unicode normalisation count as duplicates too.
      guard members.updateValue(member, forKey: key) == nil else { throw JSONError(.duplicateKey, at: keyOffset) }
      skipSpace(bytes)
      if take(UInt8(ascii: "}"), bytes) { return .object(members) }
      try expect(UInt8(ascii: ","), bytes)
      skipSpace(bytes)
    }
  }

  private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var elements: [JSONValue] = []
    skipSpace(bytes)
    if take(UInt8(ascii: "]"), bytes) { return .array(elements) }
    while true {
      try countMember()
      elements.append(try value(bytes, depth: depth))
      skipSpace(bytes)
      if take(UInt8(ascii: "]"), bytes) { return .array(elements) }
      try expect(UInt8(ascii: ","), bytes)
      skipSpace(bytes)
    }
  }

  private mutating func enter(_ depth: Int) throws(JSONError) {
    guard depth <= limits.depthMax else { throw JSONError(.tooDeep, at: at) }
    at += 1
  }

  private mutating func countMember() throws(JSONError) {
    memberCount += 1
    guard memberCount <= limits.memberCountMax else { throw JSONError(.tooManyMembers, at: at) }
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue, _ bytes: Span<UInt8>
  ) throws(JSONError) -> JSONValue {
    let start = at
    for index in 0..<word.utf8CodeUnitCount {
      guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
      guard unsafe bytes[at] == word.utf8Start[index] else { throw JSONError(.unexpectedByte, at: start) }
      at += 1
    }
    return value
  }

  private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    let start = at
    let isNegative = take(UInt8(ascii: "-"), bytes)
    let digitStart = at
    // Counted downwards, because Int64 reaches one further there.
    var negated: Int64? = 0
    while at < bytes.count, let digit = Self.digit(bytes[at]) {
      if let value = negated {
        let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, sumOverflow) = tens.subtractingReportingOverflow(Int64(digit))
        negated = tensOverflow || sumOverflow ? nil : sum
      }
      at += 1
    }
    let digitCount = at - digitStart
    guard digitCount > 0, digitCount == 1 || bytes[digitStart] != UInt8(ascii: "0") else {
      throw JSONError(.badNumber, at: start)
    }
    var isInteger = true
    if take(UInt8(ascii: "."), bytes) {
      isInteger = false
      try skipDigits(bytes, of: start)
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      at += 1
      if !take(UInt8(ascii: "+"), bytes) { _ = take(UInt8(ascii: "-"), bytes) }
      try skipDigits(bytes, of: start)
    }
    guard isInteger else { return try fraction(bytes, from: start) }
    guard let negated else { throw JSONError(.numberOutOfRange, at: start) }
    if isNegative { return .integer(negated) }
    guard negated != .min else { throw JSONError(.numberOutOfRange, at: start) }
    return .integer(-negated)
  }

  private func fraction(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> JSONValue {
    guard at - start <= Self.numberByteCountMax else { throw JSONError(.numberOutOfRange, at: start) }
    guard let text = Self.text(bytes.extracting(start..<at)), let value = Double(text) else {
      throw JSONError(.badNumber, at: start)
    }
    guard value.isFinite else { throw JSONError(.numberOutOfRange, at: start) }
    return .number(value)
  }

  private mutating func skipDigits(_ bytes: Span<UInt8>, of start: Int) throws(JSONError) {
    let first = at
    while at < bytes.count, Self.digit(bytes[at]) != nil { at += 1 }
    guard at > first else { throw JSONError(.badNumber, at: start) }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : nil
  }

  private mutating func skipSpace(_ bytes: Span<UInt8>) {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
    guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
    guard take(byte, bytes) else { throw JSONError(.unexpectedByte, at: at) }
  }
}

extension JSONParser {
  /// Reads a string from its opening to its closing quote.
  private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
    let opening = at
    at += 1
    let start = at
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        guard let text = Self.text(bytes.extracting(start..<at)) else { throw JSONError(.invalidUTF8, at: opening) }
        at += 1
        return text
      case UInt8(ascii: "\\"):
        return try escapedString(bytes, from: start, opening: opening)
      case 0..<0x20:
        throw JSONError(.controlCharacter, at: at)
      default:
        at += 1
      }
    }
    throw JSONError(.unexpectedEnd, at: at)
  }

  private mutating func escapedString(
    _ bytes: Span<UInt8>, from start: Int, opening: Int
  ) throws(JSONError) -> String {
    var text: [UInt8] = []
    for index in start..<at { text.append(bytes[index]) }
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = Self.text(text.span) else { throw JSONError(.invalidUTF8, at: opening) }
        at += 1
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: UTF8.encode(try escape(bytes)) ?? UTF8.encodedReplacementCharacter)
      case 0..<0x20:
        throw JSONError(.controlCharacter, at: at)
      default:
        text.append(byte)
        at += 1
      }
    }
    throw JSONError(.unexpectedEnd, at: at)
  }

  /// Reads one escape, both halves of a surrogate pair included.
  private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) -> Unicode.Scalar {
    let start = at
    guard at + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
    at += 2
    switch bytes[at - 1] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw JSONError(.badEscape, at: start)
    }
    let first = try hexQuad(bytes)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first), take(UInt8(ascii: "\\"), bytes), take(UInt8(ascii: "u"), bytes) else {
      throw JSONError(.loneSurrogate, at: start)
    }
    let second = try hexQuad(bytes)
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw JSONError(.loneSurrogate, at: start) }
    return scalar
  }

  private mutating func hexQuad(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
    guard at + 4 <= bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[at]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw JSONError(.badEscape, at: at)
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }

  /// The bytes as a string; nil where they are not UTF-8.
  private static func text(_ bytes: Span<UInt8>) -> String? {
    guard let validated = try? UTF8Span(validating: bytes) else { return nil }
    return String(copying: validated)
  }
}
