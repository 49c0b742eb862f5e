import CSodium

/// Opened bytes of a record, a card or an entry: ordinary memory (guarded memory would cost more than the decryption),
/// wiped when it goes, and impossible to copy, print or encode by accident.
@safe public struct Plaintext: ~Copyable, @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer

  public var count: Int { unsafe memory.count }

  init(count: Int) {
    Sodium.start()
    unsafe memory = .allocate(byteCount: max(count, 1), alignment: 16)
    used = count
    offset = 0
  }

  // A padded plaintext is decrypted in place; `offset` and `used` frame the data within it.
  private var offset: Int
  private var used: Int

  public var byteCount: Int { used }

  mutating func frame(offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0 && offset + count <= self.count)
    self.offset = offset
    used = count
  }

  @safe borrowing func withAllBytes<R, E: Error>(_ body: (UnsafeMutableRawBufferPointer) throws(E) -> R) throws(E) -> R
  {
    try unsafe body(memory)
  }

  /// The data, for the length of the closure.
  @safe public borrowing func withBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(rebasing: memory[offset..<offset + used]))
  }

  /// A copy in an ordinary array, for a decoder or an answer that is on its way out. `wipe` it when done.
  public borrowing func copyBytes() -> [UInt8] { withBytes { unsafe [UInt8]($0) } }

  /// Takes over an ordinary array and wipes it there.
  public init(wiping bytes: inout [UInt8]) {
    self.init(count: bytes.count)
    let source = bytes
    unsafe source.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
    _ = consume source
    wipe(&bytes)
  }

  deinit {
    unsafe sodium_memzero(memory.baseAddress!, memory.count)
    unsafe memory.deallocate()
  }
}
