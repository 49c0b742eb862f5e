import AccessLog
import VaultCrypto
import VaultModel

/// A journal as a restore reads it: every line from the backup's own on, in its place and by this vault's hand.
struct JournalReading: Sendable {
  /// Since the backup, in order.
  private(set) var events: [JournalEvent] = []
  /// The end of the file, for a vault that goes on writing to it.
  private(set) var end: JournalLink
  /// The last line was not finished: the host was lost while it was written.
  private(set) var isTorn = false

  /// - Parameters:
  ///   - files: of one journal, in the order in which they were written.
  ///   - backup: what the backup knows of the journal.
  /// - Throws: `integrity` for a journal of another vault, one that was altered, reordered or cut before the backup's end.
  ///   What was cut after it is not noticed here, but by a mark or an anchor that is newer than the last line.
  init(_ files: [[UInt8]], after backup: JournalChain, with keys: StoreKeys) throws(VaultError) {
    var lines: [JournalLine] = []
    for (number, bytes) in files.enumerated() {
      let content = JournalFile.content(bytes)
      guard let read = content.lines else { throw JournalReading.refusal("is not one that a vault wrote") }
      lines += read
      guard content.wholeByteCount < bytes.count else { continue }
      guard number == files.count - 1 else { throw JournalReading.refusal("was cut") }
      isTorn = true
    }
    guard let first = lines.first else { throw JournalReading.refusal("is empty") }
    // The link before the first line: known where the journal begins, or where the backup stood.
    var link: JournalLink?
    if first.ordinal == 1 {
      link = JournalLink.none
    } else if first.ordinal == backup.durable.count + 1 {
      link = backup.durable
    }
    var hasBackup = link == backup.durable
    for line in lines {
      if let known = link {
        guard line.ordinal == known.count + 1 else { throw JournalReading.refusal("lacks lines, or has them twice") }
        let event: JournalEvent
        do { event = try line.opened(after: known.hash, with: keys) } catch {
          throw JournalReading.refusal("is of another vault, or was altered, cut or reordered")
        }
        if line.ordinal > backup.durable.count { events.append(event) }
      }
      link = JournalLink(line)
      hasBackup = hasBackup || link == backup.durable
    }
    guard hasBackup, let link else {
      throw JournalReading.refusal(
        "does not contain the line at which the backup was made: it was cut, or is another one")
    }
    end = link
  }

  private static func refusal(_ what: String) -> VaultError {
    VaultError(
      .integrity, "The journal \(what).",
      hint: "Give every file of the journal, oldest first. If it was altered, somebody wants what it holds undone: "
        + "call the auditor before anything is restored.")
  }

  // MARK: What it means

  /// Accounts that were suspended since and not reinstated.
  var suspended: Set<AccountName> {
    events.reduce(into: []) { names, event in
      guard let account = event.account else { return }
      if event.kind == .suspend { names.insert(account) }
      if event.kind == .reinstate { names.remove(account) }
    }
  }

  /// Programmes that accounts were removed from since; a suspension that made new keys removes, too.
  var revoked: [AccountName: Set<ProgrammeID>] {
    events.reduce(into: [:]) { revoked, event in
      guard event.kind == .revoke || event.kind == .suspend, let account = event.account else { return }
      revoked[account, default: []].formUnion(event.programmes)
    }
  }

  var erased: Set<RecordID> { Set(events.compactMap { $0.kind == .erase ? $0.record : nil }) }

  /// The newest row of each account whose keys or passphrase changed.
  var accounts: [AccountName: [UInt8]] {
    events.reduce(into: [:]) { rows, event in
      if event.kind == .account, let account = event.account { rows[account] = event.state }
    }
  }

  /// The newest terms of each record whose terms were changed by somebody.
  var terms: [RecordID: [UInt8]] {
    events.reduce(into: [:]) { terms, event in
      if event.kind == .terms, let record = event.record { terms[record] = event.state }
    }
  }

  /// How often recovery shares were used after a log had come so far. A backup can be older than the line and newer than
  /// what it tells of: a recovery's line waits for a daemon that keeps a journal.
  func recoveries(after number: UInt64, _ size: UInt64) -> Int {
    events.filter { $0.kind == .recover && ($0.incarnation, $0.logSize) > (number, size) }.count
  }

  /// There are stretches of which the journal knows nothing.
  var hasGap: Bool { events.contains { $0.kind == .gap } }

  /// The newest checkpoint that it holds, as a signed note; nil before the first mark.
  var newestCheckpoint: [UInt8]? { events.last { $0.kind == .mark }?.checkpoint }

  /// Which log its newest line knows, and its size then.
  var reach: (incarnation: UInt64, size: UInt64)? { events.last.map { ($0.incarnation, $0.logSize) } }
}
