import Glibc

/// Lines to the standard streams, written at once: a service's log must not wait in a buffer.
enum Output {
  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
  static func errorLine(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Bytes that should not become a string, such as a one-time code.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32 = STDOUT_FILENO) {
    var rest = unsafe bytes
    while let start = rest.baseAddress, unsafe !rest.isEmpty {
      let count = unsafe Glibc.write(descriptor, start, rest.count)
      guard count > 0 else { return }
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe write($0, to: descriptor) }
  }
}
