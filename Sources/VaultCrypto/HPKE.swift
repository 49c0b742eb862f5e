import CSodium

/// HPKE base mode, single shot (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
///
/// Sealed form: encapsulated key (32) ‖ ciphertext ‖ tag (16). Anyone can seal; it authenticates nobody.
public enum HPKE {
  public static let overheadByteCount = 32 + 16
  /// Everything we seal this way is a key or a short document.
  public static let dataByteCountMax = 1 << 16

  public static func seal(
    _ data: UnsafeRawBufferPointer, to recipient: SealingKey, info: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    try unsafe seal(data, to: recipient, info: info, associatedData: associatedData, ephemeral: .random())
  }

  public static func seal(
    _ data: [UInt8], to recipient: SealingKey, info: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    let ephemeral = OpeningKey.random()
    var result: Result<[UInt8], CryptoError> = .success([])
    unsafe data.withUnsafeBytes { bytes in
      do throws(CryptoError) {
        result = .success(
          try unsafe seal(bytes, to: recipient, info: info, associatedData: associatedData, ephemeral: ephemeral))
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
    guard data.count <= dataByteCountMax else { throw CryptoError(.outOfBounds, "too much for one sealing") }
    let encapsulated = ephemeral.sealingKey.bytes
    let schedule = try Schedule(
      secret: ephemeral.secret, peer: recipient, encapsulated: encapsulated, recipient: recipient, info: info)
    var sealed = encapsulated
    sealed.append(contentsOf: repeatElement(0, count: data.count + 16))
    schedule.key.secret.withBytes { key in
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
    guard sealed.count > overheadByteCount, sealed.count <= dataByteCountMax + overheadByteCount else {
      throw CryptoError(.malformed, "sealed bytes have an impossible length")
    }
    let encapsulated = try SealingKey(Array(sealed.prefix(32)))
    let schedule = try Schedule(
      secret: recipient.secret, peer: encapsulated, encapsulated: encapsulated.bytes, recipient: recipient.sealingKey,
      info: info)
    return try SecretBytes(count: sealed.count - overheadByteCount) { target throws(CryptoError) in
      let status = schedule.key.secret.withBytes { key in
        unsafe sealed.withUnsafeBytes { bytes in
          unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            target.baseAddress!, nil, nil, bytes.baseAddress!.advanced(by: 32), UInt64(sealed.count - 32),
            associatedData, UInt64(associatedData.count), schedule.nonce, key.baseAddress!)
        }
      }
      try Sodium.check(status, or: .notAuthentic, "sealed bytes do not open with this key in this context")
    }
  }

  /// RFC 9180 §4.1 and §5.1 for one message: sequence number 0, so the nonce is the base nonce.
  private struct Schedule {
    let key: SymmetricKey
    let nonce: [UInt8]

    init(
      secret: SymmetricKey, peer: SealingKey, encapsulated: [UInt8], recipient: SealingKey, info: [UInt8]
    ) throws(CryptoError) {
      // The result must not be all-zero (RFC 9180 §7.1.4); libsodium refuses small-order points with -1.
      let shared = try SecretBytes(count: 32) { target throws(CryptoError) in
        let status = secret.withBytes { unsafe crypto_scalarmult(target.baseAddress!, $0.baseAddress!, peer.bytes) }
        try Sodium.check(status, or: .notAuthentic, "public key is of small order")
      }
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
      key = SymmetricKey(labeledExpand(prk, suite: suite, label: "key", info: schedule, count: 32))
      nonce = labeledExpand(prk, suite: suite, label: "base_nonce", info: schedule, count: 12)
        .withBytes { unsafe [UInt8]($0) }
    }
  }
}

private func labeledExtract(
  suite: [UInt8], label: String, input: borrowing SecretBytes
) -> SecretBytes {
  let prefix = Array("HPKE-v1".utf8) + suite + Array(label.utf8)
  return SecretBytes(count: 32) { target in
    input.withBytes { secret in
      unsafe prefix.withUnsafeBytes { unsafe HKDF.extract(salt: nil, parts: [$0, secret], into: target) }
    }
  }
}

private func labeledExtract(suite: [UInt8], label: String, publicInput: [UInt8]) -> SecretBytes {
  let bytes = Array("HPKE-v1".utf8) + suite + Array(label.utf8) + publicInput
  return SecretBytes(count: 32) { target in
    unsafe bytes.withUnsafeBytes { unsafe HKDF.extract(salt: nil, parts: [$0], into: target) }
  }
}

private func labeledExtract(
  salt: borrowing SecretBytes, suite: [UInt8], label: String, publicInput: [UInt8]
) -> SecretBytes {
  let bytes = Array("HPKE-v1".utf8) + suite + Array(label.utf8) + publicInput
  return SecretBytes(count: 32) { target in
    unsafe bytes.withUnsafeBytes { bytes in
      salt.withBytes { unsafe HKDF.extract(salt: $0, parts: [bytes], into: target) }
    }
  }
}

private func labeledExpand(
  _ prk: borrowing SecretBytes, suite: [UInt8], label: String, info: [UInt8], count: Int
) -> SecretBytes {
  let labeled = [UInt8(count >> 8), UInt8(count & 0xff)] + Array("HPKE-v1".utf8) + suite + Array(label.utf8) + info
  return SecretBytes(count: count) { target in
    prk.withBytes { unsafe HKDF.expand(key: $0, info: labeled, into: target) }
  }
}
