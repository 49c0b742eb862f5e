import Glibc
import VaultModel

/// Asks for the fields of one section, one by one.
@MainActor struct FieldAsker {
  /// Codes that are shown at once; longer lists are searched by typing.
  private static let shownCodeCountMax = 24
  /// Matches that are shown for a part of a label.
  private static let shownMatchCountMax = 12

  let forms: FormSet
  let style = Style(for: STDOUT_FILENO)
  let idleSeconds: Int?

  /// What a person typed instead of an answer.
  private enum Reply {
    case value(JSONValue)
    case skip, remove, end
  }

  func line(_ question: String) throws -> String { try Question.line(question, idleSeconds: idleSeconds) }

  /// The changes: a value, or null for what was removed. What was skipped does not occur.
  func ask(_ fields: [FormField], present: [String: JSONValue]) throws -> [String: JSONValue] {
    var changes: [String: JSONValue] = [:]
    for (index, field) in fields.enumerated() {
      let place = "\(index + 1)/\(fields.count)"
      switch try ask(field, present: present[field.key], place: place) {
      case .value(let value): changes[field.key] = value
      case .remove: if present[field.key] != nil { changes[field.key] = .null }
      case .skip: continue
      case .end: return changes
      }
    }
    return changes
  }

  private func ask(_ field: FormField, present: JSONValue?, place: String) throws -> Reply {
    showQuestion(field, present: present, place: place)
    if case .group(let members, let countMax) = field.kind {
      return try askGroup(field, members, countMax, present: present?.arrayValue ?? [])
    }
    while true {
      let answer = try line("> ")
      switch answer {
      case "": return .skip
      case ".": return .end
      case "-": return .remove
      case "?":
        say(field.help)
        showCodes(of: field, all: true)
        continue
      default: break
      }
      let text = try field.kind.isLong ? rest(of: answer) : answer
      do throws(FieldFault) {
        if let value = try forms.answer(from: cell(text, field), for: field) { return .value(value) }
      } catch {
        say(style(.careful, "That does not fit: \(error.detail)."))
        showMatches(text, field)
      }
    }
  }

  private func askGroup(
    _ field: FormField, _ members: [FormField], _ countMax: Int, present: [JSONValue]
  ) throws -> Reply {
    var entries = present
    var isChanged = false
    while true {
      for (index, entry) in entries.enumerated() {
        say("  \(index + 1) " + Printable.line(Self.summary(entry, members, forms)))
      }
      let question =
        entries.isEmpty
        ? "Add one? [y/N] " : "a adds, a number changes, d and a number removes, Enter goes on: "
      let answer = try line(question).lowercased()
      let number = Int(answer.drop { !$0.isNumber }).flatMap { entries.indices.contains($0 - 1) ? $0 - 1 : nil }
      switch answer.first {
      case nil, "n": return isChanged ? .value(.array(entries)) : .skip
      case ".": return isChanged ? .value(.array(entries)) : .end
      case "?": say(field.help)
      case "-": return .remove
      case "d":
        guard let number else { continue }
        entries.remove(at: number)
        isChanged = true
      case "y", "a":
        guard entries.count < countMax else {
          say("There are \(countMax) already.")
          continue
        }
        if let entry = try askEntry(members, present: [:]) {
          entries.append(entry)
          isChanged = true
        }
      default:
        guard let number else { continue }
        if let entry = try askEntry(members, present: entries[number].objectValue ?? [:]) {
          entries[number] = entry
          isChanged = true
        }
      }
    }
  }

  /// Nil where a member that must be there was not given.
  private func askEntry(_ members: [FormField], present: [String: JSONValue]) throws -> JSONValue? {
    let entry = present.merging(patch: try ask(members, present: present))
    let missing = members.filter { $0.isRequired && entry[$0.key] == nil }
    guard missing.isEmpty else {
      say(style(.careful, "Left out: \(missing.map(\.label).joined(separator: ", ")) is needed."))
      return nil
    }
    return .object(entry)
  }

  private static func summary(_ entry: JSONValue, _ members: [FormField], _ forms: FormSet) -> String {
    members.compactMap { member in entry[member.key].map { AnswerText.of($0, member.kind, forms) } }
      .joined(separator: " · ")
  }

  // MARK: Question and help

  private func showQuestion(_ field: FormField, present: JSONValue?, place: String) {
    say("")
    let now = present.map { "  now: \(Printable.line(AnswerText.of($0, field.kind, forms)))" } ?? ""
    let isGroup = field.kind.name == "group"
    say(style(.bold, field.label) + style(.dim, "  \(place)") + (isGroup ? "" : style(.good, now)))
    say(style(.dim, field.help))
    if field.kind.isLong { say(style(.dim, "Several lines; an empty line ends.")) }
    showCodes(of: field, all: false)
  }

  private func showCodes(of field: FormField, all: Bool) {
    guard let list = field.kind.list.flatMap({ forms.codeLists[$0] }) else { return }
    guard list.codes.count <= Self.shownCodeCountMax || all else {
      say(style(.dim, "Type a part of it; ? shows all \(list.codes.count)."))
      return
    }
    var table = ""
    let width = (list.codes.map { TextWidth.of($0.label) }.max() ?? 0) + 6
    let perRow = max(1, Terminal.size.columns / width)
    for (index, code) in list.codes.enumerated() {
      let number = String(index + 1)
      let cell = String(repeating: " ", count: max(0, 3 - number.count)) + number + " " + code.label
      let endsRow = (index + 1) % perRow == 0 || index == list.codes.count - 1
      table += endsRow ? cell + "\n" : TextWidth.padded(cell, to: width)
    }
    Terminal.write(table)
    if field.kind.name == "codes" { say(style(.dim, "Several, with commas between.")) }
  }

  private func showMatches(_ text: String, _ field: FormField) {
    guard let list = field.kind.list.flatMap({ forms.codeLists[$0] }) else { return }
    let wanted = text.lowercased()
    let matches = list.codes.enumerated().filter { $0.element.label.lowercased().contains(wanted) }
    for (index, code) in matches.prefix(Self.shownMatchCountMax) { say("  \(index + 1) \(code.label)") }
  }

  /// What was typed, as a cell of a spreadsheet would have it: numbers of the list become codes.
  private func cell(_ text: String, _ field: FormField) -> String {
    guard let list = field.kind.list.flatMap({ forms.codeLists[$0] }) else { return text }
    func code(_ part: String) -> String {
      guard let number = Int(part), list.codes.indices.contains(number - 1) else {
        let matches = list.codes.filter { $0.label.lowercased().contains(part.lowercased()) }
        return list.code(for: part) == nil && matches.count == 1 ? matches[0].name : part
      }
      return list.codes[number - 1].name
    }
    guard field.kind.name == "codes" else { return code(text) }
    return text.split { $0 == "," || $0 == ";" }
      .map { part in code(part.split(separator: " ").joined(separator: " ")) }.joined(separator: ";")
  }

  /// Further lines of a long text.
  private func rest(of first: String) throws -> String {
    var lines = [first]
    while true {
      let next = try line("  ")
      if next.isEmpty { return lines.joined(separator: "\n") }
      lines.append(next)
    }
  }

  private func say(_ text: String) { Terminal.write(text + "\n") }
}

extension FieldKind {
  fileprivate var isLong: Bool { name == "longText" }
}
