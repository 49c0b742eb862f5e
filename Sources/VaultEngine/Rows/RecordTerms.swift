import VaultCrypto
import VaultModel

/// What holds for one record apart from its programme: who is kept from it, whom it is kept to, and who else was let in
/// until when (docs/format.md, "Rows").
struct RecordTerms: Equatable, Sendable {
  /// A team has a handful; what is longer should be a programme of its own.
  static let barredCountMax = 32
  static let namedCountMax = 16
  static let referralCountMax = 16
  static let emergencyCountMax = 8
  /// A restore adds up what held then and what holds now.
  private static let restoredFactor = 2

  var isStorable: Bool {
    barred.count <= RecordTerms.barredCountMax * RecordTerms.restoredFactor
      && named.count <= RecordTerms.namedCountMax * RecordTerms.restoredFactor
  }

  /// To whom a record can be referred.
  enum Receiver: Hashable, Comparable, Sendable, CustomStringConvertible {
    case account(AccountName)
    case programme(ProgrammeID)

    private static let accountMark = "@"

    var description: String {
      switch self {
      case .account(let name): Receiver.accountMark + name.description
      case .programme(let id): id.description
      }
    }

    /// As people write it where a bare name would not say which it is: `account:NAME` or `programme:ID`.
    var words: String {
      switch self {
      case .account(let name): "account:\(name)"
      case .programme(let id): "programme:\(id)"
      }
    }

    init(decoding text: String) throws(IdentifierError) {
      if text.hasPrefix(Receiver.accountMark) {
        self = .account(try AccountName(String(text.dropFirst())))
      } else {
        self = .programme(try ProgrammeID(text))
      }
    }

    static func < (left: Receiver, right: Receiver) -> Bool { left.description < right.description }

    func recipient(of section: Section) -> WrapRecipient {
      switch self {
      case .account(let name): .person(name)
      case .programme(let id): .compartment(.section(id, section))
      }
    }
  }

  /// Signed by whoever referred: every later version is sealed for the receiver too, by people who never saw the referral.
  struct Referral: Equatable, Sendable {
    /// How far it goes.
    struct Scope: Equatable, Sendable {
      let sections: Set<Section>
      let until: Timestamp

      func lies(within other: Self) -> Bool { sections.isSubset(of: other.sections) && until <= other.until }
    }

    let receiver: Receiver
    /// Those that the account had when it was referred to; nil for a programme. Others may be another person.
    let keys: MemberKeys?
    /// Within `signed`: a restore may have narrowed it, with nobody there to sign.
    private(set) var scope: Scope
    let referrer: AccountName
    let made: Timestamp
    private let signed: Scope
    private(set) var signature: [UInt8] = []

    var sections: Set<Section> { scope.sections }
    var until: Timestamp { scope.until }

    init(
      receiver: Receiver, keys: MemberKeys?, sections: Set<Section>, until: Timestamp, referrer: AccountName,
      made: Timestamp, signature: [UInt8] = []
    ) {
      self.receiver = receiver
      self.keys = keys
      scope = Scope(sections: sections, until: until)
      self.referrer = referrer
      self.made = made
      signed = scope
      self.signature = signature
    }

    /// No further than another one to the same receiver; nil where nothing is left.
    func narrowed(to other: Self) -> Self? {
      let common = sections.intersection(other.sections)
      guard receiver == other.receiver, keys == other.keys, !common.isEmpty else { return nil }
      var narrowed = self
      narrowed.scope = Scope(sections: common, until: min(until, other.until))
      return narrowed
    }
  }

  /// Somebody let in by breaking the glass.
  struct Emergency: Equatable, Sendable {
    static let requestByteCountMax = 64

    let account: AccountName
    let until: Timestamp
    /// Of the request that was approved.
    let request: String
    let granter: AccountName
    let made: Timestamp
  }

  /// Ascending, as is every list here.
  var barred: [AccountName] = []
  /// Empty: the record is its programme's.
  var named: [AccountName] = []
  var referrals: [Referral] = []
  var emergencies: [Emergency] = []
  /// Sections whose key somebody held who may not have it any more, and that nobody has sealed anew yet.
  var stale: Set<Section> = []

  var isEmpty: Bool { self == RecordTerms() }
  var isRestricted: Bool { !named.isEmpty }

  func isBarred(_ account: AccountName) -> Bool { barred.contains(account) }

  func referrals(at now: Timestamp) -> [Referral] { referrals.filter { now < $0.until } }
  func emergencies(at now: Timestamp) -> [Emergency] { emergencies.filter { now < $0.until } }

  /// Whether an account is named by itself, not through a programme.
  func letsIn(_ account: AccountName, at now: Timestamp) -> Bool {
    named.contains(account) || referrals(at: now).contains { $0.receiver == .account(account) }
      || emergencies(at: now).contains { $0.account == account }
  }

  /// When the next of them ends; nil where none will.
  var nextEnd: Timestamp? { (referrals.map(\.until) + emergencies.map(\.until)).min() }

  func flags(at now: Timestamp) -> [RecordFlag] {
    var flags: [RecordFlag] = []
    if !referrals(at: now).isEmpty { flags.append(.referred) }
    if isRestricted { flags.append(.restricted) }
    if !emergencies(at: now).isEmpty { flags.append(.breakGlass) }
    return flags
  }

  // MARK: Bytes

  init() {}

  /// Empty bytes are no terms at all.
  init(decoding bytes: [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    var decoder = try CanonicalDecoder(bytes, purpose: "terms")
    barred = try (0..<decoder.count(limit: RecordTerms.barredCountMax * RecordTerms.restoredFactor)).map { _ in
      try AccountName(decoder.text(limit: 64))
    }
    named = try (0..<decoder.count(limit: RecordTerms.namedCountMax * RecordTerms.restoredFactor)).map { _ in
      try AccountName(decoder.text(limit: 64))
    }
    referrals = try (0..<decoder.count(limit: RecordTerms.referralCountMax)).map { _ in
      try Referral(decoding: decoder.field(limit: Referral.byteCountMax))
    }
    emergencies = try (0..<decoder.count(limit: RecordTerms.emergencyCountMax)).map { _ in
      try Emergency(decoding: decoder.field(limit: 512))
    }
    stale = try Set(
      (0..<decoder.count(limit: Section.allCases.count)).map { _ in try Section(decoding: decoder.text(limit: 32)) })
    try decoder.finish()
    guard self.bytes == bytes, !isEmpty else { throw CryptoError(.malformed, "terms are not in canonical order") }
  }

  var bytes: [UInt8] {
    guard !isEmpty else { return [] }
    var encoding = CanonicalEncoding("terms")
    encoding.append(list: Set(barred).sorted().map { Array($0.description.utf8) })
    encoding.append(list: Set(named).sorted().map { Array($0.description.utf8) })
    encoding.append(list: referrals.sorted { $0.receiver < $1.receiver }.map(\.bytes))
    encoding.append(
      list: emergencies.sorted { ($0.account, $0.request) < ($1.account, $1.request) }.map(\.bytes))
    encoding.append(list: stale.map(\.rawValue).sorted().map { Array($0.utf8) })
    return encoding.bytes
  }
}

extension RecordTerms.Referral {
  static let byteCountMax = 1024

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "referral")
    receiver = try RecordTerms.Receiver(decoding: decoder.text(limit: 80))
    scope = try Scope(from: &decoder)
    referrer = try AccountName(decoder.text(limit: 64))
    made = Timestamp(milliseconds: try decoder.integer())
    let (verifying, sealing) = (try decoder.field(limit: 32), try decoder.field(limit: 32))
    switch receiver {
    case .account: keys = MemberKeys(verifying: try VerifyingKey(verifying), sealing: try SealingKey(sealing))
    case .programme:
      guard verifying.isEmpty, sealing.isEmpty else { throw CryptoError(.malformed, "keys of a programme") }
      keys = nil
    }
    signed = try Scope(from: &decoder)
    signature = try decoder.field(limit: VerifyingKey.signatureByteCount)
    try decoder.finish()
    guard scope.lies(within: signed) else { throw CryptoError(.malformed, "a referral is wider than what was signed") }
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("referral")
    write(as: scope, to: &encoding)
    signed.write(to: &encoding)
    encoding.append(signature)
    return encoding.bytes
  }

  private func signedBytes(about record: RecordID, of vault: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("referral-signature")
    encoding.append(vault)
    encoding.append(record.bytes)
    write(as: signed, to: &encoding)
    return encoding.bytes
  }

  /// All but the signature and what it covers.
  private func write(as scope: Scope, to encoding: inout CanonicalEncoding) {
    encoding.append(receiver.description)
    scope.write(to: &encoding)
    encoding.append(referrer.description)
    encoding.append(made.milliseconds)
    encoding.append(keys?.verifying.bytes ?? [])
    encoding.append(keys?.sealing.bytes ?? [])
  }

  func signed(about record: RecordID, of vault: [UInt8], by key: SigningKey) -> Self {
    var copy = self
    copy.signature = key.sign(signedBytes(about: record, of: vault))
    return copy
  }

  func isSigned(about record: RecordID, of vault: [UInt8], byOneOf keys: [VerifyingKey]) -> Bool {
    let bytes = signedBytes(about: record, of: vault)
    return keys.contains { (try? $0.verify(signature, over: bytes)) != nil }
  }
}

extension RecordTerms.Referral.Scope {
  fileprivate init(from decoder: inout CanonicalDecoder) throws {
    sections = try Set(
      (0..<decoder.count(limit: Section.allCases.count)).map { _ in try Section(decoding: decoder.text(limit: 32)) })
    until = Timestamp(milliseconds: try decoder.integer())
  }

  fileprivate func write(to encoding: inout CanonicalEncoding) {
    encoding.append(list: sections.map(\.rawValue).sorted().map { Array($0.utf8) })
    encoding.append(until.milliseconds)
  }
}

extension RecordTerms.Emergency {
  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "emergency")
    account = try AccountName(decoder.text(limit: 64))
    until = Timestamp(milliseconds: try decoder.integer())
    request = try decoder.text(limit: Self.requestByteCountMax)
    granter = try AccountName(decoder.text(limit: 64))
    made = Timestamp(milliseconds: try decoder.integer())
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("emergency")
    encoding.append(account.description)
    encoding.append(until.milliseconds)
    encoding.append(request)
    encoding.append(granter.description)
    encoding.append(made.milliseconds)
    return encoding.bytes
  }
}

extension Section {
  init(decoding text: String) throws(CryptoError) {
    guard let section = Section(rawValue: text) else { throw CryptoError(.malformed, "unknown section") }
    self = section
  }
}
