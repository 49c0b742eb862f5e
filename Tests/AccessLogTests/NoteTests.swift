import Testing
import VaultCrypto

@testable import AccessLog

@Suite("Notes and their keys")
struct NoteTests {
  // The example of golang.org/x/mod/sumdb/note, signed by other hands.
  static let foreignKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  static let foreignText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  static let foreignLine =
    "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

  @Test("A note that other software signed verifies, and is written back byte for byte")
  func foreignNote() throws {
    let key = try NoteKey(vkey: NoteTests.foreignKey)
    #expect(key.id == 0xc74f_20a3)
    let bytes = Array((NoteTests.foreignText + "\n" + NoteTests.foreignLine).utf8)
    let note = try SignedNote(encoded: bytes)
    #expect(note.encoded == bytes)
    #expect(note.text == Array(NoteTests.foreignText.utf8))
    let found = try note.signatures(by: [key])
    #expect(found.map(\.key) == [key])
  }

  @Test("A signature line is the one that other software makes with the same seed")
  func foreignSigner() throws {
    let seed = Array(try Base64.decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").dropFirst())
    let secret = SecretBytes(count: 32) { unsafe $0.copyBytes(from: seed) }
    let signer = LogSigner(origin: try NoteName("PeterNeumann"), key: SigningKey(seed: secret))
    #expect(signer.noteKey.vkey == NoteTests.foreignKey)
    let note = SignedNote(
      text: Array(NoteTests.foreignText.utf8), signatures: [signer.sign(Array(NoteTests.foreignText.utf8))])
    #expect(String(decoding: note.encoded, as: UTF8.self) == NoteTests.foreignText + "\n" + NoteTests.foreignLine)
  }

  @Test("A vkey has one spelling, and its id is that of its key")
  func vkeys() throws {
    let key = NoteKey(name: try name("survivor-vault/0011/1"), algorithm: .cosignature, key: signingKey(3).verifyingKey)
    #expect(try NoteKey(vkey: key.vkey) == key)
    for index in key.vkey.utf8.indices {
      var altered = Array(key.vkey.utf8)
      altered[key.vkey.utf8.distance(from: key.vkey.utf8.startIndex, to: index)] ^= 1
      guard let text = String(validating: altered, as: UTF8.self) else { continue }
      #expect(throws: LogError.self) { try NoteKey(vkey: text) }
    }
    for text in [
      "", "+", "++", "a+b", "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      NoteTests.foreignKey + " ", NoteTests.foreignKey + "=", String(NoteTests.foreignKey.dropLast(4)),
      String(repeating: "a", count: 1000) + "+00000000+AQ==",
    ] {
      #expect(throws: LogError(.malformed, "")) { try NoteKey(vkey: text) }
    }
    // ML-DSA-44, a type that exists and that this build does not know.
    #expect(throws: LogError(.unsupported, "")) {
      try NoteKey(vkey: "witness.example+00000000+\(Base64.encode([6] + [UInt8](repeating: 1, count: 32)))")
    }
  }

  @Test(
    "Key names may be in any script, and have neither spaces, plus nor control characters",
    arguments: [
      ("example.com/log42", true), ("\u{09AF}\u{09BE}\u{09A4}\u{09CD}\u{09B0}\u{09BE}", true),
      ("prote\u{021B}ie", true),
      ("", false), ("a b", false), ("a\u{A0}b", false), ("a\u{3000}b", false), ("a+b", false), ("a\nb", false),
      ("a\u{7F}", false), ("a\u{2028}b", false), (String(repeating: "a", count: 256), false),
    ])
  func names(text: String, allowed: Bool) {
    #expect(((try? NoteName(text)) != nil) == allowed)
  }

  @Test("Base64 has one spelling for each run of bytes")
  func base64() throws {
    // RFC 4648 §10
    for (plain, coded) in [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ] {
      #expect(Base64.encode(Array(plain.utf8)) == coded)
      #expect(try Base64.decode(coded) == Array(plain.utf8))
    }
    var generator = SeededGenerator(1)
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
    }
    for text in ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=", "====", "Zg==Zg==", "Zm9v ", "Zm9v\n", "Zm_v", "Z=9v"]
    {
      #expect(throws: LogError(.malformed, ""), "\(text)") { try Base64.decode(text) }
    }
  }

  @Test("Notes that are not in their one spelling are refused")
  func hostileNotes() {
    let text = NoteTests.foreignText
    let line = NoteTests.foreignLine
    for note in [
      "", "\n", "\n\n", text, text + "\n", text + line, text + "\n\n" + line + "\n", text + "\n" + line.dropLast(),
      text + "\n" + line + "\n", text + "\n" + line + "x\n", text + "\n-" + line.dropFirst(),
      text + "\n" + line.replacing(" x08", with: "  x08"), text + "\n" + line.replacing("\n", with: " \n"),
      text + "\n" + line.replacing("\n", with: "\r\n"), text.replacing("\n", with: "\r\n") + "\n" + line,
      text + "\t\n\n" + line, text + "\n\u{2014} a AAAAAA==\n", text + "\n\u{2014} a AAAA\n", text + "\n\u{2014} a\n",
      text + "\n" + String(repeating: line, count: LogBound.noteSignatureCountMax + 1),
      String(repeating: "a\n", count: LogBound.noteByteCountMax) + "\n" + line,
    ] {
      #expect(throws: LogError(.malformed, ""), "\(note.prefix(200))") { try SignedNote(encoded: Array(note.utf8)) }
    }
    #expect(throws: LogError(.malformed, "")) {
      try SignedNote(encoded: [0xff] + Array((text + "\n" + line).utf8))
    }
  }

  @Test("Lines of unknown keys are passed over; a known key's line must verify and stand once")
  func signatureLines() throws {
    let text = Array("a\n".utf8)
    let ours = LogSigner(origin: try name("ours"), key: signingKey(1))
    let line = ours.sign(text)
    let stranger = LogSigner(origin: try name("stranger"), key: signingKey(2)).sign(text)
    let sameName = NoteSignature(name: try name("ours"), keyID: 1, signature: [1, 2, 3])
    let sameID = NoteSignature(name: try name("theirs"), keyID: ours.noteKey.id, signature: [1, 2, 3])
    let note = SignedNote(text: text, signatures: [stranger, sameName, line, sameID])
    #expect(try note.signatures(by: [ours.noteKey]).count == 1)
    #expect(try SignedNote(encoded: note.encoded) == note)

    let forged = NoteSignature(name: line.name, keyID: line.keyID, signature: stranger.signature)
    #expect(throws: LogError(.notAuthentic, "")) {
      try SignedNote(text: text, signatures: [forged]).signatures(by: [ours.noteKey])
    }
    let short = NoteSignature(name: line.name, keyID: line.keyID, signature: Array(line.signature.dropLast()))
    #expect(throws: LogError(.malformed, "")) {
      try SignedNote(text: text, signatures: [short]).signatures(by: [ours.noteKey])
    }
    #expect(throws: LogError(.malformed, "")) {
      try SignedNote(text: text, signatures: [line, line]).signatures(by: [ours.noteKey])
    }
    #expect(try SignedNote(text: text, signatures: [stranger]).signatures(by: [ours.noteKey]).isEmpty)
  }
}
