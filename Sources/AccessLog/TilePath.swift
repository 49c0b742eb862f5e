/// Where a tile or a bundle of entries lies below a log's prefix (C2SP tlog-tiles): `tile/<L>/<N>[.p/<W>]` and
/// `tile/entries/<N>[.p/<W>]`, N in groups of three digits, all but the last with an `x`: `x001/x234/067`.
public enum TilePath: Hashable, Sendable {
  case hashes(Tile)
  /// The leaves under this level-0 tile.
  case entries(Tile)

  /// `tile/entries/` and seven groups and a width: what a path can have at most, to spare.
  public static let byteCountMax = 64

  /// Where the newest checkpoint lies, beside the tiles.
  public static let checkpoint = "checkpoint"

  public var tile: Tile {
    switch self {
    case .hashes(let tile), .entries(let tile): tile
    }
  }

  /// Of the full tile or bundle at this place, which begins with what a partial one holds.
  public var whole: TilePath {
    guard let full = try? Tile(level: tile.level, index: tile.index) else { return self }
    switch self {
    case .hashes: return .hashes(full)
    case .entries: return .entries(full)
    }
  }

  public var text: String {
    let (kind, tile) =
      switch self {
      case .hashes(let tile): (String(tile.level), tile)
      case .entries(let tile): ("entries", tile)
      }
    return "tile/\(kind)/\(TilePath.groups(tile.index))" + (tile.isFull ? "" : ".p/\(tile.width)")
  }

  /// One spelling only. `malformed` for what no log has, so that a path from the network never names another file.
  public init(_ text: String) throws(LogError) {
    guard text.utf8.count <= TilePath.byteCountMax else { throw LogError(.malformed, "tile path is too long") }
    var parts = text.split(separator: "/", omittingEmptySubsequences: false)[...]
    guard parts.count >= 3, parts.removeFirst() == "tile" else { throw LogError(.malformed, "not a tile path") }
    let kind = parts.removeFirst()
    var width = Tile.widthMax
    if parts.count >= 2, let name = parts.dropLast().last, name.hasSuffix(".p") {
      // A full tile has no suffix: 256 comes back without one, and is refused as another spelling.
      width = Int(parts.removeLast()) ?? 0
      parts[parts.endIndex - 1] = name.dropLast(2)
    }
    var index: UInt64 = 0
    for group in parts {
      let digits = group.drop { $0 == "x" }
      guard digits.utf8.count == 3, let value = UInt64(digits), index < LogBound.treeSizeMax / 1000 else {
        throw LogError(.malformed, "tile path has an impossible index")
      }
      index = index * 1000 + value
    }
    do throws(LogError) {
      switch kind {
      case "entries": self = .entries(try Tile(level: 0, index: index, width: width))
      default:
        guard let level = Int(kind) else { throw LogError(.malformed, "tile path has an impossible level") }
        self = .hashes(try Tile(level: level, index: index, width: width))
      }
    } catch { throw LogError(.malformed, error.reason) }
    guard self.text.utf8.elementsEqual(text.utf8) else {
      throw LogError(.malformed, "tile path is not in its one spelling")
    }
  }

  private static func groups(_ index: UInt64) -> String {
    var rest = index
    var groups: [String] = []
    repeat {
      let digits = String(rest % 1000)
      let padded = String(repeating: "0", count: 3 - digits.count) + digits
      groups.append(groups.isEmpty ? padded : "x" + padded)
      rest /= 1000
    } while rest > 0
    return groups.reversed().joined(separator: "/")
  }

  /// Every file of a log of `size` leaves but its checkpoint: what an export writes.
  public static func all(inTreeOf size: UInt64) -> some Sequence<TilePath> {
    let entries = Tile.all(level: 0, inTreeOf: size).lazy.map { TilePath.entries($0) }
    let hashes = (0...Tile.levelMax).lazy.flatMap { level in
      Tile.all(level: level, inTreeOf: size).lazy.map { TilePath.hashes($0) }
    }
    return [AnySequence(entries), AnySequence(hashes)].lazy.flatMap { $0 }
  }
}

extension Tile {
  /// The contents of a tile file: 32 bytes a hash, one after another.
  public static func encode(_ hashes: [TreeHash]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashes.count * TreeHash.byteCount)
    for hash in hashes { hash.append(to: &bytes) }
    return bytes
  }

  /// `malformed` unless there are exactly `width` hashes.
  public func decode(_ bytes: [UInt8]) throws(LogError) -> [TreeHash] {
    guard bytes.count == width * TreeHash.byteCount else {
      throw LogError(.malformed, "tile has another width than its place demands")
    }
    var hashes: [TreeHash] = []
    hashes.reserveCapacity(width)
    for start in stride(from: 0, to: bytes.count, by: TreeHash.byteCount) {
      hashes.append(try TreeHash(bytes[start..<start + TreeHash.byteCount]))
    }
    return hashes
  }
}
