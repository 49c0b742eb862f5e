import Foundation

/// Checks the answers of one section against its fields and gathers what is wrong.
struct AnswerCheck {
  let section: Section
  let forms: FormSet
  private(set) var faults: [FieldFault] = []

  init(section: Section, forms: FormSet) {
    self.section = section
    self.forms = forms
  }

  /// Enough has been found; the rest is not looked at.
  var isFull: Bool { faults.count >= FieldBounds.faultCountMax }

  mutating func add(_ rule: FieldFault.Rule, _ path: String, _ detail: String) {
    guard !isFull else { return }
    faults.append(FieldFault(section: section, field: path, rule: rule, detail: detail))
  }

  /// A key that no form has. It is named only where it looks like a key, since it may be text that slipped.
  mutating func addUnknown(_ key: String, under path: String) {
    let name = FieldName.isWellFormed(key) ? key : "?"
    var detail = path.isEmpty ? "no form has this field in this section" : "this group has no such member"
    if path.isEmpty, let meant = forms.canonicalKey(for: key), let field = forms.field(meant) {
      detail = "this field is \(meant) in the section \(field.section.rawValue)"
    }
    add(.unknownField, path.isEmpty ? name : "\(path).\(name)", detail)
  }

  mutating func check(_ value: JSONValue, against field: FormField, at path: String) {
    switch field.kind {
    case .text(let lengthMax): checkText(value, lengthMax, isLong: false, at: path)
    case .longText(let lengthMax): checkText(value, lengthMax, isLong: true, at: path)
    case .codeOrText(_, let lengthMax): checkText(value, lengthMax, isLong: false, at: path)
    case .date(let isPast): checkDate(value, isPast: isPast, at: path)
    case .time:
      guard let text = text(value, at: path) else { return }
      if !ClockText.isTime(text) { add(.badTime, path, "a time of day is written 09:30, from 00:00 to 23:59") }
    case .timeZone:
      guard let text = text(value, at: path) else { return }
      if !ClockText.isTimeZone(text) {
        add(.badTimeZone, path, "a time zone is written like Asia/Dhaka or UTC, and has to be a known one")
      }
    case .number(let min, let max, let isInteger):
      checkNumber(value, min: min, max: max, isInteger: isInteger, at: path)
    case .checkbox:
      if value.boolValue == nil { add(.wrongType, path, "true or false belongs here") }
    case .code(let list): checkCode(value, list, at: path)
    case .codes(let list): checkCodes(value, list, at: path)
    case .group(let fields, let countMax): checkGroup(value, fields, countMax, at: path)
    }
  }

  private mutating func text(_ value: JSONValue, at path: String) -> String? {
    if let text = value.stringValue { return text }
    add(.wrongType, path, "a text belongs here")
    return nil
  }

  private mutating func checkText(_ value: JSONValue, _ lengthMax: Int, isLong: Bool, at path: String) {
    guard let text = text(value, at: path) else { return }
    // Counting scalars is only needed where the bytes alone do not settle it.
    if text.utf8.count > lengthMax, text.unicodeScalars.count > lengthMax {
      add(.tooLong, path, "this is longer than \(lengthMax) characters")
    } else if text.unicodeScalars.contains(where: { Self.isControl($0, isLong: isLong) }) {
      add(.badCharacter, path, isLong ? "this has control characters in it" : "this must be one line without tabs")
    }
  }

  /// Controls act on the terminal where a record is shown, so none is stored; line breaks and tabs belong to long text.
  private static func isControl(_ scalar: Unicode.Scalar, isLong: Bool) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: !isLong
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x2028, 0x2029: !isLong
    default: false
    }
  }

  private mutating func checkDate(_ value: JSONValue, isPast: Bool, at path: String) {
    guard let text = text(value, at: path) else { return }
    if let detail = Self.dateFault(text, isPast: isPast) { add(.badDate, path, detail) }
  }

  private static func dateFault(_ text: String, isPast: Bool) -> String? {
    do throws(PartialDateError) {
      let date = try PartialDate(text)
      guard isPast, let today = PartialDate.latestToday else { return nil }
      // The less exact date comes first, so that this year and this month are never later than today.
      return date > today ? "this date is still to come" : nil
    } catch {
      return switch error {
      case .malformed: "a date is written 1999, 1999-05 or 1999-05-17"
      case .yearOutOfRange:
        "the year must be \(PartialDate.years.lowerBound) to \(PartialDate.years.upperBound)"
      case .notInCalendar: "the calendar has no such day"
      }
    }
  }

  private mutating func checkNumber(
    _ value: JSONValue, min: Double, max: Double, isInteger: Bool, at path: String
  ) {
    guard let number = value.doubleValue else { return add(.wrongType, path, "a number belongs here") }
    if !(min...max).contains(number) {
      add(.outOfRange, path, "this must be \(Self.text(min)) to \(Self.text(max))")
    } else if isInteger, JSONValue.number(number).integerValue == nil {
      add(.notWhole, path, "a whole number belongs here")
    }
  }

  private static func text(_ bound: Double) -> String {
    String(decoding: JSONValue.number(bound).canonicalBytes(), as: UTF8.self)
  }

  private mutating func checkCode(_ value: JSONValue, _ list: String, at path: String) {
    if value.arrayValue != nil {
      return add(.single, path, "one code belongs here; the standard allows one even where its template offers several")
    }
    guard let name = text(value, at: path) else { return }
    if forms.codeLists[list]?.contains(name) != true { addUnknownCode(list, at: path) }
  }

  private mutating func checkCodes(_ value: JSONValue, _ list: String, at path: String) {
    guard let elements = value.arrayValue else { return add(.wrongType, path, "a list of codes belongs here") }
    guard elements.count <= FieldBounds.itemCountMax else {
      return add(.tooMany, path, "there are more than \(FieldBounds.itemCountMax) codes")
    }
    var names: Set<String> = []
    for (index, element) in elements.enumerated() {
      let path = "\(path)[\(index)]"
      guard let name = text(element, at: path) else { continue }
      if forms.codeLists[list]?.contains(name) != true {
        addUnknownCode(list, at: path)
      } else if !names.insert(name).inserted {
        add(.repeated, path, "this code is in the list already")
      }
    }
  }

  private mutating func addUnknownCode(_ list: String, at path: String) {
    add(.unknownCode, path, "the code list \(list) has no such code")
  }

  private mutating func checkGroup(_ value: JSONValue, _ fields: [FormField], _ countMax: Int, at path: String) {
    guard let elements = value.arrayValue else { return add(.wrongType, path, "a list of objects belongs here") }
    guard elements.count <= countMax else {
      return add(.tooMany, path, "there are more than \(countMax) entries")
    }
    for (index, element) in elements.enumerated() where !isFull {
      let path = "\(path)[\(index)]"
      guard let members = element.objectValue else {
        add(.wrongType, path, "an object belongs here")
        continue
      }
      var knownCount = 0
      for field in fields {
        let value = members[field.key]
        if field.isRequired, value?.isBlank ?? true {
          add(.required, "\(path).\(field.key)", "this must be filled in")
        } else if let value {
          check(value, against: field, at: "\(path).\(field.key)")
        }
        if value != nil { knownCount += 1 }
      }
      guard knownCount < members.count else { continue }
      for key in members.keys.sorted() where !fields.contains(where: { $0.key == key }) {
        addUnknown(key, under: path)
      }
    }
  }
}

extension JSONValue {
  /// Nothing was answered: an empty or blank text, or an empty list.
  var isBlank: Bool {
    switch self {
    case .null: true
    case .string(let text): text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }
}

/// The written forms of clock times and time zones.
enum ClockText {
  /// `HH:MM`, 00:00…23:59.
  static func isTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8.prefix(6))
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return false }
    guard [0, 1, 3, 4].allSatisfy({ (0x30...0x39).contains(bytes[$0]) }) else { return false }
    return (bytes[0] - 0x30) * 10 + (bytes[1] - 0x30) < 24 && bytes[3] < 0x36
  }

  /// Longer than any name in the database (32).
  private static let zoneByteCountMax = 64

  /// A name that the host's tables have; a mistyped one would have somebody call at the wrong hour.
  static func isTimeZone(_ text: String) -> Bool {
    // The shape first: only a name goes on to the tables, which are files.
    isZoneName(text) && TimeZone(identifier: text) != nil
  }

  /// Up to three parts of letters, digits, `_`, `+`, `-`, each starting with a letter: `America/Argentina/Ushuaia`.
  private static func isZoneName(_ text: String) -> Bool {
    guard text.utf8.count <= zoneByteCountMax else { return false }
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.count <= 3
      && parts.allSatisfy { part in
        guard let first = part.first, isLetter(first) else { return false }
        return part.allSatisfy {
          isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2B || $0 == 0x2D
        }
      }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
