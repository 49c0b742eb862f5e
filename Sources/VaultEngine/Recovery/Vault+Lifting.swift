import VaultCrypto
import VaultModel
import VaultStore

extension Vault {
  /// Records that are kept to named people rather than to their programme.
  func restrictedRecords() throws(VaultError) -> [(head: RecordHead, rowVersion: UInt64)] {
    try read("A record") { view in
      var found: [(head: RecordHead, rowVersion: UInt64)] = []
      try view.forEach(.record) { row in
        let head = try RecordHead(decoding: keys.openMetadata(row, table: .record))
        if head.terms.isRestricted { found.append((head, row.version)) }
      }
      return found
    }
  }

  /// Everybody whom these records were kept to is out, and the new people are not theirs to choose by name before they
  /// have enrolled: each record becomes its programme's, which is the new supervisor alone, sealed anew under the new
  /// epoch's keys. Whoever was barred stays so.
  func lift(
    _ restricted: [(head: RecordHead, rowVersion: UInt64)], opening seed: RecoverySeed,
    to fresh: [Compartment: CompartmentKey], now: Timestamp
  ) throws(VaultError) -> [RowChange] {
    try read("A section") { view in
      var changes: [RowChange] = []
      for (head, rowVersion) in restricted {
        var rows = RecordRows(after: head, keys: keys)
        rows.head.changed = now
        rows.head.terms.named = []
        rows.head.terms.referrals = []
        rows.head.terms.emergencies = []
        for part in head.parts where part.recipient == .recovery {
          let compartment = head.compartment(of: part.section)
          guard let key = fresh[compartment], let wrap = try view.row(.wrap, RecordRows.wrapKey(keys, head.id, part)),
            SHA256.hash(wrap.body) == part.wrapHash,
            let body = try view.row(
              .section, RecordRows.sectionKey(keys, head.id, part.section, version: part.version)),
            SHA256.hash(body.body) == part.bodyHash
          else { throw VaultError.tampered("A section") }
          var json = try SealedBody.openSection(
            body.body, hash: part.bodyHash, wrap: wrap.body, at: RecordRows.place(head, part, vault: keys.vault),
            with: .person(seed.opening), outerWrap: keys.outerWrap
          ) { name in try author(name, in: compartment, view) }.copyBytes()
          defer { wipe(&json) }
          try rows.put(
            part.section, Vault.object(json),
            for: [RecordRows.Wrap(recipient: .compartment(compartment), sealer: .member(key))], card: .member(key))
        }
        changes += rows.changes + rows.headChanges(expect: .version(rowVersion))
      }
      return changes
    }
  }
}
