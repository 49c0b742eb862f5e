import VaultModel

/// One column, or one of the fields that a column gives, with everything looked up.
struct ColumnTarget {
  /// Position in the row, from 0.
  let column: Int
  let heading: String
  let place: FieldPlace
  let rule: ImportMap.Target
  /// Whole cells, or parts of them, to answers.
  private let translations: [String: [JSONValue]]
  /// Members of the same entry that stand wherever this column gave something.
  let companions: [(place: FieldPlace, value: JSONValue)]

  /// `path` is where the map says so.
  init(
    column: Int, heading: String, place: FieldPlace, rule: ImportMap.Target, forms: FormSet, path: String
  ) throws(ImportError) {
    self.column = column
    self.heading = heading
    self.place = place
    self.rule = rule
    var translations: [String: [JSONValue]] = [:]
    for (cell, answers) in rule.translations {
      var values: [JSONValue] = []
      for answer in answers {
        values += [try Self.value(answer, at: place, forms, "\(path).values")].compactMap(\.self)
      }
      translations[cell] = values
    }
    self.translations = translations
    var companions: [(place: FieldPlace, value: JSONValue)] = []
    for (name, cell) in rule.companions.sorted(by: { $0.key < $1.key }) {
      guard let beside = FieldPlace(name, beside: place) else {
        throw ImportError(.unknownField, path: "\(path).with", detail: "the field is in no group with such a member")
      }
      guard let value = try Self.value(cell, at: beside, forms, "\(path).with") else { continue }
      companions.append((beside, value))
    }
    self.companions = companions
    if !rule.dates.isEmpty, place.field.kind.name != FieldKind.date(isPast: false).name {
      throw ImportError(.mapMalformed, path: "\(path).date", detail: "\(place.path) is no date")
    }
  }

  /// The answer that a map writes as in a cell.
  static func value(
    _ cell: String, at place: FieldPlace, _ forms: FormSet, _ path: String
  ) throws(ImportError) -> JSONValue? {
    do throws(FieldFault) {
      return try forms.answer(from: cell, for: place.field)
    } catch {
      throw ImportError(.badValue, path: path, detail: "\(place.path) does not take this: \(error.detail)")
    }
  }

  /// The answers of a cell, which is trimmed and not empty. Throws a sentence that does not repeat the cell.
  func values(of cell: String, _ forms: FormSet) throws(CellFault) -> [JSONValue] {
    if let values = translations[cell] { return labelled(values) }
    var values: [JSONValue] = []
    for part in parts(of: cell) {
      if let known = translations[part] {
        values += known
        continue
      }
      switch translations.isEmpty ? .keep : rule.others {
      case .keep: break
      case .drop: continue
      case .refuse: throw CellFault(detail: "the map has no translation for this")
      }
      if let value = try answer(part, forms) { values.append(value) }
    }
    return labelled(values)
  }

  private func parts(of cell: String) -> [String] {
    let separator: Character
    switch (rule.split, place.field.kind) {
    case (let split?, _): separator = split
    // Without translations the forms split codes themselves, and know labels with a semicolon inside.
    case (nil, .codes) where !translations.isEmpty: separator = FormSet.codeSeparator
    default: return [cell]
    }
    return cell.split(separator: separator).map { String($0).trimmedCell }.filter { !$0.isEmpty }
  }

  private func answer(_ cell: String, _ forms: FormSet) throws(CellFault) -> JSONValue? {
    for format in rule.dates {
      if let date = format.date(from: cell) { return .string(date.description) }
    }
    do throws(FieldFault) {
      return try forms.answer(from: cell, for: place.field)
    } catch {
      guard error.rule == .badDate else { throw CellFault(detail: error.detail) }
      let other = rule.dates.isEmpty ? "other ways need a map with “date”" : "nor is it in a format that the map names"
      throw CellFault(detail: "\(error.detail); \(other)")
    }
  }

  /// Texts of one cell become one, behind the label.
  private func labelled(_ values: [JSONValue]) -> [JSONValue] {
    switch place.field.kind {
    case .text, .longText, .codeOrText:
      guard !values.isEmpty, values.count > 1 || rule.label != nil else { return values }
      let text = values.compactMap(\.stringValue).joined(separator: ", ")
      return [.string(rule.label.map { "\($0): \(text)" } ?? text)]
    default: return values
    }
  }
}

/// Why a cell gives no answer; never repeats it.
struct CellFault: Error {
  var detail: String
}
