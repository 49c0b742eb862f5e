import VaultCrypto

/// The key that lies outside the data directory, and the line it is written in.
public final class RootKey: Sendable {
  /// `survivor-vault-root-key-1` SP base64 LF.
  public static let fileByteCountMax = 128
  let key: SymmetricKey

  public init(_ key: SymmetricKey) { self.key = key }

  public static func random() -> RootKey { RootKey(.random()) }

  /// Reads the content of a root key file; the caller's bytes are wiped.
  public convenience init(wiping file: inout [UInt8]) throws(VaultError) {
    guard let key = KeyLine.root.decode(wiping: &file) else {
      throw VaultError(
        .rootKeyWrong, "The root key file is not a root key file.",
        hint: "It is one line that begins with survivor-vault-root-key-1.")
    }
    self.init(key)
  }

  /// Whether a file that begins like this is a root key file.
  public static func begins(_ file: [UInt8]) -> Bool { file.starts(with: KeyLine.root.rawValue.utf8) }

  /// The content of a root key file; wiped with the value.
  public var file: SecretBytes { KeyLine.root.encode(key) }
}

/// One line that names what it is and carries 32 secret bytes in base64.
enum KeyLine: String {
  case root = "survivor-vault-root-key-1 "
  case account = "survivor-vault-account-key-1 "

  private static let base64ByteCount = 44
  var byteCount: Int { rawValue.utf8.count + KeyLine.base64ByteCount + 1 }

  func encode(_ key: SymmetricKey) -> SecretBytes {
    SecretBytes(count: byteCount) { target in
      var offset = 0
      for byte in rawValue.utf8 {
        unsafe target[offset] = byte
        offset += 1
      }
      key.withBytes {
        unsafe SecretBase64.encode(unsafe $0, into: unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]))
      }
      unsafe target[byteCount - 1] = UInt8(ascii: "\n")
    }
  }

  /// nil for anything but the line; a missing line end is forgiven.
  func decode(wiping line: inout [UInt8]) -> SymmetricKey? {
    defer { wipe(&line) }
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    guard line.count == byteCount - 1, line.starts(with: rawValue.utf8) else { return nil }
    return SecretBase64.decodeKey(line, from: rawValue.utf8.count)
  }
}
