import VaultModel

/// Where the answer of a cell goes: a field, or one member of one entry of a group.
struct FieldPlace: Hashable {
  /// The field itself, or the group's member.
  let field: FormField
  let group: FormField?
  /// Which entry of the group, counted from 1; 1 without a group.
  let entry: Int

  /// As a heading names it: `prs_Gender`, `vault_Names.text`, `vault_Names[2].text`.
  var path: String {
    guard let group else { return field.key }
    return entry == 1 ? "\(group.key).\(field.key)" : "\(group.key)[\(entry)].\(field.key)"
  }

  /// The place meant by a heading or by a map: a key, its spellings and its label, or a group's member with or without
  /// the number of its entry; nil when it means none, or more than one.
  init?(_ name: String, in forms: FormSet) {
    if let field = forms.canonicalKey(for: name).flatMap(forms.field) {
      if case .group = field.kind { return nil }
      self.field = field
      group = nil
      entry = 1
      return
    }
    guard let dot = name.lastIndex(of: "."), let (base, entry) = Self.base(name[..<dot]),
      let group = forms.canonicalKey(for: base).flatMap(forms.field),
      case .group(let members, let countMax) = group.kind,
      let member = Self.member(String(name[name.index(after: dot)...]), of: members), (1...countMax).contains(entry)
    else { return nil }
    field = member
    self.group = group
    self.entry = entry
  }

  /// Another member of the same entry.
  init?(_ name: String, beside place: FieldPlace) {
    guard let group = place.group, case .group(let members, _) = group.kind, let member = Self.member(name, of: members)
    else { return nil }
    field = member
    self.group = group
    entry = place.entry
  }

  /// `vault_Names[2]` as name and number.
  private static func base(_ text: Substring) -> (String, Int)? {
    guard text.hasSuffix("]") else { return (String(text), 1) }
    guard let bracket = text.firstIndex(of: "[") else { return nil }
    let digits = text[text.index(after: bracket)...].dropLast()
    guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let entry = Int(digits)
    else { return nil }
    return (String(text[..<bracket]), entry)
  }

  private static func member(_ name: String, of members: [FormField]) -> FormField? {
    let folded = fold(name)
    return members.first { $0.key == name } ?? members.first { fold($0.key) == folded || fold($0.label) == folded }
  }

  private static func fold(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
}
