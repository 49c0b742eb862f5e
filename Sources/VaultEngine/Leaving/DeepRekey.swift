import VaultCrypto
import VaultModel

/// That a programme's records are to be encrypted anew, not only wrapped: row `meta/deep/…` (docs/format.md, "Re-key").
/// What lies under an epoch before the one named was written before the exposure; the row stays, because nothing new
/// ever lies there.
struct DeepRekey: Sendable {
  static let keyPrefix = Array("deep/".utf8)

  let programme: ProgrammeID
  let account: AccountName
  let begun: Timestamp
  let epochs: [Compartment: UInt64]

  init(programme: ProgrammeID, account: AccountName, begun: Timestamp, epochs: [Compartment: UInt64]) {
    self.programme = programme
    self.account = account
    self.begun = begun
    self.epochs = epochs
  }

  static func key(_ programme: ProgrammeID, _ keys: StoreKeys) -> [UInt8] {
    keyPrefix + keys.rowKey(.meta, keyPrefix, Array(programme.description.utf8))
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "deep-rekey")
    programme = try ProgrammeID(decoder.text(limit: 64))
    account = try AccountName(decoder.text(limit: 64))
    begun = Timestamp(milliseconds: try decoder.integer())
    var epochs: [Compartment: UInt64] = [:]
    for _ in 0..<(try decoder.count(limit: Vault.compartments(of: programme).count)) {
      var item = try CanonicalDecoder(decoder.field(limit: 256), purpose: "deep-epoch")
      let compartment = try Compartment(item.text(limit: 128))
      epochs[compartment] = try item.integer()
      try item.finish()
    }
    try decoder.finish()
    self.epochs = epochs
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("deep-rekey")
    encoding.append(programme.description)
    encoding.append(account.description)
    encoding.append(begun.milliseconds)
    encoding.append(
      list: epochs.sorted { $0.key.description < $1.key.description }.map { compartment, epoch in
        var item = CanonicalEncoding("deep-epoch")
        item.append(compartment.description)
        item.append(epoch)
        return item.bytes
      })
    return encoding.bytes
  }
}
