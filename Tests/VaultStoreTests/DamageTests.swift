import Foundation
import Testing

@testable import VaultStore

/// A damaged file gives a typed error or, where the damage hits only bytes of a row, a row that its reader must
/// authenticate; it never stops the process.
@Suite("Damaged files")
struct DamageTests {
  /// The bytes of a closed vault with rows in several tables.
  private static let vault: [UInt8] = {
    guard let place = try? Place(), let store = try? place.open() else { return [] }
    try? store.initialise { transaction in
      for number in UInt8(0)..<60 {
        for table in [StoreTable.record, .section, .wrap, .logLeaf] {
          try transaction.put(
            table, [number, 1, 2], version: 3, body: [UInt8](repeating: number, count: table == .section ? 5000 : 200))
        }
      }
    }
    try? store.close()
    return (try? [UInt8](Data(contentsOf: URL(fileURLWithPath: place.database)))) ?? []
  }()

  /// Opens the bytes as a vault, reads everything, writes a row, checks the structure; the first error's code.
  private func use(_ contents: [UInt8]) throws -> StoreError.Code? {
    let place = try Place()
    try Data(contents).write(to: URL(fileURLWithPath: place.database))
    setMode(place.database, 0o600)
    let store: VaultStore
    do { store = try VaultStore.open(directory: place.path) } catch { return error.code }
    defer { try? store.close() }
    do {
      try store.read { view in
        for table in StoreTable.allCases {
          try view.forEach(table) { _ in }
          try view.forEach(table, prefix: [1]) { _ in }
          _ = try view.row(table, [7, 1, 2])
          _ = try view.last(table)
          _ = try view.count(table)
        }
      }
      try store.initialise { transaction in
        try transaction.put(.record, [200], version: 1, body: [1])
        try transaction.delete(.section, [7, 1, 2])
      }
      try store.checkStructure()
      return nil
    } catch {
      // An error of another type than the store's would fail here.
      return try #require(error as? StoreError).code
    }
  }

  @Test("The untouched bytes are a vault")
  func untouched() throws { #expect(try use(Self.vault) == nil) }

  @Test("P6 Garbage, and a file cut short by a page or more, is refused with a typed error")
  func garbage() throws {
    var generator = SeededGenerator(state: 7)
    for count in [1, 50, 100, 4096, 50_000] {
      let garbage = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(try use(garbage) == .notAVault, "\(count) random bytes")
    }
    #expect(Self.vault.count > 100_000)
    for count in [1, 99, 100, 1000, 4096, 8192, Self.vault.count / 2, Self.vault.count - 4096] {
      let code = try use(Array(Self.vault.prefix(count)))
      #expect(code == .notAVault || code == .damaged, "cut to \(count): \(String(describing: code))")
    }
  }

  @Test("P6 No flipped bit of the header stops the process, and the marks are refused")
  func header() throws {
    try #require(Self.vault.count > 100_000)
    for offset in 0..<100 {
      for bit in [0, 7] {
        var contents = Self.vault
        contents[offset] ^= 1 << bit
        let code = try use(contents)
        let allowed: [StoreError.Code?] = [nil, .notAVault, .newerVersion, .damaged, .io, .misconfigured]
        #expect(allowed.contains(code), "byte \(offset): \(String(describing: code))")
        if offset < 16 || (68..<72).contains(offset) { #expect(code == .notAVault, "byte \(offset)") }
        if (60..<64).contains(offset) { #expect(code == .newerVersion || code == .damaged, "byte \(offset)") }
      }
    }
  }

  @Test("P6 Random damage anywhere gives a typed error or a row of bytes, never a stop")
  func anywhere() throws {
    try #require(Self.vault.count > 100_000)
    var generator = SeededGenerator(state: 11)
    var refused = 0
    for _ in 0..<150 {
      var contents = Self.vault
      // A flipped byte, or a run of noise in one page's head, where the structure is.
      if Bool.random(using: &generator) {
        contents[Int.random(in: 100..<contents.count, using: &generator)] ^= UInt8.random(
          in: 1...255, using: &generator)
      } else {
        let page = Int.random(in: 0..<contents.count / 4096, using: &generator) * 4096
        for offset in page + (page == 0 ? 100 : 0)..<page + 130 {
          contents[offset] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      let code = try use(contents)
      if code != nil { refused += 1 }
      #expect([nil, .damaged, .notAVault, .io, .full].contains(code), "\(String(describing: code))")
    }
    #expect(refused > 30)
  }

  @Test("P6 A column of another type, as only a foreign tool writes it, is damage and not a stop")
  func types() throws {
    for (column, value) in [
      ("version", "'text'"), ("version", "-1"), ("version", "NULL"), ("version", "1.5"), ("body", "'text'"),
      ("body", "12"), ("body", "NULL"), ("key", "'text'"),
    ] {
      let place = try Place()
      let store = try place.open()
      try store.initialise { transaction in try transaction.put(.record, [1], version: 1, body: [1]) }
      try store.close()
      let strict = try #require(Schema.migrations[0].statements.first { $0.contains(" record ") })
      // The same table without its checks for as long as the row is altered.
      try alterFile(
        place.database,
        """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE TABLE record (key PRIMARY KEY, version, body)' WHERE name = 'record';
        PRAGMA writable_schema = RESET;
        UPDATE record SET \(column) = \(value);
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = '\(strict)' WHERE name = 'record';
        """)
      let altered = try place.open()
      #expect(
        code { try altered.read { view in try view.forEach(.record) { _ in } } } == .damaged, "\(column) = \(value)")
      if column != "key" {
        #expect(
          code { _ = try altered.read { view in try view.row(.record, [1]) } } == .damaged, "\(column) = \(value)")
      }
      try altered.close()
    }
  }
}

/// Random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
