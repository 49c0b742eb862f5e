import CSodium

/// The payload of an age file: STREAM over chunks of 64 KiB with ChaCha20-Poly1305. The nonce of a chunk is its number, and
/// whether it is the last.
struct AgePayload: ~Copyable {
  static let nonceByteCount = 16
  static let chunkByteCount = 64 << 10
  static let tagByteCount = 16
  static let sealedChunkByteCount = chunkByteCount + tagByteCount

  private let key: SymmetricKey
  private var number: UInt64 = 0

  /// `nonce`: the 16 random bytes that follow the header.
  init(fileKey: borrowing SecretBytes, nonce: [UInt8]) {
    key = AgeKeySchedule.derive(from: fileKey, salt: nonce, info: "payload")
  }

  /// Whether the next chunk would be the first: the only one that may be empty.
  var isAtStart: Bool { number == 0 }

  mutating func seal(_ chunk: UnsafeRawBufferPointer, isLast: Bool) -> [UInt8] {
    precondition(chunk.count <= AgePayload.chunkByteCount)
    var sealed = [UInt8](repeating: 0, count: chunk.count + AgePayload.tagByteCount)
    let nonce = nonce(isLast: isLast)
    key.withBytes { key in
      _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
        &sealed, nil, chunk.baseAddress, UInt64(chunk.count), nil, 0, nil, nonce, key.baseAddress!)
    }
    number += 1
    return sealed
  }

  /// Opens into the first bytes of `target`; nothing is written and the number stays where the tag does not verify.
  mutating func open(_ sealed: [UInt8], isLast: Bool, into target: UnsafeMutableRawBufferPointer) -> Bool {
    precondition(sealed.count >= AgePayload.tagByteCount && target.count >= sealed.count - AgePayload.tagByteCount)
    let nonce = nonce(isLast: isLast)
    let status = key.withBytes { key in
      unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
        target.baseAddress!, nil, nil, sealed, UInt64(sealed.count), nil, 0, nonce, key.baseAddress!)
    }
    guard status == 0 else { return false }
    number += 1
    return true
  }

  // Eleven bytes of number, big-endian, and one that marks the last chunk.
  private func nonce(isLast: Bool) -> [UInt8] {
    [0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) } + [isLast ? 1 : 0]
  }
}

/// The plaintext of one chunk at a time, wiped between two and at the end.
struct AgeChunk: ~Copyable {
  private let memory = Plaintext(count: AgePayload.chunkByteCount)

  func withBytes<R>(count: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try memory.withBytes { unsafe try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  func withMemory<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R { memory.withAllBytes(body) }

  func wipe() { memory.withAllBytes { unsafe sodium_memzero($0.baseAddress!, $0.count) } }
}
