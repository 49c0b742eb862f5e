import VaultCrypto
import VaultModel
import VaultStore

/// What an account reaches by a record's terms rather than by its programme's keys.
extension Vault {
  /// Records that are searched among those shared with one account: each is opened for it.
  static let sharedSearchMax = 500

  /// Records that the session reads through a referral or an emergency, ascending by id.
  ///
  /// - Parameter programme: only what was shared with that programme, or belongs to it.
  func sharedRecords(with session: Session, in programme: ProgrammeID?) throws(VaultError) -> [RecordHead] {
    let now = clock.now()
    return try concerning(session, in: programme).filter { head in
      guard !session.isMember(of: head.programme) else { return false }
      return Section.allCases.contains { gate.way(of: session, to: $0, of: head, at: now) != nil }
    }
  }

  private func concerning(_ session: Session, in programme: ProgrammeID?) throws(VaultError) -> [RecordHead] {
    let ids = exceptions.concerning(session.account, session.programmes)
    guard !ids.isEmpty else { return [] }
    let heads = try read("A record") { view in try ids.compactMap { try recordHead($0, in: view)?.head } }
    guard let programme else { return heads }
    return heads.filter { head in
      head.programme == programme || head.terms.referrals.contains { $0.receiver == .programme(programme) }
    }
  }

  /// Searches what the session reads of records that its programmes' indexes do not hold: the cards are made from the
  /// sections, which the session opens, and forgotten with the answer.
  func searchShared(
    _ terms: SearchTerms, programme: ProgrammeID?, born: ClosedRange<Int>?, limit: Int, for session: Session
  ) throws(VaultError) -> [(match: CardMatch, programme: ProgrammeID)] {
    guard gate.isOn else { return [] }
    let now = clock.now()
    let heads = try concerning(session, in: programme).filter { head in
      // What is in an index that was searched already is not answered twice.
      (head.terms.isRestricted || !gate.allows(session, .read, .identity, in: head.programme))
        && gate.allows(session, .read, .identity, of: head, at: now)
    }
    guard !heads.isEmpty else { return [] }
    var index = CardIndex(arena: GuardedArena())
    for head in heads.prefix(Vault.sharedSearchMax) {
      let identity: [UInt8]?
      do throws(VaultError) { identity = try card(.identity, openingSectionOf: head, for: session) } catch {
        // Let in, and not sealed for yet: whoever was let in again under new keys still finds everything else.
        guard error.code == .denied else { throw error }
        continue
      }
      guard let identity else { continue }
      let contact =
        gate.allows(session, .read, .contact, of: head, at: now)
        ? try card(.contact, openingSectionOf: head, for: session) : nil
      try onStored("A card") { try index.insert(record: head.id.bits, identity: identity, contact: contact) }
    }
    let programmes = Dictionary(heads.map { ($0.id.bits, $0.programme) }) { first, _ in first }
    return index.search(terms, born: born, limit: limit).compactMap { match in
      programmes[match.record].map { (match, $0) }
    }
  }

  private func card(
    _ section: Section, openingSectionOf head: RecordHead, for session: Session
  ) throws(VaultError) -> [UInt8]? {
    guard var json = try open(section, of: head, for: session) else { return nil }
    defer { wipe(&json) }
    let values = try Vault.object(json)
    return try onStored("A section") {
      section == .identity
        ? try CardMaking.identityCard(values).encoded() : try CardMaking.contactCard(values).encoded()
    }
  }
}
