import Glibc

/// The few system calls on Unix domain sockets, each with its errno made a `SocketError`.
enum UnixSocket {
  /// A bound, listening, close-on-exec stream socket whose file has `SocketLease.mode` and never more.
  static func listen(_ path: String, backlog: CInt) throws(SocketError) -> Int32 {
    let descriptor = try make(SOCK_STREAM, path: path)
    do throws(SocketError) {
      // The mode has to be right from the first moment. Linux gives the file the mode of the socket less the umask (bind in
      // af_unix.c), so that it is narrow from the start, and what the umask took is put back. The umask itself is left
      // alone: it belongs to the whole process, and other threads create files and set it too.
      guard fchmod(descriptor, SocketLease.mode) == 0 else {
        throw SocketError(.system(call: "fchmod", errno: errno), path: path)
      }
      guard unsafe withAddress(path, { unsafe bind(descriptor, $0, $1) }) == 0 else {
        let error = errno
        throw SocketError(error == EADDRINUSE ? .inUse : .system(call: "bind", errno: error), path: path)
      }
      guard unsafe fchmodat(AT_FDCWD, path, SocketLease.mode, AT_SYMLINK_NOFOLLOW) == 0 else {
        throw SocketError(.system(call: "fchmodat", errno: errno), path: path)
      }
      guard Glibc.listen(descriptor, backlog) == 0 else {
        throw SocketError(.system(call: "listen", errno: errno), path: path)
      }
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// True when nobody listens at the socket file.
  static func isStale(_ path: String) -> Bool {
    guard let descriptor = try? make(SOCK_STREAM, path: path) else { return false }
    defer { close(descriptor) }
    return unsafe withAddress(path) { unsafe connect(descriptor, $0, $1) } != 0 && errno == ECONNREFUSED
  }

  /// Sends one datagram; true when it went out. A leading `@` stands for the abstract namespace.
  static func sendDatagram(_ message: String, to path: String) -> Bool {
    guard let descriptor = try? make(SOCK_DGRAM, path: path) else { return false }
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    let sent = unsafe withAddress(path) { address, length in
      unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
    }
    return sent == bytes.count
  }

  private static func make(_ type: __socket_type, path: String) throws(SocketError) -> Int32 {
    let flags = SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_UNIX, Int32(type.rawValue | flags), 0)
    guard descriptor >= 0 else { throw SocketError(.system(call: "socket", errno: errno), path: path) }
    return descriptor
  }

  private static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8.prefix(SocketLease.pathByteCountMax))
    var length = MemoryLayout<sa_family_t>.size + name.count
    if name.first == UInt8(ascii: "@") { name[0] = 0 } else { length += 1 }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
    }
  }
}
