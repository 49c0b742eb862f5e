import Testing
import VaultCrypto

@testable import AccessLog

/// What a decoder accepts has to be what its encoder writes: two spellings of one thing are two hashes for one claim.
@Suite("One spelling")
struct OneSpellingTests {
  let signer: LogSigner
  let note: [UInt8]
  let proofFile: ProofFile

  init() throws {
    signer = LogSigner(origin: try name("survivor-vault/00112233aabbccdd/1"), key: signingKey(1))
    let shelf = TileShelf()
    for index in 0..<300 { shelf.append(.leaf(Array("leaf \(index)".utf8))) }
    let auditor = Cosigner(
      name: try name("auditor/\u{0985}\u{09A8}\u{09CD}\u{099C}\u{09B2}\u{09BF}"), key: signingKey(2))
    let signed = try VerifiedCheckpoint.signing(size: 300, root: shelf.frontier.root(), with: signer)
      .cosigned(by: auditor, posixSeconds: 1_772_000_000)
    note = signed.encoded
    var tree = try MerkleTree(size: 300, source: shelf)
    proofFile = try ProofFile(proof: tree.inclusionProof(of: 42), checkpoint: signed, extra: Array("why".utf8))
  }

  /// Deletes, doubles, exchanges, overwrites and inserts, mostly with bytes that the formats give a meaning.
  private func mutate(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    let telling: [UInt8] = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x2b, 0x2d, 0x2f, 0x30, 0x31, 0x3d, 0x41, 0x78, 0x80, 0xff]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
      let position = Int.random(in: 0..<bytes.count, using: &generator)
      let byte = telling.randomElement(using: &generator)!
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes.remove(at: position)
      case 1: bytes.insert(byte, at: position)
      case 2: bytes[position] = byte
      case 3: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 4: bytes.insert(bytes[position], at: position)
      default: bytes.swapAt(position, Int.random(in: 0..<bytes.count, using: &generator))
      }
    }
    return bytes
  }

  /// How many of the mutants were accepted: none that would be written in another way.
  @discardableResult
  private func tryMutants(
    of bytes: [UInt8], count: Int = 3000, seed: UInt64, _ recode: ([UInt8]) throws -> [UInt8]
  ) throws -> Int {
    #expect(try recode(bytes) == bytes)
    var generator = SeededGenerator(seed)
    var accepted = 0
    for _ in 0..<count {
      let mutant = mutate(bytes, &generator)
      do {
        #expect(try recode(mutant) == mutant, "\(String(decoding: mutant, as: UTF8.self))")
        accepted += 1
      } catch is LogError {}
    }
    return accepted
  }

  @Test("Notes and checkpoints are accepted as they would be written, or not at all")
  func notes() throws {
    let accepted = try tryMutants(of: note, seed: 1) { try SignedNote(encoded: $0).encoded }
    // Letters of names and texts may be any: a mutation that changes no shape is another note, not another spelling.
    #expect(accepted > 100 && accepted < 2000)
    try tryMutants(of: note, seed: 2) { bytes in
      let read = try UnverifiedCheckpoint(encoded: bytes)
      #expect(read.claim.text == read.note.text)
      return read.note.encoded
    }
  }

  @Test("P4 No mutant of a cosigned checkpoint is believed")
  func believed() throws {
    var generator = SeededGenerator(3)
    for _ in 0..<2000 {
      let mutant = mutate(note, &generator)
      guard let verified = try? UnverifiedCheckpoint(encoded: mutant).verified(by: signer.noteKey) else { continue }
      // A stranger's line may say anything; what the log signed is what it was.
      #expect(verified.checkpoint == proofFile.checkpoint.claim)
    }
  }

  @Test("Proof files are accepted as they would be written, or not at all")
  func proofFiles() throws {
    let accepted = try tryMutants(of: proofFile.encoded, seed: 4) { try ProofFile(encoded: $0).encoded }
    #expect(accepted > 50)
    let text = String(decoding: proofFile.encoded, as: UTF8.self)
    let hash = proofFile.proof.hashes[0].description
    for other in [
      text.replacing("extra d2h5", with: "extra d2h4="), text.replacing("extra d2h5", with: "extra d2h"),
      text.replacing("extra d2h5", with: "extra d2i6="), text.replacing("extra d2h5", with: "extra  d2h5"),
      text.replacing("extra d2h5", with: "Extra d2h5"),
      text.replacing("extra d2h5\n", with: "extra d2h5\nextra d2h5\n"),
      text.replacing("index 42", with: "index 042"), text.replacing("index 42", with: "index +42"),
      text.replacing("index 42", with: "index 0x2a"), text.replacing("index 42", with: "index \u{0664}\u{0662}"),
      text.replacing("\n", with: "\r\n"), text.replacing(hash, with: hash.dropLast()),
      text.replacing(hash, with: hash + "AAAA"), text.replacing(hash, with: "AAAA"),
      text.replacing(hash + "\n", with: ""), text.replacing(hash + "\n", with: "\(hash)\n\(hash)\n"),
      text.replacing(hash, with: String(hash.dropLast(2)) + (hash.hasSuffix("A=") ? "B=" : "B=")), "\u{FEFF}" + text,
    ] where other != text {
      #expect(throws: LogError(.malformed, ""), "\(other)") { try ProofFile(encoded: Array(other.utf8)) }
    }
    for index in ["300", "4611686018427387904", "18446744073709551615"] {
      let other = text.replacing("index 42", with: "index \(index)")
      #expect(throws: LogError(.outOfRange, "")) { try ProofFile(encoded: Array(other.utf8)) }
    }
    for index in ["-1", "18446744073709551616"] {
      let other = text.replacing("index 42", with: "index \(index)")
      #expect(throws: LogError(.malformed, "")) { try ProofFile(encoded: Array(other.utf8)) }
    }
  }

  @Test("A proof file's extra data has a bound, which is still accepted")
  func extra() throws {
    func file(_ count: Int) throws -> ProofFile {
      let signed = try proofFile.checkpoint.verified(by: signer.noteKey)
      return try ProofFile(proof: proofFile.proof, checkpoint: signed, extra: [UInt8](repeating: 7, count: count))
    }
    let largest = try file(ProofFile.extraByteCountMax)
    #expect(try ProofFile(encoded: largest.encoded) == largest)
    #expect(throws: LogError(.malformed, "")) { try file(ProofFile.extraByteCountMax + 1) }
    let line = "extra " + Base64.encode([UInt8](repeating: 7, count: ProofFile.extraByteCountMax + 1))
    let other = String(decoding: proofFile.encoded, as: UTF8.self).replacing("extra d2h5", with: line)
    #expect(throws: LogError(.malformed, "")) { try ProofFile(encoded: Array(other.utf8)) }
  }

  @Test("A note takes as many signatures as its bound and no more")
  func signatureBound() throws {
    let text = try UnverifiedCheckpoint(encoded: note).note.text
    func signed(_ count: Int) throws -> [UInt8] {
      let lines = try (0..<count).map { NoteSignature(name: try name("witness/\($0)"), keyID: 1, signature: [1]) }
      return SignedNote(text: text, signatures: lines).encoded
    }
    let most = try signed(LogBound.noteSignatureCountMax)
    #expect(try SignedNote(encoded: most).encoded == most)
    let tooMany = try signed(LogBound.noteSignatureCountMax + 1)
    #expect(throws: LogError(.malformed, "")) { try SignedNote(encoded: tooMany) }
  }

  @Test("Tile paths, vkeys and frontiers are accepted as they would be written, or not at all")
  func smallFormats() throws {
    for (seed, path) in ["tile/3/x001/x234/067", "tile/entries/x001/000.p/17", "tile/0/000.p/255"].enumerated() {
      try tryMutants(of: Array(path.utf8), seed: UInt64(10 + seed)) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { throw LogError(.malformed, "not UTF-8") }
        return Array(try TilePath(text).text.utf8)
      }
    }
    for key in [signer.noteKey, Cosigner(name: try name("auditor/anjali"), key: signingKey(2)).noteKey] {
      try tryMutants(of: Array(key.vkey.utf8), seed: 20) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { throw LogError(.malformed, "not UTF-8") }
        return Array(try NoteKey(vkey: text).vkey.utf8)
      }
    }
    var frontier = TreeFrontier()
    for index in 0..<23 { frontier.append(.leaf([UInt8(index)])) }
    try tryMutants(of: frontier.encoded, seed: 30) { try TreeFrontier(encoded: $0).encoded }
  }

  @Test("Bundles are accepted as they would be written, or not at all; a boundary that moves is another log")
  func bundles() throws {
    let leaves: [[UInt8]] = [Array("ab".utf8), [], Array("c".utf8), [UInt8](repeating: 0, count: 300)]
    let bytes = try EntryBundle.encode(leaves)
    try tryMutants(of: bytes, seed: 40) { try EntryBundle.encode(EntryBundle.decode($0, count: leaves.count)) }
    for count in 0..<bytes.count {
      #expect(throws: LogError(.malformed, "")) {
        try EntryBundle.leafHashes(in: Array(bytes.prefix(count)), count: leaves.count)
      }
    }
    let moved = try EntryBundle.encode([Array("a".utf8), Array("bc".utf8)])
    let meant = try EntryBundle.encode([Array("ab".utf8), Array("c".utf8)])
    #expect(try EntryBundle.leafHashes(in: moved, count: 2) != EntryBundle.leafHashes(in: meant, count: 2))
    // The same bytes as one leaf, as a node, and as two leaves: never the same hash (RFC 6962 §2.1).
    let pair = TreeHash.leaf([1]).bytes + TreeHash.leaf([2]).bytes
    #expect(TreeHash.leaf(pair) != .node(.leaf([1]), .leaf([2])))
  }

  @Test("Entries are accepted as they would be written, or not at all")
  func entries() throws {
    var entry = LogEntry(time: 1_772_000_000_000, action: "record.read", outcome: .allowed)
    entry.account = "mihaela.\u{0219}tef\u{0103}nescu"
    entry.sections = ["identity", "contact"]
    entry.count = 7
    entry.unknown = [LogEntry.Pair(key: "weather", value: [1, 2, 3])]
    try tryMutants(of: try entry.encoded(), seed: 50) { try LogEntry(encoded: $0).encoded() }
  }
}
