import Glibc
import Synchronization

/// Ctrl-C at the prompt: stops what is going on, and leaves the prompt standing.
enum Interrupt {
  private static let wasRequested = Atomic<Bool>(false)

  /// While `body` runs, Ctrl-C is noticed and does not end the process: a terminal must not be left without echo or on
  /// the alternate screen. Without SA_RESTART, so that waiting for a key ends.
  static func noticed<R>(_ body: () throws -> R) rethrows -> R {
    var before = sigaction()
    install(savingTo: &before)
    defer { _ = unsafe sigaction(SIGINT, &before, nil) }
    return try body()
  }

  /// The same from now on: for the prompt.
  static func notice() {
    var before = sigaction()
    install(savingTo: &before)
  }

  private static func install(savingTo before: inout sigaction) {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in Interrupt.wasRequested.store(true, ordering: .relaxed) }
    _ = unsafe sigaction(SIGINT, &action, &before)
  }

  static func clear() { wasRequested.store(false, ordering: .relaxed) }

  static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

  /// Between the steps of long work.
  static func check() throws {
    if isRequested { throw Failure.interrupted }
  }
}
