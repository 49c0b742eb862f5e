import Foundation
import Glibc
import Synchronization
import Testing
import VaultCrypto

@testable import VaultEngine
@testable import VaultStore

@Suite("P3 No copy without a witness; P11 a root key that changes is never neither")
struct BackupWitnessTests {
  private struct NoRoom: Error {}

  @Test("the process that makes a backup learns of its entry only once it is durable, and of a refusal at once")
  func witness() async throws {
    let place = try await VaultPlace.founded()
    let failing = Flag()
    let vault = try await place.open(beforeCommit: { if failing.isSet { throw NoRoom() } })
    let box = NoticeBox(data: place.directory)
    let notice = BackupNotice.begin([try #require(AgeIdentity.random().recipient)])
    let index = Task { try await box.deliver(notice) }
    try await answer(vault, until: { !box.waiting().isEmpty })
    let size = vault.ledger.size
    #expect(try await index.value == size - 1)

    failing.set()
    let refused = Task { try await box.deliver(notice) }
    try await answer(vault, until: { !box.waiting().isEmpty })
    await #expect(throws: VaultError(.unavailable, "")) { try await refused.value }
    #expect(vault.ledger.size == size)
    failing.clear()
    #expect(try FileManager.default.contentsOfDirectory(atPath: box.path) == [])
    await vault.close()
  }

  private func answer(_ vault: Vault, until isWaiting: () -> Bool) async throws {
    for _ in 0..<200 where !isWaiting() { try await Task.sleep(for: .milliseconds(10)) }
    try #require(isWaiting())
    await vault.answerNotices()
  }

  @Test("what is no notice, or a file that others could have written, gets no entry")
  func hostileNotices() async throws {
    let place = try await VaultPlace.founded()
    let vault = try await place.open()
    let box = NoticeBox(data: place.directory)
    #expect(unsafe mkdir(box.path, 0o700) == 0)
    let good = BackupNotice.begin([try #require(AgeIdentity.random().recipient)]).bytes
    let bad: [(name: String, bytes: [UInt8], mode: mode_t)] = [
      ("flipped", [good[0] ^ 1] + good.dropFirst(), 0o600), ("cut", good.dropLast(), 0o600),
      ("extended", good + [0], 0o600), ("empty", [], 0o600), ("long", [UInt8](repeating: 1, count: 5000), 0o600),
      ("open", good, 0o644),
    ]
    for (name, bytes, mode) in bad {
      let path = box.path + "/\(name).request"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(unsafe chmod(path, mode) == 0)
    }
    #expect(unsafe symlink("/etc/passwd", box.path + "/link.request") == 0)
    let size = vault.ledger.size
    for _ in 0..<2 { await vault.answerNotices() }
    #expect(vault.ledger.size == size)
    #expect(try FileManager.default.contentsOfDirectory(atPath: box.path).allSatisfy { !$0.hasSuffix(".request") })
    await vault.close()
  }

  @Test("what killed processes left is removed at the next start and the next request; what is waited for stays")
  func leftovers() async throws {
    let place = try await VaultPlace.founded()
    let box = NoticeBox(data: place.directory)
    #expect(unsafe mkdir(box.path, 0o700) == 0)
    func leave() throws {
      let ages: [(name: String, seconds: Double)] = [
        ("1.request.new", 60), ("2.answer", 60), ("3.answer.new", 60), ("4.answer", 0), ("5.request.new", 0),
      ]
      for (name, seconds) in ages {
        let file = box.path + "/" + name
        try Data([1]).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.modificationDate: Date.now - seconds], ofItemAtPath: file)
      }
    }
    func left() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: box.path).sorted() }
    try leave()
    let vault = try await place.open()
    #expect(try left() == ["4.answer", "5.request.new"])
    try leave()
    let notice = BackupNotice.begin([try #require(AgeIdentity.random().recipient)])
    let index = Task { try await box.deliver(notice) }
    try await answer(vault, until: { !box.waiting().isEmpty })
    _ = try await index.value
    #expect(try left() == ["4.answer", "5.request.new"])
    await vault.close()
  }

  @Test("a notice and the row behind status have one encoding each")
  func encodings() throws {
    let file = BackupFile(byteCount: 135_400, digest: [UInt8](repeating: 7, count: 32))
    for notice in [BackupNotice.end(file), .drill(file, vaultID: String(repeating: "ab", count: 32))] {
      #expect(try BackupNotice(decoding: notice.bytes) == notice)
      #expect(throws: (any Error).self) { try BackupNotice(decoding: notice.bytes + [0]) }
      #expect(throws: (any Error).self) { try BackupNotice(decoding: notice.bytes.dropLast()) }
    }
    var state = BackupState()
    #expect(try BackupState(decoding: state.bytes) == state)
    (state.last, state.lastDigest) = (Timestamp(milliseconds: 9), file.digest)
    #expect(try BackupState(decoding: state.bytes) == state)
  }

  @Test("P11 a crash before the row changes leaves the old root key, one after it the new: never neither")
  func rotation() async throws {
    let place = try await VaultPlace.founded()
    let new = RootKey.random()
    let starting = Counter()
    // The entry of the opening commits; the change does not.
    await #expect(throws: VaultError.self) {
      _ = try await Vault.rotateRootKey(
        directory: place.directory, from: place.root, to: new, anchorPath: nil,
        beforeCommit: { if starting.next() == 2 { throw NoRoom() } }, {})
    }
    await #expect(throws: VaultError(.integrity, "")) { try await place.open(root: new) }
    await (try await place.open()).close()

    // Nothing changes under a key that could not be kept.
    await #expect(throws: NoRoom.self) {
      _ = try await Vault.rotateRootKey(directory: place.directory, from: place.root, to: new) { throw NoRoom() }
    }
    await (try await place.open()).close()

    _ = try await Vault.rotateRootKey(directory: place.directory, from: place.root, to: new) {}
    await #expect(throws: VaultError(.integrity, "")) { try await place.open() }
    await (try await place.open(root: new)).close()
    #expect(try Vault.verify(directory: place.directory, root: new).entries > 0)
  }

  @Test("what is done beside the daemon is held against the daemon's anchor, wherever that lies")
  func anchorElsewhere() async throws {
    let place = try await VaultPlace.founded()
    let elsewhere = place.directory + "-elsewhere.anchor"
    var options = Vault.Options()
    options.clock = place.clock.vaultClock
    options.allowsDemo = true
    options.anchorPath = elsewhere
    await (try await Vault.open(directory: place.directory, root: place.root, options: options)).close()
    let new = RootKey.random()
    await #expect(throws: VaultError(.invalid, "")) {
      _ = try await Vault.rotateRootKey(directory: place.directory, from: place.root, to: new) {}
    }
    _ = try await Vault.rotateRootKey(
      directory: place.directory, from: place.root, to: new, anchorPath: elsewhere
    ) {}
    #expect(try Vault.verify(directory: place.directory, root: new, anchorPath: elsewhere).entries > 0)
  }

  @Test("a copy is of one moment, private, and leaves no file behind")
  func copies() async throws {
    let place = try await VaultPlace.founded()
    let vault = try await place.open()
    let before = try FileManager.default.contentsOfDirectory(atPath: place.directory)
    let copy = try StoreCopy(of: place.directory)
    var bytes: [UInt8] = []
    try copy.forEachBlock { bytes += $0 }
    #expect(bytes.count == copy.byteCount)
    #expect(bytes.starts(with: "SQLite format 3\0".utf8))
    let after = try FileManager.default.contentsOfDirectory(atPath: place.directory)
    #expect(Set(after).subtracting(before) == ["backup.lock"])

    // Where it would take the room that records are still written to, it is not begun.
    let total = 1 << 30
    let floor = ReservePlan(totalByteCount: total).floorByteCount
    let refusal = #expect(throws: StoreError.self) {
      let made = try StoreCopy(
        of: place.directory, disk: DiskSpace(freeByteCount: bytes.count + floor - 1, totalByteCount: total))
      _ = made.byteCount
    }
    #expect(refusal?.code == .full)
    #expect(Set(try FileManager.default.contentsOfDirectory(atPath: place.directory)) == Set(after))
    await vault.close()
  }

  @Test("work beside the daemon on a vault whose anchor is missing says so in the log")
  func missingAnchor() async throws {
    let place = try await VaultPlace.founded()
    await (try await place.open()).close()
    try FileManager.default.removeItem(atPath: Vault.anchorPath(besides: place.directory))
    let new = RootKey.random()
    _ = try await Vault.rotateRootKey(directory: place.directory, from: place.root, to: new) {}
    let vault = try await place.open(root: new)
    let auditor = try await vault.seat(.auditor)
    var filter = AuditFilter()
    filter.action = "daemon.start"
    let starts = try await vault.auditEntries(filter, by: auditor.caller).value.entries.compactMap(\.entry.detail)
    #expect(starts.filter { $0.hasPrefix("upkeep ") && $0.hasSuffix(" anchorMissing") }.count == 1, "\(starts)")
    await vault.close()
  }
}

private final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock(\.self) }
  func set() { value.withLock { $0 = true } }
  func clear() { value.withLock { $0 = false } }
}

private final class Counter: Sendable {
  private let value = Mutex(0)
  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}
