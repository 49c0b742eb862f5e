import AccessLog
import Testing
import VaultCrypto

/// The same draws in every run, so that a failure can be looked at again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

func key(_ byte: UInt8) -> SymmetricKey {
  SymmetricKey(SecretBytes(count: 32) { unsafe $0.copyBytes(from: [UInt8](repeating: byte, count: 32)) })
}

func signingKey(_ byte: UInt8) -> SigningKey { SigningKey(seed: key(byte)) }

func name(_ text: String) throws -> NoteName { try NoteName(text) }

func hexBytes(_ text: String) -> [UInt8] {
  var digits = text.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16)! }[...]
  var bytes: [UInt8] = []
  while let high = digits.popFirst(), let low = digits.popFirst() { bytes.append(high << 4 | low) }
  return bytes
}

/// A log in memory: leaf hashes by level, as tiles show them.
final class TileShelf: HashSource {
  private(set) var levels: [[TreeHash]] = [[]]
  private(set) var reads = 0
  private(set) var frontier = TreeFrontier()

  func append(_ leaf: TreeHash) {
    frontier.append(leaf) { subtree in
      guard let position = subtree.tilePosition else { return }
      if position.level == levels.count { levels.append([]) }
      // The frontier names the place itself; a shelf that had to be told otherwise would be wrong.
      #expect(levels[position.level].count == Int(position.tile) * 256 + position.offset)
      levels[position.level].append(subtree.root)
    }
  }

  func hashes(of tile: Tile) throws -> [TreeHash] {
    reads += 1
    let start = Int(tile.index) * Tile.widthMax
    return Array(levels[tile.level][start..<start + tile.width])
  }
}

/// Four that must be refused for each that is accepted: flipped, truncated, extended, empty.
func expectRefused<R>(_ bytes: [UInt8], step: Int = 1, _ decode: ([UInt8]) throws -> R) {
  for index in stride(from: 0, to: bytes.count, by: step) {
    var flipped = bytes
    flipped[index] ^= 1 << UInt8(index % 8)
    #expect(throws: LogError.self, "byte \(index) flipped") { try decode(flipped) }
  }
  for count in stride(from: 0, to: bytes.count, by: step) {
    #expect(throws: LogError.self, "cut to \(count) bytes") { try decode(Array(bytes.prefix(count))) }
  }
  for extra: UInt8 in [0x00, 0x0a, 0x20, 0x41] {
    #expect(throws: LogError.self, "extended") { try decode(bytes + [extra]) }
  }
  #expect(throws: LogError.self, "doubled") { try decode(bytes + bytes) }
}
