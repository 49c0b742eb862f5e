import Foundation
import Testing

@testable import VaultCrypto

/// One entry of the standard's `vectors.json`.
struct SLIP39Vector: Sendable, CustomTestStringConvertible {
  static let all: [SLIP39Vector] = {
    guard Vectors.exists("slip39/vectors.json"), let bytes = try? Vectors.bytes("slip39/vectors.json"),
      let entries = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [[Any]]
    else { return [] }
    return entries.compactMap { entry in
      guard let name = entry[0] as? String, let shares = entry[1] as? [String], let secret = entry[2] as? String else {
        return nil
      }
      return SLIP39Vector(name: name, shares: shares, masterSecret: secret.isEmpty ? nil : hex(secret))
    }
  }()

  let name: String
  let shares: [String]
  /// Nil where combining must fail.
  let masterSecret: [UInt8]?
  var testDescription: String { name }
}

private func share(_ text: String) throws(CryptoError) -> RecoveryShare { try RecoveryShare(parsing: secret(text)) }

private func text(_ share: RecoveryShare) -> String {
  let words = share.text
  return revealedText(words)
}

private func combined(_ shares: [RecoveryShare]) throws(CryptoError) -> [UInt8] {
  let secret = try SLIP39.combine(shares)
  return revealed(secret)
}

@Suite struct SLIP39VectorTests {
  @Test(.enabled(if: Vectors.exists("slip39/vectors.json"), "VAULT_VECTORS has no slip39/vectors.json"))
  func `All vectors are there: 15 to combine, 30 to refuse`() {
    #expect(SLIP39Vector.all.count { $0.masterSecret != nil } == 15)
    #expect(SLIP39Vector.all.count { $0.masterSecret == nil } == 30)
  }

  @Test(
    .enabled(if: Vectors.exists("slip39/vectors.json"), "VAULT_VECTORS has no slip39/vectors.json"),
    arguments: SLIP39Vector.all)
  func `P9: the standard's vectors combine, or are refused, as they say`(vector: SLIP39Vector) throws {
    func combine() throws(CryptoError) -> [UInt8] {
      var shares: [RecoveryShare] = []
      for words in vector.shares { shares.append(try share(words)) }
      let secret = try SLIP39.combine(shares, passphrase: secret("TREZOR"))
      return revealed(secret)
    }
    if let expected = vector.masterSecret {
      #expect(try combine() == expected)
      for words in vector.shares { #expect(text(try share(words)) == words) }
    } else {
      #expect(throws: CryptoError.self) { _ = try combine() }
    }
  }
}

@Suite struct SLIP39Tests {
  static let seed = [UInt8](0x30..<0x50)

  @Test(arguments: [(1, 1), (2, 2), (2, 3), (3, 5), (4, 4), (5, 6), (16, 16)])
  func `P9: any threshold of the shares gives the secret back`(threshold: Int, shareCount: Int) throws {
    let shares = try SLIP39.split(secret(Self.seed), threshold: threshold, shareCount: shareCount)
    #expect(shares.count == shareCount)
    #expect(Set(shares.map(text)).count == shareCount)
    // Every choice of `threshold` shares, from paper and back.
    for choice in 0..<(1 << shareCount) where choice.nonzeroBitCount == threshold {
      let chosen = (0..<shareCount).filter { choice >> $0 & 1 == 1 }
      #expect(try combined(try chosen.reversed().map { try share(text(shares[$0])) }) == Self.seed)
    }
    #expect(try combined(shares) == Self.seed)
  }

  @Test(arguments: [16, 18, 32, 64]) func `Secrets of every allowed kind of length survive`(length: Int) throws {
    let bytes = randomBytes(length)
    let shares = try SLIP39.split(
      secret(bytes), threshold: 2, shareCount: 2, passphrase: secret("acid academic"), isExtendable: false,
      iterationExponent: 0)
    let again = try shares.map { try share(text($0).uppercased()) }
    let back = try SLIP39.combine(again, passphrase: secret("acid academic"))
    #expect(revealed(back) == bytes)
    let other = try SLIP39.combine(again, passphrase: secret("acid academia"))
    #expect(revealed(other) != bytes)
  }

  @Test func `Too few shares, none, one twice, or of two sets are refused with what is wrong`() throws {
    let shares = try SLIP39.split(secret(Self.seed), threshold: 3, shareCount: 4)
    let others = try SLIP39.split(secret(Self.seed), threshold: 3, shareCount: 4)
    func refused(_ shares: [RecoveryShare]) -> CryptoError.Code? {
      refusal { () throws(CryptoError) in _ = try combined(shares) }
    }
    #expect(refused([]) == .outOfBounds)
    #expect(refused(Array(shares.prefix(1))) == .outOfBounds)
    #expect(refused(Array(shares.prefix(2))) == .outOfBounds)
    #expect(refused([shares[0], shares[1], shares[1]]) == .malformed)
    #expect(refused([shares[0], shares[1], others[2]]) == .malformed)
    #expect(refused([shares[0], shares[1], shares[2]]) == nil)
  }

  @Test func `P9: a share that was altered under a valid checksum is refused, also beyond the threshold`() throws {
    let shares = try SLIP39.split(secret(Self.seed), threshold: 2, shareCount: 3)
    for byte in 0..<32 {
      var value = revealed(shares[1].point.y)
      value[byte] ^= 0x10
      let altered = try share(
        text(
          RecoveryShare(
            shareSet: shares[1].shareSet, groupIndex: 0, memberThreshold: 2,
            point: SharePoint(x: shares[1].point.x, y: secret(value)))))
      for set in [[shares[0], altered], [altered, shares[2]], [shares[0], shares[2], altered]] {
        #expect(refusal { () throws(CryptoError) in _ = try combined(set) } == .notAuthentic)
      }
    }
  }

  @Test func `Any one, two or three wrong words, two swapped, one more or one less are refused`() throws {
    let words = text(try SLIP39.split(secret(Self.seed), threshold: 2, shareCount: 2)[0]).split(separator: " ")
    let list = "\(WordList.text)".split { $0 == " " || $0 == "\n" }
    func refused(_ words: [Substring]) -> CryptoError.Code? {
      refusal { () throws(CryptoError) in _ = try share(words.joined(separator: " ")) }
    }
    #expect(refused(words) == nil)
    var generator = SystemRandomNumberGenerator()
    for index in words.indices {
      var wrong = words
      for other in [index, (index + 7) % words.count, (index + 19) % words.count] {
        wrong[other] = list.filter { $0 != words[other] }.randomElement(using: &generator)!
        #expect(refused(wrong) == .malformed)
      }
      var swapped = words
      swapped.swapAt(index, (index + 1) % words.count)
      if swapped != words { #expect(refused(swapped) == .malformed) }
      #expect(refused(Array(words.prefix(index))) == .malformed)
      var shorter = words
      shorter.remove(at: index)
      #expect(refused(shorter) == .malformed)
      #expect(refused(words[..<index] + [list[5]] + words[index...]) == .malformed)
    }
    #expect(refused(words + words) == .malformed)
    #expect(refused(Array(repeating: list[0], count: 5000)) == .malformed)
  }

  @Test func `Whoever types a share learns which words no share can have`() throws {
    let words = text(try SLIP39.split(secret(Self.seed), threshold: 2, shareCount: 2)[0]).split(separator: " ")
    var wrong = words
    wrong[4] = "acadmic"
    wrong[32] = "z00"
    #expect(RecoveryShare.unknownWordPlaces(in: secret(words.joined(separator: " "))).isEmpty)
    #expect(RecoveryShare.unknownWordPlaces(in: secret(wrong.joined(separator: "\n"))) == [5, 33])
    #expect(RecoveryShare.unknownWordPlaces(in: secret(String(repeating: "x ", count: 4000))).isEmpty)
  }

  @Test func `What cannot be split is refused before anything is made`() {
    func refused(
      _ length: Int, _ threshold: Int, _ count: Int, passphrase: String = "x", exponent: Int = 0
    ) -> CryptoError.Code? {
      refusal { () throws(CryptoError) in
        _ = try SLIP39.split(
          secret([UInt8](repeating: 1, count: length)), threshold: threshold, shareCount: count,
          passphrase: secret(passphrase), iterationExponent: exponent)
      }
    }
    for length in [1, 14, 15, 17, 33, 65, 66] { #expect(refused(length, 2, 3) == .outOfBounds) }
    for (threshold, count) in [(0, 3), (-1, 3), (4, 3), (2, 17), (1, 2), (0, 0)] {
      #expect(refused(32, threshold, count) == .outOfBounds)
    }
    for exponent in [-1, 11, 64] { #expect(refused(32, 2, 3, exponent: exponent) == .outOfBounds) }
    #expect(refused(32, 2, 3, passphrase: "শিরিন") == .malformed)
    #expect(refused(32, 2, 3, passphrase: "tab\t") == .malformed)
    #expect(refused(32, 2, 3, passphrase: String(repeating: "x", count: 1025)) == .outOfBounds)
    #expect(refused(32, 2, 3) == nil)
  }

  @Test func `A forged share cannot ask for more rounds than the bound, nor for more groups than there are`() {
    func words(exponent: Int, groupThreshold: Int, groupCount: Int) -> String {
      let forged = RecoveryShare.SetParameters(
        identifier: 7, isExtendable: true, iterationExponent: exponent, groupThreshold: groupThreshold,
        groupCount: groupCount)
      return text(
        RecoveryShare(
          shareSet: forged, groupIndex: 0, memberThreshold: 1, point: SharePoint(x: 0, y: secret(Self.seed))))
    }
    func refused(_ words: String) -> CryptoError.Code? { refusal { () throws(CryptoError) in _ = try share(words) } }
    #expect(refused(words(exponent: 11, groupThreshold: 1, groupCount: 1)) == .outOfBounds)
    #expect(refused(words(exponent: 15, groupThreshold: 1, groupCount: 1)) == .outOfBounds)
    #expect(refused(words(exponent: 10, groupThreshold: 3, groupCount: 2)) == .malformed)
    #expect(refused(words(exponent: 10, groupThreshold: 16, groupCount: 16)) == nil)
  }

  @Test func `P1: a share prints as nothing`() throws {
    let one = try SLIP39.split(secret(Self.seed), threshold: 2, shareCount: 2)[0]
    var dumped = "\(one)"
    dump(one, to: &dumped)
    #expect(dumped == "RecoveryShare(redacted)- RecoveryShare(redacted) #0\n")
  }
}

@Suite struct SLIP39PeerTests {
  static let isThere = Peer.pythonHas("shamir_mnemonic")

  private func python(_ body: String) throws -> String {
    String(decoding: try Peer.python("import shamir_mnemonic as s\n" + body), as: UTF8.self)
  }

  @Test(
    .enabled(if: isThere, "python3 has no shamir-mnemonic"),
    arguments: [(2, 3, true, 0), (3, 5, false, 1), (1, 1, true, 2), (16, 16, false, 0)])
  func `P9: the standard's own program combines our shares, and we its`(
    threshold: Int, count: Int, isExtendable: Bool, exponent: Int
  ) throws {
    let shares = try SLIP39.split(
      secret(SLIP39Tests.seed), threshold: threshold, shareCount: count, passphrase: secret("ostrich 7"),
      isExtendable: isExtendable, iterationExponent: exponent)
    let ours = shares.suffix(threshold).map(text)
    #expect(
      try python("print(s.combine_mnemonics(\(ours), b'ostrich 7').hex(), end='')") == hexText(SLIP39Tests.seed))

    let theirs = try python(
      """
      shares = s.generate_mnemonics(1, [(\(threshold), \(count))], bytes.fromhex('\(hexText(SLIP39Tests.seed))'),
        b'ostrich 7', extendable=\(isExtendable ? "True" : "False"), iteration_exponent=\(exponent))
      print('\\n'.join(shares[0]), end='')
      """
    ).split(separator: "\n")
    let combined = try SLIP39.combine(
      try theirs.suffix(threshold).map { try share(String($0)) }, passphrase: secret("ostrich 7"))
    #expect(revealed(combined) == SLIP39Tests.seed)
  }

  @Test(.enabled(if: isThere, "python3 has no shamir-mnemonic"))
  func `P9: without a passphrase both mean the empty one, and groups of the other program combine`() throws {
    let shares = try SLIP39.split(secret(SLIP39Tests.seed), threshold: 2, shareCount: 3).prefix(2).map(text)
    #expect(try python("print(s.combine_mnemonics(\(Array(shares))).hex(), end='')") == hexText(SLIP39Tests.seed))
    let theirs = try python(
      """
      groups = s.generate_mnemonics(2, [(2, 3), (1, 1), (3, 5)], bytes.fromhex('\(hexText(SLIP39Tests.seed))'))
      print('\\n'.join(groups[0][1:] + groups[2][2:]), end='')
      """
    ).split(separator: "\n").map(String.init)
    #expect(try combined(try theirs.map(share)) == SLIP39Tests.seed)
    #expect(
      refusal { () throws(CryptoError) in
        var few: [RecoveryShare] = []
        for words in theirs.dropLast() { few.append(try share(words)) }
        _ = try combined(few)
      } == .outOfBounds)
  }
}

@Suite struct SLIP39ArithmeticTests {
  @Test func `The field has inverses, and multiplies as long division does`() {
    for left in 0...255 {
      for right in 0...255 {
        var product = 0
        for bit in 0..<8 where right >> bit & 1 == 1 { product ^= left << bit }
        for bit in stride(from: 14, through: 8, by: -1) where product >> bit & 1 == 1 { product ^= 0x11b << (bit - 8) }
        #expect(GF256.multiply(UInt8(left), UInt8(right)) == UInt8(product))
      }
    }
    for value in 1...255 as ClosedRange<UInt8> { #expect(GF256.multiply(value, GF256.inverse(value)) == 1) }
    #expect(GF256.inverse(0) == 0)
  }

  // RFC 7914 §11; of the 64 bytes there, the first block.
  @Test(arguments: [
    ("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
    ("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"),
  ])
  func `PBKDF2 comes out as published`(passphrase: String, salt: String, iterations: Int, expected: String) {
    var output = [UInt8](repeating: 0, count: 32)
    secret(passphrase).withBytes { passphrase in
      secret(salt).withBytes { salt in
        unsafe output.withUnsafeMutableBytes {
          unsafe PBKDF2.derive(passphrase: [passphrase], salt: [salt], iterations: iterations, into: $0)
        }
      }
    }
    #expect(output == hex(expected))
  }
}
