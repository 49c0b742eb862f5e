import Foundation
import Testing
import VaultCrypto

@testable import AccessLog

/// Whoever holds everything that the daemon holds now, its signing key too, can sign any log they like; what they
/// cannot is make it agree with a checkpoint that somebody kept.
@Suite("P4 Rewriting the log with the daemon's own keys")
struct RewrittenLogTests {
  private static let count = 300
  /// Where the auditor's saved checkpoint stands, before the log grew on.
  private static let saved = 260
  private static let second: UInt64 = 1_000_000_000

  private let context: LogContext
  private let audit = OpeningKey(secret: key(0x31))
  private let nextAudit = OpeningKey(secret: key(0x32))
  private let leaves: [[UInt8]]
  private let honest: FileShelf

  init() throws {
    context = try LogContext(
      vaultID: hexBytes("00112233aabbccdd" + String(repeating: "ab", count: 24)),
      origin: NoteName("survivor-vault/00112233aabbccdd/1"))
    var sealer = LeafSealer(context: context, auditKey: audit.sealingKey, auditEpoch: 1)
    var sealed: [[UInt8]] = []
    for index in 0..<UInt64(Self.count) {
      // A new log key every ten entries; a new epoch of the auditors' key in the middle.
      if index == 150 { sealer.rekey(auditKey: nextAudit.sealingKey, auditEpoch: 2) }
      sealed.append(try sealer.seal(Self.entry(index), index: index, nowNanoseconds: (index / 10 + 1) * Self.second))
    }
    leaves = sealed
    honest = try FileShelf(size: Self.count) { [sealed] in sealed[$0] }
  }

  private static func entry(_ index: UInt64) -> LogEntry {
    var entry = LogEntry(time: 1_790_000_000_000 + Int64(index), action: "record.read", outcome: .allowed)
    entry.account = index.isMultiple(of: 2) ? "asha.রহমান" : "ionuț"
    entry.record = "lusab-babad-gutih-n"
    return entry
  }

  private func opener() -> LeafOpener { LeafOpener(context: context, keys: [1: audit, 2: nextAudit]) }

  /// A log of these leaves, signed with the key that signs today.
  private func signed(_ leaves: [[UInt8]]) throws -> FileShelf { try FileShelf(size: leaves.count) { leaves[$0] } }

  /// What the files come to beside the checkpoint that the auditor kept; nil where they pass.
  private func fault(_ files: FileShelf, since size: Int? = saved) -> LogError? {
    do {
      try files.verify(since: size.map { [try honest.checkpoint($0)] } ?? [])
      return nil
    } catch { return (error as? ExportFault)?.cause }
  }

  private func opensAll(_ leaves: [[UInt8]]) -> Bool {
    var opener = opener()
    return leaves.indices.allSatisfy { (try? opener.open(leaves[$0], index: UInt64($0))) != nil }
  }

  @Test("P4 The honest log agrees with what was kept, and auditors open all of it")
  func control() throws {
    #expect(fault(honest) == nil)
    #expect(opensAll(leaves))
  }

  @Test("P4 An entry that was edited and signed again opens and verifies, until it meets a kept checkpoint")
  func editedAndSigned() throws {
    // Anybody can seal to the auditors: a new entry in the old one's place, under a log key of its own.
    var other = Self.entry(17)
    other.account = "nobody.at.all"
    var forger = LeafSealer(context: context, auditKey: audit.sealingKey, auditEpoch: 1)
    var forged = leaves
    forged[17] = try forger.seal(other, index: 17, nowNanoseconds: Self.second)
    let files = try signed(forged)
    #expect(
      opensAll(forged) && fault(files, since: nil) == nil, "alone it looks whole: that is why checkpoints are kept")
    #expect(fault(files) == LogError(.inconsistent, ""))
    // Without a new signature it does not even stand alone.
    files[TilePath.checkpoint] = honest[TilePath.checkpoint]
    #expect(fault(files, since: nil) != nil)
    // Ciphertext that is changed in place opens for nobody.
    var flipped = leaves
    flipped[17][300] ^= 1
    #expect(!opensAll(flipped))
    #expect(fault(try signed(flipped)) == LogError(.inconsistent, ""))
  }

  @Test("P4 Entries cut from the end are missed by whoever has a checkpoint that names them")
  func truncated() throws {
    let cut = try signed(Array(leaves.prefix(Self.saved - 1)))
    #expect(fault(cut, since: nil) == nil)
    #expect(fault(cut) == LogError(.rolledBack, ""))
    #expect(fault(try signed([])) == LogError(.rolledBack, ""))
    // Cut and grown again past the checkpoint is a fork.
    var sealer = LeafSealer(context: context, auditKey: nextAudit.sealingKey, auditEpoch: 2)
    var grown = Array(leaves.prefix(Self.saved - 1))
    for index in UInt64(grown.count)..<UInt64(Self.count) {
      grown.append(try sealer.seal(Self.entry(index), index: index, nowNanoseconds: Self.second))
    }
    #expect(opensAll(grown))
    #expect(try fault(signed(grown)) == LogError(.inconsistent, ""))
    #expect(
      fault(try signed(Array(grown.prefix(Self.saved)))) == LogError(.inconsistent, ""), "equal size, another root")
  }

  @Test("P4 The same entries sealed anew under younger log keys are another log")
  func resealed() throws {
    var sealer = LeafSealer(context: context, auditKey: nextAudit.sealingKey, auditEpoch: 2)
    let younger = try (0..<UInt64(Self.count)).map {
      try sealer.seal(Self.entry($0), index: $0, nowNanoseconds: 1_000 * Self.second)
    }
    var opener = opener()
    for (index, leaf) in younger.enumerated() {
      #expect(try opener.open(leaf, index: UInt64(index)) == Self.entry(UInt64(index)))
    }
    #expect(fault(try signed(younger), since: nil) == nil)
    #expect(fault(try signed(younger)) == LogError(.inconsistent, ""))
    // One alone as well, its content unchanged.
    var one = leaves
    one[3] = younger[3]
    #expect(fault(try signed(one)) == LogError(.inconsistent, ""))
  }

  @Test("P4 Swapped epochs, log keys and entries open nothing, and are no continuation")
  func swapped() throws {
    // The header names the epoch and holds the log key: exchanged between an entry of each epoch.
    var epochs = leaves
    let (before, after) = (leaves[149], leaves[150])
    epochs[149] = Array(after.prefix(LeafHeader.byteCount)) + before.dropFirst(LeafHeader.byteCount)
    epochs[150] = Array(before.prefix(LeafHeader.byteCount)) + after.dropFirst(LeafHeader.byteCount)
    // The number alone.
    var numbers = leaves
    numbers[149][9] = 2
    numbers[150][9] = 1
    // Two entries of one log key, each in the other's place.
    var places = leaves
    places.swapAt(20, 21)
    for swapped in [epochs, numbers, places] {
      var opener = opener()
      let refused = swapped.indices.filter {
        swapped[$0] != leaves[$0] && (try? opener.open(swapped[$0], index: UInt64($0))) == nil
      }
      #expect(refused.count == 2)
      #expect(fault(try signed(swapped)) == LogError(.inconsistent, ""))
    }
  }
}
