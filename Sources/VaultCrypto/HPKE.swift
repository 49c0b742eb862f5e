import CSodium

/// HPKE base mode, single shot (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
///
/// Sealed form: encapsulated key (32) ‖ ciphertext ‖ tag (16). Anyone can seal; it authenticates nobody.
///
/// What is secret on the way lives for a hundredth of a millisecond, in ordinary memory that is wiped: guarded memory for
/// it would cost ten times the mathematics, and an auditor opens thousands.
public enum HPKE {
  public static let overheadByteCount = 32 + 16
  /// Everything we seal this way is a key or a short document.
  public static let dataByteCountMax = 1 << 16

  public static func seal(
    _ data: UnsafeRawBufferPointer, to recipient: SealingKey, info: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    let ephemeral = TransientKey.random()
    return try unsafe seal(
      data, to: recipient, info: info, associatedData: associatedData, ephemeral: ephemeral,
      encapsulated: publicKey(of: ephemeral))
  }

  public static func seal(
    _ data: [UInt8], to recipient: SealingKey, info: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    var result: Result<[UInt8], CryptoError> = .success([])
    unsafe data.withUnsafeBytes { bytes in
      do throws(CryptoError) {
        result = .success(try unsafe seal(bytes, to: recipient, info: info, associatedData: associatedData))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  public static func seal(
    _ key: SymmetricKey, to recipient: SealingKey, info: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    try key.secret.withBytes { bytes throws(CryptoError) in
      try unsafe seal(bytes, to: recipient, info: info, associatedData: associatedData)
    }
  }

  /// With the caller's ephemeral key, for the vectors of RFC 9180 and worked examples only.
  package static func seal(
    _ data: UnsafeRawBufferPointer, to recipient: SealingKey, info: [UInt8], associatedData: [UInt8],
    ephemeral: OpeningKey
  ) throws(CryptoError) -> [UInt8] {
    try unsafe seal(
      data, to: recipient, info: info, associatedData: associatedData, ephemeral: ephemeral.secret,
      encapsulated: ephemeral.sealingKey.bytes)
  }

  private static func publicKey(of ephemeral: borrowing TransientKey) -> [UInt8] {
    var publicKey = [UInt8](repeating: 0, count: SealingKey.byteCount)
    ephemeral.withKeyBytes { _ = unsafe crypto_scalarmult_base(&publicKey, $0.baseAddress!) }
    return publicKey
  }

  private static func seal(
    _ data: UnsafeRawBufferPointer, to recipient: SealingKey, info: [UInt8], associatedData: [UInt8],
    ephemeral: borrowing some EnvelopeKey & ~Copyable, encapsulated: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    guard data.count <= dataByteCountMax else { throw CryptoError(.outOfBounds, "too much for one sealing") }
    let schedule = try Schedule(
      secret: ephemeral, peer: recipient, encapsulated: encapsulated, recipient: recipient, info: info)
    var sealed = encapsulated
    sealed.append(contentsOf: repeatElement(0, count: data.count + 16))
    schedule.key.withBytes { key in
      unsafe sealed.withUnsafeMutableBytes { out in
        _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
          out.baseAddress!.advanced(by: 32), nil, data.baseAddress, UInt64(data.count), associatedData,
          UInt64(associatedData.count), nil, schedule.nonce, key.baseAddress!)
      }
    }
    return sealed
  }

  /// `malformed` or `notAuthentic`.
  public static func open(
    _ sealed: [UInt8], with recipient: OpeningKey, info: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> SecretBytes {
    let count = try openedByteCount(of: sealed)
    return try SecretBytes(count: count) { target throws(CryptoError) in
      try unsafe open(sealed, with: recipient, info: info, associatedData: associatedData, into: target)
    }
  }

  /// A sealed key that lives within one request, in ordinary memory. `malformed` unless 32 bytes were sealed.
  public static func openTransient(
    _ sealed: [UInt8], with recipient: OpeningKey, info: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> TransientKey {
    let opened = Plaintext(count: try openedByteCount(of: sealed))
    try opened.withAllBytes { target throws(CryptoError) in
      try unsafe open(sealed, with: recipient, info: info, associatedData: associatedData, into: target)
    }
    return try TransientKey(opened)
  }

  private static func openedByteCount(of sealed: [UInt8]) throws(CryptoError) -> Int {
    guard sealed.count > overheadByteCount, sealed.count <= dataByteCountMax + overheadByteCount else {
      throw CryptoError(.malformed, "sealed bytes have an impossible length")
    }
    return sealed.count - overheadByteCount
  }

  private static func open(
    _ sealed: [UInt8], with recipient: OpeningKey, info: [UInt8], associatedData: [UInt8],
    into target: UnsafeMutableRawBufferPointer
  ) throws(CryptoError) {
    let encapsulated = try SealingKey(Array(sealed.prefix(32)))
    let schedule = try Schedule(
      secret: recipient.secret, peer: encapsulated, encapsulated: encapsulated.bytes, recipient: recipient.sealingKey,
      info: info)
    let status = schedule.key.withBytes { key in
      unsafe sealed.withUnsafeBytes { bytes in
        unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
          target.baseAddress!, nil, nil, bytes.baseAddress!.advanced(by: 32), UInt64(sealed.count - 32),
          associatedData, UInt64(associatedData.count), schedule.nonce, key.baseAddress!)
      }
    }
    try Sodium.check(status, or: .notAuthentic, "sealed bytes do not open with this key in this context")
  }

  /// RFC 9180 §4.1 and §5.1 for one message: sequence number 0, so the nonce is the base nonce.
  private struct Schedule: ~Copyable {
    let key: Plaintext
    let nonce: [UInt8]

    init(
      secret: borrowing some EnvelopeKey & ~Copyable, peer: SealingKey, encapsulated: [UInt8], recipient: SealingKey,
      info: [UInt8]
    ) throws(CryptoError) {
      // The result must not be all-zero (RFC 9180 §7.1.4); libsodium refuses small-order points with -1.
      let shared = Plaintext(count: 32)
      let status = shared.withAllBytes { target in
        unsafe secret.withKeyBytes { unsafe crypto_scalarmult(target.baseAddress!, $0.baseAddress!, peer.bytes) }
      }
      try Sodium.check(status, or: .notAuthentic, "public key is of small order")
      let kem: [UInt8] = Array("KEM".utf8) + [0x00, 0x20]
      let suite: [UInt8] = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x03]
      let context = encapsulated + recipient.bytes
      let eaePRK = labeledExtract(suite: kem, label: "eae_prk", input: shared)
      let sharedSecret = labeledExpand(eaePRK, suite: kem, label: "shared_secret", info: context, count: 32)

      let pskID = labeledExtract(suite: suite, label: "psk_id_hash", publicInput: [])
      let infoHash = labeledExtract(suite: suite, label: "info_hash", publicInput: info)
      var schedule: [UInt8] = [0]
      pskID.withBytes { unsafe schedule.append(contentsOf: $0) }
      infoHash.withBytes { unsafe schedule.append(contentsOf: $0) }
      let prk = labeledExtract(salt: sharedSecret, suite: suite, label: "secret", publicInput: [])
      key = labeledExpand(prk, suite: suite, label: "key", info: schedule, count: 32)
      nonce = labeledExpand(prk, suite: suite, label: "base_nonce", info: schedule, count: 12)
        .withBytes { unsafe [UInt8]($0) }
    }
  }
}

private func labeledExtract(
  suite: [UInt8], label: String, input: borrowing Plaintext
) -> Plaintext {
  let prefix = Array("HPKE-v1".utf8) + suite + Array(label.utf8)
  let key = Plaintext(count: 32)
  key.withAllBytes { target in
    input.withBytes { secret in
      unsafe prefix.withUnsafeBytes { unsafe HKDF.extract(salt: nil, parts: [$0, secret], into: target) }
    }
  }
  return key
}

private func labeledExtract(suite: [UInt8], label: String, publicInput: [UInt8]) -> Plaintext {
  let bytes = Array("HPKE-v1".utf8) + suite + Array(label.utf8) + publicInput
  let key = Plaintext(count: 32)
  key.withAllBytes { target in
    unsafe bytes.withUnsafeBytes { unsafe HKDF.extract(salt: nil, parts: [$0], into: target) }
  }
  return key
}

private func labeledExtract(
  salt: borrowing Plaintext, suite: [UInt8], label: String, publicInput: [UInt8]
) -> Plaintext {
  let bytes = Array("HPKE-v1".utf8) + suite + Array(label.utf8) + publicInput
  let key = Plaintext(count: 32)
  key.withAllBytes { target in
    unsafe bytes.withUnsafeBytes { bytes in
      salt.withBytes { unsafe HKDF.extract(salt: $0, parts: [bytes], into: target) }
    }
  }
  return key
}

private func labeledExpand(
  _ prk: borrowing Plaintext, suite: [UInt8], label: String, info: [UInt8], count: Int
) -> Plaintext {
  let labeled = [UInt8(count >> 8), UInt8(count & 0xff)] + Array("HPKE-v1".utf8) + suite + Array(label.utf8) + info
  let output = Plaintext(count: count)
  output.withAllBytes { target in
    prk.withBytes { unsafe HKDF.expand(key: $0, info: labeled, into: target) }
  }
  return output
}
