import Foundation
import Synchronization
import Testing

@testable import VaultStore

/// A data directory of its own, removed at the end of the test.
final class Place {
  let path: String

  init(mode: Int = 0o700) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("store-" + UUID().uuidString).path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: mode])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var database: String { path + "/vault.sqlite" }
  var wal: String { database + "-wal" }

  func open(_ change: (inout StoreOptions) -> Void = { _ in }) throws -> VaultStore {
    var options = StoreOptions(createIfMissing: true)
    options.reserveByteCount = 0
    change(&options)
    return try VaultStore.open(directory: path, options: options)
  }
}

/// Keeps its entries in the log table and counts what happens to it.
final class TestSealer: BatchSealer {
  struct State: Sendable {
    var size: UInt64 = 0
    var pending: UInt64 = 0
    var committedCount = 0
    var abandonedCount = 0
    var batches: [[String]] = []
    var deltas: [[RowDelta]] = []
  }

  struct Refusal: Error {}

  let state = Mutex(State())
  let failing = Mutex(false)
  /// Runs at the start of each seal: a test can hold the writer there.
  let whenSealing: @Sendable () -> Void

  init(whenSealing: @escaping @Sendable () -> Void = {}) { self.whenSealing = whenSealing }

  var snapshot: State { state.withLock { $0 } }

  func seal(_ entries: [String], deltas: [RowDelta], transaction: borrowing WriteTransaction) throws -> [UInt64] {
    whenSealing()
    if failing.withLock({ $0 }) { throw Refusal() }
    let first = state.withLock { state in
      state.pending = UInt64(entries.count)
      state.batches.append(entries)
      state.deltas.append(deltas)
      return state.size
    }
    for (offset, entry) in entries.enumerated() {
      try transaction.put(.logLeaf, StoreKey.index(first + UInt64(offset)), version: 1, body: Array(entry.utf8))
    }
    return entries.indices.map { first + UInt64($0) }
  }

  func committed() {
    state.withLock { state in
      state.size += state.pending
      state.pending = 0
      state.committedCount += 1
    }
  }

  func abandoned() {
    state.withLock { state in
      state.pending = 0
      state.abandonedCount += 1
    }
  }

  func holds(_ view: borrowing ReadView) throws -> Bool { try UInt64(view.count(.logLeaf)) == snapshot.size }
}

/// A gate that a test closes to hold the writer's thread, and opens to let it go on.
final class Gate: Sendable {
  private let isOpen: Mutex<Bool>
  private let arrivals = Mutex(0)

  init(open: Bool) { isOpen = Mutex(open) }

  func set(open: Bool) { isOpen.withLock { $0 = open } }

  func pass() {
    arrivals.withLock { $0 += 1 }
    while !isOpen.withLock({ $0 }) { usleep(500) }
  }

  /// Waits until somebody stands at the gate for the `count`th time.
  func reached(_ count: Int) async throws {
    for _ in 0..<4000 {
      if arrivals.withLock({ $0 }) >= count { return }
      try await Task.sleep(for: .milliseconds(1))
    }
    Issue.record("nobody came to the gate")
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The code of the error that `work` throws; nil if it throws none of the store's.
func code(of work: () throws -> Void) -> StoreError.Code? {
  do { try work() } catch let error as StoreError { return error.code } catch { return nil }
  return nil
}

func codeAwaiting(_ work: () async throws -> Void) async -> StoreError.Code? {
  do { try await work() } catch let error as StoreError { return error.code } catch { return nil }
  return nil
}

/// Copies with another process: closing a descriptor of the database in this one would drop SQLite's locks.
func copyFile(_ source: String, _ target: String) throws {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/cp")
  process.arguments = ["-p", source, target]
  try process.run()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
}

func setMode(_ path: String, _ mode: mode_t) {
  let isSet = unsafe chmod(path, mode) == 0
  #expect(isSet)
}

/// Changes a closed database, or makes one, as somebody with another tool would; leaves it in rollback mode.
func alterFile(_ path: String, _ sql: String) throws {
  let connection = try StoreConnection(path: path, role: .writer, options: StoreOptions())
  try connection.database.writeWithoutTransaction { db in
    try db.execute(sql: sql)
    try db.execute(sql: "PRAGMA journal_mode = DELETE")
  }
  try connection.close()
  setMode(path, 0o600)
}
