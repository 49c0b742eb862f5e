import Foundation
import Testing

@testable import VaultCrypto

private func opened(_ file: [UInt8], _ identities: [AgeIdentity]) throws(AgeError) -> [UInt8] {
  let plaintext = try Age.decrypt(file, with: identities)
  return plaintext.copyBytes()
}

private func written(_ identity: AgeIdentity) throws -> [UInt8] {
  guard let text = identity.text else { throw AgeError(.malformedKey, "a passphrase has no text") }
  return revealed(text)
}

private func ageRefusal(_ body: () throws(AgeError) -> Void) -> AgeError.Code? {
  do throws(AgeError) {
    try body()
    return nil
  } catch {
    return error.code
  }
}

@Suite struct AgeTests {
  // C2SP age.md: the identity and recipient it shows.
  static let secretText = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
  static let recipientText = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

  @Test func `Keys read and write as the specification shows`() throws {
    let identity = try AgeIdentity(parsing: secret(Self.secretText))
    let recipient = try AgeRecipient(Self.recipientText)
    #expect(identity.recipient == recipient)
    #expect(recipient.text == Self.recipientText)
    let text = String(decoding: try written(identity), as: UTF8.self)
    #expect(text == Self.secretText)
    let fresh = AgeIdentity.random()
    let freshRecipient = try #require(fresh.recipient)
    #expect(try AgeRecipient(freshRecipient.text) == freshRecipient)
  }

  @Test func `A mistyped key is refused at every character, and cut, extended, empty or in the other case`() {
    func recipientRefused(_ text: String) -> AgeError.Code? {
      ageRefusal { () throws(AgeError) in _ = try AgeRecipient(text) }
    }
    func identityRefused(_ text: String) -> AgeError.Code? {
      ageRefusal { () throws(AgeError) in _ = try AgeIdentity(parsing: secret(text)) }
    }
    for (text, refused) in [(Self.recipientText, recipientRefused), (Self.secretText, identityRefused)] {
      let characters = Array(text)
      for index in characters.indices {
        for other in "qpzry9x8gf2tvdw0s3jn54khce6mua7lbio1QPZB-" where other != characters[index] {
          var wrong = characters
          wrong[index] = other
          // A "1" within may make it a plugin's: refused by name.
          let code = refused(String(wrong))
          #expect(code == .malformedKey || code == .unsupported)
        }
        #expect(refused(String(characters.prefix(index))) != nil)
      }
      #expect(refused(text + "q") == .malformedKey)
      #expect(refused(" " + text) == .malformedKey)
      #expect(refused(text + "\n") == .malformedKey)
      #expect(refused("") == .malformedKey)
      #expect(refused(text == text.uppercased() ? text.lowercased() : text.uppercased()) == .malformedKey)
      #expect(refused(String(repeating: "a", count: 100_000)) == .malformedKey)
      #expect(refused(text) == nil)
    }
  }

  @Test func `A key whose spare bits are set is not another spelling of the same key`() {
    // BIP 173 over fives, written down once more: all-zero key, with the last of its 52 symbols chosen.
    func recipient(lastSymbol: UInt32) -> String {
      let symbols = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
      let data = [UInt32](repeating: 0, count: 51) + [lastSymbol]
      let prefix = "age".unicodeScalars.map(\.value)
      let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
      var remainder: UInt32 = 1
      for value in prefix.map({ $0 >> 5 }) + [0] + prefix.map({ $0 & 31 }) + data + [UInt32](repeating: 0, count: 6) {
        let top = remainder >> 25
        remainder = (remainder & 0x1ff_ffff) << 5 ^ value
        for (bit, term) in generator.enumerated()
        where top >> UInt32(bit) & 1 == 1 { remainder ^= term }
      }
      let checksum = (0..<6).map { (remainder ^ 1) >> UInt32(5 * (5 - $0)) & 31 }
      return "age1" + String((data + checksum).map { symbols[Int($0)] })
    }
    #expect(ageRefusal { () throws(AgeError) in _ = try AgeRecipient(recipient(lastSymbol: 0)) } == nil)
    #expect(ageRefusal { () throws(AgeError) in _ = try AgeRecipient(recipient(lastSymbol: 16)) } == nil)
    for spare in [1, 2, 4, 8, 15] as [UInt32] {
      #expect(
        ageRefusal { () throws(AgeError) in _ = try AgeRecipient(recipient(lastSymbol: spare)) } == .malformedKey)
    }
  }

  @Test func `Hybrid keys and those of plugins are refused by name`() {
    for text in ["age1pq1x34nzsvr0rxjsgdn8zgy", "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4x"] {
      #expect(ageRefusal { () throws(AgeError) in _ = try AgeRecipient(text) } == .unsupported)
    }
    for text in ["AGE-SECRET-KEY-PQ-1XX76JRALNLXDM", "AGE-PLUGIN-YUBIKEY-1QQPQQQQ"] {
      #expect(ageRefusal { () throws(AgeError) in _ = try AgeIdentity(parsing: secret(text)) } == .unsupported)
    }
  }

  @Test func `An identity file is read as age-keygen writes it`() throws {
    let other = String(decoding: try written(.random()), as: UTF8.self)
    let file = "# created: 2026-01-01\n# public key: \(Self.recipientText)\n\(Self.secretText)\r\n\n\(other)"
    let identities = try AgeIdentity.all(inFile: secret(file))
    #expect(identities.count == 2)
    #expect(identities[0].recipient?.text == Self.recipientText)
    for wrong in ["# nothing\n", "\n", Self.recipientText, Self.secretText + "x"] {
      #expect(ageRefusal { () throws(AgeError) in _ = try AgeIdentity.all(inFile: secret(wrong)) } == .malformedKey)
    }
    let overlong = String(repeating: "#\n", count: AgeIdentity.fileByteCountMax)
    #expect(ageRefusal { () throws(AgeError) in _ = try AgeIdentity.all(inFile: secret(overlong)) } == .outOfBounds)
  }

  @Test(arguments: [0, 1, 16, 65_535, 65_536, 65_537, 131_072, 200_000])
  func `What was encrypted opens again for each recipient and for nobody else`(length: Int) throws {
    let (one, two) = (AgeIdentity.random(), AgeIdentity.random())
    let data = randomBytes(length)
    let file = try Age.encrypt(data, to: [try #require(one.recipient), try #require(two.recipient)])
    #expect(try opened(file, [one]) == data)
    #expect(try opened(file, [.random(), two]) == data)
    #expect(ageRefusal { () throws(AgeError) in _ = try opened(file, [.random()]) } == .noMatch)
    #expect(ageRefusal { () throws(AgeError) in _ = try opened(file, []) } == .noMatch)
    #expect(
      ageRefusal { () throws(AgeError) in _ = try opened(file, [AgeIdentity(passphrase: secret("acid"))]) } == .noMatch)
  }

  @Test func `P6: a file flipped at any byte, cut anywhere or extended is refused`() throws {
    let identity = AgeIdentity.random()
    let file = try Age.encrypt(Array("sample".utf8), to: [try #require(identity.recipient)])
    for index in file.indices {
      for mask in [0x01, 0x20, 0x80] as [UInt8] {
        var flipped = file
        flipped[index] ^= mask
        #expect(ageRefusal { () throws(AgeError) in _ = try opened(flipped, [identity]) } != nil)
      }
    }
    for length in 0..<file.count {
      #expect(ageRefusal { () throws(AgeError) in _ = try opened(Array(file.prefix(length)), [identity]) } != nil)
    }
    #expect(ageRefusal { () throws(AgeError) in _ = try opened(file + [0], [identity]) } == .payload)
    #expect(ageRefusal { () throws(AgeError) in _ = try opened(file + file, [identity]) } == .payload)
  }

  @Test func `P6: chunks cannot be left out, repeated or exchanged`() throws {
    let identity = AgeIdentity.random()
    let file = try Age.encrypt([UInt8](repeating: 7, count: 3 * 65_536 + 10), to: [try #require(identity.recipient)])
    let size = AgePayload.sealedChunkByteCount
    let start = file.count - (3 * size + 26)
    let head = Array(file[..<start])
    let chunks = (0..<4).map { Array(file[(start + $0 * size)..<min(start + ($0 + 1) * size, file.count)]) }
    for order in [[0, 1, 3], [1, 0, 2, 3], [0, 1, 1, 2, 3], [0, 1, 2], [3], [0, 1, 2, 3, 3], [0, 1, 2, 3, 0]] {
      #expect(
        ageRefusal { () throws(AgeError) in _ = try opened(head + order.flatMap { chunks[$0] }, [identity]) }
          == .payload)
    }
    #expect(ageRefusal { () throws(AgeError) in _ = try opened(head + chunks.flatMap(\.self), [identity]) } == nil)
  }

  @Test(arguments: [true, false]) func `Base 64 has one spelling, and bytes that are not of it have none`(
    isPadded: Bool
  ) {
    let bytes = [UInt8](repeating: 0xff, count: 9)
    let text = Array(AgeBase64.encode(bytes, isPadded: isPadded).utf8)
    #expect(AgeBase64.decode(text, isPadded: isPadded) == bytes)
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for byte in 0...255 as ClosedRange<UInt8> {
      for index in text.indices {
        var other = text
        other[index] = byte
        let decoded = AgeBase64.decode(other, isPadded: isPadded)
        #expect((decoded != nil) == alphabet.contains(byte), "byte \(byte) at \(index)")
        if byte != text[index] { #expect(decoded != bytes) }
      }
    }
    // One byte is two characters, the second with four spare bits; padding only where it belongs.
    for (text, padded, isGood) in [
      ("AQ==", true, true), ("AQ", false, true), ("AQ", true, false), ("AQ==", false, false), ("AR==", true, false),
      ("AR", false, false), ("AQ=", true, false), ("A", false, false), ("AQ== ", true, false),
      ("AQ==AQ==", true, false),
      ("=AQ=", true, false), ("A Q==", true, false),
    ] {
      #expect((AgeBase64.decode(Array(text.utf8), isPadded: padded) == [1]) == isGood, "\(text)")
    }
  }

  @Test func `Hostile headers end in an error, not in memory`() {
    let identity = AgeIdentity.random()
    func refused(_ text: String) -> AgeError.Code? {
      ageRefusal { () throws(AgeError) in _ = try opened(Array(text.utf8), [identity]) }
    }
    #expect(refused("age-encryption.org/v1\n" + String(repeating: "-> a\n\n", count: 100_000)) == .header)
    #expect(refused("age-encryption.org/v1\n-> " + String(repeating: "a", count: 1_000_000)) == .header)
    #expect(refused(String(repeating: "a", count: 1_000_000)) == .header)
    #expect(refused(String(repeating: " ", count: 100_000)) == .header)
    #expect(refused("-----BEGIN AGE ENCRYPTED FILE-----\n" + String(repeating: "A", count: 1_000_000)) == .armor)
    #expect(refused("age-encryption.org/v1\n--- " + String(repeating: "A", count: 43) + "\n") == .header)
    #expect(refused("age-encryption.org/v2\n") == .header)
    #expect(refused("") == .header)
  }

  @Test func `Too many or no recipients, and keys of small order, are refused before anything is written`() throws {
    #expect(ageRefusal { () throws(AgeError) in _ = try Age.encrypt([1], to: []) } == .outOfBounds)
    let one = try AgeRecipient(Self.recipientText)
    #expect(
      ageRefusal { () throws(AgeError) in _ = try Age.encrypt([1], to: Array(repeating: one, count: 1001)) }
        == .outOfBounds)
    let small = AgeRecipient(try SealingKey([UInt8](repeating: 0, count: 32)))
    #expect(ageRefusal { () throws(AgeError) in _ = try Age.encrypt([1], to: [one, small]) } == .malformedKey)
    let identity = AgeIdentity.random()
    let many = Array(repeating: try #require(identity.recipient), count: 1000)
    let file = try Age.encrypt([1, 2, 3], to: many)
    #expect(try opened(file, [identity]) == [1, 2, 3])
  }

  @Test func `Streams give the same whatever the portions, and a writer that was dropped leaves no whole file`() throws
  {
    let identity = AgeIdentity.random()
    let data = randomBytes(200_000)
    var file: [UInt8] = []
    var writer = try AgeWriter(to: [try #require(identity.recipient)]) { file += $0 }
    for start in stride(from: 0, to: data.count, by: 777) {
      try writer.write(Array(data[start..<min(start + 777, data.count)]))
    }
    let unfinished = file
    try writer.finish()
    #expect(try opened(file, [identity]) == data)
    #expect(ageRefusal { () throws(AgeError) in _ = try opened(unfinished, [identity]) } == .payload)
  }

  @Test func `What the closures throw passes through, and the reader stays broken`() throws {
    struct Full: Error {}
    let identity = AgeIdentity.random()
    let file = try Age.encrypt([UInt8](repeating: 1, count: 70_000), to: [try #require(identity.recipient)])
    var reader = unsafe AgeReader(with: [identity]) { _ in throw Full() }
    var thrown = 0
    for portion in [file, [0]] {
      do { try reader.read(portion) } catch is Full { thrown += 1 }
    }
    do { try reader.finish() } catch is Full { thrown += 1 }
    #expect(thrown == 3)
    let recipient = try #require(identity.recipient)
    #expect(throws: Full.self) { _ = try AgeWriter(to: [recipient]) { _ in throw Full() } }
  }

  @Test func `P1: identities print as nothing`() throws {
    let identity = try AgeIdentity(parsing: secret(Self.secretText))
    var dumped = "\(identity)"
    dump(identity, to: &dumped)
    #expect(dumped == "AgeIdentity(redacted)- AgeIdentity(redacted) #0\n")
  }
}

@Suite struct AgePeerTests {
  static let isThere =
    (try? Peer.run(["age", "--version"])) != nil && (try? Peer.run(["age-keygen", "--version"])) != nil

  private func withFile<R>(_ bytes: [UInt8], _ body: (String) throws -> R) throws -> R {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("vault-age-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
  }

  @Test(.enabled(if: isThere, "the program age is not installed"), arguments: [0, 5, 65_536, 300_000])
  func `The age program opens what we encrypt, and we what it encrypts, plain and armored`(length: Int) throws {
    let keyFile = try Peer.run(["age-keygen"])
    let identity = try #require(try AgeIdentity.all(inFile: secret(keyFile)).first)
    let recipient = try #require(identity.recipient)
    #expect(String(decoding: keyFile, as: UTF8.self).contains("# public key: \(recipient.text)\n"))
    let data = randomBytes(length)

    let ours = try Age.encrypt(data, to: [try #require(AgeIdentity.random().recipient), recipient])
    let theirs = try withFile(keyFile) { try Peer.run(["age", "--decrypt", "--identity", $0], input: ours) }
    #expect(theirs == data)

    for armor in [[], ["--armor"]] {
      let file = try Peer.run(["age", "--encrypt", "--recipient", recipient.text] + armor, input: data)
      #expect(try opened(file, [identity]) == data)
    }
  }

  @Test(.enabled(if: isThere, "the program age is not installed"))
  func `age-keygen reads the identities that we make`() throws {
    let identity = AgeIdentity.random()
    let text = try written(identity)
    let recipient = try withFile(text + [UInt8(ascii: "\n")]) { try Peer.run(["age-keygen", "-y", $0]) }
    #expect(String(decoding: recipient, as: UTF8.self) == (try #require(identity.recipient)).text + "\n")
  }
}
