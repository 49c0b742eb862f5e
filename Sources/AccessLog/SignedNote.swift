import VaultCrypto

/// One signature line of a note: who signed, and the bytes after the key id.
public struct NoteSignature: Hashable, Sendable {
  public let name: NoteName
  public let keyID: UInt32
  public let signature: [UInt8]

  init(name: NoteName, keyID: UInt32, signature: [UInt8]) {
    self.name = name
    self.keyID = keyID
    self.signature = signature
  }

  fileprivate static let dash = "\u{2014} "

  fileprivate var line: String {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(keyID)
    return "\(NoteSignature.dash)\(name) \(Base64.encode(bytes + signature))\n"
  }

  fileprivate init(line: Substring) throws(LogError) {
    guard line.hasPrefix(NoteSignature.dash) else {
      throw LogError(.malformed, "signature line does not begin with a dash")
    }
    let parts = line.dropFirst(NoteSignature.dash.count).split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw LogError(.malformed, "signature line has not two parts") }
    name = try NoteName(String(parts[0]))
    let bytes = try Base64.decode(parts[1])
    guard bytes.count > 4 else { throw LogError(.malformed, "signature line holds no signature") }
    keyID = UInt32(truncatingIfNeeded: bytes[..<4].bigEndianInteger)
    signature = Array(bytes[4...])
  }
}

/// Text with signatures under it (C2SP signed-note). Parsing it proves nothing: only `signatures(by:)` does.
public struct SignedNote: Hashable, Sendable {
  /// UTF-8, ends in a newline.
  public let text: [UInt8]
  public private(set) var signatures: [NoteSignature]

  init(text: [UInt8], signatures: [NoteSignature]) {
    self.text = text
    self.signatures = signatures
  }

  public var encoded: [UInt8] {
    text + [0x0a] + signatures.flatMap { Array($0.line.utf8) }
  }

  /// `malformed` for anything that `encoded` would not write.
  public init(encoded bytes: [UInt8]) throws(LogError) {
    guard bytes.count <= LogBound.noteByteCountMax else { throw LogError(.malformed, "note is too long") }
    guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x0a }) else {
      throw LogError(.malformed, "note has a control character")
    }
    // The last empty line parts text and signatures; the text may have empty lines of its own.
    guard bytes.last == 0x0a,
      let end = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a })
    else { throw LogError(.malformed, "note has no signatures") }
    let text = Array(bytes[...end])
    guard String(validating: text, as: UTF8.self) != nil,
      let lines = String(validating: bytes[(end + 2)...], as: UTF8.self)
    else { throw LogError(.malformed, "note is not UTF-8") }
    var signatures: [NoteSignature] = []
    for line in lines.unicodeScalars.split(separator: "\n") {
      guard signatures.count < LogBound.noteSignatureCountMax else {
        throw LogError(.malformed, "note has more signatures than its bound")
      }
      signatures.append(try NoteSignature(line: Substring(line)))
    }
    guard !signatures.isEmpty else { throw LogError(.malformed, "note has no signatures") }
    self.init(text: text, signatures: signatures)
    guard encoded == bytes else { throw LogError(.malformed, "note is not in its one spelling") }
  }

  mutating func add(_ signature: NoteSignature) { signatures.append(signature) }

  /// The lines of the keys that are known, each verified; lines of unknown keys are passed over, as the format demands.
  /// A known key's line that does not verify, or two lines of one known key, spoil the whole note.
  func signatures(by keys: [NoteKey]) throws(LogError) -> [(key: NoteKey, signature: NoteSignature)] {
    var found: [(key: NoteKey, signature: NoteSignature)] = []
    for key in keys {
      let id = key.id
      let lines = signatures.filter { $0.keyID == id && $0.name == key.name }
      guard lines.count <= 1 else { throw LogError(.malformed, "note has two signatures by one key") }
      guard let line = lines.first else { continue }
      switch key.algorithm {
      case .ed25519:
        do { try key.key.verify(line.signature, over: text) } catch { throw LogError(error) }
      case .cosignature:
        _ = try Cosignature(line, by: key, over: text)
      }
      found.append((key, line))
    }
    return found
  }
}
