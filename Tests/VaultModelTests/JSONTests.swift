import Testing

@testable import VaultModel

@Suite struct JSONTests {
  private func parse(_ text: String, limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
    try JSONValue.parse(Array(text.utf8), limits: limits)
  }

  private func canonical(_ text: String) throws -> String {
    String(decoding: try parse(text).canonicalBytes(), as: UTF8.self)
  }

  @Test(arguments: [
    ("null", "null"), (" true\n", "true"), ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("1.0", "1"), ("1e2", "100"),
    ("-12.50", "-12.5"), ("9223372036854775807", "9223372036854775807"),
    ("-9223372036854775808", "-9223372036854775808"), ("1e-7", "1e-07"), ("1E+30", "1e+30"), ("[ ]", "[]"),
    ("{ }", "{}"), ("[1, [2,{}] ]", "[1,[2,{}]]"),
    (#"{"b":1,"a":{"d":2,"c":[]},"B":3,"é":4,"aa":5}"#, #"{"B":3,"a":{"c":[],"d":2},"aa":5,"b":1,"é":4}"#),
    (#""শিরিন Ștefănescu दिव्या 😀""#, #""শিরিন Ștefănescu दिव्या 😀""#),
    (#""\u09b6\u09BF\uD83D\uDE00\/\"\\""#, #""শি😀/\"\\""#),
    (#""\b\f\n\r\t\u0000\u001F\u007f""#, "\"\\b\\f\\n\\r\\t\\u0000\\u001f\u{7F}\""),
  ])
  func `documents are read and written in their canonical form`(_ text: String, _ expected: String) throws {
    #expect(try canonical(text) == expected)
    #expect(try canonical(expected) == expected)
    #expect(try parse(expected) == parse(text))
  }

  private static let hostile: [(String, JSONError.Code)] = [
    ("", JSONError.Code.unexpectedEnd), ("  ", .unexpectedEnd), ("nul", .unexpectedEnd), ("nulL", .unexpectedByte),
    ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd), ("[1,]", .unexpectedByte), ("{\"a\"}", .unexpectedByte),
    ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte), ("{\"a\":", .unexpectedEnd), ("'a'", .unexpectedByte),
    ("1 2", .trailingBytes), ("{}x", .trailingBytes), ("null\0", .trailingBytes), ("\u{FEFF}{}", .unexpectedByte),
    ("{\"a\":1,\"a\":2}", .duplicateKey), (#"{"a":1,"\u0061":2}"#, .duplicateKey),
    ("{\"e\u{301}\":1,\"\u{e9}\":2}", .duplicateKey),
    ("01", .badNumber), ("-", .badNumber), ("1.", .badNumber), (".5", .unexpectedByte), ("1e", .badNumber),
    ("1e+", .badNumber), ("+1", .unexpectedByte), ("0x10", .trailingBytes), ("NaN", .unexpectedByte),
    ("Infinity", .unexpectedByte), ("-Infinity", .badNumber), ("1e999", .numberOutOfRange),
    ("9223372036854775808", .numberOutOfRange), ("-9223372036854775809", .numberOutOfRange),
    ("1" + String(repeating: "0", count: 5_000), .numberOutOfRange),
    ("0." + String(repeating: "0", count: 5_000) + "1", .numberOutOfRange),
    (#""\ud800""#, .loneSurrogate), (#""\udc00""#, .loneSurrogate), (#""\ud800\ud800""#, .loneSurrogate),
    (#""\ud800x""#, .loneSurrogate), (#""\ud800\n""#, .loneSurrogate), (#""\ud800"#, .loneSurrogate),
    (#""\x41""#, .badEscape), (#""\u00g0""#, .badEscape), (#""\u00"#, .unexpectedEnd), (#""\"#, .unexpectedEnd),
    (#""a"#, .unexpectedEnd), ("\"a\nb\"", .controlCharacter), ("\"\\n\u{1}\"", .controlCharacter),
    (String(repeating: "[", count: 17) + String(repeating: "]", count: 17), .tooDeep),
    (String(repeating: "[", count: 100_000), .tooDeep), (String(repeating: "{\"a\":", count: 100_000), .tooDeep),
  ]

  @Test(arguments: hostile)
  func `hostile documents get a typed error`(_ text: String, _ code: JSONError.Code) {
    do throws(JSONError) {
      _ = try parse(text)
      Issue.record("accepted")
    } catch {
      #expect(error.code == code)
      #expect((0...text.utf8.count).contains(error.offset))
    }
  }

  @Test(arguments: [
    [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE0, 0xA6, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
    [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xC3, 0x22],
    [0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D],
  ])
  func `text that is not UTF-8 is refused`(_ bytes: [UInt8]) {
    do throws(JSONError) {
      _ = try JSONValue.parse(bytes)
      Issue.record("accepted")
    } catch {
      #expect(error.code == .invalidUTF8)
    }
  }

  @Test func `the bounds hold at their edge`() throws {
    #expect(try parse(String(repeating: "[", count: 16) + String(repeating: "]", count: 16)) != .null)
    let limits = JSONLimits(byteCountMax: 9, depthMax: 1, memberCountMax: 4)
    #expect(try parse("[1,2,3,4]", limits: limits) == [1, 2, 3, 4])
    #expect(throws: JSONError(.tooLarge, at: 9)) { try parse("[1,2,3,4 ]", limits: limits) }
    #expect(throws: JSONError(.tooDeep, at: 1)) { try parse("[[]]", limits: limits) }
    let three = JSONLimits(memberCountMax: 3)
    #expect(throws: JSONError(.tooManyMembers, at: 7)) { try parse("[1,2,3,4]", limits: three) }
    #expect(throws: JSONError(.tooManyMembers, at: 12)) {
      try parse(#"[{"a":1,"b":2}]"#, limits: .init(memberCountMax: 2))
    }
    #expect(JSONLimits(depthMax: .max).depthMax == 128)
    let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    #expect(try parse(deep, limits: .init(depthMax: .max)) != .null)
  }

  @Test func `P10 an error never repeats the document`() {
    for text in [#"{"planted": planted}"#, #"["planted"#, #"{"planted":1,"planted":2}"#, "\"planted\\x\""] {
      do throws(JSONError) {
        _ = try parse(text)
        Issue.record("accepted")
      } catch {
        #expect(!error.description.contains("planted") && !"\(error)".contains("planted"))
      }
    }
  }

  @Test func `P10 random and damaged documents never trap, and what is read can be written and read again`() throws {
    let sample = Array(
      #"{"a":[1,-2.5e3,true,null,"শিরিন \u09b6\ud83d\ude00"],"b":{"c":"x\n\"","d":[[],{}]},"e":12345678901}"#.utf8)
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array(#"{}[]",:\u0123456789abcdefntrls-+.eE \#u{0}"#.utf8) + [0xC3, 0xA9, 0xE0, 0xFF, 0x1F]
    var readCount = 0
    for round in 0..<20_000 {
      var bytes: [UInt8]
      switch round % 3 {
      case 0:
        bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
      case 1:
        bytes = (0..<Int.random(in: 0...48, using: &generator)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        }
      default:
        bytes = sample
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          let index = Int.random(in: 0..<bytes.count, using: &generator)
          switch Int.random(in: 0..<3, using: &generator) {
          case 0: bytes[index] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
          case 1: bytes.remove(at: index)
          default: bytes.insert(.random(in: 0...255, using: &generator), at: index)
          }
        }
      }
      guard let value = try? JSONValue.parse(bytes) else { continue }
      readCount += 1
      let written = value.canonicalBytes()
      #expect(try JSONValue.parse(written) == value)
      #expect(try JSONValue.parse(written).canonicalBytes() == written)
    }
    #expect(readCount > 200)
  }

  @Test func `every way in reads the same`() throws {
    let bytes = Array(#"{"name":"দিব্যা","n":[1,2]}"#.utf8)
    let value: JSONValue = ["name": "দিব্যা", "n": [1, 2]]
    #expect(try JSONValue.parse(bytes) == value)
    #expect(try JSONValue.parse(bytes: Array(([0x20] + bytes).dropFirst())[...]) == value)
    let raw = try unsafe JSONValue.parse(bytes.span.bytes)
    #expect(raw == value)
    #expect(throws: JSONError(.tooLarge, at: 3)) {
      try JSONValue.parse(bytes: bytes[...], limits: .init(byteCountMax: 3))
    }
    #expect(try JSONValue.parse(bytes)["name"]?.stringValue == "দিব্যা")
  }

  @Test func `a value that JSON does not have is written as null`() {
    #expect(JSONValue.double(.nan).canonicalBytes() == Array("null".utf8))
    #expect(JSONValue.number(-.infinity) == .null)
    #expect(JSONValue.double(3).canonicalBytes() == Array("3".utf8))
    #expect(JSONValue.number(1e300) == .double(1e300))
  }

  /// The table of RFC 7396, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func `merge patches follow the standard's own examples`(_ text: String, _ patch: String, _ expected: String) throws {
    #expect(try parse(text).merging(patch: parse(patch)) == parse(expected))
  }
}
