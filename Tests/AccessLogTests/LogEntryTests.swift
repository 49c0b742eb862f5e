import Testing
import VaultCrypto

@testable import AccessLog

@Suite("Entries")
struct LogEntryTests {
  private func full() -> LogEntry {
    var entry = LogEntry(time: 1_772_000_000_123, action: "record.read", outcome: .denied)
    entry.account = "\u{09B6}\u{09BF}\u{09B0}\u{09BF}\u{09A8}"
    entry.uid = .max
    entry.record = "lusab-babad-gutih-n"
    entry.programme = "\u{0926}\u{093F}\u{0932}\u{094D}\u{0932}\u{0940}"
    entry.sections = ["identity", "contact", "identity"]
    entry.purpose = "safety-plan"
    entry.approval = "a1"
    entry.assignment = .team
    entry.changes = [UInt8](repeating: 1, count: 32)
    entry.results = ["z", "a", "m"]
    entry.freeText = [UInt8](repeating: 2, count: 32)
    entry.detail = "wrong-uid"
    entry.count = .max
    entry.unknown = [
      .init(key: "Zeta", value: []), .init(key: "aardvark", value: [1]), .init(key: "node", value: [2]),
      .init(key: "node", value: [1]), .init(key: "zebra", value: [3]),
    ]
    return entry
  }

  @Test("An entry comes back as it was, its lists in their order, and what a later version added with it")
  func roundTrip() throws {
    let entry = full()
    let bytes = try entry.encoded()
    #expect(try LogEntry(encoded: bytes) == entry)
    #expect(try LogEntry(encoded: bytes).encoded() == bytes)
    let least = LogEntry(time: 0, action: "a", outcome: .allowed)
    #expect(try LogEntry(encoded: least.encoded()) == least)
  }

  @Test("The bytes are those of the format: count, then key and value of each pair in ascending order")
  func bytes() throws {
    var entry = LogEntry(time: 258, action: "log.read", outcome: .allowed)
    entry.uid = 7
    var expected = CanonicalEncoding("entry")
    expected.append(UInt64(4))
    expected.append("action")
    expected.append("log.read")
    expected.append("outcome")
    expected.append("allowed")
    expected.append("time")
    expected.append([0, 0, 0, 0, 0, 0, 1, 2] as [UInt8])
    expected.append("uid")
    expected.append(UInt64(7))
    #expect(try entry.encoded() == expected.bytes)
    let names = LogEntry.Key.allCases.map(\.rawValue)
    #expect(zip(names, names.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  private func encode(_ pairs: [(String, [UInt8])], count: UInt64? = nil) -> [UInt8] {
    var encoding = CanonicalEncoding("entry")
    encoding.append(count ?? UInt64(pairs.count))
    for (key, value) in pairs {
      encoding.append(key)
      encoding.append(value)
    }
    return encoding.bytes
  }

  @Test("Entries in any other spelling are refused")
  func hostilePairs() throws {
    let action = ("action", Array("record.read".utf8))
    let outcome = ("outcome", Array("allowed".utf8))
    let time = ("time", [UInt8](repeating: 0, count: 8))
    _ = try LogEntry(encoded: encode([action, outcome, time]))
    let words: [(String, [(String, [UInt8])])] = [
      ("nothing", []), ("no time", [action, outcome]), ("no outcome", [action, time]), ("no action", [outcome, time]),
      ("order", [outcome, action, time]), ("twice", [action, outcome, time, time]),
      ("two accounts", [("account", [97]), ("account", [98]), action, outcome, time]),
      ("lists interleaved", [action, outcome, ("result", [97]), ("section", [97]), ("result", [98]), time]),
      ("empty text", [("account", []), action, outcome, time]),
      ("long text", [("account", [UInt8](repeating: 97, count: 257)), action, outcome, time]),
      ("not UTF-8", [("account", [0xff]), action, outcome, time]),
      ("short digest", [action, ("changes", [UInt8](repeating: 0, count: 31)), outcome, time]),
      ("long digest", [action, ("freeText", [UInt8](repeating: 0, count: 33)), outcome, time]),
      ("short integer", [action, outcome, ("time", [0])]),
      ("late time", [action, outcome, ("time", [UInt8](repeating: 0x7f, count: 8))]),
      ("negative time", [action, outcome, ("time", [UInt8](repeating: 0xff, count: 8))]),
      ("large uid", [action, outcome, time, ("uid", [0, 0, 0, 1, 0, 0, 0, 0])]),
      ("unknown outcome", [action, ("outcome", Array("maybe".utf8)), time]),
      ("capital action", [("action", Array("Record.read".utf8)), outcome, time]),
      ("empty word", [("action", Array("record..read".utf8)), outcome, time]),
      ("space", [("action", Array("record read".utf8)), outcome, time]),
      ("long action", [("action", [UInt8](repeating: 97, count: 65)), outcome, time]),
      ("empty key", [("", []), action, outcome, time]), ("odd key", [action, outcome, time, ("z_z", [])]),
      ("unknown out of order", [action, outcome, time, ("alpha", [])]),
      ("unknown too long", [action, outcome, time, ("zeta", [UInt8](repeating: 0, count: 4097))]),
      ("unknown too many", [action, outcome, time] + Array(repeating: ("zeta", []), count: 65)),
      ("sections too many", [action, outcome] + Array(repeating: ("section", [97]), count: 17) + [time]),
      ("results too many", [action, outcome] + Array(repeating: ("result", [97]), count: 1_001) + [time]),
    ]
    for (word, pairs) in words {
      #expect(throws: LogError(.malformed, ""), "\(word)") { try LogEntry(encoded: encode(pairs)) }
    }
    for count in [0, 2, 4, UInt64.max] {
      #expect(throws: LogError(.malformed, "")) {
        try LogEntry(encoded: encode([action, outcome, time], count: count))
      }
    }
    #expect(throws: LogError(.malformed, "")) { try LogEntry(encoded: [UInt8](repeating: 0, count: 100_000)) }
  }

  @Test("Bounds hold when an entry is made, and name no value")
  func bounds() throws {
    func refused(_ code: LogError.Code, _ change: (inout LogEntry) -> Void) {
      var entry = full()
      change(&entry)
      #expect(throws: LogError(code, "")) { try entry.encoded() }
    }
    refused(.outOfRange) { $0.time = -1 }
    refused(.outOfRange) { $0.time = LogEntry.timeMax + 1 }
    refused(.malformed) { $0.action = "Read" }
    refused(.malformed) { $0.action = "" }
    refused(.outOfRange) { $0.account = "" }
    refused(.outOfRange) { $0.record = String(repeating: "\u{0995}", count: 86) }
    refused(.outOfRange) { $0.sections = Array(repeating: "case", count: 17) }
    refused(.outOfRange) { $0.results = Array(repeating: "a", count: 1_001) }
    refused(.outOfRange) { $0.results = Array(repeating: String(repeating: "a", count: 60), count: 1_000) }
    refused(.malformed) { $0.changes = [] }
    refused(.malformed) { $0.unknown = [.init(key: "time", value: [])] }
    refused(.malformed) { $0.unknown = [.init(key: "b", value: []), .init(key: "a", value: [])] }
    refused(.outOfRange) { $0.unknown = Array(repeating: .init(key: "a", value: []), count: 65) }
  }

  @Test("Hostile bytes give a typed error or an entry that encodes to the same bytes, never a trap")
  func fuzz() throws {
    var generator = SeededGenerator(20_261_123)
    let seed = try full().encoded()
    var accepted = 0
    for _ in 0..<20_000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0 where !bytes.isEmpty:
          bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        case 1 where !bytes.isEmpty: bytes.remove(at: Int.random(in: bytes.indices, using: &generator))
        case 2:
          bytes.insert(.random(in: 0...255, using: &generator), at: Int.random(in: 0...bytes.count, using: &generator))
        case 3: bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator))
        default:
          let cut = Int.random(in: 0...bytes.count, using: &generator)
          bytes = Array(bytes[cut...] + bytes[..<cut])
        }
      }
      do {
        let entry = try LogEntry(encoded: bytes)
        #expect(try entry.encoded() == bytes)
        accepted += 1
      } catch { #expect(error.code == .malformed) }
    }
    // A changed letter in a text is a good entry; the seal around it is what notices.
    #expect(accepted > 0)
  }
}
