import Testing

@testable import VaultCrypto

@Suite struct CanonicalEncodingTests {
  static let document: [UInt8] = {
    var encoding = CanonicalEncoding("example")
    encoding.append("sample")
    encoding.append(7)
    encoding.append(list: [[1, 2], []])
    return encoding.bytes
  }()

  private static func read(_ bytes: [UInt8]) throws(CryptoError) -> (String, UInt64, [[UInt8]]) {
    var decoder = try CanonicalDecoder(bytes, purpose: "example")
    let text = try decoder.text(limit: 16)
    let integer = try decoder.integer()
    var list: [[UInt8]] = []
    for _ in 0..<(try decoder.count(limit: 4)) { list.append(try decoder.field(limit: 4)) }
    try decoder.finish()
    return (text, integer, list)
  }

  @Test func `The bytes are those of the format`() {
    let expected =
      Array("survivor-vault/v1/example".utf8) + [0, 0, 0, 0, 6] + Array("sample".utf8)
      + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7] + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 2] + [0, 0, 0, 2, 1, 2] + [0, 0, 0, 0]
    #expect(Self.document == expected)
  }

  @Test func `What was encoded is read back`() throws {
    let (text, integer, list) = try Self.read(Self.document)
    #expect(text == "sample")
    #expect(integer == 7)
    #expect(list == [[1, 2], []])
  }

  @Test func `A document cut anywhere or with anything after it is malformed`() {
    for length in 0..<Self.document.count {
      #expect(
        refusal { () throws(CryptoError) in _ = try Self.read(Array(Self.document.prefix(length))) } == .malformed)
    }
    #expect(refusal { () throws(CryptoError) in _ = try Self.read(Self.document + [0]) } == .malformed)
  }

  @Test func `Another purpose, version or house is malformed, also where one name begins the other`() {
    for purpose in ["exampl", "example2", "Example"] as [StaticString] {
      #expect(
        refusal { () throws(CryptoError) in _ = try CanonicalDecoder(Self.document, purpose: purpose) } == .malformed)
    }
  }

  @Test func `Hostile lengths are refused before anything is allocated or added up`() {
    let prefix = CanonicalEncoding("example").bytes
    for length in [[0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0, 0, 0, 17]] as [[UInt8]] {
      let bytes = prefix + length + [UInt8](repeating: 0, count: 20)
      #expect(
        refusal { () throws(CryptoError) in
          var decoder = try CanonicalDecoder(bytes, purpose: "example")
          _ = try decoder.field(limit: 16)
        } == .malformed)
    }
    for length in 0..<4 {
      #expect(
        refusal { () throws(CryptoError) in
          var decoder = try CanonicalDecoder(prefix + [UInt8](repeating: 0, count: length), purpose: "example")
          _ = try decoder.field(limit: 16)
        } == .malformed)
    }
  }

  @Test func `Integers have eight bytes, counts have a bound, text is UTF-8`() {
    func reading(_ field: [UInt8], _ read: (inout CanonicalDecoder) throws(CryptoError) -> Void) -> CryptoError.Code? {
      var encoding = CanonicalEncoding("example")
      encoding.append(field)
      let bytes = encoding.bytes
      return refusal { () throws(CryptoError) in
        var decoder = try CanonicalDecoder(bytes, purpose: "example")
        try read(&decoder)
      }
    }
    for length in [0, 1, 7, 9] {
      #expect(
        reading([UInt8](repeating: 0, count: length)) { (decoder) throws(CryptoError) in _ = try decoder.integer() }
          == .malformed)
    }
    #expect(
      reading([UInt8](repeating: 0xff, count: 8)) { (decoder) throws(CryptoError) in _ = try decoder.count(limit: 9) }
        == .malformed)
    #expect(reading([0xc3, 0x28]) { (decoder) throws(CryptoError) in _ = try decoder.text(limit: 9) } == .malformed)
    #expect(reading([1]) { (decoder) throws(CryptoError) in _ = try decoder.field(exactly: 2) } == .malformed)
    #expect(reading(Array("শিরিন".utf8)) { (decoder) throws(CryptoError) in _ = try decoder.text(limit: 15) } == nil)
  }

  @Test func `Fields that join to the same bytes encode differently`() {
    var seen: Set<[UInt8]> = []
    for fields in [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"]] {
      var encoding = CanonicalEncoding("example")
      for field in fields { encoding.append(field) }
      seen.insert(encoding.bytes)
    }
    #expect(seen.count == 5)
  }
}
