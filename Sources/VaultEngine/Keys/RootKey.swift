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
