import VaultCrypto

/// The newest manifest of every compartment, as one digest for the state row.
struct ManifestHeads: Sendable {
  private var heads: [String: [UInt8]] = [:]
  var isChanged = false

  mutating func set(_ compartment: String, hash: [UInt8]) {
    heads[compartment] = hash
    isChanged = true
  }

  var digest: [UInt8] {
    var encoding = CanonicalEncoding("manifest-heads")
    for (compartment, hash) in heads.sorted(by: { $0.key < $1.key }) {
      encoding.append(compartment)
      encoding.append(hash)
    }
    return SHA256.hash(encoding.bytes)
  }
}
