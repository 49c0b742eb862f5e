/// From how much on something is worth a look at all, however unusual it is: floors below the statistics, so that small
/// figures raise nothing. `docs/unusual-reading.md` gives the reason for each.
public enum ReviewMark {
  /// Records on one day. Twice a full day of casework.
  public static let recordsPerDay = 20
  /// Searches on one day.
  public static let searchesPerDay = 40
  /// Records outside assignment in the period. Covering for a colleague for a day stays below it.
  public static let recordsOutsideAssignment = 10
  /// Records of one day that were read at its off-hours. A rescue at night touches a family, not a list.
  public static let recordsPerOffHours = 8
  /// Records at off-hours in the period, counted once a day.
  public static let recordsOffHoursInPeriod = 15
  /// Events in the period: mistyping one's passphrase now and then stays below it.
  public static let denials = 10
  /// Steps of a walk.
  public static let walkSteps = 8
  /// People who read one record in the period.
  public static let readersOfOneRecord = 8
  /// Records under emergency access that count as one point; a single one is listed, and ranks low.
  public static let emergencyRecords = 2

  /// Days with reading that a person's own habit needs; with fewer, that of their colleagues stands in.
  public static let habitDays = 5
  /// People that a comparison with colleagues needs, the person among them.
  public static let colleagues = 6
  /// Share of off-hours reading from which on somebody is taken to work in shifts.
  public static let shiftShare = 0.5
}
