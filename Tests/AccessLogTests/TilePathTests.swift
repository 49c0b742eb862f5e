import AccessLog
import Testing

@Suite("Tiles and bundles")
struct TilePathTests {
  @Test(
    "Paths are those of the specification",
    arguments: [
      ("tile/0/000", TilePath.hashes(try! Tile(level: 0, index: 0))),
      ("tile/3/x001/x234/067", TilePath.hashes(try! Tile(level: 3, index: 1_234_067))),
      ("tile/0/x123/999.p/1", TilePath.hashes(try! Tile(level: 0, index: 123_999, width: 1))),
      ("tile/7/000.p/255", TilePath.hashes(try! Tile(level: 7, index: 0, width: 255))),
      ("tile/entries/x001/000", TilePath.entries(try! Tile(level: 0, index: 1000))),
      ("tile/entries/273.p/112", TilePath.entries(try! Tile(level: 0, index: 273, width: 112))),
    ])
  func paths(text: String, path: TilePath) throws {
    #expect(path.text == text)
    #expect(try TilePath(text) == path)
  }

  @Test(
    "Any other spelling is refused, and so is a path that leads elsewhere",
    arguments: [
      "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000",
      "tile/0/x000/000",
      "tile/0/001/002", "tile/0/x001/x002", "tile/0/xx01/002", "tile/00/000", "tile/8/000", "tile/63/000",
      "tile/-1/000",
      "tile/+1/000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256",
      "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/0/000/1", "tile/0/000.p/1.p/1", "tile/x/000", "tile/entries",
      "tile/entries/", "tile/entries/../000", "tile/../checkpoint", "/tile/0/000", "tile//000", "tile/0/\u{0661}23",
      "tile/0/+01", "tile/0/x999/x999/x999/x999/x999/x999/999", "TILE/0/000", "tile/0/000 ", "tile/0/%30",
      "tile/0/00\0",
      "tile/0/" + String(repeating: "x001/", count: 5000) + "000",
    ])
  func hostilePaths(text: String) {
    #expect(throws: LogError(.malformed, "")) { try TilePath(text) }
  }

  @Test("A log of 70,000 leaves has the files that the specification counts")
  func files() {
    let paths = TilePath.all(inTreeOf: 70_000).map(\.text)
    #expect(paths.count == 2 * 274 + 2 + 1)
    #expect(Set(paths).count == paths.count)
    for path in [
      "tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1",
      "tile/entries/273.p/112",
    ] {
      #expect(paths.contains(path), "\(path)")
    }
    #expect(TilePath.all(inTreeOf: 0).map(\.text).isEmpty)
    #expect(TilePath.all(inTreeOf: 256).map(\.text) == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
  }

  @Test("Tiles keep to their width")
  func tiles() throws {
    let tile = try Tile(level: 0, index: 3, width: 3)
    let hashes = [TreeHash.leaf([1]), .leaf([2]), .leaf([3])]
    let bytes = Tile.encode(hashes)
    #expect(try tile.decode(bytes) == hashes)
    for count in 0..<bytes.count {
      #expect(throws: LogError(.malformed, "")) { try tile.decode(Array(bytes.prefix(count))) }
    }
    #expect(throws: LogError(.malformed, "")) { try tile.decode(bytes + [0]) }
    for (level, index, width) in [(-1, 0, 1), (8, 0, 1), (0, 0, 0), (0, 0, 257), (0, UInt64.max, 1)]
      as [(Int, UInt64, Int)]
    {
      #expect(throws: LogError(.outOfRange, "")) { try Tile(level: level, index: index, width: width) }
    }
    #expect(Tile(level: 0, index: 1, inTreeOf: 256) == nil)
    #expect(Tile(level: 0, index: .max, inTreeOf: 256) == nil)
    #expect(Tile(level: 0, index: 1, inTreeOf: 257)?.width == 1)
  }

  @Test("A bundle is exactly its leaves, and hashes to its tile")
  func bundles() throws {
    let leaves: [[UInt8]] = [[], [1], [UInt8](repeating: 2, count: 512), [UInt8](repeating: 3, count: 65_535)]
    let bytes = try EntryBundle.encode(leaves)
    #expect(Array(bytes.prefix(5)) == [0, 0, 0, 1, 1])
    #expect(try EntryBundle.decode(bytes, count: 4) == leaves)
    #expect(try EntryBundle.leafHashes(in: bytes, count: 4) == leaves.map { .leaf($0) })
    for count in [0, 1, 2, 3, 4, 5, 516, bytes.count - 1] {
      #expect(throws: LogError(.malformed, "")) { try EntryBundle.decode(Array(bytes.prefix(count)), count: 4) }
    }
    #expect(throws: LogError(.malformed, "")) { try EntryBundle.decode(bytes + [0], count: 4) }
    #expect(throws: LogError(.malformed, "")) { try EntryBundle.decode(bytes + [0, 0], count: 4) }
    #expect(throws: LogError(.malformed, "")) { try EntryBundle.decode(bytes, count: 3) }
    #expect(throws: LogError(.malformed, "")) { try EntryBundle.decode(bytes, count: 5) }
    for count in [0, 257] { #expect(throws: LogError(.outOfRange, "")) { try EntryBundle.decode(bytes, count: count) } }
    #expect(throws: LogError(.outOfRange, "")) { try EntryBundle.encode([]) }
    #expect(throws: LogError(.outOfRange, "")) { try EntryBundle.encode(Array(repeating: [], count: 257)) }
    #expect(throws: LogError(.outOfRange, "")) { try EntryBundle.encode([[UInt8](repeating: 0, count: 65_536)]) }
  }
}
