public import VaultCrypto

/// What a section of a submission is bound to (docs/format.md, "Submission").
public struct SubmissionPlace: Sendable {
  /// The vault's id, 32 bytes.
  public let vault: [UInt8]
  /// The id that the submission was given, which a record made of it keeps.
  public let submission: RecordID
  /// The section's compartment in the programme that it is for.
  public let compartment: Compartment

  public init(vault: [UInt8], submission: RecordID, compartment: Compartment) {
    self.vault = vault
    self.submission = submission
    self.compartment = compartment
  }

  /// Associated data of the body. Not that of a record's section: a submission cannot be passed off as a record.
  public var bodyContext: [UInt8] { encoding("submission").bytes }

  /// What the section's key is sealed for, and what the service signs.
  public func keyContext(epoch: UInt64, bodyHash: [UInt8]) -> [UInt8] {
    var encoding = encoding("submission-key")
    encoding.append(epoch)
    encoding.append(bodyHash)
    return encoding.bytes
  }

  private func encoding(_ purpose: StaticString) -> CanonicalEncoding {
    var encoding = CanonicalEncoding(purpose)
    encoding.append(vault)
    encoding.append(submission.bytes)
    encoding.append(compartment.description)
    return encoding
  }
}

/// One section as a service hands it in: sealed to the programme by somebody who cannot open it again, and signed.
public struct SealedSection: Hashable, Sendable {
  /// A section of the forms has at most 256 KiB; padding adds an eighth.
  public static let bodyByteCountMax = 320 << 10
  /// HPKE of the section's key.
  public static let sealedKeyByteCount = SymmetricKey.byteCount + HPKE.overheadByteCount

  public let section: Section
  /// Of the compartment's key that it is sealed to.
  public let epoch: UInt64
  /// Envelope of suite 1 under the section's key.
  public let body: [UInt8]
  public let sealedKey: [UInt8]
  /// Ed25519 by the service's account.
  public let signature: [UInt8]

  public init(section: Section, epoch: UInt64, body: [UInt8], sealedKey: [UInt8], signature: [UInt8]) {
    self.section = section
    self.epoch = epoch
    self.body = body
    self.sealedKey = sealedKey
    self.signature = signature
  }

  /// Seals a section's JSON under a fresh key, and that key to the compartment.
  ///
  /// - Parameter publicKey: the compartment's of `epoch`.
  public static func seal(
    _ json: [UInt8], section: Section, at place: SubmissionPlace, to publicKey: SealingKey, epoch: UInt64,
    signing: SigningKey
  ) throws(CryptoError) -> SealedSection {
    let key = TransientKey.random()
    let body = Envelope.seal(json, key: key, suite: .record, associatedData: place.bodyContext)
    let context = place.keyContext(epoch: epoch, bodyHash: SHA256.hash(body))
    let sealedKey = try key.withKeyBytes { bytes throws(CryptoError) in
      try unsafe HPKE.seal(bytes, to: publicKey, info: context, associatedData: [])
    }
    return SealedSection(
      section: section, epoch: epoch, body: body, sealedKey: sealedKey,
      signature: signing.sign(signedBytes(context, sealedKey)))
  }

  /// What can be checked without a key: the shape of the parts, and that `author` signed them for this place.
  public func check(at place: SubmissionPlace, author: VerifyingKey) throws(CryptoError) {
    guard body.count <= SealedSection.bodyByteCountMax, Envelope.hasShape(body, suite: .record),
      sealedKey.count == SealedSection.sealedKeyByteCount
    else { throw CryptoError(.malformed, "a sealed section has another shape") }
    try author.verify(signature, over: SealedSection.signedBytes(context(at: place), sealedKey))
  }

  /// The section as the service wrote it. What it is nobody has looked at yet.
  public func open(at place: SubmissionPlace, with opening: OpeningKey) throws(CryptoError) -> Plaintext {
    let key = try HPKE.openTransient(sealedKey, with: opening, info: context(at: place), associatedData: [])
    return try Envelope.open(body, key: key, suite: .record, associatedData: place.bodyContext)
  }

  func context(at place: SubmissionPlace) -> [UInt8] {
    place.keyContext(epoch: epoch, bodyHash: SHA256.hash(body))
  }

  /// The same as for whatever else is sealed by somebody who cannot read it; the context tells them apart.
  private static func signedBytes(_ context: [UInt8], _ sealedKey: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("authorship")
    encoding.append(SHA256.hash(context))
    encoding.append(SHA256.hash(sealedKey))
    return encoding.bytes
  }
}

/// A whole submission on its way to the vault.
public struct SealedSubmission: Hashable, Sendable {
  /// Given by the vault, with the ticket that shows it.
  public let id: RecordID
  public let ticket: [UInt8]
  public let sections: [SealedSection]

  public static let ticketByteCount = 16

  public init(id: RecordID, ticket: [UInt8], sections: [SealedSection]) {
    self.id = id
    self.ticket = ticket
    self.sections = sections
  }
}
