/// Holds the wall clock against the boot clock, which nobody can set: their distance changes only when somebody turns
/// the wall clock (DESIGN §6). A disciplined clock that is merely slewed moves both.
struct ClockWatch: Sendable {
  /// What a time daemon corrects in one step now and then, and a leap second; less hides no reading.
  static let backToleranceMilliseconds: Int64 = 2_000
  /// Beyond a day, what expires by date would expire early.
  static let forwardToleranceMilliseconds: Int64 = 86_400_000

  /// One turn of the clock, by how many milliseconds.
  enum Jump: Equatable, Sendable {
    case back(Int64)
    case forward(Int64)
  }

  /// Wall minus boot clock, in milliseconds: the highest that was seen since the last jump. Small steps back add up.
  private var highest: Int64?
  /// The same when the watch began, or after the last jump. Small steps forward add up.
  private var first: Int64 = 0

  /// The jump since the last look; told once. The first look has nothing but the last entry's time to go by: a daemon
  /// may have been away for days, but no entry is from the future.
  mutating func look(wall: Timestamp, bootNanoseconds: UInt64, lastEntry: Timestamp) -> Jump? {
    let wall = Int64(clamping: wall.milliseconds)
    let distance = wall - Int64(bootNanoseconds / 1_000_000)
    guard let highest else {
      begin(at: distance)
      let behind = Int64(clamping: lastEntry.milliseconds) - wall
      return behind > ClockWatch.backToleranceMilliseconds ? .back(behind) : nil
    }
    if highest - distance > ClockWatch.backToleranceMilliseconds {
      begin(at: distance)
      return .back(highest - distance)
    }
    let ahead = distance - first
    if ahead > ClockWatch.forwardToleranceMilliseconds {
      begin(at: distance)
      return .forward(ahead)
    }
    self.highest = max(highest, distance)
    return nil
  }

  private mutating func begin(at distance: Int64) {
    highest = distance
    first = distance
  }
}

extension PendingEntry {
  /// By how many seconds, rounded up, stands in `detail`.
  init(_ jump: ClockWatch.Jump) {
    switch jump {
    case .back(let milliseconds):
      self.init(.clockBack)
      detail = "\((milliseconds + 999) / 1000) s"
    case .forward(let milliseconds):
      self.init(.clockForward)
      detail = "\((milliseconds + 999) / 1000) s"
    }
  }
}
