public import VaultCrypto

/// A public key that signs notes, with the name it goes by: a *vkey* in the words of C2SP signed-note.
public struct NoteKey: Hashable, Sendable {
  /// The signature type byte. Other types exist; a key of such a type is refused as `unsupported`.
  public enum Algorithm: UInt8, Sendable {
    /// Ed25519 over the note text: how a log signs its checkpoints.
    case ed25519 = 0x01
    /// cosignature/v1, Ed25519 over a time and the note text: how an auditor signs off (C2SP tlog-cosignature).
    case cosignature = 0x04
  }

  public let name: NoteName
  public let algorithm: Algorithm
  public let key: VerifyingKey

  public init(name: NoteName, algorithm: Algorithm, key: VerifyingKey) {
    self.name = name
    self.algorithm = algorithm
    self.key = key
  }

  /// First four bytes of SHA-256(name ‖ "\n" ‖ algorithm ‖ public key), big-endian: it finds a line, it proves nothing.
  public var id: UInt32 {
    let digest = SHA256.hash(Array(name.text.utf8) + [0x0a, algorithm.rawValue] + key.bytes)
    return UInt32(truncatingIfNeeded: digest[..<4].bigEndianInteger)
  }

  /// `name+hex id+base64(algorithm ‖ public key)`.
  public var vkey: String { "\(name)+\(hex(id))+\(Base64.encode([algorithm.rawValue] + key.bytes))" }

  /// One spelling only; the id must be that of the key.
  public init(vkey text: String) throws(LogError) {
    guard text.utf8.count <= 2 * LogBound.nameByteCountMax else { throw LogError(.malformed, "vkey is too long") }
    // Base64 may contain the separator, a name never does.
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw LogError(.malformed, "vkey has not three parts") }
    let material = try Base64.decode(parts[2])
    guard let type = material.first else { throw LogError(.malformed, "vkey holds no key") }
    guard let algorithm = Algorithm(rawValue: type) else {
      throw LogError(.unsupported, "vkey of an unknown signature type")
    }
    let key: VerifyingKey
    do { key = try VerifyingKey(Array(material.dropFirst())) } catch { throw LogError(error) }
    self.init(name: try NoteName(String(parts[0])), algorithm: algorithm, key: key)
    guard vkey.utf8.elementsEqual(text.utf8) else { throw LogError(.malformed, "vkey is not in its one spelling") }
  }
}

private func hex(_ id: UInt32) -> String {
  let digits = String(id, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}

/// The key pair with which a log signs its checkpoints, under the log's origin as its name.
public struct LogSigner: Sendable {
  public let noteKey: NoteKey
  private let key: SigningKey

  public init(origin: NoteName, key: SigningKey) {
    noteKey = NoteKey(name: origin, algorithm: .ed25519, key: key.verifyingKey)
    self.key = key
  }

  public var origin: NoteName { noteKey.name }

  func sign(_ text: [UInt8]) -> NoteSignature {
    NoteSignature(name: noteKey.name, keyID: noteKey.id, signature: key.sign(text))
  }
}

/// The key pair of someone who vouches for a checkpoint: an auditor's sign-off, a witness (C2SP tlog-cosignature). The
/// signed text does not name the cosigner, so one key must not serve under two names.
public struct Cosigner: Sendable {
  public let noteKey: NoteKey
  private let key: SigningKey

  public init(name: NoteName, key: SigningKey) {
    noteKey = NoteKey(name: name, algorithm: .cosignature, key: key.verifyingKey)
    self.key = key
  }

  func sign(_ text: [UInt8], posixSeconds: UInt64) -> NoteSignature {
    var signature: [UInt8] = []
    signature.appendBigEndian(posixSeconds)
    signature += key.sign(Cosignature.message(text: text, posixSeconds: posixSeconds))
    return NoteSignature(name: noteKey.name, keyID: noteKey.id, signature: signature)
  }
}
