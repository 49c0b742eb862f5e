import VaultCrypto
import VaultModel
import VaultStore

/// Sections, their wraps and the cards, as bodies of rows (docs/format.md, "Section, wrap and card").
///
/// Every body begins with how it is keyed: by a member's derived key, or to the compartment's public key by a writer who
/// may not read back.
enum SealedBody {
  static let memberKind: UInt8 = 1
  static let writerKind: UInt8 = 2
  private static let prefixByteCount = 9

  /// Who seals: a member with the compartment's key, or a signed writer without it.
  enum Sealer {
    case member(CompartmentKey)
    case writer(SigningKey, account: AccountName, publicKey: SealingKey, epoch: UInt64)

    var epoch: UInt64 {
      switch self {
      case .member(let key): key.epoch
      case .writer(_, _, _, let epoch): epoch
      }
    }
  }

  struct Place: Sendable {
    let vault: [UInt8]
    let record: RecordID
    let section: Section
    /// Section version for a section, card version for a card.
    let version: UInt64
    let compartment: Compartment

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
      encoding.append(compartment.description)
      encoding.append(epoch)
      encoding.append(bodyHash)
      return encoding.bytes
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
    let body = Envelope.seal(json, key: sectionKey, suite: .record, associatedData: place.sectionContext)
    let context = place.wrapContext(epoch: sealer.epoch, bodyHash: SHA256.hash(body))
    switch sealer {
    case .member(let key):
      let wrap = sectionKey.withKeyBytes {
        unsafe Envelope.seal($0, key: key.wrapKey, suite: .exact, associatedData: context)
      }
      return (body, prefix(memberKind, key.epoch) + wrap)
    case .writer(let signing, let account, let publicKey, let epoch):
      let sealed = try sectionKey.withKeyBytes { bytes throws(CryptoError) in
        try unsafe HPKE.seal(bytes, to: publicKey, info: context, associatedData: [])
      }
      let outer = authored(sealed, "sealed-wrap", by: account, signing, context: context)
      return (
        body,
        prefix(writerKind, epoch) + Envelope.seal(outer, key: outerWrap, suite: .card, associatedData: context)
      )
    }
  }

  /// The section's JSON. `author` gives the verified key of an account that sealed without reading.
  static func openSection(
    _ body: [UInt8], wrap: [UInt8], at place: Place, with keys: [UInt64: CompartmentKey], outerWrap: SymmetricKey,
    author: (AccountName) throws -> VerifyingKey
  ) throws -> Plaintext {
    let (kind, epoch, rest) = try split(wrap)
    let context = place.wrapContext(epoch: epoch, bodyHash: SHA256.hash(body))
    guard let key = keys[epoch] else {
      throw VaultError(.denied, "This part was written under a key that this account does not hold.")
    }
    switch kind {
    case memberKind:
      let sectionKey = try TransientKey(
        Envelope.open(rest, key: key.wrapKey, suite: .exact, associatedData: context))
      return try Envelope.open(body, key: sectionKey, suite: .record, associatedData: place.sectionContext)
    default:
      let sealed = try openAuthored(rest, "sealed-wrap", context: context, outerWrap: outerWrap, author: author)
      let sectionKey = SymmetricKey(try HPKE.open(sealed, with: key.opening, info: context, associatedData: []))
      return try Envelope.open(body, key: sectionKey, suite: .record, associatedData: place.sectionContext)
    }
  }

  // MARK: Cards

  static func sealCard(
    _ card: [UInt8], at place: Place, by sealer: Sealer, outerWrap: SymmetricKey
  ) throws(CryptoError) -> [UInt8] {
    let context = place.cardContext(epoch: sealer.epoch)
    switch sealer {
    case .member(let key):
      return prefix(memberKind, key.epoch)
        + Envelope.seal(card, key: key.cardKey, suite: .card, associatedData: context)
    case .writer(let signing, let account, let publicKey, let epoch):
      let sealed = try HPKE.seal(card, to: publicKey, info: context, associatedData: [])
      let outer = authored(sealed, "sealed-card", by: account, signing, context: context)
      return prefix(writerKind, epoch) + Envelope.seal(outer, key: outerWrap, suite: .card, associatedData: context)
    }
  }

  static func openCard(
    _ body: [UInt8], at place: Place, with keys: [UInt64: CompartmentKey], outerWrap: SymmetricKey,
    author: (AccountName) throws -> VerifyingKey
  ) throws -> Plaintext {
    let (kind, epoch, rest) = try split(body)
    let context = place.cardContext(epoch: epoch)
    guard let key = keys[epoch] else { throw VaultError(.denied, "This card was written under another key.") }
    if kind == memberKind {
      return try Envelope.open(rest, key: key.cardKey, suite: .card, associatedData: context)
    }
    let sealed = try openAuthored(rest, "sealed-card", context: context, outerWrap: outerWrap, author: author)
    var opened = try HPKE.open(sealed, with: key.opening, info: context, associatedData: []).withBytes {
      unsafe [UInt8]($0)
    }
    return Plaintext(wiping: &opened)
  }

  // MARK: Parts

  /// The epoch of the compartment whose key opens a wrap or a card.
  static func epoch(of body: [UInt8]) throws -> UInt64 { try split(body).epoch }

  /// What shows of a wrap without its compartment's key: that whoever sealed it without being able to read signed it.
  static func checkAuthor(
    ofWrap wrap: [UInt8], bodyHash: [UInt8], at place: Place, outerWrap: SymmetricKey,
    author: (AccountName) throws -> VerifyingKey
  ) throws {
    let (kind, epoch, rest) = try split(wrap)
    guard kind == writerKind else { return }
    let context = place.wrapContext(epoch: epoch, bodyHash: bodyHash)
    _ = try openAuthored(rest, "sealed-wrap", context: context, outerWrap: outerWrap, author: author)
  }

  /// Likewise of a card.
  static func checkAuthor(
    ofCard card: [UInt8], at place: Place, outerWrap: SymmetricKey, author: (AccountName) throws -> VerifyingKey
  ) throws {
    let (kind, epoch, rest) = try split(card)
    guard kind == writerKind else { return }
    let context = place.cardContext(epoch: epoch)
    _ = try openAuthored(rest, "sealed-card", context: context, outerWrap: outerWrap, author: author)
  }

  private static func prefix(_ kind: UInt8, _ epoch: UInt64) -> [UInt8] { [kind] + StoreKey.index(epoch) }

  private static func split(_ body: [UInt8]) throws -> (kind: UInt8, epoch: UInt64, rest: [UInt8]) {
    guard body.count > prefixByteCount, body[0] == memberKind || body[0] == writerKind,
      let epoch = StoreKey.index(of: Array(body[1..<prefixByteCount]))
    else { throw CryptoError(.malformed, "sealed body has another shape") }
    return (body[0], epoch, Array(body[prefixByteCount...]))
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
    author: (AccountName) throws -> VerifyingKey
  ) throws -> [UInt8] {
    let outer = try Envelope.open(rest, key: outerWrap, suite: .card, associatedData: context).copyBytes()
    var decoder = try CanonicalDecoder(outer, purpose: purpose)
    let account = try AccountName(decoder.text(limit: 64))
    let sealed = try decoder.field(limit: HPKE.dataByteCountMax + HPKE.overheadByteCount)
    let signature = try decoder.field(exactly: VerifyingKey.signatureByteCount)
    try decoder.finish()
    try author(account).verify(signature, over: authorship(context, sealed))
    return sealed
  }

  private static func authorship(_ context: [UInt8], _ sealed: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("authorship")
    encoding.append(SHA256.hash(context))
    encoding.append(SHA256.hash(sealed))
    return encoding.bytes
  }
}
