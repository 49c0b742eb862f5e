/// How much one service may hand in. It is a program on somebody's web server: when it goes wild, or is taken over, what
/// it costs is bounded, and nobody else notices.
enum SubmissionQuota {
  /// A hotline's form on its worst night; a loop that went wrong stands still within minutes.
  static let hourCountMax = 120
  /// 120 long reports with every section.
  static let hourByteCountMax: UInt64 = 32 << 20
  /// More than a team can look at in a week.
  static let dayCountMax = 600
  static let dayByteCountMax: UInt64 = 96 << 20
  /// What waits is for people to read: beyond this, somebody has to look first. Also bounds what lists walk over.
  static let waitingCountMax = 500
  /// A few hundred pictures' worth on a disk that holds a caseload.
  static let waitingByteCountMax: UInt64 = 128 << 20

  static let hourSeconds: UInt64 = 3600
  static let daySeconds: UInt64 = 24 * 3600
}
