@testable import AccessLog

/// Reports about nobody, one person, and the fifty of an invented month.
enum SampleReport: CaseIterable {
  case none, one, fifty

  private static let day: Int64 = 86_400_000
  static let made = ReviewMonth.period.upperBound + 9 * 3_600_000

  var report: ReviewReport {
    switch self {
    case .none: Self.report([], signOffs: [])
    case .one:
      Self.report(
        (0..<12).map { number in
          ReviewedEntry(
            index: UInt64(number), time: ReviewMonth.start + Int64(4 + number % 3) * Self.day + 36_000_000,
            account: "দিব্যা", action: "record.read", record: "babab-babab-baba\(number)", programme: "navigators",
            purpose: "casework", assignment: .owner)
        }, signOffs: [])
    case .fifty: Self.fiftyReport
    }
  }

  private static let fiftyReport: ReviewReport = {
    var entries = ReviewMonth(seed: 4, browsing: .evenings, withMonthBefore: true).entries
    let first = UInt64(entries.count)
    for number in 0..<14 {
      entries.append(
        ReviewedEntry(
          index: first + UInt64(number), time: ReviewMonth.period.upperBound - 3_600_000, account: nil, uid: 1_017,
          action: "session.open", outcome: .failed))
    }
    entries.append(
      ReviewedEntry(
        index: first + 14, time: ReviewMonth.period.upperBound - 1_800_000, account: "farida.3", action: "record.read",
        record: "babab-dadad-gagag-b", programme: "team-3", purpose: "emergency", assignment: LogEntry.Assignment.none))
    return report(
      entries, roles: ReviewMonth(seed: 4).roles,
      signOffs: [
        .init(
          size: 4_207, account: "auditor", time: ReviewMonth.start - 20 * day,
          remark: "March and April; two questions are open with the supervisor of team 1.", isVerified: true),
        .init(size: 12_000, account: "পরীক্ষক", time: ReviewMonth.start + 9 * day, remark: nil, isVerified: true),
      ])
  }()

  static func report(
    _ entries: [ReviewedEntry], roles: [String: String] = [:], signOffs: [ReviewReport.SignOff]
  ) -> ReviewReport {
    // London in summer.
    let clock = LocalClock(zone: "Europe/London", changes: [.init(since: 0, offset: 3600)])
    var review = ReadingReview(period: ReviewMonth.period, clock: clock, roles: roles)
    for entry in entries { review.add(entry) }
    return ReviewReport(
      figures: review.figures(),
      log: .init(
        origin: "survivor-vault.example/1f0c/1", size: UInt64(entries.count) + 31,
        root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        key: "survivor-vault.example/1f0c/1+dd2d2f5a+ATz6Cv0yDJ1Sx8kJ0uQm0e0uK0S3xqfU5Q2b7u1d0o7z",
        verification: .whole(seenBefore: min(12_003, UInt64(entries.count)))), signOffs: signOffs,
      vault: "1f0c9a77d25be013f00dfeedfacecafe1f0c9a77d25be013f00dfeedfacecafe", isDemo: true, author: "auditor",
      made: made)
  }

  /// Unusual in every way, with the same text in each place that somebody else fills.
  static func report(withEverywhere value: String) -> ReviewReport {
    var entries: [ReviewedEntry] = []
    func add(_ account: String?, _ action: String, record: String?, outcome: LogEntry.Outcome, purpose: String?) {
      entries.append(
        ReviewedEntry(
          index: UInt64(entries.count), time: ReviewMonth.start + 5 * day + Int64(entries.count) * 60_000,
          account: account, action: action, record: record, programme: value, outcome: outcome, purpose: purpose,
          assignment: record == nil ? nil : LogEntry.Assignment.none))
    }
    for _ in 0..<30 { add(value, "record.read", record: "r-" + value, outcome: .allowed, purpose: "p-" + value) }
    add(value, "record.read", record: "r-" + value, outcome: .allowed, purpose: "emergency")
    for _ in 0..<20 { add(value, "a-" + value, record: nil, outcome: .denied, purpose: nil) }
    for person in 0..<12 {
      add("\(person)-" + value, "record.read", record: "r-" + value, outcome: .allowed, purpose: nil)
    }
    // One record with many readers is unusual only among others that have few.
    for record in 0..<30 { add(value, "record.read", record: "\(record)", outcome: .allowed, purpose: nil) }
    let clock = LocalClock(zone: value, changes: [])
    var review = ReadingReview(period: ReviewMonth.period, clock: clock, roles: [value: "role-" + value])
    for entry in entries { review.add(entry) }
    return ReviewReport(
      figures: review.figures(),
      log: .init(origin: value, size: 9, root: value, key: value, verification: .broken(value)),
      signOffs: [.init(size: 3, account: value, time: 0, remark: value, isVerified: false)], vault: value,
      isDemo: false, author: value, made: made)
  }
}
