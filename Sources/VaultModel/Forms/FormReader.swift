/// Reads and checks one form document; see `Form` for its shape.
struct FormReader {
  /// Lists that fields may refer to beside the document's own.
  var knownLists: Set<String>
  /// Organisations' documents must name a prefix and keep to it; ours are checked by tests.
  let demandsPrefix: Bool

  private static let limits = JSONLimits(byteCountMax: Form.byteCountMax, depthMax: 8, memberCountMax: 20_000)
  /// Bounds on a form: a person has to look at all of it.
  private static let fieldCountMax = 200
  private static let listCountMax = 50
  private static let codeCountMax = 1_000
  private static let nameLengthMax = 64
  private static let labelLengthMax = 200
  private static let helpLengthMax = 500
  private static let sourceLengthMax = 1_000

  mutating func read(_ bytes: [UInt8]) throws(FormError) -> Form {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue.parse(bytes, limits: Self.limits)
    } catch {
      throw FormError("", .notJSON(error), error.description)
    }
    let members = try FormMembers(
      document, at: "", allowed: ["form", "title", "source", "prefix", "codeLists", "fields"])
    let prefix = demandsPrefix ? try readPrefix(members) : try members.optionalText("prefix", Self.nameLengthMax)
    let lists = try readLists(members, prefix: prefix)
    knownLists.formUnion(lists.map(\.name))
    let fields = try readFields(members, prefix: prefix)
    return Form(
      name: try members.text("form", Self.nameLengthMax), title: try members.text("title", Self.labelLengthMax),
      source: try members.optionalText("source", Self.sourceLengthMax) ?? "", prefix: prefix, codeLists: lists,
      fields: fields)
  }

  private func readPrefix(_ members: FormMembers) throws(FormError) -> String {
    let prefix = try members.text("prefix", Self.nameLengthMax)
    guard Self.isPrefix(prefix) else {
      throw FormError(
        "prefix", .badName, "a prefix is 2 to 16 lowercase letters and digits, a letter first, then an underscore")
    }
    guard !Form.reservedPrefixes.contains(prefix) else {
      throw FormError("prefix", .reservedPrefix, "this prefix belongs to the standard or to the vault")
    }
    return prefix
  }

  private static func isPrefix(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (3...17).contains(bytes.count), bytes[bytes.count - 1] == UInt8(ascii: "_") else { return false }
    return (0x61...0x7A).contains(bytes[0])
      && bytes.dropLast().allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
  }

  private func readLists(_ members: FormMembers, prefix: String?) throws(FormError) -> [CodeList] {
    var lists: [CodeList] = []
    var names: Set<String> = []
    for (path, element) in try members.elements("codeLists", Self.listCountMax) {
      let list = try FormMembers(element, at: path, allowed: ["name", "codes"])
      let name = try readName(list, "name", prefix: prefix)
      guard names.insert(name).inserted else {
        throw FormError("\(path).name", .duplicate, "two lists have this name")
      }
      lists.append(CodeList(name: name, codes: try readCodes(list)))
    }
    return lists
  }

  private func readCodes(_ list: FormMembers) throws(FormError) -> [CodeList.Code] {
    var codes: [CodeList.Code] = []
    var names: Set<String> = []
    for (path, element) in try list.elements("codes", Self.codeCountMax) {
      guard let pair = element.arrayValue, pair.count == 2, let name = pair[0].stringValue,
        let label = pair[1].stringValue
      else { throw FormError(path, .wrongType, "a code is a pair of texts: name and label") }
      guard (1...Self.nameLengthMax).contains(name.utf8.count), label.utf8.count <= Self.labelLengthMax else {
        throw FormError(path, .tooLong, "a code's name or label is empty or too long")
      }
      // A semicolon separates several codes in one cell of a spreadsheet.
      guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") }) else {
        throw FormError(path, .badName, "a code's name is printable ASCII without spaces and semicolons")
      }
      guard names.insert(name).inserted else { throw FormError(path, .duplicate, "two codes have this name") }
      codes.append(CodeList.Code(name: name, label: label))
    }
    guard !codes.isEmpty else { throw FormError("\(list.path).codes", .empty, "a code list has at least one code") }
    return codes
  }

  private func readFields(_ members: FormMembers, prefix: String?) throws(FormError) -> [FormField] {
    var fields: [FormField] = []
    var keys: Set<String> = []
    for (path, element) in try members.elements("fields", Self.fieldCountMax) {
      let field = try readField(element, at: path, prefix: prefix, parent: nil)
      guard keys.insert(field.key).inserted else {
        throw FormError("\(path).key", .duplicate, "two fields have this key")
      }
      fields.append(field)
    }
    return fields
  }

  /// A field of the form, or one of a group when it has a parent: then section and sensitivity are the parent's.
  private func readField(
    _ element: JSONValue, at path: String, prefix: String?, parent: FormField?
  ) throws(FormError) -> FormField {
    let members = try FormMembers(
      element, at: path,
      allowed: [
        "key", "section", "label", "kind", "core", "required", "sensitivity", "help", "aliases", "lengthMax", "min",
        "max", "integer", "list", "fields", "countMax", "past",
      ])
    var field = FormField(
      key: try readName(members, "key", prefix: parent == nil ? prefix : nil),
      section: try readSection(members, parent: parent),
      label: try members.text("label", Self.labelLengthMax), kind: .checkbox,
      isCore: try members.flag("core"), isRequired: try members.flag("required"),
      sensitivity: try readSensitivity(members, parent: parent),
      help: try members.optionalText("help", Self.helpLengthMax) ?? "", aliases: try readAliases(members))
    guard parent != nil || !field.isRequired else {
      throw FormError("\(path).required", .badBounds, "only fields of a group can be required")
    }
    field.kind = try readKind(members, of: field, isNested: parent != nil)
    return field
  }

  private func readName(_ members: FormMembers, _ key: String, prefix: String?) throws(FormError) -> String {
    let name = try members.text(key, Self.nameLengthMax)
    guard FieldName.isWellFormed(name) else {
      throw FormError(members.path(key), .badName, "a name is ASCII letters, digits and underscores, a letter first")
    }
    guard name.hasPrefix(prefix ?? ""), name != prefix else {
      throw FormError(members.path(key), .foreignPrefix, "every name starts with the form's own prefix")
    }
    return name
  }

  private func readSection(_ members: FormMembers, parent: FormField?) throws(FormError) -> Section {
    if let parent { return parent.section }
    guard let section = Section(rawValue: try members.text("section", Self.nameLengthMax)) else {
      throw FormError(
        members.path("section"), .unknownSection,
        "the sections are \(Section.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return section
  }

  private func readSensitivity(
    _ members: FormMembers, parent: FormField?
  ) throws(FormError) -> FormField.Sensitivity {
    if let parent { return parent.sensitivity }
    // Unless it says otherwise, an answer is treated as the kind of data the law protects most.
    guard let name = try members.optionalText("sensitivity", Self.nameLengthMax) else { return .specialCategory }
    guard let sensitivity = FormField.Sensitivity(rawValue: name) else {
      let names = FormField.Sensitivity.allCases.map(\.rawValue).joined(separator: ", ")
      throw FormError(members.path("sensitivity"), .unknownSensitivity, "the sensitivities are \(names)")
    }
    return sensitivity
  }

  private func readAliases(_ members: FormMembers) throws(FormError) -> [String] {
    var aliases: [String] = []
    for (path, element) in try members.elements("aliases", Self.listCountMax) {
      guard let alias = element.stringValue, (1...Self.nameLengthMax).contains(alias.utf8.count) else {
        throw FormError(path, .wrongType, "an alias is a short text")
      }
      aliases.append(alias)
    }
    return aliases
  }
}

extension FormReader {
  private func readKind(
    _ members: FormMembers, of field: FormField, isNested: Bool
  ) throws(FormError) -> FieldKind {
    switch try members.text("kind", Self.nameLengthMax) {
    case "text": return .text(lengthMax: try members.count("lengthMax", FieldBounds.textLengthMax, upTo: 1_000))
    case "longText":
      let bound = FieldBounds.longTextLengthMax
      return .longText(lengthMax: try members.count("lengthMax", bound, upTo: bound))
    case "date": return .date(isPast: try members.flag("past"))
    case "time": return .time
    case "timeZone": return .timeZone
    case "checkbox": return .checkbox
    case "number":
      let min = try members.number("min")
      let max = try members.number("max")
      guard min <= max else { throw FormError(members.path("min"), .badBounds, "min is greater than max") }
      return .number(min: min, max: max, isInteger: try members.flag("integer"))
    case "code": return .code(list: try readList(members))
    case "codes": return .codes(list: try readList(members))
    case "codeOrText":
      return .codeOrText(
        list: try readList(members),
        lengthMax: try members.count("lengthMax", FieldBounds.textLengthMax, upTo: FieldBounds.textLengthMax))
    case "group":
      guard !isNested else { throw FormError(members.path("kind"), .nestedGroup, "a group has no groups in it") }
      let bound = FieldBounds.itemCountMax
      return .group(
        fields: try readGroup(members, of: field), countMax: try members.count("countMax", bound, upTo: bound))
    default:
      throw FormError(
        members.path("kind"), .unknownKind,
        "the kinds are text, longText, date, time, timeZone, checkbox, number, code, codes, codeOrText, group")
    }
  }

  private func readList(_ members: FormMembers) throws(FormError) -> String {
    let name = try members.text("list", Self.nameLengthMax)
    guard knownLists.contains(name) else {
      throw FormError(members.path("list"), .unknownList, "there is no code list of this name")
    }
    return name
  }

  private func readGroup(_ members: FormMembers, of field: FormField) throws(FormError) -> [FormField] {
    var fields: [FormField] = []
    var keys: Set<String> = []
    for (path, element) in try members.elements("fields", FieldBounds.itemCountMax) {
      let part = try readField(element, at: path, prefix: nil, parent: field)
      guard keys.insert(part.key).inserted else {
        throw FormError("\(path).key", .duplicate, "two fields of the group have this key")
      }
      fields.append(part)
    }
    guard !fields.isEmpty else {
      throw FormError(members.path("fields"), .empty, "a group has at least one field")
    }
    return fields
  }
}
