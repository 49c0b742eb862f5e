/// One answer that a form does not allow. Names section, field and rule, and never repeats what was written.
public struct FieldFault: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Rule: String, CaseIterable, Hashable, Sendable, Codable {
    /// No form has this field in this section.
    case unknownField
    case wrongType
    /// Several answers where the form allows one.
    case single
    case unknownCode
    /// The same code twice in one list.
    case repeated
    case tooLong
    case tooMany
    /// The section as a whole is too large.
    case tooLarge
    case outOfRange
    case notWhole
    case badDate, badTime, badTimeZone
    /// A control character.
    case badCharacter
    /// A member of a group that must be there is missing or blank.
    case required
    /// The answer cannot be given in this way, such as a group in one cell of a spreadsheet.
    case notAllowed
  }

  public var section: Section
  /// Dotted path inside the section: `vault_Names[2].script`; empty for the section as a whole.
  public var field: String
  public var rule: Rule
  /// A sentence for the person who has to put it right.
  public var detail: String

  public init(section: Section, field: String, rule: Rule, detail: String) {
    self.section = section
    self.field = field
    self.rule = rule
    self.detail = detail
  }

  public var description: String {
    "\(section.rawValue)\(field.isEmpty ? "" : ".\(field)"): \(detail)"
  }
}
