extension FormSet {
  /// Separates several codes in one cell, in the standard's template and in spreadsheets saved from it.
  public static let codeSeparator: Character = ";"

  /// The answer meant by one cell of a spreadsheet; nil for a blank cell. Codes may be written as name or label, several
  /// of them with semicolons between, a checkbox as yes/no, true/false, 1/0 or x; dates only in the three forms of
  /// `PartialDate`, because 03/04/1999 means two days. Throws the fault that storing it would meet.
  public func answer(from cell: String, for field: FormField) throws(FieldFault) -> JSONValue? {
    func fault(_ rule: FieldFault.Rule, _ detail: String) -> FieldFault {
      FieldFault(section: field.section, field: field.key, rule: rule, detail: detail)
    }
    // Before any work on it: a cell cannot be longer than the longest answer is in bytes.
    guard cell.utf8.count <= FieldBounds.longTextLengthMax * 4 else {
      throw fault(.tooLong, "this is longer than any field")
    }
    let text = Self.trimmed(cell)
    guard !text.isEmpty else { return nil }
    let value: JSONValue
    switch field.kind {
    case .text, .longText, .date, .time, .timeZone, .codeOrText: value = .string(text)
    case .number:
      guard let number = Self.number(text) else { throw fault(.wrongType, "a number belongs here") }
      value = number
    case .checkbox:
      guard let flag = Self.flags[text.lowercased()] else {
        throw fault(.wrongType, "yes or no belongs here")
      }
      value = .bool(flag)
    case .code(let list):
      guard let codes = codes(in: text, of: list) else {
        throw fault(.unknownCode, "the code list \(list) has no such code")
      }
      guard codes.count == 1 else {
        throw fault(.single, "one code belongs here; the standard allows one even where its template offers several")
      }
      value = .string(codes[0])
    case .codes(let list):
      guard let codes = codes(in: text, of: list) else {
        throw fault(.unknownCode, "the code list \(list) has no such code")
      }
      value = .array(codes.map(JSONValue.string))
    case .group:
      throw fault(.notAllowed, "a group does not fit one cell; map the cell to one of the group's members")
    }
    var check = AnswerCheck(section: field.section, forms: self)
    check.check(value, against: field, at: field.key)
    if let first = check.faults.first { throw first }
    return value
  }

  /// The codes of a cell, each once; nil when one of them is unknown.
  private func codes(in text: String, of list: String) -> [String]? {
    guard let list = codeLists[list] else { return nil }
    // Labels such as "Water supply; sewerage, waste management" have the separator inside.
    if let whole = list.code(for: text) { return [whole] }
    var codes: [String] = []
    for part in text.split(separator: Self.codeSeparator) {
      let part = Self.trimmed(String(part))
      guard !part.isEmpty else { continue }
      guard let code = list.code(for: part) else { return nil }
      if !codes.contains(code) { codes.append(code) }
    }
    return codes.isEmpty ? nil : codes
  }

  private static let flags: [String: Bool] = [
    "yes": true, "true": true, "1": true, "x": true, "y": true,
    "no": false, "false": false, "0": false, "n": false,
  ]

  /// JSON's own grammar, so that no locale decides what a comma means.
  private static func number(_ text: String) -> JSONValue? {
    guard let value = try? JSONValue.parse(Array(text.utf8), limits: JSONLimits(byteCountMax: 64)) else { return nil }
    return value.doubleValue == nil ? nil : value
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
