import VaultModel

/// Ties the headings of a file to fields, by the map first and by their own meaning where the map is silent.
struct HeadingBinding {
  private(set) var targets: [ColumnTarget] = []
  private(set) var constants: [(place: FieldPlace, value: JSONValue)] = []
  private(set) var keyColumn: Int?

  /// `headings` are trimmed; blank ones are left alone.
  init(headings: [String], map: ImportMap, forms: FormSet) throws(ImportError) {
    var columns: [String: Int] = [:]
    var repeated: [String] = []
    for (column, heading) in headings.enumerated() where !heading.isEmpty {
      if columns.updateValue(column, forKey: heading) != nil { repeated.append(heading) }
    }
    guard repeated.isEmpty else {
      throw ImportError(
        .repeatedHeading, row: 1, detail: "two columns have the same heading: \(Heading.list(repeated))",
        hint: "rename one of them")
    }
    guard !columns.isEmpty else { throw ImportError(.blankHeading, row: 1, detail: "the first row has no headings") }
    try Self.checkPresence(map, columns)
    keyColumn = map.keyHeading.flatMap { columns[$0] }

    var unknown: [String] = []
    // Without the map's word, two columns for one place are a mistake.
    var implied: [(place: FieldPlace, heading: String)] = []
    for (column, heading) in headings.enumerated() where !heading.isEmpty && !map.ignoredHeadings.contains(heading) {
      if let rules = map.targets[heading] {
        try bind(column, heading, rules, forms)
      } else if let place = FieldPlace(heading, in: forms) {
        implied.append((place, heading))
        targets.append(
          try ColumnTarget(
            column: column, heading: heading, place: place, rule: ImportMap.Target(field: heading), forms: forms,
            path: ""
          ))
      } else if column != keyColumn, !map.ignoresOthers {
        unknown.append(heading)
      }
    }
    guard unknown.isEmpty else {
      throw ImportError(
        .unknownColumns, row: 1, detail: "no field is meant, or more than one, by \(Heading.list(unknown))",
        hint: "rename these columns to field keys, or name them in a map under “columns” or “ignore”")
    }
    for (place, heading) in implied {
      let others = targets.filter { $0.place == place && $0.heading != heading }.map(\.heading)
      guard others.isEmpty else {
        throw ImportError(
          .repeatedField, row: 1, detail: "several columns give \(place.path): \(Heading.list([heading] + others))",
          hint: "say in a map what each of them gives")
      }
    }
    try bindConstants(map, forms)
  }

  private static func checkPresence(_ map: ImportMap, _ columns: [String: Int]) throws(ImportError) {
    var wanted = Set(map.targets.keys).subtracting(map.optionalHeadings)
    if let key = map.keyHeading { wanted.insert(key) }
    let missing = wanted.filter { columns[$0] == nil }.sorted()
    guard missing.isEmpty else {
      throw ImportError(
        .missingColumns, row: 1, detail: "the file has no column \(Heading.list(missing))",
        hint: "correct the heading in the map, or list it under “optional”")
    }
  }

  private mutating func bind(
    _ column: Int, _ heading: String, _ rules: [ImportMap.Target], _ forms: FormSet
  ) throws(ImportError) {
    for (index, rule) in rules.enumerated() {
      let path = "columns.\(Heading.shown(heading))" + (rules.count > 1 ? "[\(index)]" : "")
      let place = try Self.place(rule.field, forms, "\(path).field")
      if let section = rule.section, section != place.field.section {
        throw ImportError(
          .wrongSection, path: "\(path).section",
          detail: "\(place.path) is in the section \(place.field.section.rawValue)")
      }
      targets.append(
        try ColumnTarget(column: column, heading: heading, place: place, rule: rule, forms: forms, path: path))
    }
  }

  private mutating func bindConstants(_ map: ImportMap, _ forms: FormSet) throws(ImportError) {
    for (name, cell) in map.constants.sorted(by: { $0.key < $1.key }) {
      let path = "constants.\(Heading.shown(name))"
      let place = try Self.place(name, forms, path)
      guard place.group == nil else {
        throw ImportError(.mapMalformed, path: path, detail: "a group's members come from a column and its “with”")
      }
      if let value = try ColumnTarget.value(cell, at: place, forms, path) { constants.append((place, value)) }
    }
  }

  private static func place(_ name: String, _ forms: FormSet, _ path: String) throws(ImportError) -> FieldPlace {
    guard let place = FieldPlace(name, in: forms) else {
      throw ImportError(
        .unknownField, path: path, detail: "no field or group member is meant by “\(Heading.shown(name))”",
        hint: "a group's member is written vault_Names.text or vault_Names[2].text")
    }
    return place
  }
}
