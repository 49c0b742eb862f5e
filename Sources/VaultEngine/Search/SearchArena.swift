/// One run of memory for decrypted cards: locked, left out of core dumps and wiped on release by whoever implements it.
///
/// Its owner synchronises; nothing here locks or waits. Fresh bytes are zero.
public protocol SearchArena: ~Copyable {
  /// Size in bytes, all of it usable.
  var byteCount: Int { get }

  /// The bytes, for the duration of the call.
  func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R

  /// The bytes for writing, for the duration of the call.
  mutating func withMutableBytes<R, E: Error>(_ body: (inout MutableSpan<UInt8>) throws(E) -> R) throws(E) -> R

  /// Makes the arena at least so large, keeping its content, and wipes the memory it left. Throws `arenaFull` and changes
  /// nothing when there is none to be had.
  mutating func grow(toByteCount byteCount: Int) throws(SearchError)

  /// Overwrites a range with zeros, in a way the compiler does not leave out.
  mutating func wipe(_ range: Range<Int>)
}
