import CSodium

/// The one way into libsodium: started once, before its first use, and its return codes read in one place.
enum Sodium {
  private static let started: Bool = sodium_init() >= 0

  /// `sodium_malloc` before `sodium_init` aborts the process, so every entry point passes here.
  static func start() {
    precondition(started, "libsodium could not start")
  }

  /// libsodium answers 0 for success and -1 for "does not verify" or "refused".
  static func check(_ status: Int32, or code: CryptoError.Code, _ reason: StaticString) throws(CryptoError) {
    guard status == 0 else { throw CryptoError(code, reason) }
  }
}

/// Public randomness: ids, nonces, salts. Keys come from `SecretBytes.random`.
public func randomBytes(_ count: Int) -> [UInt8] {
  Sodium.start()
  var bytes = [UInt8](repeating: 0, count: count)
  unsafe bytes.withUnsafeMutableBytes { unsafe randombytes_buf($0.baseAddress!, $0.count) }
  return bytes
}

/// Equality without an early exit, for values that an attacker can probe. Lengths are not secret.
public func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  guard !left.isEmpty else { return true }
  Sodium.start()
  return unsafe sodium_memcmp(left, right, left.count) == 0
}

/// Overwrites bytes that held something secret before they are given back; the compiler cannot elide it.
public func wipe(_ bytes: inout [UInt8]) {
  guard !bytes.isEmpty else { return }
  unsafe bytes.withUnsafeMutableBytes { unsafe sodium_memzero($0.baseAddress!, $0.count) }
  bytes.removeAll(keepingCapacity: false)
}
