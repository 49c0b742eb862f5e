import CSodium

/// The textual header of an age file: stanzas, each of which wraps the file key, and an HMAC over all of it under that key.
struct AgeHeader {
  static let versionLine = "age-encryption.org/v1"
  /// About a thousand X25519 recipients; a header is held whole before its HMAC can be checked.
  static let byteCountMax = 128 << 10
  static let bodyColumnCount = 64

  let stanzas: [AgeStanza]
  // Everything up to and including "---".
  private let authenticated: [UInt8]
  private let tag: [UInt8]

  /// The header of a new file, with its line end.
  static func encode(_ stanzas: [AgeStanza], fileKey: borrowing SecretBytes) -> [UInt8] {
    var text = versionLine + "\n"
    for stanza in stanzas {
      text += "-> " + stanza.arguments.joined(separator: " ") + "\n"
      var rest = Substring(AgeBase64.encode(stanza.body, isPadded: false))
      // The last line is shorter than the others, if need be empty.
      while rest.utf8.count >= bodyColumnCount {
        text += rest.prefix(bodyColumnCount) + "\n"
        rest = rest.dropFirst(bodyColumnCount)
      }
      text += rest + "\n"
    }
    text += "---"
    let tag = authenticate(Array(text.utf8), fileKey: fileKey)
    return Array((text + " " + AgeBase64.encode(tag, isPadded: false) + "\n").utf8)
  }

  /// The file key. `noMatch` where no identity opens a stanza, `header` where a stanza is malformed, `notAuthentic` where
  /// the header's HMAC does not verify.
  func fileKey(with identities: [AgeIdentity]) throws(AgeError) -> SecretBytes {
    // A passphrase that opens a file vouches for who made it; beside other recipients it would not.
    guard stanzas.count == 1 || !stanzas.contains(where: { $0.type == AgeStanza.scrypt }) else {
      throw AgeError(.header, "scrypt stanza is not alone")
    }
    for identity in identities {
      for stanza in stanzas {
        guard let fileKey = try stanza.unwrap(with: identity) else { continue }
        guard equalInConstantTime(AgeHeader.authenticate(authenticated, fileKey: fileKey), tag) else {
          throw AgeError(.notAuthentic, "header was altered")
        }
        return fileKey
      }
    }
    if stanzas.contains(where: { $0.type == AgeStanza.hybrid }) {
      throw AgeError(.noMatch, "no identity opens the file; its hybrid recipients (ML-KEM) are not supported")
    }
    throw AgeError(.noMatch, "no identity opens the file")
  }

  private static func authenticate(_ bytes: [UInt8], fileKey: borrowing SecretBytes) -> [UInt8] {
    var tag = [UInt8](repeating: 0, count: HMACSHA256.byteCount)
    let key = AgeKeySchedule.derive(from: fileKey, salt: [], info: "header")
    key.withBytes { key in
      unsafe bytes.withUnsafeBytes { unsafe HMACSHA256.authenticate([$0], key: key, into: &tag) }
    }
    return tag
  }

  /// Takes a file's first bytes in any portions, and knows where the header ends.
  struct Parser {
    private enum Expected { case version, stanzaOrEnd, body }

    private var bytes: [UInt8] = []
    private var lineStart = 0
    private var expected = Expected.version
    private var stanzas: [AgeStanza] = []
    private var arguments: [String] = []
    private var body: [UInt8] = []

    /// Takes one byte; the header once its last line has ended.
    mutating func append(_ byte: UInt8) throws(AgeError) -> AgeHeader? {
      guard bytes.count < AgeHeader.byteCountMax else { throw AgeError(.header, "header is too long") }
      bytes.append(byte)
      guard byte == UInt8(ascii: "\n") else { return nil }
      defer { lineStart = bytes.count }
      return try take(Array(bytes[lineStart..<bytes.count - 1]))
    }

    private mutating func take(_ line: [UInt8]) throws(AgeError) -> AgeHeader? {
      switch expected {
      case .version:
        guard line == Array(AgeHeader.versionLine.utf8) else {
          throw AgeError(.header, "not an age file, or of another version")
        }
        expected = .stanzaOrEnd
      case .stanzaOrEnd where line.starts(with: "-> ".utf8):
        arguments = try AgeHeader.arguments(in: line.dropFirst(3))
        body = []
        expected = .body
      case .stanzaOrEnd:
        return try finish(line)
      case .body:
        guard line.count <= AgeHeader.bodyColumnCount else { throw AgeError(.header, "line of a stanza is too long") }
        body += line
        guard line.count < AgeHeader.bodyColumnCount else { return nil }
        guard let decoded = AgeBase64.decode(body, isPadded: false) else {
          throw AgeError(.header, "body of a stanza is not canonical base 64")
        }
        stanzas.append(AgeStanza(arguments: arguments, body: decoded))
        expected = .stanzaOrEnd
      }
      return nil
    }

    private func finish(_ line: [UInt8]) throws(AgeError) -> AgeHeader {
      guard line.starts(with: "--- ".utf8), let tag = AgeBase64.decode(Array(line.dropFirst(4)), isPadded: false),
        tag.count == HMACSHA256.byteCount
      else { throw AgeError(.header, "neither a stanza nor the end of the header") }
      guard !stanzas.isEmpty else { throw AgeError(.header, "header has no recipient") }
      return AgeHeader(stanzas: stanzas, authenticated: Array(bytes[..<(lineStart + 3)]), tag: tag)
    }
  }

  // One or more, separated by single spaces, of visible ASCII.
  private static func arguments(in line: ArraySlice<UInt8>) throws(AgeError) -> [String] {
    let arguments = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard arguments.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x21...0x7e).contains($0) } }) else {
      throw AgeError(.header, "arguments of a stanza are malformed")
    }
    return arguments.map { String(decoding: $0, as: UTF8.self) }
  }
}
