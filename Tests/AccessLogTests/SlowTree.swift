import VaultCrypto

/// The definitions of RFC 6962 §2.1 word for word, over byte arrays: what the tree under test is held against. It shares
/// no code with it but SHA-256 itself.
struct SlowTree {
  let leaves: [[UInt8]]
  // By both bounds in one number: hashing a range would take most of the time.
  private var known: [Int: [UInt8]] = [:]

  init(_ leaves: [[UInt8]]) { self.leaves = leaves }

  /// `count` different leaves of different lengths.
  init(count: Int) {
    self.init((0..<count).map { index in Array("leaf \(index)".utf8) + [UInt8](repeating: 7, count: index % 5) })
  }

  /// MTH(D[range])
  mutating func hash(_ range: Range<Int>) -> [UInt8] {
    let place = range.lowerBound << 32 | range.upperBound
    if let hash = known[place] { return hash }
    let hash: [UInt8]
    switch range.count {
    case 0: hash = SHA256.hash([])
    case 1: hash = SHA256.hash([0] + leaves[range.lowerBound])
    default:
      let middle = range.lowerBound + SlowTree.split(range.count)
      hash = SHA256.hash([1] + self.hash(range.lowerBound..<middle) + self.hash(middle..<range.upperBound))
    }
    known[place] = hash
    return hash
  }

  /// PATH(index, D[range])
  mutating func path(_ index: Int, _ range: Range<Int>) -> [[UInt8]] {
    guard range.count > 1 else { return [] }
    let middle = range.lowerBound + SlowTree.split(range.count)
    let left = range.lowerBound..<middle
    let right = middle..<range.upperBound
    return index < middle ? path(index, left) + [hash(right)] : path(index, right) + [hash(left)]
  }

  /// PROOF(older, D[0:newer])
  mutating func proof(_ older: Int, _ newer: Int) -> [[UInt8]] {
    older == 0 ? [] : subproof(older, 0..<newer, complete: true)
  }

  private mutating func subproof(_ older: Int, _ range: Range<Int>, complete: Bool) -> [[UInt8]] {
    guard older != range.count else { return complete ? [] : [hash(range)] }
    let middle = range.lowerBound + SlowTree.split(range.count)
    let left = range.lowerBound..<middle
    let right = middle..<range.upperBound
    return older <= left.count
      ? subproof(older, left, complete: complete) + [hash(right)]
      : subproof(older - left.count, right, complete: false) + [hash(left)]
  }

  /// The largest power of two smaller than `count`.
  private static func split(_ count: Int) -> Int {
    var power = 1
    while power * 2 < count { power *= 2 }
    return power
  }
}
