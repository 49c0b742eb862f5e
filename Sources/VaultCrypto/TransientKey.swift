import CSodium

/// What an envelope takes as its key: 32 secret bytes, wherever they are kept.
public protocol EnvelopeKey: ~Copyable {
  borrowing func withKeyBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
}

extension SymmetricKey: EnvelopeKey {
  @safe public func withKeyBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R { try secret.withBytes(body) }
}

/// A 256-bit key that lives within one request: a section key, an entry key. Ordinary memory, because guarded memory
/// costs more than all else that is done with such a key; wiped when it goes, and impossible to copy or print.
public struct TransientKey: ~Copyable, Sendable, EnvelopeKey {
  private let bytes: Plaintext

  /// `malformed` unless 32 bytes were opened.
  public init(_ opened: consuming Plaintext) throws(CryptoError) {
    guard opened.byteCount == SymmetricKey.byteCount else { throw CryptoError(.malformed, "key has another length") }
    bytes = opened
  }

  private init(fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let memory = Plaintext(count: SymmetricKey.byteCount)
    memory.withAllBytes(fill)
    bytes = memory
  }

  public static func random() -> TransientKey {
    unsafe TransientKey { unsafe randombytes_buf($0.baseAddress!, $0.count) }
  }

  /// BLAKE2b-256 keyed with `parent`, over `context`.
  public static func derived(
    from parent: borrowing some EnvelopeKey & ~Copyable, context: [UInt8]
  ) -> TransientKey {
    unsafe TransientKey { target in
      unsafe parent.withKeyBytes { key in
        _ = unsafe crypto_generichash(
          target.baseAddress!, target.count, context, UInt64(context.count), key.baseAddress!, key.count)
      }
    }
  }

  @safe public borrowing func withKeyBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R { try bytes.withBytes(body) }
}
