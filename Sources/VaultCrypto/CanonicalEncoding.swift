/// The one encoding of everything we hash, sign or authenticate (docs/format.md, "Canonical encoding"):
/// `"survivor-vault/v1/" ‖ purpose ‖ 0x00`, then each field as u32 big-endian length ‖ bytes. Integers are fields of
/// eight bytes, big-endian. Purpose and lengths make two different lists of fields never encode alike.
public struct CanonicalEncoding: Sendable {
  public private(set) var bytes: [UInt8]

  /// `purpose`: short ASCII label, unique in docs/format.md.
  public init(_ purpose: StaticString) {
    bytes = Array("survivor-vault/v1/".utf8)
    bytes.reserveCapacity(128)
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: purpose.utf8Start, count: purpose.utf8CodeUnitCount))
    bytes.append(0)
  }

  public mutating func append(_ field: some Collection<UInt8>) {
    appendBigEndian(UInt32(field.count))
    bytes.append(contentsOf: field)
  }

  public mutating func append(_ text: String) { append(text.utf8) }

  public mutating func append(_ integer: UInt64) {
    appendBigEndian(UInt32(8))
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: integer >> UInt64(shift)))
    }
  }

  /// A list is its count, then its fields.
  public mutating func append(list: [[UInt8]]) {
    append(UInt64(list.count))
    for item in list { append(item) }
  }

  private mutating func appendBigEndian(_ value: UInt32) {
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
    }
  }
}

/// Reads what `CanonicalEncoding` wrote, from untrusted bytes. A document is accepted only when every field was read
/// and nothing is left, so re-encoding gives the same bytes.
public struct CanonicalDecoder {
  private let bytes: [UInt8]
  private var position: Int

  /// Throws `malformed` where the purpose differs.
  public init(_ bytes: [UInt8], purpose: StaticString) throws(CryptoError) {
    let prefix = CanonicalEncoding(purpose).bytes
    guard bytes.starts(with: prefix) else { throw CryptoError(.malformed, "not a document of the expected purpose") }
    self.bytes = bytes
    position = prefix.count
  }

  /// `limit`: the most bytes this field may have.
  public mutating func field(limit: Int) throws(CryptoError) -> [UInt8] {
    guard bytes.count - position >= 4 else { throw CryptoError(.malformed, "field length is missing") }
    let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    position += 4
    guard length <= limit, length <= bytes.count - position else {
      throw CryptoError(.malformed, "field is longer than its bound or than the document")
    }
    defer { position += length }
    return Array(bytes[position..<position + length])
  }

  public mutating func field(exactly count: Int) throws(CryptoError) -> [UInt8] {
    let field = try field(limit: count)
    guard field.count == count else { throw CryptoError(.malformed, "field has another length") }
    return field
  }

  public mutating func text(limit: Int) throws(CryptoError) -> String {
    guard let text = String(validating: try field(limit: limit), as: UTF8.self) else {
      throw CryptoError(.malformed, "field is not UTF-8")
    }
    return text
  }

  public mutating func integer() throws(CryptoError) -> UInt64 {
    try field(exactly: 8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The count of a list that follows.
  public mutating func count(limit: Int) throws(CryptoError) -> Int {
    let count = try integer()
    guard count <= UInt64(limit) else { throw CryptoError(.malformed, "list is longer than its bound") }
    return Int(count)
  }

  public var isAtEnd: Bool { position == bytes.count }

  public func finish() throws(CryptoError) {
    guard isAtEnd else { throw CryptoError(.malformed, "bytes follow the last field") }
  }
}
