import VaultCrypto
import VaultModel
import VaultStore

/// What the journal holds, done again to the rows of an older backup, without anybody's keys.
extension Vault {
  struct ReplayedAccounts {
    var changes: [RowChange] = []
    var suspended: [AccountName] = []
    var renewed: [AccountName] = []
    /// Whose requests and approvals end, as they did when these people were shut out or got other keys.
    var voided: Set<AccountName> = []
  }

  /// The rows of accounts whose keys, passphrase or state changed since. An account that the backup does not know yet
  /// cannot come back with it, and one that had not enrolled has no secret that could live again.
  func replayedAccounts(_ reading: JournalReading?) throws(VaultError) -> ReplayedAccounts {
    var replayed = ReplayedAccounts()
    guard let reading else { return replayed }
    let newer = reading.accounts
    for name in reading.suspended.union(newer.keys).sorted() {
      guard let known = try read("An account", { view in try trust.accountWithVersion(name, in: view) }) else {
        continue
      }
      var row = known.row
      var isSuspended = reading.suspended.contains(name)
      if let bytes = newer[name], known.account.hasEnrolled {
        let found = try onStored("The journal") { try AccountRow(decoding: bytes) }
        if try read("An account", { view in try trust.vouches(for: found, of: name, in: view) }) {
          row = found
          // Reinstating takes two people of this vault.
          isSuspended = isSuspended || known.row.state == .suspended
        } else {
          // By keys of an administrator whom the backup does not know: the old ones must not come back for that.
          isSuspended = true
        }
      }
      // A code that ended with the suspension must not count again. Whom the vault waits for it goes on waiting for.
      if isSuspended, row.certificate != nil || !known.account.hasNeverCome { row.state = .suspended }
      if isSuspended {
        replayed.suspended.append(name)
      } else if row.bytes != known.row.bytes {
        replayed.renewed.append(name)
      }
      if row.state != .active || row.certificate != known.row.certificate { replayed.voided.insert(name) }
      if row.bytes != known.row.bytes { replayed.changes.append(accountChange(row, of: name, after: known.version)) }
    }
    return replayed
  }

  /// As an erasure that two people asked for, with a tombstone that names this restore: their request was lost.
  func eraseAgain(_ id: RecordID, log: UInt64) async throws(VaultError) {
    let effect = try read("A record") { view in try erasure(of: id, because: .restore(log: log), in: view) }
    _ = try await submit(effect.entry, changes: effect.changes)
    try await finishErasure(of: id)
  }

  /// Closes a record as it had been closed: the bars as they were last, and no more people let in than both the backup
  /// and the journal let in. A restriction is kept by the daemon's check and by the cards that go, until the first of
  /// those named is there and the sections are sealed anew for them alone.
  ///
  /// - Returns: whether that changed anything.
  func replayTerms(_ bytes: [UInt8], of id: RecordID) async throws(VaultError) -> Bool {
    let last = try onStored("The journal") { try RecordTerms(decoding: bytes) }
    guard let head = try recordHead(id)?.head else { return false }
    let closed = head.terms.closed(as: last)
    guard closed != head.terms else { return false }
    guard closed.isStorable else {
      throw VaultError(
        .conflict, "More people are kept from the record \(id), or it is kept to more, than a record's terms hold.",
        hint: "Restore an older or a newer backup.")
    }
    var entry = PendingEntry(.vaultReplay)
    entry.record = id.description
    entry.programme = head.programme.description
    entry.detail = "terms"
    _ = try await changeTerms(of: id, for: nil, &entry) { (head, rows, entry) throws(VaultError) in
      rows.head.terms = head.terms.closed(as: last)
      if rows.head.terms.isRestricted {
        rows.dropCards()
        // Before the wraps of what ended go: the programme's stand in for those of the people named.
        if rows.head.terms.named != head.terms.named { rows.head.terms.stale.formUnion(head.parts.map(\.section)) }
      }
      try endAccess(into: &rows, from: head, by: nil, &entry)
    }
    return true
  }
}

extension RecordTerms {
  /// These terms, with what took access away in `last`, which are newer.
  func closed(as last: RecordTerms) -> RecordTerms {
    var terms = self
    terms.barred = last.barred
    // Giving a record back to its programme takes the keys of somebody who is named, so a backup's restriction stays.
    if last.isRestricted {
      // Whoever the backup's wraps are for keeps them, or nobody could open what they alone can; the bar closes it to them.
      let left = Set(named).subtracting(last.named)
      terms.named = left.union(last.named).sorted()
      terms.barred = left.union(last.barred).sorted()
    }
    terms.referrals = referrals.compactMap { referral in
      last.referrals.first { $0.receiver == referral.receiver }.flatMap { referral.narrowed(to: $0) }
    }
    terms.emergencies = emergencies.filter(last.emergencies.contains)
    return terms
  }
}
