/// A flat JSON object whose strings are secrets: `{"account": "…", "passphrase": "…"}`.
///
/// The general parser makes strings, which nobody can overwrite. This one scans the few members that sessions and
/// enrolments have, unescapes them into bytes that are wiped with the last holder, and knows nothing else of JSON:
/// strings, `true` and `false`, one level, no duplicates, no unknown names.
public struct SecretObject: Sendable {
  /// As much as the longest passphrase and a key need, escaped.
  public static let byteCountMax = 16 * 1024

  private let arena: WipedBytes
  private let texts: [String: Range<Int>]
  private let flags: [String: Bool]

  public struct ParseError: Error, Sendable, Equatable {
    public enum Code: Sendable { case tooLarge, notAFlatObject, badString, unknownMember, duplicateMember }
    public let code: Code

    public init(_ code: Code) { self.code = code }

    public var problem: Problem {
      switch code {
      case .tooLarge: Problem(.bodyTooLarge, "This body may have at most \(SecretObject.byteCountMax) bytes.")
      case .notAFlatObject:
        Problem(.malformed, "The body has to be one JSON object whose members are strings or true or false.")
      case .badString: Problem(.malformed, "A string in the body is cut off, not UTF-8, or has an unknown escape.")
      case .unknownMember: Problem(.invalid, "The body has a member that is not known here.")
      case .duplicateMember: Problem(.malformed, "The body names a member twice.")
      }
    }
  }

  /// Scans `json`, which the caller wipes.
  /// - Parameter names: the members that may occur.
  public init(parsing json: RawSpan, allowing names: Set<String>) throws(ParseError) {
    guard json.byteCount <= Self.byteCountMax else { throw ParseError(.tooLarge) }
    var scanner = SecretScanner(names: names)
    // Unescaped text is never longer than what it was escaped from.
    arena = try WipedBytes(capacity: json.byteCount) { (bytes) throws(ParseError) in
      try scanner.scan(json, into: &bytes)
    }
    texts = scanner.texts
    flags = scanner.flags
  }

  public func contains(_ name: String) -> Bool { texts[name] != nil }

  /// False when absent.
  public func flag(_ name: String) -> Bool { flags[name] ?? false }

  /// The unescaped UTF-8 bytes of a string member, for the time of the closure; nil is passed on when it is absent.
  public func withBytes<R, E>(of name: String, _ body: (RawSpan) throws(E) -> R) throws(E) -> R? {
    guard let range = texts[name] else { return nil }
    return try arena.withBytes { (all) throws(E) in try body(all.extracting(range)) }
  }

  /// A member that is no secret, such as the account's name, as text.
  public func text(_ name: String) -> String? {
    withBytes(of: name) { span in
      String(decoding: (0..<span.byteCount).map { span.unsafeLoadByte($0) }, as: UTF8.self)
    }
  }
}

extension RawSpan {
  /// One byte; the index is checked.
  fileprivate func unsafeLoadByte(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
}

private struct SecretScanner {
  let names: Set<String>
  var texts: [String: Range<Int>] = [:]
  var flags: [String: Bool] = [:]
  private var at = 0

  init(names: Set<String>) { self.names = names }

  mutating func scan(_ json: RawSpan, into arena: inout [UInt8]) throws(SecretObject.ParseError) {
    skipSpace(json)
    try expect("{", json)
    skipSpace(json)
    if !take("}", json) {
      repeat {
        skipSpace(json)
        try member(json, into: &arena)
        skipSpace(json)
      } while take(",", json)
      try expect("}", json)
    }
    skipSpace(json)
    guard at == json.byteCount else { throw error(.notAFlatObject) }
  }

  private mutating func member(_ json: RawSpan, into arena: inout [UInt8]) throws(SecretObject.ParseError) {
    guard peek(json) == UInt8(ascii: "\"") else { throw error(.notAFlatObject) }
    let nameRange = try string(json, into: &arena)
    let name = String(decoding: arena[nameRange], as: UTF8.self)
    guard names.contains(name) else { throw error(.unknownMember) }
    guard texts[name] == nil, flags[name] == nil else { throw error(.duplicateMember) }
    skipSpace(json)
    try expect(":", json)
    skipSpace(json)
    switch peek(json) {
    case UInt8(ascii: "\""): texts[name] = try string(json, into: &arena)
    case UInt8(ascii: "t"): flags[name] = try word("true", true, json)
    case UInt8(ascii: "f"): flags[name] = try word("false", false, json)
    default: throw error(.notAFlatObject)
    }
  }

  private mutating func string(_ json: RawSpan, into arena: inout [UInt8]) throws(SecretObject.ParseError) -> Range<Int>
  {
    try expect("\"", json)
    let start = arena.count
    while let byte = peek(json) {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard isUTF8(arena[start...]) else { throw error(.badString) }
        return start..<arena.count
      case UInt8(ascii: "\\"): try escape(json, into: &arena)
      case 0..<0x20: throw error(.badString)
      default: arena.append(byte)
      }
    }
    throw error(.badString)
  }

  private mutating func escape(_ json: RawSpan, into arena: inout [UInt8]) throws(SecretObject.ParseError) {
    guard let byte = peek(json) else { throw error(.badString) }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): arena.append(byte)
    case UInt8(ascii: "b"): arena.append(0x08)
    case UInt8(ascii: "f"): arena.append(0x0C)
    case UInt8(ascii: "n"): arena.append(0x0A)
    case UInt8(ascii: "r"): arena.append(0x0D)
    case UInt8(ascii: "t"): arena.append(0x09)
    case UInt8(ascii: "u"): encode(try scalar(json), into: &arena)
    default: throw error(.badString)
    }
  }

  private mutating func scalar(_ json: RawSpan) throws(SecretObject.ParseError) -> UInt32 {
    let first = try hexQuad(json)
    guard (0xD800..<0xE000).contains(first) else { return first }
    guard first < 0xDC00, take("\\", json), take("u", json) else { throw error(.badString) }
    let second = try hexQuad(json)
    guard (0xDC00..<0xE000).contains(second) else { throw error(.badString) }
    return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
  }

  private mutating func hexQuad(_ json: RawSpan) throws(SecretObject.ParseError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = peek(json).flatMap(PercentEncoding.hexValue) else { throw error(.badString) }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }

  /// UTF-8 by hand: `Unicode.UTF8.encode` would do, but its collections are copies too.
  private func encode(_ scalar: UInt32, into arena: inout [UInt8]) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift & 0x3F)) }
    switch scalar {
    case 0..<0x80: arena.append(UInt8(scalar))
    case 0x80..<0x800:
      arena.append(UInt8(0xC0 | scalar >> 6))
      arena.append(tail(0))
    case 0x800..<0x10000:
      arena.append(UInt8(0xE0 | scalar >> 12))
      arena.append(tail(6))
      arena.append(tail(0))
    default:
      arena.append(UInt8(0xF0 | scalar >> 18))
      arena.append(tail(12))
      arena.append(tail(6))
      arena.append(tail(0))
    }
  }

  private func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue: continue
      case .emptyInput: return true
      case .error: return false
      }
    }
  }

  private mutating func word(_ word: String, _ value: Bool, _ json: RawSpan) throws(SecretObject.ParseError) -> Bool {
    for byte in word.utf8 {
      guard peek(json) == byte else { throw error(.notAFlatObject) }
      at += 1
    }
    return value
  }

  private func peek(_ json: RawSpan) -> UInt8? { at < json.byteCount ? json.unsafeLoadByte(at) : nil }

  private mutating func skipSpace(_ json: RawSpan) {
    while let byte = peek(json), [0x20, 0x0A, 0x0D, 0x09].contains(byte) { at += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar, _ json: RawSpan) -> Bool {
    guard peek(json) == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar, _ json: RawSpan) throws(SecretObject.ParseError) {
    guard take(character, json) else { throw error(.notAFlatObject) }
  }

  private func error(_ code: SecretObject.ParseError.Code) -> SecretObject.ParseError { .init(code) }
}
