import Foundation

/// Both clocks, injected so that tests can turn them.
public struct VaultClock: Sendable {
  /// Wall clock, for people and entries.
  public var now: @Sendable () -> Timestamp
  /// Nanoseconds since boot: for deadlines, because nobody can set it.
  public var bootNanoseconds: @Sendable () -> UInt64

  public init(now: @escaping @Sendable () -> Timestamp, bootNanoseconds: @escaping @Sendable () -> UInt64) {
    self.now = now
    self.bootNanoseconds = bootNanoseconds
  }

  public static let system = VaultClock(
    now: { Timestamp(milliseconds: clockMilliseconds(CLOCK_REALTIME)) },
    bootNanoseconds: { clockNanoseconds(CLOCK_BOOTTIME) })
}

private func clockNanoseconds(_ clock: clockid_t) -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

private func clockMilliseconds(_ clock: clockid_t) -> UInt64 { clockNanoseconds(clock) / 1_000_000 }
