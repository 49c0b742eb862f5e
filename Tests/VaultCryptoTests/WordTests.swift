import Foundation
import Testing

@testable import VaultCrypto

@Suite struct WordTests {
  @Test(.enabled(if: Vectors.exists("slip39/wordlist.txt"), "VAULT_VECTORS has no slip39/wordlist.txt"))
  func `The word list is the standard's, word by word`() throws {
    let standard = String(decoding: try Vectors.bytes("slip39/wordlist.txt"), as: UTF8.self).split(separator: "\n")
    #expect(standard.count == WordTable.wordCount)
    for (index, word) in standard.enumerated() {
      let indices = WordIndices(count: 1) { unsafe $0[0] = UInt16(index) }
      let text = WordTable.joined(indices)
      #expect(revealedText(text) == word)
      let parsed = try WordIndices(parsing: secret(word.uppercased()), countRange: 1...1)
      #expect(parsed[0] == UInt16(index))
    }
  }

  @Test(arguments: [
    "academid", "acade", "academics", "academicacademic", "acad\u{0}mic", "ac4demic", "zzzz", "académic", "academic,",
    "",
    "academic academic academic academic", "academic  ",
  ])
  func `Text that is not two words of the list is malformed`(text: String) {
    #expect(
      refusal { () throws(CryptoError) in _ = try WordIndices(parsing: secret(text), countRange: 2...2) } == .malformed)
  }

  @Test func `White space around and between words does not matter`() throws {
    let indices = try WordIndices(parsing: secret("\n acid \t ZERO\r\n"), countRange: 1...3)
    #expect(indices.count == 2)
    #expect(indices[0] == 1)
    #expect(indices[1] == 1023)
  }

  @Test func `A passphrase has six words of the list and is never the same`() throws {
    var seen: Set<String> = []
    var words: Set<UInt16> = []
    for _ in 0..<200 {
      let passphrase = PassphraseGenerator.words()
      seen.insert(revealedText(passphrase))
      let indices = try WordIndices(parsing: passphrase, countRange: 6...6)
      for position in 0..<6 { words.insert(indices[position]) }
    }
    #expect(seen.count == 200)
    // 1,200 draws from 1,024 words meet about 707 different ones (deviation about 11).
    #expect((600...800).contains(words.count))
  }
}

@Suite struct FingerprintTests {
  static let signing = SigningKey(seed: symmetricKey([UInt8](repeating: 1, count: 32))).verifyingKey
  static let sealing = OpeningKey(secret: symmetricKey([UInt8](repeating: 2, count: 32))).sealingKey
  static let vault = [UInt8](0..<32)

  @Test func `The words are the first sixty bits, and stay the same for ever`() throws {
    let fingerprint = try Fingerprint.of(
      vault: Self.vault, account: "মিতা", signing: Self.signing, sealing: Self.sealing)
    #expect(fingerprint.bytes.count == 32)
    #expect(fingerprint.fullHex == hexText(fingerprint.bytes))
    let bits = fingerprint.bytes.map { byte in
      String(repeating: "0", count: byte.leadingZeroBitCount) + String(byte, radix: 2)
    }
    .map { $0.count > 8 ? String($0.suffix(8)) : $0 }.joined()
    let list = "\(WordList.text)".split { $0 == " " || $0 == "\n" }.map(String.init)
    let expected = (0..<6).map { position in
      list[Int(bits.dropFirst(10 * position).prefix(10), radix: 2)!]
    }
    #expect(fingerprint.words == expected.joined(separator: " "))
    #expect(fingerprint.words == "chubby ranked discuss trend mansion exercise")
    #expect(fingerprint.fullHex == "232d7387a68bd398beeb09f40c4a343d98baf9a214f7f30bd54b1773295bcbe3")
  }

  @Test func `Every field changes the fingerprint`() throws {
    let otherSigning = SigningKey(seed: symmetricKey([UInt8](repeating: 3, count: 32))).verifyingKey
    let otherSealing = OpeningKey(secret: symmetricKey([UInt8](repeating: 4, count: 32))).sealingKey
    let all: Set<Fingerprint> = [
      try .of(vault: Self.vault, account: "mita", signing: Self.signing, sealing: Self.sealing),
      try .of(vault: Self.vault.reversed(), account: "mita", signing: Self.signing, sealing: Self.sealing),
      try .of(vault: Self.vault, account: "mitra", signing: Self.signing, sealing: Self.sealing),
      try .of(vault: Self.vault, account: "mita", signing: otherSigning, sealing: Self.sealing),
      try .of(vault: Self.vault, account: "mita", signing: Self.signing, sealing: otherSealing),
    ]
    #expect(all.count == 5)
  }

  @Test func `Words or digits match in any case and with any separators; less than all of them never does`() {
    let fingerprint = Fingerprint(bytes: [UInt8](0..<32))
    let words = fingerprint.words
    let digits = fingerprint.fullHex
    #expect(fingerprint.matches(words))
    #expect(fingerprint.matches(" " + words.uppercased().replacingOccurrences(of: " ", with: " - ") + "\n"))
    #expect(fingerprint.matches(digits))
    #expect(fingerprint.matches(digits.uppercased().prefix(32) + " " + digits.suffix(32)))
    #expect(!fingerprint.matches(words.split(separator: " ").dropLast().joined(separator: " ")))
    #expect(!fingerprint.matches(words.split(separator: " ").reversed().joined(separator: " ")))
    #expect(!fingerprint.matches(words.replacingOccurrences(of: " ", with: "")))
    #expect(!fingerprint.matches(words + " academic"))
    #expect(!fingerprint.matches(String(digits.dropLast())))
    #expect(!fingerprint.matches(digits.replacingOccurrences(of: "1f", with: "1e")))
    #expect(!fingerprint.matches(""))
    #expect(!fingerprint.matches(words + String(repeating: " ", count: 300)))
  }

  @Test func `Impossible lengths are refused before any stretching`() {
    #expect(
      refusal { () throws(CryptoError) in
        _ = try Fingerprint.of(vault: [1], account: "a", signing: Self.signing, sealing: Self.sealing)
      } == .malformed)
    #expect(
      refusal { () throws(CryptoError) in
        _ = try Fingerprint.of(
          vault: Self.vault, account: String(repeating: "অ", count: 171), signing: Self.signing, sealing: Self.sealing)
      } == .outOfBounds)
  }
}

@Suite struct OneTimeCodeTests {
  private static func read(_ text: String) throws(CryptoError) -> OneTimeCode { try OneTimeCode(parsing: secret(text)) }

  private static func same(_ left: OneTimeCode, _ right: OneTimeCode) -> Bool {
    left.signingKey.verifyingKey == right.signingKey.verifyingKey
      && left.openingKey.sealingKey == right.openingKey.sealingKey
  }

  @Test func `A code is read back as it was written, and as people type it`() throws {
    for _ in 0..<20 {
      let code = OneTimeCode.random()
      let written = code.text
      let text = revealedText(written)
      #expect(text.wholeMatch(of: /([0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{2}/) != nil)
      let spellings = [
        text, text.lowercased(), text.replacingOccurrences(of: "-", with: ""), "  " + text + "\r\n",
        text.replacingOccurrences(of: "-", with: " "), text.replacingOccurrences(of: "1", with: "I"),
        text.replacingOccurrences(of: "1", with: "l"), text.replacingOccurrences(of: "0", with: "o"),
      ]
      for spelling in spellings { #expect(Self.same(try Self.read(spelling), code)) }
    }
  }

  @Test func `The symbols are Crockford's`() {
    let symbols = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    for value in 0..<32 as Range<UInt8> { #expect(CrockfordSymbols.symbol(of: value) == symbols[Int(value)]) }
    for character in 0...255 as ClosedRange<UInt8> {
      var upper = Array(String(decoding: [character], as: UTF8.self).uppercased().utf8)[0]
      if let folded = [
        UInt8(ascii: "I"): UInt8(ascii: "1"), UInt8(ascii: "L"): UInt8(ascii: "1"),
        UInt8(ascii: "O"): UInt8(ascii: "0"),
      ][upper] {
        upper = folded
      }
      let expected = character < 128 ? symbols.firstIndex(of: upper) : nil
      let value = CrockfordSymbols.value(of: character)
      #expect(value < 32 ? Int(value) == expected : expected == nil)
    }
  }

  @Test func `Every single wrong character and every two neighbours swapped are noticed`() {
    let written = OneTimeCode.random().text
    let text = Array(revealedText(written))
    for index in text.indices where text[index] != "-" {
      for symbol in "0123456789ABCDEFGHJKMNPQRSTVWXYZU*" where symbol != text[index] {
        var wrong = text
        wrong[index] = symbol
        #expect(refusal { () throws(CryptoError) in _ = try Self.read(String(wrong)) } == .malformed)
      }
      let neighbour = index + 1 < text.count && text[index + 1] == "-" ? index + 2 : index + 1
      if neighbour < text.count, text[neighbour] != text[index] {
        var swapped = text
        swapped.swapAt(index, neighbour)
        #expect(refusal { () throws(CryptoError) in _ = try Self.read(String(swapped)) } == .malformed)
      }
    }
  }

  @Test func `Truncated, extended, empty and overlong input is malformed`() {
    let written = OneTimeCode.random().text
    let text = revealedText(written)
    for length in 0..<text.count where length != text.count {
      #expect(refusal { () throws(CryptoError) in _ = try Self.read(String(text.prefix(length))) } == .malformed)
    }
    for suffix in ["0", "-Z", text, String(repeating: " ", count: 200)] {
      #expect(refusal { () throws(CryptoError) in _ = try Self.read(text + suffix) } == .malformed)
    }
  }

  @Test func `A code whose spare bits are set is not another spelling of the same code`() {
    // Sixteen zero bytes, then the two spare bits as 01: the last symbol is 1, its weight 2^26.
    var check: UInt8 = 0
    check ^= CrockfordSymbols.times(1, power: 26)
    let symbols = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    let text = String(repeating: "0", count: 25) + "1" + String(symbols[Int(check)])
    #expect(refusal { () throws(CryptoError) in _ = try Self.read(text) } == .malformed)
    #expect(refusal { () throws(CryptoError) in _ = try Self.read(String(repeating: "0", count: 27)) } == nil)
  }

  @Test func `The worked example stays the same for ever`() throws {
    // The code 00 01 … 0f; computed by another program from the text of the format.
    let example = "000G4-0R40M-30E20-9185G-R38E1-WF"
    let code = try Self.read(example)
    let written = code.text
    #expect(revealedText(written) == example)
    let key = symmetricKey([UInt8](0..<16) + [UInt8](repeating: 0, count: 16))
    #expect(
      code.signingKey.verifyingKey
        == SigningKey(seed: HKDF.deriveKey(from: key, label: "code-signing-key")).verifyingKey)
  }

  @Test func `Two codes share no key, and a code prints as nothing`() {
    let (one, two) = (OneTimeCode.random(), OneTimeCode.random())
    #expect(!Self.same(one, two))
    #expect("\(one)" == "OneTimeCode(redacted)")
    var dumped = ""
    dump(one, to: &dumped)
    #expect(!dumped.contains("secret"))
  }

  @Test func `The keys of the all-zero code stay the same for ever`() throws {
    let code = try Self.read(String(repeating: "0", count: 27))
    let key = symmetricKey([UInt8](repeating: 0, count: 32))
    let seed = HKDF.deriveKey(from: key, label: "code-signing-key")
    #expect(code.signingKey.verifyingKey == SigningKey(seed: seed).verifyingKey)
    #expect(
      hexText(code.signingKey.verifyingKey.bytes) == "3bc5f569f56296c9f8f0a5e020ae7905bae29f4c346e9f5c213805e4c061c38a")
    #expect(
      hexText(code.openingKey.sealingKey.bytes) == "cba2d8273f273f29c5272b4a4967afc31d484e3b5e7427b137821f46efa5c40f")
  }
}
