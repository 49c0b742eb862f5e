import Synchronization
import Testing
import VaultCrypto

@testable import AccessLog

@Suite("Opening many leaves at once")
struct BatchOpeningTests {
  let context: LogContext
  let audit = OpeningKey(secret: key(0x11))
  init() throws {
    context = try LogContext(
      vaultID: [UInt8](repeating: 0xAB, count: 32), origin: NoteName("survivor-vault/abababababababab/1"))
  }

  private func entry(_ index: UInt64) -> LogEntry {
    var entry = LogEntry(time: 1_772_000_000_000 + Int64(index), action: "record.read", outcome: .allowed)
    entry.account = index.isMultiple(of: 3) ? "দিব্যা" : "ștefănescu"
    entry.count = index
    return entry
  }

  /// Log keys are born at every `birth`th entry.
  private func leaves(_ range: Range<UInt64>, birth: UInt64 = 256) throws -> [[UInt8]] {
    var sealer = LeafSealer(context: context, auditKey: audit.sealingKey, auditEpoch: 3)
    return try range.map { index in
      if index.isMultiple(of: birth) { sealer.forget() }
      return try sealer.seal(entry(index), index: index, nowNanoseconds: 1)
    }
  }

  private func opener() -> LeafOpener { LeafOpener(context: context, keys: [3: audit]) }

  @Test("P5 Any number of hands opens the same entries in the order of the log", arguments: [1, 2, 3, 7])
  func order(concurrency: Int) throws {
    for (range, birth) in [(0..<1, 256), (1000..<1700, 256), (5..<300, 1), (0..<129, 10)] as [(Range<UInt64>, UInt64)] {
      let leaves = try leaves(range, birth: birth)
      var opener = opener()
      let all = try opener.open(leaves, from: range.lowerBound, concurrency: concurrency) { index, entry in
        entry == self.entry(index) ? index : nil
      }
      #expect(all == Array(range))
      let some = try opener.open(leaves, from: range.lowerBound, concurrency: concurrency) { index, entry in
        entry.account == "দিব্যা" ? index : nil
      }
      #expect(some == range.filter { $0.isMultiple(of: 3) })
      #expect(opener.logKeyCount <= LeafOpener.logKeyCountMax)
    }
    var opener = opener()
    #expect(try opener.open([], from: 9, concurrency: concurrency) { index, _ in index }.isEmpty)
  }

  @Test("More leaves than one run holds are opened, run after run")
  func runs() throws {
    let count = UInt64(LeafOpener.runLeafCountMax) + 700
    let leaves = try leaves(0..<count)
    var opener = opener()
    let indices = try opener.open(leaves, from: 0, concurrency: 2) { index, entry in entry.count == index ? index : nil
    }
    #expect(indices == Array(0..<count))
    opener.forget()
    #expect(opener.logKeyCount == 0)
  }

  @Test("P4 The first bad leaf is the one that is told, whoever opens it", arguments: [1, 2, 5])
  func failures(concurrency: Int) throws {
    let good = try leaves(0..<600, birth: 100)
    func open(_ leaves: [[UInt8]], from first: UInt64 = 0) throws -> [UInt64] {
      var opener = opener()
      return try opener.open(leaves, from: first, concurrency: concurrency) { index, _ in index }
    }
    var altered = good
    altered[450][300] ^= 1
    #expect(throws: LogError(.notAuthentic, "")) { try open(altered) }
    // Another version, further on, in a header of its own: found sooner, told later.
    altered[599][0] = 9
    #expect(throws: LogError(.notAuthentic, "")) { try open(altered) }
    altered[20][0] = 9
    #expect(throws: LogError(.unsupported, "")) { try open(altered) }
    for length in [0, 1, 97, 98, 511, 513, 65_536] {
      var other = good
      other[0] = Array((other[0] + [UInt8](repeating: 0, count: 70_000)).prefix(length))
      #expect(throws: LogError(.malformed, ""), "\(length) bytes") { try open(other) }
    }
    var swapped = good
    swapped.swapAt(210, 211)
    #expect(throws: LogError(.notAuthentic, "")) { try open(swapped) }
    #expect(throws: LogError(.notAuthentic, "")) { try open(good, from: 1) }
    #expect(throws: LogError(.outOfRange, "")) { try open(good, from: 256) }
    #expect(throws: LogError(.outOfRange, "")) { try open(good, from: .max - 3) }
    var stranger = LeafOpener(context: context, keys: [2: audit])
    #expect(throws: LogError(.outOfRange, "")) {
      try stranger.open(good, from: 0, concurrency: concurrency) { index, _ in index }
    }
  }

  @Test("What the filter throws comes through, and nothing is opened for ever after it", arguments: [1, 4])
  func stopping(concurrency: Int) throws {
    struct Enough: Error {}
    let leaves = try leaves(0..<4096)
    let seen = Mutex(0)
    var opener = opener()
    #expect(throws: Enough.self) {
      try opener.open(leaves, from: 0, concurrency: concurrency) { index, _ -> UInt64? in
        seen.withLock { $0 += 1 }
        if index == 5 { throw Enough() }
        return index
      }
    }
    #expect(seen.withLock { $0 } < 4096)
  }
}
