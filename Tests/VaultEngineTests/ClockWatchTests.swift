import Testing

@testable import VaultEngine

/// The wall clock is not trusted: what somebody does to it is told once, and order is by index.
@Suite struct ClockWatchTests {
  /// A wall clock and a boot clock, in milliseconds.
  private struct Clocks {
    var watch = ClockWatch()
    var wall: Int64 = 1_772_352_000_000
    var boot: UInt64 = 5_000

    mutating func pass(_ milliseconds: Int64) {
      wall += milliseconds
      boot += UInt64(milliseconds)
    }

    mutating func look(lastEntry: Int64 = 0) -> ClockWatch.Jump? {
      watch.look(
        wall: Timestamp(milliseconds: UInt64(wall)), bootNanoseconds: boot * 1_000_000,
        lastEntry: Timestamp(milliseconds: UInt64(lastEntry)))
    }
  }

  @Test func `A clock that goes as it should says nothing, however long nobody looks`() {
    var clocks = Clocks()
    #expect(clocks.look() == nil)
    for pause in [1, 1000, 3_600_000, 400 * 86_400_000] as [Int64] {
      clocks.pass(pause)
      #expect(clocks.look() == nil)
    }
  }

  @Test func `A jump back is told once, with its length, and so is the next`() {
    var clocks = Clocks()
    _ = clocks.look()
    clocks.wall -= 3_600_000
    #expect(clocks.look() == .back(3_600_000))
    clocks.pass(10)
    #expect(clocks.look() == nil)
    clocks.wall -= 5_000
    #expect(clocks.look() == .back(5_000))
  }

  @Test func `Small corrections pass, small steps that add up do not`() {
    var clocks = Clocks()
    _ = clocks.look()
    clocks.wall -= 1_900
    #expect(clocks.look() == nil)
    clocks.wall -= 200
    #expect(clocks.look() == .back(2_100))
  }

  @Test func `A clock set right and then back again is seen`() {
    var clocks = Clocks()
    _ = clocks.look()
    clocks.wall += 60_000
    #expect(clocks.look() == nil)
    clocks.wall -= 60_000
    #expect(clocks.look() == .back(60_000))
  }

  @Test func `More than a day ahead is told, in one jump or in many`() {
    let hour: Int64 = 3_600_000
    var clocks = Clocks()
    _ = clocks.look()
    clocks.wall += 25 * hour
    #expect(clocks.look() == .forward(25 * hour))
    for _ in 0..<24 {
      clocks.wall += hour
      #expect(clocks.look() == nil)
    }
    clocks.wall += hour
    #expect(clocks.look() == .forward(25 * hour))
  }

  @Test func `A daemon that starts before its own last entry says so, one that was away for a month does not`() {
    var clocks = Clocks()
    #expect(clocks.look(lastEntry: clocks.wall + 600_000) == .back(600_000))
    #expect(clocks.look(lastEntry: clocks.wall + 600_000) == nil)
    var later = Clocks()
    #expect(later.look(lastEntry: later.wall - 30 * 86_400_000) == nil)
    var sooner = Clocks()
    #expect(sooner.look(lastEntry: sooner.wall + 1_500) == nil)
  }
}
