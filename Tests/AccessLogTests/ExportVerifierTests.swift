import Foundation
import Synchronization
import Testing
import VaultCrypto

@testable import AccessLog

/// A log's files in memory, to be tampered with one by one.
final class FileShelf: LogFiles {
  let signer: LogSigner
  private let files = Mutex<[String: [UInt8]]>([:])
  private let hashes: TreeHashes

  /// Leaf hashes by level, so that any size up to the log's can be asked for.
  private struct TreeHashes: Sendable {
    var levels: [[TreeHash]] = [[]]
  }

  init(size: Int, seed: UInt8 = 1, leaf: (Int) -> [UInt8] = { Array("leaf \($0)".utf8) }) throws {
    signer = LogSigner(origin: try name("survivor-vault/00112233aabbccdd/1"), key: signingKey(seed))
    let shelf = TileShelf()
    let leaves = (0..<size).map(leaf)
    for leaf in leaves { shelf.append(.leaf(leaf)) }
    hashes = TreeHashes(levels: shelf.levels)
    for place in TilePath.all(inTreeOf: UInt64(size)) {
      switch place {
      case .hashes(let tile): self[place.text] = Tile.encode(try shelf.hashes(of: tile))
      case .entries(let tile):
        let start = Int(tile.index) * Tile.widthMax
        self[place.text] = try EntryBundle.encode(Array(leaves[start..<start + tile.width]))
      }
    }
    self[TilePath.checkpoint] = try VerifiedCheckpoint.signing(
      size: UInt64(size), root: shelf.frontier.root(), with: signer
    ).encoded
  }

  subscript(path: String) -> [UInt8]? {
    get { files.withLock { $0[path] } }
    set { files.withLock { $0[path] = newValue } }
  }

  var paths: [String] { files.withLock { $0.keys.sorted() } }

  /// The tree as it was at an earlier size.
  func checkpoint(_ size: Int) throws -> Checkpoint {
    var frontier = TreeFrontier()
    for hash in hashes.levels[0].prefix(size) { frontier.append(hash) }
    return try Checkpoint(origin: signer.origin, size: UInt64(size), root: frontier.root())
  }

  func contents(of path: String, byteCountMax: Int) throws -> [UInt8]? {
    guard let bytes = self[path] else { return nil }
    guard bytes.count <= byteCountMax else { throw LogError(.malformed, "file is larger than its bound") }
    return bytes
  }

  func verify(since: [Checkpoint] = [], concurrency: Int = 2) throws {
    _ = try ExportVerifier(self, log: signer.noteKey, concurrency: concurrency).verify(since: since)
  }
}

@Suite("Verifying a log's files")
struct ExportVerifierTests {
  private func fault(_ body: () throws -> Void) -> ExportFault? {
    do {
      try body()
      return nil
    } catch {
      return error as? ExportFault
    }
  }

  @Test("P4 A whole log passes in any number of hands, and tells how far it came", arguments: [1, 2, 5])
  func whole(concurrency: Int) throws {
    for size in [0, 1, 255, 256, 257, 511, 512, 700] {
      let files = try FileShelf(size: size)
      var heard: [UInt64] = []
      let verifier = ExportVerifier(files, log: files.signer.noteKey, concurrency: concurrency)
      let verified = try verifier.verify { heard.append($0) }
      #expect(verified.size == UInt64(size))
      #expect(heard == (size == 0 ? [] : [UInt64(size)]))
    }
    let files = try FileShelf(size: 70_000)
    var heard: [UInt64] = []
    let verifier = ExportVerifier(files, log: files.signer.noteKey, concurrency: concurrency)
    #expect(try verifier.verify(since: [files.checkpoint(65_537)]) { heard.append($0) }.size == 70_000)
    #expect(heard == [65_536, 70_000])
    struct Enough: Error {}
    #expect(throws: Enough.self) { try verifier.verify { _ in throw Enough() } }
  }

  @Test("P4 One byte of any file, any file too few, too short or too long is refused, and the file is named")
  func tampered() throws {
    let files = try FileShelf(size: 600)
    #expect(
      files.paths == [
        "checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000",
        "tile/entries/001", "tile/entries/002.p/88",
      ])
    for path in files.paths {
      let good = try #require(files[path])
      for position in stride(from: 0, to: good.count, by: max(1, good.count / 40)) {
        var altered = good
        altered[position] ^= 0x20
        files[path] = altered
        let found = fault { try files.verify() }
        // Where entries and their tile differ, neither can say that it is the other.
        let other = path.replacing("entries", with: "0")
        #expect(found?.path == path || found?.path == other, "\(path), byte \(position): \(String(describing: found))")
      }
      for bytes in [nil, [], Array(good.dropLast()), good + [0], good + good] as [[UInt8]?] {
        files[path] = bytes
        #expect(fault { try files.verify() }?.path == path, "\(path), \(bytes?.count ?? -1) bytes")
      }
      files[path] = good
    }
    try files.verify()
  }

  @Test("P4 The first entry that differs is named, whoever finds another first", arguments: [1, 2, 5])
  func firstFault(concurrency: Int) throws {
    let files = try FileShelf(size: 2000)
    for index in [1900, 900, 1300] {
      let path = "tile/0/00\(index / 256)" + (index / 256 == 7 ? ".p/208" : "")
      var tile = try #require(files[path])
      tile[index % 256 * 32 + 5] ^= 1
      files[path] = tile
    }
    let found = fault { try files.verify(concurrency: concurrency) }
    #expect(found == ExportFault(LogError(.inconsistent, ""), path: "tile/0/003", entry: 900))
    #expect(found?.description.hasSuffix("from entry 900 on") == true)
  }

  @Test("P4 Rewritten with all its tiles, a log has another root than the one that was signed")
  func rewritten() throws {
    let files = try FileShelf(size: 600)
    let forged = try FileShelf(size: 600) { Array((($0 == 300) ? "altered" : "leaf \($0)").utf8) }
    let honest = files[TilePath.checkpoint]
    forged[TilePath.checkpoint] = honest
    #expect(
      fault { try forged.verify() } == ExportFault(LogError(.inconsistent, ""), path: "checkpoint"))
    // Signed again with the log's own key: only who remembers an older tree can tell.
    let signed = try FileShelf(size: 600) { Array((($0 == 300) ? "altered" : "leaf \($0)").utf8) }
    try signed.verify()
    try signed.verify(since: [try files.checkpoint(300)])
    for size in [301, 400, 512, 600] {
      #expect(
        fault { try signed.verify(since: [try files.checkpoint(size)]) }?.cause == LogError(.inconsistent, ""),
        "\(size)")
    }
    // By a stranger's key.
    let stranger = try FileShelf(size: 600, seed: 9)
    #expect(
      throws: ExportFault(LogError(.notAuthentic, ""), path: "checkpoint")
    ) { try ExportVerifier(stranger, log: files.signer.noteKey, concurrency: 2).verify() }
  }

  @Test("P4 Every tree that is remembered is found again, at every size, and no other is")
  func remembered() throws {
    let files = try FileShelf(size: 600)
    let sizes = Array(0...600)
    try files.verify(since: try sizes.shuffled().map { try files.checkpoint($0) })
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 599, 600] {
      let other = try Checkpoint(origin: files.signer.origin, size: UInt64(size), root: .leaf([9]))
      let found = fault { try files.verify(since: [try files.checkpoint(size / 2), other]) }
      #expect(found?.cause == LogError(.inconsistent, ""), "\(size)")
    }
    let longer = try Checkpoint(origin: files.signer.origin, size: 601, root: .leaf([9]))
    #expect(fault { try files.verify(since: [longer]) }?.cause == LogError(.rolledBack, ""))
    let foreign = try Checkpoint(origin: name("survivor-vault/00112233aabbccdd/2"), size: 0, root: .emptyRoot)
    #expect(fault { try files.verify(since: [foreign]) }?.cause == LogError(.inconsistent, ""))
  }

  @Test("P4 A checkpoint that claims more than there is, or than any log has, is refused at once")
  func claims() throws {
    let files = try FileShelf(size: 300)
    for size in [301, 512, 100_000, LogBound.treeSizeMax] {
      files[TilePath.checkpoint] = try VerifiedCheckpoint.signing(size: size, root: .leaf([1]), with: files.signer)
        .encoded
      #expect(fault { try files.verify() }?.cause == LogError(.malformed, ""), "\(size)")
    }
    for size in [1, 256, 299] as [UInt64] {
      files[TilePath.checkpoint] = try VerifiedCheckpoint.signing(size: size, root: .leaf([1]), with: files.signer)
        .encoded
      #expect(fault { try files.verify() } != nil, "\(size)")
    }
  }

  @Test("A partial tile may be missing once the full one is there, which begins with it")
  func grown() throws {
    let files = try FileShelf(size: 600)
    files[TilePath.checkpoint] = try VerifiedCheckpoint.signing(
      size: 300, root: files.checkpoint(300).root, with: files.signer
    ).encoded
    files["tile/1/000.p/1"] = files["tile/1/000.p/2"].map { Array($0.prefix(32)) }
    try files.verify()
    files["tile/entries/001"]?[700] ^= 1
    #expect(fault { try files.verify() } != nil)
  }

  @Test("The number of tiles is that of the tiles there are")
  func counts() {
    for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 200_000] as [UInt64] {
      for level in 0...Tile.levelMax {
        #expect(Tile.count(level: level, inTreeOf: size) == Array(Tile.all(level: level, inTreeOf: size)).count)
      }
    }
  }

  @Test("A directory gives ordinary files below its bound, and names what it cannot read")
  func directory() throws {
    let scratch = try Scratch()
    let directory = LogDirectory(scratch.path)
    let bytes = [UInt8](0...255)
    try Data(bytes).write(to: URL(fileURLWithPath: scratch["file"]))
    #expect(try directory.contents(of: "file", byteCountMax: 256) == bytes)
    #expect(throws: LogError(.malformed, "")) { try directory.contents(of: "file", byteCountMax: 255) }
    #expect(try directory.contents(of: "absent", byteCountMax: 256) == nil)
    #expect(try directory.contents(of: "file/below", byteCountMax: 256) == nil)
    try Data().write(to: URL(fileURLWithPath: scratch["empty"]))
    #expect(try directory.contents(of: "empty", byteCountMax: 0) == [])
    try FileManager.default.createDirectory(atPath: scratch["folder"], withIntermediateDirectories: false)
    #expect(throws: LogError(.malformed, "")) { try directory.contents(of: "folder", byteCountMax: 256) }
    // A pipe without a writer would hold an ordinary reader for ever; a link may lead anywhere.
    let made = unsafe mkfifo(scratch["pipe"], 0o600)
    #expect(made == 0)
    #expect(throws: LogError(.malformed, "")) { try directory.contents(of: "pipe", byteCountMax: 256) }
    try FileManager.default.createSymbolicLink(atPath: scratch["link"], withDestinationPath: scratch["file"])
    #expect(throws: LogDirectory.Failure(path: "link", errno: ELOOP)) {
      try directory.contents(of: "link", byteCountMax: 256)
    }
  }
}
