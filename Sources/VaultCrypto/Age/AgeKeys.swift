/// Whom a file is encrypted to: an X25519 key written `age1…` (C2SP age.md, "The X25519 recipient type").
public struct AgeRecipient: Hashable, Sendable {
  static let prefix = "age"
  /// The hybrid recipients are 1,959 characters; nothing longer is a recipient.
  static let textByteCountMax = 4096

  public let sealingKey: SealingKey

  public init(_ sealingKey: SealingKey) { self.sealingKey = sealingKey }

  /// Reads `age1…`. `unsupported` for hybrid recipients and those of plugins, `malformedKey` for anything else.
  public init(_ text: String) throws(AgeError) {
    guard text.utf8.count <= AgeRecipient.textByteCountMax else {
      throw AgeError(.malformedKey, "text is longer than any recipient")
    }
    if text.hasPrefix("age1pq1") {
      throw AgeError(.unsupported, "age1pq… is a hybrid recipient (ML-KEM); use an X25519 recipient, age1…")
    }
    // A second separator: bech32's data part has no "1", so the prefix is a plugin's.
    if text.hasPrefix("age1"), text.dropFirst(4).contains("1") {
      throw AgeError(.unsupported, "the recipient belongs to an age plugin; use an X25519 recipient, age1…")
    }
    var bytes = Array(text.utf8)
    let decoded = try SecretBytes(wiping: &bytes).withBytes { text throws(AgeError) in
      unsafe try Bech32.decode(text, prefix: AgeRecipient.prefix)
    }
    guard let key = try? SealingKey(decoded.withBytes { unsafe [UInt8]($0) }) else {
      throw AgeError(.malformedKey, "key has another prefix or length")
    }
    sealingKey = key
  }

  /// `age1…`
  public var text: String {
    var bytes = sealingKey.bytes
    let text = SecretBytes(wiping: &bytes).withBytes { unsafe Bech32.encode($0, prefix: AgeRecipient.prefix) }
    return text.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

/// What opens a file: an X25519 secret key written `AGE-SECRET-KEY-1…`, or a passphrase.
public final class AgeIdentity: Sendable {
  static let prefix = "AGE-SECRET-KEY-"
  /// An identity file holds a few lines; more is another file.
  public static let fileByteCountMax = 64 << 10

  enum Secret: Sendable {
    case key(OpeningKey)
    case passphrase(AgePassphrase)
  }

  let secret: Secret

  private init(_ secret: Secret) { self.secret = secret }

  public convenience init(_ key: OpeningKey) { self.init(.key(key)) }

  /// For files that were made with `age --passphrase`.
  public convenience init(passphrase: consuming SecretBytes) { self.init(.passphrase(AgePassphrase(passphrase))) }

  public static func random() -> AgeIdentity { AgeIdentity(OpeningKey.random()) }

  /// Reads `AGE-SECRET-KEY-1…`, nothing before or after it. `unsupported` for hybrid identities and those of plugins,
  /// `malformedKey` for anything else.
  public convenience init(parsing text: borrowing SecretBytes) throws(AgeError) {
    let key = try text.withBytes { text throws(AgeError) in unsafe try AgeIdentity.key(in: text) }
    self.init(key)
  }

  /// All identities of a file as `age-keygen` writes it: one a line, with empty lines and `#` comments between them.
  /// `malformedKey` where a line is something else or there is none.
  public static func all(inFile file: borrowing SecretBytes) throws(AgeError) -> [AgeIdentity] {
    guard file.count <= fileByteCountMax else { throw AgeError(.outOfBounds, "identity file is too long") }
    return try file.withBytes { file throws(AgeError) in
      var identities: [AgeIdentity] = []
      var start = 0
      while start < file.count {
        var end = start
        while end < file.count, unsafe file[end] != UInt8(ascii: "\n") { end += 1 }
        var stop = end
        while stop > start, unsafe [0x0d, 0x20, 0x09].contains(file[stop - 1]) { stop -= 1 }
        if stop > start, unsafe file[start] != UInt8(ascii: "#") {
          unsafe identities.append(AgeIdentity(try key(in: UnsafeRawBufferPointer(rebasing: file[start..<stop]))))
        }
        start = end + 1
      }
      guard !identities.isEmpty else { throw AgeError(.malformedKey, "file holds no identity") }
      return identities
    }
  }

  /// The recipient whose files this opens; nil for a passphrase.
  public var recipient: AgeRecipient? {
    if case .key(let key) = secret { AgeRecipient(key.sealingKey) } else { nil }
  }

  /// `AGE-SECRET-KEY-1…`, no line end; nil for a passphrase.
  public var text: SecretBytes? {
    guard case .key(let key) = secret else { return nil }
    return key.secretKey.withBytes { unsafe Bech32.encode($0, prefix: AgeIdentity.prefix) }
  }

  private static func key(in text: UnsafeRawBufferPointer) throws(AgeError) -> OpeningKey {
    if unsafe text.starts(with: "AGE-SECRET-KEY-PQ-1".utf8) {
      throw AgeError(.unsupported, "AGE-SECRET-KEY-PQ-… is a hybrid identity (ML-KEM); an X25519 identity is needed")
    }
    if unsafe text.starts(with: "AGE-PLUGIN-".utf8) {
      throw AgeError(.unsupported, "the identity belongs to an age plugin; an X25519 identity is needed")
    }
    return unsafe OpeningKey(secret: try Bech32.decode(text, prefix: prefix))
  }
}

extension AgeIdentity: CustomStringConvertible, CustomReflectable {
  public var description: String { "AgeIdentity(redacted)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A passphrase that can be kept in a list of identities.
final class AgePassphrase: Sendable {
  let bytes: SecretBytes
  init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
}
