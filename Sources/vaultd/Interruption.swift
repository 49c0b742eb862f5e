import Dispatch
import Glibc

/// For as long as it lives, a process that is told to stop first removes what it has not finished.
///
/// What `kill -9` leaves is ciphertext under a name that says so.
final class Interruption {
  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

  private let sources: [any DispatchSourceSignal]

  /// `cleanUp` runs beside the work that it interrupts, right before the end.
  init(_ cleanUp: @escaping @Sendable () -> Void) {
    let watching = DispatchSemaphore(value: 0)
    sources = Interruption.numbers.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        cleanUp()
        Output.errorLine("vaultd: It was told to stop, and left nothing unfinished behind.")
        Output.errorLine("hint: Run it again when there is time.")
        _exit(1)
      }
      source.setRegistrationHandler { watching.signal() }
      source.activate()
      return source
    }
    // Sources are watched a little after they are activated. Until then a signal ends the process as ever, which has
    // nothing to clean up yet; ignored in the meantime, it would be lost.
    for _ in sources { watching.wait() }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in Interruption.numbers { _ = signal(number, SIG_DFL) }
  }
}
