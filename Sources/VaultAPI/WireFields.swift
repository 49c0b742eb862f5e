public import VaultModel

/// Reads the members of one JSON object by name and type, and remembers where it stands for the error.
public struct WireFields {
  private let members: [String: JSONValue]
  private let path: String

  public init(_ json: JSONValue, path: String = "") throws(WireError) {
    guard case .object(let members) = json else { throw WireError(.notAnObject, field: path.isEmpty ? nil : path) }
    self.members = members
    self.path = path
  }

  /// Requests call this: a misspelt member must not be passed over in silence. It is not named, because what stands
  /// there may be anything.
  public func allow(only names: Set<String>) throws(WireError) {
    guard members.keys.allSatisfy(names.contains) else { throw WireError(.unknownMember) }
  }

  public func text(_ name: String, byteCountMax: Int = WireLimit.wordByteCountMax) throws(WireError) -> String {
    guard let text = try textIfPresent(name, byteCountMax: byteCountMax) else { throw error(.missing, name) }
    return text
  }

  /// Nil when the member is absent or null.
  public func textIfPresent(
    _ name: String, byteCountMax: Int = WireLimit.wordByteCountMax
  ) throws(WireError) -> String? {
    guard let value = value(name) else { return nil }
    guard case .string(let text) = value else { throw error(.wrongType, name) }
    guard text.utf8.count <= byteCountMax else { throw error(.tooLong(byteCountMax: byteCountMax), name) }
    return text
  }

  /// Base64 in its one spelling, of at most `countMax` bytes.
  public func bytes(_ name: String, countMax: Int) throws(WireError) -> [UInt8] {
    let text = try text(name, byteCountMax: (countMax + 2) / 3 * 4)
    guard let bytes = Base64.decode(text), bytes.count <= countMax else { throw error(.notBase64, name) }
    return bytes
  }

  public func code<Code: RawRepresentable<String>>(_ name: String, _: Code.Type) throws(WireError) -> Code {
    guard let code = Code(rawValue: try text(name)) else { throw error(.unknownCode, name) }
    return code
  }

  public func codeIfPresent<Code: RawRepresentable<String>>(
    _ name: String, _: Code.Type
  ) throws(WireError) -> Code? {
    guard let text = try textIfPresent(name) else { return nil }
    guard let code = Code(rawValue: text) else { throw error(.unknownCode, name) }
    return code
  }

  public func number(_ name: String, in range: ClosedRange<Int64> = 0...Int64.max) throws(WireError) -> Int64 {
    guard let number = try numberIfPresent(name, in: range) else { throw error(.missing, name) }
    return number
  }

  public func numberIfPresent(
    _ name: String, in range: ClosedRange<Int64> = 0...Int64.max
  ) throws(WireError) -> Int64? {
    guard let value = value(name) else { return nil }
    guard case .integer(let number) = value else { throw error(.wrongType, name) }
    guard range.contains(number) else { throw error(.outOfRange(range), name) }
    return number
  }

  public func size(_ name: String) throws(WireError) -> UInt64 { UInt64(try number(name)) }

  public func sizeIfPresent(_ name: String) throws(WireError) -> UInt64? {
    try numberIfPresent(name).map { UInt64($0) }
  }

  public func flag(_ name: String) throws(WireError) -> Bool {
    guard let value = value(name) else { return false }
    guard case .bool(let flag) = value else { throw error(.wrongType, name) }
    return flag
  }

  /// Empty when the member is absent.
  public func texts(_ name: String, countMax: Int = WireLimit.pageCountMax) throws(WireError) -> [String] {
    try list(name, countMax: countMax) { (value, path) throws(WireError) in
      guard case .string(let text) = value else { throw WireError(.wrongType, field: path) }
      return text
    }
  }

  /// Empty when the member is absent.
  public func codes<Code: RawRepresentable<String>>(
    _ name: String, _: Code.Type, countMax: Int = WireLimit.pageCountMax
  ) throws(WireError) -> [Code] {
    try list(name, countMax: countMax) { (value, path) throws(WireError) in
      guard case .string(let text) = value else { throw WireError(.wrongType, field: path) }
      guard let code = Code(rawValue: text) else { throw WireError(.unknownCode, field: path) }
      return code
    }
  }

  /// Empty when the member is absent.
  public func sizes(_ name: String, countMax: Int) throws(WireError) -> [UInt64] {
    try list(name, countMax: countMax) { (value, path) throws(WireError) in
      guard case .integer(let number) = value else { throw WireError(.wrongType, field: path) }
      guard number >= 0 else { throw WireError(.outOfRange(0...Int64.max), field: path) }
      return UInt64(number)
    }
  }

  /// Empty when the member is absent.
  public func messages<Message: WireMessage>(
    _ name: String, _: Message.Type, countMax: Int = WireLimit.pageCountMax
  ) throws(WireError) -> [Message] {
    try list(name, countMax: countMax) { (value, _) throws(WireError) in try Message(json: value) }
  }

  public func object(_ name: String) throws(WireError) -> WireFields {
    guard let value = value(name) else { throw error(.missing, name) }
    return try WireFields(value, path: qualified(name))
  }

  /// The member as it is; nil when absent or null.
  public func value(_ name: String) -> JSONValue? {
    guard let value = members[name], value != .null else { return nil }
    return value
  }

  public func error(_ code: WireError.Code, _ name: String) -> WireError { WireError(code, field: qualified(name)) }

  private func list<Element>(
    _ name: String, countMax: Int, _ read: (JSONValue, String) throws(WireError) -> Element
  ) throws(WireError) -> [Element] {
    guard let value = value(name) else { return [] }
    guard case .array(let values) = value else { throw error(.wrongType, name) }
    guard values.count <= countMax else { throw error(.tooMany(countMax: countMax), name) }
    var elements: [Element] = []
    elements.reserveCapacity(values.count)
    for (index, value) in values.enumerated() { elements.append(try read(value, qualified("\(name).\(index)"))) }
    return elements
  }

  private func qualified(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
