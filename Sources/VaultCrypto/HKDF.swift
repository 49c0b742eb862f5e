import CSodium

/// HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869), composed from libsodium's HMAC; 1.0.18 has no HKDF of its own.
public enum HKDF {
  /// RFC 5869 `HKDF-Extract`: 32 bytes.
  static func extract(
    salt: UnsafeRawBufferPointer?, parts: [UnsafeRawBufferPointer], into key: UnsafeMutableRawBufferPointer
  ) {
    Sodium.start()
    var state = crypto_auth_hmacsha256_state()
    // An absent salt is 32 zero bytes, which HMAC pads a shorter (or empty) key to anyway.
    let none: [UInt8] = [0]
    if let salt = unsafe salt, let start = salt.baseAddress {
      unsafe crypto_auth_hmacsha256_init(&state, start, salt.count)
    } else {
      unsafe crypto_auth_hmacsha256_init(&state, none, 0)
    }
    for index in unsafe parts.indices {
      let part = unsafe parts[index]
      unsafe crypto_auth_hmacsha256_update(&state, part.baseAddress, UInt64(part.count))
    }
    unsafe crypto_auth_hmacsha256_final(&state, key.baseAddress!)
    wipeState(&state)
  }

  /// RFC 5869 `HKDF-Expand` into `output` (at most 255 × 32 bytes).
  static func expand(key: UnsafeRawBufferPointer, info: [UInt8], into output: UnsafeMutableRawBufferPointer) {
    precondition(output.count <= 255 * 32)
    Sodium.start()
    var block = [UInt8](repeating: 0, count: 32)
    var done = 0
    var counter: UInt8 = 1
    while done < output.count {
      var state = crypto_auth_hmacsha256_state()
      unsafe crypto_auth_hmacsha256_init(&state, key.baseAddress!, key.count)
      if counter > 1 { unsafe crypto_auth_hmacsha256_update(&state, block, 32) }
      unsafe crypto_auth_hmacsha256_update(&state, info, UInt64(info.count))
      unsafe crypto_auth_hmacsha256_update(&state, [counter], 1)
      unsafe crypto_auth_hmacsha256_final(&state, &block)
      wipeState(&state)
      let take = min(32, output.count - done)
      unsafe output.baseAddress!.advanced(by: done).copyMemory(from: block, byteCount: take)
      done += take
      counter &+= 1
    }
    wipe(&block)
  }

  /// A key of 32 bytes for one label, from a uniformly random parent: Extract with an empty salt, then Expand.
  public static func deriveKey(from parent: SymmetricKey, label: StaticString) -> SymmetricKey {
    SymmetricKey(
      SecretBytes(count: 32) { target in
        var prk = [UInt8](repeating: 0, count: 32)
        parent.secret.withBytes { secret in
          unsafe prk.withUnsafeMutableBytes { unsafe extract(salt: nil, parts: [secret], into: $0) }
        }
        unsafe prk.withUnsafeBytes { unsafe expand(key: $0, info: CanonicalEncoding(label).bytes, into: target) }
        wipe(&prk)
      })
  }

  /// A key of 32 bytes that needs both parents: Extract with the first as salt, then Expand with `context`.
  public static func combine(_ salt: SymmetricKey, _ input: SymmetricKey, context: [UInt8]) -> SymmetricKey {
    SymmetricKey(
      SecretBytes(count: 32) { target in
        var prk = [UInt8](repeating: 0, count: 32)
        salt.secret.withBytes { salt in
          input.secret.withBytes { input in
            unsafe prk.withUnsafeMutableBytes { unsafe extract(salt: salt, parts: [input], into: $0) }
          }
        }
        unsafe prk.withUnsafeBytes { unsafe expand(key: $0, info: context, into: target) }
        wipe(&prk)
      })
  }

  private static func wipeState(_ state: inout crypto_auth_hmacsha256_state) {
    unsafe withUnsafeMutableBytes(of: &state) { unsafe sodium_memzero($0.baseAddress!, $0.count) }
  }
}
