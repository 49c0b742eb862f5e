import Glibc

/// One connection of a closed loop: a request goes out, its answer comes in, the next request goes out.
///
/// Everything of a load generator that costs processor time is taken from the server beside it, so this is bare system
/// calls over buffers that are kept.
final class Peer {
  let descriptor: Int32
  private(set) var incoming: [UInt8]
  private(set) var incomingCount = 0
  private var outgoing: [UInt8] = []
  private var sentCount = 0
  /// When the request that waits for its answer was begun, in nanoseconds of the monotonic clock.
  var begunNanoseconds: UInt64 = 0
  /// Which kind of request it was; the workload's own number.
  var kind = 0

  init(connectingTo path: String) {
    descriptor = UnixSocket.connect(path)
    incoming = [UInt8](repeating: 0, count: 64 * 1024)
    outgoing.reserveCapacity(16 * 1024)
  }

  /// A connection that somebody else accepted.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    incoming = [UInt8](repeating: 0, count: 64 * 1024)
    outgoing.reserveCapacity(16 * 1024)
  }

  deinit { close(descriptor) }

  /// Fills the outgoing buffer and sends what the kernel takes.
  func send(_ fill: (inout [UInt8]) -> Void) {
    outgoing.removeAll(keepingCapacity: true)
    sentCount = 0
    fill(&outgoing)
    flush()
  }

  var isSending: Bool { sentCount < outgoing.count }

  func flush() {
    while sentCount < outgoing.count {
      let count = unsafe outgoing.withUnsafeBytes { bytes in
        unsafe Glibc.send(
          descriptor, bytes.baseAddress.unsafelyUnwrapped + sentCount, bytes.count - sentCount,
          Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sentCount += count
      } else if errno == EAGAIN {
        return
      } else {
        VaultBench.fail("sending failed (errno \(errno))")
      }
    }
  }

  /// Reads what has arrived; false when the other side has closed.
  func receive() -> Bool {
    if incomingCount == incoming.count { incoming.append(contentsOf: [UInt8](repeating: 0, count: incoming.count)) }
    let count = unsafe incoming.withUnsafeMutableBytes { bytes in
      unsafe recv(descriptor, bytes.baseAddress.unsafelyUnwrapped + incomingCount, bytes.count - incomingCount, 0)
    }
    if count > 0 {
      incomingCount += count
      return true
    }
    return count < 0 && errno == EAGAIN
  }

  /// The whole buffer was one message.
  func consumeAll() { incomingCount = 0 }
}

enum UnixSocket {
  private static func address<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
      guard bytes.count < target.count else { VaultBench.fail("the socket's path is too long") }
      unsafe target.copyBytes(from: bytes)
    }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Non-blocking once it is connected.
  static func connect(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0, unsafe address(path, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0 else {
      VaultBench.fail("cannot connect to \(path) (errno \(errno))")
    }
    makeNonBlocking(descriptor)
    return descriptor
  }

  static func listen(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0, unsafe address(path, { unsafe bind(descriptor, $0, $1) }) == 0,
      Glibc.listen(descriptor, 256) == 0
    else { VaultBench.fail("cannot listen at \(path) (errno \(errno))") }
    makeNonBlocking(descriptor)
    return descriptor
  }

  static func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }
}

enum Monotonic {
  static var nanoseconds: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
