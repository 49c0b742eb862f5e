/// What a checkpoint says: the size and the root of one log (C2SP tlog-checkpoint). Nothing about who says it.
public struct Checkpoint: Hashable, Sendable {
  public let origin: NoteName
  public let size: UInt64
  public let root: TreeHash
  /// Opaque, non-empty lines after the root. We write none and keep those we read.
  public let extensionLines: [String]

  /// `outOfRange` for an impossible size, `malformed` for an empty tree with another root than the one it has.
  public init(origin: NoteName, size: UInt64, root: TreeHash) throws(LogError) {
    try self.init(origin: origin, size: size, root: root, extensionLines: [])
  }

  private init(origin: NoteName, size: UInt64, root: TreeHash, extensionLines: [String]) throws(LogError) {
    guard size <= LogBound.treeSizeMax else { throw LogError(.outOfRange, "tree is larger than its bound") }
    guard size != 0 || root == .emptyRoot else { throw LogError(.malformed, "an empty tree has only one root") }
    self.origin = origin
    self.size = size
    self.root = root
    self.extensionLines = extensionLines
  }

  /// `origin\nsize\nbase64 root\n`, then extension lines.
  public var text: [UInt8] {
    Array(([origin.text, String(size), root.description] + extensionLines).map { $0 + "\n" }.joined().utf8)
  }

  /// One spelling only.
  init(text bytes: [UInt8]) throws(LogError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw LogError(.malformed, "checkpoint is not UTF-8")
    }
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    guard lines.count >= 4, lines.last == "", lines.dropLast().allSatisfy({ !$0.isEmpty }) else {
      throw LogError(.malformed, "checkpoint has not three non-empty lines")
    }
    guard lines.count - 4 <= LogBound.extensionLineCountMax else {
      throw LogError(.malformed, "checkpoint has more extension lines than its bound")
    }
    guard let size = UInt64(lines[1]) else { throw LogError(.malformed, "checkpoint size is not a number") }
    try self.init(
      origin: try NoteName(lines[0]), size: size, root: try TreeHash(try Base64.decode(lines[2])),
      extensionLines: Array(lines[3..<lines.count - 1]))
    guard self.text == bytes else { throw LogError(.malformed, "checkpoint is not in its one spelling") }
  }
}

/// A checkpoint as it came: well-formed, signed by nobody one trusts yet.
public struct UnverifiedCheckpoint: Hashable, Sendable {
  public let claim: Checkpoint
  public let note: SignedNote

  /// Forgets that it was verified: what is carried to someone who will verify it again.
  public init(_ verified: VerifiedCheckpoint) {
    claim = verified.checkpoint
    note = verified.note
  }

  public init(encoded bytes: [UInt8]) throws(LogError) {
    note = try SignedNote(encoded: bytes)
    claim = try Checkpoint(text: note.text)
  }

  /// `notAuthentic` unless the log's key signed it under its own origin. Cosignatures of `cosigners` are verified and
  /// kept; one that does not verify spoils the checkpoint, a missing one does not.
  public func verified(by log: NoteKey, cosigners: [NoteKey] = []) throws(LogError) -> VerifiedCheckpoint {
    guard log.algorithm == .ed25519, cosigners.allSatisfy({ $0.algorithm == .cosignature }) else {
      throw LogError(.unsupported, "key is of the wrong type to sign as a log or as a cosigner")
    }
    guard log.name == claim.origin else { throw LogError(.notAuthentic, "checkpoint is of another log") }
    guard !(try note.signatures(by: [log]).isEmpty) else {
      throw LogError(.notAuthentic, "checkpoint is not signed by the log")
    }
    var cosignatures: [Cosignature] = []
    for (key, line) in try note.signatures(by: cosigners) {
      cosignatures.append(try Cosignature(line, by: key, over: note.text))
    }
    return VerifiedCheckpoint(checkpoint: claim, note: note, cosignatures: cosignatures)
  }
}

/// A checkpoint whose signature by the log was verified, or that this process has just signed itself.
public struct VerifiedCheckpoint: Hashable, Sendable {
  public let checkpoint: Checkpoint
  public private(set) var note: SignedNote
  /// Those of the cosigners that one asked for.
  public private(set) var cosignatures: [Cosignature]

  fileprivate init(checkpoint: Checkpoint, note: SignedNote, cosignatures: [Cosignature]) {
    self.checkpoint = checkpoint
    self.note = note
    self.cosignatures = cosignatures
  }

  public var origin: NoteName { checkpoint.origin }
  public var size: UInt64 { checkpoint.size }
  public var root: TreeHash { checkpoint.root }
  /// The signed note, as it is stored and served.
  public var encoded: [UInt8] { note.encoded }

  /// Signs the tree as it is now. A log must never sign two checkpoints that are inconsistent: whoever calls this has
  /// appended to what it signed before.
  public static func signing(
    size: UInt64, root: TreeHash, with signer: LogSigner
  ) throws(LogError) -> VerifiedCheckpoint {
    let checkpoint = try Checkpoint(origin: signer.origin, size: size, root: root)
    let text = checkpoint.text
    let note = SignedNote(text: text, signatures: [signer.sign(text)])
    return VerifiedCheckpoint(checkpoint: checkpoint, note: note, cosignatures: [])
  }

  /// With one more signature line: the sign-off of someone who has verified the log up to here. `malformed` if this
  /// cosigner has signed it already, `outOfRange` for an impossible time.
  public func cosigned(by cosigner: Cosigner, posixSeconds: UInt64) throws(LogError) -> VerifiedCheckpoint {
    guard posixSeconds <= Cosignature.posixSecondsMax else {
      throw LogError(.outOfRange, "cosignature has an impossible time")
    }
    let key = cosigner.noteKey
    guard try note.signatures(by: [key]).isEmpty else { throw LogError(.malformed, "already signed by this cosigner") }
    guard note.signatures.count < LogBound.noteSignatureCountMax else {
      throw LogError(.outOfRange, "note has no room for another signature")
    }
    var copy = self
    let line = cosigner.sign(note.text, posixSeconds: posixSeconds)
    copy.note.add(line)
    copy.cosignatures.append(try Cosignature(line, by: key, over: note.text))
    return copy
  }

  /// That this is the same log as `older`, only longer. `rolledBack` where it is shorter, `inconsistent` where it was
  /// rewritten or is another log.
  public func verifyExtends(_ older: VerifiedCheckpoint, by proof: ConsistencyProof) throws(LogError) {
    guard origin == older.origin else { throw LogError(.inconsistent, "checkpoints of two logs") }
    guard size >= older.size else {
      throw LogError(.rolledBack, "the log is shorter than the checkpoint that was kept")
    }
    guard proof.from == older.size, proof.to == size else {
      throw LogError(.malformed, "proof is about other sizes")
    }
    try proof.verify(oldRoot: older.root, newRoot: root)
  }
}
