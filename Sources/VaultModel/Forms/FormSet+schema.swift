extension FormSet {
  /// The forms as canonical JSON, for clients that ask and check before they send:
  /// `sections`, `forms`, `fields`, `codeLists` by name, and `limits`.
  public func schemaJSON() -> [UInt8] {
    let formOfKey = Dictionary(
      forms.flatMap { form in form.fields.map { ($0.key, form.name) } }, uniquingKeysWith: { first, _ in first })
    let asked = Section.allCases.flatMap(fields(in:))
    return JSONValue.object([
      "sections": .array(Section.allCases.map { .string($0.rawValue) }),
      "forms": .array(forms.map(Self.describe)),
      "fields": .array(
        asked.map { field in
          var members = Self.describe(field)
          members["section"] = .string(field.section.rawValue)
          members["sensitivity"] = .string(field.sensitivity.rawValue)
          members["core"] = .bool(field.isCore)
          members["form"] = formOfKey[field.key].map(JSONValue.string)
          return .object(members)
        }),
      "codeLists": .object(codeLists.mapValues(Self.describe)),
      "limits": [
        "sectionBytes": .integer(Int64(FieldBounds.sectionByteCountMax)),
        "listItems": .integer(Int64(FieldBounds.itemCountMax)),
        "yearMin": .integer(Int64(PartialDate.years.lowerBound)),
        "yearMax": .integer(Int64(PartialDate.years.upperBound)),
      ],
    ]).canonicalBytes()
  }

  private static func describe(_ form: Form) -> JSONValue {
    var members: [String: JSONValue] = ["name": .string(form.name), "title": .string(form.title)]
    members["source"] = .string(form.source)
    members["prefix"] = form.prefix.map(JSONValue.string)
    return .object(members)
  }

  private static func describe(_ list: CodeList) -> JSONValue {
    .array(list.codes.map { ["name": .string($0.name), "label": .string($0.label)] })
  }

  private static func describe(_ field: FormField) -> [String: JSONValue] {
    var members: [String: JSONValue] = [
      "key": .string(field.key), "label": .string(field.label), "kind": .string(field.kind.name),
      "help": .string(field.help),
    ]
    if field.isRequired { members["required"] = true }
    if !field.aliases.isEmpty { members["aliases"] = .array(field.aliases.map(JSONValue.string)) }
    members["list"] = field.kind.list.map(JSONValue.string)
    switch field.kind {
    case .text(let lengthMax), .longText(let lengthMax), .codeOrText(_, let lengthMax):
      members["lengthMax"] = .integer(Int64(lengthMax))
    case .number(let min, let max, let isInteger):
      members["min"] = .number(min)
      members["max"] = .number(max)
      members["integer"] = .bool(isInteger)
    case .group(let fields, let countMax):
      members["countMax"] = .integer(Int64(countMax))
      members["fields"] = .array(fields.map { .object(describe($0)) })
    case .date(let isPast):
      if isPast { members["past"] = true }
    case .time, .timeZone, .checkbox, .code, .codes: break
    }
    return members
  }
}
