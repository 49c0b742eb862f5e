/// One record that a search found.
public struct CardMatch: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  /// Shown for someone all of whose own names are never to be said aloud.
  public static let unspokenName = "(name not to be said aloud)"
  /// Shown for someone without a recorded name.
  public static let missingName = "(no name recorded)"

  /// The 48 bits of the record's id.
  public let record: UInt64
  /// Higher is better; about 1,000 for a whole name met exactly. Comparable within one answer only.
  public let score: Int
  /// The first name of their own that may be said aloud.
  public let displayName: String
  public let yearOfBirth: Int?
  /// Why it matched, in words for people; never repeats the query.
  public let matchedOn: [String]
  public let contactWarning: String?

  public var description: String { "CardMatch(…)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
