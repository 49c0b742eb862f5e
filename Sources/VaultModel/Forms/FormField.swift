/// One question of a form: where its answer is kept, what it may be, and how it is asked.
public struct FormField: Hashable, Sendable {
  /// How closely an answer points at a person; from the data of the forms, and shown in the schema.
  public enum Sensitivity: String, CaseIterable, Hashable, Sendable, Codable {
    case directIdentifier = "direct-identifier"
    case quasiIdentifier = "quasi-identifier"
    case specialCategory = "special-category"
    /// About the handling of the case rather than the person.
    case process
  }

  /// The member's name in the section's JSON; HTCDS verbatim where HTCDS has the field.
  public var key: String
  public var section: Section
  public var label: String
  public var kind: FieldKind
  /// One of the standard's core fields.
  public var isCore: Bool
  /// Must be there and not blank; only inside groups, since a record may always be begun with what is known.
  public var isRequired: Bool
  public var sensitivity: Sensitivity
  /// One sentence for the person who fills it in.
  public var help: String
  /// Other spellings of the key that published templates use.
  public var aliases: [String]
}

/// What an answer may be.
public indirect enum FieldKind: Hashable, Sendable {
  /// One line.
  case text(lengthMax: Int)
  /// Several lines.
  case longText(lengthMax: Int)
  /// A `PartialDate`; with `isPast` one that has begun already somewhere on earth.
  case date(isPast: Bool)
  /// `HH:MM`, 00:00…23:59.
  case time
  /// A name of the IANA time zone database that this host knows.
  case timeZone
  case number(min: Double, max: Double, isInteger: Bool)
  case checkbox
  /// One code of the list with this name.
  case code(list: String)
  /// Several different codes of the list.
  case codes(list: String)
  /// A code of the list or one line in the writer's own words.
  case codeOrText(list: String, lengthMax: Int)
  /// A list of objects with these members.
  case group(fields: [FormField], countMax: Int)

  /// The name in form documents and in the schema.
  public var name: String {
    switch self {
    case .text: "text"
    case .longText: "longText"
    case .date: "date"
    case .time: "time"
    case .timeZone: "timeZone"
    case .number: "number"
    case .checkbox: "checkbox"
    case .code: "code"
    case .codes: "codes"
    case .codeOrText: "codeOrText"
    case .group: "group"
    }
  }

  /// The code list it refers to.
  public var list: String? {
    switch self {
    case .code(let list), .codes(let list), .codeOrText(let list, _): list
    default: nil
    }
  }
}

/// Bounds on answers, one place for writers, validators and the schema.
public enum FieldBounds {
  /// Unicode scalars of one line: the width of HTCDS text columns in its Salesforce origin.
  public static let textLengthMax = 255
  /// Unicode scalars of a narrative: about ten printed pages.
  public static let longTextLengthMax = 20_000
  /// Entries of a list or group; more is a caseload, not a field.
  public static let itemCountMax = 50
  /// Canonical JSON of one section: a few long narratives in a three-byte script, and a bound on what is sealed at once.
  public static let sectionByteCountMax = 256 << 10
  /// Faults reported for one record; beyond that a person starts again anyway.
  public static let faultCountMax = 50
}
