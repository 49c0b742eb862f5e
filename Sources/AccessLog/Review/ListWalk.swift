/// Finds people who open one record after the other as the list shows them.
///
/// A list is ascending by id, one for each programme. Ids are random, so that work has no reason to follow their
/// order: only whoever goes through the list does. Records are placed by the ids that the log itself names; a record
/// that nobody ever opened is missing there, which only makes steps shorter.
struct ListWalk: Sendable {
  /// Places that one step may move on by: some records are left out.
  static let stepMax = 3
  /// Records opened before, any of which may be the one that a step starts from: other work comes in between.
  static let memory = 4
  /// Walks as long as this by pure chance, in all that a person opened.
  static let expectedByChance = 0.001

  struct List: Sendable {
    let first: Int
    let count: Int
  }

  /// Place by number of the record; -1 where it stands in no list.
  private let places: [Int]
  private let lists: [List]
  private let listOfRecord: [Int32]

  init(_ review: ReadingReview) {
    let listed = (0..<review.records.count).filter { review.programmeOfRecord[$0] != ReadingReview.notListed }
    let names = review.records.names
    let ordered = listed.sorted { left, right in
      let (leftList, rightList) = (review.programmeOfRecord[left], review.programmeOfRecord[right])
      return leftList == rightList ? names[left] < names[right] : leftList < rightList
    }
    var places = [Int](repeating: -1, count: names.count)
    var listOfRecord = [Int32](repeating: -1, count: names.count)
    var lists: [List] = []
    var start = 0
    for (position, record) in ordered.enumerated() {
      let isLast =
        position + 1 == ordered.count
        || review.programmeOfRecord[ordered[position + 1]] != review.programmeOfRecord[record]
      // No step leads from one list to the next.
      places[record] = position + lists.count * (Self.stepMax + 1)
      listOfRecord[record] = Int32(lists.count)
      guard isLast else { continue }
      lists.append(List(first: start, count: position + 1 - start))
      start = position + 1
    }
    self.places = places
    self.lists = lists
    self.listOfRecord = listOfRecord
  }

  struct Found: Sendable {
    /// Rows of the walk, in the order of the log.
    let rows: [ReadingReview.Row]
    let isAscending: Bool
    /// What the walk had to reach.
    let mark: Int
    let listCount: Int
  }

  /// The longest walk among what somebody read in the period, if it is one. What is assigned to them does not count:
  /// going through one's own caseload is work.
  func longest(in reading: SubjectReading) -> Found? {
    let rows = reading.rows.filter {
      $0.marks.isSuperset(of: [.reading, .inPeriod]) && !$0.marks.contains(.assigned) && places[Int($0.record)] >= 0
    }
    guard rows.count >= ReviewMark.walkSteps else { return nil }
    let up = chain(rows, direction: 1)
    let down = chain(rows, direction: -1)
    let longest = up.count >= down.count ? up : down
    guard let first = longest.first else { return nil }
    let list = lists[Int(listOfRecord[Int(first.record)])]
    guard let mark = Self.mark(readings: rows.count, listCount: list.count), longest.count >= mark else { return nil }
    return Found(rows: longest, isAscending: up.count >= down.count, mark: mark, listCount: list.count)
  }

  /// Steps that do not come about by chance; nil where the list is too short to tell.
  static func mark(readings: Int, listCount: Int) -> Int? {
    let chance = Double(stepMax * memory) / Double(max(1, listCount))
    guard chance < 0.5 else { return nil }
    var expected = Double(readings)
    var steps = 1
    while expected > expectedByChance {
      expected *= chance
      steps += 1
    }
    return max(steps, ReviewMark.walkSteps)
  }

  private func chain(_ rows: [ReadingReview.Row], direction: Int) -> [ReadingReview.Row] {
    var lengths = [Int](repeating: 1, count: rows.count)
    var parents = [Int](repeating: -1, count: rows.count)
    var recent: [Int] = []
    var best = 0
    for current in rows.indices {
      let place = places[Int(rows[current].record)]
      // Opening the same record again is no step and no interruption.
      if recent.contains(where: { rows[$0].record == rows[current].record }) { continue }
      for earlier in recent {
        let step = (place - places[Int(rows[earlier].record)]) * direction
        guard (1...Self.stepMax).contains(step), lengths[earlier] + 1 > lengths[current] else { continue }
        lengths[current] = lengths[earlier] + 1
        parents[current] = earlier
      }
      if lengths[current] > lengths[best] { best = current }
      if recent.count == Self.memory { recent.removeFirst() }
      recent.append(current)
    }
    var chain: [ReadingReview.Row] = []
    var next = rows.isEmpty ? -1 : best
    while next >= 0 {
      chain.append(rows[next])
      next = parents[next]
    }
    return chain.reversed()
  }
}
