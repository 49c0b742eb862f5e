import CSodium

/// One recipient stanza of a header: its arguments, the first of which names its type, and its body.
struct AgeStanza: Equatable, Sendable {
  let arguments: [String]
  let body: [UInt8]

  static let x25519 = "X25519"
  static let scrypt = "scrypt"
  static let hybrid = "mlkem768x25519"
  static let fileKeyByteCount = 16
  /// The body of both types that we open: a file key and a tag. Checked before anything is decrypted, so that a file
  /// cannot be made that opens differently under different keys.
  static let wrappedByteCount = fileKeyByteCount + 16
  static let saltByteCount = 16
  /// 2^20 rounds take a gibibyte; `age` itself writes 2^18.
  static let scryptWorkFactorMax = 20

  var type: String { arguments[0] }

  /// Wraps the file key for one recipient, under a key that is never used again. `malformedKey` for a key of small order.
  static func wrap(_ fileKey: borrowing SecretBytes, to recipient: AgeRecipient) throws(AgeError) -> AgeStanza {
    let ephemeral = OpeningKey.random()
    let share = ephemeral.sealingKey.bytes
    guard
      let wrapKey = x25519WrapKey(
        secret: ephemeral, peer: recipient.sealingKey.bytes, salt: share + recipient.sealingKey.bytes)
    else { throw AgeError(.malformedKey, "recipient is a key of small order") }
    var body = [UInt8](repeating: 0, count: wrappedByteCount)
    fileKey.withBytes { fileKey in
      wrapKey.withBytes { key in
        // The nonce may be fixed: the key is fresh for every stanza.
        _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
          &body, nil, fileKey.baseAddress!, UInt64(fileKeyByteCount), nil, 0, nil, [UInt8](repeating: 0, count: 12),
          key.baseAddress!)
      }
    }
    return AgeStanza(arguments: [x25519, AgeBase64.encode(share, isPadded: false)], body: body)
  }

  /// The file key, or nil where the stanza is not for this identity. `header` where the stanza cannot be what it says.
  func unwrap(with identity: AgeIdentity) throws(AgeError) -> SecretBytes? {
    switch (identity.secret, type) {
    case (.key(let key), AgeStanza.x25519):
      return try open(under: try x25519WrapKey(with: key))
    case (.passphrase(let passphrase), AgeStanza.scrypt):
      return try open(under: try scryptWrapKey(with: passphrase))
    default:
      return nil
    }
  }

  private func x25519WrapKey(with key: OpeningKey) throws(AgeError) -> SymmetricKey {
    guard arguments.count == 2, let share = AgeBase64.decode(Array(arguments[1].utf8), isPadded: false),
      share.count == SealingKey.byteCount
    else { throw AgeError(.header, "X25519 stanza is malformed") }
    guard let wrapKey = AgeStanza.x25519WrapKey(secret: key, peer: share, salt: share + key.sealingKey.bytes) else {
      throw AgeError(.header, "X25519 stanza has a share of small order")
    }
    return wrapKey
  }

  private func scryptWrapKey(with passphrase: AgePassphrase) throws(AgeError) -> SymmetricKey {
    guard arguments.count == 3, let salt = AgeBase64.decode(Array(arguments[1].utf8), isPadded: false),
      salt.count == AgeStanza.saltByteCount
    else { throw AgeError(.header, "scrypt stanza is malformed") }
    // Decimal without sign or leading zeros: one number, one spelling.
    let digits = Array(arguments[2].utf8)
    guard (1...2).contains(digits.count), digits[0] != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { throw AgeError(.header, "scrypt stanza is malformed") }
    let workFactor = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    guard workFactor <= AgeStanza.scryptWorkFactorMax else {
      throw AgeError(.header, "scrypt stanza asks for more work than this program does")
    }
    guard body.count == AgeStanza.wrappedByteCount else {
      throw AgeError(.header, "stanza has a body of another length")
    }
    let fullSalt = Array("age-encryption.org/v1/scrypt".utf8) + salt
    return SymmetricKey(
      try SecretBytes(count: 32) { target throws(AgeError) in
        let status = passphrase.bytes.withBytes { passphrase in
          unsafe crypto_pwhash_scryptsalsa208sha256_ll(
            passphrase.baseAddress!.assumingMemoryBound(to: UInt8.self), passphrase.count, fullSalt, fullSalt.count,
            UInt64(1) << UInt64(workFactor), 8, 1, target.baseAddress!.assumingMemoryBound(to: UInt8.self), 32)
        }
        guard status == 0 else { throw AgeError(.unavailable, "not enough memory for scrypt") }
      })
  }

  // Nil where the tag does not verify: the stanza is someone else's.
  private func open(under wrapKey: SymmetricKey) throws(AgeError) -> SecretBytes? {
    guard body.count == AgeStanza.wrappedByteCount else {
      throw AgeError(.header, "stanza has a body of another length")
    }
    var status: Int32 = -1
    let fileKey = SecretBytes(count: AgeStanza.fileKeyByteCount) { target in
      wrapKey.withBytes { key in
        status = unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
          target.baseAddress!, nil, nil, body, UInt64(body.count), nil, 0, [UInt8](repeating: 0, count: 12),
          key.baseAddress!)
      }
    }
    guard status == 0 else { return nil }
    return fileKey
  }

  // Nil where the shared secret would be zero.
  private static func x25519WrapKey(secret: OpeningKey, peer: [UInt8], salt: [UInt8]) -> SymmetricKey? {
    var status: Int32 = -1
    let shared = SecretBytes(count: 32) { target in
      secret.secretKey.withBytes { status = unsafe crypto_scalarmult(target.baseAddress!, $0.baseAddress!, peer) }
    }
    guard status == 0 else { return nil }
    return AgeKeySchedule.derive(from: shared, salt: salt, info: "age-encryption.org/v1/X25519")
  }
}

/// HKDF-SHA-256 with the labels of the age format.
enum AgeKeySchedule {
  static func derive(from secret: borrowing SecretBytes, salt: [UInt8], info: String) -> SymmetricKey {
    SymmetricKey(
      SecretBytes(count: 32) { target in
        let extracted = SecretBytes(count: 32) { extracted in
          secret.withBytes { secret in
            unsafe salt.withUnsafeBytes { unsafe HKDF.extract(salt: $0, parts: [secret], into: extracted) }
          }
        }
        extracted.withBytes { unsafe HKDF.expand(key: $0, info: Array(info.utf8), into: target) }
      })
  }
}

/// Base 64 as age has it: canonical, and with or without padding as the place demands.
enum AgeBase64 {
  /// Nil unless the text is the one canonical spelling of some bytes.
  static func decode(_ text: [UInt8], isPadded: Bool) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    var bytes = [UInt8](repeating: 0, count: text.count)
    var count = 0
    let status = unsafe text.withUnsafeBytes { text in
      unsafe sodium_base642bin(
        &bytes, bytes.count, text.baseAddress!.assumingMemoryBound(to: CChar.self), text.count, nil, &count, nil,
        isPadded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
    }
    guard status == 0 else { return nil }
    bytes.removeLast(bytes.count - count)
    // libsodium 1.0.18 takes every byte from 0x80 on for "/" (its characters are signed), so what it accepts is canonical
    // only if it is written the same way again.
    guard Array(encode(bytes, isPadded: isPadded).utf8) == text else { return nil }
    return bytes
  }

  static func encode(_ bytes: [UInt8], isPadded: Bool) -> String {
    let variant = isPadded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING
    // With room for the terminator that libsodium writes.
    var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
    unsafe sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
    return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
