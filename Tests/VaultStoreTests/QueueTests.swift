import Foundation
import Synchronization
import Testing

@testable import VaultStore

@Suite("Waiting for the writer", .timeLimit(.minutes(1)))
struct QueueTests {
  @Test("A full queue answers busy at once; what waits is still served")
  func busy() async throws {
    let place = try Place()
    let store = try place.open()
    let gate = Gate(open: false)
    var limits = WriterLimits()
    limits.queueCountMax = 10
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer { gate.pass() }, limits: limits)
    async let held: Void = writer.put(.card, bytes("held"), 1, "x")
    try await gate.reached(1)
    let outcomes = try await withThrowingTaskGroup(of: StoreError.Code?.self) { group in
      for number in 0..<30 {
        group.addTask { await codeAwaiting { try await writer.put(.card, bytes("c\(number)"), 1, "x") } }
      }
      var outcomes: [StoreError.Code?] = []
      // Twenty must be answered while the writer stands still.
      for _ in 0..<20 { outcomes.append(try #require(try await group.next())) }
      #expect(outcomes.allSatisfy { $0 == .busy })
      gate.set(open: true)
      for try await outcome in group { outcomes.append(outcome) }
      return outcomes
    }
    try await held
    #expect(outcomes.filter { $0 == .busy }.count == 20)
    #expect(outcomes.filter { $0 == nil }.count == 10)
    #expect(try store.read { view in try view.count(.card) } == 11)
    await writer.finish()
  }

  @Test("The queue is bounded in bytes too")
  func busyBytes() async throws {
    let place = try Place()
    let store = try place.open()
    let gate = Gate(open: false)
    var limits = WriterLimits()
    limits.queueByteCountMax = 1000
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer { gate.pass() }, limits: limits)
    async let held: Void = writer.put(.card, [0], 1, "x")
    try await gate.reached(1)
    async let fits: Void = writer.put(.card, [1], 1, String(repeating: "x", count: 900))
    try await writer.queued(1)
    let body = String(repeating: "x", count: 100)
    #expect(await codeAwaiting { try await writer.put(.card, [2], 1, body) } == .busy)
    gate.set(open: true)
    _ = try await (held, fits)
    try await writer.put(.card, [2], 1, body)
    await writer.finish()
  }

  @Test("A submission whose turn does not come in time is withdrawn, while the writer still stands")
  func timeout() async throws {
    let place = try Place()
    let store = try place.open()
    let gate = Gate(open: false)
    var limits = WriterLimits()
    limits.queueMillisecondsMax = 100
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer { gate.pass() }, limits: limits)
    async let held: Void = writer.put(.card, [0], 1, "x")
    try await gate.reached(1)
    let change = RowChange.put(.card, [1], version: 1, body: [1], expect: .any)
    let begin = ContinuousClock.now
    let outcome = await codeAwaiting { _ = try await writer.submit(changes: [change], entry: "late") }
    #expect(outcome == .timeout)
    #expect(ContinuousClock.now - begin < .seconds(5))
    gate.set(open: true)
    try await held
    try await writer.put(.card, [2], 1, "x")
    #expect(try store.read { view in try view.row(.card, [1]) } == nil)
    await writer.finish()
  }

  @Test("A running batch is waited for, however short the deadline")
  func noTimeoutInBatch() async throws {
    let place = try Place()
    let store = try place.open()
    let gate = Gate(open: false)
    var limits = WriterLimits()
    limits.queueMillisecondsMax = 1000
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer { gate.pass() }, limits: limits)
    let change = RowChange.put(.card, [1], version: 1, body: [1], expect: .any)
    async let running = writer.submit(changes: [change], entry: "e")
    try await gate.reached(1)
    try await Task.sleep(for: .milliseconds(1300))
    gate.set(open: true)
    #expect(try await running == 0)
    await writer.finish()
  }

  @Test("P9 The log is emptied before anybody is told that ciphertext of a record was taken away")
  func logIsEmptiedAtErasure() async throws {
    let place = try Place()
    let store = try place.open()
    var limits = WriterLimits()
    limits.idleMilliseconds = 60_000
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer(), limits: limits)
    try await writer.put(.section, [1], 1, "of somebody who wants to be forgotten")
    #expect(store.walByteCount > 0, "or there is nothing to empty")
    _ = try await writer.submit(changes: [.delete(.section, [1], expect: .present)], entry: "erased")
    #expect(store.walByteCount == 0)
    await writer.finish()
    try store.close()
  }

  @Test("The log is emptied when nothing is submitted, and when it grows too long")
  func logIsEmptied() async throws {
    let place = try Place()
    let store = try place.open()
    var limits = WriterLimits()
    limits.idleMilliseconds = 50
    limits.walByteCountMax = 1 << 20
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer(), limits: limits)
    try await writer.put(.card, [1], 1, "x")
    for _ in 0..<200 where store.walByteCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(store.walByteCount == 0)
    let body = String(repeating: "x", count: 100_000)
    var longest = 0
    for number in 0..<60 {
      try await writer.put(.card, bytes("c\(number)"), 1, body)
      longest = max(longest, store.walByteCount)
    }
    #expect(longest > 0)
    #expect(longest < 2 << 20)
    #expect(try store.read { view in try view.count(.card) } == 61)
    await writer.finish()
    try store.close()
  }

  @Test("Under load the log is moved into the file at its usual length and written over")
  func logIsReused() async throws {
    let place = try Place()
    let store = try place.open { $0.walByteCountUsual = 1 << 20 }
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer())
    let body = String(repeating: "x", count: 100_000)
    for number in 0..<60 { try await writer.put(.card, bytes("c\(number)"), 1, body) }
    #expect((500_000..<2 << 20).contains(store.walByteCount))
    await writer.finish()
    try store.close()
  }

  @Test("A long read holds the log, not the writer")
  func longRead() async throws {
    let place = try Place()
    let store = try place.open()
    var limits = WriterLimits()
    limits.walByteCountMax = 100_000
    limits.idleMilliseconds = 20
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer(), limits: limits)
    try await writer.put(.record, [1], 1, "old")
    let gate = Gate(open: false)
    let reading = Task.detached {
      try store.read { view in
        let before = try view.row(.record, [1])
        gate.pass()
        return (before, try view.row(.record, [1]), try view.count(.card))
      }
    }
    try await gate.reached(1)
    for number in 0..<40 { try await writer.put(.card, bytes("c\(number)"), 1, String(repeating: "x", count: 10_000)) }
    try await writer.put(.record, [1], 2, "new")
    gate.set(open: true)
    let (before, after, cards) = try await reading.value
    #expect(before?.body == bytes("old"))
    #expect(after == before)
    #expect(cards == 0)
    for _ in 0..<200 where store.walByteCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(store.walByteCount == 0)
    await writer.finish()
  }
}
