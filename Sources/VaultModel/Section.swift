/// A part of a record with one sensitivity, and so with one key.
public enum Section: String, CaseIterable, Hashable, Sendable, Codable {
  case identity
  /// How the survivor may be reached, with the safe-contact instructions.
  case contact
  /// Status, owner, risk, plan, referrals and notes.
  case `case`
  /// The narrative of what was done to the survivor.
  case exploitation
  case health
  /// Police, court and alleged perpetrators.
  case legal
  case consent
}
