import AccessLog
import VaultAPI
import VaultClient

/// Brings a directory up to a signed checkpoint: what is there already is verified and kept, what is missing is
/// fetched, verified and written. Nothing is written that the signed root does not cover, and altered entries are not
/// mended in silence.
@MainActor struct LogCopy {
  private let target: ExportDirectory
  private let checkpoint: VerifiedCheckpoint
  private let client: VaultClient
  /// Of a log before a restore; nil for the present one.
  private let number: UInt64?
  /// Size of the copy that is there already.
  private let before: UInt64
  private var check: TileCheck
  /// Entries that were not there before.
  private(set) var newCount: UInt64 = 0

  /// Fetches the right edge of the tree, which has to give the root.
  init(
    to target: ExportDirectory, of before: UInt64?, log: ProvenLog, client: VaultClient
  ) async throws {
    self.target = target
    let checkpoint = log.checkpoint
    self.checkpoint = checkpoint
    number = log.number
    self.client = client
    self.before = before ?? 0
    var edge: [Tile: [TreeHash]] = [:]
    do {
      for tile in TileCheck.edge(ofTreeOf: checkpoint.size) {
        edge[tile] = try tile.decode(try await client.logFile(.hashes(tile), for: .export, log: log.number))
      }
      check = try TileCheck(size: checkpoint.size, root: checkpoint.root, edge: edge)
    } catch is LogError { throw LogFailure.notTheRoot("What the vault sent") }
    for (tile, hashes) in edge { try write(Tile.encode(hashes), at: .hashes(tile)) }
  }

  mutating func run(_ progress: Progress) async throws {
    let size = checkpoint.size
    let isEdge = Set(TileCheck.edge(ofTreeOf: size))
    try await OrderedFetch.run(Tile.all(level: 0, inTreeOf: size)) { [target, client, number] tile in
      // The tiles at the edge are known and written.
      let hashes = isEdge.contains(tile) ? nil : try await LogFile(.hashes(tile), in: target, client, number)
      let bundle = try await LogFile(.entries(tile), in: target, client, number)
      return (hashes, bundle, leaves: try? EntryBundle.leafHashes(in: bundle.bytes, count: tile.width))
    } take: { tile, fetched in
      let hashes = try await genuineHashes(of: tile, fetched.0)
      guard fetched.leaves == hashes else { throw fetched.1.refusal(in: target) }
      if !fetched.1.wasKept {
        newCount += UInt64(tile.width) - (try keptCount(of: tile, hashes))
        try write(fetched.1.bytes, at: fetched.1.place)
      }
      progress.update(tile.index << UInt64(Tile.height) + UInt64(tile.width))
      try Interrupt.check()
    }
    do { try target.write(checkpoint) } catch { throw LogFailure.system(error, in: target.path, "Cannot write") }
    target.removeTiles(ofTreeOf: before, replacedBy: size)
  }

  private mutating func genuineHashes(of tile: Tile, _ fetched: LogFile?) async throws -> [TreeHash] {
    if let known = check.hashes(of: tile) { return known }
    if let (parent, _) = check.parent(of: tile), check.hashes(of: parent) == nil {
      _ = try await genuineHashes(of: parent, nil)
    }
    let file: LogFile
    if let fetched { file = fetched } else { file = try await LogFile(.hashes(tile), in: target, client, number) }
    let hashes: [TreeHash]
    do {
      hashes = try tile.decode(file.bytes)
      try check.admit(tile, hashes)
    } catch { throw file.refusal(in: target) }
    if !file.wasKept { try write(file.bytes, at: file.place) }
    return hashes
  }

  /// How many of a bundle's entries the smaller copy has in a partial one, which is about to be replaced: it has to begin
  /// as the new one does.
  private func keptCount(of tile: Tile, _ hashes: [TreeHash]) throws -> UInt64 {
    guard let older = Tile(level: 0, index: tile.index, inTreeOf: before), older != tile else { return 0 }
    for place in [TilePath.entries(older), .hashes(older)] {
      guard let bytes = try LogFile.read(place, in: target) else { return 0 }
      let leaves =
        place == .hashes(older) ? try? older.decode(bytes) : try? EntryBundle.leafHashes(in: bytes, count: older.width)
      guard let leaves, leaves.elementsEqual(hashes.prefix(older.width)) else {
        throw LogFile(place: place, bytes: bytes, wasKept: true).refusal(in: target)
      }
    }
    return UInt64(older.width)
  }

  private func write(_ bytes: [UInt8], at place: TilePath) throws {
    do { try target.write(bytes, at: place) } catch { throw LogFailure.system(error, in: target.path, "Cannot write") }
  }
}

/// A file of the log: the one that is there, else as the vault sends it. Nothing is known of it yet.
private struct LogFile: Sendable {
  let place: TilePath
  let bytes: [UInt8]
  let wasKept: Bool

  init(place: TilePath, bytes: [UInt8], wasKept: Bool) {
    self.place = place
    self.bytes = bytes
    self.wasKept = wasKept
  }

  init(_ place: TilePath, in target: ExportDirectory, _ client: VaultClient, _ number: UInt64?) async throws {
    self.place = place
    let kept = try Self.read(place, in: target)
    wasKept = kept != nil
    if let kept { bytes = kept } else { bytes = try await client.logFile(place, for: .export, log: number) }
  }

  static func read(_ place: TilePath, in target: ExportDirectory) throws -> [UInt8]? {
    let byteCountMax =
      switch place {
      case .entries: EntryBundle.byteCountMax
      case .hashes: Tile.widthMax * TreeHash.byteCount
      }
    do { return try target.files.contents(of: place.text, byteCountMax: byteCountMax) } catch is LogError {
      throw LogFailure.altered(Printable.line(target.path + "/" + place.text))
    } catch let error as LogDirectory.Failure {
      throw LogFailure.system(error, in: target.path, "Cannot read")
    }
  }

  func refusal(in target: ExportDirectory) -> Failure {
    wasKept
      ? LogFailure.altered(Printable.line(target.path + "/" + place.text))
      : LogFailure.notTheRoot("What the vault sent as \(place.text)")
  }
}
