import Foundation
import Glibc
import Synchronization
import Testing
import VaultAPI
import VaultClient
import VaultCrypto
import VaultModel

@testable import AccessLog

extension EndToEnd {
  /// Whoever takes the machine while it runs gets the key of the last second, and of nothing that was before.
  @Suite("P5 The daemon cannot read back what it wrote")
  struct Forgetting {
    private static let entryCount = 1_000

    private static let mayLook: Bool = {
      let child = Process()
      child.executableURL = URL(fileURLWithPath: "/bin/sleep")
      child.arguments = ["20"]
      guard (try? child.run()) != nil else { return false }
      defer { child.terminate() }
      return (try? ProcessMemory(of: child.processIdentifier)) != nil && getuid() == 0
    }()

    @Test(
      "P5 all memory of the daemon and its database open no entry older than the last log key; auditors open all",
      .enabled(if: mayLook, "reading another process's memory needs root and ptrace"))
    func memoryOpensNothingOld() async throws {
      let vault = try await RunningVault.staffed()
      // Another process than the one that founded: no auditor has ever logged in to it.
      try await vault.stop()
      try await vault.serve()
      let client = VaultClient(socket: vault.socket)
      defer { client.close() }
      var phrase = try [UInt8](Data(contentsOf: URL(fileURLWithPath: vault.passphraseFile("officer"))))
      while phrase.last == UInt8(ascii: "\n") { phrase.removeLast() }
      let session = try await client.login(account: "officer", .passphrase(WipedBytes(taking: &phrase)))
      client.session = session.token
      let first = try await client.status().logSize
      for _ in 0..<Self.entryCount { _ = try await client.programmes() }
      let old = first + 17
      // The last log key's second is over; the next entry is the first of a new one.
      try await Task.sleep(for: .milliseconds(1_600))
      _ = try await client.programmes()
      let newest = try await client.status().logSize - 1

      let daemon = try #require(vault.served)
      kill(daemon.identifier, SIGSTOP)
      let memory: ProcessMemory
      do { memory = try ProcessMemory(of: daemon.identifier) } catch {
        kill(daemon.identifier, SIGCONT)
        throw error
      }
      let files = try FileManager.default.contentsOfDirectory(at: vault.data, includingPropertiesForKeys: nil)
        .map { [UInt8](try Data(contentsOf: $0)) }
      kill(daemon.identifier, SIGCONT)

      // Leaves as anybody exports them, and the context that they are bound to.
      try await vault.login("auditor")
      let export = vault.terminal.appendingPathComponent("export").path
      _ = try await vault.sh("log", "export", export, as: "auditor")
      let log = try ExportedLeaves(export, vault: try await client.status().vault)
      let target = try Target(log, old)
      let control = try Target(log, newest)

      #expect(memory.byteCount > 4 << 20, "a daemon has more memory than this")
      let found = await Trial.keys(of: control, among: memory.regions, step: 8)
      #expect(found > 0, "the key of the last second is there: the same search finds what can be found")
      #expect(await Trial.keys(of: target, among: memory.regions, step: 8) == 0, "memory opens an old entry")
      #expect(files.contains { $0.count > 1 << 19 })
      #expect(await Trial.keys(of: target, among: files, step: 1) == 0, "the database opens an old entry")

      let listed = try await vault.sh("log", as: "auditor")
      let indexes = listed["entries"]?.arrayValue?.compactMap { $0["index"]?.integerValue } ?? []
      #expect(Array(indexes.prefix(Int(newest) + 1)) == Array(0...Int64(newest)), "auditors open all of them")
    }
  }
}

/// The leaves of an export directory.
private struct ExportedLeaves {
  let leaves: [[UInt8]]
  let context: LogContext

  init(_ directory: String, vault: String) throws {
    let note = try [UInt8](Data(contentsOf: URL(fileURLWithPath: directory + "/checkpoint")))
    let lines = String(decoding: note, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let size = try #require(UInt64(lines[1]))
    context = try LogContext(
      vaultID: stride(from: 0, to: vault.utf8.count, by: 2).map { place in
        try #require(UInt8(vault.dropFirst(place).prefix(2), radix: 16))
      }, origin: NoteName(String(lines[0])))
    var leaves: [[UInt8]] = []
    for index in 0..<(size + 255) / 256 {
      let tile = try #require(Tile(level: 0, index: index, inTreeOf: size))
      let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(TilePath.entries(tile).text)")))
      leaves += try EntryBundle.decode(bytes, count: tile.width)
    }
    self.leaves = leaves
  }
}

/// One leaf that somebody tries to open.
private struct Target: Sendable {
  let leaf: [UInt8]
  let index: UInt64
  let context: LogContext

  init(_ log: ExportedLeaves, _ index: UInt64) throws {
    leaf = try #require(Int(index) < log.leaves.count ? log.leaves[Int(index)] : nil)
    self.index = index
    context = log.context
  }

  /// Whether these 32 bytes open it, as its own key or as the log key that this comes from.
  func opens(with bytes: ArraySlice<UInt8>) -> Bool {
    var entryBytes = Array(bytes)
    var logBytes = entryBytes
    guard let entryKey = try? EntryKey(wiping: &entryBytes) else { return false }
    if (try? entryKey.open(leaf, index: index, context: context)) != nil { return true }
    guard let logKey = try? TransientKey(Plaintext(wiping: &logBytes)) else { return false }
    return (try? EntryKey(logKey: logKey, index: index).open(leaf, index: index, context: context)) != nil
  }
}

/// Tries every window of 32 bytes that could be a key.
private enum Trial {
  /// Different bytes among 32: random ones have 30 on average, and fewer than this once in 10⁹.
  private static let differentCountMin = 20

  /// How many windows open the target; each distinct one is tried once.
  static func keys(of target: Target, among regions: [[UInt8]], step: Int) async -> Int {
    await withTaskGroup(of: Int.self) { group in
      for region in regions {
        // Pieces of a size that two cores share evenly; a window may reach into the next.
        for start in stride(from: 0, to: region.count, by: 4 << 20) {
          let piece = region[start..<min(region.count, start + (4 << 20) + 31)]
          group.addTask { count(target, in: piece, step: step) }
        }
      }
      return await group.reduce(0, +)
    }
  }

  private static func count(_ target: Target, in piece: ArraySlice<UInt8>, step: Int) -> Int {
    unsafe piece.withUnsafeBytes { bytes in
      var found = 0
      var place = 0
      while place + 32 <= bytes.count {
        if unsafe isPlausible(bytes, place), target.opens(with: piece.dropFirst(place).prefix(32)) { found += 1 }
        place += step
      }
      return found
    }
  }

  private static func isPlausible(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Bool {
    // Most of a memory is noughts, small numbers and pointers, which have two noughts at their upper end: a random word
    // looks like one once in 65,536.
    for word in 0..<4 {
      let value = unsafe bytes.loadUnaligned(fromByteOffset: place + 8 * word, as: UInt64.self)
      if value >> 48 == 0 { return false }
    }
    var seen: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    for index in place..<place + 32 {
      let byte = unsafe bytes[index]
      let bit = UInt64(1) << UInt64(byte & 63)
      switch byte >> 6 {
      case 0: seen.0 |= bit
      case 1: seen.1 |= bit
      case 2: seen.2 |= bit
      default: seen.3 |= bit
      }
    }
    return seen.0.nonzeroBitCount + seen.1.nonzeroBitCount + seen.2.nonzeroBitCount + seen.3.nonzeroBitCount
      >= differentCountMin
  }
}
