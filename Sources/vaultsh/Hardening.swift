import CVaultShims
import Glibc

/// What this process must never do with what it holds: leave it in a core dump or a crash report, or let others read its
/// memory.
enum Hardening {
  private static let backtraceSetting = "enable=no"

  static func apply(_ arguments: [String]) {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = vault_make_undumpable()
    umask(0o077)
    // The runtime's crash report prints memory, and reads its setting before `main`: so once more from the start.
    if Environment.value("SWIFT_BACKTRACE") != backtraceSetting {
      _ = unsafe setenv("SWIFT_BACKTRACE", backtraceSetting, 1)
      ProcessImage.replace(arguments: arguments)
    }
    // A vault that goes away while it is written to is an error to report, not the end.
    _ = signal(SIGPIPE, SIG_IGN)
    // Widths of characters and line editing need a UTF-8 locale, whatever the environment says.
    if unsafe setlocale(LC_CTYPE, "") == nil || !isUTF8 { _ = unsafe setlocale(LC_CTYPE, "C.UTF-8") }
  }

  private static var isUTF8: Bool {
    unsafe nl_langinfo(nl_item(CODESET)).map { unsafe String(cString: $0) } == "UTF-8"
  }
}
