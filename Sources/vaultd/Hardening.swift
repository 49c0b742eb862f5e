import CVaultShims
import Glibc

/// What this process must never do with what it holds: leave it in a core dump, a crash report or swap, or let other
/// processes read its memory.
enum Hardening {
  private static let backtraceName = "SWIFT_BACKTRACE"
  private static let backtraceSetting = "enable=no"

  static func apply() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = vault_make_undumpable()
    umask(0o077)
    raiseLockedMemory()
    _ = signal(SIGPIPE, SIG_IGN)
    // The runtime's crash report prints memory, and reads its setting before `main`: so once more from the start.
    if unsafe getenv(backtraceName).map({ unsafe String(cString: $0) }) != backtraceSetting {
      _ = unsafe setenv(backtraceName, backtraceSetting, 1)
      var arguments: [UnsafeMutablePointer<CChar>?] = unsafe CommandLine.arguments.map { unsafe strdup($0) }
      unsafe arguments.append(nil)
      _ = unsafe execv("/proc/self/exe", &arguments)
    }
  }

  /// As far as the system lets an ordinary process go; `doctor` tells whether it is enough.
  private static func raiseLockedMemory() {
    vault_raise_locked_memory()
  }
}
