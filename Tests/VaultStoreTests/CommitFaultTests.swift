import Foundation
import Synchronization
import Testing

@testable import VaultStore

@Suite("Commit faults")
struct CommitFaultTests {
  struct Fault: Error {}

  /// Holds the first batch at the gate, queues `count` submissions behind it, then lets go.
  private func submitTogether(
    _ count: Int, _ writer: GroupCommitWriter<TestSealer>, _ gate: Gate, prefix: String
  ) async throws -> [StoreError?] {
    gate.set(open: false)
    return try await withThrowingTaskGroup(of: StoreError?.self) { group in
      for number in 0..<count {
        group.addTask {
          do {
            try await writer.put(.record, bytes("\(prefix)\(number)"), 1, "x")
            return nil
          } catch { return error as? StoreError }
        }
      }
      try await Task.sleep(for: .milliseconds(100))
      gate.set(open: true)
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  @Test("P3 A commit that fails fails every caller of its batch, leaves no row and no entry, and the next one works")
  func commitFails() async throws {
    let place = try Place()
    let isFailing = Mutex(false)
    let gate = Gate(open: true)
    let store = try place.open { options in
      options.beforeCommit = { if isFailing.withLock({ $0 }) { throw Fault() } }
    }
    let sealer = TestSealer { gate.pass() }
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    try await writer.put(.record, bytes("before"), 1, "x")
    isFailing.withLock { $0 = true }
    let failed = try await submitTogether(20, writer, gate, prefix: "lost")
    #expect(failed.allSatisfy { $0?.code == .commitFailed })
    #expect(sealer.snapshot.committedCount == 1)
    #expect(sealer.snapshot.abandonedCount >= 1)
    let (records, leaves) = try store.read { view in (try view.count(.record), try view.count(.logLeaf)) }
    #expect(records == 1)
    #expect(leaves == 1)
    isFailing.withLock { $0 = false }
    let recovered = try await submitTogether(20, writer, gate, prefix: "kept")
    #expect(recovered.allSatisfy { $0 == nil })
    #expect(try store.read { view in try view.count(.logLeaf) } == 21)
    await writer.finish()
    try store.close()
  }

  @Test("P6 Once somebody else has written to the open file nothing more is committed, until it is opened anew")
  func somebodyElse() async throws {
    let place = try Place()
    let store = try place.open()
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    try await writer.put(.record, bytes("ours"), 1, "x")
    let other = try StoreConnection(path: place.database, role: .writer, options: StoreOptions())
    try await writer.put(.record, bytes("ours"), 2, "x")
    // Reading changes nothing.
    #expect(try other.look { view in try view.count(.record) } == 1)
    try await writer.put(.record, bytes("ours"), 3, "x")
    try other.transaction(beforeCommit: nil) { db in
      try RowAccess(db: db).put(.record, bytes("ours"), version: 1, body: bytes("x"))
    }
    for _ in 0..<3 {
      let refused = await codeAwaiting { try await writer.put(.record, bytes("more"), 1, "x") }
      #expect(refused == .commitFailed)
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(writer.health == .failing(.damaged))
    try other.close()
    await writer.finish()
    try store.close()
    let again = try place.open()
    #expect(try again.read { view in try view.row(.record, bytes("more")) } == nil)
    try again.close()
  }

  @Test("A sealer that throws, or returns too few receipts, fails the batch; its own words go no further")
  func sealFails() async throws {
    let place = try Place()
    let store = try place.open()
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    sealer.failing.withLock { $0 = true }
    do {
      _ = try await writer.submit(changes: [.put(.meta, [1], version: 1, body: [1], expect: .any)], entry: "e")
      Issue.record("sealed")
    } catch {
      #expect(error.code == .commitFailed)
      #expect(error.cause == .sealFailed)
      #expect(!"\(error)".contains("Refusal"))
    }
    #expect(sealer.snapshot.abandonedCount == 1)
    #expect(try store.read { view in try view.row(.meta, [1]) } == nil)
    sealer.failing.withLock { $0 = false }
    try await writer.put(.meta, [1], 1, "x")
    await writer.finish()
  }

  @Test("A full disk fails the batch with its cause, and smaller writes go on afterwards")
  func full() async throws {
    let place = try Place()
    let store = try place.open { $0.pageCountMax = 80 }
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    try await writer.put(.section, [1], 1, "kept")
    let large = [UInt8](repeating: 1, count: 1 << 20)
    do {
      _ = try await writer.submit(changes: [.put(.section, [2], version: 1, body: large, expect: .any)], entry: "e")
      Issue.record("it fitted")
    } catch {
      #expect(error.code == .commitFailed)
      #expect(error.cause == .full)
    }
    #expect(try store.read { view in try view.row(.section, [2]) } == nil)
    try await writer.put(.section, [3], 1, "after")
    #expect(try store.read { view in try view.count(.section) } == 2)
    await writer.finish()
    try store.close()
    try VaultStore.open(directory: place.path).checkStructure()
  }

  @Test(
    "A file that was moved, replaced or removed while open is noticed before the next commit",
    arguments: ["vault.sqlite", "vault.sqlite-wal", "vault.lock"], ["moved", "replaced", "removed"])
  func displaced(name: String, how: String) async throws {
    let place = try Place()
    let store = try place.open()
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    try await writer.put(.record, [1], 1, "before")
    let path = place.path + "/" + name
    if how == "removed" {
      try FileManager.default.removeItem(atPath: path)
    } else {
      try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
      if how == "replaced" { try copyFile(path + ".away", path) }
    }
    #expect(await codeAwaiting { try await writer.put(.record, [2], 1, "after") } == .displaced)
    #expect(sealer.snapshot.committedCount == 1)
    if how != "removed" {
      // Back in its place, it is the same file again.
      try? FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
      try await writer.put(.record, [3], 1, "again")
    }
    await writer.finish()
  }

  @Test("A directory that was renamed while open is noticed before the next commit")
  func displacedDirectory() async throws {
    let place = try Place()
    let store = try place.open()
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    try FileManager.default.moveItem(atPath: place.path, toPath: place.path + ".away")
    defer { try? FileManager.default.removeItem(atPath: place.path + ".away") }
    #expect(await codeAwaiting { try await writer.put(.record, [1], 1, "x") } == .displaced)
    await writer.finish()
  }

  /// In a process of its own, because the limit holds for all of it.
  @Test(
    "P3 A write that the kernel refuses during COMMIT fails the batch, and the writer recovers when it is allowed again"
  )
  func kernelRefuses() async throws {
    await #expect(processExitsWith: .success) {
      let place = try Place()
      let store = try place.open()
      let sealer = TestSealer()
      let writer = try GroupCommitWriter(store: store, sealer: sealer)
      try await writer.put(.record, [1], 1, "before")
      // Room for two pages of the log, where the commit needs many more; a refused write then is an error, not a signal.
      signal(SIGXFSZ, SIG_IGN)
      let body = String(repeating: "x", count: 100_000)
      try limitFiles(to: store.walByteCount + 10_000)
      for key in UInt8(2)..<5 {
        let outcome = await codeAwaiting { try await writer.put(.record, [key], 1, body) }
        try #require(outcome == .commitFailed)
      }
      try limitFiles(to: nil)
      try #require(try store.read { view in try view.count(.record) } == 1)
      try await writer.put(.record, [9], 1, body)
      try #require(sealer.snapshot.abandonedCount == 3)
      await writer.finish()
      try store.close()
      let again = try place.open()
      try again.checkStructure()
      try #require(try again.read { view in (try view.rows(.record, limit: 10)).map(\.key) } == [[1], [9]])
      try #require(try again.read { view in try view.count(.logLeaf) } == 2)
    }
  }
}

/// Sets the largest file that this process may write; nil: any.
private func limitFiles(to byteCount: Int?) throws {
  var limit = rlimit()
  let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
  let isRead = unsafe getrlimit(resource, &limit) == 0
  try #require(isRead)
  limit.rlim_cur = byteCount.map { rlim_t($0) } ?? limit.rlim_max
  let isSet = unsafe setrlimit(resource, &limit) == 0
  try #require(isSet)
}
