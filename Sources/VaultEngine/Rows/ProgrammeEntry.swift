import VaultCrypto
import VaultModel

/// A programme as its row holds it.
struct ProgrammeEntry: Sendable {
  static let titleByteCountMax = 200

  let id: ProgrammeID
  let title: String
  let created: Timestamp
  let creator: AccountName

  init(id: ProgrammeID, title: String, created: Timestamp, creator: AccountName) {
    self.id = id
    self.title = title
    self.created = created
    self.creator = creator
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "programme")
    id = try ProgrammeID(decoder.text(limit: 64))
    title = try decoder.text(limit: ProgrammeEntry.titleByteCountMax)
    created = Timestamp(milliseconds: try decoder.integer())
    creator = try AccountName(decoder.text(limit: 64))
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("programme")
    encoding.append(id.description)
    encoding.append(title)
    encoding.append(created.milliseconds)
    encoding.append(creator.description)
    return encoding.bytes
  }
}
