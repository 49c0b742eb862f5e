import Synchronization

/// Which entry covers the tiles that a session is fetching just now, for each action.
final class TileRuns: Sendable {
  /// Long enough that a verification of a million entries leaves a handful of entries, short enough that the log tells
  /// when somebody went on reading.
  static let runNanoseconds: UInt64 = 60_000_000_000

  private struct Run {
    let index: UInt64
    let began: UInt64
  }

  private let runs = Mutex<[Action: Run]>([:])

  /// nil where the next tile needs an entry of its own first.
  func covering(_ action: Action, at bootNow: UInt64) -> UInt64? {
    runs.withLock { runs in
      guard let run = runs[action], bootNow >= run.began, bootNow - run.began < TileRuns.runNanoseconds else {
        return nil
      }
      return run.index
    }
  }

  /// Only once the entry is durable.
  func begin(_ action: Action, index: UInt64, at bootNow: UInt64) {
    runs.withLock { $0[action] = Run(index: index, began: bootNow) }
  }
}
