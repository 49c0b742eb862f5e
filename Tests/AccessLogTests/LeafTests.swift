import Testing
import VaultCrypto

@testable import AccessLog

@Suite("Leaves")
struct LeafTests {
  let context: LogContext
  let audit = OpeningKey(secret: key(0x11))
  let nextAudit = OpeningKey(secret: key(0x12))
  let entry: LogEntry
  static let start: UInt64 = 5_000_000_000

  init() throws {
    context = try LogContext(
      vaultID: [UInt8](repeating: 0xAB, count: 32), origin: NoteName("survivor-vault/abababababababab/1"))
    var entry = LogEntry(time: 1_772_000_000_000, action: "record.read", outcome: .allowed)
    entry.account = "mihaela.\u{0219}tef\u{0103}nescu"
    entry.record = "lusab-babad-gutih-n"
    entry.sections = ["identity", "contact"]
    self.entry = entry
  }

  private func sealer() -> LeafSealer {
    LeafSealer(context: context, auditKey: audit.sealingKey, auditEpoch: 3)
  }

  private func opener(_ context: LogContext? = nil, keys: [UInt64: OpeningKey]? = nil) -> LeafOpener {
    LeafOpener(context: context ?? self.context, keys: keys ?? [3: audit])
  }

  @Test("P5 An auditor opens what the sealer wrote; the leaf shows neither text nor true length")
  func roundTrip() throws {
    var sealer = sealer()
    var opener = opener()
    for index in UInt64(40)..<50 {
      let leaf = try sealer.seal(entry, index: index, nowNanoseconds: LeafTests.start)
      #expect(leaf.count == 512)
      #expect(leaf[0] == 1 && leaf[1] == 1)
      #expect(try opener.open(leaf, index: index) == entry)
      #expect(!contains(leaf, Array("record".utf8)) && !contains(leaf, Array("lusab".utf8)))
      let header = try LeafHeader(leaf: leaf)
      #expect(header.auditEpoch == 3 && header.firstIndex == 40)
    }
    var large = entry
    large.results = (0..<1_000).map { "lusab-babad-gutih-\($0)" }
    let leaf = try sealer.seal(large, index: 50, nowNanoseconds: LeafTests.start)
    #expect(leaf.count.isMultiple(of: 512) && leaf.count <= LogBound.leafByteCountMax)
    #expect(try opener.open(leaf, index: 50) == large)
  }

  @Test("P4 Every flipped byte of a leaf is refused, and so is every other length")
  func altered() throws {
    var sealer = sealer()
    var opener = opener()
    let leaf = try sealer.seal(entry, index: 7, nowNanoseconds: LeafTests.start)
    for position in leaf.indices {
      var flipped = leaf
      flipped[position] ^= 1 << UInt8(position % 8)
      #expect(throws: LogError.self, "byte \(position)") { try opener.open(flipped, index: 7) }
    }
    for count in [0, 1, 97, 98, 171, 511] {
      #expect(throws: LogError(.malformed, "")) { try opener.open(Array(leaf.prefix(count)), index: 7) }
    }
    #expect(throws: LogError(.malformed, "")) { try opener.open(leaf + [0], index: 7) }
    #expect(throws: LogError(.notAuthentic, "")) { try opener.open(leaf + leaf, index: 7) }
    #expect(throws: LogError(.malformed, "")) {
      try opener.open(leaf + [UInt8](repeating: 0, count: 512 * 127), index: 7)
    }
    for position in [0, 1] {
      var other = leaf
      other[position] = 2
      #expect(throws: LogError(.unsupported, "")) { try opener.open(other, index: 7) }
    }
  }

  @Test("P4 A leaf opens at its own index, epoch, vault and origin only")
  func displaced() throws {
    var sealer = sealer()
    let first = try sealer.seal(entry, index: 300, nowNanoseconds: LeafTests.start)
    let leaf = try sealer.seal(entry, index: 310, nowNanoseconds: LeafTests.start)
    var opener = opener()
    for index in [300, 309, 311, 555] as [UInt64] {
      #expect(throws: LogError(.notAuthentic, "")) { try opener.open(leaf, index: index) }
    }
    for index in [0, 299, 556, .max] as [UInt64] {
      #expect(throws: LogError(.outOfRange, "")) { try opener.open(leaf, index: index) }
    }
    // Another entry's body under this header, although both were sealed under one log key.
    #expect(throws: LogError(.notAuthentic, "")) { try opener.open(Array(leaf[..<98] + first[98...]), index: 310) }

    let vault = try LogContext(vaultID: [UInt8](repeating: 0xAC, count: 32), origin: context.origin)
    let origin = try LogContext(vaultID: context.vaultID, origin: name("survivor-vault/abababababababab/2"))
    for other in [vault, origin] {
      var foreign = self.opener(other)
      #expect(throws: LogError(.notAuthentic, "")) { try foreign.open(leaf, index: 310) }
    }
    var wrongKey = self.opener(keys: [3: nextAudit])
    #expect(throws: LogError(.notAuthentic, "")) { try wrongKey.open(leaf, index: 310) }
    var otherEpoch = self.opener(keys: [2: audit, 4: audit])
    #expect(throws: LogError(.outOfRange, "")) { try otherEpoch.open(leaf, index: 310) }
    // The epoch in the header is bound too, even where both epochs have the same key.
    var sameKey = self.opener(keys: [3: audit, 4: audit])
    var moved = leaf
    moved[9] = 4
    #expect(throws: LogError(.notAuthentic, "")) { try sameKey.open(moved, index: 310) }
    // A first index at the end of all numbers must not overflow.
    var last = leaf
    last.replaceSubrange(10..<18, with: [UInt8](repeating: 0xff, count: 8))
    #expect(throws: LogError(.outOfRange, "")) { try opener.open(last, index: 310) }
    #expect(throws: LogError(.notAuthentic, "")) { try opener.open(last, index: .max) }
  }

  @Test("P5 A new log key is born after 256 indices, after a second, and when the clock goes back")
  func rotation() throws {
    var sealer = sealer()
    let start = LeafTests.start
    let life = LeafSealer.keyLifeNanoseconds
    func holds() -> Bool { sealer.holdsKey }
    func first(_ index: UInt64, _ now: UInt64) throws -> UInt64 {
      try LeafHeader(leaf: sealer.seal(entry, index: index, nowNanoseconds: now)).firstIndex
    }
    #expect(holds() == false)
    #expect(try first(1000, start) == 1000)
    #expect(holds())
    #expect(try first(1255, start) == 1000)
    #expect(try first(1256, start) == 1256)
    #expect(try first(1257, start + life - 1) == 1256)
    #expect(try first(1258, start + life) == 1258)
    #expect(try first(1259, start) == 1259)
    #expect(try first(1258, start) == 1258)
    sealer.expire(nowNanoseconds: start + life - 1)
    #expect(holds())
    sealer.expire(nowNanoseconds: start + life)
    #expect(holds() == false)
    #expect(try first(1260, start) == 1260)
    sealer.forget()
    #expect(holds() == false)
    // Forgotten at once: even within its second and its indices, a new one is born.
    #expect(try first(1261, start) == 1261)
  }

  @Test("P5 What the sealer holds opens no entry of an earlier log key")
  func forgetting() throws {
    var sealer = sealer()
    var opener = opener()
    var leaves: [[UInt8]] = []
    for index in 0..<1_000 as Range<UInt64> {
      leaves.append(try sealer.seal(entry, index: index, nowNanoseconds: LeafTests.start + index))
    }
    // Four log keys in all: 0, 256, 512, 768; the last is what the sealer still has.
    #expect(Set(try leaves.map { try LeafHeader(leaf: $0).firstIndex }) == [0, 256, 512, 768])
    let held = try opener.logKey(of: leaves[999])
    var opened = 0
    for (index, leaf) in leaves.enumerated() {
      let key = EntryKey(logKey: held, index: UInt64(index))
      if (try? key.open(leaf, index: UInt64(index), context: context)) != nil { opened += 1 }
      #expect(try opener.open(leaf, index: UInt64(index)) == entry)
    }
    #expect(opened == 1_000 - 768)
  }

  @Test("P5 A log key's memory is given back when the key is replaced, expired or forgotten")
  func lifetime() throws {
    var sealer = sealer()
    _ = try sealer.seal(entry, index: 0, nowNanoseconds: LeafTests.start)
    weak let first = sealer.heldKey
    #expect(first != nil)
    _ = try sealer.seal(entry, index: 256, nowNanoseconds: LeafTests.start)
    #expect(first == nil)
    weak let second = sealer.heldKey
    sealer.expire(nowNanoseconds: LeafTests.start + LeafSealer.keyLifeNanoseconds)
    #expect(second == nil)
    _ = try sealer.seal(entry, index: 257, nowNanoseconds: LeafTests.start)
    weak let third = sealer.heldKey
    sealer.rekey(auditKey: nextAudit.sealingKey, auditEpoch: 4)
    #expect(third == nil)
  }

  @Test("P4 After a re-key, entries are closed to the old epoch, and neither epoch passes for the other")
  func rekey() throws {
    var sealer = sealer()
    let before = try sealer.seal(entry, index: 0, nowNanoseconds: LeafTests.start)
    sealer.rekey(auditKey: nextAudit.sealingKey, auditEpoch: 4)
    let after = try sealer.seal(entry, index: 1, nowNanoseconds: LeafTests.start)
    var both = opener(keys: [3: audit, 4: nextAudit])
    #expect(try both.open(before, index: 0) == entry)
    #expect(try both.open(after, index: 1) == entry)
    var former = opener()
    #expect(throws: LogError(.outOfRange, "")) { try former.open(after, index: 1) }
    var swapped = opener(keys: [3: nextAudit, 4: audit])
    #expect(throws: LogError(.notAuthentic, "")) { try swapped.open(before, index: 0) }
    #expect(throws: LogError(.notAuthentic, "")) { try swapped.open(after, index: 1) }
  }

  @Test("P5 A disclosed entry key opens its entry and none of its neighbours")
  func disclosure() throws {
    var sealer = sealer()
    var opener = opener()
    let leaves = try (0..<20 as Range<UInt64>).map {
      try sealer.seal(entry, index: $0, nowNanoseconds: LeafTests.start)
    }
    let key = try opener.entryKey(of: leaves[5], index: 5)
    var carried = key.withBytes { unsafe [UInt8]($0) }
    #expect(carried.count == EntryKey.byteCount)
    let disclosed = try EntryKey(wiping: &carried)
    #expect(carried.isEmpty)
    #expect(try disclosed.open(leaves[5], index: 5, context: context) == entry)
    for index in 0..<20 where index != 5 {
      #expect(throws: LogError(.notAuthentic, "")) {
        try disclosed.open(leaves[index], index: UInt64(index), context: context)
      }
    }
    for count in [0, 31, 33] {
      var bytes = [UInt8](repeating: 1, count: count)
      #expect(throws: LogError(.malformed, "")) { _ = try EntryKey(wiping: &bytes) }
    }
  }

  @Test("A well-sealed leaf whose content is not an entry is refused")
  func foreignContent() throws {
    var sealer = sealer()
    var opener = opener()
    for content in [[], [0], Array("survivor-vault/v1/entry\0".utf8), [UInt8](repeating: 0x41, count: 60_000)] {
      let leaf = try sealer.seal(encoded: content, index: 0, nowNanoseconds: LeafTests.start)
      #expect(throws: LogError(.malformed, "")) { try opener.open(leaf, index: 0) }
    }
    #expect(throws: LogError(.outOfRange, "")) {
      try sealer.seal(encoded: [UInt8](repeating: 0, count: 60_001), index: 0, nowNanoseconds: LeafTests.start)
    }
  }

  @Test("Opening many batches keeps few log keys")
  func manyKeys() throws {
    var opener = opener()
    var sealer = sealer()
    for index in 0..<150 as Range<UInt64> {
      let leaf = try sealer.seal(entry, index: index, nowNanoseconds: LeafTests.start)
      sealer.forget()
      #expect(try opener.open(leaf, index: index) == entry)
      #expect(opener.logKeyCount <= LeafOpener.logKeyCountMax)
    }
    opener.forget()
    #expect(opener.logKeyCount == 0)
  }

  @Test("The worked example of the format has the bytes that the format says")
  func workedExample() throws {
    let nonce = [UInt8](0x40...0x57)
    let leaf = try LeafSealer.sealDeterministically(
      entry, index: 41, context: context, auditKey: audit.sealingKey, auditEpoch: 3, firstIndex: 40, logKey: key(0x21),
      ephemeral: OpeningKey(secret: key(0x22)), nonce: nonce)
    var opener = opener()
    #expect(try opener.open(leaf, index: 41) == entry)
    #expect(Array(leaf[..<18]) == hexBytes("0101" + "0000000000000003" + "0000000000000028"))
    #expect(Array(leaf[98..<100]) == [1, 4])
    #expect(Array(leaf[100..<124]) == nonce)
    // Computed by a second implementation from docs/format.md (Python, `cryptography`).
    #expect(SHA256.hash(leaf) == hexBytes("f67c7721ce9bbd23b44c317d62a4af2e61a0e1453917bfd1b358233c5ac3ba89"))
  }
}

private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
  bytes.indices.contains { bytes[$0...].starts(with: part) }
}
