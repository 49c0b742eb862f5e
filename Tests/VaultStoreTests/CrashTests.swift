import Foundation
import Testing

@testable import VaultStore

/// What a power failure leaves behind is a prefix of what was written: here, copies of file and log taken while writing.
@Suite("After a crash")
struct CrashTests {
  /// Each submission writes a record and a section of the same number, so that a half-made one shows.
  private func submit(_ number: UInt64, _ writer: GroupCommitWriter<TestSealer>) async throws {
    let key = StoreKey.index(number)
    _ = try await writer.submit(
      changes: [
        .put(.record, key, version: 1, body: bytes("r"), expect: .absent),
        .put(.section, key, version: 1, body: [UInt8](repeating: 1, count: 3000), expect: .absent),
      ], entry: "\(number)")
  }

  private func check(_ place: Place, atLeast count: Int) throws {
    let store = try VaultStore.open(directory: place.path)
    try store.checkStructure()
    let (records, sections, leaves) = try store.read { view in
      (
        try view.rows(.record, limit: .max).map(\.key), try view.rows(.section, limit: .max).map(\.key),
        try view.rows(.logLeaf, limit: .max).map(\.body)
      )
    }
    #expect(records == sections)
    #expect(leaves == records.map { bytes("\(StoreKey.index(of: $0) ?? .max)") })
    #expect(records.count >= count, "\(records.count) of \(count) acknowledged")
    try store.close()
  }

  @Test("P11 A copy of file and log holds everything acknowledged before it was taken, whole")
  func copies() async throws {
    let place = try Place()
    let store = try place.open()
    var limits = WriterLimits()
    // Only the log grows, so that two files copied one after the other belong together.
    limits.walByteCountMax = 1 << 30
    limits.idleMilliseconds = 60_000
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer(), limits: limits)
    for round in UInt64(0)..<5 {
      for number in 0..<20 { try await submit(round * 20 + UInt64(number), writer) }
      let copy = try Place()
      try copyFile(place.database, copy.database)
      try copyFile(place.wal, copy.wal)
      try check(copy, atLeast: Int(round + 1) * 20)
    }
    await writer.finish()
    try store.close()
    try check(place, atLeast: 100)
  }

  @Test("P11 A log cut anywhere opens to whole submissions only")
  func cutLog() async throws {
    let place = try Place()
    let store = try place.open()
    var limits = WriterLimits()
    limits.idleMilliseconds = 60_000
    let writer = try GroupCommitWriter(store: store, sealer: TestSealer(), limits: limits)
    for number in UInt64(0)..<10 { try await submit(number, writer) }
    let length = store.walByteCount
    var counts: Set<Int> = []
    for cut in stride(from: 0, through: length, by: length / 37) {
      let copy = try Place()
      try copyFile(place.database, copy.database)
      try copyFile(place.wal, copy.wal)
      let wasCut = unsafe truncate(copy.wal, cut) == 0
      #expect(wasCut)
      try check(copy, atLeast: 0)
      let reopened = try VaultStore.open(directory: copy.path)
      counts.insert(try reopened.read { view in try view.count(.record) })
      try reopened.close()
    }
    #expect(counts.count > 5)
    await writer.finish()
  }
}
