import VaultCrypto
import VaultModel
import VaultStore

/// What a recovery does with records that are kept to named people.
struct Lifting {
  var changes: [RowChange] = []
  var lifted: [RecordID] = []
  var closed: [RecordID] = []
}

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
  /// epoch's keys. Whoever was barred stays so. What the seed does not open, because it waited to be sealed for it, stays
  /// as it is.
  func lift(
    _ restricted: [(head: RecordHead, rowVersion: UInt64)], opening seed: RecoverySeed,
    to fresh: [Compartment: CompartmentKey], now: Timestamp
  ) throws(VaultError) -> Lifting {
    try read("A section") { view in
      var lifting = Lifting()
      for (head, rowVersion) in restricted {
        guard try isOpened(head, by: seed, in: view) else {
          lifting.closed.append(head.id)
          continue
        }
        var rows = RecordRows(after: head, keys: keys)
        rows.head.changed = now
        rows.head.terms.named = []
        rows.head.terms.referrals = []
        rows.head.terms.emergencies = []
        for part in head.parts where part.recipient == .recovery {
          let compartment = head.compartment(of: part.section)
          guard let key = fresh[compartment] else { throw VaultError.tampered("A section") }
          var json = try open(part, of: head, with: seed, in: view).copyBytes()
          defer { wipe(&json) }
          try rows.put(
            part.section, Vault.object(json),
            for: [RecordRows.Wrap(recipient: .compartment(compartment), sealer: .member(key))], card: .member(key))
        }
        lifting.changes += rows.changes + rows.headChanges(expect: .version(rowVersion))
        lifting.lifted.append(head.id)
      }
      return lifting
    }
  }

  /// A section by its wrap for the recovery seed. `denied` where that is for another seed.
  private func open(
    _ part: RecordHead.Part, of head: RecordHead, with seed: RecoverySeed, in view: borrowing ReadView
  ) throws -> Plaintext {
    guard let wrap = try view.row(.wrap, RecordRows.wrapKey(keys, head.id, part)),
      SHA256.hash(wrap.body) == part.wrapHash,
      let body = try view.row(
        .section, RecordRows.sectionKey(keys, head.id, part.section, version: part.version)),
      SHA256.hash(body.body) == part.bodyHash
    else { throw VaultError.tampered("A section") }
    return try SealedBody.openSection(
      body.body, hash: part.bodyHash, wrap: wrap.body, at: RecordRows.place(head, part, vault: keys.vault),
      with: .person(seed.opening), outerWrap: keys.outerWrap
    ) { name in try author(name, in: head.compartment(of: part.section), view) }
  }

  /// Whether the recovery wraps of a record are for this seed. One of an older seed is as it was written; anything else
  /// that does not open is tampering, and is found when the record is opened.
  private func isOpened(_ head: RecordHead, by seed: RecoverySeed, in view: borrowing ReadView) throws -> Bool {
    guard !head.terms.stale.isEmpty else { return true }
    for part in head.parts where part.recipient == .recovery {
      do { _ = try open(part, of: head, with: seed, in: view) } catch let error as VaultError
        where error.code == .denied
      {
        return false
      }
    }
    return true
  }

  /// The wraps for the recovery seed are signed by people, so that only they exchange them: every section waits to be sealed
  /// anew, which one of those named does by having a session open.
  func markStale(_ restricted: [(head: RecordHead, rowVersion: UInt64)], now: Timestamp) -> [RowChange] {
    restricted.flatMap { head, rowVersion in
      var rows = RecordRows(after: head, keys: keys)
      rows.head.changed = now
      rows.head.terms.stale = Set(Section.allCases.filter { head.body(of: $0) != nil })
      return rows.changes + rows.headChanges(expect: .version(rowVersion))
    }
  }
}
