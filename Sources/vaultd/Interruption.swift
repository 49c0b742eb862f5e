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
    sources = Interruption.numbers.map { number in
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        cleanUp()
        Output.errorLine("vaultd: It was told to stop, and left nothing unfinished behind.")
        Output.errorLine("hint: Run it again when there is time.")
        _exit(1)
      }
      source.activate()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in Interruption.numbers { _ = signal(number, SIG_DFL) }
  }
}
