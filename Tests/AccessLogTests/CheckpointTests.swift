import Testing
import VaultCrypto

@testable import AccessLog

@Suite("Checkpoints")
struct CheckpointTests {
  let signer: LogSigner
  let auditor: Cosigner
  init() throws {
    signer = LogSigner(origin: try NoteName("survivor-vault/00112233aabbccdd/1"), key: signingKey(1))
    auditor = Cosigner(name: try NoteName("auditor/anjali"), key: signingKey(2))
  }

  private func shelf(_ count: Int, from start: Int = 0) -> TileShelf {
    let shelf = TileShelf()
    for index in start..<start + count { shelf.append(.leaf(Array("\(index)".utf8))) }
    return shelf
  }

  private func checkpoint(_ shelf: TileShelf) throws -> VerifiedCheckpoint {
    try .signing(size: shelf.frontier.size, root: shelf.frontier.root(), with: signer)
  }

  @Test("A checkpoint with a cosignature, as the specification prints it, is read and written back")
  func specificationExample() throws {
    let text = """
      example.com/behind-the-sofa
      20852163
      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

      \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
      \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

      """
    let checkpoint = try UnverifiedCheckpoint(encoded: Array(text.utf8))
    #expect(checkpoint.claim.origin == (try name("example.com/behind-the-sofa")))
    #expect(checkpoint.claim.size == 20_852_163)
    #expect(checkpoint.claim.root.description == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    #expect(checkpoint.note.signatures.count == 2)
    #expect(checkpoint.note.signatures[1].signature.prefix(8).elementsEqual([0, 0, 0, 0, 0x64, 0x18, 0x50, 0xCB]))
    #expect(checkpoint.note.encoded == Array(text.utf8))
  }

  @Test("P4 A signed checkpoint verifies under the log's key and origin only, and any altered byte is refused")
  func signing() throws {
    let signed = try checkpoint(shelf(5))
    let read = try UnverifiedCheckpoint(encoded: signed.encoded)
    #expect(try read.verified(by: signer.noteKey) == signed)
    #expect(String(decoding: signed.checkpoint.text, as: UTF8.self).hasPrefix("survivor-vault/00112233aabbccdd/1\n5\n"))

    let otherKey = LogSigner(origin: signer.origin, key: signingKey(9)).noteKey
    #expect(throws: LogError(.notAuthentic, "")) { try read.verified(by: otherKey) }
    let otherOrigin = LogSigner(origin: try name("survivor-vault/00112233aabbccdd/2"), key: signingKey(1)).noteKey
    #expect(throws: LogError(.notAuthentic, "")) { try read.verified(by: otherOrigin) }
    #expect(throws: LogError(.unsupported, "")) { try read.verified(by: auditor.noteKey) }
    expectRefused(signed.encoded) { try UnverifiedCheckpoint(encoded: $0).verified(by: signer.noteKey) }
  }

  @Test("P4 A log's signature under another log's origin does not count")
  func foreignOrigin() throws {
    let other = try Checkpoint(
      origin: name("survivor-vault/ffeeddccbbaa9988/1"), size: 5, root: shelf(5).frontier.root())
    let note = SignedNote(text: other.text, signatures: [signer.sign(other.text)])
    let read = try UnverifiedCheckpoint(encoded: note.encoded)
    #expect(throws: LogError(.notAuthentic, "")) { try read.verified(by: signer.noteKey) }
  }

  @Test("A checkpoint body has one spelling; its extension lines are kept")
  func bodies() throws {
    let root = shelf(5).frontier.root().description
    func read(_ text: String) throws -> Checkpoint { try Checkpoint(text: Array(text.utf8)) }
    let extended = try read("a\n5\n\(root)\nmore\n\u{0986}\u{09B0}\u{0993}\n")
    #expect(extended.extensionLines == ["more", "\u{0986}\u{09B0}\u{0993}"])
    #expect(String(decoding: extended.text, as: UTF8.self) == "a\n5\n\(root)\nmore\n\u{0986}\u{09B0}\u{0993}\n")
    for text in [
      "", "\n", "a\n5\n", "a\n5\n\(root)", "\n5\n\(root)\n", "a\n\n\(root)\n", "a\n05\n\(root)\n", "a\n+5\n\(root)\n",
      "a\n-5\n\(root)\n", "a\n5 \n\(root)\n", "a\n0x5\n\(root)\n", "a\n\u{0665}\n\(root)\n", "a\n5\n\(root)\n\n",
      "a\n5\n\(root)\n\nmore\n", "a b\n5\n\(root)\n", "a\n18446744073709551616\n\(root)\n",
      "a\n5\n\(root.dropLast())\n",
      "a\n5\n\(root)=\n", "a\n5\nAAAA\n", "a\n0\n\(root)\n",
      "a\n5\n\(root)\n" + String(repeating: "x\n", count: LogBound.extensionLineCountMax + 1),
    ] {
      #expect(throws: LogError(.malformed, ""), "\(text)") { try read(text) }
    }
    #expect(throws: LogError(.outOfRange, "")) { try read("a\n18446744073709551615\n\(root)\n") }
  }

  @Test("An empty log has a checkpoint, and no other root passes for it")
  func empty() throws {
    let signed = try checkpoint(TileShelf())
    #expect(signed.root == .emptyRoot)
    #expect(throws: LogError(.malformed, "")) {
      try VerifiedCheckpoint.signing(size: 0, root: .leaf([]), with: signer)
    }
  }

  @Test("P4 A sign-off is a cosignature: it verifies with its time, and altered it spoils the note")
  func cosigning() throws {
    let signed = try checkpoint(shelf(300))
    let signedOff = try signed.cosigned(by: auditor, posixSeconds: 1_772_000_000)
    let read = try UnverifiedCheckpoint(encoded: signedOff.encoded)
    #expect(try read.verified(by: signer.noteKey, cosigners: [auditor.noteKey]) == signedOff)
    #expect(signedOff.cosignatures.map(\.posixSeconds) == [1_772_000_000])
    // Who does not know the auditor still knows the log.
    #expect(try read.verified(by: signer.noteKey).cosignatures.isEmpty)
    // What is signed, spelled out by the specification.
    let message = Array("cosignature/v1\ntime 1772000000\n".utf8) + signed.checkpoint.text
    try auditor.noteKey.key.verify(Array(read.note.signatures[1].signature[8...]), over: message)

    #expect(throws: LogError(.malformed, "")) { try signedOff.cosigned(by: auditor, posixSeconds: 1_772_000_001) }
    #expect(throws: LogError(.outOfRange, "")) { try signed.cosigned(by: auditor, posixSeconds: 1 << 63) }
    expectRefused(signedOff.encoded, step: 3) {
      let verified = try UnverifiedCheckpoint(encoded: $0)
        .verified(by: signer.noteKey, cosigners: [auditor.noteKey])
      // A line whose name or id was altered is a stranger's line: it must no longer count.
      if verified.cosignatures.isEmpty { throw LogError(.notAuthentic, "no sign-off") }
    }
    let impostor = Cosigner(name: auditor.noteKey.name, key: signingKey(7))
    #expect(throws: LogError(.unsupported, "")) { try read.verified(by: signer.noteKey, cosigners: [signer.noteKey]) }
    #expect(try read.verified(by: signer.noteKey, cosigners: [impostor.noteKey]).cosignatures.isEmpty)
  }

  @Test("P4 A kept checkpoint shows a log that was cut, forked, rewritten, or is another one")
  func extending() throws {
    let shelf = shelf(300)
    let kept = try checkpoint(self.shelf(200))
    let newer = try checkpoint(shelf)
    var tree = try MerkleTree(size: 300, source: shelf)
    let proof = try tree.consistencyProof(from: 200)
    try newer.verifyExtends(kept, by: proof)
    try kept.verifyExtends(kept, by: ConsistencyProof(from: 200, to: 200, hashes: []))

    #expect(throws: LogError(.rolledBack, "")) { try kept.verifyExtends(newer, by: proof) }
    #expect(throws: LogError(.malformed, "")) {
      try newer.verifyExtends(kept, by: ConsistencyProof(from: 0, to: 300, hashes: []))
    }
    // Rewritten and signed again with the log's own key: a proof from either tree fails.
    let rewritten = self.shelf(300, from: 1)
    let resigned = try checkpoint(rewritten)
    var otherTree = try MerkleTree(size: 300, source: rewritten)
    let otherProof = try otherTree.consistencyProof(from: 200)
    #expect(throws: LogError(.inconsistent, "")) { try resigned.verifyExtends(kept, by: proof) }
    #expect(throws: LogError(.inconsistent, "")) { try resigned.verifyExtends(kept, by: otherProof) }
    // Two roots for one size.
    let fork = try checkpoint(self.shelf(200, from: 1))
    #expect(throws: LogError(.inconsistent, "")) {
      try fork.verifyExtends(kept, by: ConsistencyProof(from: 200, to: 200, hashes: []))
    }
    let restored = LogSigner(origin: try name("survivor-vault/00112233aabbccdd/2"), key: signingKey(1))
    let other = try VerifiedCheckpoint.signing(size: 300, root: shelf.frontier.root(), with: restored)
    #expect(throws: LogError(.inconsistent, "")) { try other.verifyExtends(kept, by: proof) }
  }
}
