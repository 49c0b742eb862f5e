import VaultCrypto
import VaultModel
import VaultStore

/// Who opens a record that is kept to named people. Its sections' keys are wrapped for them alone: what one of them does
/// not open waits for another, and what none of them opens is closed to everybody.
extension Vault {
  /// Named people for whom a section would be sealed now, with the keys that they are members under.
  private func namedReaders(
    of section: Section, of head: RecordHead, at now: Timestamp, in view: borrowing ReadView
  ) throws -> [AccountName: MemberKeys] {
    let members = try readers(of: head.compartment(of: section), at: now, in: view)
    var named: [AccountName: MemberKeys] = [:]
    for name in head.terms.named {
      guard let keys = members[name], try mayHold(name, under: keys, section, of: head, in: view) else { continue }
      named[name] = keys
    }
    return named
  }

  /// Of these, whoever opens the section as it is sealed.
  private func holders(
    of section: Section, of head: RecordHead, at now: Timestamp, in view: borrowing ReadView
  ) throws -> Set<AccountName> {
    try holders(of: section, of: head, among: namedReaders(of: section, of: head, at: now, in: view), in: view)
  }

  private func holders(
    of section: Section, of head: RecordHead, among named: [AccountName: MemberKeys], in view: borrowing ReadView
  ) throws -> Set<AccountName> {
    var holders: Set<AccountName> = []
    for (name, keys) in named where try isWrapped(section, of: head, for: name, under: keys, in: view) {
      holders.insert(name)
    }
    return holders
  }

  /// Whether there is a section that none of the named people opens.
  private func isClosed(_ head: RecordHead, at now: Timestamp, in view: borrowing ReadView) throws -> Bool {
    for section in Section.allCases where head.body(of: section) != nil {
      if try holders(of: section, of: head, at: now, in: view).isEmpty { return true }
    }
    return false
  }

  private func isWrapped(
    _ section: Section, of head: RecordHead, for name: AccountName, under keys: MemberKeys, in view: borrowing ReadView
  ) throws -> Bool {
    for part in head.parts where part.section == section {
      switch part.recipient {
      // Of a restriction that a restore repeated, the programme's wraps stand in for those of the people named.
      case .compartment(head.compartment(of: section)): return true
      case .person(name):
        // Keys that were replaced open what was sealed for them, and nobody has them any more.
        guard let wrap = try view.row(.wrap, RecordRows.wrapKey(self.keys, head.id, part)) else { continue }
        if try SealedBody.keying(of: wrap.body) == .person(keys.sealing) { return true }
      default: continue
      }
    }
    return false
  }

  /// What helps somebody to whom a record was refused that is kept to named people.
  func whoOpens(_ id: RecordID, for session: Session) throws(VaultError) -> String? {
    let now = clock.now()
    return try read("A record") { view -> String? in
      guard let head = try recordHead(id, in: view)?.head, head.terms.isRestricted else { return nil }
      if try isClosed(head, at: now, in: view) {
        let hasEscrow = head.parts.contains { $0.recipient == .recovery }
        let last = hasEscrow ? "only the recovery shares do: vaultd recover." : "nothing does."
        return "Nobody opens all of it now. One of the people named who was shut out does again, once let in with the "
          + "keys they had; where those are gone, \(last)"
      }
      if head.terms.named.contains(session.account) {
        return "It is sealed for you by itself, within seconds of another of the people named having a session open."
      }
      return session.role == .supervisor
        ? "Ask one of them: vaultsh access ID tells who they are."
        : "Ask one of them, or the programme's supervisor, who can look up who they are."
    }
  }

  /// Refuses new shares where the present ones alone open a record: nobody would be there to seal it for the new ones.
  func demandHolders(of heads: [RecordHead]) throws(VaultError) {
    let now = clock.now()
    let closed = try read("A record") { view in try heads.first { try isClosed($0, at: now, in: view) } }
    guard let closed else { return }
    throw VaultError(
      .conflict,
      "The record \(closed.id) is kept to people of whom nobody opens it any more: only the present shares do.",
      hint: "Let one of them in again with the keys they had, or recover without --reissue, which gives it to the new "
        + "supervisor.")
  }

  // MARK: Leaving

  /// Records of which this account alone, of the people whom they are kept to, opens some section; ascending. Of what the
  /// asker is barred from, none.
  ///
  /// - Parameter programmes: nil: of all.
  func openedOnly(
    by name: AccountName, in programmes: [ProgrammeID]?, for asker: Session
  ) throws(VaultError) -> [RecordID] {
    let barred = exceptions.barred(asker.account)
    let ids = exceptions.concerning(name, []).filter { !barred.contains($0.bits) }
    guard !ids.isEmpty else { return [] }
    let now = clock.now()
    return try read("A record") { view in
      try ids.filter { id in
        guard let head = try recordHead(id, in: view)?.head, head.terms.named.contains(name),
          programmes?.contains(head.programme) ?? true
        else { return false }
        for section in Section.allCases where head.body(of: section) != nil {
          let openers = try holders(of: section, of: head, at: now, in: view)
          if openers == [name] { return true }
        }
        return false
      }
    }
  }

  /// Refuses what takes somebody's keys away where nobody else opens what is kept to them. A suspension is not refused: it
  /// must not wait, and takes no keys.
  func demandOtherHolders(
    than name: AccountName, in programmes: [ProgrammeID]?, for asker: Session, otherwise hint: String
  ) throws(VaultError) {
    let records = try openedOnly(by: name, in: programmes, for: asker)
    guard let first = records.first else { return }
    let words = records.count == 1 ? "The record \(first) is" : "\(records.count) records, \(first) among them, are"
    throw VaultError(
      .conflict, "\(words) kept to named people of whom nobody else opens all of it.",
      hint: "Have a supervisor who is named keep it to others too: vaultsh restrict ID --to NAME…. If none is, this "
        + "person refers it to one, who gives it back: vaultsh unrestrict ID. \(hint)", field: "account")
  }

  // MARK: Coming back

  /// What was sealed while one of the named people was away, or had other keys, is sealed anew for them too, in the session
  /// of another who opens it. Part of the job that follows a leaving; whoever let them in again has decided about it.
  func sealForReturned() async {
    for record in exceptions.restricted {
      if let head = try? recordHead(record)?.head, let openers = try? halfOpen(head), !openers.isEmpty {
        for session in sessions.open where openers.values.contains(where: { $0.contains(session.account) }) {
          guard !session.isPast(bootNow: clock.bootNanoseconds()), (try? refresh(session)) == true else { continue }
          await sealForReturned(in: record, by: session)
        }
      }
      await Task.yield()
    }
  }

  /// Sections that one of the named people opens and another does not, with those who do.
  private func halfOpen(_ head: RecordHead) throws(VaultError) -> [Section: Set<AccountName>] {
    let now = clock.now()
    return try read("A section") { view in
      var found: [Section: Set<AccountName>] = [:]
      // What is stale is sealed anew anyway.
      for section in Section.allCases where head.body(of: section) != nil && !head.terms.stale.contains(section) {
        let named = try namedReaders(of: section, of: head, at: now, in: view)
        let openers = try holders(of: section, of: head, among: named, in: view)
        if !openers.isEmpty, openers.count < named.count { found[section] = openers }
      }
      return found
    }
  }

  private func sealForReturned(in record: RecordID, by session: Session) async {
    var entry = PendingEntry(.recordReseal)
    entry.record = record.description
    entry.account = session.account.description
    entry.uid = session.uid
    entry.session = session
    entry.detail = "for those named"
    _ = try? await changeTerms(of: record, for: session, &entry) { (head, rows, entry) throws(VaultError) in
      let now = clock.now()
      entry.programme = head.programme.description
      let openers = try halfOpen(head)
      let sections = Section.allCases.filter { section in
        openers[section]?.contains(session.account) == true && canReseal(section, of: head, by: session, at: now)
      }
      guard !sections.isEmpty else { throw VaultError(.conflict, "Nothing is left to seal.") }
      entry.sections = sections.map(\.rawValue).sorted()
      for section in sections {
        try reseal(section, into: &rows, from: head, by: session, at: now)
      }
    }
  }
}
