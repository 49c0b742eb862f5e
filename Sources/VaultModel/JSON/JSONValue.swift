/// A JSON value as the vault keeps it: integers exact, no NaN, object members without order or duplicates.
///
/// Records live in this type between the wire and the envelope, so it is parsed and written here, under bounds, and not
/// by a general decoder. Values with equal `canonicalBytes()` are equal; the reverse fails only for strings that differ in
/// Unicode normalisation, which Swift calls equal and this type keeps as they were written.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number without a fraction in the range of Int64.
  case integer(Int64)
  /// Any other finite number; make it with `number(_:)`, which keeps whole numbers integers.
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Whole numbers up to this size are exact in a Double, and are kept as integers.
  static let exactWholeMax = 9_007_199_254_740_992.0

  /// `null` for NaN and the infinities, which JSON does not have.
  public static func number(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    guard value.magnitude <= exactWholeMax else { return .double(value) }
    // Not by rounding, which would need the C mathematics library for a single comparison.
    let whole = Int64(value)
    return Double(whole) == value ? .integer(whole) : .double(value)
  }

  /// The member of an object; nil when absent or when this is no object.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  public var stringValue: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  public var boolValue: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  public var integerValue: Int64? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  /// Either kind of number; integers beyond 2⁵³ lose precision here.
  public var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  public var arrayValue: [JSONValue]? {
    guard case .array(let value) = self else { return nil }
    return value
  }

  public var objectValue: [String: JSONValue]? {
    guard case .object(let value) = self else { return nil }
    return value
  }
}

extension JSONValue {
  /// This value changed by an RFC 7396 merge patch: objects merge member by member, `null` removes, anything else
  /// replaces.
  public func merging(patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    return .object((objectValue ?? [:]).merging(patch: changes))
  }
}

extension [String: JSONValue] {
  /// The members of an object changed by an RFC 7396 merge patch.
  public func merging(patch changes: [String: JSONValue]) -> [String: JSONValue] {
    var merged = self
    for (key, change) in changes {
      // A missing target counts as an empty object, so that nulls inside the patch vanish here too.
      merged[key] = change == .null ? nil : (merged[key] ?? .null).merging(patch: change)
    }
    return merged
  }

  /// The members of an object with those of another: what is in a list stays there, and what the other's list has besides
  /// comes after it; anything else gives way.
  public func adding(_ others: [String: JSONValue]) -> [String: JSONValue] {
    merging(others) { mine, theirs in
      switch (mine, theirs) {
      case (.array(let known), .array(let more)): .array(known + more.filter { !known.contains($0) })
      case (.object(let members), .object(let more)): .object(members.adding(more))
      default: theirs
      }
    }
  }
}

// Not by `nil`: `members[key] = nil` would then store a null where it should remove the member.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Of two equal keys in a literal the later one stays.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}
