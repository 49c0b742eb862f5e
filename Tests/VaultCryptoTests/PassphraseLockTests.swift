import Testing

@testable import VaultCrypto

@Suite struct StretchTests {
  @Test(
    arguments: [
      (1, 65536), (0, 65536), (11, 65536), (.max, 65536), (2, (19 << 10) - 1), (2, 0), (2, (1 << 20) + 1), (2, .max),
    ] as [(UInt64, UInt64)])
  func `Parameters outside the floor and the ceiling are refused`(passes: UInt64, memoryKiB: UInt64) {
    #expect(
      refusal { () throws(CryptoError) in _ = try StretchCost(passes: passes, memoryKiB: memoryKiB) } == .outOfBounds)
  }

  @Test func `The named costs lie within the bounds`() throws {
    for cost in [StretchCost.floor, .ceiling, .standard, .fingerprint] {
      #expect(try StretchCost(passes: cost.passes, memoryKiB: cost.memoryKiB) == cost)
    }
  }

  @Test func `Impossible salts and passphrases are refused before memory is taken`() {
    for (length, salt) in [(8, 15), (8, 17), (8, 0), (Argon2id.passphraseByteCountMax + 1, 16)] {
      #expect(
        refusal { () throws(CryptoError) in
          _ = try Argon2id.stretch(
            secret([UInt8](repeating: 1, count: length)), salt: [UInt8](repeating: 2, count: salt), cost: .floor)
        } == .outOfBounds)
    }
  }

  @Test func `Passphrase, salt and cost each change the key`() throws {
    let salt = [UInt8](0..<16)
    let keys: Set<[UInt8]> = [
      revealed(try Argon2id.stretch(secret("acid academic"), salt: salt, cost: .floor)),
      revealed(try Argon2id.stretch(secret("acid academia"), salt: salt, cost: .floor)),
      revealed(try Argon2id.stretch(secret("acid academic"), salt: salt.reversed(), cost: .floor)),
      revealed(
        try Argon2id.stretch(secret("acid academic"), salt: salt, cost: StretchCost(passes: 3, memoryKiB: 19 << 10))),
      revealed(
        try Argon2id.stretch(secret("acid academic"), salt: salt, cost: StretchCost(passes: 2, memoryKiB: 20 << 10))),
    ]
    #expect(keys.count == 5)
  }

  @Test(
    .enabled(
      if: Peer.pythonHas("cryptography.hazmat.primitives.kdf.argon2"), "python3 has no cryptography with Argon2id"))
  func `Another implementation of Argon2id comes to the same key`() throws {
    let key = try Argon2id.stretch(secret("শিরিন acid"), salt: [UInt8](0..<16), cost: .floor)
    let peer = try Peer.python(
      """
      import sys
      from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
      kdf = Argon2id(salt=bytes(range(16)), length=32, iterations=2, lanes=1, memory_cost=19 << 10)
      sys.stdout.buffer.write(kdf.derive(sys.stdin.buffer.read()))
      """, input: Array("শিরিন acid".utf8))
    #expect(revealed(key) == peer)
  }
}
