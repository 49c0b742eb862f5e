import VaultCrypto
import VaultModel
import VaultStore

/// How a daemon was started, as far as it changes what people see and what an anchor protects: row `meta/configuration`
/// keeps that of the last start, so that a change between two starts is an entry.
struct Configuration: Equatable, Sendable {
  static let rowKey = Array("configuration".utf8)
  private static let versionByteCountMax = 64

  let version: String
  /// Whether a demo vault may be opened.
  let allowsDemo: Bool
  /// SHA-256 of the forms as they are offered to clients.
  let forms: [UInt8]
  /// SHA-256 of the anchor's path; empty where it lies beside the data directory.
  let anchor: [UInt8]
  /// SHA-256 of the off-host journal's path; empty where none is kept.
  let journal: [UInt8]

  init(_ options: Vault.Options, version: String = SoftwareVersion.current) {
    self.version = version
    allowsDemo = options.allowsDemo
    forms = SHA256.hash(options.forms.schemaJSON())
    anchor = Configuration.anchorHash(options.anchorPath)
    journal = options.journalPath.map { SHA256.hash(Array($0.utf8)) } ?? []
  }

  /// Of the path as it was named; empty for the place beside the data directory.
  static func anchorHash(_ path: String?) -> [UInt8] { path.map { SHA256.hash(Array($0.utf8)) } ?? [] }

  init(decoding bytes: [UInt8]) throws(CryptoError) {
    var decoder = try CanonicalDecoder(bytes, purpose: "configuration")
    version = try decoder.text(limit: Configuration.versionByteCountMax)
    allowsDemo = try decoder.integer() == 1
    forms = try decoder.field(exactly: SHA256.byteCount)
    anchor = try decoder.field(limit: SHA256.byteCount)
    journal = try decoder.field(limit: SHA256.byteCount)
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("configuration")
    encoding.append(version)
    encoding.append(allowsDemo ? 1 : 0)
    encoding.append(forms)
    encoding.append(anchor)
    encoding.append(journal)
    return encoding.bytes
  }

  /// What a start's entry says: the version and the first half of the digest.
  var summary: String { "\(version) \(hexadecimal(Array(SHA256.hash(bytes).prefix(16))))" }

  /// What is not as it was, in words.
  func changes(since earlier: Configuration) -> String? {
    let parts = [
      version == earlier.version ? nil : "version", allowsDemo == earlier.allowsDemo ? nil : "demo",
      forms == earlier.forms ? nil : "forms", anchor == earlier.anchor ? nil : "anchor",
      journal == earlier.journal ? nil : "journal",
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }
}

extension Vault {
  /// Writes the entry of the start, and one more where the configuration is not that of the start before.
  ///
  /// - Parameter remark: a word about this start that stands after the configuration.
  func noteStart(_ configuration: Configuration, remark: String? = nil) async throws(VaultError) {
    var start = PendingEntry(.daemonStart)
    start.detail = [configuration.summary, remark].compactMap(\.self).joined(separator: " ")
    let row = try read("The configuration row") { view in try view.row(.meta, Configuration.rowKey) }
    let earlier = try row.map { row throws(VaultError) in
      try onStored("The configuration row") { try Configuration(decoding: keys.openMetadata(row, table: .meta)) }
    }
    guard earlier != configuration else {
      _ = try await submit(start)
      return
    }
    let version = (row?.version ?? 0) + 1
    let body = keys.sealMetadata(configuration.bytes, table: .meta, key: Configuration.rowKey, version: version)
    let change = RowChange.put(
      .meta, Configuration.rowKey, version: version, body: body,
      expect: row.map { .version($0.version) } ?? .absent)
    guard let earlier else {
      _ = try await submit(start, changes: [change])
      return
    }
    _ = try await submit(start)
    var entry = PendingEntry(.configChange)
    entry.detail = configuration.changes(since: earlier)
    _ = try await submit(entry, changes: [change])
  }
}
