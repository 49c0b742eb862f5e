import Testing

@testable import VaultCrypto

@Suite struct AccountKeysTests {
  // RFC 8032 §7.1, TEST 2.
  static let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
  static let signature = hex(
    """
    92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
    """)

  @Test func `Ed25519 comes out as RFC 8032 publishes it`() throws {
    let key = SigningKey(seed: symmetricKey(Self.seed))
    #expect(key.verifyingKey.bytes == hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
    #expect(key.sign([0x72]) == Self.signature)
    try key.verifyingKey.verify(Self.signature, over: [0x72])
    try key.verifyingKey.verify(key.sign([]), over: [])
  }

  @Test func `P6: a signature flipped at any byte, cut, extended or over another message is refused`() throws {
    let key = SigningKey(seed: symmetricKey(Self.seed)).verifyingKey
    func refused(_ signature: [UInt8], _ message: [UInt8] = [0x72]) -> CryptoError.Code? {
      refusal { () throws(CryptoError) in try key.verify(signature, over: message) }
    }
    for index in Self.signature.indices {
      for bit in 0..<8 {
        var flipped = Self.signature
        flipped[index] ^= 1 << UInt8(bit)
        #expect(refused(flipped) == .notAuthentic)
      }
    }
    for length in 0..<64 { #expect(refused(Array(Self.signature.prefix(length))) == .malformed) }
    #expect(refused(Self.signature + [0]) == .malformed)
    #expect(refused(Self.signature, [0x73]) == .notAuthentic)
    #expect(refused(Self.signature, []) == .notAuthentic)
    // s + L: the same signature to a careless verifier (RFC 8032 §5.1.7 forbids it).
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
    var (malleable, carry) = (Self.signature, 0)
    for index in 0..<32 {
      let sum = Int(malleable[32 + index]) + Int(order[index]) + carry
      malleable[32 + index] = UInt8(sum & 0xff)
      carry = sum >> 8
    }
    #expect(refused(malleable) == .notAuthentic)
  }

  @Test func `P6: a verifying key of small order verifies nothing`() throws {
    // With the neutral point as key and R, and s = 0, a verifier without the check accepts every message.
    let neutral = [1] + [UInt8](repeating: 0, count: 31)
    let forged = neutral + [UInt8](repeating: 0, count: 32)
    let key = try VerifyingKey(neutral)
    #expect(refusal { () throws(CryptoError) in try key.verify(forged, over: [1, 2, 3]) } == .notAuthentic)
  }

  @Test func `X25519 public keys come out as RFC 7748 publishes them`() {
    // §6.1, Alice and Bob.
    let alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    let bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    #expect(
      OpeningKey(secret: symmetricKey(alice)).sealingKey.bytes
        == hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
    #expect(
      OpeningKey(secret: symmetricKey(bob)).sealingKey.bytes
        == hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
  }

  @Test func `Public keys of another length are malformed`() {
    for length in [0, 31, 33] {
      let bytes = [UInt8](repeating: 1, count: length)
      #expect(refusal { () throws(CryptoError) in _ = try VerifyingKey(bytes) } == .malformed)
      #expect(refusal { () throws(CryptoError) in _ = try SealingKey(bytes) } == .malformed)
    }
  }
}
