import Synchronization
import VaultCrypto
import VaultModel
import VaultStore

/// The card indexes of the programmes that somebody with an open session has searched: made at the first search, kept up
/// to date by every write, wiped when the last session of the programme ends.
///
/// Readers without the contact key search an index without telephone numbers, so that a match cannot tell them one.
final class CardCabinet: Sendable {
  struct Drawer: Hashable, Sendable {
    let programme: ProgrammeID
    let hasContact: Bool
  }

  /// A reference, because `~Copyable` values do not fit into dictionaries.
  private final class Index: Sendable {
    let cards = Mutex<CardIndex<GuardedArena>>(CardIndex(arena: GuardedArena()))
    let versions = Mutex<[UInt64: UInt64]>([:])
    let isLoaded = Mutex(false)
  }

  private let drawers = Mutex<[Drawer: Index]>([:])

  /// Searches, loading the drawer first where needed. `load` calls its argument once per record.
  func search<R: Sendable>(
    _ drawer: Drawer, load: (_ insert: (RecordID, UInt64, [UInt8], [UInt8]?) throws -> Void) throws -> Void,
    _ body: @Sendable (borrowing CardIndex<GuardedArena>) throws -> R
  ) throws -> R {
    let index = drawers.withLock { drawers in
      if let index = drawers[drawer] { return index }
      let index = Index()
      drawers[drawer] = index
      return index
    }
    do {
      try index.isLoaded.withLock { isLoaded in
        guard !isLoaded else { return }
        try load { record, version, identity, contact in
          try CardCabinet.put(record, version, identity, contact, into: index)
        }
        isLoaded = true
      }
    } catch {
      drawers.withLock { drawers in if drawers[drawer] === index { drawers[drawer] = nil } }
      throw error
    }
    return try index.cards.withLock { try body($0) }
  }

  /// After a commit. Nothing to do for a drawer that nobody has opened.
  func update(
    _ record: RecordID, in programme: ProgrammeID, version: UInt64, identity: [UInt8]?, contact: [UInt8]?
  ) {
    for hasContact in [true, false] {
      let drawer = Drawer(programme: programme, hasContact: hasContact)
      guard let index = drawers.withLock({ $0[drawer] }) else { continue }
      do {
        try CardCabinet.put(
          record, version, identity ?? CardCabinet.emptyIdentity, hasContact ? contact : nil, into: index)
      } catch {
        // Better to load it all again at the next search than to search half of it.
        drawers.withLock { $0[drawer] = nil }
      }
    }
  }

  /// After a commit that keeps a record to named people: its programme does not find it any more.
  func remove(_ record: RecordID, from programme: ProgrammeID, version: UInt64) {
    for hasContact in [true, false] {
      guard let index = drawers.withLock({ $0[Drawer(programme: programme, hasContact: hasContact)] }) else { continue }
      let isNewer = index.versions.withLock { versions in
        guard versions[record.bits] ?? 0 <= version else { return false }
        versions[record.bits] = version
        return true
      }
      guard isNewer else { continue }
      index.cards.withLock { cards in
        // One that was never in the index needs nothing.
        try? cards.remove(record: record.bits)
      }
    }
  }

  /// Wipes what no open session may search any more.
  func keep(only programmes: Set<ProgrammeID>) {
    drawers.withLock { drawers in drawers = drawers.filter { programmes.contains($0.key.programme) } }
  }

  private static let emptyIdentity = (try? IdentityCard(names: [], yearOfBirth: nil))?.encoded() ?? []

  private static func put(
    _ record: RecordID, _ version: UInt64, _ identity: [UInt8], _ contact: [UInt8]?, into index: Index
  ) throws {
    // A write that commits while the drawer loads may arrive before its older version does.
    let isNewer = index.versions.withLock { versions in
      guard versions[record.bits] ?? 0 <= version else { return false }
      versions[record.bits] = version
      return true
    }
    guard isNewer else { return }
    try index.cards.withLock { cards throws(SearchError) in
      if cards.contains(record.bits) {
        try cards.replace(record: record.bits, identity: identity, contact: contact)
      } else {
        try cards.insert(record: record.bits, identity: identity, contact: contact)
      }
    }
  }
}
