import AccessLog
import Testing
import VaultCrypto

@Suite("Proof files and whole logs")
struct ProofFileTests {
  let signer: LogSigner
  init() throws { signer = LogSigner(origin: try NoteName("survivor-vault/00112233aabbccdd/1"), key: signingKey(1)) }

  private func leaves(_ count: Int) -> [[UInt8]] { (0..<count).map { Array("leaf \($0)".utf8) } }

  @Test("P4 A proof file convinces with the leaf and the log's key alone, and no altered byte of it does")
  func proofFile() throws {
    let leaves = leaves(300)
    let shelf = TileShelf()
    for leaf in leaves { shelf.append(.leaf(leaf)) }
    let signed = try VerifiedCheckpoint.signing(size: 300, root: shelf.frontier.root(), with: signer)
    var tree = try MerkleTree(size: 300, source: shelf)
    for extra in [nil, Array("why".utf8)] {
      let file = try ProofFile(proof: tree.inclusionProof(of: 42), checkpoint: signed, extra: extra)
      let text = String(decoding: file.encoded, as: UTF8.self)
      #expect(text.hasPrefix("c2sp.org/tlog-proof@v1\n" + (extra == nil ? "" : "extra d2h5\n") + "index 42\n"))
      let read = try ProofFile(encoded: file.encoded)
      #expect(read == file)
      try read.verify(leaf: leaves[42], by: signer.noteKey)
      #expect(throws: LogError(.notAuthentic, "")) { try read.verify(leaf: leaves[43], by: signer.noteKey) }
      guard extra == nil else { continue }
      expectRefused(file.encoded) { try ProofFile(encoded: $0).verify(leaf: leaves[42], by: signer.noteKey) }
    }
    #expect(throws: LogError(.malformed, "")) {
      try ProofFile(proof: InclusionProof(index: 0, size: 1, hashes: []), checkpoint: signed)
    }
    #expect(throws: LogError(.malformed, "")) {
      try ProofFile(proof: tree.inclusionProof(of: 1), checkpoint: signed, extra: [])
    }
  }

  @Test("A proof file of one leaf has no hashes, and other spellings are refused")
  func spellings() throws {
    var frontier = TreeFrontier()
    frontier.append(.leaf([7]))
    let signed = try VerifiedCheckpoint.signing(size: 1, root: frontier.root(), with: signer)
    let text = String(
      decoding: try ProofFile(proof: InclusionProof(index: 0, size: 1, hashes: []), checkpoint: signed).encoded,
      as: UTF8.self)
    try ProofFile(encoded: Array(text.utf8)).verify(leaf: [7], by: signer.noteKey)
    let hash = frontier.root().description
    for other in [
      text.replacing("@v1", with: "@v2"), text.replacing("index 0", with: "index 00"),
      text.replacing("index 0", with: "index"),
      text.replacing("index 0", with: "index 0 "), text.replacing("index 0", with: "index -0"),
      text.replacing("index 0\n", with: ""), text.replacing("index 0\n", with: "extra \nindex 0\n"),
      text.replacing("index 0\n", with: "index 0\nextra AAAA\n"),
      text.replacing("index 0\n", with: "index 0\nindex 0\n"),
      text.replacing("index 0\n", with: "index 0\n\(hash)\n"), text.replacing("index 0\n\n", with: "index 0\n"),
      text.replacing("index 0\n", with: "index 0\n" + String(repeating: hash + "\n", count: 70)),
      "\n" + text, text + "\n", String(repeating: "a", count: 300_000),
    ] {
      #expect(throws: LogError(.malformed, ""), "\(other.prefix(120))") { try ProofFile(encoded: Array(other.utf8)) }
    }
  }

  @Test("P4 A whole log verifies offline; changed, missing, extra and exchanged leaves do not")
  func verifier() throws {
    let leaves = leaves(600)
    var frontier = TreeFrontier()
    for leaf in leaves { frontier.append(.leaf(leaf)) }
    let signed = try VerifiedCheckpoint.signing(size: 600, root: frontier.root(), with: signer)
    let checkpoint = try UnverifiedCheckpoint(encoded: signed.encoded)
    func verify(_ leaves: [[UInt8]]) throws {
      var verifier = LogVerifier()
      for leaf in leaves { verifier.append(leaf: leaf) }
      try verifier.verify(checkpoint, by: signer.noteKey)
    }
    try verify(leaves)
    var changed = leaves
    changed[321][0] ^= 1
    #expect(throws: LogError(.inconsistent, "")) { try verify(changed) }
    var swapped = leaves
    swapped.swapAt(5, 6)
    #expect(throws: LogError(.inconsistent, "")) { try verify(swapped) }
    #expect(throws: LogError(.inconsistent, "")) { try verify(leaves + [[1]]) }
    #expect(throws: LogError(.rolledBack, "")) { try verify(leaves.dropLast()) }
    #expect(throws: LogError(.rolledBack, "")) { try verify([]) }
    #expect(throws: LogError(.inconsistent, "")) { try verify(leaves[1...] + [leaves[0]]) }

    // The same from bundles, in any number of hands.
    for threads in [1, 2, 5] {
      var verifier = LogVerifier()
      let bundles = try [0..<256, 256..<512, 512..<600].map { (try EntryBundle.encode(Array(leaves[$0])), $0.count) }
      try verifier.append(bundles: bundles.count, concurrency: threads) { bundles[$0] }
      #expect(verifier.frontier == frontier)
      try verifier.verify(checkpoint, by: signer.noteKey)
    }
  }
}
