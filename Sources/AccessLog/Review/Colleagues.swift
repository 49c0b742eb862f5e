/// What is usual among people of the same role, or among all where too few hold one.
struct Colleagues: Sendable {
  /// People of one kind that make a comparison: of three, one who does otherwise does not move the median.
  private static let peopleOfKindMin = 3

  private let byKind: [String: Habit]
  private let all: Habit?

  init(_ readings: [SubjectReading], values: (SubjectReading) -> [Int]) {
    var people: [String: Int] = [:]
    var byKind: [String: [Int]] = [:]
    var everything: [Int] = []
    for reading in readings {
      let found = values(reading)
      everything += found
      people[reading.kind, default: 0] += 1
      byKind[reading.kind, default: []] += found
    }
    self.byKind = byKind.filter { people[$0.key, default: 0] >= Self.peopleOfKindMin }.compactMapValues { Habit($0) }
    all = readings.count >= ReviewMark.colleagues ? Habit(everything) : nil
  }

  /// nil where there are too few to compare with.
  func habit(for reading: SubjectReading) -> Habit? { byKind[reading.kind] ?? all }
}
