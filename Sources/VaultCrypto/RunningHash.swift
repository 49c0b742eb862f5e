import CSodium

/// SHA-256 of what is too long to hold: a backup as it passes.
public struct RunningHash: ~Copyable {
  private var state = crypto_hash_sha256_state()

  public init() {
    Sodium.start()
    unsafe crypto_hash_sha256_init(&state)
  }

  public mutating func add(_ bytes: [UInt8]) {
    unsafe crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
  }

  /// The 32 bytes over all that was added.
  public consuming func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
    unsafe crypto_hash_sha256_final(&state, &digest)
    return digest
  }
}
