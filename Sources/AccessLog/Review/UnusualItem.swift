/// Somebody or something that an auditor should look at first, with every reason.
public struct UnusualItem: Hashable, Sendable {
  public let subject: ReviewSubject
  /// Strongest first.
  public let reasons: [UnusualReason]

  /// The sum over the reasons: items are ranked by it.
  public var points: Double { reasons.reduce(0) { $0 + $1.points } }
}

/// One rule that caught something: in words, in figures, and with the entries behind it.
public struct UnusualReason: Hashable, Sendable {
  public enum Rule: String, Hashable, Sendable, CaseIterable {
    case volume
    case searching
    case outsideAssignment = "outside-assignment"
    case listWalk = "list-walk"
    case offHours = "off-hours"
    case denials
    case breakGlass = "break-glass"
    case manyReaders = "many-readers"

    /// For people.
    public var title: String {
      switch self {
      case .volume: "Far more records than usual"
      case .searching: "Far more searches than usual"
      case .outsideAssignment: "Reading outside assignment"
      case .listWalk: "A walk through the list of records"
      case .offHours: "Reading at off-hours"
      case .denials: "Many denials"
      case .breakGlass: "Emergency access"
      case .manyReaders: "One record, many readers"
      }
    }
  }

  public struct Figure: Hashable, Sendable {
    public let name: String
    public let value: Double

    init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }

    init(_ name: String, _ value: Int) { self.init(name, Double(value)) }
  }

  /// One entry behind a reason, as it is shown to people.
  public struct Sighting: Hashable, Sendable {
    public let index: UInt64
    public let day: LocalDay
    /// Of the day, on the clock of the review.
    public let minute: Int
    public let subject: ReviewSubject
    public let action: String
    public let record: String?
    /// Empty where none was given.
    public let purpose: String
    public let isDenial: Bool
    /// The account was neither the record's owner nor on its team.
    public let isOutside: Bool
    public let isOffHours: Bool
    /// Equal events that the entry stands for.
    public let count: UInt32
  }

  public let rule: Rule
  /// One or two sentences, complete in themselves.
  public let words: String
  public let figures: [Figure]
  /// Indexes of the first entries behind it, ascending.
  public let entries: [UInt64]
  /// How many entries there are behind it in all.
  public let entryCount: Int
  /// The first of them; at most `sightingCountMax`.
  public let sightings: [Sighting]
  /// How many times the mark was reached, at most `pointsMax`.
  public let points: Double

  /// `1042–1081, 1090 and 3 more`.
  public var indexText: String { Words.indexes(entries, of: entryCount) }

  /// Indexes that are kept for one reason; a count says how many more there are.
  public static let entryCountMax = 1_000
  /// Entries that are shown for one reason: enough to see a walk or an evening, few enough to print.
  public static let sightingCountMax = 25
  /// One rule alone cannot outweigh several that point at the same person.
  static let pointsMax = 4.0

  init(
    _ rule: Rule, _ words: String, figures: [Figure], entries: [UInt64], entryCount: Int, sightings: [Sighting],
    value: Double, mark: Double
  ) {
    self.rule = rule
    self.words = words
    self.figures = figures
    self.entries = entries
    self.entryCount = entryCount
    self.sightings = sightings
    points = min(value / max(mark, 1), Self.pointsMax)
  }
}
