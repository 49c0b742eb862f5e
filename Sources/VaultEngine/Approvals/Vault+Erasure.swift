import Synchronization
import VaultCrypto
import VaultModel
import VaultStore

extension VaultError {
  /// Named apart from "not found": whoever looks for a survivor has to know that there is nothing left to look for.
  static let erased = VaultError(
    .erased, "This record was erased.", hint: "Nothing of it is left in the vault; the log tells when, and who asked.",
    field: "id")
}

extension Vault {
  /// Rows that one transaction of an erasure changes: half of what a submission may, so that others get their turn. Most
  /// records have a tenth of them; the rest of a longer one follows at once.
  static let erasureChangesMax = StoreLimits.changesPerSubmissionMax / 2

  // MARK: The first transaction

  /// Takes a record out of the live store: its row becomes a tombstone, its cards, sections and wraps of every version go,
  /// and what was remembered of requests about it says nothing any more.
  func erasure(of id: RecordID, because cause: Tombstone.Cause, in view: borrowing ReadView) throws -> ApprovedEffect {
    guard let (head, rowVersion) = try recordHead(id, in: view) else {
      throw VaultError(.notFound, "There is no record of this id.", field: "id")
    }
    var tombstone = Tombstone(
      record: id, programme: head.programme, erased: ledger.now, cause: cause, rest: head.version)
    var changes: [RowChange] = head.cards.map {
      .delete(.card, RecordRows.cardKey(keys, id, $0.section), expect: .any)
    }
    // Wraps that pass are named by the newest head alone.
    changes += head.parts.filter { !head.isStanding($0) }.map {
      .delete(.wrap, RecordRows.wrapKey(keys, id, $0), expect: .any)
    }
    changes += try erasureChanges(&tombstone, room: Vault.erasureChangesMax, in: view)
    changes.append(row(of: tombstone, version: rowVersion + 1))
    let entry = tombstone.entry
    let left = tombstone
    return ApprovedEffect(changes: changes, entry: entry) { [self] in
      forget(.tombstone(left), version: rowVersion + 1)
      if left.rest > 0 { erasures.add([id]) }
    }
  }

  /// What memory keeps of a record that was erased.
  func forget(_ place: RecordPlace, version: UInt64 = .max) {
    directory.remove(place.id, from: place.programme)
    exceptions.remove(place.id, from: place.programme)
    cabinet.remove(place.id, from: place.programme, version: version)
  }

  private func row(of tombstone: Tombstone, version: UInt64) -> RowChange {
    let key = RecordRows.recordKey(keys, tombstone.record)
    return .put(
      .record, key, version: version,
      body: keys.sealMetadata(tombstone.bytes, table: .record, key: key, version: version),
      expect: .version(version - 1))
  }

  /// As many of the rest as there is room for, newest version first, and how many versions are left then.
  private func erasureChanges(
    _ tombstone: inout Tombstone, room: Int, in view: borrowing ReadView
  ) throws -> [RowChange] {
    let id = tombstone.record
    var changes = try forgettingRetries(of: id, room: room / 2, in: view)
    let hasAllRetries = changes.count < room / 2
    while tombstone.rest > (hasAllRetries ? 0 : 1) {
      let key = RecordRows.revisionKey(keys, id, version: tombstone.rest)
      guard let row = try view.row(.revision, key) else { throw VaultError.tampered("A record") }
      let head = try RecordHead(decoding: keys.openMetadata(row, table: .revision))
      guard head.id == id, head.version == tombstone.rest else { throw VaultError.tampered("A record") }
      var version: [RowChange] = [.delete(.revision, key, expect: .version(row.version))]
      let parts = head.parts.filter { $0.version == head.version }
      for section in Set(parts.map(\.section)) {
        version.append(
          .delete(.section, RecordRows.sectionKey(keys, id, section, version: head.version), expect: .any))
      }
      version += parts.map { .delete(.wrap, RecordRows.wrapKey(keys, id, $0), expect: .any) }
      guard changes.count + version.count <= room else { break }
      changes += version
      tombstone.rest -= 1
    }
    return changes
  }

  /// The keyed hashes of what was sent about the record. Their rows stay, so that an import that is run again is told that
  /// the person was erased and does not bring them back.
  private func forgettingRetries(of id: RecordID, room: Int, in view: borrowing ReadView) throws -> [RowChange] {
    var changes: [RowChange] = []
    let blank = [UInt8](repeating: 0, count: SHA256.byteCount)
    try view.forEach(.idempotency) { row in
      guard changes.count < room else { return }
      let memory = try RetryMemory(decoding: keys.openMetadata(row, table: .idempotency))
      guard memory.record == id, memory.requestHash != blank else { return }
      let forgotten = RetryMemory(record: id, version: memory.version, requestHash: blank)
      changes.append(
        .put(
          .idempotency, row.key, version: row.version + 1,
          body: keys.sealMetadata(forgotten.bytes, table: .idempotency, key: row.key, version: row.version + 1),
          expect: .version(row.version)))
    }
    return changes
  }

  // MARK: The rest

  /// Goes on with erasures that did not fit into one transaction, also after a restart; nobody waits for it.
  func continueErasures() {
    guard erasures.begin() else { return }
    Task {
      for id in erasures.waiting {
        // What could not be done now is tried again.
        if (try? await finishErasure(of: id)) != nil { erasures.remove(id) }
      }
      erasures.end()
    }
  }

  /// Takes away what is left of an erased record, a bounded number of rows at a time.
  func finishErasure(of id: RecordID) async throws(VaultError) {
    while let (changes, tombstone) = try nextErasure(of: id) {
      var entry = tombstone.entry
      if case .request(let request) = tombstone.cause { entry.approval = request.description }
      entry.detail = [entry.detail, "rest"].compactMap(\.self).joined(separator: " ")
      _ = try await submit(entry, changes: changes)
    }
  }

  private func nextErasure(of id: RecordID) throws(VaultError) -> (changes: [RowChange], tombstone: Tombstone)? {
    try read("A record") { view in
      guard let row = try view.row(.record, RecordRows.recordKey(keys, id)),
        case .tombstone(var tombstone) = try RecordPlace(decoding: keys.openMetadata(row, table: .record)),
        tombstone.rest > 0
      else { return nil }
      let changes = try erasureChanges(&tombstone, room: Vault.erasureChangesMax, in: view)
      return (changes + [self.row(of: tombstone, version: row.version + 1)], tombstone)
    }
  }
}

extension Tombstone {
  fileprivate var entry: PendingEntry {
    var entry: PendingEntry
    switch cause {
    case .request: entry = PendingEntry(.recordErase)
    case .restore:
      entry = PendingEntry(.vaultReplay)
      entry.detail = "erase"
    }
    entry.record = record.description
    entry.programme = programme.description
    return entry
  }
}

/// Erasures that are not through yet.
final class Erasures: Sendable {
  private struct State {
    var waiting: [RecordID] = []
    var isWorking = false
  }

  private let state = Mutex(State())

  init(_ waiting: [RecordID]) { state.withLock { $0.waiting = waiting } }

  var waiting: [RecordID] { state.withLock(\.waiting) }

  func add(_ records: [RecordID]) { state.withLock { $0.waiting += records } }

  func remove(_ record: RecordID) { state.withLock { $0.waiting.removeAll { $0 == record } } }

  /// Whether there is something to do that nobody does.
  func begin() -> Bool {
    state.withLock { state in
      guard !state.isWorking, !state.waiting.isEmpty else { return false }
      state.isWorking = true
      return true
    }
  }

  func end() { state.withLock { $0.isWorking = false } }
}
