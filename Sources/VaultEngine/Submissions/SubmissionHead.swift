import VaultCrypto
import VaultModel

/// What the vault knows of a submission that waits for an officer: row of table `submission`. It names the hash of every
/// bulk body, as a record's head does.
struct SubmissionHead: Sendable {
  struct Part: Sendable {
    let section: Section
    /// Epoch of the compartment's key that it is sealed to.
    let epoch: UInt64
    let bodyHash: [UInt8]
    let keyHash: [UInt8]
  }

  let id: RecordID
  let programme: ProgrammeID
  let service: AccountName
  let received: Timestamp
  /// Of all bodies, as they are stored: what quotas count.
  let byteCount: UInt64
  /// Ascending by name.
  let parts: [Part]

  init(
    id: RecordID, programme: ProgrammeID, service: AccountName, received: Timestamp, byteCount: UInt64, parts: [Part]
  ) {
    self.id = id
    self.programme = programme
    self.service = service
    self.received = received
    self.byteCount = byteCount
    self.parts = parts
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "submission-head")
    id = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
    programme = try ProgrammeID(decoder.text(limit: 64))
    service = try AccountName(decoder.text(limit: 64))
    received = Timestamp(milliseconds: try decoder.integer())
    byteCount = try decoder.integer()
    var parts: [Part] = []
    for _ in 0..<(try decoder.count(limit: Section.allCases.count)) {
      var item = try CanonicalDecoder(decoder.field(limit: 256), purpose: "submission-part")
      guard let section = Section(rawValue: try item.text(limit: 32)) else {
        throw CryptoError(.malformed, "unknown section")
      }
      parts.append(
        Part(
          section: section, epoch: try item.integer(), bodyHash: try item.field(exactly: 32),
          keyHash: try item.field(exactly: 32)))
      try item.finish()
    }
    self.parts = parts
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("submission-head")
    encoding.append(id.bytes)
    encoding.append(programme.description)
    encoding.append(service.description)
    encoding.append(received.milliseconds)
    encoding.append(byteCount)
    encoding.append(
      list: parts.map { part in
        var item = CanonicalEncoding("submission-part")
        item.append(part.section.rawValue)
        item.append(part.epoch)
        item.append(part.bodyHash)
        item.append(part.keyHash)
        return item.bytes
      })
    return encoding.bytes
  }

  func compartment(of part: Part) -> Compartment { .section(programme, part.section) }

  func place(of part: Part, vault: [UInt8]) -> SubmissionPlace {
    SubmissionPlace(vault: vault, submission: id, compartment: compartment(of: part))
  }
}
