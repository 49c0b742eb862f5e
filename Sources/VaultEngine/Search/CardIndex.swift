/// The decrypted cards of one programme, searchable, in one arena. Made when a reader's keys are opened and dropped, wiped by
/// its arena, when they are closed. Holds no text outside the arena; its owner synchronises.
public struct CardIndex<Arena: SearchArena & ~Copyable>: ~Copyable {
  struct Slot {
    var record: UInt64
    var offset: Int
    var byteCount: Int
  }

  /// Growth in steps of at least this many bytes, so that a small caseload grows once.
  static var growthByteCountMin: Int { 64 * 1_024 }

  private(set) var arena: Arena
  private(set) var slots: [Slot] = []
  private var slotOfRecord: [UInt64: Int] = [:]
  /// End of the last entry.
  private var usedByteCount = 0
  /// Wiped bytes between entries.
  private var holeByteCount = 0

  public init(arena: consuming Arena) {
    self.arena = arena
  }

  /// Records in the index.
  public var count: Int { slots.count }

  public func contains(_ record: UInt64) -> Bool { slotOfRecord[record] != nil }

  /// Makes room for so many bytes of cards, before many are inserted: growing copies.
  public mutating func reserve(byteCount: Int, recordCount: Int) throws(SearchError) {
    slots.reserveCapacity(recordCount)
    slotOfRecord.reserveCapacity(recordCount)
    if byteCount > arena.byteCount { try arena.grow(toByteCount: byteCount) }
  }

  /// Adds a record's decrypted cards, which are checked first; `contact` is empty for readers without that key.
  ///
  /// Throws what the cards' decoders throw, `duplicateRecord`, or `arenaFull`; the index is then as before.
  public mutating func insert(
    record: UInt64, identity: Span<UInt8>, contact: Span<UInt8> = Span()
  ) throws(SearchError) {
    guard slotOfRecord[record] == nil else { throw SearchError(.duplicateRecord) }
    let slot = try append(record: record, identity: identity, contact: contact)
    slotOfRecord[record] = slots.count
    slots.append(slot)
  }

  public mutating func insert(record: UInt64, identity: [UInt8], contact: [UInt8]? = nil) throws(SearchError) {
    let contact = contact ?? []
    try insert(record: record, identity: identity.span, contact: contact.span)
  }

  /// Puts new cards in the place of a record's old ones, which are wiped. Throws as `insert`, or `unknownRecord`.
  public mutating func replace(
    record: UInt64, identity: Span<UInt8>, contact: Span<UInt8> = Span()
  ) throws(SearchError) {
    guard slotOfRecord[record] != nil else { throw SearchError(.unknownRecord) }
    let slot = try append(record: record, identity: identity, contact: contact)
    // Looked up again: making room may have moved the entries.
    guard let place = slotOfRecord[record] else { throw SearchError(.unknownRecord) }
    let old = slots[place]
    slots[place] = slot
    leave(old)
  }

  public mutating func replace(record: UInt64, identity: [UInt8], contact: [UInt8]? = nil) throws(SearchError) {
    let contact = contact ?? []
    try replace(record: record, identity: identity.span, contact: contact.span)
  }

  /// Wipes a record's cards; throws `unknownRecord`.
  public mutating func remove(record: UInt64) throws(SearchError) {
    guard let place = slotOfRecord.removeValue(forKey: record) else { throw SearchError(.unknownRecord) }
    let old = slots[place]
    let last = slots.removeLast()
    if place < slots.count {
      slots[place] = last
      slotOfRecord[last.record] = place
    }
    leave(old)
  }

  // MARK: Room

  private mutating func append(
    record: UInt64, identity: Span<UInt8>, contact: Span<UInt8>
  ) throws(SearchError) -> Slot {
    let layout = try IdentityCardLayout(of: identity)
    if !contact.isEmpty { _ = try ContactCardLayout(of: contact) }
    let byteCount = CardEntry.byteCount(
      wordCount: layout.words.count, identityByteCount: identity.count, contactByteCount: contact.count)
    try makeRoom(byteCount)
    let offset = usedByteCount
    arena.withMutableBytes { bytes in
      CardEntry.write(
        record: record, identity: identity, layout: layout, contact: contact, at: offset, in: &bytes)
    }
    usedByteCount += byteCount
    return Slot(record: record, offset: offset, byteCount: byteCount)
  }

  private mutating func makeRoom(_ byteCount: Int) throws(SearchError) {
    guard arena.byteCount - usedByteCount < byteCount else { return }
    if holeByteCount >= max(byteCount, usedByteCount / 4) { compact() }
    let needed = usedByteCount + byteCount
    guard arena.byteCount < needed else { return }
    let generous = max(needed, arena.byteCount + max(arena.byteCount / 2, Self.growthByteCountMin))
    do {
      try arena.grow(toByteCount: generous)
    } catch {
      // Locked memory is scarce: what is needed may still be had.
      compact()
      if arena.byteCount - usedByteCount < byteCount { try arena.grow(toByteCount: usedByteCount + byteCount) }
    }
  }

  private mutating func leave(_ slot: Slot) {
    arena.wipe(slot.offset..<slot.offset + slot.byteCount)
    if slot.offset + slot.byteCount == usedByteCount {
      usedByteCount = slot.offset
    } else {
      holeByteCount += slot.byteCount
    }
    if slots.isEmpty {
      usedByteCount = 0
      holeByteCount = 0
    } else if holeByteCount > usedByteCount / 2 && holeByteCount > Self.growthByteCountMin {
      compact()
    }
  }

  /// Moves all entries together and wipes what they leave.
  private mutating func compact() {
    guard holeByteCount > 0 else { return }
    var order = slots.indices.sorted { slots[$0].offset < slots[$1].offset }[...]
    var end = 0
    while let place = order.popFirst() {
      let slot = slots[place]
      if slot.offset != end {
        let start = end
        arena.withMutableBytes { bytes in
          for index in 0..<slot.byteCount { bytes[start + index] = bytes[slot.offset + index] }
        }
        slots[place].offset = end
      }
      end += slot.byteCount
    }
    arena.wipe(end..<usedByteCount)
    usedByteCount = end
    holeByteCount = 0
  }
}
