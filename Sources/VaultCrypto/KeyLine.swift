/// One line that names what it is and carries 32 secret bytes in base64.
package enum KeyLine: String {
  case root = "survivor-vault-root-key-1 "
  case account = "survivor-vault-account-key-1 "

  private static let base64ByteCount = 44
  var byteCount: Int { rawValue.utf8.count + KeyLine.base64ByteCount + 1 }

  package func encode(_ key: SymmetricKey) -> SecretBytes {
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

  /// nil for anything but the line; a missing line end is forgiven. The caller's bytes are wiped.
  package func decode(wiping line: inout [UInt8]) -> SymmetricKey? {
    defer { wipe(&line) }
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    guard line.count == byteCount - 1, line.starts(with: rawValue.utf8) else { return nil }
    return SecretBase64.decodeKey(line, from: rawValue.utf8.count)
  }
}

/// The two key pairs of an account that has a key file follow from the file's key, so that whoever holds the file can
/// sign without anything that the vault keeps (docs/format.md, "Keys").
package enum KeyFilePairs {
  package static func signing(from key: SymmetricKey) -> SigningKey { SigningKey(seed: signingSeed(from: key)) }

  package static func signingSeed(from key: SymmetricKey) -> SymmetricKey {
    HKDF.deriveKey(from: key, label: "account-signing-seed")
  }

  package static func openingSecret(from key: SymmetricKey) -> SymmetricKey {
    HKDF.deriveKey(from: key, label: "account-opening-secret")
  }
}
