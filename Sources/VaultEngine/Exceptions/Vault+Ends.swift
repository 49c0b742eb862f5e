import VaultCrypto
import VaultModel
import VaultStore

/// The end of a sharing. The daemon's check refuses from the moment on; then the wraps go, which needs nobody's keys;
/// then the sections are sealed anew, which needs a member's.
extension Vault {
  /// Takes out the wraps that the terms in `rows` do not call for any more, and seals those sections anew as far as the
  /// session can; the rest waits for somebody who can.
  func endAccess(
    into rows: inout RecordRows, from head: RecordHead, by session: Session?, _ entry: inout PendingEntry
  ) throws(VaultError) {
    let now = clock.now()
    let exposed = rows.dropUncalled()
    entry.sections = exposed.map(\.rawValue).sorted()
    for section in exposed {
      if let session, canReseal(section, of: head, by: session, at: now) {
        try reseal(section, into: &rows, from: head, by: session, at: now)
      } else {
        rows.head.terms.stale.insert(section)
      }
    }
  }

  func canReseal(_ section: Section, of head: RecordHead, by session: Session, at now: Timestamp) -> Bool {
    gate.allows(session, .write, section, of: head, at: now) && gate.allows(session, .read, section, of: head, at: now)
      && session.held(head.compartment(of: section))?.current != nil
  }

  /// What time brings to exceptions: those that have ended lose their wraps, and sections whose keys others held are
  /// sealed anew as soon as somebody is there who may write them. Call a few times a second.
  public func endExceptions() async {
    let due = exceptions.due(at: clock.now())
    for record in due.ended { await endTimedAccess(to: record) }
    for record in due.stale { await resealStale(record) }
  }

  private func endTimedAccess(to record: RecordID) async {
    let now = clock.now()
    await endAccess(
      to: record, why: "time", by: nil, referral: { $0.until <= now }, emergency: { $0.until <= now })
  }

  /// Whatever was shared with an account by name, once it was suspended or its keys were replaced. For its new keys no
  /// section is sealed anyway, but it would stand in their lists, and they could not open it; and whoever is reinstated
  /// must not come back to what the two who let them in were not told of.
  ///
  /// - Parameter session: of whoever did it. The journal tells of these, as of all that somebody took away.
  func endAccess(of name: AccountName, why: String, by session: Session) async {
    for record in exceptions.concerning(name, []) {
      await endAccess(
        to: record, why: why, by: session, referral: { $0.receiver == .account(name) },
        emergency: { $0.account == name })
    }
  }

  private func endAccess(
    to record: RecordID, why: String, by session: Session?, referral isOver: (RecordTerms.Referral) -> Bool,
    emergency hasEnded: (RecordTerms.Emergency) -> Bool
  ) async {
    var entry = PendingEntry(.referralEnd)
    entry.record = record.description
    entry.account = session?.account.description
    entry.uid = session?.uid
    _ = try? await changeTerms(of: record, for: nil, &entry) { (head, rows, entry) throws(VaultError) in
      entry.programme = head.programme.description
      let referrals = head.terms.referrals.filter(isOver)
      let ended =
        referrals.map(\.receiver.words)
        + head.terms.emergencies.filter(hasEnded).map { "break-glass of account:\($0.account)" }
      guard !ended.isEmpty else { throw VaultError(.conflict, "Nothing has ended.") }
      // What ended a referral too is told as that.
      if referrals.isEmpty { entry.action = .emergencyEnd }
      entry.detail = "\(why): " + ended.joined(separator: ", ")
      rows.head.terms.referrals.removeAll(where: isOver)
      rows.head.terms.emergencies.removeAll(where: hasEnded)
      try endAccess(into: &rows, from: head, by: nil, &entry)
    }
  }

  private func resealStale(_ record: RecordID) async {
    let now = clock.now()
    guard let head = try? recordHead(record)?.head, !head.terms.stale.isEmpty,
      let session = sessions.open.first(where: { session in
        head.terms.stale.contains { canReseal($0, of: head, by: session, at: now) }
      })
    else { return }
    var entry = PendingEntry(.recordReseal)
    entry.record = record.description
    entry.account = session.account.description
    entry.uid = session.uid
    entry.detail = "in an open session"
    _ = try? await changeTerms(of: record, for: session, &entry) { (head, rows, entry) throws(VaultError) in
      let now = clock.now()
      entry.programme = head.programme.description
      let sections = head.terms.stale.filter { canReseal($0, of: head, by: session, at: now) }
      guard !sections.isEmpty else { throw VaultError(.conflict, "Nothing is left to seal.") }
      entry.sections = sections.map(\.rawValue).sorted()
      for section in sections {
        // A section that went meanwhile needs no key.
        rows.head.terms.stale.remove(section)
        try reseal(section, into: &rows, from: head, by: session, at: now)
      }
    }
  }
}
