@testable import VaultEngine

/// Ordinary memory in the place of guarded memory, which remembers what was wiped and can be told to be scarce.
struct PlainArena: SearchArena {
  private(set) var bytes: [UInt8]
  private(set) var wiped: [Range<Int>] = []
  var byteCountMax: Int

  init(byteCount: Int = 0, byteCountMax: Int = .max) {
    bytes = [UInt8](repeating: 0, count: byteCount)
    self.byteCountMax = byteCountMax
  }

  var byteCount: Int { bytes.count }

  func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    try body(bytes.span)
  }

  mutating func withMutableBytes<R, E: Error>(
    _ body: (inout MutableSpan<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    var span = bytes.mutableSpan
    return try body(&span)
  }

  mutating func grow(toByteCount byteCount: Int) throws(SearchError) {
    guard byteCount <= byteCountMax else { throw SearchError(.arenaFull) }
    bytes += [UInt8](repeating: 0, count: max(0, byteCount - bytes.count))
  }

  mutating func wipe(_ range: Range<Int>) {
    wiped.append(range)
    for place in range { bytes[place] = 0 }
  }
}

/// An index over invented people, by the order they are given in.
func makeIndex(_ cards: [(names: [String], year: Int?, phones: [String])]) throws -> CardIndex<PlainArena> {
  var index = CardIndex(arena: PlainArena())
  for (number, card) in cards.enumerated() {
    let names = try card.names.map { try IdentityCard.Name(text: $0, kind: .legal) }
    let contact = try ContactCard(phones: card.phones, contactWarning: nil)
    try index.insert(
      record: UInt64(number), identity: IdentityCard(names: names, yearOfBirth: card.year).encoded(),
      contact: contact.encoded())
  }
  return index
}

/// Whether a query finds the one name.
func finds(_ query: String, _ name: String) throws -> Bool {
  let index = try makeIndex([([name], nil, [])])
  return try !index.search(SearchTerms(parsing: query), limit: 1).isEmpty
}
