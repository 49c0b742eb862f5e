import VaultCrypto
public import VaultModel
import VaultStore

extension Vault {
  public struct Match: Sendable {
    public let id: RecordID
    public let programme: ProgrammeID
    public let name: String
    public let yearOfBirth: Int?
    public let matchedOn: [String]
    public let contactWarning: String?
    public let flags: [RecordFlag]
  }

  public static let matchesDefault = 20
  public static let matchesMax = 200

  /// Finds records by half-remembered names, digits of a telephone number or a year, among the cards of the programmes
  /// that the caller may search. Terms lie beside the log; the entry names every record that was answered.
  public func search(
    _ terms: String, programme: ProgrammeID?, born: ClosedRange<Int>?, limit: Int?, by caller: Caller
  ) async throws(VaultError) -> Witnessed<[Match]> {
    try await witnessed(.recordSearch, caller) { entry throws(VaultError) in
      let session = try session(caller, into: &entry)
      entry.programme = programme?.description
      if let programme {
        try gate.check(session, .search, in: programme)
        try gate.check(session, .read, .identity, in: programme)
      } else {
        try gate.check(session, .search)
      }
      let limit = min(max(limit ?? Vault.matchesDefault, 1), Vault.matchesMax)
      let parsed: SearchTerms
      do throws(SearchError) { parsed = try SearchTerms(parsing: terms) } catch { throw VaultError.searchTerms(error) }
      try beside(terms, &entry)
      var found: [(match: CardMatch, programme: ProgrammeID)] = []
      for programme in programme.map({ [$0] }) ?? session.programmes
      where gate.allows(session, .read, .identity, in: programme) {
        let hidden = hiddenFromSearch(of: session, in: programme)
        let matches = try withCards(of: programme, for: session) {
          $0.search(parsed, born: born, excluding: hidden, limit: limit)
        }
        found += matches.map { ($0, programme) }
      }
      found += try searchShared(parsed, programme: programme, born: born, limit: limit, for: session)
      found.sort { ($0.match.score, $1.match.record) > ($1.match.score, $0.match.record) }
      let now = clock.now()
      let answered = found.prefix(limit).map { found in
        Match(
          id: RecordID(bits: found.match.record), programme: found.programme, name: found.match.displayName,
          yearOfBirth: found.match.yearOfBirth, matchedOn: found.match.matchedOn,
          contactWarning: found.match.contactWarning,
          flags: exceptions.flags(of: RecordID(bits: found.match.record), at: now))
      }
      entry.results = answered.map(\.id.description)
      return Witnessed(value: Array(answered), entryIndex: try await submit(entry))
    }
  }

  /// Records that a new one may be about the same person as; nothing where the caller cannot search.
  func possibleDuplicates(
    of sections: [Section: [String: JSONValue]], for session: Session, in programme: ProgrammeID
  ) throws(VaultError) -> [RecordID] {
    guard session.role != .service, let identity = sections[.identity],
      session.held(.section(programme, .identity))?.current != nil
    else { return [] }
    let card: IdentityCard
    do { card = try CardMaking.identityCard(identity) } catch { return [] }
    let contact = sections[.contact].flatMap { try? CardMaking.contactCard($0) }
    guard !card.names.isEmpty else { return [] }
    let hidden = hiddenFromSearch(of: session, in: programme)
    return try withCards(of: programme, for: session) {
      $0.possibleDuplicates(of: card, contact: contact, excluding: hidden, limit: Vault.duplicatesMax)
    }.map { RecordID(bits: $0.record) }
  }

  /// Besides what is barred, what is kept to named people: those find it among what is shared with them.
  private func hiddenFromSearch(of session: Session, in programme: ProgrammeID) -> Set<UInt64> {
    gate.isOn ? exceptions.barred(session.account).union(exceptions.restricted(in: programme)) : []
  }

  private func withCards<R: Sendable>(
    of programme: ProgrammeID, for session: Session, _ body: @Sendable (borrowing CardIndex<GuardedArena>) -> R
  ) throws(VaultError) -> R {
    let hasContact = gate.allows(session, .read, .contact, in: programme)
    return try onStored("A card") {
      try cabinet.search(
        CardCabinet.Drawer(programme: programme, hasContact: hasContact),
        load: { insert in
          // One snapshot for all: entering a read costs more than the read.
          try store.read { view in
            let unnamed = try IdentityCard(names: [], yearOfBirth: nil).encoded()
            for id in directory.all(of: programme) {
              guard let place = try recordPlace(id, in: view) else { throw VaultError.tampered("A record") }
              guard case .head(let head) = place else { continue }
              guard !head.terms.isRestricted else { continue }
              let identity = try card(.identity, of: head, for: session, in: view)
              let contact = hasContact ? try card(.contact, of: head, for: session, in: view) : nil
              try insert(id, head.version, identity ?? unnamed, contact)
            }
          }
        }, body)
    }
  }

  /// A card's bytes; nil where the record has none.
  func card(_ section: Section, of head: RecordHead, for session: Session) throws(VaultError) -> [UInt8]? {
    try read("A card") { view in try card(section, of: head, for: session, in: view) }
  }

  private func card(
    _ section: Section, of head: RecordHead, for session: Session, in view: borrowing ReadView
  ) throws -> [UInt8]? {
    guard let part = head.cards.first(where: { $0.section == section }) else { return nil }
    let compartment = Compartment.section(head.programme, section)
    let held = session.held(compartment)?.keys ?? [:]
    let place = SealedBody.Place(
      vault: keys.vault, record: head.id, section: section, version: part.version, compartment: compartment)
    guard let row = try view.row(.card, RecordRows.cardKey(keys, head.id, section)), row.version == part.version,
      SHA256.hash(row.body) == part.bodyHash
    else { throw VaultError.tampered("A card") }
    try demandKey(for: row.body, of: compartment, among: held, in: view)
    return try SealedBody.openCard(row.body, at: place, with: held, outerWrap: keys.outerWrap) { name in
      try author(name, in: compartment, view)
    }.copyBytes()
  }
}

extension VaultError {
  fileprivate static func searchTerms(_ error: SearchError) -> VaultError {
    switch error.code {
    case .queryTooLong:
      VaultError(.invalid, "The terms are longer than \(SearchTerms.queryByteCountMax) bytes.", field: "terms")
    case .tooManyWords: VaultError(.invalid, "There are more than \(SearchTerms.wordCountMax) words.", field: "terms")
    default:
      VaultError(
        .invalid, "There is nothing to search for.",
        hint: "Give a name in any script, digits of a telephone number, or a year.",
        field: "terms")
    }
  }
}
