/// Why a form document cannot be used: where, which rule, and a sentence for the person who wrote the file.
public struct FormError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Rule: Hashable, Sendable {
    case notJSON(JSONError)
    case missing, wrongType, unknownMember
    case badName, reservedPrefix, foreignPrefix, duplicate
    case unknownSection, unknownKind, unknownSensitivity, unknownList
    case tooLong, tooMany, badBounds, nestedGroup, empty
  }

  /// Where in the document, by position: `fields[3].section`.
  public var path: String
  public var rule: Rule
  public var detail: String

  public init(_ path: String, _ rule: Rule, _ detail: String) {
    self.path = path
    self.rule = rule
    self.detail = detail
  }

  public var description: String { path.isEmpty ? detail : "\(path): \(detail)" }
}
