import AccessLog
import VaultModel

/// The files of a bundle that `log prove` writes. The log's public key is not among them: it lies beside the directory,
/// because who could replace the one could replace the other.
enum ProofBundleFile {
  static let page = "README.txt"
  static let entries = "entries.json"
  static let checkpoint = TilePath.checkpoint

  /// The leaf as it stands in the log, ciphertext.
  static func leaf(_ index: UInt64) -> String { "\(index).leaf" }
  /// The key that opens this leaf and no other: 32 bytes in base 64, and a line end.
  static func key(_ index: UInt64) -> String { "\(index).key" }
  /// C2SP tlog-proof.
  static func proof(_ index: UInt64) -> String { "\(index).tlog-proof" }

  /// Bytes of `key`: 32 in base 64, and a line end.
  static let keyByteCountMax = 45
  /// Bytes of `entries`: as many of the largest entries as one bundle may have would be more, but nobody's are so large.
  static let entriesByteCountMax = 16 << 20
  /// Bytes of `page`.
  static let pageByteCountMax = 16 << 20
  static let entryCountMax = 1_000

  /// Of the log that signed, and of those who signed off: beside the directory.
  static func logKey(beside directory: String) -> String { directory + ".vkey" }
  static func cosignerKey(beside directory: String) -> String { directory + ".cosigner.vkey" }
}

/// What `entries.json` says: of which log, and which entries.
struct ProofBundleClaim: Equatable {
  /// Of this layout and of the page's wording.
  static let version: Int64 = 1

  /// Hexadecimal.
  let vault: String
  let origin: String
  let size: UInt64
  let root: String
  let entries: [JSONValue]

  var document: JSONValue {
    .object([
      "version": .integer(Self.version), "vault": .string(vault), "origin": .string(origin),
      "size": .integer(Int64(clamping: size)), "root": .string(root), "entries": .array(entries),
    ])
  }

  init(vault: String, origin: String, size: UInt64, root: String, entries: [JSONValue]) {
    self.vault = vault
    self.origin = origin
    self.size = size
    self.root = root
    self.entries = entries
  }

  /// Nil unless it is the canonical document of this version and a newline.
  init?(_ bytes: [UInt8]) {
    let limits = JSONLimits(
      byteCountMax: ProofBundleFile.entriesByteCountMax, depthMax: 8, memberCountMax: 2_000_000)
    guard let json = try? JSONValue.parse(bytes, limits: limits), json["version"]?.integerValue == Self.version,
      let vault = json["vault"]?.stringValue, let origin = json["origin"]?.stringValue,
      let size = json["size"]?.integerValue.flatMap({ UInt64(exactly: $0) }), let root = json["root"]?.stringValue,
      let entries = json["entries"]?.arrayValue, (1...ProofBundleFile.entryCountMax).contains(entries.count)
    else { return nil }
    self.init(vault: vault, origin: origin, size: size, root: root, entries: entries)
    guard encoded == bytes else { return nil }
  }

  var encoded: [UInt8] { document.canonicalBytes() + [UInt8(ascii: "\n")] }

  /// Of each entry, in the order of the file; nil where one has none, or where they do not ascend.
  var indexes: [UInt64]? {
    let found = entries.compactMap { $0["index"]?.integerValue.flatMap { UInt64(exactly: $0) } }
    guard found.count == entries.count, zip(found, found.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
    return found
  }
}
