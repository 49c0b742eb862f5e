/// What a programme does for a survivor, step after step: the way from first contact to closing a case. It is about nobody
/// in particular.
///
/// Two people change it, because whoever shortens it takes help away from everybody in the programme.
public struct Pathway: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    /// One line, such as “Safety assessment”.
    public let name: String
    /// By when, counted in days from the opening of the record; nil: there is no such day.
    public let withinDays: UInt64?

    public init(name: String, withinDays: UInt64? = nil) {
      self.name = name
      self.withinDays = withinDays
    }
  }

  /// Nobody follows a longer one by heart.
  public static let stepCountMax = 24
  /// One line of a screen, also in scripts of three bytes a letter.
  public static let nameByteCountMax = 200
  /// Ten years.
  public static let withinDaysMax: UInt64 = 3650

  public let steps: [Step]

  /// What a programme has until two people say otherwise.
  public static let none = Pathway()

  private init() { steps = [] }

  /// 1…`stepCountMax` steps of different names, none due before the one in front of it.
  public init(steps: [Step]) throws(PathwayError) {
    guard (1...Pathway.stepCountMax).contains(steps.count) else { throw PathwayError(.count, step: nil) }
    var names: Set<String> = []
    var latest: UInt64 = 0
    for (index, step) in steps.enumerated() {
      guard (1...Pathway.nameByteCountMax).contains(step.name.utf8.count) else {
        throw PathwayError(.length, step: index + 1)
      }
      let isPadded = step.name.first?.isWhitespace != false || step.name.last?.isWhitespace != false
      guard !isPadded, !step.name.unicodeScalars.contains(where: Pathway.misleads) else {
        throw PathwayError(.character, step: index + 1)
      }
      guard names.insert(step.name).inserted else { throw PathwayError(.twice, step: index + 1) }
      guard let days = step.withinDays else { continue }
      guard (1...Pathway.withinDaysMax).contains(days) else { throw PathwayError(.days, step: index + 1) }
      guard days >= latest else { throw PathwayError(.order, step: index + 1) }
      latest = days
    }
    self.steps = steps
  }

  /// What makes a name look like another one, or like the end of it, to whoever approves it.
  private static func misleads(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    // Nothing is seen of these; the joiners make other letters of Bengali and Devanagari.
    case .format: scalar != "\u{200C}" && scalar != "\u{200D}"
    default: scalar == "“" || scalar == "”" || scalar == "\u{2800}"
    }
  }
}

/// Why steps are no pathway.
public struct PathwayError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: Hashable, Sendable { case count, length, character, twice, days, order }

  public let code: Code
  /// From 1; nil where it is about all of them.
  public let step: Int?

  init(_ code: Code, step: Int?) {
    self.code = code
    self.step = step
  }

  public var description: String {
    switch code {
    case .count: "a pathway has 1 to \(Pathway.stepCountMax) steps"
    case .length: "the name of a step has 1 to \(Pathway.nameByteCountMax) bytes"
    case .character:
      "the name of a step is one line, without blanks around it, double quotes, or characters that nobody sees"
    case .twice: "two steps have the same name"
    case .days: "a step is due within 1 to \(Pathway.withinDaysMax) days"
    case .order: "a step is due before the one in front of it"
    }
  }

  /// As the socket writes where it is: `steps`, or `steps/3`.
  public var field: String { step.map { "steps/\($0)" } ?? "steps" }
}
