import Synchronization

/// Slows down guessing: failures by account name and by uid, forgotten after a while. Names that do not exist count too, so
/// that the answer does not tell which ones do.
final class AttemptLimiter: Sendable {
  /// Typing errors of a tired person pass; a guesser gets some four tries a minute.
  static let freeFailures = 5
  static let windowSeconds: UInt64 = 60
  /// Names tried by a scanner must not fill the memory.
  static let keyCountMax = 10_000

  private struct Failures {
    var count: Int
    var last: UInt64
  }

  private let failures = Mutex<[String: Failures]>([:])

  /// Throws `tooManyAttempts` while a key has failed too often.
  func check(_ keys: [String], bootNow: UInt64) throws(VaultError) {
    try failures.withLock { failures throws(VaultError) in
      for key in keys {
        guard let known = failures[key], known.count >= AttemptLimiter.freeFailures else { continue }
        let waited = (bootNow - min(bootNow, known.last)) / 1_000_000_000
        guard waited >= AttemptLimiter.windowSeconds else {
          throw VaultError(
            .tooManyAttempts, "Too many failed attempts.", retryAfterSeconds: Int(AttemptLimiter.windowSeconds - waited)
          )
        }
        failures[key] = nil
      }
    }
  }

  func failed(_ keys: [String], bootNow: UInt64) {
    failures.withLock { failures in
      if failures.count > AttemptLimiter.keyCountMax {
        failures = failures.filter {
          bootNow - min(bootNow, $0.value.last) < AttemptLimiter.windowSeconds * 1_000_000_000
        }
        if failures.count > AttemptLimiter.keyCountMax { failures.removeAll() }
      }
      for key in keys {
        var known = failures[key] ?? Failures(count: 0, last: bootNow)
        known.count += 1
        known.last = bootNow
        failures[key] = known
      }
    }
  }

  func succeeded(_ keys: [String]) { failures.withLock { failures in for key in keys { failures[key] = nil } } }
}
