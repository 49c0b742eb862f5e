/// Verifies all files of a log, offline: that the log's key signed the checkpoint, that the entries give its root, that
/// every tile shows the hashes the entries have, and that the log begins with every older tree one remembers.
///
/// Nothing but the log's public key is needed, which must come from elsewhere than the files. Memory is bounded by the
/// largest bundle a thread holds (16 MiB), not by the log's length.
///
///     let verifier = ExportVerifier(LogDirectory(path), log: key, concurrency: 2)
///     let checkpoint = try verifier.verify(since: [remembered]) { entries in … }
public struct ExportVerifier<Files: LogFiles>: Sendable {
  private let files: Files
  private let log: NoteKey
  private let cosigners: [NoteKey]
  private let concurrency: Int

  /// `concurrency`: threads that hash. A million entries of 512 bytes are two seconds of SHA-256 for one.
  public init(_ files: Files, log: NoteKey, cosigners: [NoteKey] = [], concurrency: Int) {
    precondition(concurrency > 0)
    self.files = files
    self.log = log
    self.cosigners = cosigners
    self.concurrency = concurrency
  }

  /// The checkpoint, once all of it is true. `since`: trees that one knows to have been this log, with or without a
  /// signature; the entries themselves prove that it begins with them. `progress` hears how many entries are done, after
  /// each 65,536, on the calling thread; what it throws passes through. Blocks: not for a cooperative thread.
  ///
  /// Throws `ExportFault`; what `Files` throws that is not a `LogError` passes through.
  public func verify(
    since older: [Checkpoint] = [], progress: (UInt64) throws -> Void = { _ in }
  ) throws -> VerifiedCheckpoint {
    let path = TilePath.checkpoint
    let checkpoint = try ExportFault.naming(path) {
      guard let bytes = try files.contents(of: path, byteCountMax: LogBound.noteByteCountMax) else {
        throw LogError(.malformed, "a file of the log is missing")
      }
      // Before anything else: what is not signed by the log may claim any number of entries.
      let verified = try UnverifiedCheckpoint(encoded: bytes).verified(by: log, cosigners: cosigners)
      for older in older {
        guard older.origin == verified.origin else { throw LogError(.inconsistent, "checkpoints of two logs") }
        guard older.size <= verified.size else {
          throw LogError(.rolledBack, "the log is shorter than the checkpoint that was kept")
        }
      }
      return verified
    }
    var tree = TreeInProgress(older: older)
    let bundles = Tile.count(level: 0, inTreeOf: checkpoint.size)
    for start in stride(from: 0, to: bundles, by: Tile.widthMax) {
      let hashed = try concurrentMap(min(Tile.widthMax, bundles - start), concurrency: concurrency) { offset in
        try hash(bundle: UInt64(start + offset), size: checkpoint.size)
      }
      for bundle in hashed {
        do { try tree.append(bundle) } catch { throw ExportFault(error, path: path) }
      }
      for (tile, hashes) in tree.takeFullTiles() { try compare(tile, hashes) }
      try progress(tree.frontier.size)
    }
    for (tile, hashes) in tree.partialTiles { try compare(tile, hashes) }
    do { try tree.demand(checkpoint.checkpoint) } catch { throw ExportFault(error, path: path) }
    return checkpoint
  }

  private func hash(bundle index: UInt64, size: UInt64) throws -> HashedBundle {
    guard let tile = Tile(level: 0, index: index, inTreeOf: size) else { preconditionFailure("within the tree") }
    let path = TilePath.entries(tile)
    let hashes = try ExportFault.naming(path.text) {
      let (bytes, width) = try contents(of: path, byteCountMax: EntryBundle.byteCountMax)
      return Array(try EntryBundle.leafHashes(in: bytes, count: width).prefix(tile.width))
    }
    try compare(tile, hashes)
    return HashedBundle(hashes)
  }

  /// That the tile's file says what was computed.
  private func compare(_ tile: Tile, _ hashes: [TreeHash]) throws {
    let path = TilePath.hashes(tile)
    let computed = Tile.encode(hashes)
    let claimed = try ExportFault.naming(path.text) {
      let (bytes, width) = try contents(of: path, byteCountMax: Tile.widthMax * TreeHash.byteCount)
      guard bytes.count == width * TreeHash.byteCount else {
        throw LogError(.malformed, "tile has another width than its place demands")
      }
      return bytes.prefix(computed.count)
    }
    guard !claimed.elementsEqual(computed) else { return }
    let offset = zip(claimed, computed).prefix { $0 == $1 }.count / TreeHash.byteCount
    throw ExportFault(
      LogError(.inconsistent, "the entries have another hash than the tile shows"), path: path.text,
      entry: (tile.index << UInt64(Tile.height) + UInt64(offset)) << UInt64(Tile.height * tile.level))
  }

  /// Of a partial file or, once a log has grown, of the full one that begins with it; and how many it should hold.
  private func contents(of path: TilePath, byteCountMax: Int) throws -> ([UInt8], width: Int) {
    if let bytes = try files.contents(of: path.text, byteCountMax: byteCountMax) { return (bytes, path.tile.width) }
    if !path.tile.isFull, let bytes = try files.contents(of: path.whole.text, byteCountMax: byteCountMax) {
      return (bytes, Tile.widthMax)
    }
    throw LogError(.malformed, "a file of the log is missing")
  }
}

/// What is wrong with the files of a log, and where.
public struct ExportFault: Error, Equatable, CustomStringConvertible {
  public let cause: LogError
  /// The file, below the log's prefix.
  public let path: String
  /// Index of the first entry that can be at fault, where the file tells.
  public let entry: UInt64?

  init(_ cause: LogError, path: String, entry: UInt64? = nil) {
    self.cause = cause
    self.path = path
    self.entry = entry
  }

  public var description: String {
    "\(path): \(cause)" + (entry.map { ", from entry \($0) on" } ?? "")
  }

  static func naming<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as LogError { throw ExportFault(error, path: path) }
  }
}
