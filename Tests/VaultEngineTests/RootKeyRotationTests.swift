import Foundation
import Testing
import VaultCrypto
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// P9: another root key while people work, for whoever holds the present one and for nobody else.
@Suite struct RootKeyRotationTests {
  /// Answers notices until `body` has ended, as the daemon's timer does.
  private func beside<R: Sendable>(_ vault: Vault, _ body: @escaping @Sendable () async throws -> R) async throws -> R {
    let timer = Task {
      while !Task.isCancelled {
        await vault.answerNotices()
        try? await Task.sleep(for: .milliseconds(5))
      }
    }
    defer { timer.cancel() }
    return try await body()
  }

  @Test func `P9 A new root key beside a daemon takes effect at its next start, and nobody's work ends`() async throws {
    let place = try await VaultPlace.founded()
    let vault = try await place.open()
    let supervisor = try await vault.seat(.supervisor)
    let new = RootKey.random()
    let directory = place.directory
    let old = place.root
    let index = try await beside(vault) {
      try await Vault.rotateRootKey(directory: directory, from: old, to: new) {}
    }
    _ = try await vault.programmes(by: supervisor.caller)
    let auditor = try await vault.seat(.auditor)
    var filter = Vault.AuditFilter()
    filter.action = Action.rootKeyRotate.rawValue
    #expect(try await vault.auditEntries(filter, by: auditor.caller).value.entries.map(\.index) == [index])
    await vault.close()
    #expect(await refusal { try await place.open() } == .integrity)
    await (try await place.open(root: new)).close()
    #expect(try Vault.verify(directory: place.directory, root: new).entries > 0)
  }

  @Test func `P9 Nobody without the present root key changes it beside a daemon, and no notice does twice`()
    async throws
  {
    let place = try await VaultPlace.founded()
    let vault = try await place.open()
    let directory = place.directory
    #expect(
      await refusal {
        try await Vault.rotateRootKey(directory: directory, from: .random(), to: .random()) {
          Issue.record("nothing is written for a wrong key")
        }
      } == .integrity)
    // Who knows everything but the store master.
    let stranger = StoreKeys(master: .random(), vault: vault.keys.vault)
    let row = try #require(try vault.store.read { view in try view.row(.meta, OpenedStore.masterKey) })
    let forged = RootKeyNotice(master: .random(), root: .random(), keys: stranger, after: row.version)
    #expect(await refusal { try await vault.note(forged, uid: 0) } == .denied)
    let master = try StoreKeys.openMaster(row.body, root: place.root, vault: vault.keys.vault)
    let good = RootKeyNotice(master: master, root: .random(), keys: vault.keys, after: row.version)
    #expect(try RootKeyNotice(decoding: good.bytes) == good)
    for bytes in [good.bytes + [0], good.bytes.dropLast(), []] {
      #expect(throws: CryptoError.self) { _ = try RootKeyNotice(decoding: Array(bytes)) }
    }
    for ahead in [row.version + 1, row.version - 1] {
      let other = RootKeyNotice(master: master, root: .random(), keys: vault.keys, after: ahead)
      #expect(await refusal { try await vault.note(other, uid: 0) } == .stale)
    }
    _ = try await vault.note(good, uid: 0)
    #expect(await refusal { try await vault.note(good, uid: 0) } == .stale)
    await vault.close()
  }
}
