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
