import VaultModel

/// Makes the idempotency keys of a file's rows, so that importing the same file again adds nothing.
///
/// Encoding as in docs/format.md, "Canonical encoding": `"survivor-vault/v1/import-row" ‖ 0x00`, then fields with their
/// u32 big-endian length: programme, and either `key` and the key column's cell, or `row`, the headings and cells that
/// are not empty in the order of the headings, and which of the rows with this content it is (u64).
struct RowIdentity {
  /// Hex digits of a key.
  static let keyLength = 64

  private let programme: ProgrammeID
  private let hash: ([UInt8]) -> [UInt8]
  /// Position and heading, in the order of the headings' bytes, so that moving a column changes nothing.
  private let columns: [(column: Int, heading: [UInt8])]
  private let keyColumn: Int?
  /// By shortened digest: how often this content has come, or the row that has this key.
  private var occurrences: [SIMD2<UInt64>: Int] = [:]

  init(programme: ProgrammeID, headings: [String], keyColumn: Int?, hash: @escaping ([UInt8]) -> [UInt8]) {
    self.programme = programme
    self.hash = hash
    self.keyColumn = keyColumn
    columns = headings.enumerated().map { ($0, Array($1.utf8)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
  }

  enum Identity: Hashable {
    case key(String)
    case missingKey
    /// The row with the same key in this file.
    case repeatedKey(row: Int)
  }

  /// The key of a row with trimmed cells. Rows alike in every cell are different people and get different keys.
  mutating func identity(of cells: [String], row: Int) -> Identity {
    if let keyColumn {
      guard !cells[keyColumn].isEmpty else { return .missingKey }
      let digest = hash(encode(["key", cells[keyColumn]]))
      if let first = occurrences[Self.short(digest)] { return .repeatedKey(row: first) }
      occurrences[Self.short(digest)] = row
      return .key(Self.hex(digest))
    }
    var bytes = encode(["row"])
    for (column, heading) in columns where !cells[column].isEmpty {
      Self.append(heading, to: &bytes)
      Self.append(cells[column].utf8, to: &bytes)
    }
    let content = Self.short(hash(bytes))
    let count = occurrences[content, default: 0]
    occurrences[content] = count + 1
    Self.append((0..<8).map { UInt8(truncatingIfNeeded: UInt64(count) >> (56 - 8 * UInt64($0))) }, to: &bytes)
    return .key(Self.hex(hash(bytes)))
  }

  private func encode(_ fields: [String]) -> [UInt8] {
    var bytes = Array("survivor-vault/v1/import-row".utf8)
    bytes.append(0)
    Self.append(programme.description.utf8, to: &bytes)
    for field in fields { Self.append(field.utf8, to: &bytes) }
    return bytes
  }

  private static func append(_ field: some Collection<UInt8>, to bytes: inout [UInt8]) {
    let count = UInt32(field.count)
    for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
    bytes.append(contentsOf: field)
  }

  /// 128 bits are enough to tell a million rows apart, and keep the table small.
  private static func short(_ digest: [UInt8]) -> SIMD2<UInt64> {
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return SIMD2(word(digest.prefix(8)), word(digest.dropFirst(8).prefix(8)))
  }

  private static func hex(_ digest: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest.prefix(keyLength / 2) { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
