/// One record's cards as they lie in the arena: a head, a directory of the folded words, then both cards as they were
/// decrypted. Integers of the head and directory are
/// little-endian, for the fastest load.
///
/// ```
/// u64 record ‖ u32 identity length ‖ u32 contact length ‖ u16 year (0: unknown) ‖ u16 word count ‖ u32 zero
/// word = u32 consonant set ‖ u32 place of its letters in the identity card ‖ u8 letters ‖ u8 sounds ‖ u8 flags ‖ u8 name
/// ```
struct CardEntry {
  static let headByteCount = 24
  static let wordByteCount = 12

  struct Word {
    var place: Int
    var letterCount: Int
    var soundCount: Int
    var isCompanion: Bool
    var isVowelless: Bool
    var name: Int

    var letters: Range<Int> { place..<place + letterCount }
    var skeleton: Range<Int> { place + letterCount..<place + letterCount + soundCount }
  }

  let offset: Int
  let record: UInt64
  let identityByteCount: Int
  let contactByteCount: Int
  let year: Int
  let wordCount: Int

  var directory: Int { offset + Self.headByteCount }
  var identity: Range<Int> {
    let start = directory + wordCount * Self.wordByteCount
    return start..<start + identityByteCount
  }
  var contact: Range<Int> { identity.upperBound..<identity.upperBound + contactByteCount }

  static func byteCount(wordCount: Int, identityByteCount: Int, contactByteCount: Int) -> Int {
    headByteCount + wordCount * wordByteCount + identityByteCount + contactByteCount
  }

  init(_ bytes: Span<UInt8>, at offset: Int) {
    let raw = unsafe bytes.bytes
    self.offset = offset
    // Loads of plain integers; `unsafe` for the type only, the place is checked.
    record = unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    identityByteCount = unsafe Int(
      UInt32(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)))
    contactByteCount = unsafe Int(
      UInt32(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)))
    year = unsafe Int(UInt16(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset + 16, as: UInt16.self)))
    wordCount = unsafe Int(UInt16(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset + 18, as: UInt16.self)))
  }

  func consonants(_ bytes: Span<UInt8>, word: Int) -> UInt32 {
    let raw = unsafe bytes.bytes
    return unsafe UInt32(
      littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: directory + word * Self.wordByteCount, as: UInt32.self))
  }

  /// The word's directory entry, with its places counted from the start of the arena.
  func word(_ bytes: Span<UInt8>, _ word: Int) -> Word {
    let entry = directory + word * Self.wordByteCount
    let raw = unsafe bytes.bytes
    let place = unsafe Int(UInt32(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: entry + 4, as: UInt32.self)))
    let flags = bytes[entry + 10]
    return Word(
      place: identity.lowerBound + place, letterCount: Int(bytes[entry + 8]), soundCount: Int(bytes[entry + 9]),
      isCompanion: flags & 1 != 0, isVowelless: flags & 2 != 0, name: Int(bytes[entry + 11]))
  }

  /// Writes a checked entry at `offset`, where room for it was made.
  static func write(
    record: UInt64, identity: Span<UInt8>, layout: IdentityCardLayout, contact: Span<UInt8>, at offset: Int,
    in arena: inout MutableSpan<UInt8>
  ) {
    var place = offset
    func put(_ value: UInt64, count: Int, _ arena: inout MutableSpan<UInt8>) {
      for index in 0..<count { arena[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
      place += count
    }
    put(record, count: 8, &arena)
    put(UInt64(identity.count), count: 4, &arena)
    put(UInt64(contact.count), count: 4, &arena)
    put(UInt64(layout.yearOfBirth ?? 0), count: 2, &arena)
    put(UInt64(layout.words.count), count: 2, &arena)
    put(0, count: 4, &arena)
    for word in layout.words {
      put(UInt64(ConsonantSet.of(identity.extracting(word.skeleton))), count: 4, &arena)
      put(UInt64(word.letters.lowerBound), count: 4, &arena)
      put(UInt64(word.letters.count), count: 1, &arena)
      put(UInt64(word.skeleton.count), count: 1, &arena)
      put((word.isCompanion ? 1 : 0) | (word.isVowelless ? 2 : 0), count: 1, &arena)
      put(UInt64(word.name), count: 1, &arena)
    }
    for index in 0..<identity.count { arena[place + index] = identity[index] }
    place += identity.count
    for index in 0..<contact.count { arena[place + index] = contact[index] }
  }
}
