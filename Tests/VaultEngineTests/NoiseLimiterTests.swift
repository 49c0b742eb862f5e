import Testing

@testable import VaultEngine

/// Refusals that repeat are counted, and none is lost on the way.
@Suite struct NoiseLimiterTests {
  private let second: UInt64 = 1_000_000_000

  private func kind(
    uid: UInt32 = 1005, _ action: Action = .recordRead, account: String? = "tomas",
    record: String? = "lusab-babad-gutih-s",
    detail: String = "denied"
  ) -> RefusalKind {
    RefusalKind(
      uid: uid, action: action, outcome: .denied, detail: detail, account: account, record: record, programme: nil)
  }

  /// How many of `count` such refusals were entries at once.
  private func admit(
    _ limiter: inout NoiseLimiter, _ kind: RefusalKind, count: Int = 1, at now: UInt64 = 0
  ) -> Int {
    (0..<count).count { _ in limiter.admit(kind, bootNow: now) != .counted }
  }

  @Test func `The first of a kind are entries, the rest one count when the window ends`() {
    var limiter = NoiseLimiter()
    #expect(admit(&limiter, kind(), count: 100) == NoiseLimiter.entriesAtOnce)
    #expect(limiter.takeDue(bootNow: 59 * second).isEmpty)
    let due = limiter.takeDue(bootNow: 60 * second)
    #expect(due.map(\.count) == [97] && due.map(\.refusalKind) == [kind()])
    #expect(limiter.takeDue(bootNow: 61 * second).isEmpty, "told once")
  }

  @Test func `A refusal of another uid, account, record, action or reason is an entry whatever noise there is`() {
    var limiter = NoiseLimiter()
    _ = admit(&limiter, kind(), count: 100_000)
    for other in [
      kind(uid: 1006), kind(account: "mina"), kind(record: "lusab-babad-gutih-t"), kind(.recordEdit),
      kind(detail: "notFound"), kind(record: nil),
    ] {
      #expect(limiter.admit(other, bootNow: 1) == .entry(other))
    }
  }

  @Test func `Noise that goes on is written ever more seldom, and each count once`() {
    var limiter = NoiseLimiter()
    var atOnce = 0
    var counted: [UInt64] = []
    // Ten refusals a second for a day, looked after once a second.
    for tick in 0..<86_400 as Range<UInt64> {
      atOnce += admit(&limiter, kind(), count: 10, at: tick * second)
      counted += limiter.takeDue(bootNow: tick * second).compactMap(\.count)
    }
    counted += limiter.takeAll().compactMap(\.count)
    #expect(atOnce + counted.count < 250, "\(atOnce) + \(counted.count) entries a day")
    #expect(UInt64(atOnce) + counted.reduce(0, +) == 864_000)
  }

  @Test func `After a quiet window everything begins anew`() {
    var limiter = NoiseLimiter()
    _ = admit(&limiter, kind(), count: 10)
    _ = limiter.takeDue(bootNow: 60 * second)
    #expect(admit(&limiter, kind(), count: 10, at: 61 * second) == NoiseLimiter.entriesAtOnceWhileNoisy)
    _ = limiter.takeDue(bootNow: 180 * second)
    #expect(limiter.takeDue(bootNow: 500 * second).isEmpty)
    #expect(admit(&limiter, kind(), count: 10, at: 501 * second) == NoiseLimiter.entriesAtOnce)
  }

  @Test func `A million records named by one account fold into one count that names the account`() {
    var limiter = NoiseLimiter()
    let count = 1_000_000
    var atOnce = 0
    for number in 0..<count { atOnce += admit(&limiter, kind(record: "record-\(number)")) }
    let due = limiter.takeAll()
    #expect(atOnce + due.count <= NoiseLimiter.namedKindCountMax + NoiseLimiter.entriesAtOnce + 1)
    #expect(UInt64(atOnce) + due.compactMap(\.count).reduce(0, +) == UInt64(count))
    #expect(due.map(\.refusalKind) == [kind(record: nil)])
  }

  @Test func `Accounts and uids without end fold as well, and memory stays bounded`() {
    var limiter = NoiseLimiter()
    var atOnce = 0
    for number in 0..<20_000 { atOnce += admit(&limiter, kind(.sessionOpen, account: "a\(number)", record: nil)) }
    #expect(atOnce <= NoiseLimiter.accountKindCountMax + NoiseLimiter.entriesAtOnce)
    for uid in 0..<20_000 as Range<UInt32> {
      atOnce += admit(&limiter, kind(uid: uid, .requestRefused, account: nil, record: nil), count: 5)
    }
    let due = limiter.takeAll()
    #expect(atOnce + due.count < 500)
    #expect(UInt64(atOnce) + due.compactMap(\.count).reduce(0, +) == 120_000)
  }

  @Test func `Counts that cannot be written wait, add up, and take bounded room`() {
    var limiter = NoiseLimiter()
    var total: UInt64 = 0
    for window in 0..<200 as Range<UInt64> {
      for record in 0..<40 {
        _ = admit(&limiter, kind(record: "record-\(window)-\(record)"), count: 4, at: window * 2000 * second)
        total += 4
      }
      for entry in limiter.takeDue(bootNow: window * 2000 * second + 1999 * second) { limiter.giveBack(entry) }
    }
    let due = limiter.takeAll()
    #expect(due.count <= NoiseLimiter.dueKindCountMax + 1)
    let atOnce = 200 * 33 * NoiseLimiter.entriesAtOnce
    #expect(
      due.compactMap(\.count).reduce(0, +) <= total && due.compactMap(\.count).reduce(0, +) >= total - UInt64(atOnce))
  }

  private func unknown(_ record: String) -> RefusalKind {
    RefusalKind(
      uid: 1005, action: .recordRead, outcome: .failed, detail: "notFound", account: "tomas", record: record,
      programme: nil)
  }

  private func barred(_ record: String) -> RefusalKind {
    RefusalKind(
      uid: 1005, action: .recordRead, outcome: .denied, detail: RefusalKind.barred, account: "tomas", record: record,
      programme: "navigators")
  }

  @Test func `Whether a bar is an entry, and how many entries it leaves, is as for an id that nobody has`() {
    // How often each of some ids is asked for; one of them is that of a barred record, or of none.
    for (others, times) in [(0, 1), (0, 9), (10, 9), (40, 1), (40, 9)] {
      var (plain, barring) = (NoiseLimiter(), NoiseLimiter())
      for round in 0..<3 as Range<UInt64> {
        let now = round * 200 * second
        func ask(_ kind: RefusalKind, or other: RefusalKind) {
          let (one, two) = (plain.admit(kind, bootNow: now), barring.admit(other, bootNow: now))
          #expect((one == .counted) == (two == .counted), "\(others) \(times)")
        }
        for other in 0..<others { for _ in 0..<times { ask(unknown("\(other)"), or: unknown("\(other)")) } }
        for _ in 0..<times { ask(unknown("x"), or: barred("x")) }
        for other in 0..<others { ask(unknown("\(other)"), or: unknown("\(other)")) }
        let (one, two) = (plain.takeDue(bootNow: now + 199 * second), barring.takeDue(bootNow: now + 199 * second))
        #expect(one.count == two.count && one.compactMap(\.count).sorted() == two.compactMap(\.count).sorted())
      }
    }
  }

  @Test func `An auditor reads of a bar that it was one, with the record while there are not too many`() {
    var limiter = NoiseLimiter()
    #expect(limiter.admit(barred("x"), bootNow: 0) == .entry(barred("x")))
    #expect(admit(&limiter, barred("x"), count: 9) == NoiseLimiter.entriesAtOnce - 1)
    #expect(limiter.takeAll().map(\.refusalKind) == [barred("x")])

    for number in 0..<NoiseLimiter.namedKindCountMax { _ = admit(&limiter, unknown("\(number)")) }
    #expect(limiter.admit(barred("x"), bootNow: 0) == .entry(barred("x").withoutRecord), "in a place without a record")
    _ = admit(&limiter, unknown("y"), count: 9)
    #expect(limiter.takeAll().map(\.refusalKind) == [unknown("y").withoutRecord], "the bar was an entry")

    for number in 0..<NoiseLimiter.namedKindCountMax { _ = admit(&limiter, unknown("\(number)")) }
    _ = admit(&limiter, unknown("y"), count: 9)
    _ = admit(&limiter, barred("x"), count: 2)
    let due = limiter.takeAll()
    #expect(due.map(\.detail) == ["barred, notFound"] && due.map(\.count) == [8])
    #expect(due.map(\.outcome) == [.denied])
  }

  @Test func `A bar whose entry could not be written is counted as one`() {
    var limiter = NoiseLimiter()
    for _ in 0..<5 {
      guard case .entry(let kind) = limiter.admit(barred("x"), bootNow: 0) else {
        Issue.record("not tried again")
        break
      }
      limiter.takeBack(kind, bootNow: 0)
    }
    let due = limiter.takeAll()
    #expect(due.map(\.refusalKind) == [barred("x")] && due.map(\.count) == [5])
  }

  @Test func `An entry that could not be written is counted, and the next one tried again`() {
    var limiter = NoiseLimiter()
    for _ in 0..<10 {
      #expect(limiter.admit(kind(), bootNow: 0) == .entry(kind()), "tried again")
      limiter.takeBack(kind(), bootNow: 0)
    }
    #expect(limiter.takeAll().map(\.count) == [10])
  }
}
