import Foundation
import Testing
import VaultCrypto

@testable import AccessLog

/// One log of short leaves, written as exports at several sizes through `ExportDirectory`.
final class ExportShelf {
  let signer: LogSigner
  private let shelf = TileShelf()
  private var leaves: [[UInt8]] = []

  init(seed: UInt8 = 1) throws {
    signer = LogSigner(origin: try name("survivor-vault/abababababababab/1"), key: signingKey(seed))
  }

  var size: UInt64 { shelf.frontier.size }

  func grow(to size: Int, leaf: (Int) -> String = { "leaf \($0)" }) {
    for index in leaves.count..<size {
      leaves.append(Array(leaf(index).utf8))
      shelf.append(.leaf(leaves[index]))
    }
  }

  /// The log as it is now, with its key beside it.
  @discardableResult
  func write(to directory: String) throws -> VerifiedCheckpoint {
    let target = ExportDirectory(directory)
    for place in TilePath.all(inTreeOf: size) {
      switch place {
      case .hashes(let tile): try target.write(Tile.encode(shelf.hashes(of: tile)), at: place)
      case .entries(let tile):
        let start = Int(tile.index) * Tile.widthMax
        try target.write(EntryBundle.encode(Array(leaves[start..<start + tile.width])), at: place)
      }
    }
    let checkpoint = try VerifiedCheckpoint.signing(size: size, root: shelf.frontier.root(), with: signer)
    try target.write(checkpoint)
    try Data((signer.noteKey.vkey + "\n").utf8).write(to: URL(fileURLWithPath: directory + ".vkey"))
    return checkpoint
  }
}

/// A directory of its own, gone with the test.
final class Scratch {
  let path = NSTemporaryDirectory() + "exports-" + UUID().uuidString

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  subscript(_ name: String) -> String { path + "/" + name }
}

@Suite("A log written as files")
struct ExportDirectoryTests {
  @Test("is whole when it is read again, at every size around a tile", arguments: [0, 1, 2, 255, 256, 257, 600])
  func written(size: Int) throws {
    let (scratch, log) = (try Scratch(), try ExportShelf())
    log.grow(to: size)
    let checkpoint = try log.write(to: scratch["log"])
    let verifier = ExportVerifier(LogDirectory(scratch["log"]), log: log.signer.noteKey, concurrency: 2)
    #expect(try verifier.verify().root == checkpoint.root)
    let files = try FileManager.default.subpathsOfDirectory(atPath: scratch["log"])
    #expect(!files.contains { $0.hasSuffix(".new") || $0.contains("vkey") })
  }

  @Test("grows in place, and what a wider tile shows is removed")
  func grown() throws {
    let (scratch, log) = (try Scratch(), try ExportShelf())
    log.grow(to: 200)
    let older = try log.write(to: scratch["log"])
    log.grow(to: 300)
    try log.write(to: scratch["log"])
    ExportDirectory(scratch["log"]).removeTiles(ofTreeOf: 200, replacedBy: 300)
    let verifier = ExportVerifier(LogDirectory(scratch["log"]), log: log.signer.noteKey, concurrency: 1)
    #expect(try verifier.verify(since: [older.checkpoint]).size == 300)
    let files = Set(try FileManager.default.subpathsOfDirectory(atPath: scratch["log"]))
    #expect(!files.contains("tile/entries/000.p/200") && !files.contains("tile/0/000.p"))
    #expect(files.isSuperset(of: ["tile/entries/000", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]))
  }

  @Test("tiles that stay partial in the same place are kept when the log has not grown")
  func unchanged() throws {
    let (scratch, log) = (try Scratch(), try ExportShelf())
    log.grow(to: 300)
    try log.write(to: scratch["log"])
    ExportDirectory(scratch["log"]).removeTiles(ofTreeOf: 300, replacedBy: 300)
    #expect(
      try ExportVerifier(LogDirectory(scratch["log"]), log: log.signer.noteKey, concurrency: 1).verify().size == 300)
  }
}

@Suite("Tiles are told from others by the signed root")
struct TileCheckTests {
  private func edge(_ shelf: TileShelf) throws -> [Tile: [TreeHash]] {
    var edge: [Tile: [TreeHash]] = [:]
    for tile in TileCheck.edge(ofTreeOf: shelf.frontier.size) { edge[tile] = try shelf.hashes(of: tile) }
    return edge
  }

  @Test(
    "every tile of a tree is admitted after the one above it", arguments: [1, 255, 256, 257, 65_535, 65_536, 65_793])
  func genuine(size: Int) throws {
    let shelf = TileShelf()
    for index in 0..<size { shelf.append(.leaf(Array("leaf \(index)".utf8))) }
    let total = UInt64(size)
    var check = try TileCheck(size: total, root: shelf.frontier.root(), edge: edge(shelf))
    for level in (0...Tile.levelMax).reversed() {
      for tile in Tile.all(level: level, inTreeOf: total) where level > 0 || tile.index % 97 == 0 || !tile.isFull {
        if let (parent, _) = check.parent(of: tile), check.hashes(of: parent) == nil {
          try check.admit(parent, try shelf.hashes(of: parent))
        }
        let hashes = try shelf.hashes(of: tile)
        try check.admit(tile, hashes)
        #expect(check.hashes(of: tile) == hashes)
        var other = hashes
        other[other.count / 2] = .leaf([1])
        #expect(throws: LogError(.inconsistent, "")) { try check.admit(tile, other) }
      }
    }
  }

  @Test("a right edge that does not give the root, or lacks a tile, is refused")
  func edges() throws {
    let shelf = TileShelf()
    for index in 0..<700 { shelf.append(.leaf(Array("leaf \(index)".utf8))) }
    let genuine = try edge(shelf)
    #expect(genuine.count == 2)
    for tile in genuine.keys {
      var altered = genuine
      altered[tile]?[0] = .leaf([])
      #expect(throws: LogError(.inconsistent, "")) {
        try TileCheck(size: 700, root: shelf.frontier.root(), edge: altered)
      }
      altered[tile] = nil
      #expect(throws: LogError(.malformed, "")) {
        try TileCheck(size: 700, root: shelf.frontier.root(), edge: altered)
      }
    }
    #expect(throws: LogError(.malformed, "")) {
      try TileCheck(size: 701, root: shelf.frontier.root(), edge: genuine)
    }
  }
}
