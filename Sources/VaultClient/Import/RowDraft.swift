import VaultModel

/// The answers of one row while its columns are gone through.
struct RowDraft {
  private var answers: [Section: [String: JSONValue]] = [:]
  private var groups: [String: GroupDraft] = [:]

  private struct GroupDraft {
    let section: Section
    var entries: [Int: [String: JSONValue]] = [:]
  }

  var isEmpty: Bool { answers.isEmpty && groups.isEmpty }

  subscript(place: FieldPlace) -> JSONValue? {
    get {
      guard let group = place.group else { return answers[place.field.section]?[place.field.key] }
      return groups[group.key]?.entries[place.entry]?[place.field.key]
    }
    set {
      if let group = place.group {
        groups[group.key, default: GroupDraft(section: group.section)]
          .entries[place.entry, default: [:]][place.field.key] = newValue
      } else {
        answers[place.field.section, default: [:]][place.field.key] = newValue
      }
    }
  }

  /// Adds an answer to what other columns gave for the same place: codes are gathered, texts put behind each other.
  /// False when the place holds one answer and has a different one already.
  mutating func add(_ value: JSONValue, at place: FieldPlace, join: String?) -> Bool {
    guard let known = self[place] else {
      self[place] = value
      return true
    }
    switch place.field.kind {
    case .codes:
      let codes = known.arrayValue ?? []
      self[place] = .array(codes + (value.arrayValue ?? []).filter { !codes.contains($0) })
    case .longText: self[place] = .string("\(known.stringValue ?? "")\(join ?? "\n")\(value.stringValue ?? "")")
    case .text, .codeOrText:
      self[place] = .string("\(known.stringValue ?? "")\(join ?? " ")\(value.stringValue ?? "")")
    default: return known == value
    }
    return true
  }

  /// Names without a script get the one they are written in.
  mutating func nameScripts() {
    guard var names = groups["vault_Names"] else { return }
    for (entry, members) in names.entries where members["script"] == nil {
      guard let code = members["text"]?.stringValue.flatMap(NameScript.code) else { continue }
      names.entries[entry]?["script"] = .string(code)
    }
    groups["vault_Names"] = names
  }

  /// The record's sections; the entries of a group close up, in the order of their numbers.
  func sections() -> [Section: [String: JSONValue]] {
    var sections = answers
    for (key, group) in groups {
      let entries = group.entries.sorted { $0.key < $1.key }.map { JSONValue.object($0.value) }
      sections[group.section, default: [:]][key] = .array(entries)
    }
    return sections
  }

  /// A fault's path with a group's entry numbered as in the headings, from 1 and with gaps.
  func headingPath(of path: String) -> String {
    guard let open = path.firstIndex(of: "["), let close = path.firstIndex(of: "]"), open < close,
      let index = Int(path[path.index(after: open)..<close]),
      let entries = groups[String(path[..<open])]?.entries.keys.sorted(), entries.indices.contains(index)
    else { return path }
    return "\(path[..<open])[\(entries[index])]\(path[path.index(after: close)...])"
  }
}
