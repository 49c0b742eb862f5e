import Glibc

/// Bytes that are overwritten when the last holder lets go.
///
/// For what has to pass through the wire: passphrases, one-time codes, keys. They move on into guarded memory at once;
/// this is pageable memory, and the promise is only that no copy stays behind in freed blocks.
public final class WipedBytes: Sendable, CustomStringConvertible, CustomReflectable {
  // Written during init and deinit only, when nobody else can see it.
  nonisolated(unsafe) private var bytes: [UInt8]

  /// Copies `bytes`, and overwrites the original where this is its only holder.
  public init(taking bytes: inout [UInt8]) {
    unsafe self.bytes = bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    Self.wipe(&bytes)
  }

  /// Copies out of guarded memory, for the short way to the socket.
  public init(copying span: RawSpan) {
    unsafe bytes = span.withUnsafeBytes { unsafe [UInt8]($0) }
  }

  /// Reserves `capacity` and lets `fill` append; appending more than that would leave copies, and traps.
  init<E>(capacity: Int, _ fill: (inout [UInt8]) throws(E) -> Void) throws(E) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(capacity)
    do throws(E) { try fill(&bytes) } catch {
      Self.wipe(&bytes)
      throw error
    }
    precondition(bytes.count <= capacity, "secret bytes outgrew their buffer")
    unsafe self.bytes = bytes
  }

  deinit { unsafe Self.wipe(&bytes) }

  public var count: Int { unsafe bytes.count }

  /// The bytes, for the time of the closure.
  public borrowing func withBytes<R, E>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
    try unsafe body(bytes.span.bytes)
  }

  /// Overwrites the elements and empties the array. Bytes that another holder shares stay as they are.
  public static func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      if let start = buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
    }
    bytes.removeAll()
  }

  public var description: String { "\(count) secret bytes" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
