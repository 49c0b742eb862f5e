import VaultCrypto
import VaultModel
import VaultStore

/// Sections, their wraps and the cards, as bodies of rows (docs/format.md, "Section, wrap and card").
///
/// Every body begins with how it is keyed: by a member's derived key, to a compartment's public key by a writer who
/// may not read back, or to one person's key.
enum SealedBody {
  static let memberKind: UInt8 = 1
  static let writerKind: UInt8 = 2
  static let personKind: UInt8 = 3
  private static let prefixByteCount = 9

  /// Who seals, and to what: a member with the compartment's key, or a signed writer to a compartment's or a person's
  /// public key.
  enum Sealer {
    case member(CompartmentKey)
    case writer(SigningKey, account: AccountName, publicKey: SealingKey, epoch: UInt64)
    case toPerson(SigningKey, account: AccountName, key: SealingKey)
  }

  /// What opens a wrap.
  enum Opener {
    /// A compartment's keys by epoch.
    case member([UInt64: CompartmentKey])
    case person(OpeningKey)
  }

  /// How a body is keyed, as its first bytes say.
  enum Keying: Equatable {
    case member(epoch: UInt64)
    case writer(epoch: UInt64)
    case person(SealingKey)

    /// Of the compartment whose key opens it; nil for a person's.
    var epoch: UInt64? {
      switch self {
      case .member(let epoch), .writer(let epoch): epoch
      case .person: nil
      }
    }
  }

  struct Place: Sendable {
    let vault: [UInt8]
    let record: RecordID
    let section: Section
    /// Section version for a section, card version for a card.
    let version: UInt64
    let recipient: WrapRecipient

    init(vault: [UInt8], record: RecordID, section: Section, version: UInt64, recipient: WrapRecipient) {
      self.vault = vault
      self.record = record
      self.section = section
      self.version = version
      self.recipient = recipient
    }

    init(vault: [UInt8], record: RecordID, section: Section, version: UInt64, compartment: Compartment) {
      self.init(
        vault: vault, record: record, section: section, version: version, recipient: .compartment(compartment))
    }

    func encoding(_ purpose: StaticString) -> CanonicalEncoding {
      var encoding = CanonicalEncoding(purpose)
      encoding.append(vault)
      encoding.append(record.bytes)
      encoding.append(section.rawValue)
      encoding.append(version)
      return encoding
    }

    var sectionContext: [UInt8] { encoding("section").bytes }

    func wrapContext(epoch: UInt64, bodyHash: [UInt8]) -> [UInt8] {
      var encoding = encoding("wrap")
      encoding.append(recipient.description)
      encoding.append(epoch)
      encoding.append(bodyHash)
      return encoding.bytes
    }

    func wrapContext(of keying: Keying, bodyHash: [UInt8]) -> [UInt8] {
      switch keying {
      case .member(let epoch), .writer(let epoch): return wrapContext(epoch: epoch, bodyHash: bodyHash)
      case .person(let key):
        var encoding = encoding("person-wrap")
        encoding.append(recipient.description)
        encoding.append(key.bytes)
        encoding.append(bodyHash)
        return encoding.bytes
      }
    }

    func cardContext(epoch: UInt64) -> [UInt8] {
      var encoding = encoding("card")
      encoding.append(epoch)
      return encoding.bytes
    }
  }

  // MARK: Sections

  /// Both rows of a section: its envelope under a fresh key, and that key's wrap.
  static func sealSection(
    _ json: [UInt8], at place: Place, by sealer: Sealer, outerWrap: SymmetricKey
  ) throws(CryptoError) -> (body: [UInt8], wrap: [UInt8]) {
    let sectionKey = TransientKey.random()
    let body = sealBody(json, at: place, key: sectionKey)
    return (body, try wrap(sectionKey, bodyHash: SHA256.hash(body), at: place, by: sealer, outerWrap: outerWrap))
  }

  static func sealBody(_ json: [UInt8], at place: Place, key: borrowing TransientKey) -> [UInt8] {
    Envelope.seal(json, key: key, suite: .record, associatedData: place.sectionContext)
  }

  /// A section's key for the recipient of `place`.
  static func wrap(
    _ sectionKey: borrowing TransientKey, bodyHash: [UInt8], at place: Place, by sealer: Sealer,
    outerWrap: SymmetricKey
  ) throws(CryptoError) -> [UInt8] {
    let keying = sealer.keying
    let context = place.wrapContext(of: keying, bodyHash: bodyHash)
    switch sealer {
    case .member(let key):
      return keying.prefix
        + sectionKey.withKeyBytes {
          unsafe Envelope.seal($0, key: key.wrapKey, suite: .exact, associatedData: context)
        }
    case .writer(let signing, let account, let publicKey, _), .toPerson(let signing, let account, let publicKey):
      let sealed = try sectionKey.withKeyBytes { bytes throws(CryptoError) in
        try unsafe HPKE.seal(bytes, to: publicKey, info: context, associatedData: [])
      }
      let outer = authored(sealed, "sealed-wrap", by: account, signing, context: context)
      return keying.prefix + Envelope.seal(outer, key: outerWrap, suite: .card, associatedData: context)
    }
  }

  /// The section's JSON. `author` gives the verified key of an account that sealed to a public key.
  ///
  /// - Parameter hash: SHA-256 of `body`, of whoever has computed it already.
  static func openSection(
    _ body: [UInt8], hash: [UInt8]? = nil, wrap: [UInt8], at place: Place, with opener: Opener,
    outerWrap: SymmetricKey, author: (AccountName) throws -> [VerifyingKey]
  ) throws -> Plaintext {
    let key = try openKey(
      wrap, bodyHash: hash ?? SHA256.hash(body), at: place, with: opener, outerWrap: outerWrap, author: author)
    return try Envelope.open(body, key: key, suite: .record, associatedData: place.sectionContext)
  }

  static func openSection(
    _ body: [UInt8], wrap: [UInt8], at place: Place, with keys: [UInt64: CompartmentKey], outerWrap: SymmetricKey,
    author: (AccountName) throws -> [VerifyingKey]
  ) throws -> Plaintext {
    try openSection(body, wrap: wrap, at: place, with: .member(keys), outerWrap: outerWrap, author: author)
  }

  /// A section's key out of one of its wraps.
  static func openKey(
    _ wrap: [UInt8], bodyHash: [UInt8], at place: Place, with opener: Opener, outerWrap: SymmetricKey,
    author: (AccountName) throws -> [VerifyingKey]
  ) throws -> TransientKey {
    let (keying, rest) = try split(wrap)
    let context = place.wrapContext(of: keying, bodyHash: bodyHash)
    let refusal = VaultError(.denied, "This part was written under a key that this account does not hold.")
    let opening: OpeningKey
    switch (keying, opener) {
    case (.member(let epoch), .member(let keys)):
      guard let key = keys[epoch] else { throw refusal }
      return try TransientKey(Envelope.open(rest, key: key.wrapKey, suite: .exact, associatedData: context))
    case (.writer(let epoch), .member(let keys)):
      guard let key = keys[epoch] else { throw refusal }
      opening = key.opening
    case (.person(let sealingKey), .person(let key)):
      guard sealingKey == key.sealingKey else { throw refusal }
      opening = key
    default: throw CryptoError(.malformed, "wrap is not of its recipient's kind")
    }
    let sealed = try openAuthored(rest, "sealed-wrap", context: context, outerWrap: outerWrap, author: author)
    return try HPKE.openTransient(sealed, with: opening, info: context, associatedData: [])
  }

  /// The same section key, opened by a member and wrapped under another epoch.
  static func rewrap(
    _ wrap: [UInt8], bodyHash: [UInt8], at place: Place, with keys: [UInt64: CompartmentKey],
    to newest: CompartmentKey, outerWrap: SymmetricKey, author: (AccountName) throws -> [VerifyingKey]
  ) throws -> [UInt8] {
    let key = try openKey(
      wrap, bodyHash: bodyHash, at: place, with: .member(keys), outerWrap: outerWrap, author: author)
    return try self.wrap(key, bodyHash: bodyHash, at: place, by: .member(newest), outerWrap: outerWrap)
  }

  // MARK: Cards

  static func sealCard(
    _ card: [UInt8], at place: Place, by sealer: Sealer, outerWrap: SymmetricKey
  ) throws(CryptoError) -> [UInt8] {
    guard let epoch = sealer.keying.epoch else { throw CryptoError(.unsupported, "cards are for compartments") }
    let context = place.cardContext(epoch: epoch)
    switch sealer {
    case .member(let key):
      return sealer.keying.prefix
        + Envelope.seal(card, key: key.cardKey, suite: .card, associatedData: context)
    case .writer(let signing, let account, let publicKey, _), .toPerson(let signing, let account, let publicKey):
      let sealed = try HPKE.seal(card, to: publicKey, info: context, associatedData: [])
      let outer = authored(sealed, "sealed-card", by: account, signing, context: context)
      return sealer.keying.prefix + Envelope.seal(outer, key: outerWrap, suite: .card, associatedData: context)
    }
  }

  static func openCard(
    _ body: [UInt8], at place: Place, with keys: [UInt64: CompartmentKey], outerWrap: SymmetricKey,
    author: (AccountName) throws -> [VerifyingKey]
  ) throws -> Plaintext {
    let (keying, rest) = try split(body)
    guard let epoch = keying.epoch else { throw CryptoError(.malformed, "cards are for compartments") }
    let context = place.cardContext(epoch: epoch)
    guard let key = keys[epoch] else { throw VaultError(.denied, "This card was written under another key.") }
    if case .member = keying {
      return try Envelope.open(rest, key: key.cardKey, suite: .card, associatedData: context)
    }
    let sealed = try openAuthored(rest, "sealed-card", context: context, outerWrap: outerWrap, author: author)
    var opened = try HPKE.open(sealed, with: key.opening, info: context, associatedData: []).withBytes {
      unsafe [UInt8]($0)
    }
    return Plaintext(wiping: &opened)
  }

  // MARK: Parts

  static func keying(of body: [UInt8]) throws -> Keying { try split(body).keying }

  /// What shows of a wrap without its recipient's key: that whoever sealed it to a public key signed it.
  static func checkAuthor(
    ofWrap wrap: [UInt8], bodyHash: [UInt8], at place: Place, outerWrap: SymmetricKey,
    author: (AccountName) throws -> [VerifyingKey]
  ) throws {
    let (keying, rest) = try split(wrap)
    if case .member = keying { return }
    let context = place.wrapContext(of: keying, bodyHash: bodyHash)
    _ = try openAuthored(rest, "sealed-wrap", context: context, outerWrap: outerWrap, author: author)
  }

  /// Likewise of a card.
  static func checkAuthor(
    ofCard card: [UInt8], at place: Place, outerWrap: SymmetricKey, author: (AccountName) throws -> [VerifyingKey]
  ) throws {
    let (keying, rest) = try split(card)
    guard case .writer(let epoch) = keying else { return }
    let context = place.cardContext(epoch: epoch)
    _ = try openAuthored(rest, "sealed-card", context: context, outerWrap: outerWrap, author: author)
  }

  private static func split(_ body: [UInt8]) throws -> (keying: Keying, rest: [UInt8]) {
    if body.first == personKind {
      let count = 1 + SealingKey.byteCount
      guard body.count > count else { throw CryptoError(.malformed, "sealed body has another shape") }
      return (.person(try SealingKey(Array(body[1..<count]))), Array(body[count...]))
    }
    guard body.count > prefixByteCount, body[0] == memberKind || body[0] == writerKind,
      let epoch = StoreKey.index(of: Array(body[1..<prefixByteCount]))
    else { throw CryptoError(.malformed, "sealed body has another shape") }
    return (
      body[0] == memberKind ? .member(epoch: epoch) : .writer(epoch: epoch), Array(body[prefixByteCount...])
    )
  }

  /// Sealing authenticates nobody: what was sealed without a member's key is signed over its context and its hash.
  private static func authored(
    _ sealed: [UInt8], _ purpose: StaticString, by account: AccountName, _ signing: SigningKey, context: [UInt8]
  ) -> [UInt8] {
    var encoding = CanonicalEncoding(purpose)
    encoding.append(account.description)
    encoding.append(sealed)
    encoding.append(signing.sign(authorship(context, sealed)))
    return encoding.bytes
  }

  private static func openAuthored(
    _ rest: [UInt8], _ purpose: StaticString, context: [UInt8], outerWrap: SymmetricKey,
    author: (AccountName) throws -> [VerifyingKey]
  ) throws -> [UInt8] {
    let outer = try Envelope.open(rest, key: outerWrap, suite: .card, associatedData: context).copyBytes()
    var decoder = try CanonicalDecoder(outer, purpose: purpose)
    let account = try AccountName(decoder.text(limit: 64))
    let sealed = try decoder.field(limit: HPKE.dataByteCountMax + HPKE.overheadByteCount)
    let signature = try decoder.field(exactly: VerifyingKey.signatureByteCount)
    try decoder.finish()
    let signed = authorship(context, sealed)
    guard try author(account).contains(where: { (try? $0.verify(signature, over: signed)) != nil }) else {
      throw CryptoError(.notAuthentic, "the author's signature does not verify")
    }
    return sealed
  }

  private static func authorship(_ context: [UInt8], _ sealed: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("authorship")
    encoding.append(SHA256.hash(context))
    encoding.append(SHA256.hash(sealed))
    return encoding.bytes
  }
}

extension SealedBody.Sealer {
  var keying: SealedBody.Keying {
    switch self {
    case .member(let key): .member(epoch: key.epoch)
    case .writer(_, _, _, let epoch): .writer(epoch: epoch)
    case .toPerson(_, _, let key): .person(key)
    }
  }
}

extension SealedBody.Keying {
  fileprivate var prefix: [UInt8] {
    switch self {
    case .member(let epoch): [SealedBody.memberKind] + StoreKey.index(epoch)
    case .writer(let epoch): [SealedBody.writerKind] + StoreKey.index(epoch)
    case .person(let key): [SealedBody.personKind] + key.bytes
    }
  }
}
