import AccessLog
import VaultAPI
import VaultClient

/// Brings a directory up to a signed checkpoint: what is there already is verified and kept, what is missing is
/// fetched, verified and written. Nothing is written that the signed root does not cover.
@MainActor struct LogCopy {
  private let target: ExportDirectory
  private let checkpoint: VerifiedCheckpoint
  private let client: VaultClient
  private var check: TileCheck
  /// Entries that were not there before.
  private(set) var newCount: UInt64 = 0

  /// Fetches the right edge of the tree, which has to give the root.
  init(to target: ExportDirectory, checkpoint: VerifiedCheckpoint, client: VaultClient) async throws {
    self.target = target
    self.checkpoint = checkpoint
    self.client = client
    var edge: [Tile: [TreeHash]] = [:]
    for tile in TileCheck.edge(ofTreeOf: checkpoint.size) {
      edge[tile] = try tile.decode(try await client.logFile(.hashes(tile), for: .export))
    }
    do { check = try TileCheck(size: checkpoint.size, root: checkpoint.root, edge: edge) } catch {
      throw LogFailure.notTheRoot("What the vault sent")
    }
    for (tile, hashes) in edge { try write(Tile.encode(hashes), at: .hashes(tile)) }
  }

  mutating func run(_ progress: Progress) async throws {
    for tile in Tile.all(level: 0, inTreeOf: checkpoint.size) {
      let hashes = try await genuineHashes(of: tile)
      if try await !bundle(of: tile, hashes) { newCount += UInt64(tile.width) }
      progress.update(tile.index << UInt64(Tile.height) + UInt64(tile.width))
      try Interrupt.check()
    }
    do { try target.write(checkpoint) } catch { throw LogFailure.system(error, in: target.path, "Cannot write") }
  }

  private mutating func genuineHashes(of tile: Tile) async throws -> [TreeHash] {
    if let known = check.hashes(of: tile) { return known }
    if let (parent, _) = check.parent(of: tile), check.hashes(of: parent) == nil {
      _ = try await genuineHashes(of: parent)
    }
    let place = TilePath.hashes(tile)
    let kept = try read(place, byteCountMax: Tile.widthMax * TreeHash.byteCount)
    let bytes: [UInt8]
    if let kept { bytes = kept } else { bytes = try await client.logFile(place, for: .export) }
    let hashes: [TreeHash]
    do {
      hashes = try tile.decode(bytes)
      try check.admit(tile, hashes)
    } catch { throw refusal(of: place, wasKept: kept != nil) }
    if kept == nil { try write(bytes, at: place) }
    return hashes
  }

  /// Whether it was there already.
  private func bundle(of tile: Tile, _ hashes: [TreeHash]) async throws -> Bool {
    let place = TilePath.entries(tile)
    let kept = try read(place, byteCountMax: EntryBundle.byteCountMax)
    let bytes: [UInt8]
    if let kept { bytes = kept } else { bytes = try await client.logFile(place, for: .export) }
    guard (try? EntryBundle.leafHashes(in: bytes, count: tile.width)) == hashes else {
      throw refusal(of: place, wasKept: kept != nil)
    }
    if kept == nil { try write(bytes, at: place) }
    return kept != nil
  }

  private func refusal(of place: TilePath, wasKept: Bool) -> Failure {
    wasKept
      ? LogFailure.altered(Printable.line(target.path + "/" + place.text))
      : LogFailure.notTheRoot("What the vault sent as \(place.text)")
  }

  private func read(_ place: TilePath, byteCountMax: Int) throws -> [UInt8]? {
    do { return try target.files.contents(of: place.text, byteCountMax: byteCountMax) } catch is LogError {
      throw LogFailure.altered(Printable.line(target.path + "/" + place.text))
    } catch let error as LogDirectory.Failure {
      throw LogFailure.system(error, in: target.path, "Cannot read")
    }
  }

  private func write(_ bytes: [UInt8], at place: TilePath) throws {
    do { try target.write(bytes, at: place) } catch { throw LogFailure.system(error, in: target.path, "Cannot write") }
  }
}

extension VaultClient {
  /// A tile or a bundle as it lies in the log.
  func logFile(_ path: TilePath, for use: LogUse = .verify) async throws(ClientError) -> [UInt8] {
    try await tile(String(path.text.dropFirst("tile/".count)), for: use)
  }
}
