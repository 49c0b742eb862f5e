import Glibc
import Synchronization
import VaultAPI

/// Ctrl-C at the prompt: stops what is going on, and leaves the prompt standing.
///
/// The signal may arrive on any thread, so that nothing waiting in another one ends with it: the handler writes into
/// a pipe, which whoever waits for a key watches too.
enum Interrupt {
  private static let wasRequested = Atomic<Bool>(false)
  private static let mustLeave = Atomic<Bool>(false)
  private static let endsAtSecond = Atomic<Bool>(false)
  private static let readEnd = Atomic<Int32>(-1)
  private static let writeEnd = Atomic<Int32>(-1)

  /// While `body` runs, Ctrl-C is noticed and does not end the process: a terminal must not be left without echo or on
  /// the alternate screen.
  static func noticed<R>(_ body: () throws -> R) rethrows -> R {
    var before = sigaction()
    install(savingTo: &before)
    defer { _ = unsafe sigaction(SIGINT, &before, nil) }
    return try body()
  }

  /// From now on too, for one command: the first Ctrl-C lets it end its session and say how far it came, the second
  /// ends it at once.
  static func noticeOnce() {
    endsAtSecond.store(true, ordering: .relaxed)
    var before = sigaction()
    install(savingTo: &before)
  }

  /// The same from now on: for the prompt. It is also told when the terminal goes away or the system stops, so that it
  /// can end its session first.
  static func notice() {
    var before = sigaction()
    install(savingTo: &before)
    for signal in [SIGHUP, SIGTERM] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { _ in
        Interrupt.mustLeave.store(true, ordering: .relaxed)
        Interrupt.request()
      }
      _ = unsafe sigaction(signal, &action, nil)
    }
  }

  /// Whether the prompt was told to end.
  static var isLeaving: Bool { mustLeave.load(ordering: .relaxed) }

  private static func install(savingTo before: inout sigaction) {
    openPipe()
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in Interrupt.request() }
    _ = unsafe sigaction(SIGINT, &action, &before)
  }

  private static func openPipe() {
    guard readEnd.load(ordering: .relaxed) < 0 else { return }
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    readEnd.store(ends[0], ordering: .relaxed)
    writeEnd.store(ends[1], ordering: .relaxed)
  }

  /// In the signal handler: atomics, `write` and `_exit` only.
  private static func request() {
    let isSecond = wasRequested.exchange(true, ordering: .relaxed)
    if isSecond, endsAtSecond.load(ordering: .relaxed) { _exit(ExitCode.failed.rawValue) }
    var byte: UInt8 = 0
    _ = unsafe write(writeEnd.load(ordering: .relaxed), &byte, 1)
  }

  /// Readable after Ctrl-C; -1 where nobody notices it.
  static var descriptor: Int32 { readEnd.load(ordering: .relaxed) }

  static func clear() {
    wasRequested.store(false, ordering: .relaxed)
    var byte: UInt8 = 0
    while unsafe read(descriptor, &byte, 1) == 1 {}
  }

  static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

  /// Between the steps of long work.
  static func check() throws {
    if isRequested { throw Failure.interrupted }
  }
}
