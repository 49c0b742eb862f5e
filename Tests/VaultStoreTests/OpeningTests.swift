import Foundation
import Testing

@testable import VaultStore

@Suite("Opening a store")
struct OpeningTests {
  /// Makes a vault with a few rows in it and closes it.
  private func makeVault(_ place: Place) throws {
    let store = try place.open()
    try store.initialise { transaction in
      for number in UInt8(0)..<50 {
        try transaction.put(.record, [number], version: 1, body: [UInt8](repeating: number, count: 700))
      }
    }
    try store.close()
  }

  @Test("P11 Every connection flushes each commit, overwrites what it frees and trusts no schema")
  func settings() throws {
    let place = try Place()
    let store = try place.open { $0.readerCount = 5 }
    let settings = try store.connectionSettings()
    #expect(settings.count == 6)
    for setting in settings {
      #expect(setting.journalMode == "wal")
      #expect(setting.synchronous == 2)
      #expect(setting.secureDelete == 1)
      #expect(setting.tempStore == 2)
      #expect(setting.trustedSchema == 0)
      #expect(setting.cellSizeCheck == 1)
    }
    #expect(settings.map(\.queryOnly) == [0, 1, 1, 1, 1, 1])
    try store.close()
    // Again for a file that exists.
    let again = try place.open()
    #expect(try again.connectionSettings().allSatisfy { $0.keepPromises })
    try again.close()
  }

  /// In a process of its own, because the umask belongs to all of it.
  @Test("Every file is ours alone, whatever the umask")
  func modes() async throws {
    await #expect(processExitsWith: .success) {
      for mask in [mode_t(0o000), 0o022, 0o777] {
        umask(0o077)
        let place = try Place()
        umask(mask)
        let store = try place.open()
        try store.initialise { transaction in try transaction.put(.meta, [1], version: 1, body: [1]) }
        let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
        try #require(names == ["vault.lock", "vault.sqlite", "vault.sqlite-shm", "vault.sqlite-wal"])
        for name in names { try #require(FileStatus.required(place.path + "/" + name).mode == 0o600) }
        try store.close()
      }
    }
  }

  @Test("A directory that others can enter is refused", arguments: [0o750, 0o705, 0o755, 0o777, 0o500])
  func directoryModes(mode: Int) throws {
    let place = try Place(mode: mode)
    defer { setMode(place.path, 0o700) }
    // The process' umask may have narrowed what was asked for.
    setMode(place.path, mode_t(mode))
    #expect(code { _ = try place.open() } == .permissions)
  }

  @Test(
    "A file that others can open, or a symbolic link, is refused",
    arguments: ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"])
  func fileModes(name: String) throws {
    let place = try Place()
    try makeVault(place)
    let path = place.path + "/" + name
    if !FileManager.default.fileExists(atPath: path) {
      #expect(FileManager.default.createFile(atPath: path, contents: Data()))
    }
    setMode(path, 0o640)
    #expect(code { _ = try place.open() } == .permissions)
    setMode(path, 0o600)
    try place.open().close()
    if FileManager.default.fileExists(atPath: path) {
      try FileManager.default.moveItem(atPath: path, toPath: path + ".real")
    }
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".real")
    #expect(code { _ = try place.open() } == .permissions)
  }

  @Test("A lock file that is a symbolic link is refused and its target left alone")
  func lockLink() throws {
    let place = try Place()
    let target = place.path + "/target"
    try FileManager.default.createSymbolicLink(atPath: place.path + "/vault.lock", withDestinationPath: target)
    #expect(code { _ = try place.open() } == .permissions)
    #expect(!FileManager.default.fileExists(atPath: target))
  }

  @Test("A second opener is told that the vault is in use, and disturbs nobody; closing lets the next one in")
  func secondOpener() async throws {
    let place = try Place()
    let store = try place.open()
    #expect(code { _ = try place.open() } == .inUse)
    #expect(
      code { _ = try VaultStore.open(directory: place.path + "/../" + place.path.split(separator: "/").last!) }
        == .inUse)
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    try await writer.put(.record, [1], 1, "x")
    await writer.finish()
    try store.close()
    let next = try place.open()
    #expect(try next.read { view in try view.count(.record) } == 1)
    try next.close()
  }

  @Test("After closing, every call says so, and no log is left beside the file")
  func closed() throws {
    let place = try Place()
    let store = try place.open()
    try store.close()
    try store.close()
    #expect(code { _ = try store.read { view in try view.count(.meta) } } == .closed)
    #expect(code { try store.initialise { _ in } } == .closed)
    #expect(code { try store.checkStructure() } == .closed)
    #expect(code { _ = try GroupCommitWriter(store: store, sealer: TestSealer()) } == .closed)
    #expect(!FileManager.default.fileExists(atPath: place.wal))
  }

  @Test("Nothing is made where nothing was asked for")
  func missing() throws {
    let place = try Place()
    #expect(code { _ = try VaultStore.open(directory: place.path) } == .missing)
    #expect(!FileManager.default.fileExists(atPath: place.database))
    #expect(code { _ = try VaultStore.open(directory: place.path + "/nowhere") } == .missing)
    // A log without its file: what it holds may be all that is left.
    #expect(
      FileManager.default.createFile(atPath: place.wal, contents: Data([1]), attributes: [.posixPermissions: 0o600]))
    #expect(code { _ = try place.open() } == .damaged)
  }

  @Test("A making that stopped half-way is taken up again, but only by who makes one")
  func unfinished() throws {
    let place = try Place()
    for contents in [Data(), try emptyDatabase()] {
      #expect(
        FileManager.default.createFile(
          atPath: place.database, contents: contents, attributes: [.posixPermissions: 0o600]))
      #expect(code { _ = try VaultStore.open(directory: place.path) } == .notAVault)
      try place.open().close()
      try VaultStore.open(directory: place.path).close()
      try FileManager.default.removeItem(atPath: place.database)
    }
  }

  private func emptyDatabase() throws -> Data {
    let place = try Place()
    try alterFile(place.database, "CREATE TABLE t (a); DROP TABLE t; VACUUM")
    return try Data(contentsOf: URL(fileURLWithPath: place.database))
  }

  @Test("Somebody else's database is refused and left as it was")
  func foreign() throws {
    for mark in [0, 1, 0x0f05_5112] {
      let place = try Place()
      try alterFile(
        place.database, "PRAGMA application_id = \(mark); CREATE TABLE other (a); INSERT INTO other VALUES (1)")
      let before = try Data(contentsOf: URL(fileURLWithPath: place.database))
      #expect(code { _ = try place.open() } == .notAVault, "mark \(mark)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: place.database)) == before)
    }
  }

  @Test(
    "A vault of a newer version is refused by name and left as it was",
    arguments: [Int(Schema.currentVersion) + 1, 77, Int(Int32.max)])
  func newer(version: Int) throws {
    let place = try Place()
    try makeVault(place)
    try alterFile(place.database, "PRAGMA user_version = \(version)")
    let before = try Data(contentsOf: URL(fileURLWithPath: place.database))
    #expect(code { _ = try place.open() } == .newerVersion)
    #expect(try Data(contentsOf: URL(fileURLWithPath: place.database)) == before)
  }

  @Test(
    "P6 A schema that somebody altered is noticed at opening",
    arguments: [
      "CREATE TABLE extra (a)", "CREATE VIEW v AS SELECT 1", "CREATE INDEX i ON record (version)", "DROP TABLE wrap",
      "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM log_leaf; END",
      "DROP TABLE card; CREATE TABLE card (key BLOB, version INTEGER, body BLOB)", "PRAGMA user_version = 0",
    ])
  func alteredSchema(sql: String) throws {
    let place = try Place()
    try makeVault(place)
    try alterFile(place.database, sql)
    #expect(code { _ = try place.open() } == .damaged)
  }

  @Test("The tables of the schema are those of StoreTable")
  func tables() throws {
    let names = Schema.migrations.flatMap(\.statements).map { $0.split(separator: " ")[2] }
    #expect(Set(names.map(String.init)) == Set(StoreTable.allCases.map(\.rawValue)))
    #expect(Schema.migrations.map(\.version) == Array(1...Schema.currentVersion))
  }
}
