/// Writes JSON straight into bytes, for answers on the hot path: no tree, no strings in between.
///
/// Members come out in the order they are written. Values that are JSON already (sections of a record) are copied as
/// they are.
public struct JSONText: Sendable {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  public mutating func object<E>(_ fill: (inout JSONText) throws(E) -> Void) throws(E) {
    try nested(UInt8(ascii: "{"), UInt8(ascii: "}"), fill)
  }

  public mutating func array<E>(_ fill: (inout JSONText) throws(E) -> Void) throws(E) {
    try nested(UInt8(ascii: "["), UInt8(ascii: "]"), fill)
  }

  /// The name of the member whose value is written next.
  public mutating func name(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  public mutating func string(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in unsafe string(utf8: utf8.span) }
  }

  /// A string value from bytes that must be UTF-8 already, without making a `String` of them.
  public mutating func string(utf8: Span<UInt8>) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    for index in utf8.indices { escape(utf8[index]) }
    bytes.append(UInt8(ascii: "\""))
  }

  public mutating func string(utf8: RawSpan) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    for offset in utf8.byteOffsets { escape(unsafe utf8.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
    bytes.append(UInt8(ascii: "\""))
  }

  public mutating func number(_ value: some FixedWidthInteger) {
    separate()
    bytes += String(value).utf8
  }

  public mutating func bool(_ value: Bool) {
    separate()
    bytes += (value ? "true" : "false").utf8
  }

  public mutating func null() {
    separate()
    bytes += "null".utf8
  }

  /// Copies `json`, which must be one complete JSON value.
  public mutating func raw(_ json: [UInt8]) {
    separate()
    bytes += json
  }

  public mutating func member(_ name: String, _ value: String) {
    self.name(name)
    string(value)
  }

  public mutating func member(_ name: String, _ value: some FixedWidthInteger) {
    self.name(name)
    number(value)
  }

  public mutating func member(_ name: String, _ value: Bool) {
    self.name(name)
    bool(value)
  }

  public mutating func member(_ name: String, _ values: [String]) {
    self.name(name)
    array { (json: inout JSONText) in for value in values { json.string(value) } }
  }

  public mutating func member(_ name: String, _ values: [UInt64]) {
    self.name(name)
    array { (json: inout JSONText) in for value in values { json.number(value) } }
  }

  public mutating func member(_ name: String, raw json: [UInt8]) {
    self.name(name)
    raw(json)
  }

  public mutating func member(_ name: String, _ messages: [some WireMessage]) {
    self.name(name)
    array { (json: inout JSONText) in for message in messages { message.write(into: &json) } }
  }

  public mutating func member(_ name: String, orNull value: String?) {
    self.name(name)
    if let value { string(value) } else { null() }
  }

  /// Left out when nil.
  public mutating func member(_ name: String, ifPresent value: String?) {
    if let value { member(name, value) }
  }

  /// Hands the text over to a holder that wipes it, and wipes it here.
  mutating func takeWiped() -> WipedBytes { WipedBytes(taking: &bytes) }

  private mutating func nested<E>(_ open: UInt8, _ close: UInt8, _ fill: (inout JSONText) throws(E) -> Void) throws(E) {
    separate()
    bytes.append(open)
    needsComma = false
    try fill(&self)
    bytes.append(close)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      bytes += [UInt8(ascii: "\\"), UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")]
      bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    default:
      bytes.append(byte)
    }
  }
}
