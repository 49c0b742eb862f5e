import CSodium

/// Secret bytes in guarded memory: locked, kept out of core dumps, between guard pages, read-only after they are
/// made, wiped when they go. It can be neither copied, printed, encoded nor compared by accident. Keys share their pages
/// (`GuardedSlots`); what is longer has its own.
///
/// Costs about 40 µs to make: for keys that live, never per record (see `Plaintext`).
@safe public struct SecretBytes: ~Copyable, @unchecked Sendable {
  private let isShared: Bool
  // Read-only from the end of `init` on, which is what makes sharing between threads sound.
  private let memory: UnsafeMutableRawBufferPointer

  public var count: Int { unsafe memory.count }

  /// `fill` receives zeroed memory of `count` bytes (at least 1). What it throws passes through.
  @safe public init<E: Error>(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
    precondition(count > 0)
    Sodium.start()
    // Nothing to go on with: it takes several hundred sessions in a programme that many people have left.
    guard let base = unsafe sodium_malloc(count) else { fatalError("no guarded memory left: RLIMIT_MEMLOCK or RAM") }
    unsafe sodium_memzero(base, count)
    let memory = unsafe UnsafeMutableRawBufferPointer(start: base, count: count)
    do throws(E) {
      try unsafe fill(memory)
    } catch {
      unsafe sodium_free(base)
      throw error
    }
    isShared = count <= GuardedSlots.byteCountMax
    guard isShared else {
      unsafe sodium_mprotect_readonly(base)
      unsafe self.memory = memory
      return
    }
    // Made in a page of its own first: `fill` may take long, or make other secrets.
    defer { unsafe sodium_free(base) }
    guard let place = unsafe GuardedSlots.take(copying: UnsafeRawBufferPointer(memory)) else {
      fatalError("no guarded memory left: RLIMIT_MEMLOCK or RAM")
    }
    unsafe self.memory = UnsafeMutableRawBufferPointer(start: place, count: count)
  }

  public static func random(_ count: Int) -> SecretBytes {
    SecretBytes(count: count) { unsafe randombytes_buf($0.baseAddress!, $0.count) }
  }

  /// Takes over bytes that had to arrive in ordinary memory (a request body, a key file), and wipes them there.
  public init(wiping bytes: inout [UInt8]) {
    let source = bytes
    self.init(count: max(source.count, 1)) { target in
      unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
    _ = consume source
    wipe(&bytes)
  }

  /// The bytes, for the length of the closure. Never let the pointer or a copy of it out.
  @safe public borrowing func withBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(memory))
  }

  /// Compares without an early exit.
  public borrowing func matches(_ other: borrowing SecretBytes) -> Bool {
    guard count == other.count else { return false }
    return withBytes { mine in
      other.withBytes { theirs in unsafe sodium_memcmp(mine.baseAddress!, theirs.baseAddress!, mine.count) == 0 }
    }
  }

  deinit {
    guard let base = unsafe memory.baseAddress else { return }
    if isShared { unsafe GuardedSlots.giveBack(base) } else { unsafe sodium_free(base) }
  }
}

/// How much memory this process could really lock. `sodium_mlock` fails silently beyond RLIMIT_MEMLOCK, so `doctor`
/// and the card arena ask here instead of trusting it.
public enum LockedMemory {
  /// Whether `count` further bytes can be locked now: tried, not computed, and given back at once.
  public static func canLock(byteCount: Int) -> Bool {
    Sodium.start()
    guard let probe = unsafe malloc(byteCount) else { return false }
    defer { unsafe free(probe) }
    guard unsafe sodium_mlock(probe, byteCount) == 0 else { return false }
    unsafe sodium_munlock(probe, byteCount)
    return true
  }
}
