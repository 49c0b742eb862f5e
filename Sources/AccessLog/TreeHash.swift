import VaultCrypto

/// A SHA-256 hash in the Merkle tree of RFC 6962 §2.1. Held in place rather than in an array: a proof over a million
/// leaves makes two million of them.
public struct TreeHash: Hashable, Sendable {
  public static let byteCount = 32

  // The 32 bytes as they lie in memory; never read as numbers.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  private init() {}

  /// `malformed` unless there are 32 bytes.
  public init(_ bytes: some Collection<UInt8>) throws(LogError) {
    guard bytes.count == TreeHash.byteCount else { throw LogError(.malformed, "hash has another length than 32 bytes") }
    unsafe withUnsafeMutableBytes(of: &words) { unsafe $0.copyBytes(from: bytes) }
  }

  public var bytes: [UInt8] { unsafe withUnsafeBytes(of: words) { unsafe [UInt8]($0) } }

  func append(to bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(of: words) { unsafe bytes.append(contentsOf: $0) }
  }

  /// The root of the tree without leaves: SHA-256 of nothing.
  public static let emptyRoot: TreeHash = {
    guard let hash = try? TreeHash(SHA256.hash([])) else { preconditionFailure("32 bytes") }
    return hash
  }()

  /// SHA-256(0x00 ‖ leaf).
  public static func leaf(_ leaf: [UInt8]) -> TreeHash {
    unsafe leaf.withUnsafeBytes { unsafe TreeHash.leaf($0) }
  }

  public static func leaf(_ leaf: UnsafeRawBufferPointer) -> TreeHash {
    var hash = TreeHash()
    unsafe withUnsafeMutableBytes(of: &hash.words) { unsafe SHA256.hash(prefix: 0, leaf, into: $0.baseAddress!) }
    return hash
  }

  /// SHA-256(0x01 ‖ left ‖ right).
  public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
    var pair = (left.words, right.words)
    unsafe withUnsafeMutableBytes(of: &pair) {
      unsafe SHA256.hash(prefix: 1, UnsafeRawBufferPointer($0), into: $0.baseAddress!)
    }
    var hash = TreeHash()
    hash.words = pair.0
    return hash
  }

  public static func == (left: TreeHash, right: TreeHash) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) {
    // Outputs of SHA-256: any 64 bits of them are spread evenly.
    hasher.combine(words.0)
  }
}

extension TreeHash: CustomStringConvertible {
  /// Base64, as it stands in checkpoints and proofs.
  public var description: String { Base64.encode(bytes) }
}
