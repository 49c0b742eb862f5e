import VaultCrypto

/// The passphrases of keys-example: everybody can read them, so no vault but a demo takes them (DESIGN §8).
enum PublishedPassphrases {
  /// SHA-256 of each, in hexadecimal. They are published: nothing is kept secret by the hash.
  private static let hashes: Set<String> = [
    "98300db721be1a2702a98e27602f279e8d91bb75e2c79b7138e5531d2a7b0dbb",  // administrator
    "d4fc77c117e1e9776c4ebbbc1ca1957f4c4d70af2e2939583f6c688bf30f7483",  // auditor
    "02a35299a9e753b1cac05a4033fd75eb40ec42545332354fdc86d01d3f2a3fc9",  // colleague
    "fc2ec160cd3d3b22cff943688f08c8208412af5b8050d2696daf5352d56557b7",  // officer
    "b6007b9332514ddced03fb52fa2c6ffc4e0923a81d62219861b066fc54b8995a",  // supervisor
  ]

  static func contains(_ passphrase: borrowing SecretBytes) -> Bool {
    passphrase.withBytes { bytes in
      // Only a copy of the hash's length of a short text leaves guarded memory, and is wiped.
      var copy = unsafe [UInt8](bytes)
      defer { wipe(&copy) }
      return hashes.contains(hexadecimal(SHA256.hash(copy)))
    }
  }
}
