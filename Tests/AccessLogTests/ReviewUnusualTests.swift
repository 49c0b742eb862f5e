import AccessLog
import Testing

/// Whether the month's roles are handed to the review.
enum KnownRoles: CaseIterable { case known, unknown }

@Suite("Unusual reading") struct ReviewUnusualTests {
  private static let seeds: ClosedRange<UInt64> = 1...5

  @Test(arguments: ReviewMonth.Browsing.allCases, seeds)
  func `an officer who browses is among the first three`(browsing: ReviewMonth.Browsing, seed: UInt64) throws {
    let month = ReviewMonth(seed: seed, browsing: browsing)
    for roles in KnownRoles.allCases {
      let first = review(month, roles).unusual.prefix(3)
      let found = try #require(first.first { $0.subject == .account(month.browser) })
      #expect(found.reasons.allSatisfy { !$0.words.isEmpty && !$0.figures.isEmpty && !$0.entries.isEmpty })
    }
  }

  @Test(arguments: seeds)
  func `a quiet month raises at most five items`(seed: UInt64) {
    let month = ReviewMonth(seed: seed, withMonthBefore: seed % 2 == 0)
    for roles in KnownRoles.allCases { #expect(review(month, roles).unusual.count <= 5) }
  }

  @Test func `the month before teaches habits and raises nothing itself`() throws {
    let month = ReviewMonth(seed: 3, browsing: .afternoon, withMonthBefore: true)
    let figures = review(month, .known)
    let first = try #require(figures.indexes?.lowerBound)
    #expect(first > 1000)
    #expect(figures.unusual.flatMap(\.reasons).flatMap(\.entries).allSatisfy { $0 >= first })
    let volume = try #require(figures.unusual.first?.reasons.first { $0.rule == .volume })
    let usual = try #require(figures.accounts.first { $0.subject == .account(month.browser) }?.habit)
    // More days than the month itself has.
    #expect(usual.count > 30)
    #expect(volume.words.contains("On the \(usual.count) days"))
  }

  @Test func `a walk is told from work by its order alone`() throws {
    let list = (0..<120).map { "bab\($0 < 10 ? "00" : $0 < 100 ? "0" : "")\($0)" }
    var entries: [ReviewedEntry] = list.map { reading("owner", $0, .owner) }
    entries += stride(from: 30, to: 54, by: 2).map { reading("walker", list[$0], LogEntry.Assignment.none) }
    entries += [99, 3, 51, 77, 12, 8, 64, 40, 111, 23, 90, 33].map {
      reading("worker", list[$0], LogEntry.Assignment.none)
    }
    let items = review(entries).unusual
    let walk = try #require(items.first { $0.subject == .account("walker") }?.reasons.first { $0.rule == .listWalk })
    #expect(walk.entryCount == 12)
    #expect(walk.entries == Array(120..<132))
    #expect(
      !items.contains { item in item.subject != .account("walker") && item.reasons.contains { $0.rule == .listWalk } })
  }

  @Test func `a walk backwards, with other work in between, is a walk`() throws {
    let list = (0..<200).map { "bab\($0 < 10 ? "00" : $0 < 100 ? "0" : "")\($0)" }
    var entries: [ReviewedEntry] = list.map { reading("owner", $0, .owner) }
    for step in 0..<14 {
      entries.append(reading("walker", list[190 - step], LogEntry.Assignment.none))
      if step % 4 == 3 { entries.append(reading("walker", list[(step * 37) % 120], LogEntry.Assignment.none)) }
    }
    let item = review(entries).unusual.first { $0.subject == .account("walker") }
    let walk = try #require(item?.reasons.first { $0.rule == .listWalk })
    #expect(walk.entryCount == 14)
    #expect(walk.words.contains("backwards"))
  }

  @Test func `one's own caseload in order is no walk`() {
    let list = (0..<120).map { "bab\($0 < 10 ? "00" : $0 < 100 ? "0" : "")\($0)" }
    let entries = list.map { reading("owner", $0, .owner) } + list.map { reading("cover", $0, .team) }
    #expect(!review(entries).unusual.flatMap(\.reasons).contains { $0.rule == .listWalk })
  }

  @Test func `denials count by how many events an entry stands for`() throws {
    var entries = (0..<5).map { reading("asha", "bab00\($0)", .owner) }
    var refused = ReviewedEntry(
      index: 0, time: Self.noon, account: nil, uid: 1004, action: "session.open", outcome: .denied)
    refused.count = 400
    entries.append(refused)
    entries.append(ReviewedEntry(index: 0, time: Self.noon, account: "asha", action: "record.read", outcome: .denied))
    let items = review(entries).unusual
    #expect(items.map(\.subject) == [.peer(uid: 1004)])
    #expect(items.first?.reasons.first?.words.contains("400 times") == true)
    #expect(items.first?.reasons.first?.entries == [5])
  }

  @Test func `every emergency is listed, and ranks below browsing`() {
    var month = ReviewMonth(seed: 2, browsing: .evenings).entries
    month.append(
      ReviewedEntry(
        index: UInt64(month.count), time: ReviewMonth.period.upperBound - 1, account: "emil.1", action: "record.read",
        record: "babab-babab-babab-b", purpose: "emergency", assignment: LogEntry.Assignment.none))
    var review = ReadingReview(period: ReviewMonth.period)
    for entry in month { review.add(entry) }
    let items = review.figures().unusual
    #expect(items.first?.subject == .account("dipa.2"))
    let emergency = items.last { $0.reasons.contains { $0.rule == .breakGlass } }
    #expect(items.contains { $0.subject == .account("emil.1") && $0.reasons.contains { $0.rule == .breakGlass } })
    #expect(emergency.map { $0.points < 1.5 } == true)
  }

  @Test func `a record that many strangers open is pointed out, whoever they are`() throws {
    var entries: [ReviewedEntry] = []
    for person in 0..<20 {
      for record in 0..<5 { entries.append(reading("person\(person)", "bab\(person)-\(record)", .owner)) }
      if person < 12 { entries.append(reading("person\(person)", "famous", LogEntry.Assignment.none)) }
      if person == 12 { entries.append(reading("person\(person)", "famous", .owner)) }
    }
    let item = try #require(review(entries).unusual.first)
    #expect(item.subject == .record("famous"))
    #expect(item.reasons.first?.words.hasPrefix("12 people") == true)
    #expect(item.reasons.first?.entryCount == 12)
  }

  @Test func `nobody and nothing raise nothing`() {
    let figures = review([])
    #expect(figures.unusual.isEmpty && figures.accounts.isEmpty && figures.records.isEmpty)
    #expect(figures.indexes == nil && figures.readings == 0)
  }

  // MARK: Entries

  private static let noon = ReviewMonth.start + 4 * 86_400_000 + 43_200_000

  private func reading(_ account: String, _ record: String, _ assignment: LogEntry.Assignment) -> ReviewedEntry {
    ReviewedEntry(
      index: 0, time: Self.noon, account: account, action: "record.read", record: record, programme: "team-1",
      purpose: "casework", assignment: assignment)
  }

  private func review(_ entries: [ReviewedEntry]) -> ReviewFigures {
    var review = ReadingReview(period: ReviewMonth.period)
    for (index, entry) in entries.enumerated() {
      var entry = entry
      entry.index = UInt64(index)
      review.add(entry)
    }
    return review.figures()
  }

  private func review(_ month: ReviewMonth, _ roles: KnownRoles) -> ReviewFigures {
    var review = ReadingReview(period: ReviewMonth.period, roles: roles == .known ? month.roles : [:])
    for entry in month.entries { review.add(entry) }
    return review.figures()
  }
}
