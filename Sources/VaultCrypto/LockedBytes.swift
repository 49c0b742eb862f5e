import CSodium

/// A large run of secret bytes that changes: locked as far as the system allows, kept out of core dumps, wiped when it
/// goes. Unlike `SecretBytes` it has one owner who writes, and no guard pages to pay for at every change.
@safe public struct LockedBytes: ~Copyable, @unchecked Sendable {
  private var memory: UnsafeMutableRawBufferPointer
  /// Whether the system really locked it: beyond RLIMIT_MEMLOCK it does not, and says nothing.
  public private(set) var isLocked: Bool

  public var count: Int { unsafe memory.count }

  /// Zeroed.
  public init(count: Int) {
    Sodium.start()
    unsafe memory = .allocate(byteCount: count, alignment: 4096)
    isLocked = unsafe sodium_mlock(memory.baseAddress!, memory.count) == 0
    unsafe sodium_memzero(memory.baseAddress!, memory.count)
  }

  public borrowing func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    let bytes = unsafe UnsafeBufferPointer<UInt8>(
      start: UnsafePointer(memory.baseAddress!.assumingMemoryBound(to: UInt8.self)), count: memory.count)
    return try body(unsafe Span(_unsafeElements: bytes))
  }

  public mutating func withMutableBytes<R, E: Error>(_ body: (inout MutableSpan<UInt8>) throws(E) -> R) throws(E) -> R {
    let bytes = unsafe UnsafeMutableBufferPointer<UInt8>(
      start: memory.baseAddress!.assumingMemoryBound(to: UInt8.self), count: memory.count)
    var span = unsafe MutableSpan(_unsafeElements: bytes)
    return try body(&span)
  }

  /// Moves to a larger run and wipes the old one. False where there is no memory for it.
  public mutating func grow(to count: Int) -> Bool {
    var larger = LockedBytes(count: count)
    unsafe larger.memory.copyMemory(from: UnsafeRawBufferPointer(memory))
    swap(&self, &larger)
    return true
  }

  /// Overwrites a range with zeros.
  public mutating func wipe(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    guard !range.isEmpty else { return }
    unsafe sodium_memzero(memory.baseAddress!.advanced(by: range.lowerBound), range.count)
  }

  deinit {
    // Also wipes; harmless where locking was refused.
    unsafe sodium_munlock(memory.baseAddress!, memory.count)
    unsafe sodium_memzero(memory.baseAddress!, memory.count)
    unsafe memory.deallocate()
  }
}
