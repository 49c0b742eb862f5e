import VaultAPI
import VaultModel

/// A record for people: how the survivor may be reached before anything else, then the sections.
@MainActor struct RecordSheet {
  let record: RecordAnswer
  let forms: FormSet

  func fill(_ sheet: inout Sheet) {
    sheet.line(
      sheet.style(.bold, Printable.line(record.id)) + "  " + Printable.line(record.programme)
        + sheet.style(.dim, "  version \(record.version)"))
    if !record.flags.isEmpty { sheet.line(sheet.style(record.flags.tone, record.flags.words)) }
    if let until = record.until {
      sheet.line(
        sheet.style(.careful, "Shared with you until \(LocalTime.text(until)); you may read it and not change it."))
    }
    sheet.line()
    SafeContactBox(contact: record.sections[Section.contact.rawValue]?.objectValue, forms: forms).fill(&sheet)
    for section in Section.allCases {
      guard let values = record.sections[section.rawValue]?.objectValue else { continue }
      fill(&sheet, section, values)
    }
  }

  private func fill(_ sheet: inout Sheet, _ section: Section, _ values: [String: JSONValue]) {
    let known = FieldOrder.sorted(forms.fields(in: section))
    // The box above has shown these.
    let shownAbove: Set = section == .contact ? ["vault_ContactMethods", "vault_ContactInstructions"] : []
    let fields = known.filter { values[$0.key] != nil && !shownAbove.contains($0.key) }
    let keys = Set(known.map(\.key))
    let others = values.keys.filter { !keys.contains($0) }.sorted()
    guard !fields.isEmpty || !others.isEmpty else {
      if shownAbove.isEmpty {
        sheet.heading(section.rawValue.capitalized)
        sheet.line(sheet.style(.dim, "  nothing recorded"))
      }
      return
    }
    sheet.heading(section.rawValue.capitalized)
    for field in fields {
      if let value = values[field.key] { AnswerLines.fill(&sheet, value, field, forms) }
    }
    for key in others {
      sheet.field(key, AnswerText.plain(values[key] ?? .null), labelWidth: AnswerLines.labelWidth, indent: 2)
    }
  }
}

/// One answer under its label; the entries of a group one by one.
@MainActor enum AnswerLines {
  static let labelWidth = 24

  static func fill(_ sheet: inout Sheet, _ value: JSONValue, _ field: FormField, _ forms: FormSet) {
    guard case .group(let members, _) = field.kind, let entries = value.arrayValue else {
      sheet.field(field.label, AnswerText.of(value, field.kind, forms), labelWidth: labelWidth, indent: 2)
      return
    }
    for (index, entry) in entries.enumerated() {
      let label = entries.count == 1 ? field.label : "\(field.label) \(index + 1)"
      let text =
        field.key == "vault_Names"
        ? NameText.of(entry, forms)
        : members.compactMap { member in
          entry[member.key].map { "\(member.label): \(AnswerText.of($0, member.kind, forms))" }
        }.joined(separator: "\n")
      sheet.field(label, text, labelWidth: labelWidth, indent: 2)
    }
  }
}

/// One name as it is written, in Latin letters, and what to heed with it.
enum NameText {
  static func of(_ entry: JSONValue, _ forms: FormSet) -> String {
    let text = entry["text"]?.stringValue ?? ""
    let latin = entry["latin"]?.stringValue
    var remarks: [String] = []
    if let kind = entry["kind"]?.stringValue { remarks.append(label(kind, "vault_NameKind", forms)) }
    if let script = entry["script"]?.stringValue, script != "Latn" {
      remarks.append(label(script, "vault_Script", forms))
    }
    if let use = entry["use"]?.stringValue, use == "never-aloud" {
      remarks.append(label(use, "vault_NameUse", forms).uppercased())
    }
    return text + (latin.map { $0 == text ? "" : "  ·  \($0)" } ?? "")
      + (remarks.isEmpty ? "" : "  (\(remarks.joined(separator: "; ")))")
  }

  private static func label(_ code: String, _ list: String, _ forms: FormSet) -> String {
    forms.codeLists[list]?.label(of: code) ?? code
  }
}

/// An answer in words: labels instead of codes.
enum AnswerText {
  static func of(_ value: JSONValue, _ kind: FieldKind, _ forms: FormSet) -> String {
    guard let list = kind.list.flatMap({ forms.codeLists[$0] }) else { return plain(value) }
    let codes = value.arrayValue ?? [value]
    return codes.map { code in code.stringValue.flatMap(list.label) ?? plain(code) }.joined(separator: ", ")
  }

  static func plain(_ value: JSONValue) -> String {
    switch value {
    case .null: "–"
    case .bool(let flag): flag ? "yes" : "no"
    case .integer(let number): String(number)
    case .double(let number): String(number)
    case .string(let text): text
    case .array(let values): values.map(plain).joined(separator: ", ")
    case .object(let members):
      members.sorted { $0.key < $1.key }.map { "\($0.key): \(plain($0.value))" }.joined(separator: "; ")
    }
  }
}
