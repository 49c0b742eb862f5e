/// The rules that say what is unusual. Each is a comparison that a person can repeat with a pencil;
/// `docs/unusual-reading.md` gives all of them, with their constants and the reasons for these.
struct UnusualReading {
  let review: ReadingReview
  let readings: [SubjectReading]
  let walks: ListWalk
  /// Of people who opened anything in the period.
  let outside: Colleagues
  let offHours: Colleagues
  let denials: Colleagues
  let daily: Colleagues

  init(_ review: ReadingReview, _ readings: [SubjectReading]) {
    self.review = review
    self.readings = readings
    walks = ListWalk(review)
    let readers = readings.filter { $0.readings > 0 }
    outside = Colleagues(readers) { [$0.recordsOutside] }
    offHours = Colleagues(readers) { [$0.offHoursRecords] }
    denials = Colleagues(readings) { [$0.denials] }
    daily = Colleagues(readers) { $0.recordsPerDay }
  }

  /// Strongest first.
  func items() -> [UnusualItem] {
    let people = readings.compactMap { reading -> UnusualItem? in
      let reasons = [
        volume(of: reading), searching(of: reading), outsideAssignment(of: reading), listWalk(of: reading),
        offHours(of: reading), denials(of: reading), breakGlass(of: reading),
      ].compactMap { $0 }.sorted { $0.points > $1.points }
      return reasons.isEmpty ? nil : UnusualItem(subject: reading.subject, reasons: reasons)
    }
    return (people + manyReaders()).sorted { left, right in
      left.points == right.points ? left.subject.text < right.subject.text : left.points > right.points
    }
  }

  // MARK: Habit

  private func volume(of reading: SubjectReading) -> UnusualReason? {
    let own = reading.recordsPerDay.count >= ReviewMark.habitDays ? reading.recordHabit : nil
    guard let habit = own ?? daily.habit(for: reading) else { return nil }
    let mark = max(habit.limit, Double(ReviewMark.recordsPerDay))
    let days = reading.days.filter { $0.isInPeriod && Double($0.records) > mark }
    guard let fullest = days.max(by: { $0.records < $1.records }) else { return nil }
    let whose =
      own != nil
      ? "On the \(habit.count) days on which this account opened records, it usually opens \(number(habit.median))."
      : "There are too few days to know this account's habit; colleagues usually open \(number(habit.median)) a day."
    let more = days.count > 1 ? " On \(days.count) days it was more than \(number(mark))." : ""
    let chosen = Set(days.map(\.day))
    return reason(
      .volume, "Opened \(count(fullest.records, "record")) on \(day(fullest.day)). \(whose)\(more)", reading,
      figures: [
        .init("records that day", fullest.records), .init("usual a day", habit.median), .init("spread", habit.spread),
        .init("mark", mark), .init("days above it", days.count),
      ], value: Double(fullest.records), mark: mark
    ) { $0.marks.contains(.reading) && chosen.contains($0.day) }
  }

  private func searching(of reading: SubjectReading) -> UnusualReason? {
    let counts = reading.days.filter { $0.records > 0 || $0.searches > 0 }.map(\.searches)
    // Without a habit of one's own the floor alone decides: how much people search differs with their work.
    let habit = counts.count >= ReviewMark.habitDays ? Habit(counts) : nil
    let mark = max(habit?.limit ?? 0, Double(ReviewMark.searchesPerDay))
    let days = reading.days.filter { $0.isInPeriod && Double($0.searches) > mark }
    guard let fullest = days.max(by: { $0.searches < $1.searches }) else { return nil }
    let usual = habit.map { " Usual for this account are \(number($0.median)) a day." } ?? ""
    let chosen = Set(days.map(\.day))
    return reason(
      .searching, "Searched \(fullest.searches) times on \(day(fullest.day)).\(usual)", reading,
      figures: [
        .init("searches that day", fullest.searches), .init("usual a day", habit?.median ?? 0), .init("mark", mark),
        .init("days above it", days.count),
      ], value: Double(fullest.searches), mark: mark
    ) { $0.marks.contains(.search) && chosen.contains($0.day) }
  }

  // MARK: Assignment and order

  private func outsideAssignment(of reading: SubjectReading) -> UnusualReason? {
    guard reading.recordsOutside >= ReviewMark.recordsOutsideAssignment else { return nil }
    let habit = outside.habit(for: reading)
    let value = Double(reading.recordsOutside)
    let mark = max(habit?.limit ?? 0, Double(ReviewMark.recordsOutsideAssignment))
    if habit != nil {
      guard value > mark else { return nil }
    } else {
      guard reading.recordsOutside * 2 > reading.records else { return nil }
    }
    let others =
      habit.map { "Colleagues usually open \(number($0.median)) such records in this time." }
      ?? "There are too few colleagues to compare with; it is more than half of what this account opened."
    return reason(
      .outsideAssignment,
      "Opened \(count(reading.recordsOutside, "record")) of which this account is neither owner nor team, of "
        + "\(reading.records) in all. \(others)", reading,
      figures: [
        .init("records outside assignment", reading.recordsOutside), .init("records in all", reading.records),
        .init("usual among colleagues", habit?.median ?? 0), .init("spread", habit?.spread ?? 0), .init("mark", mark),
      ], value: value, mark: mark
    ) { $0.marks.isSuperset(of: [.reading, .outside]) }
  }

  private func listWalk(of reading: SubjectReading) -> UnusualReason? {
    guard let walk = walks.longest(in: reading), let first = walk.rows.first, let last = walk.rows.last else {
      return nil
    }
    let order = walk.isAscending ? "the order of the list" : "the list backwards"
    let indexes = Set(walk.rows.map(\.index))
    let when = first.day == last.day ? "on \(day(first.day))" : "from \(day(first.day)) to \(day(last.day))"
    return reason(
      .listWalk,
      "Opened \(walk.rows.count) records one after the other in \(order), \(when). Chance gives \(walk.mark) or more "
        + "less than once in a thousand such months.", reading,
      figures: [
        .init("steps", walk.rows.count), .init("mark", walk.mark), .init("records in the list", walk.listCount),
      ], value: Double(walk.rows.count), mark: Double(walk.mark)
    ) { $0.marks.contains(.reading) && indexes.contains($0.index) }
  }

  // MARK: Hours

  private func offHours(of reading: SubjectReading) -> UnusualReason? {
    let values = reading.days.filter { $0.records > 0 }.map(\.offHoursRecords)
    let own = values.count >= ReviewMark.habitDays ? Habit(values) : nil
    let dayMark = max(own?.limit ?? 0, Double(ReviewMark.recordsPerOffHours))
    let fullest = reading.days.filter { $0.isInPeriod }.max { $0.offHoursRecords < $1.offHoursRecords }
    let dayValue = Double(fullest?.offHoursRecords ?? 0)
    let colleagues = reading.worksInShifts ? nil : offHours.habit(for: reading)
    let periodMark = max(colleagues?.limit ?? .infinity, Double(ReviewMark.recordsOffHoursInPeriod))
    let periodValue = Double(reading.offHoursRecords)
    guard dayValue > dayMark || periodValue > periodMark, let fullest else { return nil }
    var sentences = [
      "Opened \(count(reading.offHoursRecords, "record")) outside \(review.hours.text) (\(review.clock.zone))"
    ]
    sentences.append("\(fullest.offHoursRecords) of them on \(day(fullest.day))")
    if let own, dayValue > dayMark {
      sentences.append("usual for this account are \(number(own.median)) on a day")
    }
    if let colleagues, periodValue > periodMark {
      sentences.append("colleagues usually open \(number(colleagues.median)) at such hours in this time")
    }
    let byDay = dayValue / dayMark >= periodValue / periodMark
    var figures: [UnusualReason.Figure] = [
      .init("records at off-hours", reading.offHoursRecords), .init("on the fullest day", fullest.offHoursRecords),
      .init("mark of a day", dayMark),
    ]
    // Nobody to compare with, and people who work in shifts, have none of the period.
    if let colleagues {
      figures += [.init("usual among colleagues", colleagues.median), .init("mark of the period", periodMark)]
    }
    return reason(
      .offHours, sentences[0] + ", " + sentences.dropFirst().joined(separator: "; ") + ".", reading,
      figures: figures, value: byDay ? dayValue : periodValue, mark: byDay ? dayMark : periodMark
    ) { $0.marks.isSuperset(of: [.reading, .offHours]) }
  }

  // MARK: Denials, emergencies, crowds

  private func denials(of reading: SubjectReading) -> UnusualReason? {
    let habit = denials.habit(for: reading)
    let mark = max(habit?.limit ?? 0, Double(ReviewMark.denials))
    guard Double(reading.denials) > mark else { return nil }
    let about = reading.deniedRecords > 0 ? ", about \(count(reading.deniedRecords, "different record"))" : ""
    let who = if case .peer = reading.subject { "Somebody without an account that is known" } else { "This account" }
    return reason(
      .denials,
      "\(who) was turned away \(reading.denials) times\(about). Usual among colleagues are "
        + "\(number(habit?.median ?? 0)).", reading,
      figures: [
        .init("denials", reading.denials), .init("different records", reading.deniedRecords),
        .init("usual among colleagues", habit?.median ?? 0), .init("mark", mark),
      ], value: Double(reading.denials), mark: mark
    ) { $0.marks.contains(.denial) }
  }

  private func breakGlass(of reading: SubjectReading) -> UnusualReason? {
    guard reading.emergencyRecords > 0 else { return nil }
    return reason(
      .breakGlass,
      "Opened \(count(reading.emergencyRecords, "record")) as an emergency. Every such access is listed: look at the "
        + "reason that was given (vaultsh log --purpose emergency), and ask whoever supervises this account.", reading,
      figures: [.init("records", reading.emergencyRecords)],
      value: Double(reading.emergencyRecords), mark: Double(ReviewMark.emergencyRecords)
    ) { $0.marks.contains(.emergency) }
  }

  private func manyReaders() -> [UnusualItem] {
    let opened = review.rows.filter { $0.marks.isSuperset(of: [.reading, .inPeriod]) }
    let strangers = opened.filter { !$0.marks.contains(.assigned) }
    var pairs = Set<UInt64>()
    // Records that nobody opened say nothing about what is usual.
    var readers = [Int](repeating: -1, count: review.records.count)
    for row in opened { readers[Int(row.record)] = 0 }
    for row in strangers where pairs.insert(UInt64(row.record) << 32 | UInt64(row.subject)).inserted {
      readers[Int(row.record)] += 1
    }
    guard let habit = Habit(readers.filter { $0 >= 0 }) else { return [] }
    let mark = max(habit.limit, Double(ReviewMark.readersOfOneRecord))
    let crowded = Set(readers.indices.filter { Double(readers[$0]) > mark }.map { UInt32($0) })
    guard !crowded.isEmpty else { return [] }
    var rows: [UInt32: [ReadingReview.Row]] = [:]
    for row in strangers where crowded.contains(row.record) { rows[row.record, default: []].append(row) }
    return crowded.map { record in
      let found = rows[record] ?? []
      let number = readers[Int(record)]
      return UnusualItem(
        subject: .record(review.records[record]),
        reasons: [
          UnusualReason(
            .manyReaders,
            "\(number) people opened this record who are neither its owner nor its team. Usual are "
              + "\(self.number(habit.median)).",
            figures: [.init("readers", number), .init("usual", habit.median), .init("mark", mark)],
            entries: found.prefix(UnusualReason.entryCountMax).map(\.index), entryCount: found.count,
            sightings: found.prefix(UnusualReason.sightingCountMax).map(review.sighting), value: Double(number),
            mark: mark)
        ])
    }
  }

  // MARK: Words

  private func reason(
    _ rule: UnusualReason.Rule, _ words: String, _ reading: SubjectReading, figures: [UnusualReason.Figure],
    value: Double, mark: Double, entries isBehind: (ReadingReview.Row) -> Bool
  ) -> UnusualReason {
    var entries: [UInt64] = []
    var entryCount = 0
    var sightings: [UnusualReason.Sighting] = []
    for row in reading.rows where row.marks.contains(.inPeriod) && isBehind(row) {
      entryCount += 1
      if entries.count < UnusualReason.entryCountMax { entries.append(row.index) }
      if sightings.count < UnusualReason.sightingCountMax { sightings.append(review.sighting(row)) }
    }
    return UnusualReason(
      rule, words, figures: figures, entries: entries, entryCount: entryCount, sightings: sightings, value: value,
      mark: mark)
  }

  private func day(_ day: LocalDay) -> String { "\(LocalDay.weekdayNames[day.weekday]) \(day)" }

  private func count(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

  private func number(_ value: Double) -> String { ReviewNumber.text(value) }
}

/// Figures for people: whole where they are, else one digit.
public enum ReviewNumber {
  public static func text(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "–" }
    let tenths = Int64((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return sign + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
  }
}
