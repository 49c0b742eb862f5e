import CSodium

/// HMAC-SHA-256 (RFC 2104) over parts that are not joined.
enum HMACSHA256 {
  static let byteCount = 32

  static func authenticate(_ parts: [UnsafeRawBufferPointer], key: UnsafeRawBufferPointer, into tag: inout [UInt8]) {
    precondition(tag.count == byteCount)
    Sodium.start()
    var state = crypto_auth_hmacsha256_state()
    unsafe crypto_auth_hmacsha256_init(&state, key.baseAddress!, key.count)
    for index in unsafe parts.indices where unsafe parts[index].count > 0 {
      let part = unsafe parts[index]
      unsafe crypto_auth_hmacsha256_update(&state, part.baseAddress!, UInt64(part.count))
    }
    unsafe crypto_auth_hmacsha256_final(&state, &tag)
    unsafe withUnsafeMutableBytes(of: &state) { unsafe sodium_memzero($0.baseAddress!, $0.count) }
  }
}

/// PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2), composed from libsodium's HMAC; 1.0.18 has none of its own.
enum PBKDF2 {
  /// One block of the function is all that SLIP-39 needs here: half a secret.
  static let outputByteCountMax = 32

  static func derive(
    passphrase: [UnsafeRawBufferPointer], salt: [UnsafeRawBufferPointer], iterations: Int,
    into output: UnsafeMutableRawBufferPointer
  ) {
    precondition(output.count <= outputByteCountMax && iterations > 0)
    Sodium.start()
    // The state after the key serves every iteration: half the work of starting anew.
    var keyed = crypto_auth_hmacsha256_state()
    unsafe withKey(joining: passphrase) { unsafe crypto_auth_hmacsha256_init(&keyed, $0.baseAddress!, $0.count) }
    unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { memory in
      let block = unsafe memory.baseAddress!.assumingMemoryBound(to: UInt8.self)
      let sum = unsafe block.advanced(by: 32)
      var state = keyed
      for index in unsafe salt.indices where unsafe salt[index].count > 0 {
        let part = unsafe salt[index]

        unsafe crypto_auth_hmacsha256_update(&state, part.baseAddress!, UInt64(part.count))
      }
      unsafe crypto_auth_hmacsha256_update(&state, [0, 0, 0, 1], 4)
      unsafe crypto_auth_hmacsha256_final(&state, block)
      for index in 0..<32 { unsafe sum[index] = unsafe block[index] }
      for _ in 1..<iterations {
        state = keyed
        unsafe crypto_auth_hmacsha256_update(&state, block, 32)
        unsafe crypto_auth_hmacsha256_final(&state, block)
        for index in 0..<32 { unsafe sum[index] ^= block[index] }
      }
      unsafe output.copyMemory(from: UnsafeRawBufferPointer(start: sum, count: output.count))
      unsafe sodium_memzero(memory.baseAddress!, memory.count)
      unsafe withUnsafeMutableBytes(of: &state) { unsafe sodium_memzero($0.baseAddress!, $0.count) }
    }
    unsafe withUnsafeMutableBytes(of: &keyed) { unsafe sodium_memzero($0.baseAddress!, $0.count) }
  }

  private static func withKey(joining parts: [UnsafeRawBufferPointer], _ body: (UnsafeRawBufferPointer) -> Void) {
    let total = unsafe parts.reduce(0) { $0 + $1.count }
    unsafe withUnsafeTemporaryAllocation(byteCount: max(total, 1), alignment: 16) { memory in
      var end = 0
      for index in unsafe parts.indices where unsafe parts[index].count > 0 {
        let part = unsafe parts[index]

        unsafe memory.baseAddress!.advanced(by: end).copyMemory(from: part.baseAddress!, byteCount: part.count)
        end += part.count
      }
      unsafe body(UnsafeRawBufferPointer(rebasing: memory[..<total]))
      unsafe sodium_memzero(memory.baseAddress!, memory.count)
    }
  }
}
