/// A leaf's inclusion proof together with the checkpoint it leads to, as one text file (C2SP tlog-proof): with the leaf
/// and the log's public key, all that a court needs.
public struct ProofFile: Hashable, Sendable {
  public let proof: InclusionProof
  /// The checkpoint in the file: proven by nobody until `verify`.
  public let checkpoint: UnverifiedCheckpoint
  /// Opaque and not authenticated.
  public let extra: [UInt8]?

  private static let firstLine = "c2sp.org/tlog-proof@v1"
  /// Bytes of `extra`, before base64.
  public static let extraByteCountMax = 64 << 10

  /// `malformed` where proof and checkpoint are about trees of two sizes or `extra` is empty or too long.
  public init(proof: InclusionProof, checkpoint: VerifiedCheckpoint, extra: [UInt8]? = nil) throws(LogError) {
    try self.init(proof: proof, checkpoint: UnverifiedCheckpoint(checkpoint), extra: extra)
  }

  private init(proof: InclusionProof, checkpoint: UnverifiedCheckpoint, extra: [UInt8]?) throws(LogError) {
    guard proof.size == checkpoint.claim.size else { throw LogError(.malformed, "proof and checkpoint differ in size") }
    if let extra {
      guard (1...ProofFile.extraByteCountMax).contains(extra.count) else {
        throw LogError(.malformed, "extra data is empty or longer than its bound")
      }
    }
    self.proof = proof
    self.checkpoint = checkpoint
    self.extra = extra
  }

  public var encoded: [UInt8] {
    var lines = [ProofFile.firstLine]
    if let extra { lines.append("extra \(Base64.encode(extra))") }
    lines.append("index \(proof.index)")
    lines += proof.hashes.map(\.description)
    return Array(lines.map { $0 + "\n" }.joined().utf8) + [0x0a] + checkpoint.note.encoded
  }

  /// One spelling only.
  public init(encoded bytes: [UInt8]) throws(LogError) {
    guard bytes.count <= LogBound.proofFileByteCountMax else { throw LogError(.malformed, "proof file is too long") }
    guard let end = bytes.indices.dropLast().first(where: { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a }),
      let head = String(validating: bytes[..<end], as: UTF8.self)
    else { throw LogError(.malformed, "proof file has no checkpoint") }
    var lines = head.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }[...]
    guard lines.count <= LogBound.proofHashCountMax + 3, lines.popFirst() == ProofFile.firstLine else {
      throw LogError(.malformed, "not a proof file of this version")
    }
    let extra = try ProofFile.value(of: "extra", in: &lines).map { text throws(LogError) in try Base64.decode(text) }
    guard let index = try ProofFile.value(of: "index", in: &lines).flatMap({ UInt64($0) }) else {
      throw LogError(.malformed, "proof file has no index")
    }
    var hashes: [TreeHash] = []
    for line in lines { hashes.append(try TreeHash(try Base64.decode(line))) }
    let checkpoint = try UnverifiedCheckpoint(encoded: Array(bytes[(end + 2)...]))
    let proof = try InclusionProof(index: index, size: checkpoint.claim.size, hashes: hashes)
    try self.init(proof: proof, checkpoint: checkpoint, extra: extra)
    guard encoded == bytes else { throw LogError(.malformed, "proof file is not in its one spelling") }
  }

  private static func value(of name: String, in lines: inout ArraySlice<String>) throws(LogError) -> Substring? {
    guard let line = lines.first, line.hasPrefix(name + " ") else { return nil }
    lines.removeFirst()
    return line.dropFirst(name.count + 1)
  }

  /// That `leaf` stands at the proof's index in a tree that the log has signed: `notAuthentic` if it does not.
  @discardableResult
  public func verify(
    leaf: [UInt8], by log: NoteKey, cosigners: [NoteKey] = []
  ) throws(LogError) -> VerifiedCheckpoint {
    let verified = try checkpoint.verified(by: log, cosigners: cosigners)
    try proof.verify(leaf: .leaf(leaf), root: verified.root)
    return verified
  }
}
