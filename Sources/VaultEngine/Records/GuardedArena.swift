import VaultCrypto

/// The memory of a card index: locked, out of core dumps, wiped when it goes.
struct GuardedArena: SearchArena, ~Copyable {
  /// 1 GiB: some four million cards. A vault that large needs another search.
  static let byteCountMax = 1 << 30

  private var memory: LockedBytes

  init() { memory = LockedBytes(count: 4096) }

  var byteCount: Int { memory.count }

  borrowing func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    try memory.withBytes(body)
  }

  mutating func withMutableBytes<R, E: Error>(_ body: (inout MutableSpan<UInt8>) throws(E) -> R) throws(E) -> R {
    try memory.withMutableBytes(body)
  }

  mutating func grow(toByteCount byteCount: Int) throws(SearchError) {
    guard byteCount <= GuardedArena.byteCountMax else { throw SearchError(.arenaFull) }
    guard byteCount > memory.count else { return }
    guard memory.grow(to: byteCount) else { throw SearchError(.arenaFull) }
  }

  mutating func wipe(_ range: Range<Int>) { memory.wipe(range) }
}
