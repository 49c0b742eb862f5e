import Foundation
import Synchronization
import Testing

@testable import VaultStore

/// A disk of a given size that holds one data directory and what other programs put beside it.
private final class SmallDisk: Sendable {
  private let directory: String
  private let byteCount: Int
  private let ballast = Mutex(0)

  init(_ place: Place, byteCount: Int) {
    directory = place.path
    self.byteCount = byteCount
  }

  var free: Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    let used = names.reduce(0) { $0 + (((try? FileStatus.of(directory + "/" + $1)) ?? nil)?.allocatedByteCount ?? 0) }
    return max(0, byteCount - used - ballast.withLock(\.self))
  }

  /// Another program takes all there is.
  func fill() {
    let free = free
    ballast.withLock { $0 += free }
  }

  func empty() { ballast.withLock { $0 = 0 } }

  func attach(to options: inout StoreOptions, reserve: Int) {
    options.reserveByteCount = reserve
    options.diskSpace = { [self] in DiskSpace(freeByteCount: free, totalByteCount: byteCount) }
    // What a batch here needs of the log; SQLite itself would find out at COMMIT.
    options.beforeCommit = { [self] in if free < 48 << 10 { throw StoreError(.full) } }
  }
}

@Suite struct SpaceTests {
  private static let entry = String(repeating: "e", count: 20_000)

  @Test("P3 On a full disk records are refused first, entries go on within the reserve, and it ends with an error")
  func reserve() async throws {
    let place = try Place()
    let disk = SmallDisk(place, byteCount: 16 << 20)
    let store = try place.open { disk.attach(to: &$0, reserve: 1 << 20) }
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    #expect(store.space.reserveByteCount == 1 << 20, "claimed before the first batch")
    #expect(store.space.state == .ok)
    try await writer.put(.record, [1], 1, "before")

    disk.fill()
    #expect(store.space.state == .low)
    #expect(await codeAwaiting { try await writer.put(.record, [2], 1, "after") } == .full)
    #expect(sealer.snapshot.committedCount == 1, "nothing of it is in the log")
    var written = 0
    var ended: StoreError?
    while ended == nil, written < 2_000 {
      do {
        _ = try await writer.submit(changes: [], entry: Self.entry)
        written += 1
        if written == 1 { #expect(store.space.state == .low && store.space.reserveByteCount < 1 << 20) }
      } catch { ended = error }
    }
    #expect(written > 20, "a reserve of 1 MiB takes more than \(written) entries of 20 kB")
    #expect(ended?.code == .commitFailed && ended?.cause == .full)
    #expect(store.space.reserveByteCount == 0 && store.space.state == .full)
    #expect(await codeAwaiting { try await writer.put(.record, [3], 1, "after") } == .full)

    disk.empty()
    #expect(store.space.state != .full, "told before anybody tries")
    try await writer.put(.record, [4], 1, "again")
    for _ in 0..<300 where store.space.state != .ok { try await Task.sleep(for: .milliseconds(20)) }
    #expect(store.space == StoreSpace(reserveByteCount: 1 << 20, freeByteCount: disk.free, state: .ok))
    await writer.finish()
    try store.close()
    let again = try place.open()
    #expect(try again.read { view in (try view.rows(.record, limit: 9)).map(\.key) } == [[1], [4]])
    #expect(try again.read { view in try view.count(.logLeaf) } == written + 2)
  }

  @Test("Whoever takes access away, signs off or starts needs no larger disk; a record does")
  func whatMayUseTheReserve() async throws {
    let place = try Place()
    let disk = SmallDisk(place, byteCount: 16 << 20)
    let store = try place.open { disk.attach(to: &$0, reserve: 1 << 20) }
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    disk.fill()
    for table in StoreTable.allCases where !table.isLog {
      let outcome = await codeAwaiting { try await writer.put(table, [1], 1, "x") }
      let isRefused = [.programme, .record, .revision, .idempotency, .submission, .section, .wrap, .card]
        .contains(table)
      #expect(outcome == (isRefused ? .full : nil), "\(table)")
    }
    await writer.finish()
  }

  @Test("A reserve that somebody removed or cut is made whole; another's file in its place is refused")
  func reserveFile() async throws {
    let place = try Place()
    let disk = SmallDisk(place, byteCount: 16 << 20)
    let store = try place.open { disk.attach(to: &$0, reserve: 1 << 20) }
    var limits = WriterLimits()
    limits.reserveMilliseconds = 1
    limits.idleMilliseconds = 10
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer(), limits: limits)
    let path = place.path + "/" + SpaceReserve.fileName
    try FileManager.default.removeItem(atPath: path)
    for _ in 0..<200 where !FileManager.default.fileExists(atPath: path) {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try FileStatus.required(path).isPrivateFile)
    #expect(try FileStatus.required(path).allocatedByteCount >= 1 << 20)
    await writer.finish()
    try store.close()
    setMode(path, 0o644)
    #expect(code { _ = try place.open() } == .permissions)
  }

  @Test("Another failure than want of room is told as such, and does not touch the reserve")
  func otherFailure() async throws {
    let place = try Place()
    let disk = SmallDisk(place, byteCount: 16 << 20)
    let failing = Mutex(false)
    let store = try place.open { options in
      disk.attach(to: &options, reserve: 1 << 20)
      options.beforeCommit = { if failing.withLock(\.self) { throw StoreError(.io) } }
    }
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    failing.withLock { $0 = true }
    for changes in [[], [RowChange.put(.record, [1], version: 1, body: [1], expect: .any)]] {
      do {
        _ = try await writer.submit(changes: changes, entry: "e")
        Issue.record("it was written")
      } catch {
        #expect(error.code == .commitFailed && error.cause == .io)
      }
    }
    #expect(writer.health == .failing(.io))
    #expect(store.space.reserveByteCount == 1 << 20)
    failing.withLock { $0 = false }
    _ = try await writer.submit(changes: [], entry: "e")
    #expect(writer.health == .well)
    await writer.finish()
  }
}

@Suite struct StuckWriterTests {
  @Test("P3 A batch that takes longer than its bound fails its callers, new ones at once; its late commit is told")
  func stuck() async throws {
    let place = try Place()
    let gate = Gate(open: true)
    let store = try place.open { options in options.beforeCommit = { gate.pass() } }
    let sealer = TestSealer()
    var limits = WriterLimits()
    limits.batchMillisecondsMax = 100
    let late = Mutex(0)
    let writer = try GroupCommitWriter(
      store: store, sealer: sealer, limits: limits, committedLate: { late.withLock { $0 += 1 } })
    try await writer.put(.record, [1], 1, "before")

    gate.set(open: false)
    let start = ContinuousClock.now
    #expect(await codeAwaiting { try await writer.put(.record, [2], 1, "late") } == .stuck)
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(writer.health == .stuck)
    #expect(await codeAwaiting { try await writer.put(.record, [3], 1, "never") } == .busy)
    #expect(late.withLock(\.self) == 0)

    gate.set(open: true)
    for _ in 0..<400 where writer.health == .stuck { try await Task.sleep(for: .milliseconds(5)) }
    #expect(late.withLock(\.self) == 1)
    #expect(sealer.snapshot.committedCount == 2, "the sealer's picture is that of the file")
    try await writer.put(.record, [4], 1, "after")
    #expect(try store.read { view in (try view.rows(.record, limit: 9)).map(\.key) } == [[1], [2], [4]])
    await writer.finish()
  }

  @Test("After a failure nothing is written onto a store that is not as the last commit left it")
  func altered() async throws {
    let place = try Place()
    let failing = Mutex(false)
    let store = try place.open { $0.beforeCommit = { if failing.withLock(\.self) { throw StoreError(.io) } } }
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    try await writer.put(.record, [1], 1, "before")
    failing.withLock { $0 = true }
    #expect(await codeAwaiting { try await writer.put(.record, [2], 1, "x") } == .commitFailed)
    failing.withLock { $0 = false }
    // Somebody else writes meanwhile, as no second daemon could.
    let other = try StoreConnection(path: place.database, role: .writer, options: StoreOptions())
    try await other.database.writeWithoutTransaction { db in
      try RowAccess(db: db).put(.logLeaf, [9], version: 1, body: [9])
    }
    do {
      try await writer.put(.record, [3], 1, "x")
      Issue.record("it was written")
    } catch let error as StoreError {
      #expect(error.code == .commitFailed && error.cause == .damaged)
    }
    // Taken back or not: only an opening, which looks at all of it, goes on.
    try await other.database.writeWithoutTransaction { db in try RowAccess(db: db).delete(.logLeaf, [9]) }
    #expect(await codeAwaiting { try await writer.put(.record, [4], 1, "x") } == .commitFailed)
    try other.close()
    await writer.finish()
    try store.close()
    let again = try place.open()
    let next = try GroupCommitWriter(store: again, sealer: TestSealer())
    try await next.put(.record, [5], 1, "again")
    #expect(try again.read { view in (try view.rows(.record, limit: 9)).map(\.key) } == [[1], [5]])
    await next.finish()
  }

  @Test("A lock that another process holds on the file is an error at once, and no longer than the lock")
  func locked() async throws {
    let place = try Place()
    let store = try place.open()
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    let other = try StoreConnection(path: place.database, role: .writer, options: StoreOptions())
    try await other.database.writeWithoutTransaction { db in try db.execute(sql: "BEGIN EXCLUSIVE") }
    #expect(await codeAwaiting { try await writer.put(.record, [1], 1, "x") } == .commitFailed)
    try await other.database.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
    try await writer.put(.record, [2], 1, "x")
    try other.close()
    await writer.finish()
  }
}
