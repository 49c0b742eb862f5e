import Glibc
import Synchronization

/// Lines to the standard streams, written at once: a service's log must not wait in a buffer.
enum Output {
  /// Something meant for standard output did not get there.
  private static let isLost = Atomic<Bool>(false)

  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
  static func errorLine(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Bytes that should not become a string, such as a one-time code.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32 = STDOUT_FILENO) {
    var rest = unsafe bytes
    while let start = rest.baseAddress, unsafe !rest.isEmpty {
      let count = unsafe Glibc.write(descriptor, start, rest.count)
      guard count > 0 else {
        if descriptor == STDOUT_FILENO { isLost.store(true, ordering: .relaxed) }
        return
      }
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Before something is done that makes what was printed the only copy.
  static func demandDelivered(hint: String) throws(Failure) {
    guard !isLost.load(ordering: .relaxed) else {
      throw Failure(1, "Standard output could not be written, so what belongs on paper reached nobody.", hint: hint)
    }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe write($0, to: descriptor) }
  }
}
