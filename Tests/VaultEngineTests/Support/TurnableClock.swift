import Synchronization

@testable import VaultEngine

/// Both clocks of a vault, turned by hand. The wall clock moves a millisecond at every look, so that times differ.
final class TurnableClock: Sendable {
  private struct Hands {
    var milliseconds: UInt64 = 1_772_352_000_000
    var bootNanoseconds: UInt64 = 3_600_000_000_000
  }

  private let hands: Mutex<Hands>

  init() { hands = Mutex(Hands()) }

  /// A clock of its own that shows the same time.
  init(setBy other: TurnableClock) { hands = Mutex(other.hands.withLock(\.self)) }

  func advance(seconds: Double) {
    hands.withLock { hands in
      hands.milliseconds += UInt64(seconds * 1000)
      hands.bootNanoseconds += UInt64(seconds * 1_000_000_000)
    }
  }

  /// Somebody sets the wall clock; the boot clock knows better.
  func setWallClock(back seconds: UInt64) { hands.withLock { $0.milliseconds -= seconds * 1000 } }

  func setWallClock(ahead seconds: UInt64) { hands.withLock { $0.milliseconds += seconds * 1000 } }

  var now: Timestamp { hands.withLock { Timestamp(milliseconds: $0.milliseconds) } }

  var vaultClock: VaultClock {
    VaultClock(
      now: { [self] in
        hands.withLock { hands in
          hands.milliseconds += 1
          return Timestamp(milliseconds: hands.milliseconds)
        }
      },
      bootNanoseconds: { [self] in hands.withLock { $0.bootNanoseconds } })
  }
}
