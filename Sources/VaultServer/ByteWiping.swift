import Glibc
import NIOCore

extension ByteBuffer {
  /// Overwrites the readable bytes where they lie, for every buffer that shares them.
  ///
  /// Writing through the buffer would copy it first when it is shared, and leave the original as it was. Only for
  /// buffers whose content nobody will read again.
  func wipeShared() {
    unsafe withUnsafeReadableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }
}
