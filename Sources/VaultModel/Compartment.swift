/// A pair of keys and the members who hold its secret half.
public enum Compartment: Hashable, Sendable {
  /// One section of every record of a programme.
  case section(ProgrammeID, Section)
  /// The coarse de-identified fragments of a programme.
  case statistics(ProgrammeID)
  /// The entries of the access log.
  case audit

  /// The programme it belongs to; none for `audit`.
  public var programme: ProgrammeID? {
    switch self {
    case .section(let programme, _), .statistics(let programme): programme
    case .audit: nil
    }
  }
}

extension Compartment: CustomStringConvertible {
  private static let statisticsName = "statistics"
  private static let auditName = "audit"

  /// The canonical text: `navigators/identity`, `navigators/statistics` or `audit`.
  public var description: String {
    switch self {
    case .section(let programme, let section): "\(programme)/\(section.rawValue)"
    case .statistics(let programme): "\(programme)/\(Self.statisticsName)"
    case .audit: Self.auditName
    }
  }

  /// Reads the canonical text and nothing else.
  public init(_ text: String) throws(IdentifierError) {
    guard text != Self.auditName else {
      self = .audit
      return
    }
    guard let slash = text.utf8.firstIndex(of: 0x2F) else { throw IdentifierError(.compartment, .unknownSection) }
    let programme = try ProgrammeID(String(text[..<slash]))
    let name = text[text.utf8.index(after: slash)...]
    if name == Self.statisticsName {
      self = .statistics(programme)
    } else if let section = Section(rawValue: String(name)) {
      self = .section(programme, section)
    } else {
      throw IdentifierError(.compartment, .unknownSection)
    }
  }
}

extension Compartment: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
