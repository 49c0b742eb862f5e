import AccessLog
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// Search terms and reasons can be forgotten without touching the log.
@Suite struct TextErasureTests {
  @Test func `P5 Erased texts leave the log as it was: it verifies, and says that they are erased`() async throws {
    let (team, place) = try await Team.copy()
    var erased: [UInt64] = []
    let kept = "দেখা হয়েছে, kept"
    try await place.withVault { vault in
      let officer = try team.seat(.officer, in: vault)
      let auditor = try team.seat(.auditor, in: vault)
      _ = try await vault.search("mahjabin", programme: nil, born: nil, limit: nil, by: officer.caller)
      let reading = try await vault.readRecord(
        team.records[0], sections: [.case],
        by: officer.caller(purpose: .emergency, reason: "She did not come home")
      ).entryIndex
      _ = try await vault.readRecord(
        team.records[0], sections: [.case], by: officer.caller(purpose: .emergency, reason: kept))
      let before = try UnverifiedCheckpoint(encoded: vault.ledger.checkpoint).verified(by: vault.ledger.noteKey)

      var filter = AuditFilter()
      filter.limit = 1000
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      let searches = entries.filter { $0.entry.action == "record.search" && $0.entry.freeText != nil }
      let texts = try (searches + entries.filter { $0.index == reading }).map {
        TextOfEntry(index: $0.index, hash: try #require($0.entry.freeText))
      }
      try #require(texts.count >= 2)
      erased = texts.map(\.index)
      let index = try await vault.eraseTexts(texts, for: name("supervisor"))
      #expect(await refusal { try await vault.eraseTexts([texts[0]], for: name("supervisor")) } == .conflict)

      let after = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      for entry in after where erased.contains(entry.index) { #expect(entry.text == .erased) }
      #expect(after.contains { $0.freeText == kept })
      #expect(after.first { $0.index == index }?.entry.results == erased.map { String($0) })
      #expect(await refusal { try await vault.reveal(erased[0], by: auditor.caller) } == .notFound)
      #expect(entries.allSatisfy { old in after.contains { $0.index == old.index && $0.entry == old.entry } })
      let newest = try UnverifiedCheckpoint(encoded: vault.ledger.checkpoint).verified(by: vault.ledger.noteKey)
      let proof = try await vault.consistencyProof(from: before.size, to: newest.size, by: auditor.caller).value
      try newest.verifyExtends(before, by: proof)
    }
    #expect(try Vault.verify(directory: place.directory, root: place.root).entries > 30)
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      #expect(await refusal { try await vault.reveal(erased[0], by: auditor.caller) } == .notFound)
    }
  }
}
