/// Why a record is opened; part of every entry of the access log.
public enum Purpose: String, CaseIterable, Hashable, Sendable, Codable {
  case casework
  case safeguarding
  case court
  case referral
  case subjectAccess = "subject-access"
  case supervision
  case emergency

  /// Whether the reader must say in their own words what happened.
  public var needsReason: Bool { self == .emergency }
}

/// How a request ended; part of every entry of the access log.
public enum Outcome: String, CaseIterable, Hashable, Sendable, Codable {
  case allowed
  /// Refused by the role table, a missing grant or a missing approval.
  case denied
  /// Allowed, but it did not come about: stale version, bad input, an error of the store.
  case failed
}
