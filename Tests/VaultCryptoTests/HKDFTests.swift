import Testing

@testable import VaultCrypto

/// One test case of RFC 5869, Appendix A (the SHA-256 ones).
struct HKDFVector: Sendable {
  let name: String
  let input: [UInt8]
  let salt: [UInt8]
  let info: [UInt8]
  let extracted: [UInt8]
  let expanded: [UInt8]

  static let all = [
    HKDFVector(
      name: "A.1", input: [UInt8](repeating: 0x0b, count: 22), salt: [UInt8](0...12), info: [UInt8](0xf0...0xf9),
      extracted: hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
      expanded: hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")),
    HKDFVector(
      name: "A.2", input: [UInt8](0...0x4f), salt: [UInt8](0x60...0xaf), info: [UInt8](0xb0...0xff),
      extracted: hex("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244"),
      expanded: hex(
        """
        b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09
        da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87
        """)),
    HKDFVector(
      name: "A.3", input: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [],
      extracted: hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"),
      expanded: hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")),
  ]
}

@Suite struct HKDFTests {
  @Test(arguments: HKDFVector.all) func `RFC 5869 comes out as published`(vector: HKDFVector) {
    var key = [UInt8](repeating: 0, count: 32)
    unsafe vector.input.withUnsafeBytes { input in
      unsafe vector.salt.withUnsafeBytes { salt in
        unsafe key.withUnsafeMutableBytes { unsafe HKDF.extract(salt: salt, parts: [input], into: $0) }
      }
    }
    #expect(key == vector.extracted, "\(vector.name)")
    var output = [UInt8](repeating: 0, count: vector.expanded.count)
    unsafe key.withUnsafeBytes { key in
      unsafe output.withUnsafeMutableBytes { unsafe HKDF.expand(key: key, info: vector.info, into: $0) }
    }
    #expect(output == vector.expanded, "\(vector.name)")
  }

  @Test func `An absent salt is an empty one, and parts are joined`() {
    var (joined, parted) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
    unsafe [1, 2, 3, 4].withUnsafeBytes { bytes in
      unsafe joined.withUnsafeMutableBytes { unsafe HKDF.extract(salt: nil, parts: [bytes], into: $0) }
      let head = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<5])
      let tail = unsafe UnsafeRawBufferPointer(rebasing: bytes[5...])
      unsafe parted.withUnsafeMutableBytes {
        unsafe HKDF.extract(salt: UnsafeRawBufferPointer(start: nil, count: 0), parts: [head, tail], into: $0)
      }
    }
    #expect(joined == parted)
  }

  @Test func `Labels, contexts and parents separate keys`() {
    let (one, two) = (symmetricKey([UInt8](0..<32)), symmetricKey([UInt8](1...32)))
    let keys: Set<[UInt8]> = [
      revealed(HKDF.deriveKey(from: one, label: "a")), revealed(HKDF.deriveKey(from: one, label: "b")),
      revealed(HKDF.deriveKey(from: two, label: "a")), revealed(HKDF.combine(one, two, context: [1])),
      revealed(HKDF.combine(two, one, context: [1])), revealed(HKDF.combine(one, two, context: [2])),
    ]
    #expect(keys.count == 6)
    #expect(revealed(HKDF.deriveKey(from: one, label: "a")) == revealed(HKDF.deriveKey(from: one, label: "a")))
  }
}
