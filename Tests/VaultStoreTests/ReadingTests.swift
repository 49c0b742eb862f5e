import Foundation
import Testing

@testable import VaultStore

@Suite("Reading")
struct ReadingTests {
  struct Stop: Error {}

  private func filled(_ place: Place) throws -> VaultStore {
    let store = try place.open()
    try store.initialise { transaction in
      for first in [UInt8(1), 2, 255] {
        for second in UInt8(0)..<10 {
          try transaction.put(.wrap, [first, second], version: UInt64(second), body: [first, second, 9])
        }
      }
      try transaction.put(.wrap, [255, 255, 1], version: 1, body: [7])
      try transaction.put(.wrap, [1], version: UInt64(Int64.max), body: [8])
    }
    return store
  }

  @Test("Pages follow key order, begin after the given key and stay within the prefix")
  func pages() throws {
    let place = try Place()
    let store = try filled(place)
    try store.read { view in
      var keys: [[UInt8]] = []
      while true {
        let page = try view.rows(.wrap, after: keys.last, limit: 7)
        #expect(page.count <= 7)
        if page.isEmpty { break }
        keys += page.map(\.key)
      }
      #expect(keys.count == 32)
      #expect(keys.first == [1])
      #expect(keys.last == [255, 255, 1])
      #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
      #expect(try view.rows(.wrap, prefix: [1], limit: 100).count == 11)
      #expect(try view.rows(.wrap, prefix: [2], limit: 100).map(\.key) == (0..<10).map { [2, $0] })
      #expect(try view.rows(.wrap, prefix: [2], after: [2, 7], limit: 100).map(\.version) == [8, 9])
      #expect(try view.rows(.wrap, prefix: [255], limit: 100).count == 11)
      #expect(try view.rows(.wrap, prefix: [255, 255], limit: 100).count == 1)
      #expect(try view.rows(.wrap, prefix: [3], limit: 100).isEmpty)
      #expect(try view.rows(.wrap, limit: 0).isEmpty)
      #expect(try view.last(.wrap) == StoredRow(key: [255, 255, 1], version: 1, body: [7]))
      #expect(try view.last(.card) == nil)
      #expect(try view.version(.wrap, [1]) == UInt64(Int64.max))
      #expect(try view.version(.wrap, [9]) == nil)
    }
    try store.close()
  }

  @Test("A prefix that ends in 255 ends where the byte before it counts on")
  func prefixEnd() {
    #expect(RowAccess.successor(ofPrefix: [2, 7]) == [2, 8])
    #expect(RowAccess.successor(ofPrefix: [2, 255]) == [3])
    #expect(RowAccess.successor(ofPrefix: [2, 255, 255]) == [3])
    #expect(RowAccess.successor(ofPrefix: [255, 255]) == nil)
    #expect(RowAccess.successor(ofPrefix: []) == nil)
  }

  @Test("A pass visits every row once, may read others on the way, and stops with the caller's own error")
  func pass() throws {
    let place = try Place()
    let store = try filled(place)
    try store.read { view in
      var keys: Set<[UInt8]> = []
      try view.forEach(.wrap) { row in
        keys.insert(row.key)
        var inner = 0
        try view.forEach(.wrap, prefix: [2]) { _ in inner += 1 }
        #expect(inner == 10)
        #expect(try view.row(.wrap, row.key) == row)
      }
      #expect(keys.count == 32)
      var visited = 0
      #expect(throws: Stop.self) {
        try view.forEach(.wrap, prefix: [1]) { _ in
          visited += 1
          if visited == 3 { throw Stop() }
        }
      }
      #expect(visited == 3)
    }
    // The connection is as good as before.
    #expect(throws: Stop.self) { try store.read { _ in throw Stop() } }
    #expect(try store.read { view in try view.count(.wrap) } == 32)
    try store.close()
  }

  @Test("A transaction that throws leaves nothing, and its own error comes through")
  func initialiseThrows() throws {
    let place = try Place()
    let store = try place.open()
    #expect(throws: Stop.self) {
      try store.initialise { transaction in
        try transaction.put(.meta, [1], version: 1, body: [1])
        #expect(try transaction.row(.meta, [1]) != nil)
        throw Stop()
      }
    }
    #expect(try store.read { view in try view.row(.meta, [1]) } == nil)
    #expect(code { try store.initialise { try $0.put(.meta, [1], version: 1, body: []) } } == .invalid)
    try store.initialise { transaction in try transaction.put(.meta, [1], version: 1, body: [1]) }
    try store.initialise { transaction in try transaction.put(.meta, [1], version: 2, body: [2]) }
    try store.initialise { transaction in try transaction.delete(.meta, [2]) }
    #expect(try store.read { view in try view.row(.meta, [1]) }?.version == 2)
    try store.close()
  }

  @Test("More readers than connections wait for each other and all finish")
  func manyReaders() async throws {
    let place = try Place()
    let store = try filled(place)
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<200 { group.addTask { try store.read { view in try view.count(.wrap) } } }
      return try await group.reduce(0, +)
    }
    #expect(total == 200 * 32)
    try store.close()
  }

  @Test("Log keys are big-endian, so that key order is log order")
  func logKeys() {
    #expect(StoreKey.index(0x0102_0304_0506_0708) == [1, 2, 3, 4, 5, 6, 7, 8])
    for index in [0, 1, 255, 256, UInt64.max] { #expect(StoreKey.index(of: StoreKey.index(index)) == index) }
    #expect(StoreKey.index(255).lexicographicallyPrecedes(StoreKey.index(256)))
    #expect(StoreKey.index(of: [1, 2, 3]) == nil)
    #expect(StoreKey.index(of: [UInt8](repeating: 0, count: 9)) == nil)
  }
}
