import AccessLog
import VaultCrypto
import VaultModel
import VaultStore

/// A row `meta/restoration/N`: that the vault was restored and its log goes on as number N, and who has accepted it
/// (docs/format.md, "Restoration").
struct Restoration: Sendable {
  static let keyPrefix = Array("restoration/".utf8)

  let succession: Succession
  /// One or two; with the second the vault is open.
  var signatures: [UnverifiedAcceptance.Signature] = []
  /// What clients follow; empty until the second has signed.
  var acceptance: [UInt8] = []

  var isAccepted: Bool { !acceptance.isEmpty }

  init(_ succession: Succession) { self.succession = succession }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "restoration")
    succession = try Succession(decoding: decoder.field(limit: Succession.byteCountMax))
    for _ in 0..<(try decoder.count(limit: 2)) {
      signatures.append(
        UnverifiedAcceptance.Signature(name: try decoder.text(limit: 64), signature: try decoder.field(exactly: 64)))
    }
    acceptance = try decoder.field(limit: UnverifiedAcceptance.byteCountMax)
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("restoration")
    encoding.append(succession.bytes)
    encoding.append(UInt64(signatures.count))
    for signature in signatures {
      encoding.append(signature.name)
      encoding.append(signature.signature)
    }
    encoding.append(acceptance)
    return encoding.bytes
  }

  static func key(_ number: UInt64) -> [UInt8] { keyPrefix + StoreKey.index(number) }

  func change(version: UInt64, expect: RowExpectation, _ keys: StoreKeys) -> RowChange {
    let key = Restoration.key(succession.number)
    return .put(
      .meta, key, version: version, body: keys.sealMetadata(bytes, table: .meta, key: key, version: version),
      expect: expect)
  }

  /// Every restoration of this vault, oldest first.
  static func all(
    in view: borrowing ReadView, keys: StoreKeys
  ) throws -> [(restoration: Restoration, version: UInt64)] {
    var found: [(Restoration, UInt64)] = []
    try view.forEach(.meta, prefix: keyPrefix) { row in
      let restoration = try Restoration(decoding: keys.openMetadata(row, table: .meta))
      guard row.key == key(restoration.succession.number) else { throw VaultError.tampered("A restoration") }
      found.append((restoration, row.version))
    }
    return found
  }
}

/// Row `meta/exclusions`: memberships that had been ended when an older backup, which still has them, was restored. The
/// daemon keeps these people out until somebody who holds the keys begins new epochs without them.
struct Exclusions: Sendable, Equatable {
  static let rowKey = Array("exclusions".utf8)
  private static let countMax = 1 << 16

  private(set) var programmes: [AccountName: Set<ProgrammeID>] = [:]

  init() {}

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "exclusions")
    for _ in 0..<(try decoder.count(limit: Exclusions.countMax)) {
      let name = try AccountName(decoder.text(limit: 64))
      programmes[name, default: []].insert(try ProgrammeID(decoder.text(limit: 64)))
    }
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("exclusions")
    let pairs = programmes.sorted { $0.key < $1.key }.flatMap { name, all in all.sorted().map { (name, $0) } }
    encoding.append(UInt64(pairs.count))
    for (name, programme) in pairs {
      encoding.append(name.description)
      encoding.append(programme.description)
    }
    return encoding.bytes
  }

  var isEmpty: Bool { programmes.isEmpty }

  func contains(_ name: AccountName, _ programme: ProgrammeID) -> Bool {
    programmes[name]?.contains(programme) ?? false
  }

  mutating func add(_ name: AccountName, _ more: Set<ProgrammeID>) {
    guard !more.isEmpty else { return }
    programmes[name, default: []].formUnion(more)
  }

  mutating func remove(_ name: AccountName, _ programme: ProgrammeID) {
    programmes[name]?.remove(programme)
    if programmes[name]?.isEmpty == true { programmes[name] = nil }
  }

  static func read(in view: borrowing ReadView, keys: StoreKeys) throws -> (exclusions: Exclusions, version: UInt64?) {
    guard let row = try view.row(.meta, rowKey) else { return (Exclusions(), nil) }
    return (try Exclusions(decoding: keys.openMetadata(row, table: .meta)), row.version)
  }

  /// The row as it is to be; nothing where there is neither a row nor anything to say.
  func change(from version: UInt64?, _ keys: StoreKeys) -> [RowChange] {
    let key = Exclusions.rowKey
    guard let version else {
      guard !isEmpty else { return [] }
      return [
        .put(
          .meta, key, version: 1, body: keys.sealMetadata(bytes, table: .meta, key: key, version: 1), expect: .absent)
      ]
    }
    return [
      .put(
        .meta, key, version: version + 1,
        body: keys.sealMetadata(bytes, table: .meta, key: key, version: version + 1), expect: .version(version))
    ]
  }
}
