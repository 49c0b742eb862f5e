import VaultCrypto

/// A signed document as a row holds it: its bytes and one signature.
struct SignedDocument: Sendable {
  let document: [UInt8]
  let signature: [UInt8]

  /// Larger than the largest manifest: 1,000 members of about 300 bytes.
  static let byteCountMax = 1 << 20

  func encoded(as purpose: StaticString) -> [UInt8] {
    var encoding = CanonicalEncoding(purpose)
    encoding.append(document)
    encoding.append(signature)
    return encoding.bytes
  }

  init(document: [UInt8], signature: [UInt8]) {
    self.document = document
    self.signature = signature
  }

  init(decoding bytes: [UInt8], as purpose: StaticString) throws(CryptoError) {
    var decoder = try CanonicalDecoder(bytes, purpose: purpose)
    document = try decoder.field(limit: SignedDocument.byteCountMax)
    signature = try decoder.field(exactly: VerifyingKey.signatureByteCount)
    try decoder.finish()
  }
}
