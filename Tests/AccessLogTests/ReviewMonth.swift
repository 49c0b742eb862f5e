import AccessLog

/// A month in the life of an invented organisation of 50 people, as its access log shows it: five teams of eight
/// officers, a supervisor and a liaison, with busy days, nights on call, leave that is covered for, and mistyped
/// passphrases. The month before it, in the same manner, is there to learn habits from where it is asked for.
struct ReviewMonth {
  /// How the planted officer browses.
  enum Browsing: CaseIterable {
    /// Three evenings, some forty records each, in the order of the list.
    case evenings
    /// Six records of others every working day, in no order, at ordinary hours.
    case everyDay
    /// A dozen a day in the order of the list, on four days, at ordinary hours.
    case list
    /// One long afternoon through whatever the search finds.
    case afternoon
  }

  struct Person {
    let name: String
    let role: String
    let team: Int
    /// Records on an ordinary day.
    let pace: Double
    var caseload: [String] = []
  }

  /// 2026-05-01T00:00Z, a Friday.
  static let start: Int64 = 1_777_593_600_000
  static let dayCount = 31
  static let period = start..<(start + Int64(dayCount) * day)
  private static let day: Int64 = 86_400_000
  private static let givenNames = [
    "asha", "bikram", "corina", "dipa", "emil", "farida", "gopal", "horia", "ines", "jaya",
  ]

  private(set) var people: [Person] = []
  /// By team, ascending: as the list shows them.
  private(set) var lists: [[String]] = []
  private var owners: [String: String] = [:]
  private var random: SeededGenerator
  private var drafts: [ReviewedEntry] = []

  var roles: [String: String] { Dictionary(uniqueKeysWithValues: people.map { ($0.name, $0.role) }) }
  /// The one who browses, where somebody does.
  var browser: String { people[13].name }

  init(seed: UInt64, browsing: Browsing? = nil, withMonthBefore: Bool = false) {
    random = SeededGenerator(seed)
    for team in 0..<5 {
      for number in 0..<10 {
        let role = number == 8 ? "supervisor" : number == 9 ? "liaison" : "officer"
        let pace = role == "liaison" ? 2 : Double.random(in: 3...10, using: &random)
        people.append(
          Person(name: "\(Self.givenNames[number]).\(team + 1)", role: role, team: team, pace: pace))
      }
      lists.append([])
    }
    for index in people.indices where people[index].role == "officer" {
      people[index].caseload = (0..<Int.random(in: 15...35, using: &random)).map { _ in randomID() }
      lists[people[index].team] += people[index].caseload
      for record in people[index].caseload { owners[record] = people[index].name }
    }
    for team in lists.indices { lists[team].sort() }
    if withMonthBefore { work(on: -28..<0) }
    work(on: 0..<Self.dayCount)
    if let browsing { browse(browsing) }
  }

  /// In the order of time.
  var entries: [ReviewedEntry] {
    let places = drafts.indices.map { drafts[$0].time << 20 | Int64($0) }.sorted()
    return places.enumerated().map { index, place in
      var entry = drafts[Int(place & 0xF_FFFF)]
      entry.index = UInt64(index)
      return entry
    }
  }

  // MARK: Work

  private mutating func work(on days: Range<Int>) {
    let crowded = lists[2][7]
    for index in people.indices {
      let person = people[index]
      let leave = Int.random(in: days, using: &random)
      let onCall = Int.random(in: days, using: &random)
      for number in days {
        if (onCall..<(onCall + 7)).contains(number), person.role == "officer", chance(0.35) { night(person, number) }
        guard !isRestDay(number), !(leave..<(leave + 4)).contains(number) else { continue }
        morning(person, number)
        // Some days are twice as full as others.
        let factor = chance(0.05) ? 2.2 : Double.random(in: 0.4...1.6, using: &random)
        for _ in 0..<Int((person.pace * factor).rounded()) { read(person, number, workingHour()) }
        if index % 10 < 5, person.team == 2, chance(0.1) { add(person, number, workingHour(), record: crowded) }
      }
    }
    cover(for: people[3], by: people[4], on: days)
  }

  private mutating func morning(_ person: Person, _ day: Int) {
    if chance(0.06) { add(person, day, 8, action: "session.open", outcome: .failed) }
    add(person, day, 8, action: "session.open")
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      add(person, day, workingHour(), action: "record.search", results: Int.random(in: 0...40, using: &random))
    }
    if chance(0.03) {
      let other = lists[(person.team + 1) % lists.count].randomElement(using: &random)
      add(person, day, workingHour(), action: "record.read", record: other, outcome: .denied)
    }
  }

  private mutating func read(_ person: Person, _ day: Int, _ hour: Int) {
    guard person.role == "officer", !chance(0.1) else {
      add(person, day, hour, record: lists[person.team].randomElement(using: &random))
      return
    }
    add(person, day, hour, record: person.caseload.randomElement(using: &random))
  }

  private mutating func night(_ person: Person, _ day: Int) {
    let record = person.caseload.randomElement(using: &random)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      add(person, day, Int.random(in: 21...23, using: &random), record: record)
    }
    if chance(0.02) {
      add(person, day, 23, record: lists[person.team].randomElement(using: &random), purpose: "emergency")
    }
  }

  private mutating func cover(for absent: Person, by colleague: Person, on days: Range<Int>) {
    for number in days.lowerBound..<(days.lowerBound + 7) where !isRestDay(number) {
      for record in absent.caseload.prefix(8) where chance(0.4) {
        add(colleague, number, workingHour(), record: record)
      }
    }
  }

  // MARK: Browsing

  private mutating func browse(_ browsing: Browsing) {
    let officer = people[13]
    let list = lists[officer.team]
    switch browsing {
    case .evenings:
      for (evening, number) in [10, 14, 19].enumerated() {
        for place in 0..<40 { add(officer, number, 20 + place / 15, record: list[(evening * 40 + place) % list.count]) }
      }
    case .everyDay:
      for number in 0..<Self.dayCount where !isRestDay(number) {
        for _ in 0..<6 { add(officer, number, workingHour(), record: list.randomElement(using: &random)) }
      }
    case .list:
      for (part, number) in [4, 6, 11, 13].enumerated() {
        for place in 0..<12 { add(officer, number, 9 + place / 2, record: list[part * 12 + place]) }
      }
    case .afternoon:
      for _ in 0..<70 {
        add(officer, 12, Int.random(in: 13...16, using: &random), record: list.randomElement(using: &random))
      }
    }
  }

  // MARK: Drafts

  private mutating func add(
    _ person: Person, _ day: Int, _ hour: Int, action: String = "record.read", record: String? = nil,
    outcome: LogEntry.Outcome = .allowed, purpose: String? = nil, results: Int = 0
  ) {
    var assignment: LogEntry.Assignment?
    if let record, outcome == .allowed {
      assignment = owners[record] == person.name ? .owner : LogEntry.Assignment.none
    }
    let usual = person.role == "supervisor" ? "supervision" : "casework"
    // Within the hour in the order of the calls, a few seconds apart.
    let offset = Int64(drafts.count % 3600) * 1000
    drafts.append(
      ReviewedEntry(
        index: 0, time: Self.start + Int64(day) * Self.day + Int64(hour) * 3_600_000 + offset, account: person.name,
        uid: 1000, action: action, record: record, programme: "team-\(person.team + 1)", outcome: outcome,
        purpose: record == nil ? nil : purpose ?? usual, assignment: assignment, resultCount: results))
  }

  private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

  private mutating func workingHour() -> Int {
    Int.random(in: 8...12, using: &random) + Int.random(in: 0...6, using: &random)
  }

  private func isRestDay(_ number: Int) -> Bool { [5, 6].contains((number + 28 + 4) % 7) }

  private mutating func randomID() -> String {
    let (consonants, vowels) = (Array("bdfghjklmnprstvz"), Array("aiou"))
    let letters = (0..<15).map { place in
      place % 5 % 2 == 1 ? vowels.randomElement(using: &random)! : consonants.randomElement(using: &random)!
    }
    return [letters[0..<5], letters[5..<10], letters[10..<15]].map { String($0) }.joined(separator: "-") + "-b"
  }
}
