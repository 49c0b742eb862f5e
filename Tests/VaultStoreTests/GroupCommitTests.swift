import Foundation
import Synchronization
import Testing

@testable import VaultStore

@Suite("Group commit")
struct GroupCommitTests {
  @Test("A submission is durable with its entry, and readable, when it returns")
  func submit() async throws {
    let place = try Place()
    let store = try place.open()
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    let receipt = try await writer.submit(
      changes: [.put(.record, bytes("r1"), version: 1, body: bytes("শিরিন"), expect: .absent)], entry: "first")
    #expect(receipt == 0)
    let row = try store.read { view in try view.row(.record, bytes("r1")) }
    #expect(row == StoredRow(key: bytes("r1"), version: 1, body: bytes("শিরিন")))
    let leaf = try store.read { view in try view.row(.logLeaf, StoreKey.index(0)) }
    #expect(leaf?.body == bytes("first"))
    await writer.finish()
    try store.close()
  }

  @Test("Callers that wait together share one commit, and each gets its own receipt")
  func sharing() async throws {
    let place = try Place()
    let commits = Mutex(0)
    let store = try place.open { $0.beforeCommit = { commits.withLock { $0 += 1 } } }
    let base = commits.withLock { $0 }
    let gate = Gate(open: false)
    let sealer = TestSealer { gate.pass() }
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    async let first = writer.submit(changes: [], entry: "first")
    try await gate.reached(1)
    let receipts = try await withThrowingTaskGroup(of: (Int, UInt64).self) { group in
      for number in 0..<600 {
        group.addTask {
          let key = bytes("r\(number)")
          let change = RowChange.put(.record, key, version: 1, body: key, expect: .absent)
          return (number, try await writer.submit(changes: [change], entry: "e\(number)"))
        }
      }
      try await writer.queued(600)
      gate.set(open: true)
      return try await group.reduce(into: [Int: UInt64]()) { $0[$1.0] = $1.1 }
    }
    #expect(try await first == 0)
    // The first alone, then 600 in batches of at most 256.
    let shared = commits.withLock { $0 } - base
    #expect(shared == 4)
    #expect(sealer.snapshot.committedCount == shared)
    #expect(sealer.snapshot.batches.allSatisfy { $0.count <= 256 })
    #expect(Set(receipts.values).count == 600)
    for (number, receipt) in receipts {
      let leaf = try store.read { view in try view.row(.logLeaf, StoreKey.index(receipt)) }
      #expect(leaf?.body == bytes("e\(number)"))
    }
    #expect(try store.read { view in try view.count(.record) } == 600)
    await writer.finish()
  }

  @Test("A conflict fails its own submission alone: none of its changes, no entry; its neighbours commit")
  func conflictIsolation() async throws {
    let place = try Place()
    let store = try place.open()
    let gate = Gate(open: false)
    let sealer = TestSealer { gate.pass() }
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    async let holder = writer.submit(changes: [], entry: "holder")
    try await gate.reached(1)
    async let good = writer.submit(
      changes: [.put(.record, bytes("a"), version: 1, body: bytes("1"), expect: .absent)], entry: "good")
    try await writer.queued(1)
    async let bad = codeAwaiting {
      _ = try await writer.submit(
        changes: [
          .put(.section, bytes("s"), version: 1, body: bytes("x"), expect: .any),
          .put(.record, bytes("a"), version: 2, body: bytes("2"), expect: .version(7)),
        ], entry: "bad")
    }
    try await writer.queued(2)
    async let later = writer.submit(
      changes: [.put(.record, bytes("a"), version: 2, body: bytes("3"), expect: .version(1))], entry: "later")
    try await writer.queued(3)
    gate.set(open: true)
    _ = try await (holder, good, later)
    #expect(await bad == .conflict)
    let (row, section) = try store.read { view in
      (try view.row(.record, bytes("a")), try view.row(.section, bytes("s")))
    }
    #expect(row?.body == bytes("3"))
    #expect(section == nil)
    #expect(sealer.snapshot.batches == [["holder"], ["good", "later"]])
    await writer.finish()
  }

  @Test("A conflict names its table, and a batch of conflicts seals nothing")
  func conflictNamesTable() async throws {
    let place = try Place()
    let store = try place.open()
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    do {
      _ = try await writer.submit(changes: [.delete(.wrap, bytes("w"), expect: .present)], entry: "none")
      Issue.record("no conflict")
    } catch {
      #expect(error.code == .conflict)
      #expect(error.table == .wrap)
      #expect(!"\(error)".contains("w\u{22}"))
    }
    #expect(sealer.snapshot.batches.isEmpty)
    #expect(sealer.snapshot.abandonedCount == 0)
    #expect(sealer.snapshot.committedCount == 0)
    await writer.finish()
  }

  @Test(
    "Each expectation is met or not, in metadata and in bulk tables alike",
    arguments: [StoreTable.record, .section, .logTile], [true, false])
  func expectations(table: StoreTable, exists: Bool) async throws {
    let place = try Place()
    let store = try place.open()
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    let cases: [(RowExpectation, Bool)] = [
      (.any, true), (.absent, !exists), (.present, exists), (.version(4), exists), (.version(3), false),
    ]
    for (index, (expectation, isMet)) in cases.enumerated() {
      let key = bytes("k\(index)")
      if exists { try await writer.put(table, key, 4, "old") }
      let outcome = await codeAwaiting {
        _ = try await writer.submit(
          changes: [.put(table, key, version: 5, body: bytes("new"), expect: expectation)], entry: "e")
      }
      #expect(outcome == (isMet ? nil : .conflict), "\(expectation)")
      let row = try store.read { view in try view.row(table, key) }
      #expect(row?.version == (isMet ? 5 : exists ? 4 : nil), "\(expectation)")
    }
    await writer.finish()
  }

  @Test("The sealer sees each metadata change with old and new row, and bulk changes not at all")
  func deltas() async throws {
    let place = try Place()
    let store = try place.open()
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    let key = bytes("k")
    try await writer.put(.grant, key, 1, "one")
    try await writer.put(.grant, key, 2, "two")
    _ = try await writer.submit(
      changes: [
        .delete(.grant, key, expect: .version(2)), .delete(.grant, bytes("nothing"), expect: .any),
        .put(.card, key, version: 1, body: key, expect: .any),
      ], entry: "gone")
    let one = RowDelta.Content(version: 1, body: bytes("one"))
    let two = RowDelta.Content(version: 2, body: bytes("two"))
    #expect(
      sealer.snapshot.deltas == [
        [RowDelta(table: .grant, key: key, old: nil, new: one)],
        [RowDelta(table: .grant, key: key, old: one, new: two)],
        [RowDelta(table: .grant, key: key, old: two, new: nil)],
      ])
    await writer.finish()
  }

  @Test("Submissions out of bounds are refused before they are queued")
  func bounds() async throws {
    let place = try Place()
    let store = try place.open()
    let sealer = TestSealer()
    let writer = try GroupCommitWriter(store: store, sealer: sealer)
    func put(_ key: [UInt8], _ body: [UInt8], version: UInt64 = 1) -> RowChange {
      .put(.section, key, version: version, body: body, expect: .any)
    }
    let long = [UInt8](repeating: 7, count: StoreLimits.keyByteCountMax + 1)
    let large = [UInt8](repeating: 7, count: StoreLimits.bodyByteCountMax + 1)
    let refused: [[RowChange]] = [
      [put([], [1])], [put([1], [])], [put(long, [1])], [put([1], large)], [put([1], [1], version: .max)],
      [put([1], [1]), put([1], [2])], [.delete(.meta, [], expect: .any)],
      (0...StoreLimits.changesPerSubmissionMax).map { put(StoreKey.index(UInt64($0)), [1]) },
      (0..<3).map { put([$0], [UInt8](repeating: 7, count: StoreLimits.bodyByteCountMax)) },
    ]
    for changes in refused {
      #expect(await codeAwaiting { _ = try await writer.submit(changes: changes, entry: "no") } == .invalid)
    }
    #expect(sealer.snapshot.batches.isEmpty)
    let largest = put([UInt8](repeating: 7, count: StoreLimits.keyByteCountMax), Array(large.dropLast()))
    _ = try await writer.submit(changes: [largest], entry: "yes")
    await writer.finish()
  }

  @Test("A second writer is refused until the first has finished")
  func oneWriter() async throws {
    let place = try Place()
    let store = try place.open()
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    #expect(code { _ = try GroupCommitWriter(store: store, sealer: TestSealer()) } == .inUse)
    #expect(code { try store.initialise { _ in } } == .inUse)
    #expect(code { try store.close() } == .inUse)
    await writer.finish()
    #expect(await codeAwaiting { _ = try await writer.submit(changes: [], entry: "late") } == .closed)
    await writer.finish()
    let next = try GroupCommitWriter(store: store, sealer: TestSealer())
    await next.finish()
    try store.close()
  }

  @Test("Finishing serves what waits")
  func finishing() async throws {
    let place = try Place()
    let store = try place.open()
    let gate = Gate(open: false)
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer { gate.pass() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await writer.put(.card, bytes("first"), 1, "x") }
      try await gate.reached(1)
      for number in 1..<50 {
        group.addTask { try await writer.put(.card, bytes("c\(number)"), 1, "x") }
      }
      try await writer.queued(49)
      group.addTask { await writer.finish() }
      try await Task.sleep(for: .milliseconds(50))
      gate.set(open: true)
      try await group.waitForAll()
    }
    #expect(try store.read { view in try view.count(.card) } == 50)
    try store.close()
  }

  @Test("A writer that nobody holds any more ends by itself")
  func dropped() async throws {
    let place = try Place()
    let store = try place.open()
    _ = try GroupCommitWriter(store: store, sealer: TestSealer())
    var closed = false
    for _ in 0..<400 where !closed {
      closed = code { try store.close() } == nil
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(closed)
  }
}

extension GroupCommitWriter where Sealer == TestSealer {
  func put(_ table: StoreTable, _ key: [UInt8], _ version: UInt64, _ body: String) async throws {
    _ = try await submit(
      changes: [.put(table, key, version: version, body: bytes(body), expect: .any)], entry: body)
  }

  /// Waits until so many submissions wait in the queue.
  func queued(_ count: Int) async throws {
    for _ in 0..<20_000 where queuedCount < count { try await Task.sleep(for: .milliseconds(1)) }
    #expect(queuedCount == count)
  }
}
