import VaultModel

/// Reads and checks one map file; docs/import.md describes it.
struct ImportMapReader {
  private static let limits = JSONLimits(byteCountMax: ImportMap.byteCountMax, depthMax: 8, memberCountMax: 20_000)
  /// Bytes of a heading, label or constant in a map.
  private static let textByteCountMax = 4_096

  func read(_ bytes: [UInt8]) throws(ImportError) -> ImportMap {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue.parse(bytes, limits: Self.limits)
    } catch {
      throw ImportError(error.code == .tooLarge ? .mapTooLarge : .mapNotJSON, detail: error.description)
    }
    let members = try object(
      document, at: "",
      allowed: ["about", "columns", "constants", "delimiter", "empty", "ignore", "key", "optional"])
    var map = ImportMap()
    map.delimiter = try delimiter(members["delimiter"])
    map.keyHeading = try members["key"].map { value throws(ImportError) in try text(value, at: "key") }
    map.emptyWords = Set(try texts(members["empty"], at: "empty"))
    map.optionalHeadings = Set(try texts(members["optional"], at: "optional"))
    var ignored = Set(try texts(members["ignore"], at: "ignore"))
    map.ignoresOthers = ignored.remove("*") != nil
    map.ignoredHeadings = ignored
    map.constants = try cells(members["constants"], at: "constants")
    for (heading, value) in try object(members["columns"] ?? [:], at: "columns").sorted(by: { $0.key < $1.key }) {
      let path = "columns.\(Heading.shown(heading))"
      guard !ignored.contains(heading) else {
        throw malformed(path, "this column is in “ignore” as well")
      }
      map.targets[heading] = try targets(value, at: path)
    }
    guard map.targets.count <= CSVReader.columnCountMax else {
      throw malformed("columns", "there are more than \(CSVReader.columnCountMax) columns")
    }
    return map
  }

  private func targets(_ value: JSONValue, at path: String) throws(ImportError) -> [ImportMap.Target] {
    guard let list = value.arrayValue else { return [try target(value, at: path)] }
    guard (1...ImportMap.targetCountMax).contains(list.count) else {
      throw malformed(path, "a column gives 1 to \(ImportMap.targetCountMax) fields")
    }
    var targets: [ImportMap.Target] = []
    for (index, element) in list.enumerated() { targets.append(try target(element, at: "\(path)[\(index)]")) }
    return targets
  }

  private func target(_ value: JSONValue, at path: String) throws(ImportError) -> ImportMap.Target {
    if let field = value.stringValue { return ImportMap.Target(field: field) }
    let members = try object(
      value, at: path, allowed: ["field", "section", "values", "others", "split", "date", "label", "join", "with"])
    guard let field = members["field"] else { throw malformed(path, "“field” is missing") }
    var target = ImportMap.Target(field: try text(field, at: "\(path).field"))
    if let value = members["section"] {
      guard let section = value.stringValue.flatMap(Section.init(rawValue:)) else {
        throw malformed(
          "\(path).section", "the sections are \(Section.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      target.section = section
    }
    target.translations = try translations(members["values"], at: "\(path).values")
    if let value = members["others"] {
      guard let others = value.stringValue.flatMap(ImportMap.Others.init(rawValue:)) else {
        throw malformed(
          "\(path).others", "this is one of \(ImportMap.Others.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      target.others = others
    }
    if let value = members["split"] {
      guard let text = value.stringValue, text.count == 1, let character = text.first else {
        throw malformed("\(path).split", "one character belongs here")
      }
      target.split = character
    }
    target.dates = try dates(members["date"], at: "\(path).date")
    target.label = try members["label"].map { value throws(ImportError) in try text(value, at: "\(path).label") }
    target.join = try members["join"].map { value throws(ImportError) in try text(value, at: "\(path).join") }
    target.companions = try cells(members["with"], at: "\(path).with")
    return target
  }

  private func translations(_ value: JSONValue?, at path: String) throws(ImportError) -> [String: [String]] {
    var translations: [String: [String]] = [:]
    let members = try object(value ?? [:], at: path)
    guard members.count <= ImportMap.translationCountMax else {
      throw malformed(path, "there are more than \(ImportMap.translationCountMax) values")
    }
    for (cell, answer) in members {
      // What a cell says about a survivor is not repeated, and a map may have been drawn up from cells.
      translations[cell] = answer == .null ? [] : try texts(answer, at: path)
    }
    return translations
  }

  private func dates(_ value: JSONValue?, at path: String) throws(ImportError) -> [DateFormat] {
    var formats: [DateFormat] = []
    for pattern in try texts(value, at: path) {
      guard let format = DateFormat(pattern) else {
        throw ImportError(
          .badDateFormat, path: path,
          detail: "a date format has YYYY, MM or MMM, and DD, with / . - or a space between")
      }
      guard !formats.contains(where: format.isAmbiguous) else {
        throw ImportError(
          .badDateFormat, path: path, detail: "two of these formats read the same cell as different days")
      }
      formats.append(format)
    }
    return formats
  }

  private func delimiter(_ value: JSONValue?) throws(ImportError) -> UInt8? {
    guard let value else { return nil }
    switch value.stringValue {
    case ",": return UInt8(ascii: ",")
    case ";": return UInt8(ascii: ";")
    case "\t", "tab": return UInt8(ascii: "\t")
    default: throw malformed("delimiter", "the delimiters are a comma, a semicolon and “tab”")
    }
  }

  /// Field or member to cell.
  private func cells(_ value: JSONValue?, at path: String) throws(ImportError) -> [String: String] {
    var cells: [String: String] = [:]
    for (key, value) in try object(value ?? [:], at: path) {
      cells[key] = try text(value, at: "\(path).\(Heading.shown(key))")
    }
    return cells
  }

  /// One text or a list of texts; none when absent.
  private func texts(_ value: JSONValue?, at path: String) throws(ImportError) -> [String] {
    guard let value else { return [] }
    guard let list = value.arrayValue else { return [try text(value, at: path)] }
    var texts: [String] = []
    for element in list { texts.append(try text(element, at: path)) }
    return texts
  }

  private func text(_ value: JSONValue, at path: String) throws(ImportError) -> String {
    guard let text = value.stringValue else { throw malformed(path, "a text belongs here") }
    guard text.utf8.count <= Self.textByteCountMax else {
      throw malformed(path, "this is longer than \(Self.textByteCountMax) bytes")
    }
    return text
  }

  private func object(
    _ value: JSONValue, at path: String, allowed: Set<String>? = nil
  ) throws(ImportError) -> [String: JSONValue] {
    guard let members = value.objectValue else { throw malformed(path, "an object belongs here") }
    if let allowed, !allowed.isSuperset(of: members.keys) {
      throw malformed(path, "the known members are \(allowed.sorted().joined(separator: ", "))")
    }
    return members
  }

  private func malformed(_ path: String, _ detail: String) -> ImportError {
    ImportError(.mapMalformed, path: path, detail: detail)
  }
}
