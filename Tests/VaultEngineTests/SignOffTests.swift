import AccessLog
import Testing
import VaultModel

@testable import VaultEngine
@testable import VaultStore

/// An auditor's word that they have reviewed the log so far.
@Suite struct SignOffTests {
  @Test func `A sign-off is the log's checkpoint of that size with the auditor's own cosignature`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      #expect(try vault.status().logReviewed == 0)
      for last in [0, 6, 19] as [UInt64] {
        let signed = try await vault.signOff(upTo: last, remark: "Văzut, ঠিক আছে", by: auditor.caller)
        let checkpoint = signed.value.checkpoint
        let checked = try UnverifiedCheckpoint(encoded: checkpoint.encoded)
          .verified(by: vault.ledger.noteKey, cosigners: [signed.value.key])
        #expect(checked.size == last + 1 && checked.cosignatures.count == 1)
        #expect(signed.value.key.key == (try auditor.session).memberKeys.verifying)
        let newest = try UnverifiedCheckpoint(encoded: vault.ledger.checkpoint).verified(by: vault.ledger.noteKey)
        let proof = try await vault.consistencyProof(from: last + 1, to: newest.size, by: auditor.caller).value
        try newest.verifyExtends(checked, by: proof)
        #expect(try vault.status().logReviewed == last + 1)
      }
      let size = vault.ledger.size
      let all = try await vault.signOff(upTo: nil, remark: "", by: auditor.caller)
      #expect(all.value.checkpoint.size == size && all.entryIndex == size && all.value.remark == nil)
      _ = try await vault.signOff(upTo: 2, remark: "", by: auditor.caller)
      #expect(try vault.status().logReviewed == size, "a shorter sign-off takes nothing back")

      let listed = try await vault.signOffs(by: auditor.caller).value
      #expect(listed.signOffs.map(\.checkpoint.size) == [1, 3, 7, 20, size])
      #expect(listed.signOffs.map(\.remark).compactMap(\.self).count == 3)
      var filter = AuditFilter()
      filter.action = "log.signoff"
      let entries = try await vault.auditEntries(filter, by: auditor.caller).value.entries
      #expect(entries.map(\.entry.results) == [["0"], ["6"], ["19"], [String(size - 1)], ["2"]])
      #expect(entries.first?.freeText == "Văzut, ঠিক আছে")
    }
    let report = try Vault.verify(directory: place.directory, root: place.root)
    #expect(report.records == 5 && report.signOffs == 5)
    let again = try await place.withVault { vault in try vault.status().logReviewed }
    #expect(again > 20, "known after a restart")
  }

  @Test func `Sign-offs of what is not there, twice, or by others are refused`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      #expect(await refusal { try await vault.signOff(upTo: 1 << 40, remark: "", by: auditor.caller) } == .invalid)
      #expect(await refusal { try await vault.signOff(upTo: .max, remark: "", by: auditor.caller) } == .invalid)
      let long = String(repeating: "x", count: Vault.remarkByteCountMax + 1)
      #expect(await refusal { try await vault.signOff(upTo: 4, remark: long, by: auditor.caller) } == .invalid)
      #expect(await refusal { try await vault.signOff(upTo: 4, remark: "", by: auditor.caller) } == nil)
      #expect(await refusal { try await vault.signOff(upTo: 4, remark: "", by: auditor.caller) } == .conflict)
      for person in Person.all where person.role != .auditor {
        let seat = try team.seat(person, in: vault)
        #expect(await refusal { try await vault.signOff(upTo: 1, remark: "", by: seat.caller) } == .denied)
        #expect(await refusal { try await vault.signOffs(by: seat.caller) } == .denied)
        #expect(await refusal { try await vault.reveal(1, by: seat.caller) } == .denied)
        #expect(await refusal { try await vault.disclose([1], by: seat.caller) } == .denied)
      }
    }
  }

  @Test func `P4 vaultd verify holds what an auditor signed against the log, with the root key too`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      let secrets = try #require(try auditor.session.secrets)
      // Whoever has the root key and the auditor's signs another past: the same size, another root.
      let other = try VerifiedCheckpoint.signing(
        size: 7, root: TreeHash.leaf([1, 2, 3]),
        with: LogSigner(origin: vault.ledger.context.origin, key: vault.keys.log)
      )
      .cosigned(
        by: Cosigner(
          name: SignOffEntry.cosignerName(auditor.session.account, vault: vault.keys.vault), key: secrets.signing),
        posixSeconds: 1_790_000_000)
      let key = SignOffEntry.key(size: 7, of: 1, account: try auditor.session.account, vault.keys)
      let document = SignOffEntry(account: try auditor.session.account, note: other.encoded, text: nil)
      let body = vault.keys.sealMetadata(document.encoded, table: .meta, key: key, version: 1)
      _ = try await vault.writer.submit(
        changes: [.put(.meta, key, version: 1, body: body, expect: .absent)], entry: PendingEntry(.logSignOff))
    }
    #expect(throws: VaultError(.integrity, "")) { try Vault.verify(directory: place.directory, root: place.root) }
  }

  @Test func `P4 The log's key signs no past that its stored tiles only claim`() async throws {
    let (team, place) = try await Team.copy()
    let vault = try await place.open()
    let auditor = try team.seat(.auditor, in: vault)
    // A leaf of the past is exchanged under a running daemon: the tree of that size is no beginning of this one.
    var leaf = try vault.leaves(3..<4)[0]
    leaf[200] ^= 1
    let change = RowChange.put(.logLeaf, StoreKey.index(3), version: 1, body: leaf, expect: .any)
    _ = try await vault.writer.submit(changes: [change], entry: PendingEntry(.daemonStart))
    #expect(await refusal { try await vault.signOff(upTo: 10, remark: "", by: auditor.caller) } == .integrity)
    #expect(try vault.status().logReviewed == 0)
    await vault.close()
  }

  @Test func `P6 A sign-off that somebody with the root key altered is refused`() async throws {
    let (team, place) = try await Team.copy()
    try await place.withVault { vault in
      let auditor = try team.seat(.auditor, in: vault)
      _ = try await vault.signOff(upTo: 4, remark: "", by: auditor.caller)
    }
    let forger = try Forger(place)
    try forger.forge { transaction in
      let row = try #require(
        try transaction.rows(.meta, prefix: SignOffEntry.keyPrefix, limit: 2).first)
      let entry = try SignOffEntry(decoding: forger.keys.openMetadata(row, table: .meta))
      let forged = SignOffEntry(account: try name(Person.supervisor.name), note: entry.note, text: nil)
      let key = SignOffEntry.key(size: 5, of: 1, account: forged.account, forger.keys)
      try transaction.put(
        .meta, key, version: 1,
        body: forger.keys.sealMetadata(forged.encoded, table: .meta, key: key, version: 1))
    }
    let vault = try await place.open()
    let auditor = try team.seat(.auditor, in: vault)
    #expect(await refusal { try await vault.signOffs(by: auditor.caller) } == .integrity)
    await vault.close()
  }
}
