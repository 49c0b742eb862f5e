import CSodium

/// How a plaintext is framed before it is encrypted, and with what: the suite byte of an envelope.
///
/// The frame is `u32 length ‖ data ‖ zeros` up to `paddedByteCount`; `exact` (fixed-size keys) has no frame at all.
public enum EnvelopeSuite: UInt8, Sendable, CaseIterable {
  /// Record data: Padmé(max(512, 4 + length)). Padmé: Nikitin et al., "Reducing Metadata Leakage…", PoPETs 2019/4.
  case record = 1
  /// Cards and metadata rows: multiples of 256.
  case card = 2
  /// Keys and other values whose length is fixed by their format.
  case exact = 3
  /// Log entries: so that envelope and the leaf's header together fill multiples of 512 (see docs/format.md).
  case leaf = 4

  /// What stands before the envelope in a leaf; the frame makes up for it.
  public static let leafHeaderByteCount = 98

  func paddedByteCount(for dataByteCount: Int) -> Int {
    let framed = dataByteCount + 4
    switch self {
    case .record: return padme(max(512, framed))
    case .card: return (framed + 255) / 256 * 256
    case .exact: return dataByteCount
    case .leaf:
      let overhead = EnvelopeSuite.leafHeaderByteCount + Envelope.overheadByteCount
      return (framed + overhead + 511) / 512 * 512 - overhead
    }
  }
}

/// The least number ≥ `length` whose binary form has no more significant bits than its exponent has: at most 12 % more,
/// and only O(log log n) bits of the true length leak.
func padme(_ length: Int) -> Int {
  precondition(length > 1)
  let exponent = Int.bitWidth - 1 - length.leadingZeroBitCount
  let significant = Int.bitWidth - exponent.leadingZeroBitCount
  let mask = (1 << (exponent - significant)) - 1
  return (length + mask) & ~mask
}

/// version ‖ suite ‖ nonce (24) ‖ commitment (32) ‖ ciphertext and tag (DESIGN §4.3, docs/format.md "Envelope").
///
/// BLAKE2b-512 keyed with K over version ‖ suite ‖ nonce ‖ SHA-256(AD) gives encryption key ‖ commitment. The
/// commitment makes the ciphertext open under one key and one context only.
public enum Envelope {
  public static let version: UInt8 = 1
  static let nonceByteCount = 24
  static let commitmentByteCount = 32
  static let tagByteCount = 16
  public static let headerByteCount = 2 + nonceByteCount + commitmentByteCount
  public static let overheadByteCount = headerByteCount + tagByteCount
  /// The most plaintext one envelope takes: 16 MiB; larger things are split by their formats.
  public static let dataByteCountMax = 16 << 20

  /// Seals `data` for the context `associatedData`.
  public static func seal(
    _ data: UnsafeRawBufferPointer, key: borrowing some EnvelopeKey & ~Copyable, suite: EnvelopeSuite,
    associatedData: [UInt8]
  ) -> [UInt8] {
    unsafe sealDeterministically(
      data, key: key, suite: suite, associatedData: associatedData, nonce: randomBytes(nonceByteCount))
  }

  public static func seal(
    _ data: [UInt8], key: borrowing some EnvelopeKey & ~Copyable, suite: EnvelopeSuite, associatedData: [UInt8]
  ) -> [UInt8] {
    unsafe data.withUnsafeBytes { unsafe seal($0, key: key, suite: suite, associatedData: associatedData) }
  }

  /// Same, with the caller's nonce: only for the worked examples of docs/format.md. A nonce used twice under one key
  /// reveals both plaintexts.
  package static func sealDeterministically(
    _ data: UnsafeRawBufferPointer, key: borrowing some EnvelopeKey & ~Copyable, suite: EnvelopeSuite,
    associatedData: [UInt8], nonce: [UInt8]
  ) -> [UInt8] {
    precondition(data.count <= dataByteCountMax)
    return unsafe sealFrame(
      byteCount: suite.paddedByteCount(for: data.count), key: key, suite: suite, associatedData: associatedData,
      nonce: nonce
    ) { body in unsafe frame(data, suite: suite, into: body) }
  }

  /// Same, with whatever frame the caller writes: so that tests can make well-sealed frames that `open` must refuse.
  package static func sealFrame(
    byteCount padded: Int, key: borrowing some EnvelopeKey & ~Copyable, suite: EnvelopeSuite, associatedData: [UInt8],
    nonce: [UInt8], frame: (UnsafeMutableRawBufferPointer) -> Void
  ) -> [UInt8] {
    precondition(nonce.count == nonceByteCount)
    Sodium.start()
    return unsafe [UInt8](unsafeUninitializedCapacity: padded + overheadByteCount) { buffer, initialized in
      let out = UnsafeMutableRawBufferPointer(buffer)
      unsafe out[0] = version
      unsafe out[1] = suite.rawValue
      for index in 0..<nonceByteCount { unsafe out[2 + index] = nonce[index] }
      let body = unsafe UnsafeMutableRawBufferPointer(rebasing: out[headerByteCount..<headerByteCount + padded])
      unsafe frame(body)
      unsafe withKeys(key: key, suite: suite, nonce: nonce, associatedData: associatedData) { encryption, commitment in
        unsafe out.baseAddress!.advanced(by: 2 + nonceByteCount)
          .copyMemory(from: commitment, byteCount: commitmentByteCount)
        // In place: libsodium allows input and output to be the same memory.
        _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
          body.baseAddress!, nil, body.baseAddress!, UInt64(padded), associatedData, UInt64(associatedData.count), nil,
          nonce, encryption)
      }
      initialized = padded + overheadByteCount
    }
  }

  /// Opens and demands the canonical frame. `malformed`, `unsupported` or `notAuthentic`; never partial plaintext.
  public static func open(
    _ envelope: [UInt8], key: borrowing some EnvelopeKey & ~Copyable, suite: EnvelopeSuite, associatedData: [UInt8]
  ) throws(CryptoError) -> Plaintext {
    guard envelope.count >= overheadByteCount else { throw CryptoError(.malformed, "envelope is too short") }
    guard envelope.count <= dataByteCountMax * 2 else { throw CryptoError(.malformed, "envelope is too long") }
    guard envelope[0] == version else { throw CryptoError(.unsupported, "unknown envelope version") }
    guard EnvelopeSuite(rawValue: envelope[1]) != nil else { throw CryptoError(.unsupported, "unknown envelope suite") }
    guard envelope[1] == suite.rawValue else { throw CryptoError(.notAuthentic, "envelope of another suite") }
    let padded = envelope.count - overheadByteCount
    let nonce = Array(envelope[2..<2 + nonceByteCount])
    var plaintext = Plaintext(count: padded)
    let status: Int32 = unsafe withKeys(key: key, suite: suite, nonce: nonce, associatedData: associatedData) {
      encryption, commitment in
      unsafe envelope.withUnsafeBytes { bytes in
        // The commitment first: a ciphertext that was made to open under two keys is refused before it is touched.
        let claimed = unsafe bytes.baseAddress!.advanced(by: 2 + nonceByteCount)
        guard unsafe sodium_memcmp(claimed, commitment, commitmentByteCount) == 0 else { return -1 }
        return plaintext.withAllBytes { target in
          unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
            target.baseAddress!, nil, nil, bytes.baseAddress!.advanced(by: headerByteCount),
            UInt64(padded + tagByteCount), associatedData, UInt64(associatedData.count), nonce, encryption)
        }
      }
    }
    try Sodium.check(status, or: .notAuthentic, "envelope does not open with this key in this context")
    try unframe(&plaintext, suite: suite)
    return plaintext
  }

  /// Whether bytes look like an envelope of `record` suite, as far as that shows without its key: version, suite and a
  /// padded length that `seal` could have made.
  package static func hasShape(_ envelope: [UInt8], suite: EnvelopeSuite) -> Bool {
    let padded = envelope.count - overheadByteCount
    guard padded >= 512, envelope[0] == version, envelope[1] == suite.rawValue else { return false }
    return suite.paddedByteCount(for: padded - 4) == padded
  }

  private static func frame(
    _ data: UnsafeRawBufferPointer, suite: EnvelopeSuite, into body: UnsafeMutableRawBufferPointer
  ) {
    guard suite != .exact else {
      if data.count > 0 { unsafe body.copyMemory(from: data) }
      return
    }
    let length = UInt32(data.count)
    for index in 0..<4 { unsafe body[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
    if data.count > 0 {
      unsafe body.baseAddress!.advanced(by: 4).copyMemory(from: data.baseAddress!, byteCount: data.count)
    }
    let used = 4 + data.count
    if body.count > used { unsafe sodium_memzero(body.baseAddress!.advanced(by: used), body.count - used) }
  }

  private static func unframe(_ plaintext: inout Plaintext, suite: EnvelopeSuite) throws(CryptoError) {
    guard suite != .exact else { return }
    let total = plaintext.count
    let framed: (length: Int, zeros: Bool) = plaintext.withAllBytes { bytes in
      guard total >= 4 else { return (-1, false) }
      var length = 0
      for index in 0..<4 { length = length << 8 | Int(unsafe bytes[index]) }
      guard length <= total - 4 else { return (-1, false) }
      let rest = total - 4 - length
      let zeros = unsafe sodium_is_zero(bytes.baseAddress!.advanced(by: 4 + length), rest) == 1
      return (length, zeros)
    }
    guard framed.length >= 0, framed.zeros, suite.paddedByteCount(for: framed.length) == total else {
      throw CryptoError(.malformed, "plaintext frame is not canonical")
    }
    plaintext.frame(offset: 4, count: framed.length)
  }

  /// Derives the pair on the stack and wipes it; both pointers hold 32 bytes for the length of `body`.
  private static func withKeys<R>(
    key: borrowing some EnvelopeKey & ~Copyable, suite: EnvelopeSuite, nonce: [UInt8], associatedData: [UInt8],
    _ body: (_ encryption: UnsafePointer<UInt8>, _ commitment: UnsafePointer<UInt8>) -> R
  ) -> R {
    var input = [version, suite.rawValue]
    input.reserveCapacity(2 + nonceByteCount + SHA256.byteCount)
    input.append(contentsOf: nonce)
    input.append(contentsOf: SHA256.hash(associatedData))
    return unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { pair in
      unsafe key.withKeyBytes { secret in
        _ = unsafe crypto_generichash(
          pair.baseAddress!, 64, input, UInt64(input.count), secret.baseAddress!, secret.count)
      }
      defer { unsafe sodium_memzero(pair.baseAddress!, 64) }
      let derived = unsafe pair.baseAddress!.assumingMemoryBound(to: UInt8.self)
      return unsafe body(derived, derived.advanced(by: 32))
    }
  }
}
