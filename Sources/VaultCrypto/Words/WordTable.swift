/// Words by index and back, without memory accesses or branches that depend on a secret: every look-up reads the whole
/// table. What a word is stays in the clock's blind spot; how long it is does not, and need not.
enum WordTable {
  static let wordCount = 1024
  static let bitsPerWord = 10
  /// The longest word fills a `UInt64`, which is what makes the table one array of integers.
  static let letterCountMax = 8

  // Each word as its letters, the first in the lowest byte, zeros above.
  private static let packed: [UInt64] = {
    var words: [UInt64] = []
    words.reserveCapacity(wordCount)
    var word: UInt64 = 0
    var letters = 0
    let text = unsafe UnsafeBufferPointer(start: WordList.text.utf8Start, count: WordList.text.utf8CodeUnitCount)
    for byte in unsafe Array(text) {
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
        words.append(word)
        word = 0
        letters = 0
      } else {
        word |= UInt64(byte) << UInt64(8 * letters)
        letters += 1
      }
    }
    words.append(word)
    precondition(words.count == wordCount)
    return words
  }()

  /// The packed letters of a word. `index` < 1,024.
  static func word(at index: UInt16) -> UInt64 {
    var found: UInt64 = 0
    for (candidate, word) in packed.enumerated() { found |= word & mask(UInt64(candidate), equals: UInt64(index)) }
    return found
  }

  /// The index of a packed word, or nil where the list has no such word.
  static func index(of word: UInt64) -> UInt16? {
    var found: UInt64 = 0
    for (candidate, listed) in packed.enumerated() { found |= UInt64(candidate + 1) & mask(listed, equals: word) }
    return found == 0 ? nil : UInt16(found - 1)
  }

  /// The words of `indices`, separated by single spaces, as ASCII.
  static func joined(_ indices: borrowing WordIndices) -> SecretBytes {
    var length = indices.count - 1
    for position in 0..<indices.count { length += letterCount(word(at: indices[position])) }
    return SecretBytes(count: length) { target in
      var end = 0
      for position in 0..<indices.count {
        if position > 0 {
          unsafe target[end] = UInt8(ascii: " ")
          end += 1
        }
        var rest = word(at: indices[position])
        while rest != 0 {
          unsafe target[end] = UInt8(truncatingIfNeeded: rest)
          end += 1
          rest >>= 8
        }
      }
    }
  }

  private static func letterCount(_ word: UInt64) -> Int { (UInt64.bitWidth - word.leadingZeroBitCount + 7) / 8 }

  // All ones where both are equal, else zero.
  private static func mask(_ left: UInt64, equals right: UInt64) -> UInt64 {
    let difference = left ^ right
    return ((difference | (0 &- difference)) >> 63) &- 1
  }
}

/// A list of word indices (0…1023) in guarded memory.
struct WordIndices: ~Copyable, Sendable {
  // Two bytes each, native order.
  private let storage: SecretBytes
  let count: Int

  /// `fill` receives `count` zeroed indices.
  @safe init<E: Error>(count: Int, fill: (UnsafeMutableBufferPointer<UInt16>) throws(E) -> Void) throws(E) {
    self.count = count
    storage = try SecretBytes(count: 2 * count) { target throws(E) in
      try unsafe fill(target.bindMemory(to: UInt16.self))
    }
  }

  subscript(position: Int) -> UInt16 {
    precondition(position >= 0 && position < count)
    return storage.withBytes { unsafe $0.loadUnaligned(fromByteOffset: 2 * position, as: UInt16.self) }
  }

  static func random(_ count: Int) -> WordIndices {
    let random = SecretBytes.random(2 * count)
    return WordIndices(count: count) { indices in
      random.withBytes { bytes in
        for position in 0..<count {
          // 1,024 divides 65,536, so cutting off bits leaves every word equally likely.
          unsafe indices[position] = bytes.loadUnaligned(fromByteOffset: 2 * position, as: UInt16.self) & 1023
        }
      }
    }
  }

  /// Reads words separated by white space, in either case. `malformed` where a word is not in the list or their number
  /// lies outside `countRange`.
  init(parsing text: borrowing SecretBytes, countRange: ClosedRange<Int>) throws(CryptoError) {
    let limit = countRange.upperBound * (WordTable.letterCountMax + 2)
    guard text.count <= limit else { throw CryptoError(.malformed, "text is longer than that many words can be") }
    let count = text.withBytes { bytes in
      var count = 0
      unsafe WordIndices.eachWord(of: bytes) { _ in count += 1 }
      return count
    }
    guard countRange.contains(count) else { throw CryptoError(.malformed, "another number of words is needed") }
    try self.init(count: count) { indices throws(CryptoError) in
      var position = 0
      var unknown = false
      text.withBytes { bytes in
        unsafe WordIndices.eachWord(of: bytes) { word in
          let index = word.flatMap(WordTable.index(of:))
          unknown = unknown || index == nil
          unsafe indices[position] = index ?? 0
          position += 1
        }
      }
      guard !unknown else { throw CryptoError(.malformed, "a word is not in the list") }
    }
  }

  /// The places, from 1, of the words that are not in the list. Empty where the text is longer than `countMax` words can be.
  static func unknownWordPlaces(in text: borrowing SecretBytes, countMax: Int) -> [Int] {
    guard text.count <= countMax * (WordTable.letterCountMax + 2) else { return [] }
    return text.withBytes { bytes in
      var places: [Int] = []
      var place = 0
      unsafe eachWord(of: bytes) { word in
        place += 1
        if word.flatMap(WordTable.index(of:)) == nil { places.append(place) }
      }
      return places
    }
  }

  // Calls with each word packed, or nil where it is too long to be one or has other bytes than letters.
  private static func eachWord(of text: UnsafeRawBufferPointer, _ body: (UInt64?) -> Void) {
    var word: UInt64? = 0
    var letters = 0
    for index in text.indices {
      let byte = unsafe text[index]
      switch byte {
      case 0x09, 0x0a, 0x0d, 0x20:
        if letters > 0 { body(word) }
        word = 0
        letters = 0
      default:
        let lower = byte | 0x20
        let isLetter = lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
        if !isLetter || letters >= WordTable.letterCountMax { word = nil }
        if let known = word { word = known | UInt64(lower) << UInt64(8 * letters) }
        letters += 1
      }
    }
    if letters > 0 { body(word) }
  }
}
