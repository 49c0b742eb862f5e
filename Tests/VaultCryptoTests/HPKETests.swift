import Testing

@testable import VaultCrypto

@Suite struct HPKETests {
  // RFC 9180, Appendix A.2.1 (base mode), sequence number 0: the only one that a single shot makes.
  static let ephemeralSecret = hex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600")
  static let encapsulated = hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
  static let recipientSecret = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
  static let recipientPublic = hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
  static let info = hex("4f6465206f6e2061204772656369616e2055726e")
  static let plaintext = hex("4265617574792069732074727574682c20747275746820626561757479")
  static let associatedData = hex("436f756e742d30")
  static let ciphertext = hex(
    "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")

  static let recipient = OpeningKey(secret: symmetricKey(recipientSecret))

  private static func seal(_ data: [UInt8]) throws(CryptoError) -> [UInt8] {
    let ephemeral = OpeningKey(secret: symmetricKey(ephemeralSecret))
    return try secret(data).withBytes { bytes throws(CryptoError) in
      try unsafe HPKE.seal(
        bytes, to: recipient.sealingKey, info: info, associatedData: associatedData, ephemeral: ephemeral)
    }
  }

  @Test func `RFC 9180 A.2.1 comes out as published, in both directions`() throws {
    #expect(Self.recipient.sealingKey.bytes == Self.recipientPublic)
    #expect(try Self.seal(Self.plaintext) == Self.encapsulated + Self.ciphertext)
    let opened = try HPKE.open(
      Self.encapsulated + Self.ciphertext, with: Self.recipient, info: Self.info, associatedData: Self.associatedData)
    #expect(revealed(opened) == Self.plaintext)
  }

  @Test func `P6: any flipped byte, any other length, key, info or context is refused`() throws {
    let sealed = try Self.seal(Self.plaintext)
    func open(
      _ bytes: [UInt8], with key: OpeningKey = Self.recipient, info: [UInt8] = Self.info,
      associatedData: [UInt8] = Self.associatedData
    ) -> CryptoError.Code? {
      refusal { () throws(CryptoError) in
        _ = try HPKE.open(bytes, with: key, info: info, associatedData: associatedData)
      }
    }
    for index in sealed.indices {
      for bit in 0..<8 {
        var flipped = sealed
        flipped[index] ^= 1 << UInt8(bit)
        // X25519 ignores the top bit of a public key; the key schedule does not.
        #expect(open(flipped) == .notAuthentic)
      }
    }
    for length in 0..<sealed.count {
      #expect(open(Array(sealed.prefix(length))) == (length > HPKE.overheadByteCount ? .notAuthentic : .malformed))
    }
    #expect(open(sealed + [0]) == .notAuthentic)
    #expect(open([UInt8](repeating: 9, count: HPKE.dataByteCountMax + HPKE.overheadByteCount + 1)) == .malformed)
    #expect(open(sealed, with: .random()) == .notAuthentic)
    #expect(open(sealed, info: []) == .notAuthentic)
    #expect(open(sealed, associatedData: []) == .notAuthentic)
    #expect(open(sealed) == nil)
  }

  @Test func `Public keys of small order are refused on both sides`() throws {
    // The points of order 1, 2, 4 and 8 of Curve25519 (RFC 7748 §6.1 asks for the check; the list is cr.yp.to/ecdh.html's).
    let points = [
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]
    for point in points {
      let key = try SealingKey(hex(point))
      #expect(
        refusal { () throws(CryptoError) in
          _ = try HPKE.seal(symmetricKey([UInt8](0..<32)), to: key, info: [], associatedData: [])
        } == .notAuthentic)
      let sealed = hex(point) + [UInt8](repeating: 1, count: 48)
      #expect(
        refusal { () throws(CryptoError) in
          _ = try HPKE.open(sealed, with: Self.recipient, info: [], associatedData: [])
        } == .notAuthentic)
    }
  }

  @Test func `Too much for one sealing is refused, not cut`() {
    #expect(
      refusal { () throws(CryptoError) in _ = try Self.seal([UInt8](repeating: 0, count: HPKE.dataByteCountMax + 1)) }
        == .outOfBounds)
    #expect(refusal { () throws(CryptoError) in _ = try Self.seal([1]) } == nil)
  }

  @Test func `A key is opened into ordinary memory under the same conditions, and only if it is a key`() throws {
    let bytes = [UInt8](0..<32)
    let sealed = try HPKE.seal(symmetricKey(bytes), to: Self.recipient.sealingKey, info: Self.info, associatedData: [])
    let key = try HPKE.openTransient(sealed, with: Self.recipient, info: Self.info, associatedData: [])
    #expect(key.withKeyBytes { unsafe [UInt8]($0) } == bytes)
    func open(_ sealed: [UInt8], info: [UInt8] = Self.info, associatedData: [UInt8] = []) -> CryptoError.Code? {
      refusal { () throws(CryptoError) in
        _ = try HPKE.openTransient(sealed, with: Self.recipient, info: info, associatedData: associatedData)
      }
    }
    for index in sealed.indices {
      var flipped = sealed
      flipped[index] ^= 1
      #expect(open(flipped) == .notAuthentic)
    }
    #expect(open(sealed, info: []) == .notAuthentic)
    #expect(open(sealed, associatedData: [0]) == .notAuthentic)
    #expect(open(Array(sealed.prefix(HPKE.overheadByteCount))) == .malformed)
    for count in [1, 31, 33] {
      let other = try HPKE.seal(
        [UInt8](repeating: 1, count: count), to: Self.recipient.sealingKey, info: Self.info, associatedData: [])
      #expect(open(other) == .malformed)
    }
  }

  @Test(
    .enabled(
      if: Peer.pythonHas("cryptography.hazmat.primitives.hpke"),
      "python3 has no cryptography ≥ 47 with hazmat.primitives.hpke"))
  func `The library of another language opens what we seal, and we what it seals`() throws {
    let prelude = """
      import sys
      from cryptography.hazmat.primitives.hpke import Suite, KEM, KDF, AEAD
      from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
      suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
      key = X25519PrivateKey.from_private_bytes(bytes.fromhex("\(hexText(Self.recipientSecret))"))
      data = sys.stdin.buffer.read()

      """
    for length in [1, 32, 1000] {
      let data = randomBytes(length)
      let sealed = try secret(data).withBytes { bytes throws(CryptoError) in
        try unsafe HPKE.seal(bytes, to: Self.recipient.sealingKey, info: Self.info, associatedData: [])
      }
      let info = "bytes.fromhex('\(hexText(Self.info))')"
      let theirs = try Peer.python(
        prelude + "sys.stdout.buffer.write(suite.decrypt(data, key, info=\(info)))", input: sealed)
      #expect(theirs == data)
      let fromPeer = try Peer.python(
        prelude + "sys.stdout.buffer.write(suite.encrypt(data, key.public_key(), info=\(info)))", input: data)
      let ours = try HPKE.open(fromPeer, with: Self.recipient, info: Self.info, associatedData: [])
      #expect(revealed(ours) == data)
    }
  }
}
