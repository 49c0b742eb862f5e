import AccessLog
import Testing
import VaultCrypto

@Suite("The tree")
struct TreeTests {
  /// The roots that every implementation of RFC 6962 is checked against (certificate-transparency, merkle tree tests).
  @Test("has the known roots of 0 to 8 leaves")
  func knownRoots() {
    let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    let roots = [
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    var frontier = TreeFrontier()
    #expect(frontier.root().bytes == hexBytes(roots[0]))
    for (count, leaf) in leaves.enumerated() {
      frontier.append(.leaf(hexBytes(leaf)))
      #expect(frontier.root().bytes == hexBytes(roots[count + 1]))
    }
  }

  @Test("has the root of the definition, and a frontier that can be stored, at all sizes to 600")
  func frontierAgainstDefinition() throws {
    var slow = SlowTree(count: 600)
    var frontier = TreeFrontier()
    for size in 0...600 {
      #expect(frontier.size == UInt64(size))
      #expect(frontier.root().bytes == slow.hash(0..<size))
      let restored = try TreeFrontier(encoded: frontier.encoded)
      #expect(restored == frontier)
      #expect(restored.encoded == frontier.encoded)
      if size < 600 { frontier.append(.leaf(slow.leaves[size])) }
    }
  }

  @Test("refuses a stored frontier of another length or size")
  func hostileFrontier() {
    var frontier = TreeFrontier()
    for index in 0..<7 { frontier.append(.leaf([UInt8(index)])) }
    let bytes = frontier.encoded
    for count in 0..<bytes.count {
      #expect(throws: LogError(.malformed, "")) { try TreeFrontier(encoded: Array(bytes.prefix(count))) }
    }
    #expect(throws: LogError(.malformed, "")) { try TreeFrontier(encoded: bytes + [0]) }
    var other = bytes
    other[7] = 8
    #expect(throws: LogError(.malformed, "")) { try TreeFrontier(encoded: other) }
    #expect(throws: LogError(.outOfRange, "")) {
      try TreeFrontier(encoded: [UInt8](repeating: 0xff, count: 8 + 64 * 32))
    }
  }

  @Test(
    "P4 proves inclusion of every leaf in trees of all sizes to 600, as the definition does",
    arguments: [1...250, 251...350, 351...430, 431...500, 501...550, 551...600])
  func inclusionAgainstDefinition(sizes: ClosedRange<Int>) throws {
    var slow = SlowTree(count: 600)
    let shelf = TileShelf()
    for leaf in slow.leaves { shelf.append(.leaf(leaf)) }
    for size in sizes {
      var tree = try MerkleTree(size: UInt64(size), source: shelf)
      let root = try TreeHash(slow.hash(0..<size))
      var wrong = 0
      for index in 0..<size {
        let proof = try tree.inclusionProof(of: UInt64(index))
        if proof.hashes.map(\.bytes) != slow.path(index, 0..<size) { wrong += 1 }
        if proof.root(over: .leaf(slow.leaves[index])) != root { wrong += 1 }
      }
      #expect(wrong == 0, "size \(size)")
      #expect(try tree.root() == root)
      #expect(throws: LogError(.outOfRange, "")) { try tree.inclusionProof(of: UInt64(size)) }
    }
  }

  @Test(
    "P4 proves consistency between all trees of 0 to 600 leaves, as the definition does",
    arguments: [0...250, 251...350, 351...430, 431...500, 501...550, 551...600])
  func consistencyAgainstDefinition(sizes: ClosedRange<Int>) throws {
    var slow = SlowTree(count: 600)
    let shelf = TileShelf()
    for leaf in slow.leaves { shelf.append(.leaf(leaf)) }
    let roots = try (0...600).map { try TreeHash(slow.hash(0..<$0)) }
    let other = TreeHash.leaf(Array("another".utf8))
    for newer in sizes {
      var tree = try MerkleTree(size: UInt64(newer), source: shelf)
      var wrong = 0
      for older in 0...newer {
        let proof = try tree.consistencyProof(from: UInt64(older))
        if !proof.hashes.elementsEqual(slow.proof(older, newer), by: { $0.bytes == $1 }) { wrong += 1 }
        try proof.verify(oldRoot: roots[older], newRoot: roots[newer])
        // Another root at either end never passes; all pairs of them where a tile ends, else those of neighbours.
        guard newer - older < 3 || newer % 64 < 2 else { continue }
        if (try? proof.verify(oldRoot: other, newRoot: roots[newer])) != nil { wrong += 1 }
        // From the empty tree anything follows: there is no older root to hold the newer one against.
        guard older > 0 || newer == 0 else { continue }
        if (try? proof.verify(oldRoot: roots[older], newRoot: other)) != nil { wrong += 1 }
      }
      #expect(wrong == 0, "to \(newer)")
      #expect(throws: LogError(.rolledBack, "")) { try tree.consistencyProof(from: UInt64(newer + 1)) }
    }
  }

  @Test("P4 refuses every altered, cut, extended or displaced inclusion proof")
  func hostileInclusion() throws {
    var slow = SlowTree(count: 70)
    for size in [1, 2, 3, 7, 8, 33, 64, 70] {
      let root = try TreeHash(slow.hash(0..<size))
      for index in 0..<size {
        let hashes = try slow.path(index, 0..<size).map { try TreeHash($0) }
        let leaf = TreeHash.leaf(slow.leaves[index])
        let at = UInt64(index)
        let of = UInt64(size)
        try InclusionProof(index: at, size: of, hashes: hashes).verify(leaf: leaf, root: root)
        for position in hashes.indices {
          var altered = hashes
          altered[position] = .leaf([1])
          let proof = try InclusionProof(index: at, size: of, hashes: altered)
          #expect(throws: LogError(.notAuthentic, "")) { try proof.verify(leaf: leaf, root: root) }
        }
        #expect(throws: LogError(.malformed, "")) {
          try InclusionProof(index: at, size: of, hashes: hashes + [root])
        }
        if !hashes.isEmpty {
          #expect(throws: LogError(.malformed, "")) {
            try InclusionProof(index: at, size: of, hashes: Array(hashes.dropLast()))
          }
        }
        for other in 0..<size where other != index {
          #expect(throws: LogError.self) {
            try InclusionProof(index: UInt64(other), size: of, hashes: hashes).verify(leaf: leaf, root: root)
          }
        }
        #expect(throws: LogError(.notAuthentic, "")) {
          try InclusionProof(index: at, size: of, hashes: hashes).verify(leaf: .leaf([9]), root: root)
        }
      }
    }
    #expect(throws: LogError(.outOfRange, "")) { try InclusionProof(index: 0, size: 0, hashes: []) }
    #expect(throws: LogError(.outOfRange, "")) { try InclusionProof(index: 5, size: 5, hashes: []) }
    #expect(throws: LogError(.outOfRange, "")) { try InclusionProof(index: 5, size: .max, hashes: []) }
  }

  @Test("P4 refuses every altered, cut or extended consistency proof")
  func hostileConsistency() throws {
    var slow = SlowTree(count: 70)
    for newer in [2, 3, 8, 33, 64, 70] {
      for older in 1..<newer {
        let oldRoot = try TreeHash(slow.hash(0..<older))
        let newRoot = try TreeHash(slow.hash(0..<newer))
        let hashes = try slow.proof(older, newer).map { try TreeHash($0) }
        func check(_ hashes: [TreeHash], from: Int? = nil, to: Int? = nil) throws {
          try ConsistencyProof(from: UInt64(from ?? older), to: UInt64(to ?? newer), hashes: hashes)
            .verify(oldRoot: oldRoot, newRoot: newRoot)
        }
        try check(hashes)
        for position in hashes.indices {
          var altered = hashes
          altered[position] = .leaf([1])
          #expect(throws: LogError(.inconsistent, "")) { try check(altered) }
        }
        #expect(throws: LogError.self) { try check(hashes + [newRoot]) }
        #expect(throws: LogError.self) { try check(Array(hashes.dropLast())) }
        #expect(throws: LogError.self) { try check(Array(hashes.dropFirst())) }
        #expect(throws: LogError.self) { try check([]) }
        #expect(throws: LogError(.rolledBack, "")) { try check(hashes, from: newer, to: older) }
        #expect(throws: LogError.self) { try check(hashes, from: newer) }
        #expect(throws: LogError.self) { try check(hashes, from: 0) }
      }
    }
    // A good proof for another size must not pass for this one, whatever roots come with it.
    let first = try TreeHash(slow.hash(0..<1))
    for (proven, claimed) in [(2, 3), (2, 5), (4, 5), (4, 8), (3, 2), (5, 4), (8, 4)] {
      let hashes = try slow.proof(1, proven).map { try TreeHash($0) }
      let root = try TreeHash(slow.hash(0..<proven))
      let proof = try ConsistencyProof(from: 1, to: UInt64(claimed), hashes: hashes)
      #expect(throws: LogError(.malformed, "")) { try proof.verify(oldRoot: first, newRoot: root) }
    }
    #expect(throws: LogError(.malformed, "")) {
      try ConsistencyProof(from: 1, to: 2, hashes: Array(repeating: .emptyRoot, count: 65))
    }
    #expect(throws: LogError(.outOfRange, "")) { try ConsistencyProof(from: 1, to: .max, hashes: []) }
  }

  @Test("reads at most two tiles a level for a proof, and believes no tile of another width")
  func tileReads() throws {
    let shelf = TileShelf()
    let size = 70_000
    for index in 0..<size { shelf.append(.leaf(Array("\(index)".utf8))) }
    for index in [0, 255, 256, 65_535, 65_536, 69_999] as [UInt64] {
      var tree = try MerkleTree(size: UInt64(size), source: shelf)
      let before = shelf.reads
      let proof = try tree.inclusionProof(of: index)
      #expect(shelf.reads - before <= 6)
      try proof.verify(leaf: .leaf(Array("\(index)".utf8)), root: shelf.frontier.root())
      let proven = shelf.reads
      let consistency = try tree.consistencyProof(from: index + 1)
      #expect(shelf.reads - proven <= 6)
      var older = try MerkleTree(size: index + 1, source: shelf)
      try consistency.verify(oldRoot: try older.root(), newRoot: shelf.frontier.root())
    }
    struct Narrow: HashSource {
      func hashes(of tile: Tile) throws -> [TreeHash] { [.emptyRoot] }
    }
    var narrow = try MerkleTree(size: 300, source: Narrow())
    #expect(throws: LogError(.malformed, "")) { try narrow.inclusionProof(of: 7) }
  }
}
