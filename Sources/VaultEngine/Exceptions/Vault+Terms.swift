import VaultCrypto
import VaultModel
import VaultStore

/// Writing what a record's terms call for: who a section's key is wrapped for, and a head with other terms.
extension Vault {
  /// A change of terms that meets somebody else's edit is made again on what that left, this many times.
  private static let termsAttemptCountMax = 4

  /// Seals a section anew for everybody whom the record's terms name, and for nobody else.
  func seal(
    _ section: Section, _ values: [String: JSONValue], into rows: inout RecordRows, by session: Session,
    at now: Timestamp
  ) throws(VaultError) {
    let head = rows.head
    rows.rest(on: section, heldBy: session)
    let (wraps, card) = try wraps(of: section, of: head, by: session, at: now)
    try Vault.onSealing(section) { try rows.put(section, values, for: wraps, card: card) }
  }

  /// Opens a section and seals the same under a fresh key.
  func reseal(
    _ section: Section, into rows: inout RecordRows, from head: RecordHead, by session: Session, at now: Timestamp
  ) throws(VaultError) {
    guard var json = try open(section, of: head, for: session) else { return }
    defer { wipe(&json) }
    try seal(section, Vault.object(json), into: &rows, by: session, at: now)
  }

  private func wraps(
    of section: Section, of head: RecordHead, by session: Session, at now: Timestamp
  ) throws(VaultError) -> (wraps: [RecordRows.Wrap], card: SealedBody.Sealer?) {
    var wraps: [RecordRows.Wrap] = []
    var card: SealedBody.Sealer?
    if head.terms.isRestricted {
      wraps += try standingPersons(of: section, of: head, by: session, at: now)
    } else {
      let compartment = head.compartment(of: section)
      let sealer = try sealer(for: session, compartment)
      wraps.append(RecordRows.Wrap(recipient: .compartment(compartment), sealer: sealer))
      card = sealer
    }
    for referral in head.terms.referrals(at: now) where referral.sections.contains(section) {
      try read("A referral") { view in try trust.demandSigned(referral, of: head, in: view) }
      if let wrap = try wrap(of: section, for: referral, of: head, by: session) { wraps.append(wrap) }
    }
    for emergency in head.terms.emergencies(at: now) {
      let keys = try read("An emergency") { view in try trust.keys(letInBy: emergency, to: head, in: view) }
      if let wrap = try wrap(for: emergency.account, under: keys, of: section, of: head, by: session) {
        wraps.append(wrap)
      }
    }
    // Whoever is named twice has one wrap.
    var seen: Set<WrapRecipient> = []
    return (wraps.filter { seen.insert($0.recipient).inserted }, card)
  }

  /// Whoever was named and is a member still: a leaver gets nothing of what is written afterwards (P8). The recovery seed,
  /// which the compartment's wrap would have reached (P9).
  private func standingPersons(
    of section: Section, of head: RecordHead, by session: Session, at now: Timestamp
  ) throws(VaultError) -> [RecordRows.Wrap] {
    var wraps: [RecordRows.Wrap] = []
    let members = try readers(of: head.compartment(of: section), at: now)
    for name in head.terms.named {
      guard let keys = members[name] else { continue }
      if let wrap = try wrap(for: name, under: keys, of: section, of: head, by: session) { wraps.append(wrap) }
    }
    guard !wraps.isEmpty else {
      throw VaultError(
        .conflict, "Nobody whom this record is kept to is a member of its programme any more.",
        hint: "Let one of them in again, who opens it and can share it: vaultsh grant NAME.")
    }
    if let recovery = try read("A recovery", { view in try trust.recoveries(in: view).newest }) {
      let (signing, account) = try signer(session)
      wraps.append(
        RecordRows.Wrap(
          recipient: .recovery, sealer: .toPerson(signing, account: account, key: recovery.sealing)))
    }
    return wraps
  }

  /// Accounts that read a compartment now, with the keys that they are members under.
  func readers(of compartment: Compartment, at now: Timestamp) throws(VaultError) -> [AccountName: MemberKeys] {
    try read("A manifest") { view in try readers(of: compartment, at: now, in: view) }
  }

  func readers(
    of compartment: Compartment, at now: Timestamp, in view: borrowing ReadView
  ) throws -> [AccountName: MemberKeys] {
    let manifest = try trust.manifest(compartment, in: view)
    var readers: [AccountName: MemberKeys] = [:]
    for member in manifest?.manifest.members ?? [] where member.verbs.contains(.read) && member.isCurrent(at: now) {
      if let name = member.accountName { readers[name] = member.keys }
    }
    return readers
  }

  /// nil where the receiver has no key for it.
  func wrap(
    of section: Section, for referral: RecordTerms.Referral, of head: RecordHead, by session: Session
  ) throws(VaultError) -> RecordRows.Wrap? {
    switch referral.receiver {
    case .account(let name):
      guard let keys = referral.keys else { return nil }
      return try wrap(for: name, under: keys, of: section, of: head, by: session)
    case .programme(let programme):
      let compartment = Compartment.section(programme, section)
      guard let manifest = try read("A manifest", { view in try trust.manifest(compartment, in: view) }) else {
        return nil
      }
      let (signing, account) = try signer(session)
      return RecordRows.Wrap(
        recipient: .compartment(compartment),
        sealer: .writer(
          signing, account: account, publicKey: manifest.manifest.publicKey, epoch: manifest.manifest.epoch))
    }
  }

  /// nil for an account that may not read the section, is barred from the record, or is not active any more; and for one
  /// whose keys were replaced: an administrator alone does that, so whoever lets the person in has to do it anew.
  func wrap(
    for name: AccountName, under keys: MemberKeys, of section: Section, of head: RecordHead, by session: Session
  ) throws(VaultError) -> RecordRows.Wrap? {
    guard try read("An account", { view in try mayHold(name, under: keys, section, of: head, in: view) }) else {
      return nil
    }
    let (signing, author) = try signer(session)
    return RecordRows.Wrap(recipient: .person(name), sealer: .toPerson(signing, account: author, key: keys.sealing))
  }

  /// Whether an account is given a wrap of a section under these keys.
  func mayHold(
    _ name: AccountName, under keys: MemberKeys, _ section: Section, of head: RecordHead, in view: borrowing ReadView
  ) throws -> Bool {
    guard let account = try trust.account(name, in: view) else { return false }
    return account.state == .active && account.keys == keys && !head.terms.isBarred(name)
      && RoleTable.standard.allows(account.role, .read, in: section)
  }

  func signer(_ session: Session) throws(VaultError) -> (SigningKey, AccountName) {
    guard let secrets = session.secrets else { throw VaultError(.loginNeeded, "The session has ended.") }
    return (secrets.signing, session.account)
  }

  /// Writes a next version of a record whose terms `change` alters, with the entry about it. Where somebody else wrote in
  /// between, `change` is asked again about what they left.
  ///
  /// - Returns: the entry's index, and the head as it is now.
  func changeTerms(
    of id: RecordID, for session: Session?, _ entry: inout PendingEntry,
    _ change: (RecordHead, inout RecordRows, inout PendingEntry) throws(VaultError) -> Void
  ) async throws(VaultError) -> (index: UInt64, head: RecordHead) {
    for attempt in 1...Vault.termsAttemptCountMax {
      guard let (head, rowVersion) = try recordHead(id) else { throw .noRecord() }
      if let session { try gate.checkExists(session, head) }
      var rows = RecordRows(after: head, keys: keys)
      try change(head, &rows, &entry)
      entry.epochs = rows.epochs
      do throws(VaultError) {
        let index = try await submit(
          entry, changes: rows.changes + rows.headChanges(expect: .version(rowVersion)))
        exceptions.set(rows.head)
        if let session { try updateCards(of: rows, session: session) }
        return (index, rows.head)
      } catch {
        guard error.code == .conflict, attempt < Vault.termsAttemptCountMax else {
          throw error.code == .conflict
            ? VaultError(.stale, "The record is being changed by others at this moment.") : error
        }
      }
    }
    throw VaultError(.stale, "The record is being changed by others at this moment.")
  }
}
