import VaultModel

/// What a field is called, for people.
enum FieldLabel {
  /// - Parameter path: `section.key`.
  static func of(_ path: String) -> String {
    let parts = path.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let field = FormSet.builtIn.field(String(parts[1])) else { return Printable.line(path) }
    return "\(field.label) (\(parts[0]))"
  }
}

/// The order in which fields are asked and shown: that of the forms, but names and safe contact first.
enum FieldOrder {
  static func sorted(_ fields: [FormField]) -> [FormField] {
    fields.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  private static func rank(_ field: FormField) -> Int {
    switch field.key {
    case "vault_ContactMethods", "vault_Names": 0
    case "vault_ContactInstructions": 1
    default: 2
    }
  }
}
