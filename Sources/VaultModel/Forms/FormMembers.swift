/// One object of a form document, with the path that errors name.
struct FormMembers {
  let path: String
  private let members: [String: JSONValue]

  init(_ value: JSONValue, at path: String, allowed: Set<String>) throws(FormError) {
    guard let members = value.objectValue else { throw FormError(path, .wrongType, "an object belongs here") }
    guard members.keys.allSatisfy(allowed.contains) else {
      throw FormError(path, .unknownMember, "the known members are \(allowed.sorted().joined(separator: ", "))")
    }
    self.path = path
    self.members = members
  }

  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// A text of 1…`lengthMax` bytes without control characters.
  func text(_ key: String, _ lengthMax: Int) throws(FormError) -> String {
    guard let text = try optionalText(key, lengthMax) else { throw FormError(path(key), .missing, "this is missing") }
    guard !text.isEmpty else { throw FormError(path(key), .empty, "this is empty") }
    return text
  }

  func optionalText(_ key: String, _ lengthMax: Int) throws(FormError) -> String? {
    guard let value = members[key] else { return nil }
    guard let text = value.stringValue else { throw FormError(path(key), .wrongType, "a text belongs here") }
    guard text.utf8.count <= lengthMax else {
      throw FormError(path(key), .tooLong, "this is longer than \(lengthMax) bytes")
    }
    // Labels and help are printed on terminals, where escape sequences would act.
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw FormError(path(key), .badName, "this has control characters in it")
    }
    return text
  }

  func flag(_ key: String) throws(FormError) -> Bool {
    guard let value = members[key] else { return false }
    guard let flag = value.boolValue else { throw FormError(path(key), .wrongType, "true or false belongs here") }
    return flag
  }

  func number(_ key: String) throws(FormError) -> Double {
    guard let value = members[key] else { throw FormError(path(key), .missing, "a number needs min and max") }
    guard let number = value.doubleValue else { throw FormError(path(key), .wrongType, "a number belongs here") }
    return number
  }

  func count(_ key: String, _ standard: Int, upTo bound: Int) throws(FormError) -> Int {
    guard let value = members[key] else { return standard }
    guard let count = value.integerValue else { throw FormError(path(key), .wrongType, "a whole number belongs here") }
    guard count >= 1, count <= bound else { throw FormError(path(key), .badBounds, "this must be 1 to \(bound)") }
    return Int(count)
  }

  /// The elements of an optional list, each with its path.
  func elements(_ key: String, _ countMax: Int) throws(FormError) -> [(String, JSONValue)] {
    guard let value = members[key] else { return [] }
    guard let elements = value.arrayValue else { throw FormError(path(key), .wrongType, "a list belongs here") }
    guard elements.count <= countMax else {
      throw FormError(path(key), .tooMany, "there are more than \(countMax)")
    }
    return elements.enumerated().map { ("\(path(key))[\($0)]", $1) }
  }
}

/// The shape of field keys and list names.
enum FieldName {
  static let byteCountMax = 64

  /// 1…64 ASCII letters, digits and underscores, a letter first.
  static func isWellFormed(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= byteCountMax else { return false }
    return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
